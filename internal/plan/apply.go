package plan

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"os"
	"path"
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
	if err := p.blocked(); err != nil {
		return err
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
	if err := ctx.Err(); err != nil { // the last chance
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
		if was, ok := w.p.dirs[dir]; ok {
			n = was
		}
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
