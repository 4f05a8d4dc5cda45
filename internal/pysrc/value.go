package pysrc

import (
	"math/big"
	"sort"
	"strconv"
	"strings"
	"unicode/utf8"
)

// DictVal is the value of a dict display: its keys and values in order.
type DictVal struct{ K, V []any }

// Literal evaluates what ast.literal_eval would, but for bytes, complex numbers
// and f-strings; ok is false for anything else. The value is nil, a bool, a
// *big.Int, a float64, a string, a []any (list, tuple or set) or a *DictVal.
func (m *Module) Literal(n *Node) (v any, ok bool) {
	switch n.Kind {
	case Paren:
		return m.Literal(n.Kids[0])
	case Name:
		switch n.Name {
		case "None":
			return nil, true
		case "True", "False":
			return n.Name == "True", true
		}
	case Str:
		return m.StrValue(n)
	case Num:
		return number(m.Text(n))
	case Unary:
		return m.signed(n)
	case List, Tuple, Set:
		out := make([]any, 0, len(n.Kids))
		for _, k := range n.Kids {
			x, ok := m.Literal(k)
			if !ok {
				return nil, false
			}
			out = append(out, x)
		}
		return out, true
	case Dict:
		d := &DictVal{}
		for _, p := range n.Pairs() {
			if p.Key == nil {
				return nil, false
			}
			k, ok1 := m.Literal(p.Key)
			x, ok2 := m.Literal(p.Value)
			if !ok1 || !ok2 {
				return nil, false
			}
			d.K, d.V = append(d.K, k), append(d.V, x)
		}
		return d, true
	}
	return nil, false
}

func (m *Module) signed(n *Node) (any, bool) {
	if n.Name != "-" && n.Name != "+" || n.Kids[0].Unparen().Kind != Num {
		return nil, false
	}
	x, ok := m.Literal(n.Kids[0])
	if !ok || n.Name == "+" {
		return x, ok
	}
	switch y := x.(type) {
	case *big.Int:
		return y.Neg(y), true
	case float64:
		return -y, true
	}
	return nil, false
}

// maxDigits is CPython's limit for a decimal integer: reading one takes time
// that grows with the square of its length.
const maxDigits = 4300

func number(s string) (any, bool) {
	t := strings.ReplaceAll(strings.ToLower(s), "_", "")
	switch {
	case radix(t[0], (t + " ")[1]) != nil:
		z, ok := new(big.Int).SetString(t, 0)
		return z, ok
	case strings.HasSuffix(t, "j"):
		return nil, false
	case strings.ContainsAny(t, ".e"):
		f, err := strconv.ParseFloat(t, 64)
		return f, err == nil
	case len(t) > maxDigits:
		return nil, false
	}
	z, ok := new(big.Int).SetString(t, 10)
	return z, ok
}

// StrValue is the value of a str literal, adjacent ones joined. It is not ok
// for bytes, f-strings, anything else, and values that a Go string of UTF-8
// can't hold or this reader can't know: lone surrogates, \N{NAME} escapes, and
// bytes outside ASCII in a file that is not UTF-8.
func (m *Module) StrValue(n *Node) (value string, ok bool) {
	n = n.Unparen()
	if n.Kind != Str {
		return "", false
	}
	return m.joined(n, false)
}

// BytesValue is the value of a bytes literal, adjacent ones joined. It is not
// ok for anything else.
func (m *Module) BytesValue(n *Node) (value []byte, ok bool) {
	n = n.Unparen()
	if n.Kind != Str {
		return nil, false
	}
	s, ok := m.joined(n, true)
	return []byte(s), ok
}

// joined is the value of adjacent literals, all of them bytes or none.
func (m *Module) joined(n *Node, bytes bool) (string, bool) {
	var b strings.Builder
	toks := m.literals(n)
	for _, t := range toks {
		lit := m.text[t.S:t.E]
		if isBytes(lit) != bytes || !m.unquote(&b, lit) {
			return "", false
		}
	}
	return b.String(), len(toks) > 0
}

// literals are the tokens of a Str or FStr. One in a field of an f-string has
// no tokens in the file.
func (m *Module) literals(n *Node) []Token {
	i := m.tokenAt(n.S)
	toks := m.Toks[i:]
	if int(toks[0].S) != n.S {
		f, err := m.tokenizeRange(n.S, n.E)
		if err != nil {
			return nil
		}
		toks = f.Toks
	}
	k := 0
	for (toks[k].Kind == STRING || toks[k].Kind == FSTRING) && int(toks[k].E) <= n.E {
		k++
	}
	return toks[:k]
}

// tokenAt is the index of the first token that ends after off.
func (f *File) tokenAt(off int) int {
	return sort.Search(len(f.Toks)-1, func(i int) bool { return int(f.Toks[i].E) > off })
}

// unquote writes the value of one literal.
func (f *File) unquote(b *strings.Builder, lit string) bool {
	prefix, _, body := splitLiteral(lit)
	raw := strings.ContainsAny(prefix, "rR")
	escape := unescape
	if strings.ContainsAny(prefix, "bB") {
		escape = unescapeBytes
	}
	return f.unquoteBody(b, body, raw, escape)
}

// unquoteBody writes the value of what stands between the quotes.
func (f *File) unquoteBody(b *strings.Builder, body string, raw bool, escape func(*strings.Builder, string) int) bool {
	for len(body) > 0 {
		i := strings.IndexAny(body, "\\\r")
		if raw {
			i = strings.IndexByte(body, '\r')
		}
		if i < 0 {
			i = len(body)
		}
		if f.opaque && !isASCII(body[:i]) {
			return false
		}
		b.WriteString(body[:i])
		if body = body[i:]; body == "" {
			break
		}
		n := 0
		if body[0] == '\r' { // a line end in a literal is always \n
			b.WriteByte('\n')
			n = lineEndLen(body)
		} else if n = escape(b, body); n == 0 {
			return false
		}
		body = body[n:]
	}
	return true
}

// splitLiteral cuts a literal into its prefix, its opening quotes and its body.
func splitLiteral(lit string) (prefix, quotes, body string) {
	i := strings.IndexAny(lit, `"'`)
	n := 1
	if len(lit) >= i+6 && lit[i+1] == lit[i] && lit[i+2] == lit[i] {
		n = 3
	}
	return lit[:i], lit[i : i+n], lit[i+n : len(lit)-n]
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// lineEndLen is the length of the line end that s begins with.
func lineEndLen(s string) int {
	if strings.HasPrefix(s, "\r\n") {
		return 2
	}
	return 1
}

// simpleEscapes are the escapes of two characters.
var simpleEscapes = map[byte]byte{
	'\\': '\\', '\'': '\'', '"': '"', 'a': 7, 'b': 8, 'f': 12, 'n': 10, 'r': 13, 't': 9, 'v': 11,
}

// unescape writes the value of the escape that s begins with and gives its
// length, or 0 where the value can't be given.
func unescape(b *strings.Builder, s string) int {
	e := s[1]
	if v, ok := simpleEscapes[e]; ok {
		b.WriteByte(v)
		return 2
	}
	digits := 0
	switch e {
	case '\r', '\n':
		return 1 + lineEndLen(s[1:])
	case '0', '1', '2', '3', '4', '5', '6', '7':
		v, n := octal(s)
		b.WriteRune(rune(v))
		return n
	case 'x':
		digits = 2
	case 'u':
		digits = 4
	case 'U':
		digits = 8
	case 'N':
		return 0
	default: // no escape: Python keeps the backslash
		b.WriteByte('\\')
		return 1
	}
	if len(s) < 2+digits {
		return 0
	}
	v, err := strconv.ParseUint(s[2:2+digits], 16, 32)
	if err != nil || v > utf8.MaxRune || !utf8.ValidRune(rune(v)) {
		return 0
	}
	b.WriteRune(rune(v))
	return 2 + digits
}

// octal is the value of an octal escape, and its length.
func octal(s string) (v uint64, n int) {
	n = 2
	for n < len(s) && n < 4 && s[n] >= '0' && s[n] <= '7' {
		n++
	}
	v, _ = strconv.ParseUint(s[1:n], 8, 32)
	return v, n
}

// unescapeBytes is unescape for bytes, which know fewer escapes.
func unescapeBytes(b *strings.Builder, s string) int {
	switch e := s[1]; e {
	case 'u', 'U', 'N':
		b.WriteByte('\\')
		return 1
	case '0', '1', '2', '3', '4', '5', '6', '7':
		v, n := octal(s)
		b.WriteByte(byte(v))
		return n
	case 'x':
		if len(s) < 4 {
			return 0
		}
		v, err := strconv.ParseUint(s[2:4], 16, 8)
		if err != nil {
			return 0
		}
		b.WriteByte(byte(v))
		return 4
	}
	return unescape(b, s)
}
