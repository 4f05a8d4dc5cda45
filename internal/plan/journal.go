package plan

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
)

// Files of a project's state folder, .../djharden/<hash of the root's path>/.
// Both hold old contents, and so secrets.
const (
	journalFile = "journal" // a write that is under way
	undoFile    = "undo"    // the last write that ended
	lockFile    = "lock"    // who is writing; on Windows also the lock itself
	tempSuffix  = ".tmp"
	// commitMark ends a journal whose write is to be finished, not undone.
	commitMark = "commit\n"
	// backMark after it takes that back: the old contents are in place again.
	backMark = "back\n"
)

// journal records one write: enough to finish it, to roll it back, and, once
// it is done, to undo it.
type journal struct {
	Version int           `json:"version"`
	Root    string        `json:"root"`
	PID     int           `json:"pid"`
	Undo    bool          `json:"undo,omitempty"`   // the write is itself an undo
	Above   []string      `json:"above,omitempty"`  // root and folders above it that were made, outermost first
	Made    []string      `json:"made,omitempty"`   // folders made in the root, outermost first
	Unmade  []dirNode     `json:"unmade,omitempty"` // folders removed from the root where empty, innermost first
	Entries []journalFact `json:"entries"`

	committed bool
}

// journalFact is one file of a write.
type journalFact struct {
	Path   string   `json:"path"`
	Temp   string   `json:"temp,omitempty"` // beside it; holds the new bytes until the rename
	Old    *node    `json:"old"`            // nil: it wasn't there
	New    *summary `json:"new"`            // nil: it goes away
	Secret bool     `json:"secret,omitempty"`
	Mask   []string `json:"mask,omitempty"`
}

// summary identifies contents without repeating them.
type summary struct {
	SHA256 string      `json:"sha256"`
	Mode   fs.FileMode `json:"mode"`
	Exact  bool        `json:"exact"` // Mode was set as it stands, without the umask
}

// dirNode is a folder and its rights.
type dirNode struct {
	Path  string      `json:"path"`
	Mode  fs.FileMode `json:"mode"`
	UID   int         `json:"uid"`
	GID   int         `json:"gid"`
	exact bool
}

func sum(data []byte) string {
	h := sha256.Sum256(data)
	return hex.EncodeToString(h[:])
}

// is reports whether n holds what s describes.
func (s *summary) is(n *node) bool {
	return n != nil && sum(n.Data) == s.SHA256 && (!s.Exact || !hasModes || n.Mode == s.Mode)
}

// isOld reports whether n is the file as it was.
func (e *journalFact) isOld(n *node) bool {
	if e.Old == nil || n == nil {
		return e.Old == nil && n == nil
	}
	return bytes.Equal(e.Old.Data, n.Data) && (!hasModes || e.Old.Mode == n.Mode)
}

// isNew reports whether n is the file as it is to be.
func (e *journalFact) isNew(n *node) bool {
	if e.New == nil {
		return n == nil
	}
	return e.New.is(n)
}

// encode makes the text of a journal: one line of JSON. The commit mark is a
// line after it.
func (j *journal) encode() ([]byte, error) {
	text, err := json.Marshal(j)
	return append(text, '\n'), err
}

func decodeJournal(text []byte) (*journal, error) {
	line, rest, ok := bytes.Cut(text, []byte("\n"))
	if !ok {
		return nil, errors.New("it ends too early")
	}
	j := &journal{}
	if err := json.Unmarshal(line, j); err != nil {
		return nil, err
	}
	if j.Version != 1 {
		return nil, fmt.Errorf("it is of version %d, made by a newer djharden", j.Version)
	}
	for _, e := range j.Entries {
		if !fs.ValidPath(e.Path) || e.Temp != "" && !fs.ValidPath(e.Temp) {
			return nil, fmt.Errorf("it names %q", e.Path)
		}
		if e.Old != nil {
			e.Old.exact = true
		}
	}
	j.committed = string(rest) == commitMark
	return j, nil
}

// stateBase is the folder of djharden's state for this user.
func stateBase() (string, error) {
	hint := "set XDG_STATE_HOME to a folder outside the project"
	if dir := os.Getenv("XDG_STATE_HOME"); dir != "" {
		if !filepath.IsAbs(dir) {
			return "", &RefusedError{Path: dir, Reason: "XDG_STATE_HOME isn't an absolute path", Hint: hint}
		}
		return filepath.Join(dir, "djharden"), nil
	}
	if runtime.GOOS == "windows" {
		if dir := os.Getenv("LocalAppData"); filepath.IsAbs(dir) {
			return filepath.Join(dir, "djharden"), nil
		}
		return "", &RefusedError{Path: "%LocalAppData%", Reason: "it isn't set, so there is no place for the copies that undo needs", Hint: "set LocalAppData or XDG_STATE_HOME"}
	}
	home := os.Getenv("HOME")
	if !filepath.IsAbs(home) {
		return "", &RefusedError{Path: "$HOME", Reason: "neither HOME nor XDG_STATE_HOME is set, so there is no place for the copies that undo needs", Hint: hint}
	}
	if runtime.GOOS == "darwin" {
		return filepath.Join(home, "Library", "Application Support", "djharden"), nil
	}
	return filepath.Join(home, ".local", "state", "djharden"), nil
}

// stateDir is the state folder of one project, by its real path.
func stateDir(root string) (string, error) {
	base, err := stateBase()
	if err != nil {
		return "", err
	}
	real, _, err := realRoot(base)
	if err != nil {
		var r *RefusedError
		if errors.As(err, &r) {
			return "", stateError(r.Path, r.Reason)
		}
		return "", err
	}
	if rel, err := filepath.Rel(root, real); err == nil && filepath.IsLocal(rel) {
		return "", &RefusedError{Path: real, Reason: "the folder for undo's copies, which hold secrets, lies inside the project", Hint: "set XDG_STATE_HOME to a folder outside the project"}
	}
	return filepath.Join(real, sum([]byte(root))[:32]), nil
}

// checkState refuses a state folder that others own or read. The folder may
// be missing.
func checkState(dir string) error {
	for _, name := range []string{filepath.Dir(dir), dir} {
		info, err := os.Lstat(name)
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil {
			return stateError(name, reason(err))
		}
		if !info.IsDir() {
			return stateError(name, "it is "+kind(info.Mode())+", where a folder is needed")
		}
		if uid, _ := owner(info); uid >= 0 && uid != os.Geteuid() {
			return stateError(name, fmt.Sprintf("it belongs to another user (uid %d)", uid))
		}
		if hasModes && info.Mode()&0o077 != 0 {
			return &RefusedError{Path: name, Reason: fmt.Sprintf("others may read it (mode %04o), and undo's copies hold secrets", info.Mode().Perm()),
				Hint: fmt.Sprintf("chmod 700 %q", name)}
		}
	}
	return nil
}

func stateError(name, why string) error {
	return &RefusedError{Path: name, Reason: "undo's copies can't be kept there: " + why, Hint: "set XDG_STATE_HOME to a folder that you alone may write to"}
}

// openState opens the state folder of a project, and makes it with create.
// Without create it returns nil where there is none.
func openState(root string, create bool, h hook) (*disk, error) {
	dir, err := stateDir(root)
	if err != nil {
		return nil, err
	}
	if err := checkState(dir); err != nil {
		return nil, err
	}
	if create {
		if h != nil {
			if err := h("mkdir", "state:."); err != nil {
				return nil, stateError(dir, reason(err))
			}
		}
		if err := makeState(dir); err != nil {
			return nil, err
		}
	}
	r, err := os.OpenRoot(dir)
	if !create && errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, stateError(dir, reason(err))
	}
	return &disk{root: r, label: "state:", hook: h}, nil
}

// makeState makes the state folder, and makes the new entries last.
func makeState(dir string) error {
	var made []string
	for d := dir; ; d = filepath.Dir(d) {
		if _, err := os.Lstat(d); err == nil || d == filepath.Dir(d) {
			break
		}
		made = append(made, d)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return stateError(dir, reason(err))
	}
	for _, d := range made {
		if err := syncAbove(filepath.Dir(d), nil); err != nil {
			return stateError(dir, reason(err))
		}
	}
	return nil
}

// loadJournal returns nil where there is none.
func loadJournal(state *disk, name string) (*journal, error) {
	text, err := state.root.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	full := filepath.Join(state.root.Name(), name)
	if err != nil {
		return nil, &RefusedError{Path: full, Reason: "it can't be read: " + reason(err), Hint: "make it readable for the user who runs djharden"}
	}
	j, err := decodeJournal(text)
	if err != nil {
		return nil, &RefusedError{Path: full, Reason: "djharden's own record can't be used: " + err.Error(), Hint: "look the project over (git status), then remove that file"}
	}
	return j, nil
}

// readPID says who holds the lock; 0 when that isn't known.
func readPID(state *disk) int {
	text, err := state.root.ReadFile(lockFile)
	if err != nil {
		return 0
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		return 0
	}
	return pid
}
