package pyeval

import (
	"slices"
	"strings"

	"github.com/djharden/djharden/internal/pysrc"
)

func (in *interp) compound(s *pysrc.Stmt, sc *scope) flow {
	switch s.Key {
	case "if":
		return in.ifChain(s.Blocks, sc)
	case "for":
		return in.forLoop(s, sc)
	case "while":
		return in.whileLoop(s, sc)
	case "try":
		return in.try(s, sc)
	case "with":
		for _, it := range s.Items {
			v := in.eval(it.Expr, sc)
			if p, ok := v.Ref.(*prefixed); ok {
				was := p.env.prefix
				p.env.prefix += p.prefix
				defer func() { p.env.prefix = was }()
			}
			if it.As != nil {
				in.store(it.As, in.entered(v, sc.place(it.Expr)), sc, "=")
			}
		}
		return in.block(s.Blocks[0].Body, sc)
	case "def":
		in.define(s, sc)
	case "class":
		in.class(s, sc)
	case "match":
		return in.match(s, sc)
	}
	return onward
}

// entered is what a with statement binds.
func (in *interp) entered(v *Value, at Place) *Value {
	if r, ok := v.Ref.(*Instance); ok {
		if f := r.Class.find("__enter__"); f != nil {
			return in.invoke(in.boundTo(f, v, r.Class), &call{at: at})
		}
	}
	return v
}

// cond evaluates a condition: its truth, the variables that decide it, and
// those of them that it looks at as more than a switch.
func (in *interp) cond(n *pysrc.Node, sc *scope) (t Truth, env, blame []string) {
	outer := in.trace
	var seen []string
	in.trace = &seen
	v := in.eval(n, sc)
	in.trace = outer
	for _, name := range seen {
		blame = merged(blame, []string{name})
	}
	if outer != nil {
		*outer = append(*outer, seen...)
	}
	return v.Truth(), v.Env, blame
}

// under runs what a condition decided.
func (in *interp) under(env, blame []string, run func() flow) flow {
	ctl, old := in.ctl, in.blame
	in.ctl = merged(ctl, env)
	if len(blame) > 0 {
		in.blame = blame
	} else if len(env) > 0 {
		in.blame = env
	}
	f := run()
	in.ctl, in.blame = ctl, old
	return f
}

func (in *interp) ifChain(bs []pysrc.Block, sc *scope) flow {
	if len(bs) == 0 {
		return onward
	}
	b := bs[0]
	if b.Key == "else" {
		return in.block(b.Body, sc)
	}
	t, env, blame := in.cond(b.Exprs[0], sc)
	switch t {
	case Yes:
		for _, other := range bs[1:] {
			in.influence(other.Body, sc, env)
		}
		return in.under(env, blame, func() flow { return in.block(b.Body, sc) })
	case No:
		in.influence(b.Body, sc, env)
		return in.under(env, blame, func() flow { return in.ifChain(bs[1:], sc) })
	}
	return in.under(env, blame, func() flow {
		return in.fork(func() flow { return in.block(b.Body, sc) }, func() flow { return in.ifChain(bs[1:], sc) })
	})
}

func (in *interp) forLoop(s *pysrc.Stmt, sc *scope) flow {
	body, other := s.Blocks[0].Body, elseOf(s)
	v := in.eval(s.Iter, sc)
	items, ok := in.iterate(v)
	if !ok || s.Async {
		f := in.again(body, sc, func() { in.store(s.Target, in.unknown(sc.place(s.Target), Unknown, "", v), sc, "for") })
		return in.joinFlow(f, in.block(other, sc))
	}
	f := in.loop(func(i int) (Truth, bool) {
		if i >= len(items) {
			return No, true
		}
		in.store(s.Target, items[i], sc, "for")
		return Yes, true
	}, body, other, sc)
	in.influence(body, sc, v.Env)
	return f
}

// influence notes that variables had a say in what statements set that did not
// run, or ran as often as they said.
func (in *interp) influence(ss []*pysrc.Stmt, sc *scope, env []string) {
	if len(env) == 0 {
		return
	}
	pysrc.Walk(ss, func(s *pysrc.Stmt) {
		in.step(1)
		for _, t := range s.Targets {
			in.influenceName(t, sc, env)
		}
		if s.Kind == pysrc.SExpr && s.Value.Kind == pysrc.Call && s.Value.Kids[0].Kind == pysrc.Attr && mutators[s.Value.Kids[0].Name] {
			in.influenceName(s.Value.Kids[0].Kids[0], sc, env)
		}
	}, nil)
}

func (in *interp) influenceName(t *pysrc.Node, sc *scope, env []string) {
	for t.Kind == pysrc.Sub || t.Kind == pysrc.Attr || t.Kind == pysrc.Paren || t.Kind == pysrc.Star {
		t = t.Kids[0]
	}
	if t.Kind == pysrc.Tuple || t.Kind == pysrc.List {
		for _, k := range t.Kids {
			in.influenceName(k, sc, env)
		}
		return
	}
	if t.Kind != pysrc.Name {
		return
	}
	ns := in.target(t.Name, sc)
	b := ns.vars[t.Name]
	if b == nil || len(merged(b.v.Env, env)) == len(b.v.Env) {
		return
	}
	switch b.v.Kind {
	case List, Dict, Set:
		b.v.Env = merged(b.v.Env, env)
	case Object:
	default:
		c := *b.v
		c.Env = merged(c.Env, env)
		in.bind(ns, t.Name, &binding{v: &c, changes: b.changes, absent: b.absent})
	}
}

func elseOf(s *pysrc.Stmt) []*pysrc.Stmt {
	for _, b := range s.Blocks {
		if b.Key == "else" {
			return b.Body
		}
	}
	return nil
}

func (in *interp) whileLoop(s *pysrc.Stmt, sc *scope) flow {
	body, other := s.Blocks[0].Body, elseOf(s)
	return in.loop(func(int) (Truth, bool) {
		t, _, _ := in.cond(s.Blocks[0].Exprs[0], sc)
		return t, t != Maybe
	}, body, other, sc)
}

// loop runs a body while more says so; where that can't be told, what the body
// changes is no longer known.
func (in *interp) loop(more func(i int) (Truth, bool), body, other []*pysrc.Stmt, sc *scope) flow {
	var left flow // ways out of the loop, and of the block around it
	for i := 0; ; i++ {
		in.step(1)
		t, ok := more(i)
		if !ok {
			left = in.joinFlow(left, in.again(body, sc, func() {}))
			left.next, left.brk, left.cont = true, false, false
			return left
		}
		if t == No {
			break
		}
		f := in.block(body, sc)
		if f.straight() || f.cont && !f.brk && f.ret == nil {
			continue
		}
		if !f.next && !f.cont && f.ret == nil { // a break for sure
			left.next = true
			return left
		}
		if !f.next && !f.cont && !f.brk {
			return in.joinFlow(left, flow{ret: f.ret})
		}
		// It may have ended here: the rest runs on a branch of its own.
		left = in.joinFlow(left, flow{next: f.brk, ret: f.ret})
		rest := in.fork(func() flow {
			return in.loop(func(k int) (Truth, bool) { return more(i + 1 + k) }, body, other, sc)
		}, func() flow { return flow{} })
		return in.joinFlow(left, rest)
	}
	return in.joinFlow(left, in.block(other, sc))
}

// again runs a body that runs an unknown number of times: once on a branch, and
// then what it changed is open or unknown.
func (in *interp) again(body []*pysrc.Stmt, sc *scope, before func()) flow {
	j, o := in.record(func() flow { before(); return in.block(body, sc) })
	values, binds := j.takeBack()
	for _, v := range j.vals {
		after := values[v]
		in.keep(v, *v)
		was := *v
		common := *in.widen(v.At, []*Value{&was, &after}) // what none of the runs changed
		common.seq, common.changes, common.index = v.seq, after.changes, nil
		*v = common
	}
	for _, k := range j.slots {
		b, old := binds[k], k.ns.vars[k.name]
		if b == nil || old != nil && old.v == b.v { // the same object, changed in place
			continue
		}
		v := in.unknown(b.v.At, b.v.Kind, "it changes in a loop that can't be followed", b.v)
		in.bind(k.ns, k.name, &binding{v: v, changes: b.changes})
	}
	if o.exc != nil {
		return onward
	}
	return flow{next: true, ret: o.flow.ret}
}

// try runs the body; an exception that a handler catches goes there. An import
// that may fail makes two branches.
func (in *interp) try(s *pysrc.Stmt, sc *scope) flow {
	frame := &tryFrame{}
	var handlers []pysrc.Block
	var other, finally []*pysrc.Stmt
	for _, b := range s.Blocks[1:] {
		switch b.Key {
		case "except":
			handlers = append(handlers, b)
			frame.catches = append(frame.catches, in.excNames(b, sc)...)
		case "else":
			other = b.Body
		case "finally":
			finally = b.Body
		}
	}
	run := func() flow { return in.tryOnce(s.Blocks[0].Body, frame, handlers, other, sc) }
	var f flow
	if len(handlers) > 0 && frame.matches("ImportError", nil) {
		f = in.tryImport(run, frame)
	} else {
		f = run()
	}
	if len(finally) > 0 {
		if g := in.block(finally, sc); !g.straight() {
			return g
		}
	}
	return f
}

// tryImport runs a try whose body may import a package that isn't installed:
// then it runs once with it and once without.
func (in *interp) tryImport(run func() flow, frame *tryFrame) flow {
	frame.maybe = ""
	j, o := in.record(run)
	maybe := frame.maybe
	if maybe == "" { // nothing was undecided
		in.adopt(j)
		if o.exc != nil {
			panic(o.exc)
		}
		return o.flow
	}
	j.takeBack()
	return in.fork(run, func() flow {
		was := in.missing[maybe]
		in.missing[maybe] = true
		defer func() { in.missing[maybe] = was }()
		return run()
	})
}

func (in *interp) excNames(b pysrc.Block, sc *scope) []string {
	if len(b.Exprs) == 0 {
		return []string{"BaseException"}
	}
	n := b.Exprs[0].Unparen()
	kids := []*pysrc.Node{n}
	if n.Kind == pysrc.Tuple {
		kids = n.Kids
	}
	var out []string
	for _, k := range kids {
		out = append(out, last(strings.TrimSpace(sc.src.Mod.Text(k))))
	}
	return out
}

func (in *interp) tryOnce(body []*pysrc.Stmt, frame *tryFrame, handlers []pysrc.Block, other []*pysrc.Stmt, sc *scope) (f flow) {
	o := func() outcome {
		if len(handlers) > 0 {
			in.tries = append(slices.Clip(in.tries), frame)
			defer func() { in.tries = in.tries[:len(in.tries)-1] }()
		}
		return in.attempt(func() flow { return in.block(body, sc) })
	}()
	if o.exc == nil {
		if o.flow.next && len(other) > 0 {
			o.flow.next = false
			return in.joinFlow(o.flow, in.block(other, sc))
		}
		return o.flow
	}
	for _, b := range handlers {
		for _, name := range in.excNames(b, sc) {
			if !catches(name, o.exc.class, o.exc.bases) {
				continue
			}
			if b.Name != "" {
				in.assign(sc.ns, b.Name, in.object(in.now, o.exc), in.now, "except")
			}
			env := o.exc.env
			return in.under(env, env, func() flow { return in.handler(b, o.exc, sc) })
		}
	}
	panic(o.exc)
}

// handler runs an except block; a bare raise in it throws again what it caught.
func (in *interp) handler(b pysrc.Block, e *pyExc, sc *scope) flow {
	defer func() {
		if x := recover(); x != nil {
			if again, ok := x.(*pyExc); ok && again.class == "Exception" && again.v == nil && again.msg == "" {
				panic(e)
			}
			panic(x)
		}
	}()
	return in.block(b.Body, sc)
}

// match runs the case that fits, where the patterns are plain values.
func (in *interp) match(s *pysrc.Stmt, sc *scope) flow {
	subject := in.eval(s.Exprs[0], sc)
	return in.under(subject.Env, subject.Env, func() flow { return in.cases(s.Blocks, subject, sc) })
}

func (in *interp) cases(bs []pysrc.Block, subject *Value, sc *scope) flow {
	if len(bs) == 0 {
		return onward
	}
	b := bs[0]
	t := in.fits(b, subject, sc)
	if b.Guard != nil && t != No {
		if g, _, _ := in.cond(b.Guard, sc); g != Yes {
			t = g
		}
	}
	switch t {
	case Yes:
		return in.block(b.Body, sc)
	case No:
		return in.cases(bs[1:], subject, sc)
	}
	return in.fork(func() flow { return in.block(b.Body, sc) }, func() flow { return in.cases(bs[1:], subject, sc) })
}

func (in *interp) fits(b pysrc.Block, subject *Value, sc *scope) Truth {
	n, err := sc.src.Mod.ParseExpr(b.PatS, b.PatS+len(b.Pattern))
	if err != nil {
		return Maybe
	}
	return in.fitsNode(n, subject, sc)
}

func (in *interp) fitsNode(n *pysrc.Node, subject *Value, sc *scope) Truth {
	switch n.Kind {
	case pysrc.Paren:
		return in.fitsNode(n.Kids[0], subject, sc)
	case pysrc.Bin:
		if n.Name == "|" {
			a, b := in.fitsNode(n.Kids[0], subject, sc), in.fitsNode(n.Kids[1], subject, sc)
			switch {
			case a == Yes || b == Yes:
				return Yes
			case a == No && b == No:
				return No
			}
		}
	case pysrc.Name:
		switch n.Name {
		case "None", "True", "False":
			return in.compare("is", subject, in.eval(n, sc))
		case "_":
			return Yes
		}
		in.store(n, subject, sc, "=")
		return Yes
	case pysrc.Str, pysrc.Num, pysrc.Attr, pysrc.Unary:
		return in.compare("==", subject, in.eval(n, sc))
	}
	return Maybe
}
