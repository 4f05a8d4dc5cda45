package scaffold

import (
	"bytes"
	"fmt"
	"slices"
	"sort"
	"strings"

	"github.com/djharden/djharden/internal/django"
	"github.com/djharden/djharden/internal/pysrc"
)

// devKey stands where a fresh clone without .env has no key; production
// refuses it by name.
const devKey = "django-insecure-for-development-only"

// base makes base.py: the user's file, one folder deeper, without its secrets.
func (d *adoption) base() ([]byte, error) {
	s := d.s
	edits, err := s.MoveDown()
	if err != nil {
		return nil, err
	}
	var imports []string
	for _, l := range d.leaks {
		code, how := d.lookUp(l)
		if how != "" {
			imports = append(imports, how)
		}
		e, err := s.Src.Replace(l.node, code)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", l.setting, err)
		}
		edits = append(edits, e)
	}
	debug, err := d.debugEdits()
	if err != nil {
		return nil, err
	}
	if len(debug) > 0 {
		edits = append(edits, debug...)
		imports = append(imports, "DEVELOPMENT")
	}
	if len(imports) > 0 {
		sort.Strings(imports)
		e, err := s.Src.InsertImport("from .env import " + strings.Join(slices.Compact(imports), ", "))
		if err != nil {
			return nil, err
		}
		edits = append(edits, e)
	}
	sort.SliceStable(edits, func(i, j int) bool { return edits[i].S < edits[j].S })
	out, err := s.Src.Apply(edits...)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", s.Path, err)
	}
	return out, nil
}

// lookUp is the code that reads a moved secret in the settings' own way, and
// the name it needs of env.py, "" where the settings have what it takes.
func (d *adoption) lookUp(l leak) (code, need string) {
	name, none := d.quote(l.env), d.quote("")
	if l.fixed { // the default of a look that is there
		if l.key {
			return d.quote(devKey), ""
		}
		return none, ""
	}
	switch reader, bound := d.inReach(l.node); reader {
	case django.ReadsOS, django.ReadsDotenv:
		code = fmt.Sprintf("%s.environ.get(%s, %s)", bound, name, none)
	case django.ReadsDecoup:
		code = fmt.Sprintf("%s(%s, default=%s)", bound, name, none)
	case django.ReadsEnviron, django.ReadsEnvirons:
		code = fmt.Sprintf("%s.str(%s, %s)", bound, name, none)
	default:
		object := "env"
		need = "env"
		if d.tokens["env"] {
			object, need = "env_file", "env as env_file"
		}
		code = fmt.Sprintf("%s.str(%s, %s)", object, name, none)
	}
	if l.key {
		code += " or " + d.quote(devKey)
	}
	return code, need
}

// inReach finds the reader that the settings themselves have before a place,
// with .env read by then.
func (d *adoption) inReach(n *pysrc.Node) (django.Reader, string) {
	s := d.s
	for _, l := range s.Loads {
		if l.Stmt.Depth > 0 || l.Stmt.S > n.S {
			return "", ""
		}
	}
	bound := func(module string) string {
		for _, st := range s.Src.Stmts {
			if st.S > n.S {
				break
			}
			if st.Kind != pysrc.SImport {
				continue
			}
			for _, a := range st.Names {
				if a.Name == module {
					return a.Local(st.Kind)
				}
			}
		}
		return ""
	}
	switch d.p.Reader {
	case django.ReadsOS, django.ReadsDotenv:
		if name := bound("os"); name != "" && (d.p.Reader == django.ReadsOS || len(s.Loads) > 0) {
			return d.p.Reader, name
		}
	case django.ReadsEnviron, django.ReadsEnvirons, django.ReadsDecoup:
		var names []string
		for name, e := range s.Envs {
			if e.Stmt != nil && e.Stmt.Depth == 0 && e.Stmt.S < n.S && e.Lib == string(d.p.Reader) {
				names = append(names, name)
			}
		}
		if d.p.Reader != django.ReadsDecoup && len(s.Loads) == 0 {
			return "", ""
		}
		if sort.Strings(names); len(names) > 0 {
			return d.p.Reader, names[0]
		}
	}
	return "", ""
}

// debugEdits give DEBUG its value by the module that imports base.py, where
// something in it depends on DEBUG: prod.py comes too late for that.
func (d *adoption) debugEdits() ([]pysrc.Edit, error) {
	s := d.s
	if s.Debug == nil || !d.debugUsed() {
		return nil, nil
	}
	var edits []pysrc.Edit
	var bad *pysrc.Stmt
	pysrc.Walk(s.Src.Stmts, func(st *pysrc.Stmt) {
		for _, t := range st.Targets {
			switch {
			case t.Kind == pysrc.Name && t.Name == "DEBUG" && st.Kind != pysrc.SAug && st.Value != nil:
				edits = append(edits, pysrc.Edit{S: st.Value.S, E: st.Value.E, New: "DEVELOPMENT"})
				if _, ok := s.Src.Literal(st.Value); !ok {
					d.warn("debug", "%s:%d: DEBUG no longer comes from the environment: it is on under dev.py alone", s.Path, django.Line(s.Src.Src, st.S))
				}
			case names(t, "DEBUG"):
				bad = st
			}
		}
	}, nil)
	if bad != nil {
		return nil, &django.Refusal{Path: s.Path, Line: django.Line(s.Src.Src, bad.S), Reason: "DEBUG is set in a way that can't be followed", Manual: "Write DEBUG = True on a line of its own."}
	}
	for _, l := range d.leaks { // an edit within another's range
		edits = slices.DeleteFunc(edits, func(e pysrc.Edit) bool { return e.S <= l.node.S && l.node.E <= e.E })
	}
	return edits, nil
}

func names(t *pysrc.Node, name string) bool {
	found := false
	pysrc.WalkNode(t, func(n *pysrc.Node) { found = found || n.Kind == pysrc.Name && n.Name == name })
	return found
}

// debugUsed reports whether the settings read DEBUG after setting it.
func (d *adoption) debugUsed() bool {
	m := d.s.Src
	set := map[*pysrc.Node]bool{}
	used := false
	pysrc.Walk(m.Stmts, func(st *pysrc.Stmt) {
		for _, t := range st.Targets {
			if t.Kind == pysrc.Name {
				set[t] = true
			}
		}
	}, func(n *pysrc.Node) {
		used = used || n.Kind == pysrc.Name && n.Name == "DEBUG" && !set[n] ||
			n.Kind == pysrc.FStr && bytes.Contains(m.Src[n.S:n.E], []byte("DEBUG"))
	})
	return used
}

// quote writes a string in the quotes that the user's file prefers.
func (d *adoption) quote(v string) string {
	q := pysrc.Quote(v)
	if d.single && !strings.ContainsAny(v, `'"\`) {
		return "'" + q[1:len(q)-1] + "'"
	}
	return q
}

// prefersSingle reports whether most strings of a file are in single quotes.
func prefersSingle(m *pysrc.Module) bool {
	n := 0
	for _, t := range m.Toks {
		if t.Kind != pysrc.STRING {
			continue
		}
		switch lit := string(m.Src[t.S:t.E]); {
		case strings.HasPrefix(lit, `"""`), strings.HasPrefix(lit, `'''`):
		case strings.HasSuffix(lit, "'"):
			n++
		default:
			n--
		}
	}
	return n > 0
}

// nameTokens are all names in a file, attributes and keywords included.
func nameTokens(m *pysrc.Module) map[string]bool {
	out := map[string]bool{}
	for _, t := range m.Toks {
		if t.Kind == pysrc.NAME {
			out[string(m.Src[t.S:t.E])] = true
		}
	}
	return out
}
