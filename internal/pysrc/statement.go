package pysrc

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// line is where a statement stands among the tokens.
type line struct {
	first, last int // its first and last token
	newline     int // the NEWLINE right after it, or after a semicolon; -1 when another statement follows on the line
}

func (m *Module) line(s *Stmt) line {
	l := line{m.tokenAt(s.S), m.tokenAt(s.E - 1), -1}
	next := l.last + 1
	if m.op(next) == ";" {
		next++
	}
	if m.Toks[next].Kind == NEWLINE {
		l.newline = next
	}
	return l
}

// op is the operator that token i is, "" where it is none.
func (f *File) op(i int) string {
	if i < 0 || f.Toks[i].Kind != OP {
		return ""
	}
	return f.text[f.Toks[i].S:f.Toks[i].E]
}

// beginsLine says whether token i is the first of a logical line.
func (f *File) beginsLine(i int) bool {
	if i == 0 {
		return true
	}
	switch f.Toks[i-1].Kind {
	case NEWLINE, INDENT, DEDENT:
		return true
	}
	return false
}

// opensBlock says whether s is the first statement of its block.
func (m *Module) opensBlock(s *Stmt) bool {
	i := m.tokenAt(s.S)
	return s.Depth > 0 && (m.Toks[i-1].Kind == INDENT || m.op(i-1) == ":")
}

// alone says whether s is the only statement of its block.
func (m *Module) alone(s *Stmt) bool {
	if !m.opensBlock(s) {
		return false
	}
	var next *Stmt
	Walk(m.Stmts, func(parent *Stmt) {
		if i := slices.Index(parent.Body, s); i >= 0 && i+1 < len(parent.Body) {
			next = parent.Body[i+1]
		}
	}, nil)
	return next == nil || m.opensBlock(next)
}

func (m *Module) refuse(s *Stmt, why string) error {
	n, col := m.Position(s.S)
	return fmt.Errorf("the statement at line %d, column %d %s", n, col, why)
}

// Delete takes a statement out: with its line and the comment on that where it
// has the line to itself, else with its semicolon. The only statement of a
// block becomes pass.
func (m *Module) Delete(s *Stmt) (Edit, error) {
	l := m.line(s)
	switch {
	case m.alone(s):
		return Edit{s.S, s.E, "pass"}, nil
	case m.beginsLine(l.first) && l.newline >= 0:
		if !m.startsLine(s.S) {
			return Edit{}, m.refuse(s, "continues the line before it")
		}
		return Edit{m.lineStart(s.S), int(m.Toks[l.newline].E), ""}, nil
	case l.newline < 0:
		return Edit{s.S, int(m.Toks[l.last+2].S), ""}, nil
	}
	return Edit{int(m.Toks[l.first-2].E), s.E, ""}, nil
}

// InsertStmtBefore puts code, one or more statements, on lines of their own
// before the line of s, with its indentation. It refuses when s doesn't begin
// its line.
func (m *Module) InsertStmtBefore(s *Stmt, code string) (Edit, error) {
	code, err := statements(code)
	if err != nil {
		return Edit{}, err
	}
	if !m.beginsLine(m.tokenAt(s.S)) || !m.startsLine(s.S) {
		return Edit{}, m.refuse(s, "shares its line with another")
	}
	at := m.lineStart(s.S)
	return Edit{at, at, m.indentAt(s.S) + m.fit(code, s.S) + m.EOL(s.S)}, nil
}

// InsertStmtAfter puts code, one or more statements, on lines of their own
// after the line on which s ends, with the indentation of s. It refuses when
// another statement follows on the line, or s is a block on one line with its
// header. A file without a final line end stays so.
func (m *Module) InsertStmtAfter(s *Stmt, code string) (Edit, error) {
	code, err := statements(code)
	if err != nil {
		return Edit{}, err
	}
	l := m.line(s)
	for !m.beginsLine(l.first) {
		l.first--
	}
	start := int(m.Toks[l.first].S)
	if l.newline < 0 || !m.startsLine(start) || !m.ownLine(start, s) {
		return Edit{}, m.refuse(s, "shares its line with another")
	}
	code = m.indentAt(start) + m.fit(code, start)
	at := int(m.Toks[l.newline].E)
	if at == len(m.Src) && m.Toks[l.newline].S == m.Toks[l.newline].E {
		return Edit{at, at, m.EOL(start) + code}, nil
	}
	return Edit{at, at, code + m.EOL(start)}, nil
}

// ownLine says whether s, or another simple statement before it, begins at off:
// not the header of a block that has s on its line.
func (m *Module) ownLine(off int, s *Stmt) bool {
	found := false
	Walk(m.Stmts, func(c *Stmt) { found = found || c.S == off && (c == s || c.Kind != SCompound) }, nil)
	return found
}

// statements refuses what is not a row of statements, and takes the line end
// off its end.
func statements(code string) (string, error) {
	m, err := Parse([]byte(code))
	if err != nil {
		return "", fmt.Errorf("%q is not Python: %w", code, err)
	}
	if m.BOM {
		return "", errors.New("code with a byte order mark")
	}
	return strings.TrimRight(code, "\r\n"), nil
}
