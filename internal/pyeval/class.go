package pyeval

import (
	"slices"
	"strings"

	"github.com/djharden/djharden/internal/pysrc"
)

// class makes a class by running its body.
func (in *interp) class(s *pysrc.Stmt, sc *scope) {
	k := &Class{Name: s.Name, ns: in.namespace(), full: sc.mod.Name + "." + s.Name}
	for _, b := range s.Bases {
		if b.Kind == pysrc.KwArg || b.Kind == pysrc.Star || b.Kind == pysrc.Star2 {
			continue
		}
		v := in.eval(b, sc)
		k.bases = append(k.bases, v)
		switch r := v.Ref.(type) {
		case *Native:
			k.alien = append(k.alien, r.Name)
		case *Class:
			k.alien = append(k.alien, r.alien...)
		default:
			k.alien = append(k.alien, "?")
		}
	}
	k.mro = linearize(k)
	body := &scope{ns: k.ns, outer: sc, mod: sc.mod, src: sc.src, class: k}
	in.block(s.Blocks[0].Body, body)
	at := sc.place(&pysrc.Node{S: s.S, E: s.E})
	v := in.object(at, k)
	for i := len(s.Decorators) - 1; i >= 0; i-- {
		v = in.decorate(s.Decorators[i], v, sc)
	}
	in.assign(in.target(s.Name, sc), s.Name, v, at, "class")
}

// isA reports whether a class has a base that isn't the project's, by the last
// part of its name.
func (c *Class) isA(names ...string) bool {
	return slices.ContainsFunc(c.alien, func(a string) bool { return slices.Contains(names, last(a)) })
}

// enumMember marks a member of an enumeration.
type enumMember struct{ name string }

func (in *interp) classAttr(v *Value, c *Class, name string, at Place) *Value {
	switch name {
	case "__name__", "__qualname__":
		return in.str(at, c.Name)
	}
	x := c.find(name)
	if x == nil && in.urls != nil {
		return in.dotted(v, c.full+"."+name, at)
	}
	if x == nil {
		return in.noAttr(c, name, at)
	}
	if c.isA("Enum", "StrEnum", "IntEnum", "TextChoices", "IntegerChoices") && x.Kind != Object {
		m := *x
		m.Ref = &enumMember{name}
		return &m
	}
	if f, ok := x.Ref.(*Func); ok && f.kind == "classmethod" {
		return in.object(at, in.boundTo(x, v, c))
	}
	return x
}

// noAttr is an attribute that a class of the project doesn't define: a base that
// can't be read may have it.
func (in *interp) noAttr(c *Class, name string, at Place) *Value {
	if len(c.alien) > 0 && !(len(c.alien) == 1 && c.alien[0] == "builtins.object") {
		return in.unknown(at, Unknown, c.Name+"."+name+" comes from "+c.alien[0])
	}
	in.fault(at, "AttributeError", c.Name+" has no "+name)
	return in.unknown(at, Unknown, c.Name+" has no "+name)
}

// boundTo is a function with self (or its class) as its first argument.
func (in *interp) boundTo(v, self *Value, c *Class) *Func {
	f, ok := v.Ref.(*Func)
	if !ok {
		return &Func{Name: "?", async: true}
	}
	g := *f
	switch f.kind {
	case "staticmethod":
	case "classmethod":
		if _, isClass := self.Ref.(*Class); !isClass {
			self = in.object(self.At, c)
		}
		g.self = self
	default:
		g.self = self
	}
	return &g
}

func (in *interp) instantiate(fn *Value, c *Class, call_ *call) *Value {
	in.step(2)
	if in.urls != nil {
		if v := in.urls.instance(in, c, call_); v != nil {
			return v
		}
	}
	if c.isA("Enum", "StrEnum", "IntEnum") && len(call_.pos) == 1 {
		return call_.pos[0]
	}
	self := in.object(call_.at, &Instance{Class: c, ns: in.namespace()})
	inst := self.Ref.(*Instance)
	if f := c.find("__init__"); f != nil {
		in.invoke(in.boundTo(f, self, c), call_)
		return self
	}
	fields := c.ns.order
	for i, v := range call_.pos {
		if i < len(fields) {
			inst.ns.vars[fields[i]] = &binding{v: v}
		}
	}
	for _, k := range call_.kw {
		inst.ns.vars[k.name] = &binding{v: k.v}
	}
	return self
}

func (in *interp) instanceAttr(v *Value, i *Instance, name string, at Place) *Value {
	if b := i.ns.vars[name]; b != nil {
		return b.v
	}
	if name == "__class__" {
		return in.object(at, i.Class)
	}
	if name == "__dict__" {
		return in.object(at, &nsProxy{i.ns})
	}
	x := i.Class.find(name)
	if x == nil {
		if f := i.Class.find("__getattr__"); f != nil {
			return in.invoke(in.boundTo(f, v, i.Class), &call{at: at, pos: []*Value{in.str(at, name)}})
		}
		return in.noAttr(i.Class, name, at)
	}
	return in.bound(x, v, i.Class, at)
}

// bound is what an instance gives for an attribute of its class.
func (in *interp) bound(x, self *Value, c *Class, at Place) *Value {
	f, ok := x.Ref.(*Func)
	if !ok {
		return x
	}
	g := in.boundTo(x, self, c)
	if f.kind == "property" {
		return in.invoke(g, &call{at: at})
	}
	return in.object(at, g)
}

func (in *interp) superAttr(s *super_, name string, at Place) *Value {
	var c *Class
	switch r := s.self.Ref.(type) {
	case *Instance:
		c = r.Class
	case *Class:
		c = r
	default:
		return in.unknown(at, Unknown, "super() outside a class")
	}
	after := slices.Index(c.mro, s.class)
	for _, k := range c.mro[after+1:] {
		if b := k.ns.vars[name]; b != nil {
			return in.bound(b.v, s.self, c, at)
		}
	}
	if strings.HasPrefix(name, "__") { // object's own
		return in.object(at, &Native{Name: "builtins.print"})
	}
	return in.noAttr(c, name, at)
}

// valueOfClass is what a name of a settings class holds: properties are called,
// and values of django-configurations look at the environment.
func (in *interp) valueOfClass(self *Value, c *Class, name string) *Value {
	x := c.find(name)
	if r, ok := x.Ref.(interface {
		resolve(in *interp, name string) *Value
	}); ok {
		return r.resolve(in, name)
	}
	v := in.bound(x, self, c, x.At)
	if f, ok := v.Ref.(*Func); ok && f.kind != "property" {
		return in.invoke(f, &call{at: x.At})
	}
	return v
}
