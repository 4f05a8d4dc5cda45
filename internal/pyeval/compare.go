package pyeval

import (
	"cmp"
	"slices"
	"strings"

	"github.com/djharden/djharden/internal/pysrc"
)

func (in *interp) ifExp(n *pysrc.Node, sc *scope) *Value {
	at := sc.place(n)
	t, env, blame := in.cond(n.Kids[1], sc)
	var v *Value
	pickOne := func(k *pysrc.Node) {
		in.under(env, blame, func() flow { v = in.decided(in.eval(k, sc)); return onward })
	}
	switch t {
	case Yes:
		pickOne(n.Kids[0])
		return v
	case No:
		pickOne(n.Kids[2])
		return v
	}
	pickOne(n.Kids[0])
	a := v
	pickOne(n.Kids[2])
	return in.choice(at, []*Value{a, v})
}

// logic is or and and: the value of the operand that decides.
func (in *interp) logic(at Place, n *pysrc.Node, sc *scope) *Value {
	a := in.eval(n.Kids[0], sc)
	stop := Yes
	if n.Name == "and" {
		stop = No
	}
	t := a.Truth()
	if t == stop {
		return a
	}
	var b *Value
	in.under(a.Env, a.Env, func() flow { b = in.decided(in.eval(n.Kids[1], sc)); return onward })
	if t != Maybe {
		return b
	}
	// a where a decides, else b; of two truth values that is one.
	if b.Truth() == stop && isBool(a) && isBool(b) {
		return in.bool(at, stop == Yes, a, b)
	}
	if isBool(a) && isBool(b) {
		return in.unknown(at, Bool, "", a, b)
	}
	if a.Kind == Unknown && a.Of == None {
		return b
	}
	var cases []*Value
	for _, c := range a.Cases() {
		if c.Truth() != stop.Not() {
			cases = append(cases, c)
		}
	}
	return in.choice(at, append(cases, b))
}

func isBool(v *Value) bool { return v.Kind == Bool || v.Kind == Unknown && v.Of == Bool }

// comparison follows a chain: a < b < c.
func (in *interp) comparison(at Place, n *pysrc.Node, sc *scope) *Value {
	l := n.Kids[0]
	var before *Value
	var a *Value
	if l.Kind == pysrc.Bin && isComparison(l.Name) {
		before = in.comparison(sc.place(l), l, sc)
		if before.Truth() == No {
			return before
		}
		a = in.eval(l.Kids[1], sc)
	} else {
		a = in.eval(l, sc)
	}
	b := in.eval(n.Kids[1], sc)
	t := in.compare(n.Name, a, b)
	if before != nil && before.Truth() == Maybe && t != No {
		t = Maybe
	}
	return in.truthOf(at, t, a, b, before)
}

func isComparison(op string) bool {
	switch op {
	case "<", ">", "==", ">=", "<=", "!=", "in", "not in", "is", "is not":
		return true
	}
	return false
}

// compare is a comparison of two values.
func (in *interp) compare(op string, a, b *Value) Truth {
	if a.Kind == Choice || b.Kind == Choice {
		return a.All(func(a *Value) Truth {
			return b.All(func(b *Value) Truth { return in.compare(op, a, b) })
		})
	}
	switch op {
	case "not in":
		return in.compare("in", a, b).Not()
	case "!=":
		return in.compare("==", a, b).Not()
	case "is not":
		return in.compare("is", a, b).Not()
	case "in":
		return in.contains(b, a)
	case "is":
		if a.Kind == None || b.Kind == None || a.Kind == Bool || b.Kind == Bool {
			return in.identical(a, b)
		}
		return sameType(a, b)
	case "==":
		return equal(a, b)
	}
	return order(op, a, b)
}

// identical is is for None and the truth values.
func (in *interp) identical(a, b *Value) Truth {
	for _, p := range [2][2]*Value{{a, b}, {b, a}} {
		if v := p[0]; v.Kind == Unknown {
			if v.Of != Unknown && v.Of != p[1].Kind && v.Ref == nil {
				return No
			}
			return Maybe
		}
	}
	if a.Kind == Object || b.Kind == Object {
		return No
	}
	return truth(a.Kind == b.Kind && a.B == b.B)
}

func (in *interp) contains(v, x *Value) Truth {
	switch v.Kind {
	case Str:
		if x.Kind == Str {
			return truth(strings.Contains(v.S, x.S))
		}
		return Maybe
	case List, Tuple, Set, Dict:
		if _, argv := v.Ref.(serverArgs); argv && x.Kind == Str && !strings.Contains(x.S, "/") {
			return No
		}
		list := v.Items
		if v.Kind == Dict {
			list = v.Keys
		}
		in.step(len(list) / 4)
		out := No
		if v.Open {
			out = Maybe
		}
		for _, y := range list {
			switch y.All(func(y *Value) Truth { return equal(x, y) }) {
			case Yes:
				return Yes
			case Maybe:
				out = Maybe
			}
		}
		return out
	}
	if p, ok := v.Ref.(*nsProxy); ok && x.Kind == Str {
		switch b := p.ns.vars[x.S]; {
		case b != nil && !b.absent:
			return Yes
		case b == nil && p.ns.open == nil:
			return No
		}
		return Maybe
	}
	if v.Kind == Object {
		if r, ok := in.method(v, "__contains__", &call{pos: []*Value{x}}); ok {
			return r.Truth()
		}
	}
	return Maybe
}

func equal(a, b *Value) Truth {
	if a == b && a.Kind != Unknown {
		return Yes
	}
	for _, p := range [2][2]*Value{{a, b}, {b, a}} {
		if v := p[0]; v.Kind == Unknown {
			other := p[1].Kind
			switch {
			case v.Ref == nil && v.Of != Unknown && other != Unknown && other != v.Of && !(numericKind(v.Of) && numericKind(other)) && other != Object:
				return No
			case v.Of == Str && other == Str && !strings.HasPrefix(p[1].S, v.S):
				return No
			}
			return Maybe
		}
	}
	if numeric(a) && numeric(b) {
		_, x, _ := a.number()
		_, y, _ := b.number()
		return truth(x == y)
	}
	if a.Kind == Object || b.Kind == Object {
		if a.Kind == b.Kind && a.Ref == b.Ref {
			return Yes
		}
		if t := sameType(a, b); t != Maybe {
			return t
		}
		if a.Kind != b.Kind && (a.Kind == None || b.Kind == None) {
			return No
		}
		return Maybe
	}
	if a.Kind != b.Kind {
		return No
	}
	if a.Known() && b.Known() {
		return alike(a, b)
	}
	if !a.Open && !b.Open && len(a.Items) != len(b.Items) {
		return No
	}
	return Maybe
}

func numericKind(k Kind) bool { return k == Int || k == Float || k == Bool }

func order(op string, a, b *Value) Truth {
	var c int
	switch {
	case numeric(a) && numeric(b):
		_, x, _ := a.number()
		_, y, _ := b.number()
		c = cmp.Compare(x, y)
	case a.Kind == Duration && b.Kind == Duration:
		c = cmp.Compare(a.F, b.F)
	case a.Kind == Str && b.Kind == Str:
		c = cmp.Compare(a.S, b.S)
	case a.Kind == Path && b.Kind == Path:
		c = slices.Compare(strings.Split(a.S, "/"), strings.Split(b.S, "/"))
	case (a.Kind == Tuple || a.Kind == List) && a.Kind == b.Kind && a.Known() && b.Known():
		for i := range min(len(a.Items), len(b.Items)) {
			if equal(a.Items[i], b.Items[i]) == Yes {
				continue
			}
			return order(op, a.Items[i], b.Items[i])
		}
		c = cmp.Compare(len(a.Items), len(b.Items))
	case a.Kind == Set && b.Kind == Set && a.Known() && b.Known() && (op == "<=" || op == ">="):
		if op == ">=" {
			a, b = b, a
		}
		for _, x := range a.Items {
			if !slices.ContainsFunc(b.Items, func(y *Value) bool { return same(x, y) }) {
				return No
			}
		}
		return Yes
	default:
		return Maybe
	}
	switch op {
	case "<":
		return truth(c < 0)
	case "<=":
		return truth(c <= 0)
	case ">":
		return truth(c > 0)
	}
	return truth(c >= 0)
}
