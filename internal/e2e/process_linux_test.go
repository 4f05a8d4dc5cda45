package e2e

import (
	"os"
	"syscall"
)

// nobody is who runs what refuses to run as root.
const nobody = 65534

// attributes make a child end with the tests, even killed ones, and drop root
// where dropped is set.
func attributes(dropped bool, death syscall.Signal) *syscall.SysProcAttr {
	a := &syscall.SysProcAttr{Pdeathsig: death}
	if dropped && os.Getuid() == 0 {
		a.Credential = &syscall.Credential{Uid: nobody, Gid: nobody, NoSetGroups: false}
	}
	return a
}

// giveAway makes a file or folder nobody's, where root is dropped.
func giveAway(path string) error {
	if os.Getuid() != 0 {
		return nil
	}
	return os.Chown(path, nobody, nobody)
}
