package django

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"sort"
	"strings"

	"github.com/djharden/djharden/internal/pysrc"
)

// Entry is a file that names the settings module for a process.
type Entry struct {
	Path  string
	Dev   bool        // manage.py: development; the others serve
	Node  *pysrc.Node // the string literal
	Src   *pysrc.Module
	Value string
}

const settingsVar = "DJANGO_SETTINGS_MODULE"

// single reads a project with one manage.py at the root and one settings.py.
func (p *Project) single(t *tree, module string) error {
	manage, err := p.entry(t, "manage.py")
	if err != nil {
		return err
	}
	named := module != ""
	if !named {
		module = manage.Value
	}
	if err := p.locate(t, module); err != nil {
		return err
	}
	if err := p.siblings(t, named); err != nil {
		return err
	}
	manage.Dev = true
	p.Entries = []*Entry{manage}
	if err := p.servers(t); err != nil {
		return err
	}
	if err := p.values(t); err != nil {
		return err
	}
	if err := p.readURLs(t); err != nil {
		return err
	}
	if err := p.readDeps(t); err != nil {
		return err
	}
	// Last: nobody should edit code for a version that is refused anyway.
	if err := p.importers(t); err != nil {
		return err
	}
	p.mentions(t)
	return nil
}

// file reads a file once and keeps it in Files.
func (p *Project) file(t *tree, name string) ([]byte, error) {
	if b, ok := p.Files[name]; ok {
		return b, nil
	}
	b, err := t.read(name)
	if err == nil {
		p.Files[name] = b
	}
	return b, err
}

// entry finds the one place where a file names the settings module.
func (p *Project) entry(t *tree, name string) (*Entry, error) {
	src, err := p.file(t, name)
	if err != nil {
		return nil, err
	}
	m, err := parse(name, src)
	if err != nil {
		return nil, err
	}
	sc := NewScope(m)
	e := &Entry{Path: name, Src: m}
	var bad *Refusal
	see := func(value *pysrc.Node) {
		s, ok := m.StrValue(value)
		line := Line(src, value.S)
		switch {
		case !ok:
			bad = &Refusal{Path: name, Line: line, Reason: settingsVar + " is computed", Manual: "Write the settings module as one plain string."}
		case e.Node != nil && e.Value != s:
			bad = &Refusal{Path: name, Line: line, Reason: "several settings modules: " + e.Value + " and " + s, Manual: "Adopting several settings modules isn't there yet: keep one, and put its lines into one settings.py."}
		case e.Node == nil:
			e.Node, e.Value = value, s
		}
	}
	pysrc.Walk(m.Stmts, func(s *pysrc.Stmt) {
		if s.Kind == pysrc.SAssign && s.Targets[0].Kind == pysrc.Sub && sc.Resolve(s.Targets[0].Kids[0]) == "os.environ" {
			if key, _ := m.StrValue(s.Targets[0].Kids[1]); key == settingsVar {
				see(s.Value)
			}
		}
	}, func(n *pysrc.Node) {
		if n.Kind == pysrc.Call && len(n.Kids) == 3 && sc.Resolve(n.Kids[0]) == "os.environ.setdefault" {
			if key, _ := m.StrValue(n.Kids[1]); key == settingsVar {
				see(n.Kids[2])
			}
		}
	})
	if bad != nil {
		return nil, bad
	}
	if e.Node == nil {
		return nil, &Refusal{Path: name, Reason: "names no settings module", Manual: "Add os.environ.setdefault('" + settingsVar + "', '<package>.settings') as django-admin startproject writes it."}
	}
	return e, nil
}

var dottedName = regexp.MustCompile(`^[A-Za-z_]\w*(\.[A-Za-z_]\w*)*$`)

// locate finds the file of the settings module.
func (p *Project) locate(t *tree, module string) error {
	if !dottedName.MatchString(module) {
		return &Refusal{Path: "manage.py", Reason: fmt.Sprintf("%q is no module name", module), Manual: "Name the settings module as package.settings."}
	}
	file := strings.ReplaceAll(module, ".", "/") + ".py"
	dir := strings.TrimSuffix(file, ".py")
	if err := t.link(file); err != nil {
		return err
	}
	switch {
	case t.dirs[dir] && t.files[dir+"/__init__.py"]:
		return &Refusal{Path: dir, Reason: "the settings are a package already", Manual: "Adopting a settings package isn't there yet: put its modules into one settings.py."}
	case !t.files[file]:
		return &Refusal{Path: "manage.py", Reason: "the settings module " + module + " isn't at " + file, Manual: "Run djharden init in the folder that holds manage.py and the package, or name the module with --settings."}
	case !strings.Contains(module, "."):
		return &Refusal{Path: file, Reason: "the settings module isn't in a package", Manual: "Move settings.py, urls.py and wsgi.py into a package as django-admin startproject lays them out."}
	}
	if strings.Contains(path.Dir(path.Dir(file)), "settings") || path.Base(path.Dir(file)) == "settings" {
		return &Refusal{Path: path.Dir(file), Reason: "the settings are a package already", Manual: "Adopting a settings package isn't there yet: put its modules into one settings.py."}
	}
	if t.dirs[dir] {
		return &Refusal{Path: dir, Reason: "a folder stands where the settings package would go", Manual: "Rename it."}
	}
	p.Module, p.Path = module, file
	p.Package = module[:strings.LastIndexByte(module, '.')]
	p.Dir = path.Dir(file)
	p.Name = path.Base(p.Dir)
	return nil
}

var holdsSettings = regexp.MustCompile(`(?m)^\s*(from\s+\S+\s+import\s+\*|(DEBUG|SECRET_KEY|ALLOWED_HOSTS|DATABASES|INSTALLED_APPS|MIDDLEWARE)\b.*=)`)

var otherSettings = regexp.MustCompile(`^(settings_\w+|\w+_settings|local_?settings|settings\w+)\.py$`)

// siblings refuses a second settings module beside the first; named says that
// the user chose.
func (p *Project) siblings(t *tree, named bool) error {
	if named {
		return nil
	}
	for _, name := range t.sorted() {
		if d := path.Dir(name); d != p.Dir && d != "." || !otherSettings.MatchString(path.Base(name)) {
			continue
		}
		if src, err := t.read(name); err == nil && holdsSettings.Match(src) {
			return &Refusal{Path: name, Reason: "several settings modules: " + path.Base(name) + " beside " + p.Path, Manual: "Put what production needs of it into " + p.Path + " and move it away, or name the module to adopt with --settings."}
		}
	}
	return nil
}

// servers finds wsgi.py, asgi.py and celery.py.
func (p *Project) servers(t *tree) error {
	for _, name := range t.sorted() {
		switch path.Base(name) {
		case "wsgi.py", "asgi.py", "celery.py", "celery_app.py":
		default:
			continue
		}
		src, err := p.file(t, name)
		if err != nil {
			return err
		}
		if !strings.Contains(string(src), settingsVar) {
			continue
		}
		e, err := p.entry(t, name)
		if r, ok := err.(*Refusal); ok && strings.Contains(r.Reason, "names no settings") {
			continue
		}
		if err != nil {
			return err
		}
		if e.Value != p.Module {
			return &Refusal{Path: name, Line: Line(src, e.Node.S), Reason: "several settings modules: it names " + e.Value + ", not " + p.Module, Manual: "Make it name " + p.Module + ", or adopt the other module with --settings."}
		}
		p.Entries = append(p.Entries, e)
	}
	return nil
}

var importLine = regexp.MustCompile(`(?m)^[ \t]*(?:from[ \t]+[.\w]+[ \t]+import|import)\b.*$`)

// importers refuses code that imports the settings module itself: it becomes
// a package that refuses to be the settings.
func (p *Project) importers(t *tree) error {
	last := p.Module[strings.LastIndexByte(p.Module, '.')+1:]
	for _, name := range t.sorted() {
		if path.Ext(name) != ".py" || name == p.Path {
			continue
		}
		src, err := t.read(name)
		if err != nil || !strings.Contains(string(src), last) || !importLine.Match(src) {
			continue
		}
		m, err := pysrc.Parse(src)
		if err != nil {
			continue
		}
		var bad *Refusal
		pysrc.Walk(m.Stmts, func(s *pysrc.Stmt) {
			if bad == nil && importsModule(name, s, p.Package, p.Module, last) {
				bad = &Refusal{Path: name, Line: Line(src, s.S), Reason: "imports the settings module itself, which becomes a package", Manual: "Write from django.conf import settings there, and settings.NAME where it uses one."}
			}
		}, func(*pysrc.Node) {})
		if bad != nil {
			return bad
		}
	}
	return nil
}

func importsModule(file string, s *pysrc.Stmt, pkg, module, last string) bool {
	switch s.Kind {
	case pysrc.SImport:
		return slices.ContainsFunc(s.Names, func(a pysrc.Alias) bool {
			return a.Name == module || strings.HasPrefix(a.Name, module+".")
		})
	case pysrc.SFrom:
		from := absolute(file, s.Module)
		if from == module {
			return true
		}
		return from == pkg && slices.ContainsFunc(s.Names, func(a pysrc.Alias) bool { return a.Name == last })
	}
	return false
}

// absolute resolves the dots of a relative import in a file.
func absolute(file, module string) string {
	rest := strings.TrimLeft(module, ".")
	dots := len(module) - len(rest)
	if dots == 0 {
		return module
	}
	dir := path.Dir(file)
	for ; dots > 1; dots-- {
		dir = path.Dir(dir)
	}
	base := strings.ReplaceAll(dir, "/", ".")
	if base == "." || dir == "." {
		base = ""
	}
	return strings.Trim(base+"."+rest, ".")
}

func (t *tree) sorted() []string {
	if t.list == nil {
		for name := range t.files {
			t.list = append(t.list, name)
		}
		sort.Strings(t.list)
	}
	return t.list
}
