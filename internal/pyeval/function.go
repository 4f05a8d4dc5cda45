package pyeval

import (
	"slices"
	"strings"

	"github.com/djharden/djharden/internal/pysrc"
)

// define makes a function.
func (in *interp) define(s *pysrc.Stmt, sc *scope) {
	f := in.function(s.Name, s.Params, sc)
	f.body, f.async = s.Blocks[0].Body, s.Async
	f.yields = yields(f.body)
	at := sc.place(&pysrc.Node{S: s.S, E: s.E})
	v := in.object(at, f)
	for i := len(s.Decorators) - 1; i >= 0; i-- {
		v = in.decorate(s.Decorators[i], v, sc)
	}
	in.assign(in.target(s.Name, sc), s.Name, v, at, "def")
}

func (in *interp) function(name string, params []pysrc.Param, sc *scope) *Func {
	f := &Func{Name: name, src: sc.src, params: params, defs: map[string]*Value{}, scope: sc, class: sc.class}
	for _, p := range params {
		if p.Default != nil {
			f.defs[p.Name] = in.eval(p.Default, sc)
		}
	}
	return f
}

func (in *interp) lambda(n *pysrc.Node, sc *scope) *Value {
	f := in.function("<lambda>", n.LambdaParams(), sc)
	f.expr = n.Kids[len(n.Kids)-1]
	return in.object(sc.place(n), f)
}

// yields reports whether a function's body yields.
func yields(body []*pysrc.Stmt) (found bool) {
	pysrc.Walk(body, nil, func(n *pysrc.Node) { found = found || n.Kind == pysrc.Yield })
	return found
}

// decorate applies a decorator.
func (in *interp) decorate(n *pysrc.Node, v *Value, sc *scope) *Value {
	d := in.eval(n, sc)
	if r, ok := d.Ref.(*Native); ok && r.self == nil {
		f, isFunc := v.Ref.(*Func)
		switch l := last(strings.TrimSuffix(r.Name, "()")); l {
		case "property", "cached_property", "staticmethod", "classmethod", "classproperty":
			if isFunc {
				g := *f
				g.kind = l
				if l == "cached_property" || l == "classproperty" {
					g.kind = "property"
				}
				return in.object(v.At, &g)
			}
		case "lru_cache", "cache", "wraps", "override", "final", "dataclass", "contextmanager", "setter":
			return v
		}
		if d.Kind == Unknown && in.urls != nil {
			return v
		}
		if d.Kind == Unknown {
			return in.unknown(v.At, Unknown, "the decorator "+r.Name)
		}
	}
	return in.apply(d, &call{at: sc.place(n), pos: []*Value{v}}, sc)
}

// invoke calls a function of the project.
func (in *interp) invoke(f *Func, c *call) *Value {
	if in.calls >= maxCalls || f.async {
		return in.unknown(c.at, Unknown, "calls "+f.Name+", too deep", c.all()...)
	}
	in.step(4)
	sc := &scope{ns: in.namespace(), outer: f.scope, mod: f.scope.mod, src: f.src, class: f.class, self: f.self, isFunc: true}
	for sc.outer != nil && sc.outer.class != nil && !sc.outer.isFunc { // a method doesn't see its class's names
		sc.outer = sc.outer.outer
	}
	if !in.bindArgs(f, c, sc) {
		in.escapes(c, f.Name)
		return in.unknown(c.at, Unknown, "calls "+f.Name+" with arguments that can't be matched", c.all()...)
	}
	in.calls++
	defer func() { in.calls-- }()
	if f.expr != nil {
		return in.eval(f.expr, sc)
	}
	if f.yields {
		sc.yields = in.list(c.at, nil)
	}
	now := in.now
	fl := in.block(f.body, sc)
	in.now = now
	switch {
	case sc.yields != nil:
		return sc.yields
	case fl.ret == nil:
		return in.none(c.at)
	case fl.next:
		return in.choice(c.at, []*Value{fl.ret, in.none(c.at)})
	}
	return fl.ret
}

func (in *interp) yield(n *pysrc.Node, sc *scope) *Value {
	at := sc.place(n)
	var v *Value
	if len(n.Kids) > 0 {
		v = in.eval(n.Kids[0], sc)
	} else {
		v = in.none(at)
	}
	for s := sc; s != nil; s = s.outer {
		if s.yields == nil {
			continue
		}
		in.touch(s.yields, at, "yield")
		if strings.HasPrefix(sc.src.Mod.Text(n), "yield from") {
			items, ok := in.iterate(v)
			s.yields.Items = append(s.yields.Items, items...)
			s.yields.Open = s.yields.Open || !ok
		} else {
			s.yields.Items = append(s.yields.Items, v)
		}
		break
	}
	return in.unknown(at, Unknown, "what is sent to a generator")
}

// bindArgs gives the parameters their values; false: the arguments don't fit.
func (in *interp) bindArgs(f *Func, c *call, sc *scope) bool {
	pos := c.pos
	if f.self != nil {
		pos = append([]*Value{f.self}, pos...)
	}
	used := make([]bool, len(c.kw))
	set := func(name string, v *Value) { sc.ns.vars[name] = &binding{v: v} }
	take := func(name string) *Value {
		for i, k := range c.kw {
			if k.name == name && !used[i] {
				used[i] = true
				return k.v
			}
		}
		return nil
	}
	for _, p := range f.params {
		switch p.Kind {
		case pysrc.ParamStar:
			if p.Name != "" {
				rest := in.tuple(c.at, slices.Clone(pos)...)
				rest.Open = c.open
				set(p.Name, rest)
			}
			pos = nil
			continue
		case pysrc.ParamStar2:
			d := in.derive(c.at, &Value{Kind: Dict, Open: c.open})
			for i, k := range c.kw {
				if !used[i] {
					used[i] = true
					d.put(in.str(c.at, k.name), k.v)
				}
			}
			set(p.Name, d)
			continue
		case pysrc.ParamPos, pysrc.ParamNormal:
			if len(pos) > 0 {
				set(p.Name, pos[0])
				pos = pos[1:]
				continue
			}
		}
		v := take(p.Name)
		if v == nil {
			v = f.defs[p.Name]
		}
		if v == nil && c.open {
			v = in.unknown(c.at, Unknown, "an argument that can't be told")
		}
		if v == nil {
			return false
		}
		set(p.Name, v)
	}
	return len(pos) == 0 && !slices.Contains(used, false)
}
