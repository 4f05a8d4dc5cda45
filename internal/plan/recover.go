package plan

import (
	"bytes"
	"fmt"
	"os"
	"strings"
)

// Report says what Recover did.
type Report struct {
	Finished   bool     // the interrupted write was finished: the new tree is there
	RolledBack bool     // it was undone: the old tree is there
	Paths      []string // the files of that write
}

// String is a sentence for people; empty when there was nothing to do.
func (r Report) String() string {
	files := fmt.Sprintf("%d files", len(r.Paths))
	if len(r.Paths) == 1 {
		files = r.Paths[0]
	}
	switch {
	case r.Finished:
		return fmt.Sprintf("an earlier run was interrupted while writing: its write is finished now (%s)", files)
	case r.RolledBack:
		return fmt.Sprintf("an earlier run was interrupted while writing: it was rolled back, and the tree is as it was before it (%s)", files)
	}
	return ""
}

// Recover settles a write that was killed: past its commit point it is
// finished, before it rolled back. Without one it does nothing, and makes
// nothing. A file that was edited since, so that neither end can be reached
// without losing the edit, is refused by name. Call it before Make.
func Recover(root string) (Report, error) { return recoverWith(root, nil) }

func recoverWith(root string, h hook) (Report, error) {
	real, missing, err := realRoot(root)
	if err != nil {
		return Report{}, err
	}
	if _, err := stateDir(real); err != nil {
		return Report{}, nil // no state folder, so nothing was ever written; Apply says so in words
	}
	state, err := openState(real, false, h)
	if err != nil || state == nil {
		return Report{}, err
	}
	_, err = state.root.Lstat(journalFile)
	if err != nil || missing {
		if err == nil { // the folder was removed: there is nothing to repair
			err = state.drop(journalFile)
			state.root.Close()
			return Report{}, at(real, "forget an interrupted write", err)
		}
		state.root.Close()
		return Report{}, nil
	}
	state.root.Close()

	s, err := openSession(real, false, h)
	if err != nil {
		return Report{}, err
	}
	r, report, err := s.settle()
	s.close()
	if err == nil && report.RolledBack {
		removeAll(r.j.Above)
	}
	return report, err
}

// settle moves the journalled write to the end it can reach.
func (s *session) settle() (*repair, Report, error) {
	j, err := loadJournal(s.state, journalFile)
	if err != nil || j == nil {
		return nil, Report{}, err
	}
	r := &repair{session: s, j: j}
	report := Report{}
	for i := range j.Entries {
		report.Paths = append(report.Paths, j.Entries[i].Path)
	}
	onward, done, err := r.survey()
	if err != nil {
		return r, Report{}, err
	}
	if !onward {
		if err := r.back(); err != nil {
			return r, Report{}, fmt.Errorf("an interrupted write can't be rolled back: %w (the old contents are in %s)", err, s.journalPath())
		}
		report.RolledBack = true
		return r, report, nil
	}
	if err := r.forward(done, nil); err != nil {
		return r, Report{}, fmt.Errorf("an interrupted write can't be finished: %w", err)
	}
	if _, err := r.finish(); err != nil {
		return r, Report{}, fmt.Errorf("an interrupted write can't be finished: %w", err)
	}
	report.Finished = true
	return r, report, nil
}

// survey tells which way the write can go without losing an edit.
func (r *repair) survey() (onward bool, done []bool, err error) {
	if !r.j.committed {
		return false, nil, nil
	}
	look := &looker{root: r.disk.root}
	onward, done = true, make([]bool, len(r.j.Entries))
	edited := ""
	for i := range r.j.Entries {
		e := &r.j.Entries[i]
		now, err := look.read(e.Path)
		if err != nil {
			return false, nil, err
		}
		ready := e.New == nil
		if e.Temp != "" {
			temp, err := look.read(e.Temp)
			if err != nil {
				return false, nil, err
			}
			ready = temp != nil && e.New.is(temp)
		}
		switch {
		case e.isNew(now):
			done[i] = true
		case e.isOld(now):
			onward = onward && ready
		case now == nil: // the user removed it; the old contents harm nothing
			onward = false
		case ready: // edited before its turn came
			onward = false
		default: // edited after its turn
			edited, done[i] = e.Path, true
		}
	}
	if onward || edited == "" {
		return onward, done, nil
	}
	return false, nil, &RefusedError{Path: edited, Reason: "it was edited after an interrupted write, which can now be neither finished nor rolled back",
		Hint: fmt.Sprintf("look the project over (git status), then remove %s, which holds the contents from before the write", r.journalPath())}
}

// UndoPlan is the plan that puts back what the last write under root changed:
// bytes, modes, created files and folders. A file that was edited since is
// refused by name (*RefusedError) rather than lost. Without a record the plan
// is empty. Its Apply forgets the record: undoing ends there.
func UndoPlan(root string) (*Plan, error) {
	real, missing, err := realRoot(root)
	if err != nil {
		return nil, err
	}
	p := &Plan{root: real, missing: missing, undo: true}
	state, err := openState(real, false, nil)
	if err != nil {
		return nil, err
	}
	if state == nil || missing {
		return p, nil
	}
	defer state.root.Close()
	j, err := loadJournal(state, undoFile)
	if err != nil || j == nil {
		return p, err
	}
	r, err := os.OpenRoot(real)
	if err != nil {
		return nil, &RefusedError{Path: root, Reason: reason(err), Hint: "give a folder that you may read"}
	}
	defer r.Close()
	look := &looker{root: r}
	for i := range j.Entries {
		p.addUndo(look, &j.Entries[i])
	}
	for i := len(j.Made) - 1; i >= 0; i-- {
		if info, err := r.Lstat(j.Made[i]); err == nil && info.IsDir() {
			uid, gid := owner(info)
			p.rmdirs = append(p.rmdirs, dirNode{Path: j.Made[i], Mode: keepBits(info.Mode()), UID: uid, GID: gid})
		}
	}
	p.unmade = j.Above
	p.dirs = map[string]dirNode{}
	for _, n := range j.Unmade {
		n.exact = true
		p.dirs[n.Path] = n
	}
	if p.refused != nil {
		return p, p.refused
	}
	return p, nil
}

// addUndo decides about one file of the recorded write.
func (p *Plan) addUndo(look *looker, e *journalFact) {
	c := change{Change: Change{Path: e.Path, Secret: e.Secret, Reason: "as it was before the last write"}, mask: e.Mask}
	c.base = strings.HasPrefix(e.Path, ownDir)
	c.implied = c.base
	now, err := look.read(e.Path)
	if err == nil && !e.undoable(now) {
		err = &RefusedError{Path: e.Path, Reason: "it was edited since djharden wrote it", Hint: "copy your edits away and remove the file, or put things back by hand or with git"}
	}
	c.old, c.new = now, e.Old
	if err != nil {
		r, ok := err.(*RefusedError)
		if !ok {
			r = &RefusedError{Path: e.Path, Reason: reason(err)}
		}
		c.Action, c.Reason, c.base = Refuse, r.Reason, false
		p.refuse(r)
	} else {
		switch {
		case !c.writes():
			c.Action = Same
		case now == nil:
			c.Action = Create
		case e.Old == nil:
			c.Action = Remove
		default:
			c.Action = Update
		}
	}
	p.changes = append(p.changes, c)
}

// undoable reports whether putting the old file back loses nothing that the
// recorded write didn't make.
func (e *journalFact) undoable(now *node) bool {
	switch {
	case now == nil:
		return true
	case e.Old != nil && bytes.Equal(e.Old.Data, now.Data):
		return true
	}
	return e.New != nil && sum(now.Data) == e.New.SHA256
}
