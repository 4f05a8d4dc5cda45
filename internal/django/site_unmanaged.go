package django

import (
	"path"
	"strings"
)

var urlconfIs = lazy(`(?m)^ROOT_URLCONF\s*=\s*['"]([\w.]+)['"]`)

// unmanaged finds the folder of a project from its wsgi.py, or from settings
// that name the root URLconf, where no manage.py tells it; and the module that
// the file names. The folder is "" when there is none.
func (ix *tally) unmanaged(file string) (dir, module string) {
	if sideShow(path.Dir(file)) {
		return "", ""
	}
	src := ix.read(file)
	switch base := path.Base(file); {
	case base == "wsgi.py" || base == "asgi.py":
		for _, e := range ix.at(path.Dir(file)).entry(file, true) {
			module = e.module
			break
		}
	case setsApps.Match(src):
		if m := urlconfIs().FindSubmatch(src); m != nil {
			module = string(m[1])
		}
	}
	if module == "" {
		return "", ""
	}
	dir = ix.upward(file, func(dir string) bool { return ix.at(dir).fileOf(module) != "" })
	if _, rest, ok := strings.Cut(module, "."); dir == "" && ok { // the folder itself is the package
		dir = ix.upward(file, func(dir string) bool {
			return ix.isFile(path.Join(dir, "__init__.py")) && ix.at(dir).fileOf(rest) != ""
		})
	}
	return dir, module
}

// at is the search in a folder.
func (ix *tally) at(dir string) *choice {
	c := &choice{ix: ix, dir: dir, path: []string{dir}, own: ix.owned[dir]}
	if c.own == nil {
		c.own = &listed{}
	}
	return c
}

// upward is the nearest folder over a file that is right, "" for none.
func (ix *tally) upward(file string, right func(dir string) bool) string {
	for dir := path.Dir(file); ; dir = path.Dir(dir) {
		if right(dir) {
			return dir
		}
		if dir == "." {
			return ""
		}
	}
}

// runs reports whether the manage.py of a folder names a module of the same
// package.
func (ix *tally) runs(dir, module string) bool {
	pkg, _, _ := strings.Cut(module, ".")
	c := ix.at(dir)
	for _, e := range c.entry(path.Join(dir, "manage.py"), false) {
		if p, _, _ := strings.Cut(e.module, "."); p == pkg {
			return true
		}
	}
	return c.fileOf(module) != ""
}
