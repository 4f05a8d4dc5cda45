package django

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"runtime"
	"slices"
	"strings"
	"sync"
)

// Limits of the search for projects: a monorepo has far less, a disk by
// mistake more.
const (
	maxEntries = 2_000_000
	maxLevels  = 40
)

// tally is what the search for projects notes of a tree: names, no contents.
type tally struct {
	fsys    fs.FS
	dirs    map[string]*folder // every folder that was looked into
	manages []string           // manage.py
	all     listed
	roots   map[string]bool    // folders of projects
	owned   map[string]*listed // of all, by the project they are of; "" for none
	sources map[string][]byte  // of manage.py, which are read to know the projects

	mu     sync.Mutex // of the above while the tree is walked
	seen   int
	err    error
	wait   sync.WaitGroup
	others chan struct{} // walkers beside the first
}

// folder lists the Python files and the folders right in a folder.
type folder struct{ py, sub []string }

// listed are the files that may tell the settings module.
type listed struct {
	servers []string // wsgi.py and asgi.py
	configs []string // settings modules, by name
	deploys []string // files that start a server
}

// index walks a tree.
func index(fsys fs.FS) (*tally, error) {
	ix := &tally{fsys: fsys, dirs: map[string]*folder{}, roots: map[string]bool{}, sources: map[string][]byte{}}
	ix.others = make(chan struct{}, runtime.GOMAXPROCS(0)-1)
	ix.walk(".", nil, 0)
	ix.wait.Wait()
	for _, l := range []*[]string{&ix.manages, &ix.all.servers, &ix.all.configs, &ix.all.deploys} {
		slices.Sort(*l)
	}
	return ix, ix.err
}

// walk notes a folder and what is below it. The first error ends the walk.
func (ix *tally) walk(dir string, ignore *ignores, level int) {
	list, err := fs.ReadDir(ix.fsys, dir)
	if dir != "." && errors.Is(err, fs.ErrPermission) { // a database's data: nobody serves from there
		return
	}
	if err == nil && has(list, ".gitignore") {
		ignore = ignore.read(ix.fsys, dir)
	}
	if err == nil && level > maxLevels {
		err = &Refusal{Path: dir, Reason: fmt.Sprintf("is more than %d folders deep", maxLevels), Manual: "Name the folder that holds the projects, or let .gitignore name what is generated."}
	}
	if has(list, "pyvenv.cfg") && dir != "." {
		return
	}
	f := &folder{}
	if !ix.noteAll(dir, list, f, err) {
		return
	}
	for _, name := range f.sub {
		sub := path.Join(dir, name)
		if ignore.matches(sub) {
			continue
		}
		select {
		case ix.others <- struct{}{}:
			ix.wait.Go(func() {
				ix.walk(sub, ignore, level+1)
				<-ix.others
			})
		default:
			ix.walk(sub, ignore, level+1)
		}
	}
}

// noteAll notes the files of a folder, and its folders in f; false: the walk
// ends.
func (ix *tally) noteAll(dir string, list []fs.DirEntry, f *folder, err error) bool {
	ix.mu.Lock()
	defer ix.mu.Unlock()
	ix.seen += len(list)
	if err == nil && ix.seen > maxEntries {
		err = &Refusal{Path: dir, Reason: fmt.Sprintf("the folder holds over %d files", maxEntries), Manual: "Name the folder that holds the projects."}
	}
	if ix.err == nil {
		ix.err = err
	}
	if ix.err != nil {
		return false
	}
	ix.dirs[dir] = f
	for _, d := range list {
		switch name := d.Name(); {
		case d.IsDir() && !passedOver(name, dir):
			f.sub = append(f.sub, name)
		case d.Type().IsRegular():
			if path.Ext(name) == ".py" {
				f.py = append(f.py, name)
			}
			ix.note(dir, name)
		}
	}
	return true
}

func has(list []fs.DirEntry, name string) bool {
	_, ok := slices.BinarySearchFunc(list, name, func(d fs.DirEntry, name string) int { return strings.Compare(d.Name(), name) })
	return ok
}

// passedOver tells the folders that hold other people's code, or copies.
func passedOver(name, dir string) bool {
	switch name {
	case "__pycache__", "bower_components", "build", "dist", "node_modules", "site-packages":
		return true
	case "fixtures", "locale", "migrations", "static", "staticfiles", "templates": // of an app: many files, no settings
		return true
	}
	if strings.HasPrefix(name, ".") || strings.ContainsAny(name, "{}") { // {{ cookiecutter.slug }}
		return true
	}
	// A virtual environment without its pyvenv.cfg: lib_env/lib/python3.8.
	return strings.HasPrefix(name, "python") && strings.EqualFold(path.Base(dir), "lib")
}

// note keeps the names that may matter.
func (ix *tally) note(dir, name string) {
	full := path.Join(dir, name)
	switch {
	case name == "manage.py":
		ix.manages = append(ix.manages, full)
	case name == "wsgi.py" || name == "asgi.py":
		ix.all.servers = append(ix.all.servers, full)
	case path.Ext(name) == ".py" && strings.Count(name, ".") == 1: // production.example.py is no module
		if flatSettings(name) || settingsFolder(path.Base(dir)) {
			ix.all.configs = append(ix.all.configs, full)
		}
	}
	if deployFile(dir, name) {
		ix.all.deploys = append(ix.all.deploys, full)
	}
}

// settingsFolder tells the usual names of a folder of settings modules.
func settingsFolder(base string) bool {
	return base == "settings" || base == "conf" || base == "config" || strings.HasSuffix(base, "_settings")
}

// flatSettings tells the usual names of settings modules outside such a folder.
func flatSettings(name string) bool {
	stem, ok := strings.CutSuffix(name, ".py")
	return ok && (strings.HasPrefix(stem, "settings") || strings.HasSuffix(stem, "settings"))
}

// maxSource is the largest file that the search reads: what tells a settings
// module stands at a file's beginning, and nobody writes 16 MB by hand.
const maxSource = 16 << 20

// read is the source of a regular file, nil where there is none. What can't be
// read says nothing: the caller looks for the next.
func (ix *tally) read(name string) []byte {
	if src, ok := ix.sources[name]; ok {
		return src
	}
	if path.Ext(name) == ".py" && !ix.isFile(name) {
		return nil
	}
	src, _ := readSource(ix.fsys, name)
	return src
}

// isFile reports whether name is a regular Python file in a folder that was
// looked into: not below a symbolic link, not in a virtual environment.
func (ix *tally) isFile(name string) bool {
	f := ix.dirs[path.Dir(name)]
	if f == nil {
		return false
	}
	_, found := slices.BinarySearch(f.py, path.Base(name))
	return found
}

// projects are the folders of projects: those with a manage.py, and what
// stands for it where there is none.
func (ix *tally) projects() []string {
	for _, m := range ix.manages {
		if src := ix.read(m); djangoManage(src) {
			ix.roots[path.Dir(m)] = true
			ix.sources[m] = src
		}
	}
	for _, s := range ix.all.servers {
		over := ix.over(s)
		if over != "" && path.Dir(path.Dir(s)) == over {
			continue // as startproject lays it out
		}
		if dir, module := ix.unmanaged(s); dir != "" && (over == "" || dir != over && !ix.runs(over, module)) {
			ix.roots[dir] = true
		}
	}
	for _, f := range ix.all.configs {
		if ix.over(f) == "" {
			if dir, _ := ix.unmanaged(f); dir != "" {
				ix.roots[dir] = true
			}
		}
	}
	ix.owned = map[string]*listed{"": {}}
	for dir := range ix.roots {
		ix.owned[dir] = &listed{}
	}
	for _, f := range ix.all.servers {
		o := ix.owned[ix.over(f)]
		o.servers = append(o.servers, f)
	}
	for _, f := range ix.all.configs {
		o := ix.owned[ix.over(f)]
		o.configs = append(o.configs, f)
	}
	for _, f := range ix.all.deploys {
		o := ix.owned[ix.over(f)]
		o.deploys = append(o.deploys, f)
	}
	return slices.Sorted(maps.Keys(ix.roots))
}

// over is the innermost project that a file is below, "" for none.
func (ix *tally) over(name string) string {
	for dir := path.Dir(name); ; dir = path.Dir(dir) {
		if ix.roots[dir] {
			return dir
		}
		if dir == "." {
			return ""
		}
	}
}

// djangoManage tells Django's manage.py from others of the name.
func djangoManage(src []byte) bool {
	s := string(src)
	return strings.Contains(s, settingsVar) || strings.Contains(s, "execute_from_command_line") || strings.Contains(s, "django") || delegates().Match(src)
}
