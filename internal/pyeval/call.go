package pyeval

import (
	"strings"

	"github.com/djharden/djharden/internal/pysrc"
)

func (in *interp) namespace() *namespace {
	return &namespace{vars: map[string]*binding{}, seq: in.next()}
}

// callExpr evaluates a call.
func (in *interp) callExpr(n *pysrc.Node, sc *scope) *Value {
	callee := n.Kids[0].Unparen()
	if callee.Kind == pysrc.Attr {
		recv := in.eval(callee.Kids[0], sc)
		if recv.Kind != Object && !(recv.Kind == Unknown && recv.Ref != nil) {
			c := in.arguments(n, sc)
			return in.methodOf(recv, callee.Name, c, sc)
		}
		if r, ok := recv.Ref.(*Native); ok && recv.Kind == Object && r.self == nil {
			c := in.arguments(n, sc)
			if v, ok := in.method(recv, callee.Name, c); ok {
				return v
			}
			return in.apply(in.attr(recv, callee.Name, sc.place(callee)), c, sc)
		}
		fn := in.attr(recv, callee.Name, sc.place(callee))
		return in.apply(fn, in.arguments(n, sc), sc)
	}
	fn := in.eval(callee, sc)
	return in.apply(fn, in.arguments(n, sc), sc)
}

func (in *interp) arguments(n *pysrc.Node, sc *scope) *call {
	c := &call{at: sc.place(n)}
	for _, a := range n.Kids[1:] {
		switch a.Kind {
		case pysrc.KwArg:
			c.kw = append(c.kw, kwarg{a.Name, in.eval(a.Kids[0], sc)})
		case pysrc.Star:
			items, ok := in.iterate(in.eval(a.Kids[0], sc))
			c.pos = append(c.pos, items...)
			c.open = c.open || !ok
		case pysrc.Star2:
			d := in.eval(a.Kids[0], sc)
			if d.Kind != Dict || d.Open {
				c.open = true
			}
			for i, k := range d.Keys {
				if k.Kind == Str {
					c.kw = append(c.kw, kwarg{k.S, d.Items[i]})
				}
			}
		default:
			c.pos = append(c.pos, in.eval(a, sc))
		}
	}
	return c
}

// all are the arguments of a call, for the variables they depend on.
func (c *call) all(first ...*Value) []*Value {
	out := append(first, c.pos...)
	for _, k := range c.kw {
		out = append(out, k.v)
	}
	return out
}

// call calls back from a model: a cast, a sort key.
func (in *interp) call(fn *Value, c *call) *Value { return in.apply(fn, c, nil) }

// apply calls a value.
func (in *interp) apply(fn *Value, c *call, sc *scope) *Value {
	switch r := fn.Ref.(type) {
	case *Func:
		return in.invoke(r, c)
	case *Class:
		return in.instantiate(fn, r, c)
	case *Instance:
		if f := r.Class.find("__call__"); f != nil {
			return in.invoke(in.boundTo(f, fn, r.Class), c)
		}
	case *Native:
		if r.self != nil {
			return in.methodOf(r.self, r.Name, c, sc)
		}
		if f := specials[r.Name]; f != nil {
			return f(in, c, sc)
		}
		return in.native(r.Name, c)
	case nil:
	default:
		if v, ok := in.method(fn, "__call__", c); ok {
			return v
		}
	}
	if fn.Kind == Choice {
		return in.lift(c.at, fn, func(fn *Value) *Value { return in.apply(fn, c, sc) })
	}
	in.escapes(c, "")
	return in.unknown(c.at, Unknown, "", c.all(fn)...)
}

// native calls something of the standard library or a package.
func (in *interp) native(name string, c *call) *Value {
	if f := natives[name]; f != nil {
		in.step(1)
		v := in.tried(name, c, func() *Value { return f(in, c) })
		if v.seq == 0 {
			v.seq = in.next()
		}
		return v
	}
	if typ, method, ok := strings.Cut(strings.TrimPrefix(name, "builtins."), "."); ok && types[typ] != Unknown && len(c.pos) > 0 {
		return in.methodOf(c.pos[0], method, &call{at: c.at, pos: c.pos[1:], kw: c.kw, open: c.open}, nil)
	}
	if l := last(name); strings.HasSuffix(l, "Error") || strings.HasSuffix(l, "Exception") || l == "ImproperlyConfigured" || l == "SystemExit" {
		e := &pyExc{class: name, at: c.at}
		if len(c.pos) > 0 {
			e.msg = in.text(c.pos[0])
		}
		return in.object(c.at, e)
	}
	if in.urls != nil {
		if v := wrapped(c); v != nil {
			return v
		}
	}
	in.escapes(c, name)
	v := in.unknown(c.at, Unknown, "calls "+strings.TrimPrefix(name, "builtins."), c.all()...)
	v.Ref = &Native{Name: name + "()"}
	return v
}

// escapes opens the settings where the names themselves are handed to code that
// can't be followed: django_heroku.settings(locals()).
func (in *interp) escapes(c *call, name string) {
	for _, a := range c.all() {
		if p, ok := a.Ref.(*nsProxy); ok {
			if name == "" {
				name = "a function"
			}
			in.opened(p.ns, c.at, name+" may set more names")
		}
	}
}

// methodOf calls a method of a value that is data.
func (in *interp) methodOf(recv *Value, name string, c *call, sc *scope) *Value {
	if p, ok := recv.Ref.(*nsProxy); ok {
		return in.proxyMethod(p, name, c)
	}
	if recv.Kind == Choice {
		out := in.lift(c.at, recv, func(v *Value) *Value { return in.methodOf(v, name, c, sc) })
		if mutators[name] {
			recv.changes = noted(recv.changes, Change{Place: in.now, How: name, seq: in.next()})
		}
		return out
	}
	if recv.Kind == Unknown {
		return in.methodOfUnknown(recv, name, c)
	}
	if v, ok := in.method(recv, name, c); ok {
		if v.seq == 0 {
			v.seq = in.next()
		}
		return v
	}
	if v, ok := in.attribute(recv, name, c.at); ok {
		return in.apply(v, c, sc)
	}
	if mutators[name] {
		in.touch(recv, c.at, name)
		recv.Open = true
	}
	return in.unknown(c.at, Unknown, "calls "+name, c.all(recv)...)
}

var mutators = map[string]bool{
	"append": true, "extend": true, "insert": true, "remove": true, "pop": true, "clear": true, "sort": true, "reverse": true,
	"update": true, "setdefault": true, "popitem": true, "add": true, "discard": true,
}

var strResults = map[string]Kind{
	"split": List, "rsplit": List, "splitlines": List, "partition": Tuple, "rpartition": Tuple,
	"strip": Str, "lstrip": Str, "rstrip": Str, "lower": Str, "upper": Str, "title": Str, "replace": Str, "format": Str, "join": Str,
	"capitalize": Str, "casefold": Str, "removeprefix": Str, "removesuffix": Str, "zfill": Str, "decode": Str, "expandtabs": Str,
	"startswith": Bool, "endswith": Bool, "isdigit": Bool, "isnumeric": Bool, "isalnum": Bool, "encode": Bytes, "find": Int, "count": Int,
}

func (in *interp) methodOfUnknown(recv *Value, name string, c *call) *Value {
	if v, ok := in.method(recv, name, c); ok {
		return v
	}
	if mutators[name] && recv.Ref == nil && recv.Of != Str {
		in.touch(recv, c.at, name)
		for _, a := range c.all() {
			recv.Env = merged(recv.Env, a.Env)
		}
		if (name == "append" || name == "insert") && len(c.pos) > 0 { // a list, of which one item is known
			recv.Kind, recv.Open, recv.Items = List, true, []*Value{c.pos[len(c.pos)-1]}
		}
	}
	of := Unknown
	if recv.Of == Str || recv.Of == Unknown && recv.Ref == nil {
		of = strResults[name]
	}
	if of == Unknown && recv.Of == Path && (name == "resolve" || name == "joinpath" || name == "absolute" || name == "with_suffix") {
		of = Path
	}
	return in.unknown(c.at, of, "", c.all(recv)...)
}

// attr is value.name.
func (in *interp) attr(v *Value, name string, at Place) *Value {
	switch r := v.Ref.(type) {
	case *Module:
		return in.moduleAttr(v, r, name, at)
	case *Class:
		return in.classAttr(v, r, name, at)
	case *Instance:
		return in.instanceAttr(v, r, name, at)
	case *super_:
		return in.superAttr(r, name, at)
	case *Native:
		if r.self == nil {
			return in.dotted(v, r.Name+"."+name, at)
		}
	case *Func:
		if name == "__name__" {
			return in.str(at, r.Name)
		}
		return in.unknown(at, Unknown, "an attribute of a function")
	case *nsProxy:
		return in.object(at, &Native{Name: name, self: v})
	}
	if v.Kind == Choice {
		return in.lift(at, v, func(v *Value) *Value { return in.attr(v, name, at) })
	}
	if x, ok := in.attribute(v, name, at); ok {
		return x
	}
	if v.Kind == Unknown {
		return in.unknown(at, Unknown, "", v)
	}
	return in.object(at, &Native{Name: name, self: v})
}

// dotted is something of a package by its full name.
func (in *interp) dotted(from *Value, name string, at Place) *Value {
	if in.urls != nil {
		if v := in.urls.settingOf(in, name, at); v != nil {
			return v
		}
	}
	if f := constants[name]; f != nil {
		return in.derive(at, f(in), from)
	}
	if natives[name] != nil || specials[name] != nil || types[strings.TrimPrefix(name, "builtins.")] != Unknown {
		return in.object(at, &Native{Name: name})
	}
	v := in.unknown(at, Unknown, "reads "+name, from)
	v.Ref = &Native{Name: name}
	return v
}

func (in *interp) moduleAttr(v *Value, m *Module, name string, at Place) *Value {
	if m.ns == nil {
		return in.dotted(v, m.Name+"."+name, at)
	}
	if b := m.ns.vars[name]; b != nil {
		return b.v
	}
	if sub := in.mods[m.Name+"."+name]; sub != nil {
		return in.object(at, sub)
	}
	if m.shut {
		return in.dotted(v, m.Name+"."+name, at)
	}
	if m.ns.open != nil {
		return in.unknown(at, Unknown, m.ns.open.Why)
	}
	in.fault(at, "AttributeError", m.Name+" has no "+name)
	return in.unknown(at, Unknown, m.Name+" has no "+name)
}
