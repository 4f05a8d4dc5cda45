package plan

import (
	"crypto/rand"
	"errors"
	"path"
	"path/filepath"
	"strings"
)

// repair moves a journalled write to one of its ends.
type repair struct {
	*session
	j       *journal
	workers int
}

func (r *repair) forward(done []bool, check func(int) error) error {
	dirs := map[string]bool{}
	for pass := range 2 { // new files first, so that what moves is never nowhere
		for i := range r.j.Entries {
			e := &r.j.Entries[i]
			if (e.New == nil) != (pass == 1) {
				continue
			}
			syncOf(dirs, e.Path)
			if done != nil && done[i] {
				continue
			}
			if check != nil {
				if err := check(i); err != nil {
					return err
				}
			}
			var err error
			if e.New == nil {
				err = r.disk.remove(e.Path)
			} else {
				err = r.disk.rename(e.Temp, e.Path)
			}
			if err != nil {
				return at(e.Path, "put in place", err)
			}
		}
	}
	syncOf(dirs, r.j.Made...)
	for _, d := range r.j.Unmade {
		syncOf(dirs, d.Path)
		// One with other files in it stays, and so do those above it.
		if r.isEmpty(d.Path) {
			if err := r.disk.remove(d.Path); err != nil {
				return at(d.Path, "remove", err)
			}
		}
	}
	return r.disk.sync(dirs, r.workers)
}

func (r *repair) isEmpty(dir string) bool {
	f, err := r.disk.root.Open(dir)
	if err != nil {
		return false
	}
	defer f.Close()
	names, err := f.Readdirnames(1)
	return err != nil && len(names) == 0
}

// finish turns the journal into the record for undo, or, after an undo, drops
// both. recorded: the write counts as done, even with an error.
func (r *repair) finish() (recorded bool, err error) {
	name := filepath.Join(r.state.root.Name(), undoFile)
	if r.j.Undo {
		if err := r.state.drop(undoFile); err != nil {
			return false, at(name, "remove", err)
		}
		err = r.state.drop(journalFile)
	} else if err := r.state.rename(journalFile, undoFile); err != nil {
		return false, at(name, "write", err)
	}
	if err == nil {
		err = r.state.sync(map[string]bool{".": true}, 1)
	}
	return true, at(name, "sync", err)
}

// back puts the old tree in place and drops the journal. It goes on after an
// error, so that as much as possible is old. A file that the user edited
// before its turn came stays as it is.
func (r *repair) back() error {
	var errs []error
	theirs := map[int]bool{}
	if r.j.committed {
		theirs = r.theirs()
	}
	drop := func(last bool) {
		for i := range r.j.Entries {
			if e := &r.j.Entries[i]; e.Temp != "" && theirs[i] == last {
				if err := r.disk.drop(e.Temp); err != nil {
					errs = append(errs, at(e.Temp, "remove", err))
				}
			}
		}
	}
	drop(false)
	dirs := map[string]bool{}
	if r.j.committed {
		errs = append(errs, r.restore(dirs, theirs)...)
		if err := errors.Join(errs...); err != nil {
			return err
		}
		// What is left to do needs no look at contents: the mark that follows the
		// commit mark says so.
		if err := r.disk.sync(dirs, r.workers); err != nil {
			return err
		}
		if err := r.state.append(journalFile, backMark); err != nil {
			return at(r.journalPath(), "mark", err)
		}
		clear(dirs)
	}
	drop(true) // until here these told an interrupted back whose turn hadn't come
	for i := len(r.j.Made) - 1; i >= 0; i-- {
		dir := r.j.Made[i]
		if !r.isEmpty(dir) {
			continue
		}
		syncOf(dirs, dir)
		if err := r.disk.remove(dir); err != nil {
			errs = append(errs, at(dir, "remove", err))
		}
	}
	if err := r.disk.sync(dirs, r.workers); err != nil {
		errs = append(errs, err)
	}
	if err := errors.Join(errs...); err != nil {
		return err
	}
	// Left behind it would be settled again, to the same tree.
	if r.state.drop(journalFile) == nil {
		_ = r.state.sync(map[string]bool{".": true}, 1)
	}
	return nil
}

// theirs are the files that are neither old nor new while their new contents
// still wait beside them.
func (r *repair) theirs() map[int]bool {
	set := map[int]bool{}
	look := &looker{root: r.disk.root}
	for i := range r.j.Entries {
		e := &r.j.Entries[i]
		now, err := look.read(e.Path)
		if err != nil || now == nil || e.isOld(now) || e.isNew(now) {
			continue
		}
		if e.New == nil {
			set[i] = true
		} else if temp, err := look.read(e.Temp); err == nil && temp != nil && e.New.is(temp) {
			set[i] = true
		}
	}
	return set
}

// restore puts the old contents back where the new ones are.
func (r *repair) restore(dirs map[string]bool, theirs map[int]bool) []error {
	var errs []error
	for i := len(r.j.Unmade) - 1; i >= 0; i-- {
		d := r.j.Unmade[i]
		if _, err := r.disk.root.Lstat(d.Path); err == nil {
			continue
		}
		d.exact = true
		syncOf(dirs, d.Path)
		if err := r.disk.mkdir(d.Path, d); err != nil {
			errs = append(errs, at(d.Path, "make folder", err))
		}
	}
	look := &looker{root: r.disk.root}
	for i := range r.j.Entries {
		e := &r.j.Entries[i]
		now, err := look.read(e.Path)
		switch {
		case err != nil:
		case theirs[i] || e.isOld(now):
			continue
		case now != nil && !e.isNew(now):
			err = changedError(e.Path) // the user's: not to be lost
		default:
			syncOf(dirs, e.Path)
			err = r.restoreOne(e)
		}
		if err != nil {
			errs = append(errs, at(e.Path, "put back", err))
		}
	}
	return errs
}

func (r *repair) restoreOne(e *journalFact) error {
	if e.Old == nil {
		return r.disk.remove(e.Path)
	}
	temp := e.Temp
	if temp == "" {
		temp = path.Join(path.Dir(e.Path), ".djharden-"+strings.ToLower(rand.Text()[:12])+tempSuffix)
	}
	old := *e.Old
	old.exact = true
	err := r.disk.create(temp, &old)
	if err == nil {
		err = r.disk.rename(temp, e.Path)
	}
	if err != nil {
		r.disk.root.Remove(temp)
	}
	return err
}
