package pyeval

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/djharden/djharden/internal/pysrc"
)

// standard are the modules of the standard library that settings import, and
// what is always there beside it.
var standard = wordSet(`abc argparse ast asyncio base64 binascii calendar codecs collections configparser contextlib copy csv
	dataclasses datetime decimal enum errno email fnmatch fractions functools getpass glob hashlib hmac html http importlib
	inspect io ipaddress itertools json locale logging math mimetypes multiprocessing netrc ntpath numbers operator os pathlib
	pickle pkgutil platform posixpath pprint queue random re secrets select shlex shutil signal site socket sqlite3 ssl stat
	string struct subprocess sys sysconfig tempfile textwrap threading time tomllib traceback types typing unittest urllib
	uuid warnings weakref xml zipfile zoneinfo __future__ builtins django`)

func wordSet(s string) map[string]bool {
	out := map[string]bool{}
	for _, w := range strings.Fields(s) {
		out[w] = true
	}
	return out
}

// file is the file of a module and whether it is a package; "" and true is a
// folder without __init__.py.
func (in *interp) file(name string) (file string, pkg, ok bool) {
	if f, seen := in.found[name]; seen {
		return f.file, f.pkg, f.ok
	}
	file, pkg, ok = in.look(name)
	if in.found == nil {
		in.found = map[string]located{}
	}
	in.found[name] = located{file, pkg, ok}
	return file, pkg, ok
}

// located is what file gives.
type located struct {
	file    string
	pkg, ok bool
}

func (in *interp) look(name string) (file string, pkg, ok bool) {
	if in.o.Package != "" && (name == in.o.Package || strings.HasPrefix(name, in.o.Package+".")) {
		name = strings.TrimPrefix(name[len(in.o.Package):], ".")
	}
	rel := strings.ReplaceAll(name, ".", "/")
	folder := false
	for _, dir := range in.o.Path {
		base := path.Join(dir, rel)
		if isFile(in.fs, base+"/__init__.py") {
			return base + "/__init__.py", true, true
		}
		if isFile(in.fs, base+".py") {
			return base + ".py", false, true
		}
		if info, err := fs.Stat(in.fs, base); err == nil && info.IsDir() {
			folder = true
		}
	}
	return "", true, folder
}

func isFile(fsys fs.FS, name string) bool {
	info, err := fs.Stat(fsys, name)
	return err == nil && info.Mode().IsRegular()
}

// source reads and parses a file, once.
func (in *interp) source(file string) (*Source, error) {
	if s := in.sources[file]; s != nil {
		return s, nil
	}
	info, err := fs.Stat(in.fs, file)
	if err != nil {
		return nil, err
	}
	if info.Size() > maxFile {
		return nil, fmt.Errorf("has %d bytes, more than the %d that are read", info.Size(), maxFile)
	}
	src, err := fs.ReadFile(in.fs, file)
	if err != nil {
		return nil, err
	}
	m, err := pysrc.Parse(src)
	if err != nil {
		return nil, err
	}
	s := &Source{Path: file, Mod: m}
	in.sources[file] = s
	return s, nil
}

// maxFile is the largest source file that is read: settings are far smaller.
const maxFile = 4 << 20

// load gives a module of the project, executed; nil where the project has none
// of that name.
func (in *interp) load(name string, at Place) *Module {
	if m := in.mods[name]; m != nil {
		return m
	}
	file, _, ok := in.file(name)
	if !ok {
		return nil
	}
	if i := strings.LastIndexByte(name, '.'); i > 0 {
		if in.load(name[:i], at) == nil {
			return nil
		}
		if m := in.mods[name]; m != nil { // its package imports it
			return m
		}
	}
	m := &Module{Name: name, ns: in.namespace()}
	m.ns.name = name
	in.mods[name] = m
	m.shut = in.urls != nil
	if file != "" {
		if m.shut = in.urls != nil && !in.urls.runs(in, file); !m.shut {
			in.execute(m, file, at)
		}
	}
	m.done = true
	if i := strings.LastIndexByte(name, '.'); i > 0 {
		parent := in.mods[name[:i]]
		parent.ns.vars[name[i+1:]] = &binding{v: in.object(at, m)}
	}
	return m
}

func (in *interp) execute(m *Module, file string, at Place) {
	if !slices.Contains(in.files, file) {
		in.files = append(in.files, file)
	}
	src, err := in.source(file)
	if err != nil {
		delete(in.mods, m.Name)
		var pe *fs.PathError
		if errors.As(err, &pe) {
			err = pe.Err
		}
		in.raise(at, "SyntaxError", file+" can't be read as Python: "+err.Error(), nil)
	}
	sc := &scope{ns: m.ns, mod: m, src: src}
	start := Place{Src: src}
	set := func(name string, v *Value) { m.ns.vars[name] = &binding{v: v} }
	set("__name__", in.str(start, m.Name))
	set("__file__", in.str(start, path.Join(in.o.Root, file)))
	pkg := m.Name
	if path.Base(file) != "__init__.py" {
		pkg = pkg[:max(0, strings.LastIndexByte(pkg, '.'))]
	}
	set("__package__", in.str(start, pkg))
	now, ctl, blame := in.now, in.ctl, in.blame
	in.module(src.Mod.Stmts, sc)
	in.now, in.ctl, in.blame = now, ctl, blame
}

// absolute is the full name of what an import names.
func (in *interp) absolute(module string, sc *scope) string {
	rest := strings.TrimLeft(module, ".")
	dots := len(module) - len(rest)
	if dots == 0 {
		return module
	}
	pkg := ""
	if b := sc.globals().vars["__package__"]; b != nil {
		pkg = b.v.S
	}
	for ; dots > 1; dots-- {
		pkg = pkg[:max(0, strings.LastIndexByte(pkg, '.'))]
	}
	if pkg == "" || rest == "" {
		return pkg + rest
	}
	return pkg + "." + rest
}

// imported is a module by its full name: the project's, or one of a package. nil
// means that the import fails and nobody catches it: that was noted.
func (in *interp) imported(name string, relative bool, at Place) *Module {
	if m := in.load(name, at); m != nil {
		return m
	}
	if in.urls != nil { // a view that isn't there yet is nothing to a route
		return &Module{Name: name}
	}
	top, _, _ := strings.Cut(name, ".")
	_, _, own := in.file(top)
	switch {
	case relative || own || in.missing[top]:
	case standard[top]:
		return &Module{Name: name}
	default:
		inst := Maybe
		if in.o.Installed != nil {
			inst = in.o.Installed(top)
		}
		if inst == No && !looksLocal(top) {
			inst = Maybe
		}
		if inst == Yes {
			return &Module{Name: name}
		}
		if inst == Maybe && !looksLocal(top) {
			if f := in.importFrame(); f != nil && f.maybe == "" {
				f.maybe = top
			}
			return &Module{Name: name}
		}
	}
	if in.handled("ModuleNotFoundError", nil) {
		in.raise(at, "ModuleNotFoundError", "No module named '"+name+"'", nil)
	}
	in.stop(at, "it imports "+name+", which isn't in the repository")
	return nil
}

// looksLocal tells a settings file that git ignores from a package.
func looksLocal(top string) bool {
	l := strings.ToLower(top)
	for _, w := range []string{"local", "settings", "secret", "credential"} {
		if strings.Contains(l, w) && !strings.HasPrefix(l, "split_settings") && !strings.HasPrefix(l, "pydantic") && !strings.HasPrefix(l, "django") {
			return true
		}
	}
	return l == "env" || l == "config" || l == "keys"
}

// importFrame is the innermost try that catches a failing import.
func (in *interp) importFrame() *tryFrame {
	for i := len(in.tries) - 1; i >= 0; i-- {
		if in.tries[i].matches("ModuleNotFoundError", nil) {
			return in.tries[i]
		}
	}
	return nil
}

// stop notes that the settings can't be read to their end. Reading goes on.
func (in *interp) stop(at Place, why string) {
	if in.stopped == nil {
		in.stopped = &Stop{At: at, Why: why}
	}
}

func (in *interp) importName(a pysrc.Alias, sc *scope, at Place) {
	m := in.imported(a.Name, false, at)
	local := a.Local(pysrc.SImport)
	if m == nil {
		in.assign(in.target(local, sc), local, in.unknown(at, Unknown, a.Name+" isn't in the repository"), at, "import")
		return
	}
	if a.As == "" {
		if top := in.mods[local]; top != nil {
			m = top
		} else if m.ns == nil {
			m = &Module{Name: local}
		}
	}
	in.assign(in.target(local, sc), local, in.object(at, m), at, "import")
}

func (in *interp) importFrom(s *pysrc.Stmt, sc *scope, at Place) {
	if s.Module == "__future__" {
		return
	}
	relative := strings.HasPrefix(s.Module, ".")
	name := in.absolute(s.Module, sc)
	m := in.imported(name, relative, at)
	for _, a := range s.Names {
		if a.Name == "*" {
			in.importStar(m, name, sc, at)
			continue
		}
		local := a.Local(pysrc.SFrom)
		to := in.target(local, sc)
		if m == nil {
			in.assign(to, local, in.unknown(at, Unknown, name+" isn't in the repository"), at, "import")
			continue
		}
		if m.ns != nil {
			if b := m.ns.vars[a.Name]; b != nil { // the place that set it goes along
				in.bind(to, local, &binding{v: in.decided(b.v), changes: b.changes, absent: b.absent})
				continue
			}
			if sub := in.load(m.Name+"."+a.Name, at); sub != nil {
				in.assign(to, local, in.object(at, sub), at, "import")
				continue
			}
			if m.ns.open == nil && !m.shut && in.handled("ImportError", nil) {
				in.raise(at, "ImportError", "cannot import name '"+a.Name+"' from '"+name+"'", nil)
			}
		}
		in.assign(to, local, in.attr(in.object(at, m), a.Name, at), at, "import")
	}
}

func (in *interp) importStar(m *Module, name string, sc *scope, at Place) {
	if m == nil {
		in.opened(sc.ns, at, name+" isn't in the repository")
		return
	}
	if m.ns == nil {
		found := false
		for n := range natives {
			if short, ok := strings.CutPrefix(n, name+"."); ok && !strings.Contains(short, ".") {
				in.assign(sc.ns, short, in.object(at, &Native{Name: n}), at, "import")
				found = true
			}
		}
		if !found && !standard[name] {
			in.opened(sc.ns, at, name+", of which everything is imported, isn't in the repository")
		}
		return
	}
	if m.shut {
		in.namesOf(m)
	}
	names := m.ns.order
	if all := m.ns.vars["__all__"]; all != nil && all.v.Known() {
		names = all.v.Strings()
	}
	if m.ns.open != nil && sc.ns.open == nil {
		sc.ns.open = m.ns.open
	}
	for _, n := range slices.Clone(names) {
		b := m.ns.vars[n]
		in.step(8)
		if b == nil || strings.HasPrefix(n, "_") && m.ns.vars["__all__"] == nil {
			continue
		}
		in.bind(sc.ns, n, &binding{v: in.decided(b.v), changes: b.changes, absent: b.absent})
	}
}
