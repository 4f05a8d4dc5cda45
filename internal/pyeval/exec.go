package pyeval

import (
	"slices"

	"github.com/djharden/djharden/internal/pysrc"
)

// flow is how a block may end: several ways where a branch can't be decided.
type flow struct {
	next, brk, cont bool
	ret             *Value
}

var onward = flow{next: true}

func (f flow) straight() bool { return f.next && !f.brk && !f.cont && f.ret == nil }

func (in *interp) joinFlow(a, b flow) flow {
	out := flow{next: a.next || b.next, brk: a.brk || b.brk, cont: a.cont || b.cont, ret: a.ret}
	switch {
	case a.ret == nil:
		out.ret = b.ret
	case b.ret != nil:
		out.ret = in.choice(a.ret.At, []*Value{a.ret, b.ret})
	}
	return out
}

func (sc *scope) place(n *pysrc.Node) Place { return Place{sc.src, n.S, n.E} }

// block runs statements. What follows one that may have left the block runs on
// a branch of its own.
func (in *interp) block(ss []*pysrc.Stmt, sc *scope) flow {
	for i, s := range ss {
		f := in.exec(s, sc)
		if f.straight() {
			continue
		}
		if !f.next {
			return f
		}
		rest := in.fork(func() flow { return in.block(ss[i+1:], sc) }, func() flow { return flow{} })
		f.next = false
		return in.joinFlow(f, rest)
	}
	return onward
}

// module runs the statements of a module. One that takes too long leaves what
// it sets unknown.
func (in *interp) module(ss []*pysrc.Stmt, sc *scope) flow {
	for _, s := range ss {
		in.stmt = 0
		in.bounded(s, sc)
	}
	return onward
}

func (in *interp) bounded(s *pysrc.Stmt, sc *scope) {
	j, calls, ctl, blame, tries, forks := in.journal, in.calls, in.ctl, in.blame, in.tries, in.forks
	defer func() {
		switch x := recover().(type) {
		case nil:
		case outOfSteps:
			if in.steps > maxSteps {
				panic(x)
			}
			in.journal, in.calls, in.ctl, in.blame, in.tries, in.forks = j, calls, ctl, blame, tries, forks
			in.stmt = 0
			in.forget([]*pysrc.Stmt{s}, sc, "it takes too long to work out")
		default:
			panic(x)
		}
	}()
	in.exec(s, sc)
}

// forget makes unknown what statements may set.
func (in *interp) forget(ss []*pysrc.Stmt, sc *scope, why string) {
	pysrc.Walk(ss, func(s *pysrc.Stmt) {
		at := Place{sc.src, s.S, s.E}
		for _, t := range s.Targets {
			in.forgetTarget(t, sc, at, why)
		}
		if s.Kind == pysrc.SCompound && s.Name != "" {
			in.assign(sc.ns, s.Name, in.unknown(at, Unknown, why), at, "=")
		}
		if s.Kind == pysrc.SExpr && s.Value.Kind == pysrc.Call && s.Value.Kids[0].Kind == pysrc.Attr {
			in.forgetTarget(s.Value.Kids[0].Kids[0], sc, at, why)
		}
	}, nil)
}

func (in *interp) forgetTarget(t *pysrc.Node, sc *scope, at Place, why string) {
	for t.Kind == pysrc.Sub || t.Kind == pysrc.Attr || t.Kind == pysrc.Paren || t.Kind == pysrc.Star {
		t = t.Kids[0]
	}
	switch t.Kind {
	case pysrc.Name:
		in.assign(sc.ns, t.Name, in.unknown(at, Unknown, why), at, "=")
	case pysrc.Tuple, pysrc.List:
		for _, k := range t.Kids {
			in.forgetTarget(k, sc, at, why)
		}
	}
}

func (in *interp) exec(s *pysrc.Stmt, sc *scope) flow {
	in.step(1)
	now := in.now
	in.now = Place{sc.src, s.S, s.E}
	f := in.statement(s, sc)
	in.now = now
	return f
}

func (in *interp) statement(s *pysrc.Stmt, sc *scope) flow {
	at := in.now
	switch s.Kind {
	case pysrc.SExpr:
		in.eval(s.Value, sc)
	case pysrc.SAssign:
		v := in.eval(s.Value, sc)
		for _, t := range s.Targets {
			in.store(t, v, sc, "=")
		}
	case pysrc.SAnn:
		if s.Value != nil {
			in.store(s.Targets[0], in.eval(s.Value, sc), sc, "=")
		}
	case pysrc.SAug:
		in.augment(s, sc)
	case pysrc.SImport:
		for _, a := range s.Names {
			in.importName(a, sc, at)
		}
	case pysrc.SFrom:
		in.importFrom(s, sc, at)
	case pysrc.SOther:
		return in.other(s, sc, at)
	case pysrc.SCompound:
		return in.compound(s, sc)
	}
	return onward
}

func (in *interp) other(s *pysrc.Stmt, sc *scope, at Place) flow {
	switch s.Key {
	case "return":
		if len(s.Exprs) == 0 {
			return flow{ret: in.none(at)}
		}
		return flow{ret: in.decided(in.eval(s.Exprs[0], sc))}
	case "break":
		return flow{brk: true}
	case "continue":
		return flow{cont: true}
	case "raise":
		in.raiseStmt(s, sc, at)
	case "assert":
		t, env, blame := in.cond(s.Exprs[0], sc)
		if t == No {
			msg := ""
			if len(s.Exprs) > 1 {
				msg = in.text(in.eval(s.Exprs[1], sc))
			}
			in.raise(at, "AssertionError", msg, pick(blame, env))
		}
	case "global", "nonlocal":
		for _, a := range s.Names {
			if sc.global == nil {
				sc.global = map[string]bool{}
			}
			sc.global[a.Name] = true
		}
	case "del":
		for _, n := range s.Exprs {
			in.del(n, sc, at)
		}
	case "type":
		in.assign(sc.ns, s.Name, in.unknown(at, Unknown, "a type"), at, "=")
	}
	return onward
}

// pick is the variables that an exception is about: those that the condition
// looked at, else those that decided it.
func pick(blame, env []string) []string {
	if len(blame) > 0 {
		return blame
	}
	return env
}

func (in *interp) raiseStmt(s *pysrc.Stmt, sc *scope, at Place) {
	e := &pyExc{class: "Exception", at: at, env: pick(in.blame, in.ctl)}
	if len(s.Exprs) > 0 {
		v := in.eval(s.Exprs[0], sc)
		e.v = v
		switch r := v.Ref.(type) {
		case *Native:
			e.class = r.Name
		case *Class:
			e.class, e.bases = r.Name, r.ancestors()
		case *Instance:
			e.class, e.bases = r.Class.Name, r.Class.ancestors()
		case *pyExc:
			c := *r
			e = &c
			e.at, e.env = at, pick(in.blame, merged(in.ctl, r.env))
		}
		if e.msg == "" {
			e.msg = in.text(v)
		}
	}
	panic(e)
}

// ancestors are the names of all bases of a class.
func (c *Class) ancestors() []string {
	var out []string
	for _, k := range c.mro {
		out = append(out, k.Name)
		out = append(out, k.alien...)
	}
	return out
}

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
