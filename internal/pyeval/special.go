package pyeval

import (
	"io/fs"
	"path"
	"slices"
	"strings"
)

// specials are the functions that look at the names around them or at objects
// of the project.
var specials map[string]func(in *interp, c *call, sc *scope) *Value

func init() {
	specials = map[string]func(in *interp, c *call, sc *scope) *Value{
		"builtins.globals":             func(in *interp, c *call, sc *scope) *Value { return in.proxy(c, sc, true) },
		"builtins.locals":              func(in *interp, c *call, sc *scope) *Value { return in.proxy(c, sc, false) },
		"builtins.vars":                vars,
		"builtins.super":               super,
		"builtins.exec":                exec,
		"builtins.eval":                eval,
		"builtins.execfile":            exec,
		"builtins.getattr":             getattr,
		"builtins.hasattr":             hasattr,
		"builtins.setattr":             setattr,
		"builtins.dir":                 dir,
		"inspect.getmembers":           members,
		"builtins.callable":            callable,
		"builtins.__import__":          importModule,
		"importlib.import_module":      importModule,
		"split_settings.tools.include": include,
		"split_settings.include":       include,
		"split_settings.tools.optional": func(in *interp, c *call, sc *scope) *Value {
			if len(c.pos) == 1 && c.pos[0].Kind == Str {
				return in.derive(c.at, &Value{Kind: Str, S: c.pos[0].S, Ref: optionalPath{}})
			}
			return in.unknown(c.at, Str, "")
		},
	}
}

// optionalPath marks a path of split-settings that may be missing.
type optionalPath struct{}

func (in *interp) proxy(c *call, sc *scope, global bool) *Value {
	if sc == nil {
		return in.unknown(c.at, Dict, "the names of a caller")
	}
	ns := sc.ns
	if global {
		ns = sc.globals()
	}
	return in.object(c.at, &nsProxy{ns})
}

func vars(in *interp, c *call, sc *scope) *Value {
	if len(c.pos) == 0 {
		return in.proxy(c, sc, false)
	}
	if ns := namespaceOf(c.pos[0]); ns != nil {
		return in.object(c.at, &nsProxy{ns})
	}
	return in.unknown(c.at, Dict, "vars() of something that can't be followed")
}

func super(in *interp, c *call, sc *scope) *Value {
	if sc != nil {
		for s := sc; s != nil; s = s.outer {
			if s.isFunc && s.class != nil && s.self != nil {
				return in.object(c.at, &super_{s.class, s.self})
			}
		}
	}
	return in.unknown(c.at, Unknown, "super() outside a method")
}

// exec runs source that is known; anything else may set any name.
func exec(in *interp, c *call, sc *scope) *Value {
	if sc == nil {
		return in.none(c.at)
	}
	ns := sc.ns
	if len(c.pos) > 1 {
		if p, ok := c.pos[1].Ref.(*nsProxy); ok {
			ns = p.ns
		} else {
			return in.none(c.at)
		}
	}
	in.opened(ns, c.at, "exec() may set any name")
	return in.none(c.at)
}

func eval(in *interp, c *call, sc *scope) *Value {
	return in.unknown(c.at, Unknown, "calls eval()", c.all()...)
}

func getattr(in *interp, c *call, sc *scope) *Value {
	if len(c.pos) < 2 || c.pos[1].Kind != Str {
		return in.unknown(c.at, Unknown, "an attribute whose name can't be told", c.all()...)
	}
	v, name := c.pos[0], c.pos[1].S
	if len(c.pos) == 2 {
		return in.attr(v, name, c.at)
	}
	switch in.hasAttr(v, name) {
	case Yes:
		return in.attr(v, name, c.at)
	case No:
		return c.pos[2]
	}
	in.tries = append(in.tries, &tryFrame{catches: []string{"AttributeError"}})
	o := in.attempt(func() flow { return flow{ret: in.attr(v, name, c.at)} })
	in.tries = in.tries[:len(in.tries)-1]
	if o.exc != nil {
		return c.pos[2]
	}
	if o.flow.ret.Kind == Unknown {
		return in.choice(c.at, []*Value{o.flow.ret, c.pos[2]})
	}
	return o.flow.ret
}

// hasAttr says whether an object has an attribute, as far as its class is the
// project's.
func hasAttr(v *Value, name string) Truth {
	switch r := v.Ref.(type) {
	case *Module:
		if r.ns == nil || r.shut {
			return Maybe
		}
		if r.ns.vars[name] != nil {
			return Yes
		}
		if r.ns.open == nil {
			return No
		}
	case *Class:
		if r.find(name) != nil {
			return Yes
		}
		if len(r.alien) == 0 {
			return No
		}
	case *Instance:
		if r.ns.vars[name] != nil || r.Class.find(name) != nil {
			return Yes
		}
		if len(r.Class.alien) == 0 && r.Class.find("__getattr__") == nil {
			return No
		}
	}
	return hasData(v, name)
}

func hasattr(in *interp, c *call, sc *scope) *Value {
	if len(c.pos) != 2 || c.pos[1].Kind != Str {
		return in.unknown(c.at, Bool, "", c.all()...)
	}
	return in.truthOf(c.at, in.hasAttr(c.pos[0], c.pos[1].S), c.pos...)
}

func setattr(in *interp, c *call, sc *scope) *Value {
	if len(c.pos) == 3 {
		if ns := namespaceOf(c.pos[0]); ns != nil {
			in.storeName(ns, c.pos[1], c.pos[2], in.now)
		}
	}
	return in.none(c.at)
}

func dir(in *interp, c *call, sc *scope) *Value {
	var names []string
	if len(c.pos) == 0 && sc != nil {
		names = slices.Clone(sc.ns.order)
	} else if len(c.pos) == 1 {
		switch r := c.pos[0].Ref.(type) {
		case *Instance:
			names = append(slices.Clone(r.ns.order), r.Class.names()...)
		case *Class:
			names = r.names()
		case *Module:
			if r.ns == nil {
				return in.unknown(c.at, List, "the names of "+r.Name)
			}
			names = slices.Clone(r.ns.order)
		default:
			return in.unknown(c.at, List, "", c.pos...)
		}
	}
	slices.Sort(names)
	var items []*Value
	for _, n := range slices.Compact(names) {
		items = append(items, in.str(c.at, n))
	}
	return in.list(c.at, items)
}

// names are all attributes of a class and its bases.
func (c *Class) names() []string {
	var out []string
	for _, k := range c.mro {
		out = append(out, k.ns.order...)
	}
	return out
}

func callable(in *interp, c *call, sc *scope) *Value {
	if len(c.pos) != 1 {
		return in.unknown(c.at, Bool, "")
	}
	switch r := c.pos[0].Ref.(type) {
	case *Func, *Class:
		return in.bool(c.at, true)
	case *Native:
		if c.pos[0].Kind == Object && (r.self != nil || natives[r.Name] != nil) {
			return in.bool(c.at, true)
		}
	case *Instance:
		return in.truthOf(c.at, truth(r.Class.find("__call__") != nil))
	}
	if c.pos[0].Kind != Object && c.pos[0].Kind != Unknown {
		return in.bool(c.at, false)
	}
	return in.unknown(c.at, Bool, "", c.pos...)
}

func importModule(in *interp, c *call, sc *scope) *Value {
	if len(c.pos) == 0 || c.pos[0].Kind != Str {
		return in.unknown(c.at, Unknown, "imports a module whose name can't be told", c.all()...)
	}
	name := c.pos[0].S
	if strings.HasPrefix(name, ".") && len(c.pos) > 1 && c.pos[1].Kind == Str {
		name = strings.TrimSuffix(c.pos[1].S, ".") + name
	}
	m := in.imported(name, false, c.at)
	if m == nil {
		return in.unknown(c.at, Unknown, name+" isn't in the repository")
	}
	return in.object(c.at, m)
}

// include runs the files that split-settings names in the names of the caller.
func include(in *interp, c *call, sc *scope) *Value {
	target := sc
	for _, k := range c.kw {
		if p, ok := k.v.Ref.(*nsProxy); ok && sc != nil && p.ns != sc.ns {
			target = &scope{ns: p.ns, mod: sc.mod, src: sc.src}
		}
	}
	if target == nil || target.src == nil {
		return in.none(c.at)
	}
	base := path.Dir(target.src.Path)
	for _, a := range c.pos {
		if a.Kind != Str {
			in.opened(target.ns, c.at, "include() of a file whose name can't be told")
			continue
		}
		found, _ := fs.Glob(in.fs, path.Join(base, a.S))
		_, optional := a.Ref.(optionalPath)
		if len(found) == 0 && !optional {
			in.stop(c.at, "include() names "+a.S+", which isn't in the repository")
		}
		slices.Sort(found)
		for _, file := range found {
			in.includeFile(file, target, c.at)
		}
	}
	return in.none(c.at)
}

func (in *interp) includeFile(file string, sc *scope, at Place) {
	if in.calls >= maxCalls {
		in.raise(at, "RecursionError", "include() of "+file+" in itself", nil)
	}
	src, err := in.source(file)
	if err != nil {
		in.raise(at, "SyntaxError", file+" can't be read as Python: "+err.Error(), nil)
	}
	if !slices.Contains(in.files, file) {
		in.files = append(in.files, file)
	}
	in.calls++
	inner := &scope{ns: sc.ns, mod: sc.mod, src: src, outer: sc.outer}
	was := sc.ns.vars["__file__"]
	sc.ns.vars["__file__"] = &binding{v: in.str(Place{Src: src}, path.Join(in.o.Root, file))}
	now := in.now
	in.module(src.Mod.Stmts, inner)
	in.now = now
	sc.ns.vars["__file__"] = was
	in.calls--
}

// members is inspect.getmembers of an instance or a class of the project.
func members(in *interp, c *call, sc *scope) *Value {
	if len(c.pos) != 1 {
		return in.unknown(c.at, List, "", c.all()...)
	}
	names := dir(in, &call{at: c.at, pos: c.pos}, nil)
	out := in.derive(c.at, &Value{Kind: List, Open: names.Kind == Unknown})
	for _, n := range names.Items {
		out.Items = append(out.Items, in.tuple(c.at, n, in.attr(c.pos[0], n.S, c.at)))
	}
	return out
}
