package pyeval

import (
	"slices"
	"strconv"

	"github.com/djharden/djharden/internal/pysrc"
)

// Kind is the shape of a value.
type Kind uint8

// The kinds of values.
const (
	Unknown  Kind = iota // can't be worked out: Of says what type it has where that is known, Why what stopped the reader
	None                 //
	Bool                 // B
	Int                  // N
	Float                // F
	Str                  // S
	Bytes                // S
	List                 // Items
	Tuple                // Items
	Set                  // Items
	Dict                 // Keys and Items
	Duration             // a timedelta: F seconds
	Path                 // a pathlib.Path: S
	Choice               // one of Items: a branch that can't be decided
	Object               // anything else Python has: Ref is a *Func, *Class, *Instance, *Module or *Native
)

// Value is what a Python expression evaluates to in the environment given.
// Lists, dicts and sets are changed in place, as in Python: two names may hold
// the same Value. Values that a Result gives out are not to be changed.
type Value struct {
	Kind  Kind
	Of    Kind     // of an Unknown: the kind it has where that is known (a string from the environment, cast to bool...), else Unknown
	Open  bool     // List, Tuple, Set, Dict: there may be more than is listed
	B     bool     //
	N     int64    //
	F     float64  //
	S     string   // of an Unknown whose Of is Str: what it surely begins with
	Items []*Value //
	Keys  []*Value // Dict
	Env   []string // the environment variables that the value depends on, sorted; [] where none
	Why   string   // Unknown: what stopped the reader, in words: "SECRET_KEY is not set and has no default", "calls boto3.client"
	At    Place    // where it is written: the expression that made it
	Ref   any      // Object

	seq     int            // when it was made, for the journal
	index   map[string]int // Dict: of its string keys
	changes []Change       // in place, in order
}

// Source is a file that was read.
type Source struct {
	Path string // from the root of Options.FS, with slashes
	Mod  *pysrc.Module
}

// Place is a range of a file. The zero Place is nowhere.
type Place struct {
	Src  *Source
	S, E int
}

// IsZero reports whether p is nowhere.
func (p Place) IsZero() bool { return p.Src == nil }

// Path is the file, "" for nowhere.
func (p Place) Path() string {
	if p.Src == nil {
		return ""
	}
	return p.Src.Path
}

// Position is the line and column where p begins, from 1, the column in
// characters; zeros for nowhere.
func (p Place) Position() (line, col int) {
	if p.Src == nil {
		return 0, 0
	}
	return p.Src.Mod.Position(p.S)
}

// Text is the source of p.
func (p Place) Text() string {
	if p.Src == nil {
		return ""
	}
	return string(p.Src.Mod.Src[p.S:p.E])
}

// Change is one place that set a name or changed its value.
type Change struct {
	Place        // the statement
	How   string // "=", "+=", "append", "update", "[...] =", "import", "del" ...
	seq   int
}

// Setting is an upper-case name of the settings module.
type Setting struct {
	Name    string
	Value   *Value
	Absent  bool     // on one of several branches that can't be decided it isn't set: Django's default may hold
	Changes []Change // every place that set it or changed it, in order of running; the last one decides
}

// Decides is the place that gave the setting its last value.
func (s *Setting) Decides() Place {
	if s == nil || len(s.Changes) == 0 {
		return Place{}
	}
	return s.Changes[len(s.Changes)-1].Place
}

// EnvRead is one look at the environment.
type EnvRead struct {
	Name     string
	At       Place
	Required bool   // it has no default, or the settings refuse the default: production doesn't start without it
	Default  *Value // nil when Required and there is none
	Cast     Kind   // Str, Bool, Int, List ...; Unknown: no cast
}

// Truth is an answer of three values.
type Truth uint8

const (
	Maybe Truth = iota
	Yes
	No
)

func truth(b bool) Truth {
	if b {
		return Yes
	}
	return No
}

// Not is the opposite; Maybe stays.
func (t Truth) Not() Truth {
	switch t {
	case Yes:
		return No
	case No:
		return Yes
	}
	return Maybe
}

// Truth is Python's truth of v.
func (v *Value) Truth() Truth {
	if v == nil {
		return Maybe
	}
	switch v.Kind {
	case None:
		return No
	case Bool:
		return truth(v.B)
	case Int:
		return truth(v.N != 0)
	case Float, Duration:
		return truth(v.F != 0)
	case Str, Bytes:
		return truth(v.S != "")
	case List, Tuple, Set, Dict:
		if len(v.Items) == 0 && v.Open {
			return Maybe
		}
		return truth(len(v.Items) > 0)
	case Path:
		return Yes
	case Choice:
		return v.All(func(x *Value) Truth { return x.Truth() })
	case Unknown:
		if v.Of == Str && v.S != "" || v.Of == Path {
			return Yes
		}
		return Maybe
	case Object:
		switch v.Ref.(type) {
		case *Func, *Class, *Module, *Native:
			return Yes
		}
	}
	return Maybe
}

// All asks each value that v may have: the answer that all give, else Maybe.
// For anything but a Choice it is the answer for v itself.
func (v *Value) All(ask func(*Value) Truth) Truth {
	if v == nil {
		return Maybe
	}
	if v.Kind != Choice {
		return ask(v)
	}
	var out Truth
	for i, x := range v.Items {
		t := x.All(ask)
		if t == Maybe || i > 0 && t != out {
			return Maybe
		}
		out = t
	}
	return out
}

// Known reports whether v is wholly worked out: nothing in it is Unknown, Open
// or a Choice.
func (v *Value) Known() bool {
	known := v != nil
	v.walk(func(x *Value) bool {
		known = x.Kind != Unknown && x.Kind != Choice && !x.Open
		return known
	})
	return known
}

// FromEnv reports whether the environment has a say in v.
func (v *Value) FromEnv() bool { return v != nil && len(v.Env) > 0 }

// IsList reports whether v is a list, tuple or set.
func (v *Value) IsList() bool {
	return v != nil && (v.Kind == List || v.Kind == Tuple || v.Kind == Set)
}

// IsStr reports whether v is the string s.
func (v *Value) IsStr(s string) bool { return v != nil && v.Kind == Str && v.S == s }

// Get is the value of a dict below the string keys, nil when it isn't there or
// v is no dict. See Lookup for the difference between absent and unknown.
func (v *Value) Get(keys ...string) *Value {
	for _, k := range keys {
		if v == nil || v.Kind != Dict {
			return nil
		}
		i := v.find(k)
		if i < 0 {
			return nil
		}
		v = v.Items[i]
	}
	return v
}

// Lookup is Get, and whether the answer is certain: Yes, there is a value; No,
// there is none; Maybe, it can't be told (an open dict, an unknown).
func (v *Value) Lookup(keys ...string) (*Value, Truth) {
	for _, k := range keys {
		if v == nil || v.Kind == Unknown || v.Kind == Choice || v.Kind == Object {
			return nil, Maybe
		}
		if v.Kind != Dict {
			return nil, No
		}
		i := v.find(k)
		switch {
		case i >= 0:
			v = v.Items[i]
		case v.Open:
			return nil, Maybe
		default:
			return nil, No
		}
	}
	return v, Yes
}

// Has says whether a list, tuple, set or the keys of a dict hold the string s.
func (v *Value) Has(s string) Truth {
	return v.All(func(v *Value) Truth {
		list := v.Items
		switch v.Kind {
		case Dict:
			list = v.Keys
		case List, Tuple, Set:
		default:
			return Maybe
		}
		out := No
		for _, x := range list {
			switch x.All(func(x *Value) Truth {
				if x.Kind == Unknown || x.Kind == Object {
					return Maybe
				}
				return truth(x.IsStr(s))
			}) {
			case Yes:
				return Yes
			case Maybe:
				out = Maybe
			}
		}
		if v.Open {
			return Maybe
		}
		return out
	})
}

// Index is the place of the string s in a list, tuple or set; -1 when it isn't
// listed.
func (v *Value) Index(s string) int {
	if !v.IsList() {
		return -1
	}
	return slices.IndexFunc(v.Items, func(x *Value) bool { return x.IsStr(s) })
}

// Strings are the known strings of a list, tuple or set, or the one string v.
func (v *Value) Strings() []string {
	if v == nil {
		return nil
	}
	if v.Kind == Str {
		return []string{v.S}
	}
	if !v.IsList() {
		return nil
	}
	var out []string
	for _, x := range v.Items {
		if x.Kind == Str {
			out = append(out, x.S)
		}
	}
	return out
}

// Cases are the values that v may have: the items of a Choice, else v alone.
func (v *Value) Cases() []*Value {
	if v == nil {
		return nil
	}
	if v.Kind != Choice {
		return []*Value{v}
	}
	var out []*Value
	for _, x := range v.Items {
		out = append(out, x.Cases()...)
	}
	return out
}

// find is the index of a string key, -1 when there is none.
func (v *Value) find(key string) int {
	if len(v.Keys) <= 8 {
		return slices.IndexFunc(v.Keys, func(k *Value) bool { return k.IsStr(key) })
	}
	if i, ok := v.indexed()["s"+key]; ok {
		return i
	}
	return -1
}

// indexed is the places of the keys of a large dict, by their text.
func (v *Value) indexed() map[string]int {
	if v.index == nil {
		v.index = make(map[string]int, len(v.Keys))
		for i, k := range v.Keys {
			v.index[k.hash()] = i
		}
	}
	return v.index
}

// hash is equal for keys that are: "s" and a string, "n" and a number.
func (v *Value) hash() string {
	switch v.Kind {
	case Str:
		return "s" + v.S
	case Int, Bool, Float:
		_, f, _ := v.number()
		return "n" + strconv.FormatFloat(f, 'g', -1, 64)
	}
	s, _ := repr(v, 0)
	return "r" + s
}

// Last is the place of the last change in place of v or of what it holds, the
// zero Place where there was none.
func (v *Value) Last() Place {
	var last Change
	v.walk(func(x *Value) bool {
		if n := len(x.changes); n > 0 && x.changes[n-1].seq > last.seq {
			last = x.changes[n-1]
		}
		return true
	})
	return last.Place
}

// Dropped is the last place that took something out of v, the zero Place where
// there is none.
func (v *Value) Dropped() Place {
	if v == nil {
		return Place{}
	}
	for i := len(v.changes) - 1; i >= 0; i-- {
		switch v.changes[i].How {
		case "pop", "del", "clear", "remove", "popitem":
			return v.changes[i].Place
		}
	}
	return Place{}
}

// KeyPlace is where a string key of a dict was written, the zero Place where
// the dict has no such key.
func (v *Value) KeyPlace(key string) Place {
	if v == nil || v.Kind != Dict {
		return Place{}
	}
	if i := v.find(key); i >= 0 {
		return v.Keys[i].At
	}
	return Place{}
}
