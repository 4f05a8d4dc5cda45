package pyeval

import "slices"

func init() { registerMethods(setMethod) }

// setOps are the methods that make a set of several, by operator; those that
// end in _update change their own.
var setOps = map[string]string{
	"union": "|", "intersection": "&", "difference": "-", "symmetric_difference": "^",
	"update": "|", "intersection_update": "&", "difference_update": "-", "symmetric_difference_update": "^",
}

// setMethod is a method of a set.
func setMethod(in *interp, recv *Value, name string, c *call) (*Value, bool) {
	if recv.Kind != Set {
		return nil, false
	}
	switch name {
	case "union", "intersection", "difference", "symmetric_difference":
		return in.combined(recv, setOps[name], c), true
	case "copy":
		return in.derive(c.at, &Value{Kind: Set, Items: slices.Clone(recv.Items), Open: recv.Open}, recv), true
	case "issubset", "issuperset", "isdisjoint":
		return in.relation(recv, name, c), true
	case "update", "intersection_update", "difference_update", "symmetric_difference_update":
		out := in.combined(recv, setOps[name], c)
		in.touch(recv, c.at, name)
		if out.Kind == Set {
			recv.Items, recv.Open = out.Items, out.Open
		} else {
			recv.Items, recv.Open = nil, true
		}
		recv.Env = merged(recv.Env, out.Env)
		return in.none(c.at), true
	case "add", "discard", "remove", "clear", "pop":
		in.touch(recv, c.at, name)
		recv.Items = slices.Clone(recv.Items)
		return in.changeSet(recv, name, c), true
	}
	return nil, false
}

// asSet is a set of what can be iterated over.
func (in *interp) asSet(at Place, v *Value) *Value {
	items, ok := in.iterate(v)
	out := in.derive(at, &Value{Kind: Set, Open: !ok}, v)
	in.step(len(items) * len(items) / 64)
	for _, x := range items {
		out.add(x)
	}
	return out
}

func (in *interp) combined(v *Value, op string, c *call) *Value {
	out := in.derive(c.at, &Value{Kind: Set, Items: slices.Clone(v.Items), Open: v.Open}, v)
	for _, a := range c.pos {
		if out.Kind == Set {
			out = in.binary(c.at, op, out, in.asSet(c.at, a))
		}
	}
	return out
}

func (in *interp) relation(v *Value, name string, c *call) *Value {
	if len(c.pos) != 1 {
		return in.unknown(c.at, Bool, "", c.all(v)...)
	}
	a, b := v, in.asSet(c.at, c.pos[0])
	if name == "issuperset" {
		a, b = b, a
	}
	if !a.Known() || !b.Known() {
		return in.unknown(c.at, Bool, "", c.all(v)...)
	}
	if name != "isdisjoint" {
		return in.truthOf(c.at, order("<=", a, b), c.all(v)...)
	}
	in.step(len(a.Items) * len(b.Items) / 8)
	shared := slices.ContainsFunc(a.Items, func(x *Value) bool {
		return slices.ContainsFunc(b.Items, func(y *Value) bool { return equal(x, y) == Yes })
	})
	return in.bool(c.at, !shared, c.all(v)...)
}

func (in *interp) changeSet(v *Value, name string, c *call) *Value {
	for _, a := range c.pos {
		v.Env = merged(v.Env, a.Env)
	}
	switch {
	case name == "add" && len(c.pos) == 1:
		v.add(c.pos[0])
	case (name == "discard" || name == "remove") && len(c.pos) == 1:
		if !c.pos[0].Known() {
			v.Items, v.Open = nil, true
			break
		}
		n := len(v.Items)
		v.Items = slices.DeleteFunc(v.Items, func(x *Value) bool { return equal(x, c.pos[0]) == Yes })
		if name == "remove" && n == len(v.Items) && v.Known() {
			in.fault(c.at, "KeyError", c.pos[0].S, c.all(v)...)
		}
	case name == "clear":
		v.Items, v.Open = nil, false
	case name == "pop" && len(v.Items) == 1 && !v.Open:
		x := v.Items[0]
		v.Items = nil
		return x
	default:
		v.Items, v.Open = nil, true
		return in.unknown(c.at, Unknown, "an item of a set", v)
	}
	return in.none(c.at)
}
