package pyeval

import "slices"

func pyRange(in *interp, c *call) *Value {
	lo, hi, by := int64(0), int64(0), int64(1)
	for _, v := range c.pos {
		if v.Kind != Int {
			return in.derive(c.at, &Value{Kind: List, Open: true}, c.pos...)
		}
	}
	switch len(c.pos) {
	case 1:
		hi = c.pos[0].N
	case 2, 3:
		lo, hi = c.pos[0].N, c.pos[1].N
		if len(c.pos) == 3 {
			by = c.pos[2].N
		}
	}
	if by == 0 && len(c.pos) == 3 {
		return in.failed(c, "ValueError", "range() arg 3 must not be zero", List)
	}
	if hi-lo > maxSize || lo-hi > maxSize {
		return in.derive(c.at, &Value{Kind: List, Open: true}, c.pos...)
	}
	var items []*Value
	for i := lo; by > 0 && i < hi || by < 0 && i > hi; i += by {
		in.step(1)
		items = append(items, in.int(c.at, i))
	}
	return in.list(c.at, items, c.pos...)
}

func pySorted(in *interp, c *call) *Value {
	items, ok := in.iterate(c.pos[0])
	out := in.derive(c.at, &Value{Kind: List, Items: slices.Clone(items), Open: !ok}, c.pos[0])
	if !ok {
		return out
	}
	if !in.sort(out.Items, c) {
		return in.unknown(c.at, List, "an order that can't be told", c.all()...)
	}
	return out
}

// sort sorts values that can be compared; false: they can't.
func (in *interp) sort(items []*Value, c *call) bool {
	keys := map[*Value]*Value{}
	key := c.arg(-1, "key")
	for _, x := range items {
		keys[x] = x
		if key != nil && key.Kind != None {
			keys[x] = in.call(key, &call{at: c.at, pos: []*Value{x}})
		}
	}
	in.step(len(items) * 4)
	down := false
	if rev := c.arg(-1, "reverse"); rev != nil {
		switch rev.Truth() {
		case Yes:
			down = true
		case Maybe:
			return false
		}
	}
	if down { // equal ones keep their order
		slices.Reverse(items)
	}
	ok := true
	slices.SortStableFunc(items, func(a, b *Value) int {
		less := order("<", keys[a], keys[b])
		switch {
		case less == Yes:
			return -1
		case less == Maybe:
			ok = false
		case order("<", keys[b], keys[a]) == Yes:
			return 1
		}
		return 0
	})
	if down {
		slices.Reverse(items)
	}
	return ok
}

func pyReversed(in *interp, c *call) *Value {
	items, ok := in.iterate(c.pos[0])
	out := slices.Clone(items)
	slices.Reverse(out)
	return in.derive(c.at, &Value{Kind: List, Items: out, Open: !ok}, c.pos[0])
}

func pyEnumerate(in *interp, c *call) *Value {
	items, ok := in.iterate(c.pos[0])
	start := int64(0)
	if s := c.arg(1, "start"); s != nil {
		if s.Kind != Int {
			return in.unknown(c.at, List, "", c.all()...)
		}
		start = s.N
	}
	out := in.derive(c.at, &Value{Kind: List, Open: !ok}, c.pos[0])
	for i, x := range items {
		in.step(1)
		out.Items = append(out.Items, in.tuple(c.at, in.int(c.at, start+int64(i)), x))
	}
	return out
}

func (in *interp) tuple(at Place, items ...*Value) *Value {
	v := in.derive(at, &Value{Kind: Tuple, Items: items})
	for _, x := range items {
		v.Env = merged(v.Env, x.Env)
	}
	return v
}

func pyZip(in *interp, c *call) *Value {
	out := in.derive(c.at, &Value{Kind: List, Open: c.open}, c.pos...)
	n := -1
	var lists [][]*Value
	for _, v := range c.pos {
		items, ok := in.iterate(v)
		out.Open = out.Open || !ok
		lists = append(lists, items)
		if n < 0 || len(items) < n {
			n = len(items)
		}
	}
	for i := range max(n, 0) {
		in.step(1)
		var row []*Value
		for _, l := range lists {
			row = append(row, l[i])
		}
		out.Items = append(out.Items, in.tuple(c.at, row...))
	}
	return out
}

func pyMap(in *interp, c *call) *Value {
	if len(c.pos) != 2 {
		return in.unknown(c.at, List, "map() of several lists", c.all()...)
	}
	return in.lift(c.at, c.pos[1], func(v *Value) *Value {
		items, ok := in.iterate(v)
		out := in.derive(c.at, &Value{Kind: List, Open: !ok}, v)
		for _, x := range items {
			in.step(1)
			y := in.call(c.pos[0], &call{at: c.at, pos: []*Value{x}})
			out.Env = merged(out.Env, y.Env)
			out.Items = append(out.Items, y)
		}
		out.Why = v.Reason()
		return in.seen(out)
	})
}

func pyFilter(in *interp, c *call) *Value {
	if len(c.pos) != 2 {
		return in.unknown(c.at, List, "", c.all()...)
	}
	return in.lift(c.at, c.pos[1], func(v *Value) *Value {
		items, ok := in.iterate(v)
		out := in.derive(c.at, &Value{Kind: List, Open: !ok}, v)
		for _, x := range items {
			in.step(1)
			y := x
			if c.pos[0].Kind != None {
				y = in.call(c.pos[0], &call{at: c.at, pos: []*Value{x}})
			}
			switch y.Truth() {
			case Yes:
				out.Items = append(out.Items, x)
			case Maybe:
				out.Open = true
			}
		}
		out.Why = v.Reason()
		return in.seen(out)
	})
}

// anyAll is any() (stop Yes) and all() (stop No).
func anyAll(in *interp, c *call, stop Truth) *Value {
	items, ok := in.iterate(c.pos[0])
	out := stop.Not()
	if !ok {
		out = Maybe
	}
	for _, x := range items {
		switch x.Truth() {
		case stop:
			return in.truthOf(c.at, stop, c.pos[0])
		case Maybe:
			out = Maybe
		}
	}
	return in.truthOf(c.at, out, c.pos[0])
}

// extreme is min (op <) and max (op >).
func extreme(in *interp, c *call, op string) *Value {
	items, ok := c.pos, !c.open
	if len(c.pos) == 1 {
		items, ok = in.iterate(c.pos[0])
	}
	def, key := c.arg(-1, "default"), c.arg(-1, "key")
	if ok && len(items) == 0 {
		if def != nil {
			return def
		}
		return in.failed(c, "ValueError", "min() or max() of nothing", Unknown)
	}
	if !ok {
		return in.unknown(c.at, Unknown, "", c.all()...)
	}
	rank := func(x *Value) *Value {
		if key == nil || key.Kind == None {
			return x
		}
		return in.call(key, &call{at: c.at, pos: []*Value{x}})
	}
	best, top := items[0], rank(items[0])
	for _, x := range items[1:] {
		in.step(1)
		r := rank(x)
		switch in.compare(op, r, top) {
		case Yes:
			best, top = x, r
		case Maybe:
			return in.unknown(c.at, x.Kind, "", c.all()...)
		}
	}
	return best
}

func pySum(in *interp, c *call) *Value {
	items, ok := in.iterate(c.pos[0])
	total := c.arg(1, "start")
	if total == nil {
		total = in.int(c.at, 0)
	}
	if !ok {
		return in.unknown(c.at, total.Kind, "", c.all()...)
	}
	for _, x := range items {
		in.step(1)
		total = in.binary(c.at, "+", total, x)
	}
	return total
}

// pyIter is a list of its own, of which next() takes.
func pyIter(in *interp, c *call) *Value {
	items, ok := in.iterate(c.pos[0])
	return in.derive(c.at, &Value{Kind: List, Items: slices.Clone(items), Open: !ok}, c.pos[0])
}

func pyNext(in *interp, c *call) *Value {
	if len(c.pos) == 0 {
		return in.unknown(c.at, Unknown, "next() of nothing")
	}
	v := c.pos[0]
	items, ok := in.iterate(v)
	switch {
	case len(items) > 0 && v.Kind == List:
		in.touch(v, c.at, "next")
		v.Items = slices.Clone(items[1:])
		return items[0]
	case ok && len(items) == 0 && len(c.pos) > 1:
		return c.pos[1]
	case ok && len(items) == 0:
		return in.failed(c, "StopIteration", "next() of nothing", Unknown)
	}
	return in.unknown(c.at, Unknown, "next() of something that isn't wholly known", c.all()...)
}
