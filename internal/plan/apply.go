package plan

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// write is one transaction.
type write struct {
	*session
	p     *Plan
	j     *journal
	todo  []*change // one for each entry of the journal
	look  *looker
	begun bool // the journal is there
}

// Apply writes all of the plan, or nothing. It refuses a disk that isn't as
// Make saw it, and a folder that another run writes in (*LockedError). Until
// the commit point a cancelled ctx rolls back; after it the write completes.
// Every other failure is a *WriteError, which says which tree is there.
func (p *Plan) Apply(ctx context.Context) error {
	if p.refused != nil {
		return p.refused
	}
	if p.Empty() {
		return nil
	}
	if err := ctx.Err(); err != nil {
		return &WriteError{Err: err}
	}
	if err := p.Check(); err != nil {
		return &WriteError{Err: err}
	}
	s, err := openSession(p.root, !p.undo, p.hook)
	if err != nil {
		var locked *LockedError
		if errors.As(err, &locked) {
			return err
		}
		return &WriteError{Err: err}
	}
	w := &write{session: s, p: p, look: &looker{root: s.disk.root}}
	err = w.run(ctx)
	w.close()
	switch {
	case err == nil && p.undo:
		removeAll(p.unmade)
	case w.rolledBack(err):
		removeAll(s.above)
	}
	return err
}

func (w *write) rolledBack(err error) bool {
	var e *WriteError
	return errors.As(err, &e) && e.Tree == Old
}

func (w *write) run(ctx context.Context) error {
	if err := w.prepare(ctx); err != nil {
		return w.abort(err)
	}
	if err := w.commit(); err != nil {
		return w.abort(err)
	}
	if err := w.forward(nil); err != nil {
		return w.abort(err)
	}
	recorded, err := w.finish()
	if err != nil && !recorded {
		return w.abort(err)
	}
	if err != nil {
		return &WriteError{Tree: New, Err: err}
	}
	return nil
}

// abort puts the old tree back and says so.
func (w *write) abort(err error) error {
	if !w.begun {
		return &WriteError{Err: err}
	}
	if back := w.repair().back(); back != nil {
		return &WriteError{Tree: Mixed, Err: err, Back: back, Journal: w.journalPath()}
	}
	return &WriteError{Err: err}
}

// prepare does everything but replace files: looks again, journals, and puts
// the new contents beside their targets.
func (w *write) prepare(ctx context.Context) error {
	if j, err := loadJournal(w.state, journalFile); err != nil {
		return err
	} else if j != nil {
		return &RefusedError{Path: w.real, Reason: "an earlier write here was interrupted", Hint: "run the same command again: it settles that first"}
	}
	if err := w.plan(); err != nil {
		return err
	}
	if err := w.writeJournal(); err != nil {
		return err
	}
	for _, dir := range w.j.Made {
		n := dirNode{Mode: 0o755, UID: -1, GID: -1}
		n.UID, n.GID = w.heir()
		if err := w.disk.mkdir(dir, n); err != nil {
			return at(dir, "make folder", err)
		}
	}
	return parallel(len(w.todo), w.p.workers, func(i int) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		c := w.todo[i]
		if c.new == nil {
			return nil
		}
		n := *c.new
		if n.UID < 0 {
			n.UID, n.GID = w.heir()
		}
		if err := w.disk.create(w.j.Entries[i].Temp, &n); err != nil {
			return at(c.Path, "write", err)
		}
		if i == len(w.todo)-1 {
			return ctx.Err()
		}
		return nil
	})
}

// heir is who gets new files; -1 for whoever runs djharden.
func (w *write) heir() (uid, gid int) {
	info, err := w.dir.Stat()
	if err != nil {
		return -1, -1
	}
	return giveAway(owner(info))
}

// plan compares the disk with what Make saw, under the lock, and fills the
// journal.
func (w *write) plan() error {
	w.j = &journal{Version: 1, Root: w.real, PID: os.Getpid(), Undo: w.p.undo, Above: w.above, Unmade: w.p.rmdirs}
	made := map[string]bool{}
	for i := range w.p.changes {
		c := &w.p.changes[i]
		if !c.writes() {
			continue
		}
		now, err := w.look.read(c.Path)
		if err != nil {
			return err
		}
		if (now == nil) != (c.old == nil) || now != nil && (!bytes.Equal(now.Data, c.old.Data) || now.Mode != c.old.Mode) {
			return changedError(c.Path)
		}
		if now != nil {
			c.old.info = now.info
		}
		e := journalFact{Path: c.Path, Old: c.old, Secret: c.Secret, Mask: c.mask}
		if c.new != nil {
			e.New = &summary{SHA256: sum(c.new.Data), Mode: c.new.Mode, Exact: c.new.exact}
			e.Temp = path.Join(path.Dir(c.Path), ".djharden-"+strings.ToLower(rand.Text()[:12])+tempSuffix)
			for _, dir := range parents(c.Path) {
				there, err := w.look.dir(dir)
				if err != nil {
					return err
				}
				if !there && !made[dir] {
					made[dir] = true
					w.j.Made = append(w.j.Made, dir)
				}
			}
		}
		w.j.Entries = append(w.j.Entries, e)
		w.todo = append(w.todo, c)
	}
	return nil
}

// writeJournal makes the journal last before anything in the project changes.
func (w *write) writeJournal() error {
	text, err := w.j.encode()
	if err != nil {
		return err
	}
	name := w.journalPath()
	temp := journalFile + tempSuffix
	if err := w.state.drop(temp); err != nil {
		return at(name, "remove an old one", err)
	}
	err = w.state.create(temp, &node{Data: text, Mode: 0o600, UID: -1, exact: true})
	if err == nil {
		err = w.state.rename(temp, journalFile)
	}
	if err == nil {
		w.begun = true
		err = w.state.sync(map[string]bool{".": true}, 1)
	}
	if err != nil && !w.begun {
		w.state.root.Remove(temp)
	}
	return at(name, "write", err)
}

// commit marks the journal: from here on a killed run is finished, not undone.
func (w *write) commit() error {
	w.j.committed = true // a failed mark may have arrived all the same
	return at(w.journalPath(), "mark", w.state.append(journalFile, commitMark))
}

// forward puts the new tree in place. done tells, in a repair, which entries
// are new already; nil: none, and each file must still be as the plan saw it.
func (w *write) forward(done []bool) error {
	r := w.repair()
	look := &looker{root: w.disk.root}
	check := func(i int) error { return unchanged(look, w.todo[i].Path, w.todo[i].old) }
	return r.forward(done, check)
}

func (w *write) repair() *repair {
	return &repair{session: w.session, j: w.j, workers: w.p.workers}
}

func (w *write) finish() (bool, error) { return w.repair().finish() }

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
