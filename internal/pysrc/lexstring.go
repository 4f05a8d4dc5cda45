package pysrc

import "bytes"

// quoted is the literal that the lexer is in.
type quoted struct {
	start  int // offset of its prefix, for errors
	quote  byte
	triple bool
	raw    bool
	depth  int // f-strings around it
}

// quoteAfterPrefix says whether the name from s up to here is a string prefix
// with its quote after it.
func (l *lexer) quoteAfterPrefix(s int) bool {
	if c := l.peek(0); c != '"' && c != '\'' || l.pos-s > 2 {
		return false
	}
	switch string(bytes.ToLower(l.src[s:l.pos])) {
	case "r", "u", "b", "f", "t", "br", "rb", "fr", "rf", "tr", "rt":
		return true
	}
	return false
}

// literal reads a whole string literal whose prefix, if any, begins at s; the
// lexer is at its quote.
func (l *lexer) literal(s, depth int) Kind {
	q, kind := l.opening(s, depth)
	if kind == FSTRING {
		l.fstring(q)
	} else {
		l.str(q)
	}
	return kind
}

// opening reads the quotes that open a literal.
func (l *lexer) opening(s, depth int) (quoted, Kind) {
	q := quoted{start: s, quote: l.src[l.pos], depth: depth}
	kind := STRING
	for _, c := range l.src[s:l.pos] {
		switch c | 0x20 {
		case 'f', 't':
			kind = FSTRING
		case 'r':
			q.raw = true
		}
	}
	q.triple = l.peek(1) == q.quote && l.peek(2) == q.quote
	l.pos++
	if q.triple {
		l.pos += 2
	}
	return q, kind
}

// closing is the length of the quotes that end the literal here, or 0.
func (l *lexer) closing(q quoted) int {
	switch {
	case l.src[l.pos] != q.quote:
		return 0
	case !q.triple:
		return 1
	case l.peek(1) == q.quote && l.peek(2) == q.quote:
		return 3
	}
	return 0
}

// lineEnd refuses a line end in a literal of one line.
func (l *lexer) lineEnd(q quoted) {
	if c := l.src[l.pos]; !q.triple && (c == '\n' || c == '\r') {
		l.fail(q.start, "string never closed")
	}
}

func (l *lexer) str(q quoted) {
	for l.pos < len(l.src) {
		if n := l.closing(q); n > 0 {
			l.pos += n
			return
		}
		if l.src[l.pos] == '\\' {
			l.pos += 1 + max(1, l.f.eol(l.pos+1))
			continue
		}
		l.lineEnd(q)
		l.pos++
	}
	l.fail(q.start, "string never closed")
}

// fstring reads an f- or t-string after its opening quote, by the rules of PEP
// 701, which take in every literal that an older Python accepts.
func (l *lexer) fstring(q quoted) {
	if q.depth > maxFStrings {
		l.fail(q.start, "more than %d f-strings within each other", maxFStrings)
	}
	for l.pos < len(l.src) {
		if n := l.closing(q); n > 0 {
			l.pos += n
			return
		}
		switch c := l.src[l.pos]; {
		case c == '\\':
			l.fescape(q)
		case c == '{' && l.peek(1) == '{', c == '}' && l.peek(1) == '}':
			l.pos += 2
		case c == '{':
			l.pos++
			l.field(q)
		case c == '}':
			l.fail(l.pos, "a single } in an f-string")
		default:
			l.lineEnd(q)
			l.pos++
		}
	}
	l.fail(q.start, "f-string never closed")
}

// fescape takes a backslash and what it escapes: never a brace, which opens a
// field all the same, but for the one of \N{NAME}.
func (l *lexer) fescape(q quoted) {
	if !q.raw && l.peek(1) == 'N' && l.peek(2) == '{' {
		n := bytes.IndexByte(l.src[l.pos:], '}')
		if n < 0 {
			l.fail(l.pos, "\\N{ never closed")
		}
		l.pos += n + 1
		return
	}
	l.pos++
	if n := l.f.eol(l.pos); n > 0 {
		l.pos += n
	} else if c := l.peek(0); c != '{' && c != '}' {
		l.pos++
	}
}

// field passes over a replacement field after its {, through its }.
func (l *lexer) field(q quoted) {
	for l.fieldPart(q) == '!' {
		l.pos++
	}
	c := l.src[l.pos]
	l.pos++
	if c == ':' {
		l.formatSpec(q)
	}
}

// fieldPart moves to the !, : or } that ends a part of a field, and gives it.
// Strings in it are read as strings, so that a bracket in one doesn't count.
func (l *lexer) fieldPart(q quoted) byte {
	var open []byte
	for l.pos < len(l.src) {
		c := l.src[l.pos]
		switch {
		case c == '\'' || c == '"':
			l.literal(l.pos, q.depth+1)
		case c == '_' || isAlnum(c) || c >= 0x80:
			s := l.pos
			for c = l.peek(0); c == '_' || isAlnum(c) || c >= 0x80; c = l.peek(0) {
				l.pos++
			}
			if l.quoteAfterPrefix(s) {
				l.literal(s, q.depth+1)
			}
		case c == '(' || c == '[' || c == '{':
			open = append(open, c)
			l.pos++
		case c == '!' && l.peek(1) == '=':
			l.pos += 2
		case len(open) == 0 && (c == '}' || c == ':' || c == '!'):
			return c
		case c == ')' || c == ']' || c == '}':
			if len(open) == 0 || !isPair(open[len(open)-1], c) {
				l.fail(l.pos, "%q closes no bracket of this f-string", c)
			}
			open = open[:len(open)-1]
			l.pos++
		case c == '#':
			l.toEOL()
		default:
			l.pos++
		}
	}
	l.fail(q.start, "f-string never closed")
	return 0
}

// formatSpec passes over what follows the colon of a field, through its }.
func (l *lexer) formatSpec(q quoted) {
	if q.depth > maxFStrings {
		l.fail(q.start, "more than %d fields within each other", maxFStrings)
	}
	inner := q
	inner.depth++
	for l.pos < len(l.src) && l.closing(q) == 0 {
		switch c := l.src[l.pos]; {
		case c == '{':
			l.pos++
			l.field(inner)
		case c == '}':
			l.pos++
			return
		case c == '\\' && l.peek(1) != '{' && l.peek(1) != '}' && l.f.eol(l.pos+1) == 0:
			l.pos += 2
		default:
			l.lineEnd(q)
			l.pos++
		}
	}
	l.fail(q.start, "format of an f-string never closed")
}
