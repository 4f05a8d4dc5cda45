package pyeval

import (
	"slices"

	"github.com/djharden/djharden/internal/pysrc"
)

// Func is a function of the project: a def, a lambda, or a method bound to what
// it was looked up on.
type Func struct {
	Name   string
	src    *Source
	params []pysrc.Param
	defs   map[string]*Value // defaults, evaluated where the function was made
	body   []*pysrc.Stmt     // of a def
	expr   *pysrc.Node       // of a lambda
	scope  *scope            // where it was made
	yields bool
	async  bool
	self   *Value // bound method
	class  *Class // the class whose body made it, for super()
	kind   string // "", "property", "staticmethod", "classmethod"
}

// Class is a class of the project.
type Class struct {
	Name  string
	bases []*Value
	ns    *namespace
	mro   []*Class
	alien []string // dotted names of bases that are not the project's
	full  string   // dotted
}

// Instance is an object of a class of the project.
type Instance struct {
	Class *Class
	ns    *namespace
}

// Module is a module, of the project or not.
type Module struct {
	Name string
	ns   *namespace // nil: not the project's
	shut bool       // the project's, but not run: its names are known by where they come from
	done bool       // executed to its end
}

// Native is something of the standard library or of a package, by dotted name.
// In an Unknown it is something that has no model here.
type Native struct {
	Name string
	self *Value // a method bound to a value: Name is the method's
}

// super_ is what super() gives: attributes are looked up after class.
type super_ struct {
	class *Class
	self  *Value
}

// nsProxy is what globals(), locals() and vars() give.
type nsProxy struct{ ns *namespace }

// namespace is a set of names: of a module, a class, an instance or a call.
type namespace struct {
	vars  map[string]*binding
	order []string
	known map[string]bool // of order
	seq   int             // when it was made, for the journal
	open  *Stop           // there may be more names than are known
	name  string          // of the module
}

// binding is what a name holds. It is replaced, never changed.
type binding struct {
	v       *Value
	changes []Change
	absent  bool // in one of several branches the name isn't there
}

// scope is where names are looked up: a call's own, then those around it.
type scope struct {
	ns     *namespace
	outer  *scope
	mod    *Module
	src    *Source
	global map[string]bool // of a function: what it declares global
	class  *Class          // of a method
	self   *Value
	isFunc bool
	yields *Value // a generator's items so far
}

func (s *scope) globals() *namespace { return s.mod.ns }

// linearize is C3 where it can be done, else depth first.
func linearize(c *Class) []*Class {
	var seqs [][]*Class
	var direct []*Class
	for _, b := range c.bases {
		if k, ok := b.Ref.(*Class); ok {
			seqs = append(seqs, slices.Clone(k.mro))
			direct = append(direct, k)
		}
	}
	seqs = append(seqs, direct)
	out := []*Class{c}
	for {
		var next *Class
		left := false
		for _, s := range seqs {
			if len(s) == 0 {
				continue
			}
			left = true
			if !inTails(seqs, s[0]) {
				next = s[0]
				break
			}
		}
		if !left {
			return out
		}
		if next == nil { // no consistent order: Python refuses the class
			for _, s := range seqs {
				for _, k := range s {
					if !slices.Contains(out, k) {
						out = append(out, k)
					}
				}
			}
			return out
		}
		out = append(out, next)
		for i, s := range seqs {
			if len(s) > 0 && s[0] == next {
				seqs[i] = s[1:]
			}
		}
	}
}

func inTails(seqs [][]*Class, c *Class) bool {
	for _, s := range seqs {
		if len(s) > 1 && slices.Contains(s[1:], c) {
			return true
		}
	}
	return false
}

// find looks an attribute up along the order of the bases.
func (c *Class) find(name string) *Value {
	for _, k := range c.mro {
		if b := k.ns.vars[name]; b != nil {
			return b.v
		}
	}
	return nil
}
