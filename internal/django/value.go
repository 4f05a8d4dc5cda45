package django

import (
	"slices"

	"github.com/djharden/djharden/internal/pysrc"
)

// ValueKind is the shape of a settings value as far as it can be read.
type ValueKind uint8

const (
	Unknown  ValueKind = iota // set to something the reader can't follow
	None                      //
	Bool                      //
	Int                       //
	Float                     //
	String                    //
	List                      // a list or tuple
	Dict                      // with string keys; others make it Open
	Duration                  // a timedelta of whole seconds
	Path                      // a pathlib.Path of some value
	FromEnv                   // read from an environment variable
)

// Value is what a settings name holds, read without running anything.
type Value struct {
	Kind    ValueKind
	Bool    bool
	Int     int64 // Int, and Duration in seconds
	Str     string
	Items   []*Value    // List: the items; Dict and FromEnv: the values, as Keys
	Keys    []string    // Dict; FromEnv: the keys set on it afterwards, as in DATABASES["default"]["ATOMIC_REQUESTS"] = True
	Open    bool        // List and Dict: there may be more than is listed
	Maybe   []*Value    // List: items that a branch may add; Unknown: what it may be
	Tuple   bool        // List: written as a tuple
	Env     string      // FromEnv: the variable's name
	Default *Value      // FromEnv: nil when the variable is required
	Node    *pysrc.Node // where it is written; nil when computed
	Cond    bool        // set under a condition the reader can't decide
}

func unknown(n *pysrc.Node) *Value { return &Value{Kind: Unknown, Node: n} }

// Known reports whether v is wholly read.
func (v *Value) Known() bool {
	if v == nil || v.Kind == Unknown || v.Kind == FromEnv || v.Kind == Path || v.Cond || v.Open {
		return false
	}
	for _, it := range v.Items {
		if !it.Known() {
			return false
		}
	}
	return true
}

// True reports whether v is known to be the literal True.
func (v *Value) True() bool { return v != nil && v.Kind == Bool && v.Bool && !v.Cond }

// False reports whether v is known to be the literal False.
func (v *Value) False() bool { return v != nil && v.Kind == Bool && !v.Bool && !v.Cond }

// Get returns the value of a dict's key, nil when it isn't listed.
func (v *Value) Get(keys ...string) *Value {
	for _, k := range keys {
		if v == nil || v.Kind != Dict && v.Kind != FromEnv {
			return nil
		}
		i := slices.Index(v.Keys, k)
		if i < 0 {
			return nil
		}
		v = v.Items[i]
	}
	return v
}

// Has reports whether a list certainly holds the string s.
func (v *Value) Has(s string) bool { return v.Index(s) >= 0 }

// Index is the place of the string s in a list, -1 when it isn't listed.
func (v *Value) Index(s string) int {
	if v == nil || v.Kind != List {
		return -1
	}
	return slices.IndexFunc(v.Items, func(it *Value) bool { return it.Kind == String && it.Str == s })
}

// MayHold reports whether a branch that the reader can't decide may add s.
func (v *Value) MayHold(s string) bool {
	if v == nil {
		return false
	}
	for _, it := range v.Maybe {
		if it.Kind == String && it.Str == s || it.Has(s) || it.MayHold(s) {
			return true
		}
	}
	return false
}

// Strings returns the strings of a list.
func (v *Value) Strings() []string {
	if v == nil || v.Kind != List {
		return nil
	}
	var out []string
	for _, it := range v.Items {
		if it.Kind == String {
			out = append(out, it.Str)
		}
	}
	return out
}

// copy is deep in containers, so that a change of one name leaves the other.
func (v *Value) copy() *Value {
	if v == nil {
		return nil
	}
	c := *v
	c.Keys = slices.Clone(v.Keys)
	c.Maybe = slices.Clone(v.Maybe)
	c.Items = make([]*Value, len(v.Items))
	for i, it := range v.Items {
		c.Items[i] = it.copy()
	}
	return &c
}

func (v *Value) set(key string, x *Value) {
	if i := slices.Index(v.Keys, key); i >= 0 {
		v.Items[i] = x
		return
	}
	v.Keys, v.Items = append(v.Keys, key), append(v.Items, x)
}

// same is equality as far as merging branches needs it.
func same(a, b *Value) bool {
	if a == nil || b == nil {
		return a == b
	}
	if a.Kind != b.Kind || a.Bool != b.Bool || a.Int != b.Int || a.Str != b.Str || a.Open != b.Open || a.Cond != b.Cond ||
		a.Env != b.Env || !slices.Equal(a.Keys, b.Keys) || len(a.Items) != len(b.Items) || len(a.Maybe) != len(b.Maybe) {
		return false
	}
	if a.Kind == Unknown || a.Kind == Path || a.Kind == Float {
		return a.Node == b.Node
	}
	for i := range a.Items {
		if !same(a.Items[i], b.Items[i]) {
			return false
		}
	}
	return same(a.Default, b.Default)
}

// merge is what a name holds after two branches of which one was taken.
func merge(a, b *Value) *Value {
	if same(a, b) {
		return a
	}
	if a != nil && b != nil && a.Kind == b.Kind {
		switch a.Kind {
		case List:
			return mergeList(a, b)
		case Dict:
			return mergeDict(a, b)
		}
	}
	u := &Value{Kind: Unknown, Cond: true}
	for _, x := range []*Value{a, b} {
		switch {
		case x == nil:
		case x.Kind == Unknown && x.Maybe != nil:
			u.Maybe = append(u.Maybe, x.Maybe...)
		default:
			u.Maybe = append(u.Maybe, x)
		}
		if x != nil && u.Node == nil {
			u.Node = x.Node
		}
	}
	return u
}

// mergeList keeps the items that both lists hold, in a's order, as certain.
func mergeList(a, b *Value) *Value {
	out := &Value{Kind: List, Tuple: a.Tuple, Open: true, Node: a.Node, Maybe: append(slices.Clone(a.Maybe), b.Maybe...)}
	hold := func(l *Value, it *Value) bool {
		return slices.ContainsFunc(l.Items, func(x *Value) bool { return same(x, it) })
	}
	for _, it := range a.Items {
		if hold(b, it) {
			out.Items = append(out.Items, it)
		} else {
			out.Maybe = append(out.Maybe, it)
		}
	}
	for _, it := range b.Items {
		if !hold(a, it) {
			out.Maybe = append(out.Maybe, it)
		}
	}
	return out
}

func mergeDict(a, b *Value) *Value {
	out := &Value{Kind: Dict, Open: a.Open || b.Open, Node: a.Node}
	for i, k := range a.Keys {
		out.set(k, merge(a.Items[i], b.Get(k)))
	}
	for i, k := range b.Keys {
		if a.Get(k) == nil {
			out.set(k, merge(nil, b.Items[i]))
		}
	}
	return out
}
