package plan

import (
	"errors"
	"io/fs"
	"os"

	"golang.org/x/sys/windows"
)

const (
	openNonblock = 0
	hasModes     = false
)

// Windows has no owner and mode that plan would keep: new files inherit the
// rights of their folder.

func owner(fs.FileInfo) (uid, gid int) { return -1, -1 }

func giveAway(int, int) (int, int) { return -1, -1 }

func keepOwner(*os.File, int, int, fs.FileMode) error { return nil }

func othersFile(int) string { return "" }

func mayWrite(*os.File, string) error { return nil }

// lock takes the lock of a project: a byte of a file in the state folder, far
// behind its text, so that others can read who holds it.
func lock(_ *os.File, state *os.Root) (*os.File, bool, error) {
	f, err := state.OpenFile(lockFile, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, false, err
	}
	at := &windows.Overlapped{OffsetHigh: 1}
	err = windows.LockFileEx(windows.Handle(f.Fd()), windows.LOCKFILE_EXCLUSIVE_LOCK|windows.LOCKFILE_FAIL_IMMEDIATELY, 0, 1, 0, at)
	if err != nil {
		f.Close()
		if errors.Is(err, windows.ERROR_LOCK_VIOLATION) || errors.Is(err, windows.ERROR_IO_PENDING) {
			return nil, false, nil
		}
		return nil, false, err
	}
	return f, true, nil
}

// unlock releases what lock took. The file stays: removing it would let two
// runs hold two files of the same name.
func unlock(f *os.File, _ *os.Root) {
	if f != nil {
		f.Close()
	}
}

// syncDir does nothing: NTFS journals its folders, and a folder can't be synced.
func syncDir(*os.Root, string) error { return nil }
