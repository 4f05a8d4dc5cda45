package django

import (
	"math/big"
	"slices"
	"strings"

	"github.com/djharden/djharden/internal/pysrc"
)

// eval reads an expression. It never fails: what it can't follow is Unknown.
func (s *Settings) eval(n *pysrc.Node) *Value {
	v := s.expr(n)
	if v.Node == nil {
		v.Node = n
	}
	return v
}

func (s *Settings) expr(n *pysrc.Node) *Value {
	switch n.Kind {
	case pysrc.Paren:
		return s.eval(n.Kids[0])
	case pysrc.Str, pysrc.Num:
		return s.literal(n)
	case pysrc.Name:
		return s.name(n)
	case pysrc.List, pysrc.Tuple, pysrc.Set:
		return s.list(n)
	case pysrc.Dict:
		return s.dict(n)
	case pysrc.Unary:
		return s.unary(n)
	case pysrc.Bin:
		return s.binary(n)
	case pysrc.IfExp:
		switch s.truth(s.eval(n.Kids[1])) {
		case yes:
			return s.eval(n.Kids[0])
		case no:
			return s.eval(n.Kids[2])
		}
		return merge(s.eval(n.Kids[0]), s.eval(n.Kids[2])).copy()
	case pysrc.Call:
		return s.callValue(n)
	case pysrc.Sub:
		return s.subscript(n)
	case pysrc.Attr:
		if v := s.eval(n.Kids[0]); v.Kind == Path {
			return &Value{Kind: Path, Node: n}
		}
	case pysrc.Comp: // [x.strip() for x in os.environ.get(...).split(",")]
		for _, k := range n.Kids[1:] {
			if v := s.eval(k); v.Kind == FromEnv {
				return v
			}
		}
	case pysrc.Walrus:
		v := s.eval(n.Kids[1])
		s.bind(n.Kids[0].Name, v.copy())
		return v
	}
	return unknown(n)
}

func (s *Settings) literal(n *pysrc.Node) *Value {
	v, ok := s.Src.Literal(n)
	if !ok {
		return unknown(n)
	}
	switch x := v.(type) {
	case string:
		return &Value{Kind: String, Str: x, Node: n}
	case *big.Int:
		if x.IsInt64() {
			return &Value{Kind: Int, Int: x.Int64(), Node: n}
		}
	case float64:
		return &Value{Kind: Float, Node: n}
	}
	return unknown(n)
}

func (s *Settings) name(n *pysrc.Node) *Value {
	switch n.Name {
	case "True", "False":
		return &Value{Kind: Bool, Bool: n.Name == "True", Node: n}
	case "None":
		return &Value{Kind: None, Node: n}
	}
	if v := s.Vars[n.Name]; v != nil {
		c := v.copy()
		return c
	}
	return unknown(n)
}

func (s *Settings) list(n *pysrc.Node) *Value {
	out := &Value{Kind: List, Tuple: n.Kind == pysrc.Tuple, Node: n}
	for _, k := range n.Kids {
		if k.Kind != pysrc.Star {
			out.Items = append(out.Items, s.eval(k))
			continue
		}
		out = add(out, s.eval(k.Kids[0]), n)
	}
	return out
}

func (s *Settings) dict(n *pysrc.Node) *Value {
	out := &Value{Kind: Dict, Node: n}
	for i := 0; i < len(n.Kids); {
		k := n.Kids[i]
		if k.Kind == pysrc.Star2 {
			out = union(out, s.eval(k.Kids[0]), n)
			i++
			continue
		}
		v := s.eval(n.Kids[i+1])
		if key := s.eval(k); key.Kind == String {
			out.set(key.Str, v)
		} else {
			out.Open = true
		}
		i += 2
	}
	return out
}

func (s *Settings) unary(n *pysrc.Node) *Value {
	v := s.eval(n.Kids[0])
	switch {
	case n.Name == "not" && v.Kind == FromEnv:
		d := v.Default
		if t := s.truth(d); d != nil && t != maybe {
			d = &Value{Kind: Bool, Bool: t == no}
		}
		return &Value{Kind: FromEnv, Env: v.Env, Default: d, Node: n}
	case n.Name == "not":
		if t := s.truth(v); t != maybe {
			return &Value{Kind: Bool, Bool: t == no, Node: n}
		}
	case n.Name == "-" && v.Kind == Int:
		return &Value{Kind: Int, Int: -v.Int, Node: n}
	}
	return unknown(n)
}

func (s *Settings) binary(n *pysrc.Node) *Value {
	a, b := s.eval(n.Kids[0]), s.eval(n.Kids[1])
	switch n.Name {
	case "+":
		return add(a, b, n)
	case "|":
		return union(a, b, n)
	case "/":
		if a.Kind == Path || b.Kind == Path {
			return &Value{Kind: Path, Node: n}
		}
	case "*", "-":
		if a.Kind == Int && b.Kind == Int {
			x := a.Int - b.Int
			if n.Name == "*" {
				x = a.Int * b.Int
			}
			return &Value{Kind: Int, Int: x, Node: n}
		}
	case "or", "and":
		return s.logic(n, a, b)
	case "==", "!=", "in", "not in":
		return compare(n, a, b)
	}
	return unknown(n)
}

func (s *Settings) logic(n *pysrc.Node, a, b *Value) *Value {
	t := s.truth(a)
	if t == maybe {
		if n.Name == "or" && a.Kind == FromEnv {
			return &Value{Kind: FromEnv, Env: a.Env, Default: b, Node: n}
		}
		if t := s.truth(b); t != maybe && (t == no) == (n.Name == "and") {
			return &Value{Kind: Bool, Bool: t == yes, Node: n}
		}
		return unknown(n)
	}
	if (t == yes) == (n.Name == "or") {
		return a
	}
	return b
}

func compare(n *pysrc.Node, a, b *Value) *Value {
	if a.Kind == FromEnv {
		d := a.Default
		if d != nil {
			d = compare(n, d, b)
		}
		return &Value{Kind: FromEnv, Env: a.Env, Default: d, Node: n}
	}
	eq := false
	switch {
	case a.Cond || b.Cond:
		return unknown(n)
	case n.Name == "in" || n.Name == "not in":
		if a.Kind != String || b.Kind != List || b.Open || len(b.Strings()) != len(b.Items) {
			return unknown(n)
		}
		eq = slices.Contains(b.Strings(), a.Str)
	case a.Kind == String && b.Kind == String:
		eq = a.Str == b.Str
	case a.Kind == Bool && b.Kind == Bool:
		eq = a.Bool == b.Bool
	case a.Kind == Int && b.Kind == Int:
		eq = a.Int == b.Int
	default:
		return unknown(n)
	}
	return &Value{Kind: Bool, Bool: eq == (n.Name == "==" || n.Name == "in"), Node: n}
}

// add is a + b of lists and strings; a list plus something unread stays a list
// that may hold more.
func add(a, b *Value, n *pysrc.Node) *Value {
	switch {
	case a.Kind == List && b.Kind == List:
		out := a.copy()
		out.Items = append(out.Items, b.copy().Items...)
		out.Open = a.Open || b.Open
		out.Maybe = append(out.Maybe, b.Maybe...)
		return out
	case a.Kind == List || b.Kind == List:
		known, other := a, b
		if b.Kind == List {
			known, other = b, a
		}
		out := known.copy()
		out.Open = true
		out.Maybe = append(out.Maybe, other)
		return out
	case a.Kind == String && b.Kind == String:
		return &Value{Kind: String, Str: a.Str + b.Str}
	case a.Kind == Int && b.Kind == Int:
		return &Value{Kind: Int, Int: a.Int + b.Int}
	case a.Kind == Path || b.Kind == Path:
		return &Value{Kind: Path}
	}
	return unknown(n)
}

func union(a, b *Value, n *pysrc.Node) *Value {
	if a.Kind != Dict {
		return unknown(n)
	}
	out := a.copy()
	if b.Kind != Dict {
		out.Open = true
		return out
	}
	out.Open = a.Open || b.Open
	for i, k := range b.Keys {
		out.set(k, b.Items[i].copy())
	}
	return out
}

func (s *Settings) subscript(n *pysrc.Node) *Value {
	if s.Scope.Resolve(n.Kids[0]) == "os.environ" && len(n.Kids) == 2 {
		if key, ok := s.Src.StrValue(n.Kids[1]); ok {
			return s.read(n, key, nil)
		}
	}
	if v := s.place(n); v != nil {
		return v.copy()
	}
	if v := s.eval(n.Kids[0]); v.Kind == FromEnv {
		return v
	}
	return unknown(n)
}

func (s *Settings) read(n *pysrc.Node, name string, def *Value) *Value {
	s.Reads = append(s.Reads, EnvRead{Name: name, Required: def == nil, Node: n, Default: def})
	return &Value{Kind: FromEnv, Env: name, Default: def, Node: n}
}

// args splits a call's arguments by position and by keyword.
func args(n *pysrc.Node) (pos []*pysrc.Node, kw map[string]*pysrc.Node) {
	kw = map[string]*pysrc.Node{}
	for _, a := range n.Kids[1:] {
		switch a.Kind {
		case pysrc.KwArg:
			kw[a.Name] = a.Kids[0]
		case pysrc.Star, pysrc.Star2:
		default:
			pos = append(pos, a)
		}
	}
	return pos, kw
}

func (s *Settings) callValue(n *pysrc.Node) *Value {
	pos, kw := args(n)
	callee := n.Kids[0]
	q := s.Scope.Resolve(callee)
	if v := s.envCall(n, q, pos, kw); v != nil {
		return v
	}
	switch q {
	case "list", "tuple", "bool", "int", "str", "float", "set", "sorted", "distutils.util.strtobool":
		if len(pos) == 1 {
			return s.convert(q, s.eval(pos[0]), n)
		}
		if len(n.Kids) == 1 && (q == "list" || q == "tuple") {
			return &Value{Kind: List, Tuple: q == "tuple", Node: n}
		}
	case "dict":
		return s.dictCall(n, pos)
	case "datetime.timedelta":
		return s.duration(n, pos, kw)
	case "pathlib.Path", "environ.Path":
		return &Value{Kind: Path, Node: n}
	}
	if strings.HasPrefix(q, "os.path.") {
		for _, a := range pos {
			s.eval(a)
		}
		return &Value{Kind: Path, Node: n}
	}
	return s.method(n, pos)
}

func (s *Settings) convert(fn string, v *Value, n *pysrc.Node) *Value {
	switch {
	case v.Kind == FromEnv || v.Kind == Path && fn == "str":
		return v
	case v.Kind == List && (fn == "list" || fn == "tuple"):
		v.Tuple = fn == "tuple"
		return v
	case fn == "bool":
		if t := s.truth(v); t != maybe {
			return &Value{Kind: Bool, Bool: t == yes, Node: n}
		}
	case fn == "int" && v.Kind == Int || fn == "str" && v.Kind == String:
		return v
	}
	return unknown(n)
}

func (s *Settings) dictCall(n *pysrc.Node, pos []*pysrc.Node) *Value {
	out := &Value{Kind: Dict, Node: n}
	if len(pos) == 1 {
		out = union(out, s.eval(pos[0]), n)
	}
	for _, a := range n.Kids[1:] {
		switch a.Kind {
		case pysrc.KwArg:
			out.set(a.Name, s.eval(a.Kids[0]))
		case pysrc.Star2:
			out = union(out, s.eval(a.Kids[0]), n)
		}
	}
	return out
}

var units = map[string]int64{"days": 86400, "seconds": 1, "minutes": 60, "hours": 3600, "weeks": 7 * 86400}

func (s *Settings) duration(n *pysrc.Node, pos []*pysrc.Node, kw map[string]*pysrc.Node) *Value {
	out := &Value{Kind: Duration, Node: n}
	order := []string{"days", "seconds"}
	if len(pos) > len(order) {
		return unknown(n)
	}
	take := func(unit string, a *pysrc.Node) bool {
		v := s.eval(a)
		if v.Kind != Int || units[unit] == 0 || v.Int > 1<<32 || v.Int < -1<<32 {
			return false
		}
		out.Int += v.Int * units[unit]
		return true
	}
	for i, a := range pos {
		if !take(order[i], a) {
			return unknown(n)
		}
	}
	for unit, a := range kw {
		if !take(unit, a) {
			return unknown(n)
		}
	}
	return out
}

// method follows the string methods that settings use on what they read.
func (s *Settings) method(n *pysrc.Node, pos []*pysrc.Node) *Value {
	if n.Kids[0].Kind != pysrc.Attr {
		return unknown(n)
	}
	v := s.eval(n.Kids[0].Kids[0])
	switch name := n.Kids[0].Name; {
	case v.Kind == FromEnv || v.Kind == Path:
		return v
	case v.Kind == String && name == "split" && len(pos) == 1:
		out := &Value{Kind: List, Node: n}
		if sep := s.eval(pos[0]); sep.Kind == String && sep.Str != "" {
			for _, part := range strings.Split(v.Str, sep.Str) {
				out.Items = append(out.Items, &Value{Kind: String, Str: part, Node: n})
			}
			return out
		}
	case v.Kind == String && name == "lower":
		return &Value{Kind: String, Str: strings.ToLower(v.Str), Node: n}
	case v.Kind == String && name == "strip" && len(pos) == 0:
		return &Value{Kind: String, Str: strings.TrimSpace(v.Str), Node: n}
	case v.Kind == Dict && name == "copy":
		return v
	}
	return unknown(n)
}
