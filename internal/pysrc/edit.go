package pysrc

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// Edit puts New in place of the bytes from S up to E; S == E inserts.
type Edit struct {
	S, E int
	New  string
}

// Apply gives the source with the edits made, which may come in any order but
// must not overlap; of several at one offset, insertions go first, in the order
// given. The result is proved, or an error says why not: it parses again, and
// each token outside the edits is there with the same bytes, moved by what the
// edits before it added, and brackets outside them still belong together.
func (m *Module) Apply(edits ...Edit) ([]byte, error) {
	edits = slices.Clone(edits)
	slices.SortStableFunc(edits, func(a, b Edit) int {
		if a.S != b.S {
			return a.S - b.S
		}
		return a.E - b.E
	})
	out := make([]byte, 0, len(m.Src)+64*len(edits))
	pos := 0
	for _, e := range edits {
		if e.S < pos || e.E < e.S || e.E > len(m.Src) {
			return nil, fmt.Errorf("the edit of bytes %d to %d is out of range or overlaps another", e.S, e.E)
		}
		if m.Encoding != "utf-8" && !isASCII(e.New) {
			line, _ := m.Position(e.S)
			return nil, fmt.Errorf("line %d: the file is in %s, where only ASCII can be written", line, m.Encoding)
		}
		out = append(out, m.Src[pos:e.S]...)
		out = append(out, e.New...)
		pos = e.E
	}
	out = append(out, m.Src[pos:]...)
	if len(edits) == 0 {
		return out, nil
	}
	after, err := Parse(out)
	if err != nil {
		return nil, fmt.Errorf("the edit would break the file: %w", err)
	}
	if err := m.prove(edits, after); err != nil {
		return nil, err
	}
	return out, nil
}

// span is a byte range. Empty, it touches only what it stands inside of.
type span struct{ s, e int }

func (a span) touches(t Token) bool { return int(t.S) < a.e && int(t.E) > a.s }

// prove compares the tokens outside the edits, before and after.
func (m *Module) prove(edits []Edit, after *Module) error {
	old, moved := make([]span, len(edits)), make([]span, len(edits))
	shift := 0
	for i, e := range edits {
		old[i] = span{e.S, e.E}
		moved[i] = span{e.S + shift, e.S + shift + len(e.New)}
		shift += len(e.New) - (e.E - e.S)
	}
	a, b := outside(m.Toks, old), outside(after.Toks, moved)
	next, shift := 0, 0
	for i, t := range a {
		for next < len(edits) && edits[next].E <= int(t.S) {
			shift += len(edits[next].New) - (edits[next].E - edits[next].S)
			next++
		}
		if i >= len(b) || !m.same(t, after, b[i], shift) {
			return m.changed(t)
		}
	}
	if len(b) > len(a) {
		line, _ := after.Position(int(b[len(a)].S))
		return fmt.Errorf("the edit would add something outside its range, at line %d", line)
	}
	return m.proveBrackets(after, a, b)
}

func (m *Module) changed(t Token) error {
	line, col := m.Position(int(t.S))
	return fmt.Errorf("the edit would change what stands at line %d, column %d, outside its range", line, col)
}

func (m *Module) same(t Token, after *Module, u Token, shift int) bool {
	return t.Kind == u.Kind && int(t.S)+shift == int(u.S) && m.text[t.S:t.E] == after.text[u.S:u.E]
}

// proveBrackets compares the partners of the brackets in a and b, which are the
// same tokens before and after.
func (m *Module) proveBrackets(after *Module, a, b []Token) error {
	at := make(map[int32]int32, len(a)/4) // place of a bracket before, to its place after
	for i, t := range a {
		if t.Match >= 0 {
			at[t.S] = b[i].S
		}
	}
	for i, t := range a {
		if t.Match < 0 {
			continue
		}
		if place, kept := at[m.Toks[t.Match].S]; kept && after.Toks[b[i].Match].S != place {
			return m.changed(t)
		}
	}
	return nil
}

// outside are the tokens with text that no span touches. Spans are in order.
func outside(toks []Token, spans []span) []Token {
	var out []Token
	for _, t := range toks {
		for len(spans) > 0 && spans[0].e <= int(t.S) {
			spans = spans[1:]
		}
		if t.S < t.E && (len(spans) == 0 || !spans[0].touches(t)) {
			out = append(out, t)
		}
	}
	return out
}

// SetString gives a str literal another value. Prefix and quotes stay where the
// value needs no escape in them; else the literal becomes [Quote](value). A
// literal that has the value already stays as it is. It refuses adjacent
// literals, bytes and f-strings.
func (m *Module) SetString(n *Node, value string) (Edit, error) {
	n = n.Unparen()
	t := m.Toks[m.tokenAt(n.S)]
	if n.Kind != Str || int(t.E) != n.E || isBytes(m.text[t.S:]) {
		return Edit{}, errors.New("not one plain string literal")
	}
	if !utf8.ValidString(value) {
		return Edit{}, errors.New("a value that is not UTF-8")
	}
	if old, ok := m.StrValue(n); ok && old == value {
		return Edit{n.S, n.S, ""}, nil
	}
	lit := m.Text(n)
	prefix, quotes, body := splitLiteral(lit)
	ascii := m.Encoding != "utf-8"
	plain := quote(value, ascii)
	verbatim := strings.ReplaceAll(plain[1:len(plain)-1], `\`+plain[:1], plain[:1])
	if strings.ContainsAny(prefix, "rR") {
		verbatim = strings.ReplaceAll(verbatim, `\\`, `\`)
	}
	if verbatim != value || strings.Contains(value, quotes[:1]) || strings.HasSuffix(value, `\`) {
		return Edit{n.S, n.E, plain}, nil
	}
	s := n.S + len(prefix) + len(quotes)
	return Edit{s, s + len(body), value}, nil
}

// Replace puts an expression in place of another, in parentheses where it would
// bind differently without them. It refuses code that is not one expression.
// Lines of code after the first get the indentation of the line n is on.
func (m *Module) Replace(n *Node, code string) (Edit, error) {
	e, err := expression(code)
	if err != nil {
		return Edit{}, err
	}
	if e.needsParens(m.place(n)) {
		code = "(" + code + ")"
	}
	return Edit{n.S, n.E, m.fit(code, n.S)}, nil
}

// snippet is an expression as it was given, not yet part of a file.
type snippet struct {
	kind NodeKind
	bare bool // it ends with its first line unless in parentheses
}

func expression(code string) (snippet, error) {
	m, err := Parse([]byte("(" + code + "\n)"))
	if err != nil {
		return snippet{}, fmt.Errorf("%q is not a Python expression: %w", code, err)
	}
	if len(m.Stmts) != 1 || m.Stmts[0].Kind != SExpr || m.Toks[0].Match != int32(len(m.Toks)-3) {
		return snippet{}, fmt.Errorf("%q is not one Python expression", code)
	}
	if len(m.Comments) > 0 {
		return snippet{}, fmt.Errorf("a comment in %q", code)
	}
	n := m.Stmts[0].Value
	if n.Kind != Paren { // a, b or x for x in y
		return snippet{n.Kind, true}, nil
	}
	_, err = Parse([]byte(code))
	return snippet{n.Kids[0].Kind, err != nil}, nil
}

// slot is how tightly an expression must hold together in its place.
type slot uint8

const (
	tight slot = iota // an operand
	loose             // a whole argument, element or value
	attr              // what an attribute is taken of
)

func (e snippet) needsParens(in slot) bool {
	if e.bare {
		return true
	}
	switch e.kind {
	case Walrus, Yield, Star, Star2, Tuple:
		return e.kind != Tuple || e.bare
	case Bin, Unary, IfExp, Lambda, Await:
		return in != loose
	case Num:
		return in == attr
	}
	return false
}

// place finds the slot of n.
func (m *Module) place(n *Node) slot {
	found := tight
	Walk(m.Stmts, func(s *Stmt) {
		if s.Value == n {
			found = loose
		}
		switch s.Key {
		case "return", "raise", "assert", "if", "while":
			if slices.Contains(s.Exprs, n) {
				found = loose
			}
		}
	}, func(parent *Node) {
		if !slices.Contains(parent.Kids, n) {
			return
		}
		switch parent.Kind {
		case List, Set, Tuple, Dict, Paren, KwArg:
			found = loose
		case Call:
			if parent.Kids[0] != n {
				found = loose
			}
		case Attr:
			found = attr
		}
	})
	return found
}
