package pyeval

import (
	"strconv"
	"strings"
)

// percent is the % operator of a string.
func (in *interp) percent(c *call, f, arg *Value) *Value {
	p := &percentArgs{arg: arg, args: []*Value{arg}}
	if arg.Kind == Tuple {
		p.args = arg.Items
	}
	from := append([]*Value{f, arg}, p.args...)
	if arg.Open || arg.Kind == Choice {
		return in.unknown(c.at, Str, "", from...)
	}
	var b strings.Builder
	for s := f.S; ; {
		i := strings.IndexByte(s, '%')
		if i < 0 {
			b.WriteString(s)
			break
		}
		b.WriteString(s[:i])
		out, n, why := p.field(s[i+1:])
		if why != nil {
			return in.refused(c.at, why, from...)
		}
		b.WriteString(out)
		s = s[i+1+n:]
		if b.Len() > maxSize {
			return in.unknown(c.at, Str, "a string of more than a million bytes", from...)
		}
	}
	if p.used < len(p.args) && (arg.Kind == Tuple || arg.Kind != Dict && arg.Kind != List) {
		if arg.Kind == Unknown || arg.Kind == Object {
			return in.unknown(c.at, Str, "", from...)
		}
		return in.refused(c.at, &refusal{"TypeError", "not all arguments converted during string formatting"}, from...)
	}
	return in.str(c.at, b.String(), from...)
}

// percentArgs are the values on the right of a %.
type percentArgs struct {
	arg  *Value
	args []*Value
	used int
}

func (p *percentArgs) next() (*Value, *refusal) {
	if p.used >= len(p.args) {
		return nil, &refusal{"TypeError", "not enough arguments for format string"}
	}
	p.used++
	return p.args[p.used-1], nil
}

// field is what stands for %..., of which s is what follows the %, and the
// length of that.
func (p *percentArgs) field(s string) (out string, n int, why *refusal) {
	whole := s
	var v *Value
	if strings.HasPrefix(s, "(") {
		end := strings.IndexByte(s, ')')
		if end < 0 || p.arg.Kind != Dict || strings.Contains(s[1:end], "(") {
			return "", 0, cant
		}
		if v = p.arg.Get(s[1:end]); v == nil {
			return "", 0, &refusal{"KeyError", s[1:end]}
		}
		s = s[end+1:]
	}
	flags := s[:len(s)-len(strings.TrimLeft(s, "#0- +"))]
	s = s[len(flags):]
	f := spec{fill: ' ', prec: -1}
	f.width, s = digits(s)
	if rest, dot := strings.CutPrefix(s, "."); dot {
		f.prec, s = digits(rest)
	}
	s = strings.TrimLeft(s, "hlL")
	if s == "" {
		return "", 0, &refusal{"ValueError", "incomplete format"}
	}
	f.kind = s[0]
	n = len(whole) - len(s) + 1
	if f.kind == '%' {
		return "%", n, nil
	}
	if f.width > maxSize || f.prec > 1000 {
		return "", 0, cant
	}
	if v == nil {
		if v, why = p.next(); why != nil {
			return "", 0, why
		}
	}
	for _, c := range []byte(flags) {
		switch c {
		case '-':
			f.align = '<'
		case '0':
			f.zero = true
		case '#':
			f.alt = true
		case '+':
			f.sign = '+'
		case ' ':
			if f.sign == 0 {
				f.sign = ' '
			}
		}
	}
	f.zero = f.zero && f.align == 0
	out, why = f.percent(v)
	return out, n, why
}

func digits(s string) (int, string) {
	n := 0
	for s != "" && s[0] >= '0' && s[0] <= '9' {
		n, s = min(n*10+int(s[0]-'0'), maxSize+1), s[1:]
	}
	return n, s
}

// percent formats one value as %-formatting does.
func (f spec) percent(v *Value) (string, *refusal) {
	switch f.kind {
	case 's', 'r', 'a':
		s, ok := text(v)
		if f.kind != 's' {
			s, ok = repr(v, 0)
		}
		if !ok || f.kind == 'a' && !isASCII(s) {
			return "", cant
		}
		if r := []rune(s); f.prec >= 0 && f.prec < len(r) {
			s = string(r[:f.prec])
		}
		return f.pad("", s, '>'), nil
	case 'c':
		if v.Kind == Str && len([]rune(v.S)) == 1 {
			return f.pad("", v.S, '>'), nil
		}
		return "", cant
	case 'd', 'i', 'u', 'o', 'x', 'X':
		if v.Kind == Unknown || v.Kind == Object || v.Kind == Choice {
			return "", cant
		}
		n, x, isInt := v.number()
		if !numeric(v) || !isInt && strings.IndexByte("oxX", f.kind) >= 0 {
			return "", &refusal{"TypeError", "a number is required"}
		}
		if !isInt {
			n = int64(x)
		}
		if f.prec >= 0 || f.kind == 'o' && f.alt {
			return "", cant
		}
		if strings.IndexByte("iu", f.kind) >= 0 {
			f.kind = 'd'
		}
		return f.int(n)
	case 'e', 'E', 'f', 'F', 'g', 'G':
		if v.Kind == Unknown || v.Kind == Object || v.Kind == Choice {
			return "", cant
		}
		if !numeric(v) {
			return "", &refusal{"TypeError", "must be real number"}
		}
		_, x, _ := v.number()
		return f.float(x)
	}
	return "", &refusal{"ValueError", "unsupported format character"}
}

// braces is str.format.
func (in *interp) braces(at Place, f *Value, c *call) *Value {
	b := &braceFields{in: in, c: c}
	out, why := b.expand(f.S, 2)
	from := append(c.all(f), b.from...)
	if why != nil {
		return in.refused(at, why, from...)
	}
	return in.str(at, out, from...)
}

// braceFields expands the fields of a format string.
type braceFields struct {
	in           *interp
	c            *call
	auto, manual bool
	next         int
	from         []*Value
}

func (b *braceFields) expand(s string, depth int) (string, *refusal) {
	if depth == 0 {
		return "", &refusal{"ValueError", "a field within a field within a field"}
	}
	var out strings.Builder
	for s != "" {
		i := strings.IndexAny(s, "{}")
		if i < 0 {
			out.WriteString(s)
			break
		}
		out.WriteString(s[:i])
		s = s[i:]
		if strings.HasPrefix(s, "{{") || strings.HasPrefix(s, "}}") {
			out.WriteByte(s[0])
			s = s[2:]
			continue
		}
		end := fieldEnd(s)
		if end < 0 {
			return "", &refusal{"ValueError", "a single brace in a format"}
		}
		part, why := b.field(s[1:end], depth)
		if why != nil {
			return "", why
		}
		out.WriteString(part)
		s = s[end+1:]
		if out.Len() > maxSize {
			return "", &refusal{"", "a string of more than a million bytes"}
		}
	}
	return out.String(), nil
}

// fieldEnd is the place of the } of the field that s begins with.
func fieldEnd(s string) int {
	depth := 0
	for i := range len(s) {
		switch s[i] {
		case '{':
			depth++
		case '}':
			if depth--; depth == 0 {
				return i
			}
		}
		if depth == 0 { // it begins with a }
			break
		}
	}
	return -1
}

// field is one field without its braces: name, conversion, specification.
func (b *braceFields) field(s string, depth int) (string, *refusal) {
	i := 0
	for brackets := false; i < len(s) && (brackets || s[i] != ':' && s[i] != '!'); i++ {
		if s[i] == '[' || s[i] == ']' {
			brackets = s[i] == '['
		}
	}
	name, rest, conv := s[:i], s[i:], byte(0)
	if strings.HasPrefix(rest, "!") {
		if len(rest) < 2 || len(rest) > 2 && rest[2] != ':' {
			return "", &refusal{"ValueError", "a conversion that isn't followed by a colon"}
		}
		conv, rest = rest[1], rest[2:]
	}
	v, why := b.value(name)
	if why != nil {
		return "", why
	}
	b.from = append(b.from, v)
	format, why := b.expand(strings.TrimPrefix(rest, ":"), depth-1+map[bool]int{true: 1}[rest == ""])
	if why != nil {
		return "", why
	}
	switch conv {
	case 0:
		return formatValue(v, format)
	case 's', 'r', 'a':
		out, ok := text(v)
		if conv != 's' {
			out, ok = repr(v, 0)
		}
		if !ok || conv == 'a' && !isASCII(out) {
			return "", cant
		}
		return formatValue(&Value{Kind: Str, S: out}, format)
	}
	return "", &refusal{"ValueError", "an unknown conversion"}
}

// value is what the name of a field stands for: 0, name, 0[key].attribute.
func (b *braceFields) value(name string) (*Value, *refusal) {
	i := strings.IndexAny(name, ".[")
	if i < 0 {
		i = len(name)
	}
	v, why := b.argument(name[:i])
	for rest := name[i:]; rest != "" && why == nil; {
		if rest[0] == '.' {
			j := strings.IndexAny(rest[1:], ".[") + 1
			if j == 0 {
				j = len(rest)
			}
			v, rest = b.in.attr(v, rest[1:j], b.c.at), rest[j:]
			continue
		}
		j := strings.IndexByte(rest, ']')
		if j < 0 || rest[0] != '[' {
			return nil, &refusal{"ValueError", "a bracket that isn't closed"}
		}
		key := b.in.str(b.c.at, rest[1:j])
		if n, err := strconv.Atoi(key.S); err == nil && n >= 0 {
			key = b.in.int(b.c.at, int64(n))
		}
		v, rest = b.in.item(v, key, b.c.at), rest[j+1:]
	}
	return v, why
}

func (b *braceFields) argument(name string) (*Value, *refusal) {
	n, err := strconv.Atoi(name)
	switch {
	case name == "":
		n, b.auto = b.next, true
		b.next++
	case err == nil:
		b.manual = true
	default:
		if v := b.c.arg(-1, name); v != nil {
			return v, nil
		}
		if b.c.open {
			return nil, cant
		}
		return nil, &refusal{"KeyError", name}
	}
	switch {
	case b.auto && b.manual:
		return nil, &refusal{"ValueError", "numbered fields beside fields without a number"}
	case n >= 0 && n < len(b.c.pos):
		return b.c.pos[n], nil
	case b.c.open:
		return nil, cant
	}
	return nil, &refusal{"IndexError", "a field without an argument"}
}
