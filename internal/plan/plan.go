// Package plan compares wanted files with the disk, shows the difference and
// applies all of it or none. It knows nothing of Django. Only plan writes.
//
// A write is one transaction: under a lock, the disk is compared with what the
// plan was made from, new contents go to temporary files beside their targets,
// a journal with the old contents goes to the user's state folder, and one
// mark in that journal is the commit point. A failure before it leaves the old
// tree; after it the new tree is finished, or, where a step fails, the old one
// is put back. A killed run is settled by the next Recover.
//
// What it keeps of a file it replaces: bytes of the wanted content as given,
// mode, and owner and group where the system lets it. It doesn't keep access
// control lists, extended attributes, times or hard links.
package plan

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"syscall"
)

// Owner says what happens to a file that is already there.
type Owner uint8

const (
	Whole Owner = iota // djharden's; the last render is kept in .djharden/base for later merges
	Once               // the user's after the first write: kept as it is when it exists
	Patch              // an edit inside the user's file: Data was made from Was
)

// File is one wanted file.
type File struct {
	Path   string      // relative to the root, with slashes
	Owner  Owner       //
	Data   []byte      // wanted bytes; nil with Remove
	Perm   fs.FileMode // 0: keep the file's own, 0644 for a new one; the umask applies to new files
	Reason string      // why, for people: "admin path from the environment"
	Was    []byte      // Patch and Remove: the bytes the decision was made from (of From where that is set); a different disk is refused
	From   string      // the path it is moved from, for the diff (settings.py -> settings/base.py)
	Remove bool        // the file goes away (its content lives on in another file, or undo)
	Secret bool        // holds secrets: every value after "=" is masked in a diff; 0600 for a new file and for one that everybody may read
	Mask   []string    // secret texts that a diff of the plan must not show, removed lines included
	Keep   string      // the user's alone: left as it is, there or not, and this is why
	Record []byte      // Patch: what to remember of it in .djharden/base; nil: nothing
	Base   string      // Whole: the path it had at the last render, where that was another
}

// Action is what a plan does with one file.
type Action string

const (
	Create   Action = "create"
	Update   Action = "update"
	Same     Action = "same"     // it is as wanted
	Merged   Action = "merged"   // the user's edits and the new render, both
	Kept     Action = "kept"     // the user's, left as it is
	Conflict Action = "conflict" // the user's edits and the new render exclude each other
	Remove   Action = "remove"
	Refuse   Action = "refuse" // it can't be written safely; nothing is
)

// Change says what a plan does with one path, and why.
type Change struct {
	Path   string
	Action Action
	Reason string // the file's own reason, or why it is kept or refused
	From   string // the path it is moved from, or ""
	Secret bool
}

// Plan is the difference between wanted files and the disk as Make saw it. It
// holds no handle and no lock; Diff, Changes and Apply are readings of it.
type Plan struct {
	root    string // real, absolute
	missing bool   // the root folder isn't there yet
	undo    bool   // it puts back a recorded write
	rmdirs  []dirNode
	dirs    map[string]dirNode // undo: the rights that folders had which the write removed
	unmade  []string           // folders above and including root that the undone write had made
	changes []change
	refused *RefusedError
	how     *Policy // nil: no merge
	clashes []Clash // nothing is written while there are any
	hook    hook    // tests only
	workers int     // at once; 0: a few
}

// change is one wanted path beside what is on the disk.
type change struct {
	Change
	mask     []string
	old, new *node // nil: no such file
	base     bool  // a file of .djharden/base: it follows its file and isn't shown
	implied  bool  // base: its file changes too, so it needs no line of its own
	marked   bool  // it is written with conflicts marked in it
}

// writes reports whether applying the change touches the disk.
func (c *change) writes() bool {
	switch {
	case c.Action == Refuse || c.Action == Conflict && !c.marked:
		return false
	case c.old == nil || c.new == nil:
		return c.old != c.new
	}
	return !bytes.Equal(c.old.Data, c.new.Data) || c.old.Mode != c.new.Mode
}

// node is a regular file: its bytes and its rights.
type node struct {
	Data     []byte      `json:"data"`
	Mode     fs.FileMode `json:"mode"`
	UID, GID int         // -1 where the system has none
	exact    bool        // Mode is set as it stands; otherwise the umask applies
	info     fs.FileInfo // of the file it was read from
}

const (
	ownDir = ".djharden/"
	// baseDir holds the last render of each whole file.
	baseDir = ownDir + "base/"
	// pendingDir holds the render behind each file that went out with conflicts
	// marked in it: it becomes the last render once they are settled.
	pendingDir = ownDir + "pending/"
)

// Make compares the wanted files with the disk under root, which may not exist
// yet, and writes nothing. Where a file can't be written safely (a link or a
// folder in the way, an edited file, a file that isn't djharden's), the error
// is a *RefusedError that names all of them; the plan is returned beside it,
// for showing, and its Apply refuses too.
func Make(root string, files []File) (*Plan, error) { return makePlan(root, files, nil) }

func makePlan(root string, files []File, how *Policy) (*Plan, error) {
	if err := checkPaths(files); err != nil {
		return nil, err
	}
	real, missing, err := realRoot(root)
	if err != nil {
		return nil, err
	}
	p := &Plan{root: real, missing: missing, how: how}
	d := &looker{}
	if !missing {
		r, err := os.OpenRoot(real)
		if err != nil {
			return nil, &RefusedError{Path: root, Reason: reason(err), Hint: "give a folder that you may read"}
		}
		defer r.Close()
		d.root = r
	}
	if how != nil {
		if files, err = withDropped(d, files); err != nil {
			return nil, err
		}
	}
	for i := range files {
		if err := p.add(d, &files[i]); err != nil {
			return nil, err
		}
	}
	if how != nil {
		if err := p.emptied(d); err != nil {
			return nil, err
		}
	}
	switch {
	case p.refused != nil:
		return p, p.refused
	case p.clashes != nil:
		return p, &ConflictError{p.clashes}
	}
	return p, nil
}

// add decides about one wanted file.
func (p *Plan) add(d *looker, f *File) error {
	c := change{Change: Change{Path: f.Path, Reason: f.Reason, From: f.From, Secret: f.Secret}, mask: f.Mask}
	records, err := p.decide(d, f, &c)
	if err != nil {
		r, ok := err.(*RefusedError)
		if !ok {
			return fmt.Errorf("%s: %w", f.Path, err)
		}
		if c.Action != Conflict {
			c.Action = Refuse
		}
		c.Reason = r.Reason
		p.refuse(r)
		records = nil
	}
	p.changes = append(p.changes, c)
	for _, b := range records {
		if b.writes() {
			b.base, b.implied = true, c.writes()
			p.changes = append(p.changes, *b)
		}
	}
	return nil
}

func (p *Plan) refuse(r *RefusedError) {
	if p.refused == nil {
		p.refused = r
	} else {
		p.refused.More = append(p.refused.More, r)
	}
}

// Changes lists what the plan does, in the order the files were given. Files
// of .djharden/base follow theirs and are listed only where nothing else tells
// of them.
func (p *Plan) Changes() []Change {
	var list []Change
	for i := range p.changes {
		if c := &p.changes[i]; !c.base || !c.implied {
			list = append(list, c.Change)
		}
	}
	return list
}

// Empty reports whether there is nothing to write and nothing refused.
func (p *Plan) Empty() bool {
	if p.refused != nil || p.clashes != nil || len(p.rmdirs) > 0 {
		return false
	}
	for i := range p.changes {
		if p.changes[i].writes() {
			return false
		}
	}
	return true
}

// Root is the folder of the plan: absolute, links resolved.
func (p *Plan) Root() string { return p.root }

// realRoot resolves root as far as it exists.
func realRoot(root string) (real string, missing bool, err error) {
	abs, err := filepath.Abs(root)
	if err != nil {
		return "", false, fmt.Errorf("%s: %w", root, err)
	}
	rest := ""
	for dir := abs; ; dir = filepath.Dir(dir) {
		real, err := filepath.EvalSymlinks(dir)
		switch {
		case err == nil:
			info, err := os.Stat(real)
			if err != nil {
				return "", false, &RefusedError{Path: root, Reason: reason(err), Hint: "give a folder that you may read"}
			}
			if !info.IsDir() {
				return "", false, &RefusedError{Path: dir, Reason: "it is " + kind(info.Mode()) + ", where a folder is needed", Hint: "give another folder"}
			}
			return filepath.Join(real, rest), rest != "", nil
		case !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, syscall.ENOTDIR) || dir == filepath.Dir(dir):
			return "", false, &RefusedError{Path: root, Reason: reason(err), Hint: "give a folder that you may read"}
		}
		if info, err := os.Lstat(dir); err == nil && info.Mode()&fs.ModeSymlink != 0 {
			return "", false, &RefusedError{Path: dir, Reason: "it is a symbolic link that leads nowhere", Hint: "remove it, or give another folder"}
		}
		rest = filepath.Join(filepath.Base(dir), rest)
	}
}

// parents are the folders above name within the root, outermost first.
func parents(name string) []string {
	var dirs []string
	for dir := path.Dir(name); dir != "."; dir = path.Dir(dir) {
		dirs = append([]string{dir}, dirs...)
	}
	return dirs
}
