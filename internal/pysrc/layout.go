package pysrc

import (
	"bytes"
	"strings"
)

// EOL is the line end in use at off: that of its line, or of the first line of
// the file where its own has none, or "\n".
func (m *Module) EOL(off int) string {
	i := bytes.IndexAny(m.Src[off:], "\r\n")
	if i < 0 {
		off = 0
		if i = bytes.IndexAny(m.Src, "\r\n"); i < 0 {
			return "\n"
		}
	}
	return m.text[off+i : off+i+m.eol(off+i)]
}

// lineStart is where the line of off begins, after a byte order mark.
func (m *Module) lineStart(off int) int {
	i := strings.LastIndexAny(m.text[:off], "\r\n") + 1
	if i == 0 && m.BOM {
		return len(utf8BOM)
	}
	return i
}

// lineEnd is where the line of off ends, before its line end.
func (m *Module) lineEnd(off int) int {
	if i := strings.IndexAny(m.text[off:], "\r\n"); i >= 0 {
		return off + i
	}
	return len(m.text)
}

// indentAt is the white space that the line of off begins with.
func (m *Module) indentAt(off int) string {
	s := m.text[m.lineStart(off):]
	return s[:len(s)-len(strings.TrimLeft(s, " \t\f"))]
}

// startsLine says whether nothing but white space stands before off on its
// line, and the line before it doesn't run on.
func (m *Module) startsLine(off int) bool {
	s := m.lineStart(off)
	if strings.Trim(m.text[s:off], " \t\f") != "" {
		return false
	}
	return !strings.HasSuffix(strings.TrimRight(m.text[:s], "\r\n"), "\\")
}

// fit gives code the line ends in use at off, and its lines after the first the
// indentation there, but for lines that begin within a string.
func (m *Module) fit(code string, off int) string {
	return fit(code, m.indentAt(off), m.EOL(off))
}

func fit(code, indent, eol string) string {
	code = strings.ReplaceAll(strings.ReplaceAll(code, "\r\n", "\n"), "\r", "\n")
	if !strings.Contains(code, "\n") {
		return code
	}
	var strs []Token
	if f, err := Tokenize([]byte("(" + code + "\n)")); err == nil {
		for _, t := range f.Toks {
			if t.Kind == STRING || t.Kind == FSTRING {
				strs = append(strs, t)
			}
		}
	}
	var b strings.Builder
	at := int32(1) // after the ( that was put before code
	for line := range strings.Lines(code) {
		for len(strs) > 0 && strs[0].E <= at {
			strs = strs[1:]
		}
		inString := len(strs) > 0 && strs[0].S < at
		body, ended := strings.CutSuffix(line, "\n")
		if at > 1 && body != "" && !inString {
			b.WriteString(indent)
		}
		b.WriteString(body)
		if ended {
			b.WriteString(eol)
		}
		at += int32(len(line))
	}
	return b.String()
}
