package pyeval

import "runtime"

// call is one call with its arguments evaluated.
type call struct {
	at   Place
	pos  []*Value
	kw   []kwarg
	open bool // *args or **kwargs of something unknown
}

type kwarg struct {
	name string
	v    *Value
}

// nativeFunc is the model of a function of the standard library or a package.
type nativeFunc func(in *interp, c *call) *Value

// methodFunc is the model of the methods of some kind of value; false: it knows
// no such method.
type methodFunc func(in *interp, recv *Value, name string, c *call) (*Value, bool)

// attributeFunc is the model of the attributes of some kind of value.
type attributeFunc func(in *interp, recv *Value, name string, at Place) (*Value, bool)

// The models, by dotted name. Files of this package add theirs when they are
// initialised.
var (
	natives    = map[string]nativeFunc{}
	constants  = map[string]func(in *interp) *Value{}
	methods    []methodFunc
	attributes []attributeFunc
)

func register(m map[string]nativeFunc) {
	for name, f := range m {
		natives[name] = f
	}
}

func registerConstants(m map[string]func(in *interp) *Value) {
	for name, f := range m {
		constants[name] = f
	}
}

func registerMethods(f methodFunc)       { methods = append(methods, f) }
func registerAttributes(f attributeFunc) { attributes = append(attributes, f) }

// method calls a method that has a model; false: there is none.
func (in *interp) method(recv *Value, name string, c *call) (*Value, bool) {
	for _, f := range methods {
		ok := false
		v := in.tried(name, c, func() (v *Value) {
			v, ok = f(in, recv, name, c)
			return v
		})
		if ok = ok || v != nil; ok {
			if v.seq == 0 {
				v.seq = in.next()
			}
			return v, true
		}
	}
	return nil, false
}

// tried runs a model. One that trips over arguments of a number or kind that
// Python would refuse gives an unknown: the settings fail there too.
func (in *interp) tried(name string, c *call, model func() *Value) (v *Value) {
	defer func() {
		if x := recover(); x != nil {
			if _, ok := x.(runtime.Error); !ok {
				panic(x)
			}
			v = in.unknown(c.at, Unknown, "calls "+name+" with other arguments than it takes", c.all()...)
		}
	}()
	return model()
}

// attribute reads an attribute that has a model; false: there is none.
func (in *interp) attribute(recv *Value, name string, at Place) (*Value, bool) {
	for _, f := range attributes {
		if v, ok := f(in, recv, name, at); ok {
			return v, true
		}
	}
	return nil, false
}

// arg is an argument by place or by name, nil when it isn't given.
func (c *call) arg(i int, name string) *Value {
	if i >= 0 && i < len(c.pos) {
		return c.pos[i]
	}
	for _, k := range c.kw {
		if k.name == name {
			return k.v
		}
	}
	return nil
}

// known reports whether all arguments of a call are wholly worked out.
func (c *call) known() bool {
	if c.open {
		return false
	}
	for _, v := range c.all() {
		if !v.Known() {
			return false
		}
	}
	return true
}

// lifted makes a model of one that knows no Choice: each case of the first
// argument is asked.
func lifted(of Kind, f nativeFunc) nativeFunc {
	return func(in *interp, c *call) *Value {
		if c.open || len(c.pos) == 0 {
			return in.unknown(c.at, of, "", c.all()...)
		}
		return in.lift(c.at, c.pos[0], func(v *Value) *Value {
			d := *c
			d.pos = append([]*Value{v}, c.pos[1:]...)
			return f(in, &d)
		})
	}
}
