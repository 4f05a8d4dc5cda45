package pysrc

import (
	"bytes"
	"unicode"
	"unicode/utf8"
)

// indentation reads the start of a logical line and adds INDENT or DEDENT. It
// says whether the line holds no statement; such a line is then behind it.
func (l *lexer) indentation() (empty bool) {
	in := l.width()
	if l.pos >= len(l.src) {
		return true
	}
	switch l.src[l.pos] {
	case '#':
		l.comment()
		l.pos += l.f.eol(l.pos)
		return true
	case '\n', '\r':
		l.pos += l.f.eol(l.pos)
		return true
	}
	top := l.indents[len(l.indents)-1]
	switch {
	case in.col == top.col:
	case in.col > top.col:
		if in.alt <= top.alt {
			l.fail(l.pos, "tabs and spaces mixed in the indentation")
		}
		l.indents = append(l.indents, in)
		l.add(INDENT, l.pos, l.pos)
		return false
	default:
		for in.col < top.col {
			l.indents = l.indents[:len(l.indents)-1]
			l.add(DEDENT, l.pos, l.pos)
			top = l.indents[len(l.indents)-1]
		}
		if in.col != top.col {
			l.fail(l.pos, "the indentation matches no outer block")
		}
	}
	if in.alt != top.alt {
		l.fail(l.pos, "tabs and spaces mixed in the indentation")
	}
	return false
}

// width reads white space. Where backslashes split it over lines, the first
// line's counts, as in CPython.
func (l *lexer) width() indent {
	in, first := indent{}, 0
	for l.pos < len(l.src) {
		switch l.src[l.pos] {
		case ' ':
			in.col++
			in.alt++
		case '\t':
			in.col = (in.col/8 + 1) * 8
			in.alt++
		case '\f':
			in = indent{}
		case '\\':
			n := l.f.eol(l.pos + 1)
			if n == 0 {
				return in
			}
			if first == 0 {
				first = in.col
			}
			if l.pos+1+n >= len(l.src) {
				l.fail(l.pos, "the file ends in a line continuation")
			}
			l.pos += n
		default:
			if first > 0 {
				return indent{first, first}
			}
			return in
		}
		l.pos++
	}
	return in
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func isAlnum(c byte) bool {
	return isDigit(c) || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

func isHex(c byte) bool { return isDigit(c) || c|0x20 >= 'a' && c|0x20 <= 'f' }

var (
	idStart    = []*unicode.RangeTable{unicode.L, unicode.Nl, unicode.Other_ID_Start}
	idContinue = append([]*unicode.RangeTable{unicode.Mn, unicode.Mc, unicode.Nd, unicode.Pc, unicode.Other_ID_Continue}, idStart...)
)

func (l *lexer) identifier() {
	for tables := idStart; l.pos < len(l.src); tables = idContinue {
		c := l.src[l.pos]
		if c == '_' || isAlnum(c) {
			l.pos++
			continue
		}
		if c < utf8.RuneSelf {
			return
		}
		if l.f.opaque {
			l.fail(l.pos, "a name outside ASCII in a file that is not UTF-8")
		}
		r, n := utf8.DecodeRune(l.src[l.pos:])
		if !unicode.In(r, tables...) {
			l.fail(l.pos, "%U can't be here in a name", r)
		}
		l.pos += n
	}
}

// digits takes digits with single underscores between them, and counts them.
func (l *lexer) digits(ok func(byte) bool) int {
	n := 0
	for {
		switch c := l.peek(0); {
		case ok(c):
			n++
		case c == '_' && ok(l.peek(1)):
		default:
			return n
		}
		l.pos++
	}
}

func (l *lexer) number() {
	s := l.pos
	if ok := radix(l.src[s], l.peek(1)); ok != nil {
		l.pos += 2
		if l.peek(0) == '_' {
			l.pos++
		}
		if l.digits(ok) == 0 {
			l.fail(s, "a number without digits")
		}
		l.endNumber(s)
		return
	}
	l.digits(isDigit)
	whole := true
	if l.peek(0) == '.' {
		whole = false
		l.pos++
		if isDigit(l.peek(0)) {
			l.digits(isDigit)
		}
	}
	if l.peek(0)|0x20 == 'e' {
		i := 1
		if c := l.peek(1); c == '+' || c == '-' {
			i = 2
		}
		if isDigit(l.peek(i)) {
			whole = false
			l.pos += i
			l.digits(isDigit)
		}
	}
	if l.peek(0)|0x20 == 'j' {
		whole = false
		l.pos++
	}
	if whole && l.src[s] == '0' && bytes.ContainsAny(l.src[s:l.pos], "123456789") {
		l.fail(s, "a decimal number can't begin with 0")
	}
	l.endNumber(s)
}

// radix says which digits follow 0x, 0o and 0b; nil for any other beginning.
func radix(a, b byte) func(byte) bool {
	if a != '0' {
		return nil
	}
	switch b | 0x20 {
	case 'x':
		return isHex
	case 'o':
		return func(c byte) bool { return c >= '0' && c <= '7' }
	case 'b':
		return func(c byte) bool { return c == '0' || c == '1' }
	}
	return nil
}

var afterNumber = []string{"and", "else", "for", "if", "in", "is", "or", "not"}

// endNumber refuses what stands right after a number, but for the keywords
// that CPython lets stand there (1if x else y).
func (l *lexer) endNumber(s int) {
	c := l.peek(0)
	if c != '_' && !isAlnum(c) && c < utf8.RuneSelf {
		return
	}
	for _, k := range afterNumber {
		if bytes.HasPrefix(l.src[l.pos:], []byte(k)) {
			return
		}
	}
	l.fail(s, "a number that runs into a name")
}
