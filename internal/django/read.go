package django

import (
	"bytes"
	"errors"
	"io/fs"
	"path"
	"regexp"
	"sort"
	"strings"

	"github.com/djharden/djharden/internal/pysrc"
)

// Limits of the walk: a project has far less, a data folder by mistake more.
const (
	maxDepth    = 12
	maxFiles    = 20000
	maxFileSize = 1 << 20
)

// Read says what the folder holds. It runs nothing, follows no symbolic link
// and reads no virtual environment. module is the settings module that the
// user named (--settings); "" finds it from manage.py. A project that can't be
// adopted is a *Refusal; any other error is the file system's.
func Read(fsys fs.FS, module string) (*Project, error) {
	t, err := walk(fsys)
	if err != nil {
		return nil, err
	}
	p := &Project{Files: map[string][]byte{}}
	for _, name := range rootFiles {
		if t.files[name] {
			if p.Files[name], err = t.read(name); err != nil {
				return nil, err
			}
		}
	}
	for _, name := range []string{".dockerignore", ".env", ".env.example", ".gitignore"} {
		if bytes.IndexByte(p.Files[name], 0) >= 0 { // lines added to it would be read by nobody
			return nil, &Refusal{Path: name, Reason: "is written in UTF-16", Manual: "Save it as UTF-8: nothing else reads it as it is, git neither."}
		}
	}
	_, p.HasEnv = p.Files[".env"]
	if _, ok := p.Files["djharden.toml"]; ok {
		p.Kind = Made
		return p, p.made(t, module)
	}
	var manage []string
	for name := range t.files {
		if path.Base(name) == "manage.py" {
			manage = append(manage, name)
		}
	}
	sort.Strings(manage)
	switch {
	case len(manage) == 0:
		return p, t.unmanaged()
	case manage[0] != "manage.py" && len(manage) == 1:
		return nil, &Refusal{Path: manage[0], Reason: "manage.py is in a folder below", Manual: "Run djharden init " + path.Dir(manage[0]) + "."}
	case len(manage) > 1:
		return nil, &Refusal{Reason: "several manage.py: " + strings.Join(manage, ", "), Manual: "Run djharden init in the folder of one of them that holds no other."}
	}
	p.Kind = Single
	if err := p.single(t, module); err != nil {
		return nil, err
	}
	return p, nil
}

// unmanaged refuses a folder that holds a project's settings and no manage.py:
// a new project would stand beside the one that is there.
func (t *tree) unmanaged() error {
	for _, name := range t.sorted() {
		if path.Ext(name) != ".py" || !strings.Contains(name, "settings") {
			continue
		}
		src, err := t.read(name)
		if err == nil && setsApps.Match(src) && setsURLs.Match(src) {
			return &Refusal{Path: name, Reason: "these are the settings of a Django project that has no manage.py", Manual: "Put a manage.py that names them into the folder that holds their package, as django-admin startproject writes it, and run djharden init there."}
		}
	}
	return nil
}

var (
	setsApps = regexp.MustCompile(`(?m)^INSTALLED_APPS\s*=`)
	setsURLs = regexp.MustCompile(`(?m)^ROOT_URLCONF\s*=`)
)

// rootFiles are read from the root whatever the folder is.
var rootFiles = []string{
	".dockerignore", ".env", ".env.example", ".gitignore", "DEPLOYMENT.md", "Dockerfile", "README.md", "djharden.toml",
	"requirements-dev.txt", "requirements.txt",
}

// tree is the list of a folder's regular files, by slash path.
type tree struct {
	fsys  fs.FS
	files map[string]bool
	dirs  map[string]bool
	links map[string]bool // symbolic links: not followed
	list  []string        // files, sorted
}

func walk(fsys fs.FS) (*tree, error) {
	t := &tree{fsys: fsys, files: map[string]bool{}, dirs: map[string]bool{}, links: map[string]bool{}}
	err := fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			if name == "." && errors.Is(err, fs.ErrNotExist) {
				return fs.SkipAll // the folder is to be made
			}
			return err
		}
		if d.IsDir() {
			if name != "." && (skipDir(fsys, name, d.Name()) || strings.Count(name, "/") >= maxDepth) {
				return fs.SkipDir
			}
			t.dirs[name] = true
			return nil
		}
		if !d.Type().IsRegular() {
			t.links[name] = d.Type()&fs.ModeSymlink != 0
			return nil
		}
		if len(t.files) == maxFiles {
			return &Refusal{Reason: "the folder holds over 20,000 files", Manual: "Run djharden init in the folder that holds manage.py."}
		}
		t.files[name] = true
		return nil
	})
	return t, err
}

func skipDir(fsys fs.FS, name, base string) bool {
	switch base {
	case "node_modules", "__pycache__", "site-packages":
		return true
	}
	if strings.HasPrefix(base, ".") {
		return true
	}
	_, err := fs.Stat(fsys, path.Join(name, "pyvenv.cfg"))
	return err == nil
}

// link refuses a symbolic link where a file has to be moved or edited.
func (t *tree) link(name string) error {
	if t.links[name] {
		return &Refusal{Path: name, Reason: "is a symbolic link", Manual: "Put the file itself there: what a link leads to is not followed."}
	}
	return nil
}

func (t *tree) read(name string) ([]byte, error) {
	info, err := fs.Stat(t.fsys, name)
	if err != nil {
		return nil, err
	}
	if info.Size() > maxFileSize {
		return nil, &Refusal{Path: name, Reason: "the file is over 1 MB", Manual: "Move it away, or shorten it."}
	}
	return fs.ReadFile(t.fsys, name)
}

// parseError is the line of a reader's error, and what it says.
func parseError(err error) (int, string) {
	var e *pysrc.Error
	if errors.As(err, &e) {
		return e.Line, e.Msg
	}
	return 0, err.Error()
}
