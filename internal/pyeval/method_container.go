package pyeval

import "slices"

func init() {
	registerMethods(listMethod)
	registerMethods(dictMethod)
}

// listMethod is a method of a list or tuple.
func listMethod(in *interp, recv *Value, name string, c *call) (*Value, bool) {
	if recv.Kind != List && recv.Kind != Tuple {
		return nil, false
	}
	switch name {
	case "index":
		return in.indexIn(recv, c), true
	case "count":
		return in.countIn(recv, c), true
	case "copy":
		return in.derive(c.at, &Value{Kind: List, Items: slices.Clone(recv.Items), Open: recv.Open}, recv), true
	}
	if recv.Kind != List || !mutators[name] {
		return nil, false
	}
	in.touch(recv, c.at, name)
	for _, a := range c.all() {
		recv.Env = merged(recv.Env, a.Env)
	}
	recv.Items = slices.Clone(recv.Items)
	return in.changeList(recv, name, c), true
}

// indexIn is list.index.
func (in *interp) indexIn(v *Value, c *call) *Value {
	n := int64(len(v.Items))
	lo, hi := c.intArg(1, "", 0), c.intArg(2, "", n)
	for _, a := range c.pos[min(1, len(c.pos)):] {
		if a.Kind != Int {
			return in.unknown(c.at, Int, "", c.all(v)...)
		}
	}
	if len(c.pos) == 0 || v.Open {
		return in.unknown(c.at, Int, "an index in a list that isn't wholly known", c.all(v)...)
	}
	if lo < 0 {
		lo = max(lo+n, 0)
	}
	if hi < 0 {
		hi += n
	}
	in.step(len(v.Items))
	for i := lo; i < min(hi, n); i++ {
		switch equal(v.Items[i], c.pos[0]) {
		case Yes:
			return in.int(c.at, i, c.all(v)...)
		case Maybe:
			return in.unknown(c.at, Int, "", c.all(v)...)
		}
	}
	return in.failed(c, "ValueError", "it isn't in the list", Int, v)
}

// countIn is list.count.
func (in *interp) countIn(v *Value, c *call) *Value {
	if len(c.pos) != 1 || v.Open {
		return in.unknown(c.at, Int, "calls count", c.all(v)...)
	}
	in.step(len(v.Items))
	n := int64(0)
	for _, x := range v.Items {
		switch equal(x, c.pos[0]) {
		case Yes:
			n++
		case Maybe:
			return in.unknown(c.at, Int, "", c.all(v)...)
		}
	}
	return in.int(c.at, n, c.all(v)...)
}

func (in *interp) changeList(v *Value, name string, c *call) *Value {
	in.step(1 + len(v.Items)/16)
	none := in.none(c.at)
	switch {
	case name == "append" && len(c.pos) == 1:
		v.Items = append(v.Items, c.pos[0])
	case name == "extend" && len(c.pos) == 1:
		src := c.pos[0]
		if src.Kind == Choice {
			src = in.widen(src.At, src.Cases())
		}
		items, ok := in.iterate(src)
		v.Items = append(v.Items, items...)
		v.Open = v.Open || !ok
	case name == "insert" && len(c.pos) == 2 && c.pos[0].Kind == Int && !v.Open:
		i := c.pos[0].N
		if i < 0 {
			i += int64(len(v.Items))
		}
		v.Items = slices.Insert(v.Items, int(min(max(i, 0), int64(len(v.Items)))), c.pos[1])
	case name == "insert" && len(c.pos) == 2: // somewhere
		v.Items, v.Open = append(v.Items, c.pos[1]), true
	case name == "remove" && len(c.pos) == 1:
		for i, x := range v.Items {
			if equal(x, c.pos[0]) == Yes {
				v.Items = slices.Delete(v.Items, i, i+1)
				return none
			}
		}
		if v.Open || !c.pos[0].Known() {
			v.Items, v.Open = nil, true
			return none
		}
		in.fault(c.at, "ValueError", "list.remove(x): x not in list", c.all(v)...)
	case name == "pop":
		return in.popList(v, c)
	case name == "clear":
		v.Items, v.Open = nil, false
	case name == "reverse":
		slices.Reverse(v.Items)
	case name == "sort":
		if v.Open || !in.sort(v.Items, c) {
			v.Open = true
		}
	default:
		v.Open = true
	}
	return none
}

func (in *interp) popList(v *Value, c *call) *Value {
	i := int64(-1)
	if len(c.pos) > 0 {
		if c.pos[0].Kind != Int {
			v.Items, v.Open = nil, true
			return in.unknown(c.at, Unknown, "", c.all(v)...)
		}
		i = c.pos[0].N
	}
	if i < 0 {
		i += int64(len(v.Items))
	}
	if !v.Open && (i < 0 || i >= int64(len(v.Items))) {
		return in.failed(c, "IndexError", "pop index out of range", Unknown, v)
	}
	if v.Open {
		v.Items = nil
		return in.unknown(c.at, Unknown, "pop from a list that isn't known", v)
	}
	x := v.Items[i]
	v.Items = slices.Delete(v.Items, int(i), int(i)+1)
	return x
}

// dictMethod is a method of a dict.
func dictMethod(in *interp, recv *Value, name string, c *call) (*Value, bool) {
	if recv.Kind != Dict {
		return nil, false
	}
	switch name {
	case "get":
		return in.dictGet(recv, c), true
	case "keys":
		return in.derive(c.at, &Value{Kind: List, Items: slices.Clone(recv.Keys), Open: recv.Open}, recv), true
	case "values":
		return in.derive(c.at, &Value{Kind: List, Items: slices.Clone(recv.Items), Open: recv.Open}, recv), true
	case "items":
		out := in.derive(c.at, &Value{Kind: List, Open: recv.Open}, recv)
		for i, k := range recv.Keys {
			out.Items = append(out.Items, in.tuple(c.at, k, recv.Items[i]))
		}
		return out, true
	case "copy":
		return in.derive(c.at, &Value{Kind: Dict, Keys: slices.Clone(recv.Keys), Items: slices.Clone(recv.Items), Open: recv.Open}, recv), true
	case "__getitem__":
		if len(c.pos) == 1 {
			return in.item(recv, c.pos[0], c.at), true
		}
	case "update", "setdefault", "pop", "popitem", "clear", "__setitem__":
		return in.changeDict(recv, name, c), true
	}
	return nil, false
}

func (in *interp) dictGet(v *Value, c *call) *Value {
	if len(c.pos) == 0 {
		return in.unknown(c.at, Unknown, "", v)
	}
	return in.lift(c.at, c.pos[0], func(key *Value) *Value {
		if key.Kind == Unknown {
			return in.unknown(c.at, Unknown, "", c.all(v)...)
		}
		if i := v.slot(key); i >= 0 {
			return v.Items[i]
		}
		def := c.arg(1, "default")
		if def == nil {
			def = in.none(c.at)
		}
		if v.Open {
			return in.choice(c.at, []*Value{def, in.unknown(c.at, Unknown, "a key of a dict that isn't wholly known", v)})
		}
		if len(v.Env) > 0 || len(key.Env) > 0 {
			d := *def
			d.Env = merged(merged(def.Env, v.Env), key.Env)
			return &d
		}
		return def
	})
}

func (in *interp) changeDict(v *Value, name string, c *call) *Value {
	none := in.none(c.at)
	if name == "setdefault" && len(c.pos) > 0 {
		if i := v.slot(c.pos[0]); i >= 0 {
			return v.Items[i]
		}
	}
	in.touch(v, c.at, name)
	v.Keys, v.Items = slices.Clone(v.Keys), slices.Clone(v.Items)
	for _, a := range c.all() {
		v.Env = merged(v.Env, a.Env)
	}
	switch name {
	case "update":
		for _, a := range c.pos {
			if a.Kind == Choice {
				a = in.widen(a.At, a.Cases())
			}
			in.pairsInto(v, a)
		}
		for _, k := range c.kw {
			v.put(in.str(c.at, k.name), k.v)
		}
		v.Open = v.Open || c.open
	case "setdefault", "__setitem__":
		x := none
		if len(c.pos) > 1 {
			x = c.pos[1]
		}
		if len(c.pos) == 0 || !c.pos[0].Known() {
			v.Open = true
			return in.unknown(c.at, Unknown, "", c.all(v)...)
		}
		if v.Open && name == "setdefault" { // it may be there already
			x = in.choice(c.at, []*Value{x, in.unknown(c.at, Unknown, "a key of a dict that isn't wholly known", v)})
		}
		v.put(c.pos[0], x)
		return x
	case "pop":
		if len(c.pos) == 0 {
			return none
		}
		if i := v.slot(c.pos[0]); i >= 0 {
			x := v.Items[i]
			v.drop(i)
			return x
		}
		if len(c.pos) > 1 && !v.Open {
			return c.pos[1]
		}
		if !v.Open {
			in.fault(c.at, "KeyError", c.pos[0].S, c.all(v)...)
		}
		return in.unknown(c.at, Unknown, "", c.all(v)...)
	case "popitem":
		if k := len(v.Keys) - 1; !v.Open && k >= 0 {
			pair := in.tuple(c.at, v.Keys[k], v.Items[k])
			v.drop(k)
			return pair
		}
		if !v.Open {
			return in.failed(c, "KeyError", "popitem(): dictionary is empty", Tuple, v)
		}
		v.Keys, v.Items, v.index = nil, nil, nil
		return in.unknown(c.at, Tuple, "calls popitem", v)
	case "clear":
		v.Keys, v.Items, v.Open, v.index = nil, nil, false, nil
	}
	return none
}
