package pyeval

import (
	"github.com/djharden/djharden/internal/pysrc"
)

func (in *interp) comprehension(n *pysrc.Node, sc *scope) *Value {
	at := sc.place(n)
	inner := &scope{ns: in.namespace(), outer: sc, mod: sc.mod, src: sc.src, class: sc.class, self: sc.self, isFunc: true}
	out := &Value{Kind: List}
	switch n.Name {
	case "set":
		out.Kind = Set
	case "dict":
		out.Kind = Dict
	}
	in.derive(at, out)
	in.clauses(n, n.Clauses(), inner, out)
	return in.seen(out)
}

func (in *interp) clauses(n *pysrc.Node, cs []pysrc.Clause, sc *scope, out *Value) {
	if len(cs) == 0 {
		v := in.eval(n.Kids[0], sc)
		if out.Kind == Dict {
			x := in.eval(n.Kids[1], sc)
			out.Env = merged(merged(out.Env, v.Env), x.Env)
			if v.Kind == Unknown || v.Kind == Choice {
				out.Open = true
				return
			}
			out.put(v, x)
			return
		}
		out.Env = merged(out.Env, v.Env)
		if out.Kind == Set {
			in.step(len(out.Items) / 8)
		}
		out.add(v)
		if len(out.Items) > maxItems {
			panic(outOfSteps{})
		}
		return
	}
	c := cs[0]
	v := in.eval(c.Iter, sc)
	out.Env = merged(out.Env, v.Env)
	if v.Kind == Choice {
		v = in.widen(v.At, v.Cases())
	}
	items, ok := in.iterate(v)
	if !ok {
		out.Open = true
		out.Why = v.Reason()
	}
	for _, x := range items {
		in.step(2)
		in.store(c.Target, x, sc, "for")
		keep := Yes
		for _, cond := range c.Ifs {
			t, env, _ := in.cond(cond, sc)
			out.Env = merged(out.Env, env)
			if t != Yes {
				keep = t
				break
			}
		}
		switch keep {
		case Yes:
			in.clauses(n, cs[1:], sc, out)
		case Maybe:
			out.Open = true
		}
	}
}

// seen is a container of which something is known; of one that was made from an
// unknown nothing is but its kind.
func (in *interp) seen(v *Value) *Value {
	if !v.Open || len(v.Items) > 0 {
		return v
	}
	return &Value{Kind: Unknown, Of: v.Kind, Why: v.Why, Env: v.Env, At: v.At, seq: v.seq}
}
