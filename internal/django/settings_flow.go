package django

import (
	"maps"

	"github.com/djharden/djharden/internal/pysrc"
)

// compound follows the branch that production takes; where that can't be
// told, what the branches disagree on becomes conditional.
func (s *Settings) compound(st *pysrc.Stmt) {
	switch st.Key {
	case "def", "class":
		s.define(st)
	case "with":
		for _, n := range st.Exprs {
			if n.Kind == pysrc.Name {
				s.bind(n.Name, unknown(n))
			}
		}
		s.exec(st.Body)
	case "if":
		s.branch(st)
	case "try", "match":
		s.either(blocks(s.Src, st), st.Key == "match")
	default: // for, while: none or many times
		before := s.snapshot()
		if st.Key == "for" && len(st.Exprs) > 0 {
			s.loopNames(st.Exprs[0])
		}
		s.exec(st.Body)
		s.join(before)
		s.touched(st.Body)
	}
}

func (s *Settings) loopNames(n *pysrc.Node) {
	if n.Kind == pysrc.Name {
		s.bind(n.Name, unknown(n))
	}
	for _, k := range n.Kids {
		s.loopNames(k)
	}
}

// touched opens every list and dict that a loop's body changes.
func (s *Settings) touched(body []*pysrc.Stmt) {
	pysrc.Walk(body, func(st *pysrc.Stmt) {
		var n *pysrc.Node
		switch {
		case st.Kind == pysrc.SAug || st.Kind == pysrc.SAssign:
			n = st.Targets[0]
		case st.Kind == pysrc.SExpr && st.Value.Kind == pysrc.Call && st.Value.Kids[0].Kind == pysrc.Attr:
			n = st.Value.Kids[0].Kids[0]
		default:
			return
		}
		if v := s.Vars[root(n)]; v != nil && (v.Kind == List || v.Kind == Dict) {
			v.Open = true
			v.Maybe = append(v.Maybe, unknown(n))
		}
	}, func(*pysrc.Node) {})
}

// define binds the name of a def or class.
func (s *Settings) define(st *pysrc.Stmt) {
	for i, t := range s.Src.Toks {
		if int(t.S) < st.S {
			continue
		}
		w := string(s.Src.Src[t.S:t.E])
		if t.Kind == pysrc.NAME && (w == "def" || w == "class") && i+1 < len(s.Src.Toks) {
			next := s.Src.Toks[i+1]
			name := string(s.Src.Src[next.S:next.E])
			s.defs[name] = true
			if w == "class" && classSettings(s, st) {
				s.refuse(st.S, "the settings are a class", "Adopting settings classes isn't there yet: write them as assignments in one settings.py.")
			}
			return
		}
	}
}

// classSettings reports whether a class holds settings (django-configurations
// and home-made ones).
func classSettings(s *Settings, st *pysrc.Stmt) bool {
	for _, b := range st.Body {
		if b.Kind == pysrc.SAssign && b.Targets[0].Kind == pysrc.Name && (b.Targets[0].Name == "INSTALLED_APPS" || b.Targets[0].Name == "MIDDLEWARE" || b.Targets[0].Name == "ROOT_URLCONF") {
			return true
		}
	}
	return false
}

func (s *Settings) branch(st *pysrc.Stmt) {
	bs := blocks(s.Src, st)
	var open [][]*pysrc.Stmt
	for i, cond := range st.Exprs {
		if i >= len(bs) {
			break
		}
		switch c := s.truth(s.eval(cond)); {
		case c == yes && len(open) == 0:
			s.exec(bs[i])
			return
		case c == yes:
			s.either(append(open, bs[i]), true)
			return
		case c == maybe:
			open = append(open, bs[i])
		}
	}
	var other []*pysrc.Stmt
	hasElse := len(bs) > len(st.Exprs)
	if hasElse {
		other = bs[len(st.Exprs)]
	}
	switch {
	case len(open) == 0:
		s.exec(other)
	case hasElse:
		s.either(append(open, other), true)
	default:
		s.either(open, false)
	}
}

type tri uint8

const (
	maybe tri = iota
	yes
	no
)

// truth is Python's truth of a value. What the environment decides is maybe.
func (s *Settings) truth(v *Value) tri {
	t := func(b bool) tri {
		if b {
			return yes
		}
		return no
	}
	if v == nil || v.Cond {
		return maybe
	}
	switch v.Kind {
	case None:
		return no
	case Bool:
		return t(v.Bool)
	case Int, Duration:
		return t(v.Int != 0)
	case String:
		return t(v.Str != "")
	case List, Dict:
		if v.Open && len(v.Items) == 0 {
			return maybe
		}
		return t(len(v.Items) > 0)
	case Path:
		return yes
	}
	return maybe
}

// either runs each block on its own copy and joins what they leave; whole says
// that one of them is certainly taken.
func (s *Settings) either(bs [][]*pysrc.Stmt, whole bool) {
	before := s.snapshot()
	var after []map[string]*Value
	if !whole {
		after = append(after, before)
	}
	for _, b := range bs {
		s.Vars = clone(before)
		s.exec(b)
		after = append(after, s.Vars)
	}
	out := after[0]
	for _, a := range after[1:] {
		out = joinVars(out, a)
	}
	s.Vars = out
}

func (s *Settings) snapshot() map[string]*Value { return clone(s.Vars) }

func clone(vars map[string]*Value) map[string]*Value {
	out := make(map[string]*Value, len(vars))
	for k, v := range vars {
		out[k] = v.copy()
	}
	return out
}

func (s *Settings) join(before map[string]*Value) { s.Vars = joinVars(before, s.Vars) }

func joinVars(a, b map[string]*Value) map[string]*Value {
	out := maps.Clone(a)
	for k, v := range b {
		out[k] = merge(a[k], v)
	}
	for k, v := range a {
		if b[k] == nil {
			out[k] = merge(v, nil)
		}
	}
	return out
}

var blockWords = map[string]bool{"elif": true, "else": true, "except": true, "finally": true, "case": true}

// blocks splits the body of a compound statement at its elif, else, except,
// finally and case.
func blocks(m *pysrc.Module, st *pysrc.Stmt) [][]*pysrc.Stmt {
	var out [][]*pysrc.Stmt
	for i, b := range st.Body {
		if i == 0 || wordBetween(m, st.Body[i-1].E, b.S) {
			out = append(out, nil)
		}
		out[len(out)-1] = append(out[len(out)-1], b)
	}
	return out
}

func wordBetween(m *pysrc.Module, from, to int) bool {
	for _, t := range m.Toks {
		if int(t.S) >= to {
			return false
		}
		if int(t.S) >= from && t.Kind == pysrc.NAME && blockWords[string(m.Src[t.S:t.E])] {
			return true
		}
	}
	return false
}
