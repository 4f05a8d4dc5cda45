package plan

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"sync"
)

// hook is called before each step on a disk with the step's name and path. A
// test fails the step by returning an error, or kills the process in it.
type hook func(step, name string) error

// disk is the one place where plan changes files: a root and its steps. Its
// methods may be called at the same time.
type disk struct {
	root  *os.Root
	label string // "state:" where the root is the state folder
	hook  hook   // nil outside tests
}

func (d *disk) step(name, file string) error {
	if d.hook == nil {
		return nil
	}
	return d.hook(name, d.label+file)
}

// create makes a file that doesn't exist, with its rights, and syncs it. An
// error may leave it there, whole or in part.
func (d *disk) create(name string, n *node) (err error) {
	if err := d.step("create", name); err != nil {
		return err
	}
	mode := n.Mode.Perm()
	if n.exact {
		mode = 0o600 // never wider than it ends up, not for a moment
	}
	f, err := d.root.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, mode)
	if err != nil {
		return err
	}
	defer func() {
		if cerr := f.Close(); err == nil {
			err = cerr
		}
	}()
	if err := d.write(f, name, n.Data); err != nil {
		return err
	}
	if err := d.rights(f, name, n); err != nil {
		return err
	}
	if err := d.step("sync", name); err != nil {
		return err
	}
	return f.Sync()
}

func (d *disk) write(f *os.File, name string, data []byte) error {
	if err := d.step("write", name); err != nil {
		f.Write(data[:len(data)/2]) // a test's full disk: half of it arrives
		return err
	}
	_, err := f.Write(data)
	return err
}

// rights sets owner, then mode, for a change of owner clears mode bits.
func (d *disk) rights(f *os.File, name string, n *node) error {
	if n.UID >= 0 {
		if err := d.step("chown", name); err != nil {
			return err
		}
		if err := keepOwner(f, n.UID, n.GID, n.Mode); err != nil {
			return err
		}
	}
	if !n.exact || !hasModes {
		return nil
	}
	if err := d.step("chmod", name); err != nil {
		return err
	}
	return f.Chmod(n.Mode)
}

// append adds a line to a file and syncs it.
func (d *disk) append(name, line string) (err error) {
	if err := d.step("append", name); err != nil {
		return err
	}
	f, err := d.root.OpenFile(name, os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		return err
	}
	defer func() {
		if cerr := f.Close(); err == nil {
			err = cerr
		}
	}()
	if _, err := f.WriteString(line); err != nil {
		return err
	}
	if err := d.step("sync", name); err != nil {
		return err
	}
	return f.Sync()
}

func (d *disk) mkdir(name string, n dirNode) error {
	if err := d.step("mkdir", name); err != nil {
		return err
	}
	if err := d.root.Mkdir(name, n.Mode.Perm()); err != nil {
		return err
	}
	if n.UID < 0 && !n.exact {
		return nil
	}
	f, err := d.root.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	return d.rights(f, name, &node{Mode: n.Mode, UID: n.UID, GID: n.GID, exact: n.exact})
}

func (d *disk) rename(from, to string) error {
	if err := d.step("rename", to); err != nil {
		return err
	}
	return d.root.Rename(from, to)
}

func (d *disk) remove(name string) error {
	if err := d.step("remove", name); err != nil {
		return err
	}
	return d.root.Remove(name)
}

// drop removes a file that may be gone already.
func (d *disk) drop(name string) error {
	if err := d.remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// sync makes the entries of each folder last, each synced once. Folders that
// are gone need none.
func (d *disk) sync(dirs map[string]bool, workers int) error {
	list := make([]string, 0, len(dirs))
	for dir := range dirs {
		list = append(list, dir)
	}
	return parallel(len(list), workers, func(i int) error {
		if err := d.step("syncdir", list[i]); err != nil {
			return at(list[i], "sync", err)
		}
		if err := syncDir(d.root, list[i]); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return at(list[i], "sync", err)
		}
		return nil
	})
}

// syncOf collects the folders whose entries change with the given files.
func syncOf(set map[string]bool, names ...string) {
	for _, name := range names {
		set[path.Dir(name)] = true
	}
}

// parallel runs do(0..n-1) on a few goroutines, so that a file system can put
// many syncs into one commit; it stops at the first error and returns it.
func parallel(n, workers int, do func(int) error) error {
	if workers < 1 {
		workers = 8
	}
	workers = min(workers, n)
	var (
		wg    sync.WaitGroup
		mu    sync.Mutex
		next  int
		first error
	)
	take := func() int {
		mu.Lock()
		defer mu.Unlock()
		if first != nil || next == n {
			return -1
		}
		next++
		return next - 1
	}
	for range workers {
		wg.Go(func() {
			for i := take(); i >= 0; i = take() {
				if err := do(i); err != nil {
					mu.Lock()
					if first == nil {
						first = err
					}
					mu.Unlock()
				}
			}
		})
	}
	wg.Wait()
	return first
}
