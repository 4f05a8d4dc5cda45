package plan

import (
	"bytes"
	"cmp"
	"errors"
	"io/fs"
	"slices"
	"strings"
)

// Policy says what Merge does where the user's file and the new render differ.
type Policy struct {
	// Conflict settles all conflicts: Ours leaves the file as the user has it,
	// Theirs replaces it by the new render, Markers marks them in it.
	Conflict Choice
	// Files settle the conflicts of one file, by its path, in the same way.
	Files map[string]Choice
	// Choices settle the conflicts of one file one by one, in the order of
	// ConflictError, as long as the result is valid.
	Choices map[string][]Choice
	// Valid, where set, says what is wrong with a merged file. A merge that isn't
	// valid is a conflict of the whole file.
	Valid func(path string, data []byte) error
}

// Merge is Make for a project that has been written before: whole files are
// merged three ways, of the last render, the file as it is and the new render;
// one that the user deleted stays deleted, and one that isn't wanted any more
// goes away unless the user has edited it. Conflicts that the policy doesn't
// settle are a *ConflictError beside the plan, whose Apply then refuses.
//
// The last render is what Merge recorded, or Make. It moves on to the new one
// when all conflicts of the file are settled, never before.
func Merge(root string, files []File, how Policy) (*Plan, error) {
	return makePlan(root, files, &how)
}

// blocked is why a plan can't be applied.
func (p *Plan) blocked() error {
	switch {
	case p.refused != nil:
		return p.refused
	case p.clashes != nil:
		return &ConflictError{p.clashes}
	}
	return nil
}

// withDropped adds the removal of files that djharden has made and doesn't
// want any more.
func withDropped(d *looker, files []File) ([]File, error) {
	known := map[string]bool{}
	for i := range files {
		known[files[i].Path], known[files[i].Base] = true, true
	}
	if there, err := d.dir(strings.TrimSuffix(baseDir, "/")); err != nil || !there {
		return files, err
	}
	root := d.root.FS()
	err := fs.WalkDir(root, strings.TrimSuffix(baseDir, "/"), func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		path := strings.TrimPrefix(name, baseDir)
		if known[path] || checkPath(path) != nil {
			return nil
		}
		files = append(files[:len(files):len(files)], File{Path: path, Remove: true, Reason: "djharden no longer makes it"})
		return nil
	})
	if err != nil {
		return nil, unreadable(baseDir, err)
	}
	return files, nil
}

// emptied notes the folders that removals may leave empty: those go too.
func (p *Plan) emptied(d *looker) error {
	seen := map[string]bool{}
	for i := range p.changes {
		c := &p.changes[i]
		if !c.writes() || c.new != nil {
			continue
		}
		for _, dir := range parents(c.Path) {
			if seen[dir] {
				continue
			}
			seen[dir] = true
			info, err := d.root.Lstat(dir)
			if err != nil {
				return unreadable(dir, err)
			}
			uid, gid := owner(info)
			p.rmdirs = append(p.rmdirs, dirNode{Path: dir, Mode: keepBits(info.Mode()), UID: uid, GID: gid})
		}
	}
	slices.SortFunc(p.rmdirs, func(a, b dirNode) int { // innermost first
		return cmp.Or(cmp.Compare(strings.Count(b.Path, "/"), strings.Count(a.Path, "/")), strings.Compare(a.Path, b.Path))
	})
	return nil
}

// merge decides about one whole file.
type merge struct {
	p       *Plan
	d       *looker
	f       *File
	c       *change
	base    []byte // the last render; nil: not known
	pending bool   // conflicts were marked in the file by an earlier sync
}

// decide fills the change and returns those of the records.
func (m *merge) decide() ([]*change, error) {
	if err := m.read(); err != nil {
		return nil, err
	}
	f, c := m.f, m.c
	if f.Data == nil { // an empty file; records(nil) is for none
		f.Data = []byte{}
	}
	switch {
	case f.Remove:
		return m.remove()
	case c.old == nil && m.base != nil:
		c.Action, c.Reason = Kept, "you have deleted it, and it stays deleted"
		return nil, nil
	case c.old == nil, alike(c.old.Data, f.Data):
		return m.write(f.Data)
	case m.pending && len(marked(c.old.Data)) > 0:
		return m.unsettled()
	case m.base == nil:
		return m.clash(whole(textOf(c.old.Data), textOf(f.Data), "it isn't known what djharden wrote here before, so your edits can't be told from it"))
	case alike(c.old.Data, m.base):
		return m.write(dressed(f.Data, c.old.Data))
	case alike(f.Data, m.base):
		c.Action, c.Reason, c.new = Kept, "you have edited it, and djharden has nothing new for it", c.old
		return m.records(f.Data)
	}
	return m.merge()
}

// read finds the last render: what is recorded, or, where conflicts that an
// earlier sync marked are settled, the render behind those.
func (m *merge) read() error {
	name := m.f.Base
	if name == "" {
		name = m.f.Path
	}
	base, err := m.d.read(baseDir + name)
	if err != nil {
		return err
	}
	if base != nil {
		m.base = base.Data
	}
	pending, err := m.d.read(pendingDir + m.f.Path)
	if err != nil || pending == nil {
		return err
	}
	m.pending = true
	before, render, _ := bytes.Cut(pending.Data, []byte("\n"))
	settled := m.c.old != nil && len(marked(m.c.old.Data)) == 0
	// The file as it was before that sync is no settlement but a way back.
	if settled && strings.TrimSpace(string(before)) != sumOf(m.c.old.Data) {
		m.base = render
	}
	return nil
}

func (m *merge) remove() ([]*change, error) {
	c := m.c
	switch {
	case c.old == nil:
		c.Action, c.Reason = Same, "it is gone already"
	case m.base != nil && alike(c.old.Data, m.base):
		c.Action = Remove
	default:
		c.Action, c.new = Kept, c.old
		c.Reason = "djharden no longer makes it; you have edited it, so it is yours now"
	}
	return m.records(nil)
}

// write puts data in place; nil data is the render as it is.
func (m *merge) write(data []byte) ([]*change, error) {
	render := m.f.Data
	f := *m.f
	f.Data = data
	if m.c.old != nil && alike(m.c.old.Data, data) {
		f.Data = m.c.old.Data // its line ends are the user's
	}
	settle(&f, m.c)
	return m.records(render)
}

// records are the changes that make render the last one, nil: none, and end
// what is pending.
func (m *merge) records(render []byte) ([]*change, error) {
	var list []*change
	add := func(path string, data []byte) error {
		mode := fs.FileMode(0o644)
		if m.f.Perm != 0 && path == baseDir+m.f.Path {
			mode = m.f.Perm.Perm() // x and all: what judges the file judges its copy
		}
		c, err := record(m.d, path, data, mode)
		if c != nil {
			c.mask = m.f.Mask
			list = append(list, c)
		}
		return err
	}
	err := add(baseDir+m.f.Path, render)
	if err == nil && m.f.Base != "" && m.f.Base != m.f.Path {
		err = add(baseDir+m.f.Base, nil)
	}
	if err == nil && m.pending {
		err = add(pendingDir+m.f.Path, nil)
	}
	return list, err
}

// merge merges three ways.
func (m *merge) merge() ([]*change, error) {
	ours, theirs := textOf(m.c.old.Data), textOf(m.f.Data)
	pieces, _ := merge3(textOf(m.base), ours, theirs)
	if len(conflicts(pieces, "")) > 0 {
		return m.clash(pieces)
	}
	data := join(pieces, ours, nil)
	if err := m.valid(data); err != nil {
		return m.clash(whole(ours, theirs, invalid(err)))
	}
	return m.merged(data, "your edits and djharden's, both")
}

func invalid(err error) string {
	return "your edits and djharden's together aren't valid: " + err.Error()
}

func (m *merge) valid(data []byte) error {
	if m.p.how.Valid == nil {
		return nil
	}
	return m.p.how.Valid(m.f.Path, data)
}

func (m *merge) merged(data []byte, why string) ([]*change, error) {
	list, err := m.write(data)
	if m.c.Action == Update {
		m.c.Action, m.c.Reason = Merged, why
	}
	return list, err
}

// clash settles conflicts as the policy says, or lists them.
func (m *merge) clash(pieces []piece) ([]*change, error) {
	list := conflicts(pieces, m.f.Path)
	choices := m.p.how.Choices[m.f.Path]
	if len(choices) != len(list) || list[0].Why != "" {
		choices = slices.Repeat([]Choice{Markers}, len(list))
		switch m.choice() {
		case Ours:
			m.c.Action, m.c.Reason, m.c.new = Kept, "left as you have it, without what is new", m.c.old
			return m.records(m.f.Data)
		case Theirs:
			return m.write(dressed(m.f.Data, m.c.old.Data))
		case Unsettled:
			return m.unresolved(list)
		}
	}
	if slices.Contains(choices, Unsettled) {
		return m.unresolved(list)
	}
	ours := textOf(m.c.old.Data)
	data := join(pieces, ours, func(i int) Choice { return choices[i] })
	if slices.Contains(choices, Markers) {
		return m.mark(data)
	}
	if err := m.valid(data); err != nil {
		return m.clash(whole(ours, textOf(m.f.Data), invalid(err)))
	}
	return m.merged(data, "your edits and djharden's, as you chose")
}

// choice is how all conflicts of the file are to be settled.
func (m *merge) choice() Choice {
	if c := m.p.how.Files[m.f.Path]; c != Unsettled {
		return c
	}
	return m.p.how.Conflict
}

// mark writes a file with conflicts marked in it. The record stays where it
// is, and the render waits beside it.
func (m *merge) mark(data []byte) ([]*change, error) {
	pending := append([]byte(sumOf(m.c.old.Data)+"\n"), m.f.Data...)
	f := *m.f
	f.Data = data
	settle(&f, m.c)
	m.c.Action, m.c.Reason = Conflict, "conflicts are marked in it: settle them there, then run sync again"
	m.c.marked = true
	b, err := record(m.d, pendingDir+m.f.Path, pending, 0o644)
	return one(b), err
}

// unsettled is a file in which an earlier sync's conflicts are marked still.
func (m *merge) unsettled() ([]*change, error) {
	if m.choice() == Theirs {
		return m.write(dressed(m.f.Data, m.c.old.Data))
	}
	var list []Clash
	for _, at := range marked(m.c.old.Data) {
		list = append(list, Clash{Path: m.f.Path, Line: at[0], End: at[1], Why: "a conflict that an earlier sync marked is still in it"})
	}
	return m.unresolved(list)
}

func (m *merge) unresolved(list []Clash) ([]*change, error) {
	m.c.Action, m.c.new = Conflict, m.c.old
	m.c.Reason = "you have edited it, and djharden wants to change it in the same place"
	if list[0].Why != "" {
		m.c.Reason = list[0].Why
	}
	m.p.clashes = append(m.p.clashes, list...)
	return nil, nil
}

// Unresolved returns the conflicts of an error of Merge or Apply; nil: it is
// another error.
func Unresolved(err error) []Clash {
	var e *ConflictError
	if errors.As(err, &e) {
		return e.Clashes
	}
	return nil
}

// Clashes are the conflicts that keep the plan from being applied.
func (p *Plan) Clashes() []Clash { return p.clashes }

// Marked counts the files that the plan writes with conflicts marked in them.
func (p *Plan) Marked() int {
	n := 0
	for i := range p.changes {
		if p.changes[i].marked {
			n++
		}
	}
	return n
}
