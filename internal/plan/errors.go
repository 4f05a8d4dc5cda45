package plan

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
)

// RefusedError names a path that can't be written safely. Nothing has been
// written.
type RefusedError struct {
	Path   string // relative to the root, or absolute for the root and the state folder
	Reason string // what is wrong: "it is a symbolic link"
	Hint   string // what to do
	More   []*RefusedError
}

// Error says where and what, one line for each refused path.
func (e *RefusedError) Error() string {
	lines := make([]string, 0, 1+len(e.More))
	lines = append(lines, e.Path+": "+e.Reason)
	for _, m := range e.More {
		lines = append(lines, m.Path+": "+m.Reason)
	}
	return strings.Join(lines, "\n")
}

// LockedError says that another djharden is writing in the same folder.
type LockedError struct {
	Root string
	PID  int // 0: not known
}

func (e *LockedError) Error() string {
	if e.PID == 0 {
		return fmt.Sprintf("%s: another djharden is writing here", e.Root)
	}
	return fmt.Sprintf("%s: another djharden is writing here (pid %d)", e.Root, e.PID)
}

// Tree says which tree is on the disk after a failed Apply.
type Tree uint8

const (
	Old   Tree = iota // nothing was changed
	New               // all was written
	Mixed             // putting back failed too: the next Recover goes on
)

// WriteError is a failed Apply: what failed, and which tree is there now.
// It wraps the cause, context.Canceled among them.
type WriteError struct {
	Tree    Tree
	Err     error
	Back    error  // Mixed: what failed in putting back
	Journal string // Mixed: the file with the old contents
}

func (e *WriteError) Error() string {
	switch e.Tree {
	case New:
		return fmt.Sprintf("%v: all was written", e.Err)
	case Mixed:
		return fmt.Sprintf("%v, and putting the old files back stopped (%v): some files are new and some old; run djharden again to put it right (the old contents are in %s)", e.Err, e.Back, e.Journal)
	}
	return fmt.Sprintf("%v: nothing was changed", e.Err)
}

func (e *WriteError) Unwrap() error { return e.Err }

// cause is an error without the path and the system call.
func cause(err error) error {
	for {
		var (
			pe *fs.PathError
			le *os.LinkError
			se *os.SyscallError
		)
		switch {
		case errors.As(err, &pe):
			err = pe.Err
		case errors.As(err, &le):
			err = le.Err
		case errors.As(err, &se):
			err = se.Err
		default:
			return err
		}
	}
}

// reason is a cause in words.
func reason(err error) string { return cause(err).Error() }

// at wraps the cause of err with the path as the user knows it.
func at(name, what string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %s: %w", name, what, cause(err))
}
