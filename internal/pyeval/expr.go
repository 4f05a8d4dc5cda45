package pyeval

import (
	"math/big"
	"strings"

	"github.com/djharden/djharden/internal/pysrc"
)

// eval works out an expression. It never fails: what can't be followed is
// Unknown. A Python exception is a panic.
func (in *interp) eval(n *pysrc.Node, sc *scope) *Value {
	in.step(1)
	v := in.expr(n, sc)
	if in.trace != nil && len(v.Env) > 0 && v.Kind != Bool && !(v.Kind == Unknown && v.Of == Bool) {
		switch n.Kind {
		case pysrc.Name, pysrc.Attr, pysrc.Call, pysrc.Sub:
			*in.trace = append(*in.trace, v.Env...)
		}
	}
	return v
}

func (in *interp) expr(n *pysrc.Node, sc *scope) *Value {
	at := sc.place(n)
	switch n.Kind {
	case pysrc.Paren:
		return in.eval(n.Kids[0], sc)
	case pysrc.Name:
		return in.name(n, sc)
	case pysrc.Str, pysrc.Num:
		return in.literal(n, sc)
	case pysrc.FStr:
		return in.fstring(n, sc)
	case pysrc.List, pysrc.Tuple, pysrc.Set:
		return in.display(n, sc)
	case pysrc.Dict:
		return in.dict(n, sc)
	case pysrc.Comp:
		return in.comprehension(n, sc)
	case pysrc.Call:
		return in.callExpr(n, sc)
	case pysrc.Attr:
		return in.attr(in.eval(n.Kids[0], sc), n.Name, at)
	case pysrc.Sub:
		return in.subscript(n, sc)
	case pysrc.Unary:
		return in.unary(at, n.Name, in.eval(n.Kids[0], sc))
	case pysrc.Bin:
		return in.bin(n, sc)
	case pysrc.IfExp:
		return in.ifExp(n, sc)
	case pysrc.Lambda:
		return in.lambda(n, sc)
	case pysrc.Walrus:
		v := in.eval(n.Kids[1], sc)
		in.store(n.Kids[0], v, sc, ":=")
		return v
	case pysrc.Yield:
		return in.yield(n, sc)
	case pysrc.Star:
		return in.eval(n.Kids[0], sc)
	case pysrc.Ellipsis:
		return in.object(at, &Native{Name: "Ellipsis"})
	}
	return in.unknown(at, Unknown, "await can't be followed")
}

func (in *interp) literal(n *pysrc.Node, sc *scope) *Value {
	at := sc.place(n)
	m := sc.src.Mod
	if n.Kind == pysrc.Str {
		if s, ok := m.StrValue(n); ok {
			return in.str(at, s)
		}
		if b, ok := m.BytesValue(n); ok {
			return in.derive(at, &Value{Kind: Bytes, S: string(b)})
		}
		return in.unknown(at, Str, "a literal that can't be read")
	}
	v, ok := m.Literal(n)
	switch x := v.(type) {
	case *big.Int:
		if ok && x.IsInt64() {
			return in.int(at, x.Int64())
		}
		return in.unknown(at, Int, "a number of more than 64 bits")
	case float64:
		return in.float(at, x)
	}
	return in.unknown(at, Float, "a number that can't be read")
}

func (in *interp) name(n *pysrc.Node, sc *scope) *Value {
	at := sc.place(n)
	switch n.Name {
	case "None":
		return in.none(at)
	case "True", "False":
		return in.bool(at, n.Name == "True")
	}
	if b := sc.find(n.Name); b != nil {
		return b.v
	}
	if known(n.Name) {
		return in.object(at, &Native{Name: "builtins." + n.Name})
	}
	if c := constants["builtins."+n.Name]; c != nil {
		return in.derive(at, c(in))
	}
	if o := sc.globals().open; o != nil {
		return in.unknown(at, Unknown, o.Why)
	}
	if in.handled("NameError", nil) {
		in.raise(at, "NameError", "name '"+n.Name+"' is not defined", nil)
	}
	return in.unknown(at, Unknown, n.Name+" isn't defined here")
}

// known reports whether a builtin has a model here.
func known(name string) bool {
	_, native := natives["builtins."+name]
	_, special := specials["builtins."+name]
	return native || special || strings.HasSuffix(name, "Error") || strings.HasSuffix(name, "Exception") ||
		strings.HasSuffix(name, "Warning") || name == "SystemExit" || name == "object" || name == "property" || name == "staticmethod" || name == "classmethod" || types[name] != Unknown
}

// types are the builtin types of data.
var types = map[string]Kind{
	"str": Str, "bytes": Bytes, "int": Int, "float": Float, "bool": Bool, "list": List, "tuple": Tuple, "set": Set, "frozenset": Set, "dict": Dict,
}

func (s *scope) find(name string) *binding {
	if s.global[name] {
		for o := s.outer; o != nil; o = o.outer {
			if b := o.ns.vars[name]; b != nil {
				return b
			}
		}
	}
	for o := s; o != nil; o = o.outer {
		if b := o.ns.vars[name]; b != nil {
			return b
		}
	}
	return nil
}

func (in *interp) display(n *pysrc.Node, sc *scope) *Value {
	out := &Value{Kind: List}
	switch n.Kind {
	case pysrc.Tuple:
		out.Kind = Tuple
	case pysrc.Set:
		out.Kind = Set
	}
	in.derive(sc.place(n), out)
	for _, k := range n.Kids {
		v := in.eval(k, sc)
		out.Env = merged(out.Env, v.Env)
		if k.Kind != pysrc.Star {
			out.add(v)
			continue
		}
		items, ok := in.iterate(v)
		out.Open = out.Open || !ok || v.Open
		for _, x := range items {
			out.add(x)
		}
	}
	return out
}

// add appends to a list or tuple; a set holds equal values once.
func (v *Value) add(x *Value) {
	if v.Kind == Set {
		for _, y := range v.Items {
			if x == y || x.Known() && y.Known() && alike(x, y) == Yes {
				return
			}
		}
	}
	v.Items = append(v.Items, x)
}

func (in *interp) dict(n *pysrc.Node, sc *scope) *Value {
	out := in.derive(sc.place(n), &Value{Kind: Dict})
	for _, p := range n.Pairs() {
		v := in.eval(p.Value, sc)
		out.Env = merged(out.Env, v.Env)
		if p.Key == nil {
			if v.Kind == Choice {
				v = in.widen(v.At, v.Cases())
			}
			in.mergeInto(out, v)
			continue
		}
		k := in.eval(p.Key, sc)
		if k.Kind == Unknown || k.Kind == Choice {
			out.Open = true
			continue
		}
		out.put(k, v)
	}
	return out
}

// mergeInto puts the entries of a mapping into a dict that nobody else holds.
func (in *interp) mergeInto(d, v *Value) {
	if v.Kind != Dict || v.Open { // it may hold any of the keys
		for i, k := range d.Keys {
			if v.Kind != Dict || v.slot(k) < 0 {
				d.Items[i] = in.choice(v.At, []*Value{d.Items[i], in.unknown(v.At, Unknown, "a mapping that isn't wholly known may set it too", v)})
			}
		}
	}
	if v.Kind != Dict {
		d.Open = true
		return
	}
	in.step(len(v.Items))
	d.Open = d.Open || v.Open
	for i, k := range v.Keys {
		d.put(k, v.Items[i])
	}
}

// iterate gives the items of what can be iterated over; false: not all of them
// are known.
func (in *interp) iterate(v *Value) ([]*Value, bool) {
	switch v.Kind {
	case List, Tuple, Set:
		in.step(len(v.Items) / 4)
		return v.Items, !v.Open
	case Dict:
		return v.Keys, !v.Open
	case Str:
		var out []*Value
		in.step(len(v.S))
		for _, r := range v.S {
			out = append(out, in.str(v.At, string(r), v))
		}
		return out, true
	case Object: // globals(): its names
		p, ok := v.Ref.(*nsProxy)
		if !ok {
			break
		}
		var out []*Value
		in.step(len(p.ns.order))
		for _, name := range p.ns.order {
			if p.ns.vars[name] != nil {
				out = append(out, in.str(v.At, name))
			}
		}
		return out, p.ns.open == nil
	}
	return nil, false
}

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

func (in *interp) ifExp(n *pysrc.Node, sc *scope) *Value {
	at := sc.place(n)
	t, env, blame := in.cond(n.Kids[1], sc)
	var v *Value
	pickOne := func(k *pysrc.Node) {
		in.under(env, blame, func() flow { v = in.decided(in.eval(k, sc)); return onward })
	}
	switch t {
	case Yes:
		pickOne(n.Kids[0])
		return v
	case No:
		pickOne(n.Kids[2])
		return v
	}
	pickOne(n.Kids[0])
	a := v
	pickOne(n.Kids[2])
	return in.choice(at, []*Value{a, v})
}

func (in *interp) bin(n *pysrc.Node, sc *scope) *Value {
	at := sc.place(n)
	switch n.Name {
	case "or", "and":
		return in.logic(at, n, sc)
	case "<", ">", "==", ">=", "<=", "!=", "in", "not in", "is", "is not":
		return in.comparison(at, n, sc)
	}
	a := in.eval(n.Kids[0], sc)
	return in.binary(at, n.Name, a, in.eval(n.Kids[1], sc))
}

// logic is or and and: the value of the operand that decides.
func (in *interp) logic(at Place, n *pysrc.Node, sc *scope) *Value {
	a := in.eval(n.Kids[0], sc)
	stop := Yes
	if n.Name == "and" {
		stop = No
	}
	t := in.test(a)
	if t == stop {
		return a
	}
	var b *Value
	in.under(a.Env, a.Env, func() flow { b = in.decided(in.eval(n.Kids[1], sc)); return onward })
	if t != Maybe {
		return b
	}
	// a where a decides, else b; of two truth values that is one.
	if in.test(b) == stop && isBool(a) && isBool(b) {
		return in.bool(at, stop == Yes, a, b)
	}
	if isBool(a) && isBool(b) {
		return in.unknown(at, Bool, "", a, b)
	}
	if a.Kind == Unknown && a.Of == None {
		return b
	}
	var cases []*Value
	for _, c := range a.Cases() {
		if in.test(c) != stop.Not() {
			cases = append(cases, c)
		}
	}
	return in.choice(at, append(cases, b))
}

func isBool(v *Value) bool { return v.Kind == Bool || v.Kind == Unknown && v.Of == Bool }

// comparison follows a chain: a < b < c.
func (in *interp) comparison(at Place, n *pysrc.Node, sc *scope) *Value {
	l := n.Kids[0]
	var before *Value
	var a *Value
	if l.Kind == pysrc.Bin && isComparison(l.Name) {
		before = in.comparison(sc.place(l), l, sc)
		if in.test(before) == No {
			return before
		}
		a = in.eval(l.Kids[1], sc)
	} else {
		a = in.eval(l, sc)
	}
	b := in.eval(n.Kids[1], sc)
	t := in.compare(n.Name, a, b)
	if before != nil && in.test(before) == Maybe && t != No {
		t = Maybe
	}
	return in.truthOf(at, t, a, b, before)
}

func isComparison(op string) bool {
	switch op {
	case "<", ">", "==", ">=", "<=", "!=", "in", "not in", "is", "is not":
		return true
	}
	return false
}

func (in *interp) fstring(n *pysrc.Node, sc *scope) *Value {
	at := sc.place(n)
	parts, err := sc.src.Mod.FString(n)
	if err != nil {
		return in.unknown(at, Str, "an f-string that can't be read")
	}
	out := in.str(at, "")
	for _, p := range parts {
		x := in.str(at, p.Lit)
		if p.Expr != nil {
			x = in.formatted(p, sc)
		}
		if p.Debug != "" {
			out = in.binary(at, "+", out, in.str(at, p.Debug))
		}
		out = in.binary(at, "+", out, x)
	}
	return out
}

// formatted is one field of an f-string.
func (in *interp) formatted(p pysrc.FPart, sc *scope) *Value {
	at := sc.place(p.Expr)
	v := in.eval(p.Expr, sc)
	return in.lift(at, v, func(v *Value) *Value {
		switch p.Conv {
		case 's':
			v = in.native("builtins.str", &call{at: at, pos: []*Value{v}})
		case 'r':
			v = in.native("builtins.repr", &call{at: at, pos: []*Value{v}})
		case 'a':
			v = in.native("builtins.ascii", &call{at: at, pos: []*Value{v}})
		}
		if len(p.Spec) > 0 {
			spec := in.str(at, "")
			for _, s := range p.Spec {
				x := in.str(at, s.Lit)
				if s.Expr != nil {
					x = in.formatted(s, sc)
				}
				spec = in.binary(at, "+", spec, x)
			}
			if spec.Kind != Str {
				return in.unknown(at, Str, "a format", v, spec)
			}
			out, why := formatValue(v, spec.S)
			if why != nil {
				return in.refused(at, why, v, spec)
			}
			return in.str(at, out, v, spec)
		}
		return in.native("builtins.str", &call{at: at, pos: []*Value{v}})
	})
}

// text is a value as str() gives it, "" where that can't be told.
func (in *interp) text(v *Value) string {
	if v.Kind == Str {
		return v.S
	}
	return ""
}

func (in *interp) comprehension(n *pysrc.Node, sc *scope) *Value {
	at := sc.place(n)
	inner := &scope{ns: in.namespace(), outer: sc, mod: sc.mod, src: sc.src, class: sc.class, self: sc.self, isFunc: true}
	out := &Value{Kind: List}
	switch n.Name {
	case "set":
		out.Kind = Set
	case "dict":
		out.Kind = Dict
	}
	in.derive(at, out)
	in.clauses(n, n.Clauses(), inner, out)
	return in.seen(out)
}

func (in *interp) clauses(n *pysrc.Node, cs []pysrc.Clause, sc *scope, out *Value) {
	if len(cs) == 0 {
		v := in.eval(n.Kids[0], sc)
		if out.Kind == Dict {
			x := in.eval(n.Kids[1], sc)
			out.Env = merged(merged(out.Env, v.Env), x.Env)
			if v.Kind == Unknown || v.Kind == Choice {
				out.Open = true
				return
			}
			out.put(v, x)
			return
		}
		out.Env = merged(out.Env, v.Env)
		if out.Kind == Set {
			in.step(len(out.Items) / 8)
		}
		out.add(v)
		if len(out.Items) > maxItems {
			panic(outOfSteps{})
		}
		return
	}
	c := cs[0]
	v := in.eval(c.Iter, sc)
	out.Env = merged(out.Env, v.Env)
	if v.Kind == Choice {
		v = in.widen(v.At, v.Cases())
	}
	items, ok := in.iterate(v)
	if !ok {
		out.Open = true
		out.Why = v.Reason()
	}
	for _, x := range items {
		in.step(2)
		in.store(c.Target, x, sc, "for")
		keep := Yes
		for _, cond := range c.Ifs {
			t, env, _ := in.cond(cond, sc)
			out.Env = merged(out.Env, env)
			if t != Yes {
				keep = t
				break
			}
		}
		switch keep {
		case Yes:
			in.clauses(n, cs[1:], sc, out)
		case Maybe:
			out.Open = true
		}
	}
}

// seen is a container of which something is known; of one that was made from an
// unknown nothing is but its kind.
func (in *interp) seen(v *Value) *Value {
	if !v.Open || len(v.Items) > 0 {
		return v
	}
	return &Value{Kind: Unknown, Of: v.Kind, Why: v.Why, Env: v.Env, At: v.At, seq: v.seq}
}
