package pyeval

import (
	"github.com/djharden/djharden/internal/pysrc"
)

func (in *interp) subscript(n *pysrc.Node, sc *scope) *Value {
	v := in.eval(n.Kids[0], sc)
	at := sc.place(n)
	if n.Kids[1].Kind == pysrc.Slice {
		key := in.slice(n.Kids[1], sc)
		return in.lift(at, v, func(v *Value) *Value { return in.sliced(at, v, key) })
	}
	return in.item(v, in.eval(n.Kids[1], sc), at)
}

// slice is a tuple of its three parts.
func (in *interp) slice(n *pysrc.Node, sc *scope) *Value {
	lo, hi, step := n.SliceParts()
	parts := make([]*Value, 3)
	for i, p := range []*pysrc.Node{lo, hi, step} {
		if p == nil {
			parts[i] = in.none(sc.place(n))
		} else {
			parts[i] = in.eval(p, sc)
		}
	}
	return in.derive(sc.place(n), &Value{Kind: Tuple, Items: parts})
}

// span is the range of a slice without a step.
func (in *interp) span(key *Value, n int) (lo, hi int, ok bool) {
	if key.Kind != Tuple || len(key.Items) != 3 || key.Items[2].Kind != None && !(key.Items[2].Kind == Int && key.Items[2].N == 1) {
		return 0, 0, false
	}
	bound := func(v *Value, def int) (int, bool) {
		switch v.Kind {
		case None:
			return def, true
		case Int:
			i := v.N
			if i < 0 {
				i += int64(n)
			}
			return int(min(max(i, 0), int64(n))), true
		}
		return 0, false
	}
	lo, ok1 := bound(key.Items[0], 0)
	hi, ok2 := bound(key.Items[1], n)
	return lo, max(lo, hi), ok1 && ok2
}

// picks are the indexes that a slice takes of n; false: it can't be told.
func (in *interp) picks(key *Value, n int) (out []int, ok bool) {
	if key.Kind != Tuple || len(key.Items) != 3 {
		return nil, false
	}
	step := int64(1)
	switch s := key.Items[2]; {
	case s.Kind == Int && s.N != 0:
		step = s.N
	case s.Kind != None:
		return nil, false
	}
	first, end := int64(0), int64(n)
	if step < 0 {
		first, end = int64(n)-1, -1
	}
	for i, bound := range []*int64{&first, &end} {
		switch v := key.Items[i]; v.Kind {
		case None:
		case Int:
			at := v.N
			if at < 0 {
				at += int64(n)
			}
			if step > 0 {
				*bound = min(max(at, 0), int64(n))
			} else {
				*bound = min(max(at, -1), int64(n)-1)
			}
		default:
			return nil, false
		}
	}
	for i := first; step > 0 && i < end || step < 0 && i > end; i += step {
		out = append(out, int(i))
		if step > int64(n) || -step > int64(n) { // one at most, and no overflow
			break
		}
	}
	in.step(len(out) / 8)
	return out, true
}

func (in *interp) sliced(at Place, v, key *Value) *Value {
	if v.Kind != List && v.Kind != Tuple && v.Kind != Str && v.Kind != Bytes || v.Open {
		of := v.Kind
		if of == Unknown {
			of = v.Of
		}
		if of == Dict || of == Object || of == Path { // no such thing, or Path.parents[:]
			of = Unknown
		}
		return in.unknown(at, of, "", v, key)
	}
	runes := []rune(v.S)
	n := len(v.Items)
	switch v.Kind {
	case Str:
		n = len(runes)
	case Bytes:
		n = len(v.S)
	}
	picks, ok := in.picks(key, n)
	if !ok {
		return in.unknown(at, v.Kind, "a slice whose bounds can't be told", v, key)
	}
	var text []rune
	out := in.derive(at, &Value{Kind: v.Kind}, v, key)
	var raw []byte
	for _, i := range picks {
		switch v.Kind {
		case Str:
			text = append(text, runes[i])
		case Bytes:
			raw = append(raw, v.S[i])
		default:
			out.Items = append(out.Items, v.Items[i])
		}
	}
	if v.Kind == Str {
		return in.str(at, string(text), v, key)
	}
	out.S = string(raw)
	return out
}

// item is v[key].
func (in *interp) item(v, key *Value, at Place) *Value {
	if v.Kind == Choice {
		return in.lift(at, v, func(v *Value) *Value { return in.item(v, key, at) })
	}
	if key.Kind == Choice {
		return in.lift(at, key, func(key *Value) *Value { return in.item(v, key, at) })
	}
	switch {
	case v.Kind == Dict:
		return in.dictItem(v, key, at)
	case v.Kind == List || v.Kind == Tuple || v.Kind == Str || v.Kind == Bytes:
		return in.seqItem(v, key, at)
	}
	if p, ok := v.Ref.(*nsProxy); ok && key.Kind == Str {
		if b := p.ns.vars[key.S]; b != nil {
			return b.v
		}
		if p.ns.open == nil {
			in.fault(at, "KeyError", key.S, v, key)
		}
		return in.unknown(at, Unknown, key.S+" isn't set", v, key)
	}
	if v.Kind == Unknown && v.Ref == nil {
		return in.unknown(at, Unknown, "", v, key)
	}
	if x, ok := in.method(v, "__getitem__", &call{at: at, pos: []*Value{key}}); ok {
		return x
	}
	if r, ok := v.Ref.(*Class); ok { // Optional[int], and enums
		if x := r.find(key.S); x != nil && key.Kind == Str {
			return x
		}
		return v
	}
	return in.unknown(at, Unknown, "", v, key)
}

// fault raises where the program handles the exception or the environment
// caused it; elsewhere more likely the reader is wrong, and the caller gives
// Unknown.
func (in *interp) fault(at Place, class, msg string, from ...*Value) {
	var env []string
	for _, f := range from {
		env = merged(env, f.Env)
	}
	if in.handled(class, nil) || len(env) > 0 {
		in.raise(at, class, msg, env)
	}
}

func (in *interp) dictItem(v, key *Value, at Place) *Value {
	if key.Kind == Unknown {
		return in.unknown(at, Unknown, "", key, v)
	}
	if i := v.slot(key); i >= 0 {
		return v.Items[i]
	}
	if !v.Open {
		in.fault(at, "KeyError", key.S, v, key)
		return in.unknown(at, Unknown, "the dict has no such key", v, key)
	}
	return in.unknown(at, Unknown, "", v, key)
}

func (in *interp) seqItem(v, key *Value, at Place) *Value {
	if key.Kind == Bool {
		key = in.int(at, map[bool]int64{true: 1}[key.B], key)
	}
	if key.Kind != Int {
		return in.unknown(at, Unknown, "", v, key)
	}
	if v.Kind == Bytes {
		return in.unknown(at, Int, "a byte of a bytes object", v, key)
	}
	items := v.Items
	if v.Kind == Str {
		items, _ = in.iterate(v)
	}
	i := key.N
	if i < 0 && !v.Open {
		i += int64(len(items))
	}
	if i >= 0 && i < int64(len(items)) {
		return items[i]
	}
	if !v.Open {
		in.fault(at, "IndexError", "index out of range", v, key)
	}
	return in.unknown(at, Unknown, "index out of range", v, key)
}
