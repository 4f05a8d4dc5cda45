package pyeval

import (
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

// strBuild is what puts values into a string.
func strBuild(in *interp, recv *Value, name string, c *call) *Value {
	switch name {
	case "join":
		if len(c.pos) == 1 {
			return in.lift(c.at, c.pos[0], func(v *Value) *Value { return in.joined(c, recv, v) })
		}
	case "format":
		return in.braces(c.at, recv, c)
	case "format_map":
		if len(c.pos) == 1 && c.pos[0].Kind == Dict {
			d := &call{at: c.at, open: c.pos[0].Open}
			for i, k := range c.pos[0].Keys {
				d.kw = append(d.kw, kwarg{k.S, c.pos[0].Items[i]})
			}
			return in.braces(c.at, recv, d)
		}
	case "__mod__":
		if len(c.pos) == 1 {
			return in.percent(c, recv, c.pos[0])
		}
	}
	return in.refused(c.at, &refusal{"", "calls " + name}, c.all(recv)...)
}

func (in *interp) joined(c *call, sep, v *Value) *Value {
	items, ok := in.iterate(v)
	from := append([]*Value{sep, v}, items...)
	var parts []string
	size := 0
	for _, x := range items {
		if x.Kind != Str && x.Kind != Unknown && x.Kind != Choice && x.Kind != Object {
			return in.failed(c, "TypeError", "join() of something that isn't a string", Str, from...)
		}
		ok = ok && x.Kind == Str
		size += len(x.S) + len(sep.S)
		parts = append(parts, x.S)
	}
	if size > maxSize {
		return in.unknown(c.at, Str, "a string of more than a million bytes", from...)
	}
	if !ok {
		return in.refused(c.at, cant, from...)
	}
	return in.str(c.at, strings.Join(parts, sep.S), from...)
}

// refusal is why a value can't be formatted: a Python exception, or, without a
// class, something that isn't known here.
type refusal struct{ class, msg string }

var cant = &refusal{"", "a value whose text can't be told"}

// refused is the result of a format that failed.
func (in *interp) refused(at Place, r *refusal, from ...*Value) *Value {
	if r.class != "" {
		in.fault(at, r.class, r.msg, from...)
		return in.unknown(at, Str, r.msg, from...)
	}
	v := in.unknown(at, Str, "", from...)
	if v.Why == "" {
		v.Why = r.msg
	}
	return v
}

// spec is a format specification: [[fill]align][sign][#][0][width][,][.precision][type].
type spec struct {
	fill        rune
	align, sign byte
	alt, zero   bool
	width       int
	group       byte
	prec        int // -1: none
	kind        byte
}

// parseSpec reads a specification; false: it isn't one.
func parseSpec(s string) (f spec, ok bool) {
	f = spec{fill: ' ', prec: -1}
	if r, n := utf8.DecodeRuneInString(s); len(s) > n && strings.IndexByte("<>=^", s[n]) >= 0 {
		f.fill, f.align, s = r, s[n], s[n+1:]
	} else if s != "" && strings.IndexByte("<>=^", s[0]) >= 0 {
		f.align, s = s[0], s[1:]
	}
	take := func(set string) byte {
		if s != "" && strings.IndexByte(set, s[0]) >= 0 {
			c := s[0]
			s = s[1:]
			return c
		}
		return 0
	}
	number := func() int {
		n := 0
		for s != "" && s[0] >= '0' && s[0] <= '9' {
			n = min(n*10+int(s[0]-'0'), maxSize+1)
			s = s[1:]
		}
		return n
	}
	f.sign = take("+- ")
	f.alt = take("#") != 0
	f.zero = take("0") != 0
	f.width = number()
	f.group = take(",_")
	if take(".") != 0 {
		if s == "" || s[0] < '0' || s[0] > '9' {
			return f, false
		}
		f.prec = number()
	}
	f.kind = take("bcdeEfFgGnosxX%")
	return f, s == "" && f.width <= maxSize && f.prec <= 1000
}

// formatValue is format(v, s).
func formatValue(v *Value, s string) (string, *refusal) {
	if s == "" {
		out, ok := text(v)
		if !ok {
			return "", cant
		}
		return out, nil
	}
	f, ok := parseSpec(s)
	if !ok {
		return "", &refusal{"ValueError", "an invalid format specification"}
	}
	switch v.Kind {
	case Str:
		return f.str(v.S)
	case Int, Bool:
		n, _, _ := v.number()
		return f.int(n)
	case Float:
		return f.float(v.F)
	case None, List, Tuple, Set, Dict, Path, Duration, Bytes:
		return "", &refusal{"TypeError", "a format for a value that takes none"}
	}
	return "", cant
}

func (f spec) str(s string) (string, *refusal) {
	if f.kind != 0 && f.kind != 's' || f.sign != 0 || f.alt || f.group != 0 || f.align == '=' {
		return "", &refusal{"ValueError", "a format of a number for a string"}
	}
	if r := []rune(s); f.prec >= 0 && f.prec < len(r) {
		s = string(r[:f.prec])
	}
	if f.zero && f.align == 0 {
		f.fill = '0'
	}
	return f.pad("", s, '<'), nil
}

func (f spec) int(n int64) (string, *refusal) {
	base, prefix := 10, ""
	switch f.kind {
	case 0, 'd':
	case 'b':
		base, prefix = 2, "0b"
	case 'o':
		base, prefix = 8, "0o"
	case 'x', 'X':
		base, prefix = 16, "0"+string(f.kind)
	case 'e', 'E', 'f', 'F', 'g', 'G', '%':
		return f.float(float64(n))
	case 's':
		return "", &refusal{"ValueError", "a format of a string for a number"}
	default:
		return "", cant
	}
	if f.prec >= 0 {
		return "", &refusal{"ValueError", "a precision for a whole number"}
	}
	digits := strings.TrimPrefix(strconv.FormatInt(n, base), "-")
	if f.kind == 'X' {
		digits = strings.ToUpper(digits)
	}
	if !f.alt {
		prefix = ""
	}
	return f.number(n < 0, prefix, digits)
}

func (f spec) float(x float64) (string, *refusal) {
	if math.IsInf(x, 0) || math.IsNaN(x) || f.alt {
		return "", cant
	}
	neg := math.Signbit(x)
	s, suffix := "", ""
	prec := f.prec
	if prec < 0 {
		prec = 6
	}
	x = math.Abs(x)
	switch f.kind {
	case 0:
		if f.prec >= 0 {
			return "", cant
		}
		s = floatText(x)
	case 'f', 'F':
		s = strconv.FormatFloat(x, 'f', prec, 64)
	case 'e', 'E':
		s = strconv.FormatFloat(x, f.kind, prec, 64)
	case 'g', 'G':
		s = strconv.FormatFloat(x, f.kind, max(prec, 1), 64)
	case '%':
		s, suffix = strconv.FormatFloat(x*100, 'f', prec, 64), "%"
	case 'n':
		return "", cant
	default:
		return "", &refusal{"ValueError", "an unknown format for a float"}
	}
	return f.number(neg, "", s+suffix)
}

// number puts sign, prefix and separators around digits.
func (f spec) number(neg bool, prefix, digits string) (string, *refusal) {
	sign := prefix
	switch {
	case neg:
		sign = "-" + prefix
	case f.sign == '+' || f.sign == ' ':
		sign = string(f.sign) + prefix
	}
	if f.zero && f.align == 0 {
		f.fill, f.align = '0', '='
	}
	if f.group != 0 {
		if f.align == '=' && f.fill == '0' { // separators among the zeros
			return "", cant
		}
		i := strings.IndexAny(digits, ".e%")
		if i < 0 {
			i = len(digits)
		}
		for j := i - 3; j > 0; j -= 3 {
			digits = digits[:j] + string(f.group) + digits[j:]
		}
	}
	return f.pad(sign, digits, '>'), nil
}

func (f spec) pad(sign, s string, align byte) string {
	if f.align != 0 {
		align = f.align
	}
	n := max(0, f.width-utf8.RuneCountInString(sign)-utf8.RuneCountInString(s))
	fill := func(n int) string { return strings.Repeat(string(f.fill), n) }
	switch align {
	case '<':
		return sign + s + fill(n)
	case '=':
		return sign + fill(n) + s
	case '^':
		return fill(n/2) + sign + s + fill(n-n/2)
	}
	return fill(n) + sign + s
}
