//go:build !windows

package plan

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// openNonblock keeps an open from waiting on a pipe put there meanwhile.
const openNonblock = syscall.O_NONBLOCK

// hasModes: files have modes that chmod sets and stat returns.
const hasModes = true

// owner returns the user and group of a file.
func owner(info fs.FileInfo) (uid, gid int) {
	if st, ok := info.Sys().(*syscall.Stat_t); ok {
		return int(st.Uid), int(st.Gid)
	}
	return -1, -1
}

// giveAway returns the owner for what is made under a root of that owner: the
// root's, when root writes into somebody else's project; else nobody's (-1).
func giveAway(uid, gid int) (int, int) {
	if os.Geteuid() != 0 || uid <= 0 {
		return -1, -1
	}
	return uid, gid
}

// keepOwner gives f the user and group of the file it replaces. A group that
// can't be kept is an error only where its rights differ from everybody's.
func keepOwner(f *os.File, uid, gid int, mode fs.FileMode) error {
	if uid < 0 || gid < 0 {
		return nil
	}
	info, err := f.Stat()
	if err != nil {
		return err
	}
	myUID, myGID := owner(info)
	if myUID == uid && myGID == gid {
		return nil
	}
	if myUID == uid {
		uid = -1
	}
	err = f.Chown(uid, gid)
	if errors.Is(err, fs.ErrPermission) && uid == -1 && mode>>3&7 == mode&7 {
		return nil
	}
	return err
}

// othersFile says whose file this is, when it is another user's and we aren't
// root: replacing it would make it ours.
func othersFile(uid int) string {
	if me := os.Geteuid(); me != 0 && uid >= 0 && uid != me {
		return fmt.Sprintf("it belongs to another user (uid %d; djharden runs as uid %d)", uid, me)
	}
	return ""
}

// mayWrite reports why files can't be made in a folder under root.
func mayWrite(root *os.File, dir string) error {
	return unix.Faccessat(int(root.Fd()), dir, unix.W_OK|unix.X_OK, unix.AT_EACCESS)
}

// lock takes the lock of a project: on the folder itself, so that nothing is
// left behind; on a file in the state folder where the file system (NFS) can't.
func lock(root *os.File, state *os.Root) (*os.File, bool, error) {
	err := flock(root)
	if err == nil || errors.Is(err, unix.EWOULDBLOCK) {
		return nil, err == nil, nil
	}
	f, err := state.OpenFile(lockFile, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, false, err
	}
	if err := flock(f); err != nil {
		f.Close()
		if errors.Is(err, unix.EWOULDBLOCK) {
			return nil, false, nil
		}
		return nil, false, err
	}
	return f, true, nil
}

func flock(f *os.File) error {
	for {
		err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
		if !errors.Is(err, unix.EINTR) {
			return err
		}
	}
}

// unlock releases what lock took; closing the root's handle does the rest. A
// lock file that is the lock stays: removing it would let two runs hold two
// files of the same name.
func unlock(f *os.File, state *os.Root) {
	if f != nil {
		f.Close()
		return
	}
	state.Remove(lockFile)
}

// syncDir makes the entries of a folder last.
func syncDir(root *os.Root, dir string) error {
	f, err := root.Open(dir)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := f.Sync(); err != nil && !errors.Is(err, unix.EINVAL) && !errors.Is(err, unix.ENOTSUP) {
		return err
	}
	return nil
}
