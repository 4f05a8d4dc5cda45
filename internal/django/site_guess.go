package django

import (
	"path"
	"strconv"
	"strings"

	"github.com/djharden/djharden/internal/pysrc"
)

// guess works out the few expressions that manage.py, wsgi.py and sys.path
// are given, with no environment variable set. Paths begin at the root of the
// repository, as "/".
type guess struct {
	m    *pysrc.Module
	sc   *pysrc.Scope
	file string
	cwd  string
	vars map[string]string
}

func newGuess(m *pysrc.Module, file, dir string) *guess {
	return &guess{m: m, sc: m.Scope(), file: file, cwd: path.Join("/", dir), vars: map[string]string{}}
}

// run reads the statements in order, follows the names that are given plain
// text, and reports each value that os.environ is given.
func (g *guess) run(environ func(key string, value *pysrc.Node)) {
	pysrc.Walk(g.m.Stmts, func(s *pysrc.Stmt) {
		if s.Kind != pysrc.SAssign || len(s.Targets) != 1 {
			return
		}
		switch t := s.Targets[0]; {
		case t.Kind == pysrc.Name:
			if v, ok := g.str(s.Value); ok {
				g.vars[t.Name] = v
			} else {
				delete(g.vars, t.Name)
			}
		case t.Kind == pysrc.Sub && g.sc.Resolve(t.Kids[0]) == "os.environ":
			if key, ok := g.m.StrValue(t.Kids[1]); ok {
				environ(key, s.Value)
			}
		}
	}, func(n *pysrc.Node) {
		if n.Kind == pysrc.Call && len(n.Kids) == 3 && g.sc.Resolve(n.Kids[0]) == "os.environ.setdefault" {
			if key, ok := g.m.StrValue(n.Kids[1]); ok {
				environ(key, n.Kids[2])
			}
		}
	})
}

// str is the text or path that an expression gives.
func (g *guess) str(n *pysrc.Node) (string, bool) {
	n = n.Unparen()
	switch n.Kind {
	case pysrc.Str:
		return g.m.StrValue(n)
	case pysrc.FStr:
		return g.format(n)
	case pysrc.Name:
		if n.Name == "__file__" {
			return path.Join("/", g.file), true
		}
		v, ok := g.vars[n.Name]
		return v, ok
	case pysrc.Bin:
		return g.binary(n)
	case pysrc.IfExp:
		if is, ok := g.is(n.Kids[1]); ok {
			if is {
				return g.str(n.Kids[0])
			}
			return g.str(n.Kids[2])
		}
	case pysrc.Attr:
		if v, ok := g.str(n.Kids[0]); ok && n.Name == "parent" {
			return path.Dir(v), true
		}
	case pysrc.Sub: // Path(__file__).parents[1]
		if a := n.Kids[0]; a.Kind == pysrc.Attr && a.Name == "parents" {
			v, ok := g.str(a.Kids[0])
			up, err := strconv.Atoi(g.m.Text(n.Kids[1]))
			if ok && err == nil && up >= 0 && up < maxLevels {
				return climb(v, up+1), true
			}
		}
	case pysrc.Call:
		return g.call(n)
	}
	return "", false
}

func climb(p string, levels int) string {
	for range levels {
		p = path.Dir(p)
	}
	return p
}

func (g *guess) binary(n *pysrc.Node) (string, bool) {
	a, ok := g.str(n.Kids[0])
	if n.Name == "or" && (ok && a == "" || g.unset(n.Kids[0])) {
		return g.str(n.Kids[1])
	}
	if !ok {
		return "", false
	}
	if n.Name == "-" { // environ.Path(__file__) - 2
		up, err := strconv.Atoi(g.m.Text(n.Kids[1]))
		return climb(a, min(max(up, 0), maxLevels)), err == nil
	}
	if n.Name == "or" {
		return a, true
	}
	b, ok := g.str(n.Kids[1])
	if !ok {
		return "", false
	}
	switch n.Name {
	case "+":
		return a + b, true
	case "/":
		return g.join(a, b), true
	case "%":
		return strings.Replace(a, "%s", b, 1), strings.Count(a, "%") == 1
	}
	return "", false
}

func (g *guess) join(a, b string) string {
	if path.IsAbs(b) {
		return path.Clean(b)
	}
	return path.Join(a, b)
}

// call is the text that a call gives.
func (g *guess) call(n *pysrc.Node) (string, bool) {
	args, def := g.args(n)
	fn := n.Kids[0]
	switch name := g.sc.Resolve(fn); name {
	case "os.environ.get", "os.getenv", "decouple.config", "environ.get":
		return g.fallback(args, def)
	case "os.path.join":
		return g.joined(args)
	case "os.path.dirname", "os.path.abspath", "os.path.realpath", "os.path.normpath", "pathlib.Path", "environ.Path", "str", "os.fspath":
		if len(args) != 1 {
			return "", false
		}
		v, ok := g.str(args[0])
		if ok && name == "os.path.dirname" {
			v = path.Dir(v)
		}
		return v, ok
	case "os.getcwd":
		return g.cwd, true
	}
	if fn.Kind == pysrc.Name { // env('X', default='y')
		if _, bound := g.vars[fn.Name]; !bound && def != nil {
			return g.str(def)
		}
		return "", false
	}
	if fn.Kind != pysrc.Attr {
		return "", false
	}
	v, ok := g.str(fn.Kids[0])
	if !ok {
		if fn.Name == "str" && def != nil { // env.str('X', default='y')
			return g.str(def)
		}
		return "", false
	}
	switch fn.Name {
	case "lower":
		return strings.ToLower(v), true
	case "upper":
		return strings.ToUpper(v), true
	case "strip":
		return strings.TrimSpace(v), len(args) == 0
	case "resolve", "absolute", "as_posix":
		return v, true
	case "joinpath":
		return g.joined(append([]*pysrc.Node{fn.Kids[0]}, args...))
	case "format":
		if len(args) == 1 && def == nil && strings.Count(v, "{") == 1 {
			x, ok := g.str(args[0])
			return strings.NewReplacer("{}", x, "{0}", x).Replace(v), ok
		}
	}
	return "", false
}

// args are the positional arguments of a call, and its default.
func (g *guess) args(n *pysrc.Node) (list []*pysrc.Node, def *pysrc.Node) {
	for _, a := range n.Kids[1:] {
		switch {
		case a.Kind == pysrc.KwArg && a.Name == "default":
			def = a.Kids[0]
		case a.Kind != pysrc.KwArg && a.Kind != pysrc.Star && a.Kind != pysrc.Star2:
			list = append(list, a)
		}
	}
	return list, def
}

func (g *guess) fallback(args []*pysrc.Node, def *pysrc.Node) (string, bool) {
	if def == nil && len(args) == 2 {
		def = args[1]
	}
	if def == nil {
		return "", false
	}
	return g.str(def)
}

func (g *guess) joined(args []*pysrc.Node) (string, bool) {
	out := ""
	for _, a := range args {
		v, ok := g.str(a)
		if !ok {
			return "", false
		}
		out = g.join(out, v)
	}
	return out, out != ""
}

// is decides a condition.
func (g *guess) is(n *pysrc.Node) (is, ok bool) {
	n = n.Unparen()
	switch {
	case n.Kind == pysrc.Bin && (n.Name == "==" || n.Name == "!="):
		a, ok1 := g.str(n.Kids[0])
		b, ok2 := g.str(n.Kids[1])
		if ok2 && g.unset(n.Kids[0]) {
			return n.Name == "!=", true
		}
		return (a == b) == (n.Name == "=="), ok1 && ok2
	case n.Kind == pysrc.Bin && (n.Name == "in" || n.Name == "not in"):
		return n.Name == "not in", g.sc.Resolve(n.Kids[1]) == "os.environ"
	case n.Kind == pysrc.Unary && n.Name == "not":
		is, ok := g.is(n.Kids[0])
		return !is, ok
	}
	if g.unset(n) {
		return false, true
	}
	v, ok := g.str(n)
	return v != "", ok
}

// unset reports whether n reads an environment variable without a default:
// None, as no variable is set.
func (g *guess) unset(n *pysrc.Node) bool {
	n = n.Unparen()
	if n.Kind != pysrc.Call {
		return false
	}
	switch g.sc.Resolve(n.Kids[0]) {
	case "os.environ.get", "os.getenv":
		args, def := g.args(n)
		return len(args) == 1 && def == nil
	}
	return false
}

// format is the text of an f-string of one literal whose fields are plain.
func (g *guess) format(n *pysrc.Node) (string, bool) {
	text := g.m.Text(n)
	if len(text) < 3 || text[0]|0x20 != 'f' || text[1] != '"' && text[1] != '\'' || text[len(text)-1] != text[1] {
		return "", false
	}
	text = text[2 : len(text)-1]
	var b strings.Builder
	for {
		before, rest, field := strings.Cut(text, "{")
		if strings.ContainsAny(before, "\\}\"") {
			return "", false
		}
		b.WriteString(before)
		if !field {
			return b.String(), true
		}
		expr, after, ok := strings.Cut(rest, "}")
		if !ok || strings.Contains(expr, "{") {
			return "", false
		}
		v, ok := g.field(expr)
		if !ok {
			return "", false
		}
		b.WriteString(v)
		text = after
	}
}

func (g *guess) field(expr string) (string, bool) {
	m, err := pysrc.Parse([]byte(strings.TrimSpace(expr)))
	if err != nil || len(m.Stmts) != 1 || m.Stmts[0].Kind != pysrc.SExpr {
		return "", false // a conversion or format, too
	}
	in := *g
	in.m = m
	return in.str(m.Stmts[0].Value)
}
