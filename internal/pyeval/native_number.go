package pyeval

import (
	"math"
	"strconv"
	"strings"
)

func pyInt(in *interp, c *call) *Value {
	if len(c.pos) == 0 {
		return in.int(c.at, 0)
	}
	return in.lift(c.at, c.pos[0], func(v *Value) *Value {
		base := c.arg(1, "base")
		switch v.Kind {
		case Int, Bool:
			n, _, _ := v.number()
			return in.int(c.at, n, v)
		case Float:
			if math.Abs(v.F) < 1<<62 {
				return in.int(c.at, int64(v.F), v)
			}
		case Str:
			if base == nil {
				base = in.int(c.at, 10)
			}
			if base.Kind != Int {
				return in.unknown(c.at, Int, "", c.all()...)
			}
			return in.wholeNumber(c, v, int(base.N))
		case None, List, Dict, Tuple:
			return in.failed(c, "TypeError", "int() argument must be a string or a number", Int, v)
		}
		return in.unknown(c.at, Int, "int() of something that isn't a number", v)
	})
}

// wholeNumber is int() of a string.
func (in *interp) wholeNumber(c *call, v *Value, base int) *Value {
	s := trimSpace(v.S)
	if !isASCII(s) { // other digits count too
		return in.unknown(c.at, Int, "a number outside ASCII", v)
	}
	digits := strings.TrimLeft(s, "+-")
	sign := s[:len(s)-len(digits)]
	prefix := map[string]int{"0x": 16, "0o": 8, "0b": 2}[strings.ToLower(digits[:min(2, len(digits))])]
	switch {
	case prefix != 0 && (base == 0 || base == prefix):
		digits, base = strings.TrimPrefix(digits[2:], "_"), prefix
	case base == 0 && len(strings.TrimLeft(digits, "0_")) < len(digits) && strings.Trim(digits, "0_") != "":
		digits = "" // 0123 is no number in Python
	case base == 0:
		base = 10
	}
	bad := len(sign) > 1 || digits == "" || strings.HasPrefix(digits, "_") || strings.HasSuffix(digits, "_") || strings.Contains(digits, "__") ||
		strings.ContainsAny(digits, "+-")
	if !bad && base >= 2 && base <= 36 {
		n, err := strconv.ParseInt(sign+strings.ReplaceAll(digits, "_", ""), base, 64)
		if err == nil {
			return in.int(c.at, n, v)
		}
		if e := err.(*strconv.NumError); e.Err == strconv.ErrRange {
			return in.unknown(c.at, Int, "a number of more than 64 bits", v)
		}
	}
	return in.failed(c, "ValueError", "invalid literal for int() with base "+strconv.Itoa(base)+": '"+v.S+"'", Int, v)
}

func pyFloat(in *interp, c *call) *Value {
	if len(c.pos) == 0 {
		return in.float(c.at, 0)
	}
	return in.lift(c.at, c.pos[0], func(v *Value) *Value {
		switch v.Kind {
		case Int, Bool, Float:
			_, f, _ := v.number()
			return in.float(c.at, f, v)
		case Str:
			s := trimSpace(v.S)
			if !isASCII(s) {
				return in.unknown(c.at, Float, "a number outside ASCII", v)
			}
			if f, ok := parseFloat(s); ok {
				return in.float(c.at, f, v)
			}
			return in.failed(c, "ValueError", "could not convert string to float: '"+v.S+"'", Float, v)
		case None, List, Dict, Tuple:
			return in.failed(c, "TypeError", "float() argument must be a string or a number", Float, v)
		}
		return in.unknown(c.at, Float, "float() of something that isn't a number", v)
	})
}

// parseFloat reads what float() reads: no hexadecimal, and single underscores
// between digits.
func parseFloat(s string) (float64, bool) {
	if strings.ContainsAny(s, "xXpP") {
		return 0, false
	}
	isDigit := func(i int) bool { return i >= 0 && i < len(s) && s[i] >= '0' && s[i] <= '9' }
	for i := range len(s) {
		if s[i] == '_' && (!isDigit(i-1) || !isDigit(i+1)) {
			return 0, false
		}
	}
	f, err := strconv.ParseFloat(strings.ReplaceAll(s, "_", ""), 64)
	if e, ok := err.(*strconv.NumError); ok && e.Err == strconv.ErrRange { // inf, as in Python
		return f, true
	}
	return f, err == nil
}

func pyAbs(in *interp, c *call) *Value {
	v := c.pos[0]
	switch {
	case v.Kind == Bool:
		n, _, _ := v.number()
		return in.int(c.at, n, v)
	case v.Kind == Int && v.N < 0 || (v.Kind == Float || v.Kind == Duration) && v.F < 0:
		return in.unary(c.at, "-", v)
	}
	return v
}

func pyRound(in *interp, c *call) *Value {
	v, digits := c.pos[0], c.arg(1, "ndigits")
	switch {
	case v.Kind == Float && (digits == nil || digits.Kind == None) && math.Abs(v.F) < 1<<53:
		return in.int(c.at, int64(math.RoundToEven(v.F)), v)
	case v.Kind == Float && digits != nil && digits.Kind == Int && digits.N >= 0 && digits.N < 18:
		f, err := strconv.ParseFloat(strconv.FormatFloat(v.F, 'f', int(digits.N), 64), 64)
		if err == nil {
			return in.float(c.at, f, v)
		}
	case v.Kind == Int && (digits == nil || digits.Kind == Int && digits.N >= 0):
		return v
	}
	return in.unknown(c.at, Unknown, "", c.all()...)
}

func pyDivmod(in *interp, c *call) *Value {
	if len(c.pos) != 2 {
		return in.unknown(c.at, Tuple, "", c.all()...)
	}
	return in.tuple(c.at, in.binary(c.at, "//", c.pos[0], c.pos[1]), in.binary(c.at, "%", c.pos[0], c.pos[1]))
}

func pyPow(in *interp, c *call) *Value {
	if len(c.pos) != 2 {
		return in.unknown(c.at, Unknown, "", c.all()...)
	}
	return in.binary(c.at, "**", c.pos[0], c.pos[1])
}

// inBase is hex, oct and bin.
func inBase(kind string) nativeFunc {
	return lifted(Str, func(in *interp, c *call) *Value {
		v := c.pos[0]
		if v.Kind != Int && v.Kind != Bool {
			return in.unknown(c.at, Str, "", v)
		}
		out, why := formatValue(v, "#"+kind)
		if why != nil {
			return in.refused(c.at, why, v)
		}
		return in.str(c.at, out, v)
	})
}
