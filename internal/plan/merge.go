package plan

import (
	"bytes"
	"fmt"
	"slices"
)

// The rules of a merge, by the names that its tests know. Two changes are in
// one place where their ranges of the last render overlap or touch: a line may
// belong to the one next to it, so that is for a person to judge, as in git.
//
//	one side   only the user, or only djharden, changed a place: its text
//	identical  both made the same change: it is made once
//	tail       the user's lines after the end of the render stay there, whatever
//	           becomes of the render's last lines (git: a conflict)
//	conflict   anything else; lines that both sides begin or end with are no part
//	           of it
//	dress      BOM, line ends and the end of the last line are the user's, and no
//	           change (git: content)
//	alignment  of several ways to tell what was changed, the one that leaves lines
//	           in place that occur once (git: the shortest)

// Clash is a place that both the user and djharden have changed.
type Clash struct {
	Path string
	// Line and End are lines of the user's file, from 1; End < Line where the
	// user has nothing there.
	Line, End          int
	Base, Ours, Theirs []string // the last render, the user's file, the new render
	Why                string   // where the whole file is in conflict: what is wrong with the merge; else ""
}

// Choice says how a conflict is settled.
type Choice string

const (
	Unsettled Choice = ""        // it isn't: nothing is written
	Markers   Choice = "markers" // both sides go into the file, marked, to be settled there
	Ours      Choice = "ours"    // the user's text
	Theirs    Choice = "theirs"  // the new render's
)

// piece is a part of a merged file. One that isn't a conflict has its lines
// either in the user's file (at..to) or in more.
type piece struct {
	at, to   int
	more     []string
	conflict *Clash
}

// merge3 merges three texts. Rules used are reported by name.
func merge3(base, ours, theirs text) (pieces []piece, rules []string) {
	m := &merger{base: base.lines, ours: ours.lines, theirs: theirs.lines}
	ids := map[string]int{}
	number := func(lines []string) []int {
		out := make([]int, len(lines))
		for i, l := range lines {
			id, ok := ids[l]
			if !ok {
				id = len(ids)
				ids[l] = id
			}
			out[i] = id
		}
		return out
	}
	b := number(base.lines)
	m.merge(compare(b, number(ours.lines)), compare(b, number(theirs.lines)))
	return m.pieces, m.rules
}

type merger struct {
	base, ours, theirs []string
	pieces             []piece
	rules              []string
}

func (m *merger) merge(mine, new []hunk) {
	at, inOurs, inTheirs := 0, 0, 0 // up to where each text is dealt with
	for len(mine) > 0 || len(new) > 0 {
		g := group(&mine, &new)
		m.own(inOurs, inOurs+g.lo-at)
		inOurs, inTheirs = inOurs+g.lo-at, inTheirs+g.lo-at
		o, t := inOurs+g.hi-g.lo+g.mineGrows, inTheirs+g.hi-g.lo+g.newGrows
		m.settle(g, inOurs, o, inTheirs, t)
		at, inOurs, inTheirs = g.hi, o, t
	}
	m.own(inOurs, len(m.ours))
}

// place is a range of the last render that holds changes, and by how many
// lines each side grows there.
type place struct {
	lo, hi              int
	mine, new           []hunk
	mineGrows, newGrows int
}

// group takes the first changes, and all that overlap or touch them.
func group(mine, new *[]hunk) place {
	g := place{lo: -1}
	take := func(from *[]hunk, to *[]hunk, grows *int) bool {
		if len(*from) == 0 {
			return false
		}
		h := (*from)[0]
		if g.lo >= 0 && h.a0 > g.hi {
			return false
		}
		if g.lo < 0 {
			g.lo = h.a0
		}
		g.lo, g.hi = min(g.lo, h.a0), max(g.hi, h.a1)
		*to, *from = append(*to, h), (*from)[1:]
		*grows += h.b1 - h.b0 - (h.a1 - h.a0)
		return true
	}
	first, second := func() bool { return take(mine, &g.mine, &g.mineGrows) }, func() bool { return take(new, &g.new, &g.newGrows) }
	if len(*mine) == 0 || len(*new) > 0 && (*new)[0].a0 < (*mine)[0].a0 {
		first, second = second, first
	}
	first()
	for second() || first() {
	}
	return g
}

// settle merges one place: lines o0..o1 of the user's file, t0..t1 of the new
// render.
func (m *merger) settle(g place, o0, o1, t0, t1 int) {
	ours, theirs := m.ours[o0:o1], m.theirs[t0:t1]
	switch {
	case len(g.new) == 0:
		m.own(o0, o1)
	case len(g.mine) == 0:
		m.add(theirs)
	case slices.Equal(ours, theirs):
		m.rules = append(m.rules, "identical")
		m.own(o0, o1)
	case len(g.mine) == 1 && g.mine[0].a0 == len(m.base):
		m.rules = append(m.rules, "tail")
		m.tail(g, o0, o1, t0, t1)
	default:
		m.rules = append(m.rules, "conflict")
		m.conflict(g, o0, o1, t0, t1)
	}
}

// tail puts what the user added at the end behind the new end. What both
// begin their additions with is there once.
func (m *merger) tail(g place, o0, o1, t0, t1 int) {
	kept := g.hi - g.lo // lines of the last render before the user's own
	theirs := m.theirs[t0:t1]
	added := m.ours[o0+kept : o1]
	if rest := len(theirs) - kept; rest > 0 && slices.Equal(theirs[:kept], m.base[g.lo:g.hi]) {
		n := common(added, theirs[kept:])
		added = added[n:]
	}
	m.add(theirs)
	m.own(o1-len(added), o1)
}

func (m *merger) conflict(g place, o0, o1, t0, t1 int) {
	head := common(m.ours[o0:o1], m.theirs[t0:t1])
	m.own(o0, o0+head)
	o0, t0 = o0+head, t0+head
	foot := 0
	for foot < o1-o0 && foot < t1-t0 && m.ours[o1-1-foot] == m.theirs[t1-1-foot] {
		foot++
	}
	m.pieces = append(m.pieces, piece{at: o0, to: o1 - foot, conflict: &Clash{
		Line: o0 + 1, End: o1 - foot, Base: m.base[g.lo:g.hi], Ours: m.ours[o0 : o1-foot], Theirs: m.theirs[t0 : t1-foot],
	}})
	m.own(o1-foot, o1)
}

// common is the number of lines that two texts begin with alike.
func common(a, b []string) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}

func (m *merger) own(at, to int) {
	if at < to {
		m.pieces = append(m.pieces, piece{at: at, to: to})
	}
}

func (m *merger) add(lines []string) {
	if len(lines) > 0 {
		m.pieces = append(m.pieces, piece{more: lines})
	}
}

// whole is the merge of two files of which it isn't known, or doesn't matter,
// what was between them: one conflict where they differ.
func whole(ours, theirs text, why string) []piece {
	m := &merger{ours: ours.lines, theirs: theirs.lines}
	m.conflict(place{}, 0, len(ours.lines), 0, len(theirs.lines))
	for _, p := range m.pieces {
		if p.conflict != nil {
			p.conflict.Why = why
		}
	}
	return m.pieces
}

// conflicts are those of a merge, in order.
func conflicts(pieces []piece, path string) []Clash {
	var list []Clash
	for _, p := range pieces {
		if p.conflict != nil {
			c := *p.conflict
			c.Path = path
			list = append(list, c)
		}
	}
	return list
}

const (
	markOurs   = "<<<<<<< yours"
	markBase   = "||||||| the last render"
	markMiddle = "======="
	markTheirs = ">>>>>>> djharden"
)

// join writes a merged file in the user's dress. choose is asked for each
// conflict, by its number.
func join(pieces []piece, ours text, choose func(int) Choice) []byte {
	w := newWriter(ours)
	n := 0
	for _, p := range pieces {
		c := p.conflict
		if c == nil {
			w.own(p.at, p.to)
			w.add(p.more...)
			continue
		}
		switch choose(n) {
		case Theirs:
			w.add(c.Theirs...)
		case Markers:
			w.add(markOurs)
			w.own(p.at, p.to)
			w.add(markBase)
			w.add(c.Base...)
			w.add(markMiddle)
			w.add(c.Theirs...)
			w.add(markTheirs)
		default:
			w.own(p.at, p.to)
		}
		n++
	}
	return w.bytes()
}

// marked returns the lines, from 1, at which conflicts that a merge marked
// begin and end.
func marked(data []byte) [][2]int {
	if !bytes.Contains(data, []byte(markOurs)) && !bytes.Contains(data, []byte(markTheirs)) {
		return nil
	}
	var list [][2]int
	open := 0
	for i, line := range textOf(data).lines {
		switch line {
		case markOurs:
			open = i + 1
		case markTheirs:
			list = append(list, [2]int{max(open, 1), i + 1})
			open = 0
		}
	}
	if open > 0 {
		list = append(list, [2]int{open, open})
	}
	return list
}

// ConflictError lists the places of a plan that nobody has settled. Nothing
// has been written.
type ConflictError struct{ Clashes []Clash }

// Error says where, one line for each place.
func (e *ConflictError) Error() string {
	var b bytes.Buffer
	for i, c := range e.Clashes {
		if i > 0 {
			b.WriteByte('\n')
		}
		fmt.Fprintf(&b, "%s: %s", c.Where(), c.Reason())
	}
	return b.String()
}

// Where is the path with the lines of the user's file.
func (c Clash) Where() string {
	switch {
	case c.End < c.Line:
		return fmt.Sprintf("%s:%d", c.Path, max(c.Line-1, 1))
	case c.End == c.Line:
		return fmt.Sprintf("%s:%d", c.Path, c.Line)
	}
	return fmt.Sprintf("%s:%d-%d", c.Path, c.Line, c.End)
}

// Reason is what clashes, in words.
func (c Clash) Reason() string {
	switch {
	case c.Why != "":
		return c.Why
	case c.End < c.Line:
		return "you have removed lines that djharden changes"
	case len(c.Theirs) == 0:
		return "you have changed lines that djharden removes"
	case len(c.Base) == 0:
		return "you and djharden both add lines here"
	}
	return "you and djharden both changed this"
}
