package pyeval

import (
	"math/big"
	"strings"

	"github.com/djharden/djharden/internal/pysrc"
)

// eval works out an expression. It never fails: what can't be followed is
// Unknown. A Python exception is a panic.
func (in *interp) eval(n *pysrc.Node, sc *scope) *Value {
	in.step(1)
	v := in.expr(n, sc)
	if in.trace != nil && len(v.Env) > 0 && v.Kind != Bool && !(v.Kind == Unknown && v.Of == Bool) {
		switch n.Kind {
		case pysrc.Name, pysrc.Attr, pysrc.Call, pysrc.Sub:
			*in.trace = append(*in.trace, v.Env...)
		}
	}
	return v
}

func (in *interp) expr(n *pysrc.Node, sc *scope) *Value {
	at := sc.place(n)
	switch n.Kind {
	case pysrc.Paren:
		return in.eval(n.Kids[0], sc)
	case pysrc.Name:
		return in.name(n, sc)
	case pysrc.Str, pysrc.Num:
		return in.literal(n, sc)
	case pysrc.FStr:
		return in.fstring(n, sc)
	case pysrc.List, pysrc.Tuple, pysrc.Set:
		return in.display(n, sc)
	case pysrc.Dict:
		return in.dict(n, sc)
	case pysrc.Comp:
		return in.comprehension(n, sc)
	case pysrc.Call:
		return in.callExpr(n, sc)
	case pysrc.Attr:
		return in.attr(in.eval(n.Kids[0], sc), n.Name, at)
	case pysrc.Sub:
		return in.subscript(n, sc)
	case pysrc.Unary:
		return in.unary(at, n.Name, in.eval(n.Kids[0], sc))
	case pysrc.Bin:
		return in.bin(n, sc)
	case pysrc.IfExp:
		return in.ifExp(n, sc)
	case pysrc.Lambda:
		return in.lambda(n, sc)
	case pysrc.Walrus:
		v := in.eval(n.Kids[1], sc)
		in.store(n.Kids[0], v, sc, ":=")
		return v
	case pysrc.Yield:
		return in.yield(n, sc)
	case pysrc.Star:
		return in.eval(n.Kids[0], sc)
	case pysrc.Ellipsis:
		return in.object(at, &Native{Name: "Ellipsis"})
	}
	return in.unknown(at, Unknown, "await can't be followed")
}

func (in *interp) literal(n *pysrc.Node, sc *scope) *Value {
	at := sc.place(n)
	m := sc.src.Mod
	if n.Kind == pysrc.Str {
		if s, ok := m.StrValue(n); ok {
			return in.str(at, s)
		}
		if b, ok := m.BytesValue(n); ok {
			return in.derive(at, &Value{Kind: Bytes, S: string(b)})
		}
		return in.unknown(at, Str, "a literal that can't be read")
	}
	v, ok := m.Literal(n)
	switch x := v.(type) {
	case *big.Int:
		if ok && x.IsInt64() {
			return in.int(at, x.Int64())
		}
		return in.unknown(at, Int, "a number of more than 64 bits")
	case float64:
		return in.float(at, x)
	}
	return in.unknown(at, Float, "a number that can't be read")
}

func (in *interp) name(n *pysrc.Node, sc *scope) *Value {
	at := sc.place(n)
	switch n.Name {
	case "None":
		return in.none(at)
	case "True", "False":
		return in.bool(at, n.Name == "True")
	}
	if b := sc.find(n.Name); b != nil {
		return b.v
	}
	if known(n.Name) {
		return in.object(at, &Native{Name: "builtins." + n.Name})
	}
	if c := constants["builtins."+n.Name]; c != nil {
		return in.derive(at, c(in))
	}
	if o := sc.globals().open; o != nil {
		return in.unknown(at, Unknown, o.Why)
	}
	if in.handled("NameError", nil) {
		in.raise(at, "NameError", "name '"+n.Name+"' is not defined", nil)
	}
	return in.unknown(at, Unknown, n.Name+" isn't defined here")
}

// known reports whether a builtin has a model here.
func known(name string) bool {
	_, native := natives["builtins."+name]
	_, special := specials["builtins."+name]
	return native || special || strings.HasSuffix(name, "Error") || strings.HasSuffix(name, "Exception") ||
		strings.HasSuffix(name, "Warning") || name == "SystemExit" || name == "object" || name == "property" || name == "staticmethod" || name == "classmethod" || types[name] != Unknown
}

// types are the builtin types of data.
var types = map[string]Kind{
	"str": Str, "bytes": Bytes, "int": Int, "float": Float, "bool": Bool, "list": List, "tuple": Tuple, "set": Set, "frozenset": Set, "dict": Dict,
}

func (s *scope) find(name string) *binding {
	if s.global[name] {
		for o := s.outer; o != nil; o = o.outer {
			if b := o.ns.vars[name]; b != nil {
				return b
			}
		}
	}
	for o := s; o != nil; o = o.outer {
		if b := o.ns.vars[name]; b != nil {
			return b
		}
	}
	return nil
}

func (in *interp) display(n *pysrc.Node, sc *scope) *Value {
	out := &Value{Kind: List}
	switch n.Kind {
	case pysrc.Tuple:
		out.Kind = Tuple
	case pysrc.Set:
		out.Kind = Set
	}
	in.derive(sc.place(n), out)
	for _, k := range n.Kids {
		v := in.eval(k, sc)
		out.Env = merged(out.Env, v.Env)
		if k.Kind != pysrc.Star {
			out.add(v)
			continue
		}
		items, ok := in.iterate(v)
		out.Open = out.Open || !ok || v.Open
		for _, x := range items {
			out.add(x)
		}
	}
	return out
}

// add appends to a list or tuple; a set holds equal values once.
func (v *Value) add(x *Value) {
	if v.Kind == Set {
		for _, y := range v.Items {
			if x == y || x.Known() && y.Known() && alike(x, y) == Yes {
				return
			}
		}
	}
	v.Items = append(v.Items, x)
}

func (in *interp) dict(n *pysrc.Node, sc *scope) *Value {
	out := in.derive(sc.place(n), &Value{Kind: Dict})
	for _, p := range n.Pairs() {
		v := in.eval(p.Value, sc)
		out.Env = merged(out.Env, v.Env)
		if p.Key == nil {
			if v.Kind == Choice {
				v = in.widen(v.At, v.Cases())
			}
			in.mergeInto(out, v)
			continue
		}
		k := in.eval(p.Key, sc)
		if k.Kind == Unknown || k.Kind == Choice {
			out.Open = true
			continue
		}
		out.put(k, v)
	}
	return out
}

// mergeInto puts the entries of a mapping into a dict that nobody else holds.
func (in *interp) mergeInto(d, v *Value) {
	if v.Kind != Dict || v.Open { // it may hold any of the keys
		for i, k := range d.Keys {
			if v.Kind != Dict || v.slot(k) < 0 {
				d.Items[i] = in.choice(v.At, []*Value{d.Items[i], in.unknown(v.At, Unknown, "a mapping that isn't wholly known may set it too", v)})
			}
		}
	}
	if v.Kind != Dict {
		d.Open = true
		return
	}
	in.step(len(v.Items))
	d.Open = d.Open || v.Open
	for i, k := range v.Keys {
		d.put(k, v.Items[i])
	}
}

// iterate gives the items of what can be iterated over; false: not all of them
// are known.
func (in *interp) iterate(v *Value) ([]*Value, bool) {
	switch v.Kind {
	case List, Tuple, Set:
		in.step(len(v.Items) / 4)
		return v.Items, !v.Open
	case Dict:
		return v.Keys, !v.Open
	case Str:
		var out []*Value
		in.step(len(v.S))
		for _, r := range v.S {
			out = append(out, in.str(v.At, string(r), v))
		}
		return out, true
	case Object: // globals(): its names
		p, ok := v.Ref.(*nsProxy)
		if !ok {
			break
		}
		var out []*Value
		in.step(len(p.ns.order))
		for _, name := range p.ns.order {
			if p.ns.vars[name] != nil {
				out = append(out, in.str(v.At, name))
			}
		}
		return out, p.ns.open == nil
	}
	return nil, false
}

func (in *interp) bin(n *pysrc.Node, sc *scope) *Value {
	at := sc.place(n)
	switch n.Name {
	case "or", "and":
		return in.logic(at, n, sc)
	case "<", ">", "==", ">=", "<=", "!=", "in", "not in", "is", "is not":
		return in.comparison(at, n, sc)
	}
	a := in.eval(n.Kids[0], sc)
	return in.binary(at, n.Name, a, in.eval(n.Kids[1], sc))
}
