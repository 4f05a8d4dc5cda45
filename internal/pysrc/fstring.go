package pysrc

import (
	"errors"
	"strings"
)

// FPart is a part of an f-string: text, or a field.
type FPart struct {
	Lit   string  // of text
	Expr  *Node   // of a field; nil: it is text
	Conv  byte    // of !s, !r or !a, and 'r' for {x=} alone; else 0
	Spec  []FPart // the format after the colon
	Debug string  // of {x=}: the source up to the = and the space after it, which stands before the value
}

// FString reads the parts of an FStr, adjacent literals joined. The ranges of
// its nodes are those of the file; but since no token of the file begins in an
// f-string, only StrValue, BytesValue, FString, Literal and Text take them, and
// no edit. The error is an *Error where the source is refused; text that
// StrValue wouldn't give, and t-strings, are refused too.
func (m *Module) FString(n *Node) (parts []FPart, err error) {
	n = n.Unparen()
	if n.Kind != FStr {
		return nil, errors.New("not an f-string")
	}
	defer m.recoverError(&err)
	r := &fieldReader{m: m}
	for _, t := range m.literals(n) {
		lit := m.text[t.S:t.E]
		prefix, _, _ := splitLiteral(lit)
		if strings.ContainsAny(prefix, "tT") {
			panic(fault{int(t.S), "a template string"})
		}
		if t.Kind == STRING {
			var b strings.Builder
			if !m.unquote(&b, lit) {
				panic(fault{int(t.S), "a string whose value can't be given"})
			}
			parts = addText(parts, b.String())
			continue
		}
		r.l = &lexer{f: m.File, src: m.Src, pos: int(t.S) + len(prefix)}
		r.q, _ = r.l.opening(int(t.S), 0)
		parts = r.parts(parts, false)
	}
	return parts, nil
}

// addText adds text to the text at the end of parts, as Python joins it.
func addText(parts []FPart, text string) []FPart {
	if text == "" {
		return parts
	}
	if k := len(parts) - 1; k >= 0 && parts[k].Expr == nil {
		parts[k].Lit += text
		return parts
	}
	return append(parts, FPart{Lit: text})
}

// fieldReader reads the parts of an f-string that the lexer has passed over
// once already, by the same steps.
type fieldReader struct {
	m *Module
	l *lexer
	q quoted
}

// parts reads up to the closing quotes, or of a format spec up to its }.
func (r *fieldReader) parts(out []FPart, spec bool) []FPart {
	l := r.l
	for {
		s := l.pos
		c := l.src[s]
		switch {
		case l.closing(r.q) > 0 || spec && c == '}':
			return out
		case !spec && (c == '{' || c == '}') && l.peek(1) == c:
			l.pos += 2
			out = addText(out, string(c))
		case c == '{':
			l.pos++
			out = append(out, r.field())
			l.pos++
		default:
			for ; c != '{' && c != '}' && l.closing(r.q) == 0; c = l.src[l.pos] {
				if c == '\\' {
					l.fescape(r.q)
				} else {
					l.pos++
				}
			}
			out = addText(out, r.text(s, l.pos))
		}
	}
}

// text is the value of the source from s up to e.
func (r *fieldReader) text(s, e int) string {
	text, tail := r.m.text[s:e], ""
	if (e-s-len(strings.TrimRight(text, `\`)))%2 == 1 && !r.q.raw { // it escapes no brace
		text, tail = text[:len(text)-1], `\`
	}
	var b strings.Builder
	if !r.m.unquoteBody(&b, text, r.q.raw, unescape) {
		panic(fault{s, "a string whose value can't be given"})
	}
	return b.String() + tail
}

// field reads a field after its {, up to its }.
func (r *fieldReader) field() FPart {
	l, s := r.l, r.l.pos
	c := l.fieldPart(r.q)
	f, err := r.m.tokenizeRange(s, l.pos)
	if err != nil {
		panic(err)
	}
	part := FPart{}
	if k := len(f.Toks) - 2; k >= 0 && f.op(k) == "=" {
		part.Debug = f.text[s:l.pos]
		f.Toks = append(f.Toks[:k], f.Toks[k+1])
	}
	part.Expr = f.expression()
	if c == '!' {
		l.pos++
		at := l.pos
		c = l.fieldPart(r.q)
		switch conv := strings.TrimRight(r.m.text[at:l.pos], " \t\f\r\n"); conv {
		case "s", "r", "a":
			part.Conv = conv[0]
		default:
			l.fail(at, "%q is no conversion", conv)
		}
	}
	if c == ':' {
		l.pos++
		part.Spec = r.parts(nil, true)
	} else if part.Debug != "" && part.Conv == 0 {
		part.Conv = 'r'
	}
	return part
}

// ParseExpr reads the bytes from s up to e as one expression, whose ranges are
// those of the file. Line ends in it count as little as in brackets. The error
// is an *Error.
func (m *Module) ParseExpr(s, e int) (n *Node, err error) {
	f, err := m.tokenizeRange(s, e)
	if err != nil {
		return nil, err
	}
	defer m.recoverError(&err)
	return f.expression(), nil
}

// expression reads all tokens of f as one expression.
func (f *File) expression() *Node {
	p := &parser{f: f, toks: f.Toks, small: true}
	var n *Node
	if p.is("yield") {
		n = p.yield()
	} else {
		n = p.exprList(p.starNamed)
	}
	if p.kind() != EOF {
		p.fail("expected the end of the expression, found %s", p.found())
	}
	return n
}

// tokenizeRange cuts the bytes from s up to e into tokens whose ranges are
// those of the file.
func (f *File) tokenizeRange(s, e int) (part *File, err error) {
	part = &File{Src: f.Src[:e], BOM: f.BOM, Encoding: f.Encoding, text: f.text[:e], opaque: f.opaque}
	defer f.recoverError(&err)
	l := &lexer{f: part, src: part.Src, pos: s, joined: true}
	for l.space(); l.pos < e; l.space() {
		l.token()
	}
	l.closeAll()
	l.add(EOF, e, e)
	return part, nil
}
