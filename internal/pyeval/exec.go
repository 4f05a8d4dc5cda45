package pyeval

import (
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
