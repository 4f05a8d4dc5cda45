package pyeval

import "slices"

// journal holds what an undecided branch changes, so that it can be taken back
// and joined with the other branches.
type journal struct {
	seq    int
	outer  *journal
	values map[*Value]Value // as they were
	vals   []*Value         // in order
	binds  map[slot]*binding
	slots  []slot // in order
}

// slot is a name of a namespace.
type slot struct {
	ns   *namespace
	name string
}

// keep saves what a value held before a branch changes it, once.
func (in *interp) keep(v *Value, old Value) {
	if j := in.journal; j != nil && v.seq <= j.seq {
		if _, ok := j.values[v]; !ok {
			j.values[v] = old
			j.vals = append(j.vals, v)
		}
	}
}

// keepSlot saves what a name held before a branch changes it, once.
func (in *interp) keepSlot(k slot, old *binding) {
	if j := in.journal; j != nil && k.ns.seq <= j.seq {
		if _, ok := j.binds[k]; !ok {
			j.binds[k] = old
			j.slots = append(j.slots, k)
		}
	}
}

// record runs a branch with a journal of its own and leaves it as it is then.
func (in *interp) record(run func() flow) (*journal, outcome) {
	j := &journal{seq: in.next(), outer: in.journal, values: map[*Value]Value{}, binds: map[slot]*binding{}}
	in.journal = j
	o := in.attempt(run)
	in.journal = j.outer
	return j, o
}

// takeBack undoes what a branch changed and tells what that was.
func (j *journal) takeBack() (values map[*Value]Value, binds map[slot]*binding) {
	values, binds = map[*Value]Value{}, map[slot]*binding{}
	for _, v := range j.vals {
		values[v] = *v
		*v = j.values[v]
	}
	for _, k := range j.slots {
		binds[k] = k.ns.vars[k.name]
		if old := j.binds[k]; old != nil {
			k.ns.vars[k.name] = old
		} else {
			delete(k.ns.vars, k.name)
		}
	}
	return values, binds
}

// adopt makes the changes of a branch those of the one around it.
func (in *interp) adopt(j *journal) {
	for _, v := range j.vals {
		in.keep(v, j.values[v])
	}
	for _, k := range j.slots {
		in.keepSlot(k, j.binds[k])
	}
}

// touch must be called before a list, dict or set is changed in place: it
// keeps the old content for the journal and notes the change.
func (in *interp) touch(v *Value, at Place, how string) {
	if in.journal != nil {
		old := *v
		old.Items, old.Keys, old.index = slices.Clone(v.Items), slices.Clone(v.Keys), nil
		in.keep(v, old)
	}
	v.index = nil
	if !in.now.IsZero() {
		at = in.now
	}
	v.changes = noted(v.changes, Change{Place: at, How: how, seq: in.next()})
	v.Env = merged(v.Env, in.ctl)
}

// noted adds a change. One statement that runs again and again counts once, and
// of very many the first and the last are kept.
func noted(list []Change, c Change) []Change {
	if n := len(list); n > 0 && list[n-1].Place == c.Place {
		list = slices.Clone(list)
		list[n-1] = c
		return list
	}
	if len(list) >= maxChanges {
		list = slices.Delete(slices.Clone(list), maxChanges/2, len(list)-maxChanges/4)
	}
	return append(slices.Clip(list), c)
}

// maxChanges is how many places that set or change one thing are kept.
const maxChanges = 64

// bind gives a name a value.
func (in *interp) bind(ns *namespace, name string, b *binding) {
	in.keepSlot(slot{ns, name}, ns.vars[name])
	if b == nil {
		delete(ns.vars, name)
		return
	}
	if ns.vars[name] == nil && !ns.known[name] {
		if ns.known == nil {
			ns.known = map[string]bool{}
		}
		ns.known[name] = true
		ns.order = append(ns.order, name)
	}
	ns.vars[name] = b
}

// assign binds a name as a statement does: the change is noted, and what
// decided that we are here has a say in the value.
func (in *interp) assign(ns *namespace, name string, v *Value, at Place, how string) {
	v = in.decided(v)
	b := &binding{v: v}
	if old := ns.vars[name]; old != nil && isSetting(name) {
		b.changes = old.changes
	}
	b.changes = noted(b.changes, Change{Place: at, How: how, seq: in.next()})
	in.bind(ns, name, b)
}

// decided adds the variables that decided the branch to a value.
func (in *interp) decided(v *Value) *Value {
	if len(in.ctl) == 0 || len(merged(v.Env, in.ctl)) == len(v.Env) {
		return v
	}
	switch v.Kind {
	case List, Dict, Set, Object:
		v.Env = merged(v.Env, in.ctl)
		return v
	}
	c := *v
	c.Env = merged(v.Env, in.ctl)
	return &c
}

// outcome is what one branch left behind.
type outcome struct {
	flow   flow
	exc    *pyExc
	values map[*Value]Value
	binds  map[slot]*binding
}

// fork runs each branch from the same state and joins what they leave. A
// branch that raises is one that production doesn't take; where all raise, so
// does fork.
func (in *interp) fork(branches ...func() flow) flow {
	if in.forks >= maxForks {
		in.step(1 << 12)
	}
	in.forks++
	defer func() { in.forks-- }()
	var outs []outcome
	var vals []*Value
	var slots []slot
	for _, run := range branches {
		j, o := in.record(run)
		o.values, o.binds = j.takeBack()
		vals, slots = append(vals, j.vals...), append(slots, j.slots...)
		outs = append(outs, o)
	}
	live := slices.DeleteFunc(slices.Clone(outs), func(o outcome) bool { return o.exc != nil })
	if len(live) == 0 {
		panic(outs[0].exc)
	}
	in.join(live, vals, slots)
	f := live[0].flow
	for _, o := range live[1:] {
		f = in.joinFlow(f, o.flow)
	}
	return f
}

// attempt runs a branch and catches what it raises.
func (in *interp) attempt(run func() flow) (o outcome) {
	calls, ctl, blame, tries, now := in.calls, in.ctl, in.blame, in.tries, in.now
	defer func() {
		if x := recover(); x != nil {
			e, ok := x.(*pyExc)
			if !ok {
				panic(x)
			}
			in.calls, in.ctl, in.blame, in.tries, in.now = calls, ctl, blame, tries, now
			o.exc = e
		}
	}()
	o.flow = run()
	return o
}

func (in *interp) join(live []outcome, vals []*Value, slots []slot) {
	done := map[*Value]bool{}
	for _, v := range vals {
		if done[v] {
			continue
		}
		done[v] = true
		var cases []*Value
		for _, o := range live {
			c := *v
			if n, ok := o.values[v]; ok {
				c = n
			}
			c.seq = in.next()
			cases = append(cases, &c)
		}
		changes := v.changes
		for _, c := range cases {
			if len(c.changes) > len(changes) {
				changes = c.changes
			}
		}
		in.keep(v, *v)
		n := *in.choice(v.At, cases)
		n.seq, n.changes, n.index = v.seq, changes, nil
		*v = n
	}
	seen := map[slot]bool{}
	for _, k := range slots {
		if seen[k] {
			continue
		}
		seen[k] = true
		in.joinSlot(live, k)
	}
}

func (in *interp) joinSlot(live []outcome, k slot) {
	var cases []*Value
	b := &binding{}
	for _, o := range live {
		x, ok := o.binds[k]
		if !ok {
			x = k.ns.vars[k.name]
		}
		if x == nil {
			b.absent = true
			continue
		}
		b.absent = b.absent || x.absent
		cases = append(cases, x.v)
		for _, c := range x.changes {
			if !slices.Contains(b.changes, c) {
				b.changes = append(b.changes, c)
			}
		}
	}
	if len(cases) == 0 {
		in.bind(k.ns, k.name, nil)
		return
	}
	slices.SortStableFunc(b.changes, func(a, b Change) int { return a.seq - b.seq })
	b.v = in.choice(cases[0].At, cases)
	in.bind(k.ns, k.name, b)
}

// choice is one of several values; equal ones count once. Where there are too
// many, a list keeps what all of them hold and is open.
func (in *interp) choice(at Place, cases []*Value) *Value {
	var list []*Value
	for _, c := range cases {
		for _, x := range c.Cases() {
			if !slices.ContainsFunc(list, func(y *Value) bool { return same(x, y) }) {
				list = append(list, x)
			}
		}
	}
	if len(list) == 1 {
		return list[0]
	}
	if len(list) > maxCases {
		return in.widen(at, list)
	}
	v := &Value{Kind: Choice, Items: list, At: at, seq: in.next()}
	for _, x := range list {
		v.Env = merged(v.Env, x.Env)
	}
	return v
}

// widen is what all of many values have in common.
func (in *interp) widen(at Place, list []*Value) *Value {
	first := list[0]
	for _, x := range list {
		if x.Kind != first.Kind {
			return in.unknown(at, Unknown, "too many branches that can't be decided", list...)
		}
	}
	out := &Value{Kind: first.Kind, Open: true, At: at, seq: in.next()}
	for _, x := range list {
		out.Env = merged(out.Env, x.Env)
	}
	switch first.Kind {
	case List, Tuple, Set:
		for _, it := range first.Items {
			if !slices.ContainsFunc(list, func(l *Value) bool {
				return !slices.ContainsFunc(l.Items, func(y *Value) bool { return same(it, y) })
			}) {
				out.Items = append(out.Items, it)
			}
		}
		return out
	case Dict:
		for i, k := range first.Keys {
			if !slices.ContainsFunc(list, func(d *Value) bool {
				j := d.slot(k)
				return j < 0 || !same(d.Items[j], first.Items[i])
			}) {
				out.put(k, first.Items[i])
			}
		}
		return out
	}
	return in.unknown(at, first.Kind, "too many branches that can't be decided", list...)
}

// lift asks f of each case of v and joins the answers.
func (in *interp) lift(at Place, v *Value, f func(*Value) *Value) *Value {
	if v.Kind != Choice {
		return f(v)
	}
	var out []*Value
	for _, x := range v.Cases() {
		out = append(out, f(x))
	}
	r := in.choice(at, out)
	if len(v.Env) > 0 && len(merged(r.Env, v.Env)) > len(r.Env) {
		c := *r
		c.Env = merged(r.Env, v.Env)
		return &c
	}
	return r
}
