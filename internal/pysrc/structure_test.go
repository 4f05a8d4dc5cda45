package pysrc

import (
	"encoding/hex"
	"fmt"
	"slices"
	"sort"
	"strings"
	"testing"
)

// outline writes what testdata/structure.py does, from the tree of this reader.
type outline struct {
	m      *Module
	starts []int // of the lines
	lines  []string
	opaque bool // an f-string has text that can't be given: \N{...} or a surrogate
}

func compareStructure(t *testing.T, path string, o *outline, text string) {
	Walk(o.m.Stmts, o.stmt, o.node)
	if o.opaque {
		return
	}
	want := strings.Split(text, "\n")
	if text == "" {
		want = nil
	}
	sort.Strings(want)
	sort.Strings(o.lines)
	for i := range max(len(want), len(o.lines)) {
		var a, b string
		if i < len(want) {
			a = want[i]
		}
		if i < len(o.lines) {
			b = o.lines[i]
		}
		if a != b {
			t.Errorf("%s: CPython has\n  %s\nand here\n  %s", path, a, b)
			return
		}
	}
}

func (o *outline) add(format string, args ...any) {
	o.lines = append(o.lines, fmt.Sprintf(format, args...))
}

func (o *outline) at(off int) string {
	i := sort.SearchInts(o.starts, off+1) - 1
	return fmt.Sprintf("%d:%d", i+1, off-o.starts[i])
}

func (o *outline) span(n *Node) string {
	if n == nil {
		return "-"
	}
	n = n.Unparen()
	s, e := n.S, n.E
	if n.Kind == Comp && n.Kids[0].S == n.S { // ast gives it the parentheses of its call
		s = strings.LastIndexByte(o.m.text[:s], '(')
		e += strings.IndexByte(o.m.text[e:], ')') + 1
	}
	return o.at(s) + "-" + o.at(e)
}

func (o *outline) spans(nodes []*Node) string {
	var out []string
	for _, n := range nodes {
		out = append(out, o.span(n))
	}
	return "[" + strings.Join(out, " ") + "]"
}

func (o *outline) params(params []Param) string {
	var out []string
	for _, a := range params {
		out = append(out, fmt.Sprintf("%d %s %s %s %s", a.Kind, a.Name, o.at(a.S), o.span(a.Ann), o.span(a.Default)))
	}
	return "(" + strings.Join(out, ", ") + ")"
}

func bit(b bool) int {
	if b {
		return 1
	}
	return 0
}

func (o *outline) stmt(s *Stmt) {
	if s.Kind == SOther && len(s.Names) > 0 {
		names := ""
		for _, a := range s.Names {
			names += " " + a.Name
		}
		o.add("names %s%s", o.at(s.S), names)
	}
	if s.Kind != SCompound {
		return
	}
	head := s.S
	if s.Key != "match" {
		head = s.Blocks[0].S
	}
	switch s.Key {
	case "def":
		o.add("def %s %s %d %s %s %s", o.at(head), s.Name, bit(s.Async), o.params(s.Params), o.span(s.Returns), o.spans(s.Decorators))
	case "class":
		o.add("class %s %s %s %s", o.at(head), s.Name, o.spans(s.Bases), o.spans(s.Decorators))
	case "with":
		var items []string
		for _, i := range s.Items {
			items = append(items, o.span(i.Expr)+" "+o.span(i.As))
		}
		o.add("with %s %d %s", o.at(head), bit(s.Async), strings.Join(items, " "))
	case "for":
		o.add("for %s %d %s %s", o.at(head), bit(s.Async), o.span(s.Target), o.span(s.Iter))
	}
	var body []*Stmt
	for i, b := range s.Blocks {
		o.block(head, i, b)
		body = append(body, b.Body...)
	}
	if !slices.Equal(body, s.Body) {
		o.add("the blocks at %s hold other statements than Body", o.at(head))
	}
}

func (o *outline) block(head, i int, b Block) {
	pattern, name := "-", "-"
	if b.Key == "case" {
		pattern = "("
		if b.Pattern[0] != '(' {
			pattern = o.at(b.PatS) + "-" + o.at(b.PatS+len(b.Pattern))
		}
	}
	if b.Name != "" {
		name = b.Name
	}
	o.add("block %s %d %s %s %s %d %s %s %d %s", o.at(head), i, b.Key, o.spans(b.Exprs), name, bit(b.Star), pattern, o.span(b.Guard), len(b.Body), o.at(b.E))
}

func (o *outline) node(n *Node) {
	switch n.Kind {
	case Lambda:
		o.add("lambda %s %s", o.span(n), o.params(n.LambdaParams()))
	case Comp:
		var clauses []string
		for _, c := range n.Clauses() {
			clauses = append(clauses, fmt.Sprintf("%d %s %s %s", bit(c.Async), o.span(c.Target), o.span(c.Iter), o.spans(c.Ifs)))
		}
		o.add("comp %s %s %s", o.span(n), n.Name, strings.Join(clauses, " "))
	case Slice:
		lo, hi, step := n.SliceParts()
		o.add("slice %s %s %s %s", o.span(n), o.span(lo), o.span(hi), o.span(step))
	case Str:
		if v, ok := o.m.BytesValue(n); ok {
			o.add("bytes %s %x", o.span(n), v)
		}
	case FStr:
		o.fstring(n)
	}
}

func (o *outline) fstring(n *Node) {
	parts, err := o.m.FString(n)
	if err != nil {
		text := o.m.Text(n)
		switch {
		case strings.Contains(text, `\N{`), strings.Contains(text, `\ud`), strings.Contains(text, `\uD`):
			o.opaque = true
		case !strings.Contains(err.Error(), "template"):
			o.add("%s: %v", o.span(n), err)
		}
		return
	}
	o.add("fstring %s %s", o.span(n), o.parts(parts))
}

// parts joins the text before a {x=} with what stands before it, as ast does.
func (o *outline) parts(parts []FPart) string {
	var out []string
	text := ""
	flush := func() {
		if text != "" {
			out = append(out, "t"+hex.EncodeToString([]byte(text)))
		}
		text = ""
	}
	for _, p := range parts {
		text += p.Lit + p.Debug
		if p.Expr == nil {
			continue
		}
		flush()
		out = append(out, fmt.Sprintf("{%s %d %s}", o.span(p.Expr), p.Conv, o.parts(p.Spec)))
		WalkNode(p.Expr, o.node)
	}
	flush()
	return strings.Join(out, " ")
}
