package pyeval

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

func pyStr(in *interp, c *call) *Value {
	v := c.arg(0, "object")
	if v == nil {
		return in.str(c.at, "")
	}
	if v.Kind == Bytes && (len(c.pos) > 1 || len(c.kw) > 0) {
		return in.decode(v, &call{at: c.at, pos: c.pos[min(1, len(c.pos)):], kw: c.kw})
	}
	return in.lift(c.at, v, func(v *Value) *Value {
		if v.Kind == Unknown && v.Of == Str {
			return v
		}
		s, ok := text(v)
		if !ok {
			return in.refused(c.at, cant, v)
		}
		return in.str(c.at, s, v)
	})
}

func (in *interp) repr(c *call) *Value {
	s, ok := repr(c.pos[0], 0)
	if !ok {
		return in.refused(c.at, cant, c.pos...)
	}
	return in.str(c.at, s, c.pos...)
}

// text is str(v); false where it can't be told.
func text(v *Value) (string, bool) {
	switch v.Kind {
	case Str, Path:
		return v.S, true
	case Duration:
		return durationText(v.F)
	case Object:
		if e, ok := v.Ref.(*pyExc); ok {
			return e.msg, true
		}
	}
	return repr(v, 0)
}

func durationText(f float64) (string, bool) {
	days, seconds, micro := durationParts(f)
	s := fmt.Sprintf("%d:%02d:%02d", seconds/3600, seconds/60%60, seconds%60)
	if micro != 0 {
		s += fmt.Sprintf(".%06d", micro)
	}
	switch days {
	case 0:
		return s, true
	case 1, -1:
		return fmt.Sprintf("%d day, %s", days, s), true
	}
	return fmt.Sprintf("%d days, %s", days, s), true
}

// durationParts are a timedelta's days, seconds and microseconds, of which only
// the days may be negative.
func durationParts(f float64) (days, seconds, micro int64) {
	n := int64(math.RoundToEven(f * 1e6))
	const day = 86400 * 1e6
	days = n / day
	if n %= day; n < 0 {
		days, n = days-1, n+day
	}
	return days, n / 1e6, n % 1e6
}

// repr is Python's repr of what is known.
func repr(v *Value, depth int) (string, bool) {
	if depth > 20 {
		return "", false
	}
	switch v.Kind {
	case None:
		return "None", true
	case Bool:
		if v.B {
			return "True", true
		}
		return "False", true
	case Int:
		return strconv.FormatInt(v.N, 10), true
	case Float:
		return floatText(v.F), true
	case Str:
		return quote(v.S)
	case Path:
		q, ok := quote(v.S)
		return "PosixPath(" + q + ")", ok
	case Bytes:
		return "b" + quoteBytes(v.S), true
	case List, Tuple, Set, Dict:
		if v.Kind != Set || v.Ref == nil {
			return reprItems(v, depth)
		}
	}
	return "", false
}

func reprItems(v *Value, depth int) (string, bool) {
	if v.Open {
		return "", false
	}
	var parts []string
	size := 0
	for i, x := range v.Items {
		s, ok := repr(x, depth+1)
		if size += len(s); !ok || size > maxSize {
			return "", false
		}
		if v.Kind == Dict {
			k, ok := repr(v.Keys[i], depth+1)
			if !ok {
				return "", false
			}
			s = k + ": " + s
		}
		parts = append(parts, s)
	}
	all := strings.Join(parts, ", ")
	switch v.Kind {
	case List:
		return "[" + all + "]", true
	case Tuple:
		if len(parts) == 1 {
			all += ","
		}
		return "(" + all + ")", true
	case Set:
		if len(parts) > 1 { // its order is Python's own affair
			return "", false
		}
		if len(parts) == 0 {
			return "set()", true
		}
	}
	return "{" + all + "}", true
}

func floatText(f float64) string {
	switch {
	case math.IsInf(f, 1):
		return "inf"
	case math.IsInf(f, -1):
		return "-inf"
	case math.IsNaN(f):
		return "nan"
	}
	if a := math.Abs(f); a != 0 && (a >= 1e16 || a < 1e-4) {
		s := strconv.FormatFloat(f, 'e', -1, 64)
		return s
	}
	s := strconv.FormatFloat(f, 'f', -1, 64)
	if !strings.Contains(s, ".") {
		s += ".0"
	}
	return s
}

// quote is repr of a string of printable text.
func quote(s string) (string, bool) {
	q := "'"
	if strings.Contains(s, "'") && !strings.Contains(s, `"`) {
		q = `"`
	}
	var b strings.Builder
	b.WriteString(q)
	for _, r := range s {
		switch {
		case r == '\\':
			b.WriteString(`\\`)
		case string(r) == q:
			b.WriteString(`\` + q)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\r':
			b.WriteString(`\r`)
		case r == '\t':
			b.WriteString(`\t`)
		case r < ' ' || r >= 0x7f && r <= 0xff && !strconv.IsPrint(r):
			fmt.Fprintf(&b, `\x%02x`, r)
		case r <= 0xffff && !strconv.IsPrint(r):
			fmt.Fprintf(&b, `\u%04x`, r)
		case !strconv.IsPrint(r):
			fmt.Fprintf(&b, `\U%08x`, r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String() + q, true
}

// quoteBytes is repr of bytes without its b.
func quoteBytes(s string) string {
	q := byte('\'')
	if strings.Contains(s, "'") && !strings.Contains(s, `"`) {
		q = '"'
	}
	b := []byte{q}
	for _, c := range []byte(s) {
		switch i := strings.IndexByte("\n\r\t", c); {
		case c == '\\' || c == q:
			b = append(b, '\\', c)
		case i >= 0:
			b = append(b, '\\', "nrt"[i])
		case c < ' ' || c >= 0x7f:
			b = fmt.Appendf(b, `\x%02x`, c)
		default:
			b = append(b, c)
		}
	}
	return string(append(b, q))
}

func pyASCII(in *interp, c *call) *Value {
	v := in.repr(c)
	if v.Kind != Str || isASCII(v.S) {
		return v
	}
	var b strings.Builder
	for _, r := range v.S {
		switch {
		case r < utf8.RuneSelf:
			b.WriteRune(r)
		case r <= 0xff:
			fmt.Fprintf(&b, `\x%02x`, r)
		case r <= 0xffff:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			fmt.Fprintf(&b, `\U%08x`, r)
		}
	}
	return in.str(c.at, b.String(), v)
}

func pyFormat(in *interp, c *call) *Value {
	format, _ := c.strArg(1, "")
	if len(c.pos) == 2 && c.pos[1].Kind != Str {
		return in.unknown(c.at, Str, "", c.all()...)
	}
	out, why := formatValue(c.pos[0], format)
	if why != nil {
		return in.refused(c.at, why, c.all()...)
	}
	return in.str(c.at, out, c.all()...)
}
