package pysrc

import (
	"fmt"
	"strings"
)

// InsertBefore puts code before an element of a list, tuple, set or call: on a
// line of its own where the element begins its line, else on the same line.
func (m *Module) InsertBefore(n *Node, code string) Edit {
	code = m.fit(code, n.S)
	if m.startsLine(n.S) && m.lineStart(n.S) > 0 {
		return Edit{n.S, n.S, code + "," + m.EOL(n.S) + m.indentAt(n.S)}
	}
	return Edit{n.S, n.S, code + ", "}
}

// InsertAfter puts code after an element of a list, tuple, set or call: on a
// line of its own where the element begins its line (after its comma and its
// comment), else on the same line.
func (m *Module) InsertAfter(n *Node, code string) Edit {
	code = m.fit(code, n.S)
	next := m.Toks[m.tokenAt(n.E)]
	comma := m.text[next.S:next.E] == ","
	if !m.startsLine(n.S) {
		if comma {
			return Edit{int(next.E), int(next.E), " " + code + ","}
		}
		return Edit{n.E, n.E, ", " + code}
	}
	line := m.EOL(n.E) + m.indentAt(n.S) + code + ","
	if !comma {
		end := m.lineEnd(n.E)
		if int(next.S) < end { // the closing bracket is on this line
			return Edit{n.E, n.E, "," + strings.TrimSuffix(line, ",")}
		}
		return Edit{n.E, end, "," + m.text[n.E:end] + line}
	}
	end := m.lineEnd(int(next.E))
	if after := m.Toks[m.tokenAt(int(next.E))]; int(after.S) < end { // more elements on this line
		return Edit{int(next.E), int(next.E), " " + code + ","}
	}
	return Edit{end, end, line}
}

// Append puts code at the end of a list, tuple or set display, which may be
// empty. It refuses any other expression, and a tuple without parentheses.
func (m *Module) Append(list *Node, code string) (Edit, error) {
	list = list.Unparen()
	switch list.Kind {
	case List, Tuple, Set:
	default:
		return Edit{}, fmt.Errorf("%q is no list or tuple", m.Text(list))
	}
	open := m.Toks[m.tokenAt(list.S)]
	if open.Match < 0 || int(m.Toks[open.Match].E) != list.E {
		return Edit{}, fmt.Errorf("the tuple %q has no parentheses", m.Text(list))
	}
	if k := len(list.Kids); k > 0 {
		return m.InsertAfter(list.Kids[k-1], code), nil
	}
	end := list.E - 1
	code = m.fit(code, list.S)
	if m.startsLine(end) && m.lineStart(end) > list.S {
		at := m.lineStart(end)
		return Edit{at, at, m.indentAt(list.S) + "    " + code + "," + m.EOL(list.S)}, nil
	}
	if list.Kind == Tuple {
		code += ","
	}
	return Edit{end, end, code}, nil
}

// Remove takes an element out of a list, tuple or set display or the arguments
// of a call, with its comma, and with its line and the comment on it where it
// has the line to itself.
func (m *Module) Remove(list, n *Node) Edit {
	next := m.tokenAt(n.E)
	comma := m.Toks[next]
	if m.text[comma.S:comma.E] != "," { // the last one: take the comma before it
		prev := m.Toks[m.tokenAt(n.S)-1]
		if m.text[prev.S:prev.E] == "," && !(list.Kind == Tuple && len(list.Kids) == 2) {
			return Edit{int(prev.S), n.E, ""}
		}
		return Edit{n.S, n.E, ""}
	}
	after := int(m.Toks[next+1].S)
	if m.startsLine(n.S) {
		if end := m.lineEnd(int(comma.E)); after > end {
			return Edit{m.lineStart(n.S), end + m.eol(end), ""}
		}
	}
	if m.lineEnd(int(comma.E)) < after { // the rest of the line is a comment or nothing
		after = int(comma.E)
	}
	return Edit{n.S, after, ""}
}
