package plan

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"time"
)

// session is the lock on a project, and the two disks of a write.
type session struct {
	real  string
	disk  *disk    // the project
	state *disk    // its state folder
	dir   *os.File // the project's folder, which carries the lock
	held  *os.File // the lock file, where the folder can't carry it
	above []string // root and folders above it that openSession made
}

// openSession opens both folders, makes what is missing of them where create
// is set, and takes the lock. An error leaves nothing behind in the project.
func openSession(real string, create bool, h hook) (*session, error) {
	state, err := openState(real, create, h)
	if err != nil {
		return nil, err
	}
	s := &session{real: real, state: state}
	if err := s.open(create, h); err != nil {
		s.close()
		removeAll(s.above)
		return nil, err
	}
	return s, nil
}

func (s *session) open(create bool, h hook) error {
	if create {
		if err := s.makeRoot(h); err != nil {
			return err
		}
	}
	r, err := os.OpenRoot(s.real)
	if err != nil {
		return at(s.real, "open", err)
	}
	s.disk = &disk{root: r, hook: h}
	if s.dir, err = r.Open("."); err != nil {
		return at(s.real, "open", err)
	}
	held, ok, err := lock(s.dir, s.state.root)
	if err != nil {
		return at(s.real, "lock", err)
	}
	if !ok {
		s.dir.Close()
		s.dir = nil
		return &LockedError{Root: s.real, PID: s.holder()}
	}
	s.held = held
	// Who holds the lock is for the other run's message, so failing is no matter.
	_ = s.state.root.WriteFile(lockFile, []byte(strconv.Itoa(os.Getpid())+"\n"), 0o600)
	return nil
}

// holder waits a moment for the other run to say who it is.
func (s *session) holder() int {
	for range 10 {
		if pid := readPID(s.state); pid != 0 {
			return pid
		}
		time.Sleep(5 * time.Millisecond)
	}
	return 0
}

// makeRoot makes the root folder and those above it, for their owner when root
// works for somebody else.
func (s *session) makeRoot(h hook) error {
	var missing []string
	dir := s.real
	for ; ; dir = filepath.Dir(dir) {
		if _, err := os.Lstat(dir); err == nil || dir == filepath.Dir(dir) {
			break
		}
		missing = append([]string{dir}, missing...)
	}
	info, err := os.Stat(dir)
	if err != nil {
		return at(dir, "look", err)
	}
	uid, gid := giveAway(owner(info))
	for _, dir := range missing {
		if h != nil {
			if err := h("mkdir", dir); err != nil {
				return at(dir, "make folder", err)
			}
		}
		if err := os.Mkdir(dir, 0o755); err != nil {
			return at(dir, "make folder", err)
		}
		s.above = append(s.above, dir)
		if uid >= 0 {
			if err := os.Lchown(dir, uid, gid); err != nil {
				return at(dir, "change owner", err)
			}
		}
		if err := syncAbove(filepath.Dir(dir), h); err != nil {
			return at(dir, "make folder", err)
		}
	}
	return nil
}

// syncAbove makes the entries of a folder outside the root last. One that may
// not be read can't be synced.
func syncAbove(dir string, h hook) error {
	r, err := os.OpenRoot(dir)
	if err != nil {
		return nil
	}
	defer r.Close()
	if h != nil {
		if err := h("syncdir", dir); err != nil {
			return err
		}
	}
	return syncDir(r, ".")
}

// close releases the lock and the handles.
func (s *session) close() {
	if s.dir != nil {
		unlock(s.held, s.state.root)
		s.dir.Close()
	}
	if s.disk != nil {
		s.disk.root.Close()
	}
	s.state.root.Close()
}

// journalPath is where the journal is, for messages.
func (s *session) journalPath() string { return filepath.Join(s.state.root.Name(), journalFile) }

// removeAll removes folders, innermost last in the list, where they are empty.
func removeAll(dirs []string) {
	for i := len(dirs) - 1; i >= 0; i-- {
		if os.Remove(dirs[i]) != nil {
			return
		}
	}
}

// Check says whether Apply could begin: the state folder, the rights on each
// file and folder, the lock's being free aside. It writes nothing. Apply does
// the same first; call it to tell a person before asking further questions.
func (p *Plan) Check() error {
	if err := p.blocked(); err != nil {
		return err
	}
	dir, err := stateDir(p.root)
	if err != nil {
		return err
	}
	if err := checkState(dir); err != nil {
		return err
	}
	if p.missing {
		return nil
	}
	r, err := os.OpenRoot(p.root)
	if err != nil {
		return &RefusedError{Path: p.root, Reason: reason(err), Hint: "give a folder that you may read"}
	}
	defer r.Close()
	return p.checkRights(&looker{root: r})
}

// checkRights refuses what the system would refuse later, or what would change
// hands in silence.
func (p *Plan) checkRights(l *looker) error {
	top, err := l.root.Open(".")
	if err != nil {
		return at(p.root, "open", err)
	}
	defer top.Close()
	asked := map[string]bool{}
	for i := range p.changes {
		c := &p.changes[i]
		if !c.writes() {
			continue
		}
		if c.old != nil {
			if who := othersFile(c.old.UID); who != "" {
				return &RefusedError{Path: c.Path, Reason: who, Hint: fmt.Sprintf("run djharden as that user, or take the file over: chown \"$(id -un)\" %s", c.Path)}
			}
		}
		dir := "."
		for _, d := range parents(c.Path) {
			there, err := l.dir(d)
			if err != nil {
				return err
			}
			if !there {
				break
			}
			dir = d
		}
		if asked[dir] {
			continue
		}
		asked[dir] = true
		if err := mayWrite(top, dir); err != nil {
			name := dir
			if dir == "." {
				name = p.root
			}
			return &RefusedError{Path: name, Reason: "files can't be made in this folder: " + reason(err), Hint: "make the folder writable for the user who runs djharden"}
		}
	}
	return nil
}

// unchanged refuses a file that isn't as it was when old was read.
func unchanged(l *looker, name string, old *node) error {
	info, err := l.stat(name)
	if err != nil {
		return err
	}
	if old == nil || info == nil {
		if old == nil && info == nil {
			return nil
		}
		return changedError(name)
	}
	if !sameInfo(old.info, info) {
		return changedError(name)
	}
	return nil
}

func sameInfo(a, b fs.FileInfo) bool {
	return os.SameFile(a, b) && a.Size() == b.Size() && a.Mode() == b.Mode() && a.ModTime().Equal(b.ModTime())
}
