package django

import (
	"bytes"
	"path"
	"slices"
	"strings"
)

// choice is the search for the settings module of one project.
type choice struct {
	ix       *tally
	own      *listed
	dir      string
	path     []string
	pkg      string // see Site.Package
	manage   string
	named    []naming // by manage.py, wsgi.py, asgi.py
	template bool     // the names have still to be filled in: a project template
	list     []*candidate
	src      map[string][]byte
}

// candidate is a module that may be the settings.
type candidate struct {
	module, file string
	reason       string
}

func (c *choice) read(name string) []byte {
	if src, ok := c.src[name]; ok {
		return src
	}
	if c.src == nil {
		c.src = map[string][]byte{}
	}
	src := c.ix.read(name)
	c.src[name] = src
	return src
}

// fileOf finds a module's file as Python would: a package before a module of
// the same name.
func (c *choice) fileOf(module string) string {
	if module == "" || strings.HasPrefix(module, ".") {
		return ""
	}
	rel := strings.ReplaceAll(module, ".", "/")
	for _, p := range c.path {
		base := path.Join(p, rel)
		if c.ix.dirs[base] != nil && c.ix.isFile(base+"/__init__.py") {
			return base + "/__init__.py"
		}
		if c.ix.isFile(base + ".py") {
			return base + ".py"
		}
	}
	return ""
}

// resolve finds a settings module on the path; else in a folder that the path
// should have named (a src folder, a PYTHONPATH); else in the project's folder
// as the package itself.
func (c *choice) resolve(module string) *candidate {
	if file := c.fileOf(module); file != "" {
		return &candidate{module: module, file: file}
	}
	rel := strings.ReplaceAll(module, ".", "/")
	for _, f := range c.own.configs {
		for _, end := range []string{rel + ".py", rel + "/__init__.py"} {
			if p, ok := strings.CutSuffix(f, "/"+end); ok {
				c.addPath(p)
				return &candidate{module: module, file: f}
			}
		}
	}
	first, rest, dotted := strings.Cut(module, ".")
	if dotted && c.ix.isFile(path.Join(c.dir, "__init__.py")) {
		if file := c.fileOf(rest); file != "" {
			c.pkg = first
			return &candidate{module: rest, file: file}
		}
	}
	return nil
}

func (c *choice) addPath(dir string) {
	if c.ix.dirs[dir] != nil && !slices.Contains(c.path, dir) {
		c.path = append(c.path, dir)
	}
}

// collect lists the settings modules beside those that are named; where none
// is, those that the project holds.
func (c *choice) collect() {
	found := false
	for _, e := range c.named {
		if m := c.resolve(e.module); m != nil {
			found = true
			c.add(m)
			c.siblings(m)
		}
	}
	if found {
		return
	}
	for _, f := range c.own.configs {
		if !sideShow(strings.TrimPrefix(path.Dir(f), c.dir)) && c.stands(f) {
			c.add(&candidate{module: c.moduleOf(f), file: f})
		}
	}
}

func (c *choice) add(m *candidate) {
	if !slices.ContainsFunc(c.list, func(o *candidate) bool { return o.file == m.file }) {
		c.list = append(c.list, m)
	}
}

// moduleOf is the dotted name of a file below the path.
func (c *choice) moduleOf(file string) string {
	rel := file
	for _, p := range c.path {
		if p != "." && within(file, p) {
			rel = file[len(p)+1:]
			break
		}
	}
	rel = strings.TrimSuffix(strings.TrimSuffix(rel, ".py"), "/__init__")
	return strings.ReplaceAll(rel, "/", ".")
}

// siblings adds the settings modules beside a module: in its folder, in the
// package of its own name, and, where their names say production, a folder
// further down.
func (c *choice) siblings(m *candidate) {
	dir := path.Dir(m.file)
	base := m.module[:max(strings.LastIndexByte(m.module, '.'), 0)]
	flat := !settingsFolder(path.Base(dir)) && path.Base(m.file) != "__init__.py" && (flatSettings(path.Base(m.file)) || forProduction(m.module) < 0)
	if path.Base(m.file) == "__init__.py" {
		base = m.module
	}
	f := c.ix.dirs[dir]
	if f == nil {
		return
	}
	for _, name := range f.sub {
		if sub := path.Join(dir, name); !flat || settingsFolder(name) {
			c.deeper(sub, base, flat)
		}
	}
	for _, name := range f.py {
		stem, file := strings.TrimSuffix(name, ".py"), path.Join(dir, name)
		switch {
		case file == m.file || strings.ContainsRune(stem, '.') || notSettings[stem]:
		case flat && !flatSettings(name) && forProduction(stem) < 0:
		case c.likely(stem, file):
			c.add(&candidate{module: dotted(base, stem), file: file})
		}
	}
}

// likely reports whether a module can be the settings. What is named for
// development, or as a base, isn't read to know: a part of the production
// settings is the trap.
func (c *choice) likely(stem, file string) bool {
	return forDevelopment(stem) || hasWord(stem, baseWords) || c.stands(file)
}

// notSettings are modules that stand beside the settings in a project's package.
var notSettings = map[string]bool{"__init__": true, "__main__": true, "asgi": true, "celery": true, "celery_app": true, "manage": true, "urls": true, "wsgi": true, "routing": true, "views": true}

func dotted(base, name string) string {
	if base == "" {
		return name
	}
	return base + "." + name
}

func (c *choice) deeper(dir, base string, all bool) {
	f := c.ix.dirs[dir]
	if f == nil {
		return
	}
	for _, name := range f.py {
		stem, file := strings.TrimSuffix(name, ".py"), path.Join(dir, name)
		if !strings.ContainsRune(stem, '.') && !notSettings[stem] && (all || forProduction(stem) >= 0) && c.likely(stem, file) {
			c.add(&candidate{module: dotted(dotted(base, path.Base(dir)), stem), file: file})
		}
	}
}

var (
	starImport  = lazy(`(?m)^[ \t]*from[ \t]+(\.*[\w.]*)[ \t]+import[ \t]+\(?[ \t]*\*`)
	setsRoots   = lazy(`(?m)^(?:INSTALLED_APPS|ROOT_URLCONF)\b\s*(?::[^=\n]*)?\+?=`)
	settingsCls = lazy(`(?m)^class[ \t]+\w+\([\w., \t]*\):`)
	debugOff    = lazy(`(?m)^DEBUG\b\s*(?::[^=\n]*)?=\s*False\b`)
	loadsOthers = lazy(`(?m)^\s*(?:include\(|\w[\w.]*\.load_settings\()`)
)

// stands reports whether a module can be the settings by itself: not one that
// another includes, nor a helper.
func (c *choice) stands(file string) bool {
	src := c.read(file)
	if says(src, "INSTALLED_APPS", "ROOT_URLCONF") && setsRoots().Match(src) || says(src, "include(", "load_settings(") && loadsOthers().Match(src) {
		return true
	}
	for _, m := range stars(src) {
		if bytes.HasPrefix(m[1], []byte(".")) || c.fileOf(string(m[1])) != "" {
			return true
		}
	}
	return says(src, "onfiguration") && settingsCls().Match(src)
}

// says reports whether a file holds one of some words: a regular expression
// over a file that doesn't takes a hundred times as long.
func says(src []byte, words ...string) bool {
	return slices.ContainsFunc(words, func(w string) bool { return bytes.Contains(src, []byte(w)) })
}

// stars are the matches of starImport.
func stars(src []byte) [][][]byte {
	if !says(src, "import *", "import\t*", "import(", "import (", "import  ") {
		return nil
	}
	return starImport().FindAllSubmatch(src, -1)
}

// pick chooses the production module.
func (c *choice) pick() *candidate {
	if m := c.byName(); m != nil {
		return m
	}
	if len(c.list) > 1 {
		if m := c.byDeploy(); m != nil {
			m.reason = m.reason + " names it"
			return m
		}
	}
	if m := c.byNaming(true, true); m != nil {
		return m
	}
	for _, m := range c.list {
		src := c.read(m.file)
		if !forDevelopment(m.module) && says(src, "DEBUG") && debugOff().Match(src) && len(stars(src)) > 0 {
			m.reason = "it imports the others and turns DEBUG off"
			return m
		}
	}
	if m := c.byNaming(false, true); m != nil {
		return m
	}
	for _, words := range [][]string{baseWords, {"settings"}, nil} {
		for _, m := range c.list {
			if c.stands(m.file) && !forDevelopment(m.module) && (words == nil || hasWord(m.module, words)) {
				m.reason = "nothing names a settings module, and this holds one"
				if len(c.named) > 0 {
					m.reason = "what " + c.named[0].file + " names sets nothing, and this does"
				}
				return m
			}
		}
	}
	if m := c.byNaming(true, false); m != nil {
		return m
	}
	return c.byNaming(false, false)
}

// byNaming is the candidate that a server's file names, or manage.py does;
// stands asks for one that sets something.
func (c *choice) byNaming(serves, stands bool) *candidate {
	for _, e := range c.named {
		if e.serves != serves {
			continue
		}
		if m := c.listed(e.module); m != nil && (!stands || c.stands(m.file)) {
			m.reason = e.file + " names it"
			return m
		}
	}
	return nil
}

// listed is the candidate that a module's name leads to.
func (c *choice) listed(module string) *candidate {
	if module == "" {
		return nil
	}
	m := c.resolve(module)
	if m == nil {
		return nil
	}
	for _, o := range c.list {
		if o.file == m.file {
			return o
		}
	}
	return nil
}

// byName is the candidate that is named for production. Of several, the one
// that a server or a deployment names, else the plainest name.
func (c *choice) byName() *candidate {
	var found []*candidate
	for _, m := range c.list {
		if forProduction(m.module) >= 0 && (c.stands(m.file) || c.serves(m)) {
			found = append(found, m)
		}
	}
	if len(found) == 0 {
		return nil
	}
	slices.SortStableFunc(found, func(a, b *candidate) int { return forProduction(a.module) - forProduction(b.module) })
	best := found[0]
	if len(found) > 1 {
		for _, m := range found {
			if c.serves(m) {
				m.reason = "it is named for production, and the server loads it"
				return m
			}
		}
		if m := c.byDeploy(); m != nil && slices.Contains(found, m) {
			m.reason = "it is named for production, and " + m.reason + " names it"
			return m
		}
	}
	if over := c.importedBy(best); over != nil {
		return over
	}
	best.reason = "it is named for production"
	return best
}

// serves reports whether wsgi.py or asgi.py name a module.
func (c *choice) serves(m *candidate) bool {
	return slices.ContainsFunc(c.named, func(e naming) bool { return e.serves && e.module == m.module })
}

// importedBy is the package that a server loads where it imports m whatever
// the environment says: it may change what m says.
func (c *choice) importedBy(m *candidate) *candidate {
	for _, e := range c.named {
		o := c.listed(e.module)
		if o == nil || !e.serves || o == m || path.Base(o.file) != "__init__.py" {
			continue
		}
		for _, s := range stars(c.read(o.file)) {
			from := string(s[1])
			plain := s[0][0] == 'f' || s[0][0] == '\n' && s[0][1] == 'f'
			if plain && (from == m.module || "."+from == m.module || o.module+from == m.module) {
				o.reason = e.file + " names it, and it imports " + m.module
				return o
			}
		}
	}
	return nil
}

func (c *choice) others(m *candidate) []string {
	var out []string
	for _, o := range c.list {
		if o.file != m.file {
			out = append(out, o.module)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
