package pyeval

import (
	"slices"

	"github.com/djharden/djharden/internal/pysrc"
)

func (in *interp) del(n *pysrc.Node, sc *scope, at Place) {
	switch n.Kind {
	case pysrc.Paren, pysrc.Tuple, pysrc.List:
		for _, k := range n.Kids {
			in.del(k, sc, at)
		}
	case pysrc.Name:
		in.bind(in.target(n.Name, sc), n.Name, nil)
	case pysrc.Sub:
		v, key := in.eval(n.Kids[0], sc), in.eval(n.Kids[1], sc)
		for _, d := range v.Cases() {
			in.delItem(d, key, at)
		}
	case pysrc.Attr:
		if ns := namespaceOf(in.eval(n.Kids[0], sc)); ns != nil {
			in.bind(ns, n.Name, nil)
		}
	}
}

func (in *interp) delItem(d, key *Value, at Place) {
	switch {
	case d.Kind == Dict:
		in.touch(d, at, "del")
		if i := d.slot(key); i >= 0 {
			d.drop(i)
		} else if !key.Known() {
			d.Open = true
		}
	case d.Kind == List && key.Kind == Int:
		i := key.N
		if i < 0 {
			i += int64(len(d.Items))
		}
		if i >= 0 && i < int64(len(d.Items)) {
			in.touch(d, at, "del")
			d.Items = slices.Delete(slices.Clone(d.Items), int(i), int(i)+1)
		}
	case d.Kind == List:
		if lo, hi, ok := in.span(key, len(d.Items)); ok {
			in.touch(d, at, "del")
			d.Items = slices.Delete(slices.Clone(d.Items), lo, hi)
			return
		}
		in.touch(d, at, "del")
		d.Items, d.Open = nil, true
	default:
		if p, ok := d.Ref.(*nsProxy); ok && key.Kind == Str {
			in.bind(p.ns, key.S, nil)
		}
	}
}

// target is the namespace that an assignment to a name goes to.
func (in *interp) target(name string, sc *scope) *namespace {
	if !sc.global[name] {
		return sc.ns
	}
	for s := sc.outer; s != nil; s = s.outer {
		if s.isFunc && s.ns.vars[name] != nil {
			return s.ns
		}
	}
	return sc.globals()
}

// store assigns to a target.
func (in *interp) store(t *pysrc.Node, v *Value, sc *scope, how string) {
	at := in.now
	switch t.Kind {
	case pysrc.Paren, pysrc.Star:
		in.store(t.Kids[0], v, sc, how)
	case pysrc.Name:
		in.assign(in.target(t.Name, sc), t.Name, v, at, how)
	case pysrc.Tuple, pysrc.List:
		in.unpack(t, v, sc, how)
	case pysrc.Attr:
		if ns := namespaceOf(in.eval(t.Kids[0], sc)); ns != nil {
			in.assign(ns, t.Name, v, at, how)
		}
	case pysrc.Sub:
		d := in.eval(t.Kids[0], sc)
		if t.Kids[1].Kind == pysrc.Slice {
			in.storeSlice(d, t.Kids[1], v, sc)
			return
		}
		key := in.eval(t.Kids[1], sc)
		in.storeItem(d, key, v, at)
	}
}

// namespaceOf is where the attributes of a value are set; nil: nowhere we know.
func namespaceOf(v *Value) *namespace {
	switch r := v.Ref.(type) {
	case *Instance:
		return r.ns
	case *Class:
		return r.ns
	case *Module:
		return r.ns
	case *nsProxy:
		return r.ns
	}
	return nil
}

func (in *interp) unpack(t *pysrc.Node, v *Value, sc *scope, how string) {
	items, ok := in.iterate(v)
	star := slices.IndexFunc(t.Kids, func(k *pysrc.Node) bool { return k.Kind == pysrc.Star })
	n := len(t.Kids)
	if !ok || star < 0 && len(items) != n || star >= 0 && len(items) < n-1 {
		for _, k := range t.Kids {
			in.store(k, in.unknown(sc.place(k), Unknown, "", v), sc, how)
		}
		return
	}
	if star < 0 {
		for i, k := range t.Kids {
			in.store(k, items[i], sc, how)
		}
		return
	}
	after := n - star - 1
	for i, k := range t.Kids[:star] {
		in.store(k, items[i], sc, how)
	}
	in.store(t.Kids[star], in.list(sc.place(t), slices.Clone(items[star:len(items)-after])), sc, how)
	for i, k := range t.Kids[star+1:] {
		in.store(k, items[len(items)-after+i], sc, how)
	}
}

func (in *interp) storeItem(d, key, v *Value, at Place) {
	for _, c := range d.Cases() {
		in.storeCase(c, key, v, at)
	}
}

func (in *interp) storeCase(d, key, v *Value, at Place) {
	v = in.decided(v)
	switch {
	case d.Kind == Dict:
		in.touch(d, at, "[...] =")
		d.Env = merged(d.Env, v.Env)
		if key.Kind == Unknown || key.Kind == Choice {
			d.Open = true
			return
		}
		d.put(key, v)
	case d.Kind == List && key.Kind == Int:
		i := key.N
		if i < 0 && !d.Open {
			i += int64(len(d.Items))
		}
		in.touch(d, at, "[...] =")
		d.Env = merged(d.Env, v.Env)
		if i < 0 || i >= int64(len(d.Items)) {
			d.Open = true
			return
		}
		d.Items = slices.Clone(d.Items)
		d.Items[i] = v
	case d.Kind == Unknown && d.Ref == nil: // an unknown dict with one key that is known
		in.touch(d, at, "[...] =")
		if key.Kind == Str && (d.Of == Unknown || d.Of == Dict) {
			d.Kind, d.Open = Dict, true
			d.put(key, v)
		}
	default:
		if p, ok := d.Ref.(*nsProxy); ok {
			in.storeName(p.ns, key, v, at)
			return
		}
		in.method(d, "__setitem__", &call{at: at, pos: []*Value{key, v}})
	}
}

// storeName sets a name through globals()["NAME"].
func (in *interp) storeName(ns *namespace, key, v *Value, at Place) {
	if key.Kind == Str {
		if w := v.At; !w.IsZero() && (w.Src != at.Src || w.S < at.S || w.E > at.E) && v.Kind != Unknown {
			at = w // setattr() of values that were written elsewhere
		}
		in.assign(ns, key.S, v, at, "globals()")
		return
	}
	in.opened(ns, at, "sets a name that can't be worked out")
}

// opened marks a namespace that may hold names nobody knows.
func (in *interp) opened(ns *namespace, at Place, why string) {
	if ns.open == nil {
		ns.open = &Stop{At: at, Why: why}
	}
}

func (in *interp) storeSlice(d *Value, n *pysrc.Node, v *Value, sc *scope) {
	at := in.now
	key := in.slice(n, sc)
	for _, c := range d.Cases() {
		if c.Kind != List {
			continue
		}
		lo, hi, ok := in.span(key, len(c.Items))
		items, iter := in.iterate(v)
		in.touch(c, at, "[:] =")
		c.Env = merged(c.Env, v.Env)
		if !ok || !iter || c.Open {
			c.Items, c.Open = nil, true
			continue
		}
		c.Items = slices.Concat(c.Items[:lo], items, c.Items[hi:])
	}
}

func (in *interp) augment(s *pysrc.Stmt, sc *scope) {
	t := s.Targets[0].Unparen()
	op := s.Op[:len(s.Op)-1]
	var old, key, d *Value
	switch t.Kind {
	case pysrc.Sub:
		d = in.eval(t.Kids[0], sc)
		key = in.eval(t.Kids[1], sc)
		old = in.item(d, key, sc.place(t))
	default:
		old = in.eval(t, sc)
	}
	v := in.eval(s.Value, sc)
	if in.augmentInPlace(old, op, v) {
		return
	}
	n := in.binary(sc.place(s.Value), op, old, v)
	if t.Kind == pysrc.Sub {
		in.storeItem(d, key, n, in.now)
		return
	}
	in.store(t, n, sc, s.Op)
}

// augmentInPlace is += and |= on what Python changes in place.
func (in *interp) augmentInPlace(old *Value, op string, v *Value) bool {
	if old.Kind == Choice {
		for _, c := range old.Items {
			if c.Kind != List && c.Kind != Dict {
				return false
			}
		}
		for _, c := range old.Items {
			in.augmentInPlace(c, op, v)
		}
		old.Env = merged(old.Env, v.Env)
		old.changes = noted(old.changes, Change{Place: in.now, How: op + "=", seq: in.next()})
		return true
	}
	switch {
	case old.Kind == List && op == "+":
		if v.Kind == Choice {
			return false
		}
		items, ok := in.iterate(v)
		in.touch(old, in.now, "+=")
		old.Env = merged(old.Env, v.Env)
		old.Items = slices.Concat(old.Items, items)
		old.Open = old.Open || !ok || v.Open
		in.step(len(old.Items))
		return true
	case (old.Kind == Dict || old.Kind == Set) && op == "|" && v.Kind != Choice:
		n := in.binary(in.now, "|", old, v)
		in.touch(old, in.now, "|=")
		old.Env = merged(old.Env, v.Env)
		old.Items, old.Keys, old.Open = n.Items, n.Keys, n.Open || n.Kind == Unknown
		return true
	}
	return false
}
