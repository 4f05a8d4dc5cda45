package plan

import (
	"bytes"
	"fmt"
	"io/fs"
)

// decide fills c and returns the changes of djharden's own records that go
// with it.
func (p *Plan) decide(d *looker, f *File, c *change) ([]*change, error) {
	if f.Keep != "" {
		c.Action, c.Reason = Kept, f.Keep
		return nil, nil
	}
	if f.Owner == Once && !f.Remove {
		return nil, decideOnce(d, f, c)
	}
	old, err := d.read(f.Path)
	if err != nil {
		return nil, err
	}
	c.old = old
	if f.Owner == Whole && !f.Secret {
		if p.how != nil {
			m := &merge{p: p, d: d, f: f, c: c}
			return m.decide()
		}
		b, err := p.decideWhole(d, f, c)
		return one(b), err
	}
	if err := wasCheck(d, f, old); err != nil {
		return nil, err
	}
	settle(f, c)
	if f.Record == nil {
		return nil, nil
	}
	b, err := record(d, baseDir+f.Path, f.Record, 0o644)
	return one(b), err
}

func one(c *change) []*change {
	if c == nil {
		return nil
	}
	return []*change{c}
}

// record is the change that makes one of djharden's own files hold data.
// Line ends don't count: git may have changed them. nil data: it goes away.
func record(d *looker, path string, data []byte, mode fs.FileMode) (*change, error) {
	old, err := d.read(path)
	if err != nil || old == nil && data == nil {
		return nil, err
	}
	c := &change{Change: Change{Path: path, Action: Update, Reason: "the last render, for later merges"}, old: old}
	switch {
	case data == nil:
		c.Action = Remove
	case old == nil:
		c.Action, c.new = Create, &node{Data: data, Mode: mode, UID: -1, GID: -1}
	case alike(old.Data, data):
		return nil, nil
	default:
		c.new = &node{Data: data, Mode: old.Mode, UID: old.UID, GID: old.GID, exact: true}
	}
	return c, nil
}

// decideOnce leaves a file that exists, except that a secret one which
// everybody may read is closed. Its bytes are read only for that.
func decideOnce(d *looker, f *File, c *change) error {
	info, err := d.stat(f.Path)
	if err != nil {
		return err
	}
	if info == nil {
		c.Action, c.new = Create, newNode(f, nil)
		return nil
	}
	c.Action, c.Reason = Kept, "it is yours since the first write"
	if wantMode(f, info.Mode()) == keepBits(info.Mode()) {
		return nil
	}
	if c.old, err = d.read(f.Path); err != nil {
		return err
	}
	again := *f
	again.Data = c.old.Data
	settle(&again, c)
	return nil
}

// decideWhole compares the wanted render, the last render and the disk.
func (p *Plan) decideWhole(d *looker, f *File, c *change) (*change, error) {
	basePath := baseDir + f.Path
	base, err := d.read(basePath)
	if err != nil {
		return nil, err
	}
	b := &change{Change: Change{Path: basePath, Action: Update, Reason: "the last render, for later merges"}, mask: f.Mask, old: base}
	if base == nil {
		b.Action = Create
	}
	switch {
	case c.old == nil || !f.Remove && bytes.Equal(c.old.Data, f.Data):
	case f.Was != nil && f.From == "":
		if err := wasCheck(d, f, c.old); err != nil {
			return nil, err
		}
	case base == nil:
		return nil, &RefusedError{Path: f.Path, Reason: "it is already there and isn't djharden's",
			Hint: fmt.Sprintf("rename or remove %s, then run it again", f.Path)}
	case bytes.Equal(c.old.Data, base.Data):
	case !f.Remove && bytes.Equal(f.Data, base.Data):
		c.Action, c.Reason, c.new = Kept, "you have edited it, and djharden has nothing new for it", c.old
		return nil, nil
	default:
		c.Action = Conflict
		return nil, &RefusedError{Path: f.Path, Reason: "you have edited it, and djharden wants to change it too",
			Hint: fmt.Sprintf("move your edit out of %s (below the generated part of another file, or a commit), then run it again", f.Path)}
	}
	settle(f, c)
	if f.Remove {
		b.Action = Remove
	} else {
		b.new = newNode(f, nil) // x and all: what judges the file judges its copy
		if base != nil {
			b.new = &node{Data: f.Data, Mode: base.Mode, UID: base.UID, GID: base.GID, exact: true}
		}
	}
	return b, nil
}

// wasCheck refuses a file whose bytes aren't those the caller worked from.
func wasCheck(d *looker, f *File, old *node) error {
	if old != nil && !f.Remove && bytes.Equal(old.Data, f.Data) {
		return nil
	}
	if old == nil && f.Remove {
		return nil
	}
	name := f.Path
	if f.From != "" {
		if old != nil {
			return &RefusedError{Path: f.Path, Reason: fmt.Sprintf("it is already there, where %s would move to", f.From),
				Hint: fmt.Sprintf("rename or remove %s, then run it again", f.Path)}
		}
		if f.Was == nil {
			return nil // the removal of From carries the bytes
		}
		name = f.From
		var err error
		if old, err = d.read(name); err != nil {
			return err
		}
	}
	switch {
	case old == nil && f.Was == nil:
		return nil
	case old != nil && (f.Was != nil || f.Remove) && bytes.Equal(old.Data, f.Was):
		return nil
	case old != nil && f.Was == nil && f.Owner == Whole && f.From == "":
		return &RefusedError{Path: f.Path, Reason: "it is already there and isn't djharden's",
			Hint: fmt.Sprintf("rename or remove %s, then run it again", f.Path)}
	}
	return changedError(name)
}

func changedError(name string) *RefusedError {
	return &RefusedError{Path: name, Reason: "it has changed since it was read", Hint: "run the same command again"}
}

// settle fills Action and new, now that f may be written over c.old.
func settle(f *File, c *change) {
	if f.Remove {
		c.Action = Remove
		if c.old == nil {
			c.Action, c.Reason = Same, "it is gone already"
		}
		return
	}
	c.new = newNode(f, c.old)
	switch {
	case c.old == nil:
		c.Action = Create
	case !c.writes():
		c.Action = Same
	default:
		c.Action = Update
		if bytes.Equal(c.old.Data, c.new.Data) {
			c.Reason = fmt.Sprintf("mode %04o (was %04o)", c.new.Mode.Perm(), c.old.Mode.Perm())
		}
	}
}

// newNode is the file that f wants in place of old.
func newNode(f *File, old *node) *node {
	if old != nil {
		return &node{Data: f.Data, Mode: wantMode(f, old.Mode), UID: old.UID, GID: old.GID, exact: true}
	}
	n := &node{Data: f.Data, Mode: f.Perm.Perm(), UID: -1, GID: -1}
	if f.Secret {
		n.Mode = 0o600
	} else if n.Mode == 0 {
		n.Mode = 0o644
	}
	return n
}

// wantMode is the mode of a file that has mode now. A file keeps its own, for
// umasks and git checkouts differ and a second run must change nothing, but a
// program gets its x, and a private file that everybody may read is closed (a
// group's right to read is taken as meant).
func wantMode(f *File, mode fs.FileMode) fs.FileMode {
	mode = keepBits(mode)
	if !hasModes {
		return mode
	}
	private := f.Secret || f.Perm != 0 && f.Perm&0o077 == 0
	if private && mode&0o007 != 0 {
		return mode &^ 0o077
	}
	if f.Perm&0o100 != 0 && mode&0o100 == 0 {
		mode |= mode & 0o444 >> 2
	}
	return mode
}

// keepBits are the bits of a mode that chmod can set.
func keepBits(mode fs.FileMode) fs.FileMode {
	return mode & (fs.ModePerm | fs.ModeSetuid | fs.ModeSetgid | fs.ModeSticky)
}
