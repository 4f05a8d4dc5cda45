package pyeval

import (
	"slices"
	"strings"
	"unicode/utf8"
)

func init() {
	register(map[string]nativeFunc{
		"builtins.str":           pyStr,
		"builtins.repr":          lifted(Str, func(in *interp, c *call) *Value { return in.repr(c) }),
		"builtins.ascii":         lifted(Str, pyASCII),
		"builtins.bool":          pyBool,
		"builtins.int":           pyInt,
		"builtins.float":         pyFloat,
		"builtins.len":           lifted(Int, pyLen),
		"builtins.list":          container(List),
		"builtins.tuple":         container(Tuple),
		"builtins.set":           container(Set),
		"builtins.frozenset":     frozenSet,
		"builtins.dict":          pyDict,
		"builtins.range":         pyRange,
		"builtins.sorted":        lifted(List, pySorted),
		"builtins.reversed":      lifted(List, pyReversed),
		"builtins.enumerate":     lifted(List, pyEnumerate),
		"builtins.zip":           pyZip,
		"builtins.map":           pyMap,
		"builtins.filter":        pyFilter,
		"builtins.any":           lifted(Bool, func(in *interp, c *call) *Value { return anyAll(in, c, Yes) }),
		"builtins.all":           lifted(Bool, func(in *interp, c *call) *Value { return anyAll(in, c, No) }),
		"builtins.min":           func(in *interp, c *call) *Value { return extreme(in, c, "<") },
		"builtins.max":           func(in *interp, c *call) *Value { return extreme(in, c, ">") },
		"builtins.sum":           lifted(Unknown, pySum),
		"builtins.abs":           lifted(Unknown, pyAbs),
		"builtins.round":         lifted(Unknown, pyRound),
		"builtins.divmod":        pyDivmod,
		"builtins.pow":           pyPow,
		"builtins.format":        lifted(Str, pyFormat),
		"builtins.dict.fromkeys": lifted(Dict, fromKeys),
		"builtins.isinstance":    pyIsinstance,
		"builtins.print":         func(in *interp, c *call) *Value { return in.none(c.at) },
		"builtins.type":          pyType,
		"builtins.next":          pyNext,
		"builtins.iter":          lifted(List, pyIter),
		"builtins.hex":           inBase("x"),
		"builtins.oct":           inBase("o"),
		"builtins.bin":           inBase("b"),
		"builtins.id":            func(in *interp, c *call) *Value { return in.unknown(c.at, Int, "calls id") },
		"builtins.input":         func(in *interp, c *call) *Value { return in.unknown(c.at, Str, "asks a person") },
		"builtins.ord":           lifted(Int, pyOrd),
		"builtins.chr":           lifted(Str, pyChr),
		"builtins.bytes":         lifted(Bytes, pyBytes),
		"builtins.object":        func(in *interp, c *call) *Value { return in.unknown(c.at, Unknown, "an object()") },
	})
}

func pyBool(in *interp, c *call) *Value {
	if len(c.pos) == 0 {
		return in.bool(c.at, false)
	}
	return in.truthOf(c.at, c.pos[0].Truth(), c.pos[0])
}

func pyLen(in *interp, c *call) *Value {
	v := c.pos[0]
	switch {
	case v.Open:
	case v.Kind == Str:
		return in.int(c.at, int64(utf8.RuneCountInString(v.S)), v)
	case v.Kind == Bytes:
		return in.int(c.at, int64(len(v.S)), v)
	case v.IsList() || v.Kind == Dict:
		return in.int(c.at, int64(len(v.Items)), v)
	}
	if scalar(v) {
		return in.failed(c, "TypeError", "it has no length", Int)
	}
	return in.unknown(c.at, Int, "", v)
}

// scalar reports whether v is surely nothing that can be iterated over.
func scalar(v *Value) bool {
	return v.Kind == None || numeric(v) || v.Kind == Duration || v.Kind == Path
}

// frozen marks a set that is a frozenset.
type frozen struct{}

func frozenSet(in *interp, c *call) *Value {
	v := container(Set)(in, c)
	if v.Kind == Set {
		v.Ref = frozen{}
	}
	return v
}

// container is list(), tuple() and set().
func container(kind Kind) nativeFunc {
	return func(in *interp, c *call) *Value {
		if len(c.pos) == 0 {
			return in.derive(c.at, &Value{Kind: kind})
		}
		return in.lift(c.at, c.pos[0], func(v *Value) *Value {
			items, ok := in.iterate(v)
			if !ok && scalar(v) {
				return in.failed(c, "TypeError", "it can't be iterated over", kind)
			}
			out := in.derive(c.at, &Value{Kind: kind, Open: !ok || c.open}, v)
			if kind == Set {
				in.step(len(items) * len(items) / 64)
			}
			for _, x := range items {
				out.add(x)
			}
			out.Why = v.Reason()
			return in.seen(out)
		})
	}
}

func pyDict(in *interp, c *call) *Value {
	out := in.derive(c.at, &Value{Kind: Dict, Open: c.open}, c.all()...)
	if len(c.pos) > 0 {
		in.pairsInto(out, c.pos[0])
	}
	for _, k := range c.kw {
		out.put(in.str(c.at, k.name), k.v)
	}
	return out
}

// pairsInto puts a mapping or pairs of key and value into a dict.
func (in *interp) pairsInto(d, v *Value) {
	if v.Kind == Dict || !v.IsList() {
		in.mergeInto(d, v)
		return
	}
	d.Open = d.Open || v.Open
	for _, p := range v.Items {
		if (p.Kind == Tuple || p.Kind == List) && len(p.Items) == 2 && p.Items[0].Known() {
			d.put(p.Items[0], p.Items[1])
		} else {
			d.Open = true
		}
	}
}

// fromKeys is dict.fromkeys.
func fromKeys(in *interp, c *call) *Value {
	x := c.arg(1, "value")
	if x == nil {
		x = in.none(c.at)
	}
	items, ok := in.iterate(c.pos[0])
	out := in.derive(c.at, &Value{Kind: Dict, Open: !ok}, c.all()...)
	for _, k := range items {
		in.step(1)
		if !k.Known() {
			out.Open = true
			continue
		}
		out.put(k, x)
	}
	return out
}

func pyIsinstance(in *interp, c *call) *Value {
	if len(c.pos) != 2 {
		return in.unknown(c.at, Bool, "", c.all()...)
	}
	return in.lift(c.at, c.pos[0], func(v *Value) *Value {
		list := []*Value{c.pos[1]}
		if c.pos[1].Kind == Tuple {
			list = c.pos[1].Items
		}
		out := No
		for _, t := range list {
			switch isA(v, t) {
			case Yes:
				return in.bool(c.at, true, v)
			case Maybe:
				out = Maybe
			}
		}
		return in.truthOf(c.at, out, v)
	})
}

func isA(v, class *Value) Truth {
	switch r := class.Ref.(type) {
	case *Native:
		kind := types[last(r.Name)]
		k := v.Kind
		if k == Unknown {
			k = v.Of
		}
		switch {
		case last(r.Name) == "property" && v.Kind != Object:
			return No
		case k == Unknown || k == Object || k == Choice:
			return Maybe
		case kind == Unknown:
			switch last(r.Name) {
			case "Path", "PurePath":
				return truth(k == Path)
			case "property":
				return No // an attribute that is read is its value
			}
			return Maybe
		case kind == Int:
			return truth(k == Int || k == Bool)
		}
		return truth(k == kind)
	case *Class:
		if i, ok := v.Ref.(*Instance); ok {
			return truth(slices.Contains(i.Class.mro, r))
		}
		if v.Kind != Object && v.Kind != Unknown {
			return No
		}
	}
	return Maybe
}

func pyType(in *interp, c *call) *Value {
	if len(c.pos) == 1 {
		if i, ok := c.pos[0].Ref.(*Instance); ok {
			return in.object(c.at, i.Class)
		}
		for name, k := range types {
			if k == c.pos[0].Kind && name != "frozenset" {
				return in.object(c.at, &Native{Name: "builtins." + name})
			}
		}
	}
	return in.unknown(c.at, Unknown, "calls type()", c.all()...)
}

func pyOrd(in *interp, c *call) *Value {
	if r := []rune(c.pos[0].S); c.pos[0].Kind == Str && len(r) == 1 {
		return in.int(c.at, int64(r[0]), c.pos...)
	}
	return in.unknown(c.at, Int, "", c.all()...)
}

func pyChr(in *interp, c *call) *Value {
	n := c.pos[0].N
	switch {
	case c.pos[0].Kind == Int && (n < 0 || n > utf8.MaxRune):
		return in.failed(c, "ValueError", "chr() arg not in range", Str)
	case c.pos[0].Kind == Int && utf8.ValidRune(rune(n)):
		return in.str(c.at, string(rune(n)), c.pos...)
	}
	return in.unknown(c.at, Str, "", c.all()...)
}

func pyBytes(in *interp, c *call) *Value {
	v := c.pos[0]
	switch {
	case v.Kind == Bytes:
		return in.derive(c.at, &Value{Kind: Bytes, S: v.S}, v)
	case v.Kind == Str && (len(c.pos) > 1 || len(c.kw) > 0):
		return in.encode(v, &call{at: c.at, pos: c.pos[1:], kw: c.kw})
	case v.Kind == Str:
		return in.failed(c, "TypeError", "string argument without an encoding", Bytes)
	case v.Kind == Int && v.N >= 0 && v.N <= maxSize:
		return in.derive(c.at, &Value{Kind: Bytes, S: strings.Repeat("\x00", int(v.N))}, v)
	case (v.Kind == List || v.Kind == Tuple) && v.Known():
		var b []byte
		for _, x := range v.Items {
			if x.Kind != Int || x.N < 0 || x.N > 255 {
				return in.unknown(c.at, Bytes, "", v)
			}
			b = append(b, byte(x.N))
		}
		return in.derive(c.at, &Value{Kind: Bytes, S: string(b)}, v)
	}
	return in.unknown(c.at, Bytes, "", c.all()...)
}
