package audit

import (
	"bytes"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/djharden/djharden/internal/pyeval"
	"github.com/djharden/djharden/internal/pysrc"
)

// Bounds on reading a project's own code to see whether a name is used in it.
const (
	maxCodeFiles = 8000
	maxCodeBytes = 48 << 20
	maxHops      = 6 // imports and bases followed
)

// class is a class of the project, as it is written.
type class struct {
	module string // dotted
	src    *pyeval.Source
	stmt   *pysrc.Stmt
	scope  *pysrc.Scope
}

// module reads a module of the project by its dotted name, once; nil: it has
// none.
func (p *Project) module(name string) (src *pyeval.Source, isPackage bool) {
	if known, ok := p.memo.modules[name]; ok {
		return known.src, known.isPackage
	}
	src, isPackage = p.parse(name)
	if p.memo.modules == nil {
		p.memo.modules = map[string]module{}
	}
	p.memo.modules[name] = module{src, isPackage}
	return src, isPackage
}

func (p *Project) parse(name string) (src *pyeval.Source, isPackage bool) {
	if p.Site == nil || name == "" {
		return nil, false
	}
	for _, dir := range p.Site.Path {
		stem := path.Join(dir, strings.ReplaceAll(name, ".", "/"))
		for i, file := range []string{stem + ".py", stem + "/__init__.py"} {
			text, err := fs.ReadFile(p.FS, file)
			if err != nil {
				continue
			}
			m, err := pysrc.Parse(text)
			if err != nil {
				return nil, false
			}
			return &pyeval.Source{Path: file, Mod: m}, i == 1
		}
	}
	return nil, false
}

// class finds a class by dotted path, through imports that pass it on; nil
// when it isn't the project's, or can't be found.
func (p *Project) class(name string) *class {
	for range maxHops {
		i := strings.LastIndexByte(name, '.')
		if i < 0 {
			return nil
		}
		src, isPackage := p.module(name[:i])
		if src == nil {
			return nil
		}
		c := &class{module: name[:i], src: src, scope: src.Mod.Scope()}
		for _, s := range src.Mod.Stmts {
			if s.Key == "class" && s.Name == name[i+1:] {
				c.stmt = s
			}
		}
		if c.stmt != nil {
			return c
		}
		origin, ok := c.scope.Alias[name[i+1:]]
		if !ok {
			return nil
		}
		if name = absolute(origin, c.module, isPackage); name == "" {
			return nil
		}
	}
	return nil
}

// absolute resolves a dotted name with leading dots against the module that
// imports it.
func absolute(name, module string, isPackage bool) string {
	bare := strings.TrimLeft(name, ".")
	dots := len(name) - len(bare)
	if dots == 0 {
		return name
	}
	parts := strings.Split(module, ".")
	if isPackage {
		dots--
	}
	if dots > len(parts) {
		return ""
	}
	return strings.Join(append(parts[:len(parts)-dots:len(parts)-dots], bare), ".")
}

// bases are the dotted paths of what the class inherits from.
func (c *class) bases() []string {
	head := c.src.Mod.Src[c.stmt.S:c.stmt.E]
	from := c.stmt.S + max(0, bytes.Index(head, []byte("class "+c.stmt.Name)))
	_, isPackage := strings.CutSuffix(c.src.Path, "__init__.py")
	var out []string
	for _, n := range c.stmt.Exprs {
		if n.S < from || n.Kind == pysrc.KwArg { // a decorator, metaclass=
			continue
		}
		q := c.scope.Resolve(n)
		switch {
		case q == "":
		case strings.HasPrefix(q, "."):
			q = absolute(q, c.module, isPackage)
		case !strings.Contains(q, "."):
			q = c.module + "." + q
		}
		out = append(out, q)
	}
	return out
}

// own is the expression that the class's body gives an attribute, nil for none.
func (c *class) own(name string) *pysrc.Node {
	for _, s := range c.stmt.Body {
		switch s.Kind {
		case pysrc.SAssign, pysrc.SAnn:
			for _, t := range s.Targets {
				if t.Kind == pysrc.Name && t.Name == name && s.Value != nil {
					return s.Value.Unparen()
				}
			}
		}
	}
	return nil
}

// lineage is the class and what it inherits from, in Python's order for simple
// cases: classes of the project, and the dotted paths of others.
func (p *Project) lineage(name string) (classes []*class, others []string) {
	seen := map[string]bool{}
	var visit func(name string, depth int)
	visit = func(name string, depth int) {
		if seen[name] || depth > maxHops {
			return
		}
		seen[name] = true
		c := p.class(name)
		if c == nil {
			others = append(others, name)
			return
		}
		classes = append(classes, c)
		for _, b := range c.bases() {
			visit(b, depth+1)
		}
	}
	visit(name, 0)
	return classes, others
}

// names are the dotted paths that a list display of the class holds.
func (c *class) names(list *pysrc.Node) (out []string, whole bool) {
	if list.Kind != pysrc.List && list.Kind != pysrc.Tuple && list.Kind != pysrc.Set {
		return nil, false
	}
	whole = true
	for _, k := range list.Kids {
		if q := c.scope.Resolve(k); q != "" {
			out = append(out, q)
		} else {
			whole = false
		}
	}
	return out, whole
}

// place is a node of the class.
func (c *class) place(n *pysrc.Node) pyeval.Place {
	return pyeval.Place{Src: c.src, S: n.S, E: n.E}
}

// memo keeps what was read of a project, so that no rule reads it again.
type memo struct {
	modules map[string]module
	names   []string // of the files that eachFile goes through
	whole   bool     // names are all
	walked  bool
	servers map[string]string // see serverFiles
	own     map[string]string // see Project.own
	there   map[string]bool
	said    map[string]bool // the words of codeWords that the code has; nil: not read yet
	unread  bool            // a part of the code couldn't be read
}

type module struct {
	src       *pyeval.Source
	isPackage bool
}

// codeWords are all that rules look for in a project's own code: it is read
// once.
var codeWords = slices.Concat(throttleWords, rateWords, scopeWords["anon"], scopeWords["user"], jwtWords, brakeWords, otpWords, secondFactorWords)

// codeSays looks for any of the words, which are of codeWords, in the project's
// own Python code: the settings, tests, migrations and virtual environments
// aside.
func (p *Project) codeSays(words ...string) pyeval.Truth {
	if p.memo.said == nil {
		p.memo.said = map[string]bool{}
		left := slices.Clone(codeWords)
		whole := p.eachFile(p.dir(), p.isCode, func(text []byte) bool {
			left = slices.DeleteFunc(left, func(w string) bool {
				p.memo.said[w] = bytes.Contains(text, []byte(w))
				return p.memo.said[w]
			})
			return true
		})
		p.memo.unread = !whole
	}
	switch {
	case slices.ContainsFunc(words, func(w string) bool { return p.memo.said[w] }):
		return pyeval.Yes
	case p.memo.unread:
		return pyeval.Maybe
	}
	return pyeval.No
}

// serverSays looks for any of the words in the files that configure what
// stands in front of Django.
func (p *Project) serverSays(words ...string) pyeval.Truth {
	return p.filesSay(".", isServer, words...)
}

func (p *Project) isCode(name string) bool {
	base := path.Base(name)
	return strings.HasSuffix(base, ".py") && !strings.HasPrefix(base, "test") && base != "conftest.py" && !slices.Contains(p.Result.Files, name)
}

// isServer says whether a file may configure what stands in front of Django.
func isServer(name string) bool {
	base := strings.ToLower(path.Base(name))
	switch path.Ext(base) {
	case ".conf", ".nginx", ".caddyfile":
		return true
	case ".yml", ".yaml", ".j2", ".template", ".tmpl":
		return base == "app.yaml" || strings.Contains(base, "nginx") || strings.Contains(base, "caddy") || strings.HasPrefix(base, "docker-compose") || strings.HasPrefix(base, "compose")
	}
	return strings.Contains(base, "nginx") || base == "caddyfile" || strings.Contains(base, "apache")
}

// filesSay looks for any of the words in the files below root that pick takes.
func (p *Project) filesSay(root string, pick func(string) bool, words ...string) pyeval.Truth {
	found := false
	whole := p.eachFile(root, pick, func(text []byte) bool {
		for _, w := range words {
			found = found || bytes.Contains(text, []byte(w))
		}
		return !found
	})
	switch {
	case found:
		return pyeval.Yes
	case !whole:
		return pyeval.Maybe
	}
	return pyeval.No
}

// eachFile shows the files below root that pick takes until look is false;
// whole says that none was passed over.
func (p *Project) eachFile(root string, pick func(string) bool, look func(text []byte) bool) (whole bool) {
	list, whole := p.listed(root)
	size := 0
	for _, name := range list {
		if root != "." && !strings.HasPrefix(name, root+"/") || !pick(name) {
			continue
		}
		text, err := fs.ReadFile(p.FS, name)
		if size += len(text); err != nil || size > maxCodeBytes {
			whole = false
			continue
		}
		if !look(text) {
			break
		}
	}
	return whole
}

// listed are the files below root that may be read for a word: Python and
// servers' below the project's folder, servers' alone above it. whole says that
// none was passed over.
func (p *Project) listed(root string) (names []string, whole bool) {
	if root == "." && p.dir() != "." {
		p.tree.once.Do(func() { p.tree.servers, p.tree.whole = filesBelow(p.FS, ".", isServer) })
		return p.tree.servers, p.tree.whole
	}
	if !p.memo.walked {
		p.memo.walked = true
		p.memo.names, p.memo.whole = filesBelow(p.FS, p.dir(), func(name string) bool { return path.Ext(name) == ".py" || isServer(name) })
	}
	return p.memo.names, p.memo.whole
}

// filesBelow are the regular files below a folder that pick takes.
func filesBelow(fsys fs.FS, root string, pick func(string) bool) (names []string, whole bool) {
	whole = true
	err := fs.WalkDir(fsys, root, func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			whole = false
			return nil
		case d.IsDir() && name != root && skipped(fsys, name):
			return fs.SkipDir
		case !d.Type().IsRegular() || !pick(name):
			return nil
		}
		if len(names) >= maxCodeFiles {
			whole = false
			return fs.SkipAll
		}
		names = append(names, name)
		return nil
	})
	return names, whole && err == nil
}

// skipped says whether a folder holds none of the code that runs in
// production.
func skipped(fsys fs.FS, dir string) bool {
	switch base := path.Base(dir); base {
	case "migrations", "tests", "locale", "node_modules", "site-packages", "__pycache__", "venv", "staticfiles", "dist", "build":
		return true
	default:
		if strings.HasPrefix(base, ".") {
			return true
		}
	}
	_, err := fs.Stat(fsys, dir+"/pyvenv.cfg")
	return err == nil
}
