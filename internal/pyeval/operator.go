package pyeval

import (
	"math"
	"path"
	"slices"
	"strings"
)

func (in *interp) unary(at Place, op string, v *Value) *Value {
	return in.lift(at, v, func(v *Value) *Value {
		switch op {
		case "not":
			return in.truthOf(at, v.Truth().Not(), v)
		case "-", "+":
			sign := int64(1)
			if op == "-" {
				sign = -1
			}
			switch v.Kind {
			case Int:
				if v.N != math.MinInt64 {
					return in.int(at, sign*v.N, v)
				}
			case Bool:
				if v.B {
					return in.int(at, sign, v)
				}
				return in.int(at, 0, v)
			case Float:
				return in.float(at, float64(sign)*v.F, v)
			case Duration:
				return in.derive(at, &Value{Kind: Duration, F: float64(sign) * v.F}, v)
			}
		case "~":
			if v.Kind == Int {
				return in.int(at, ^v.N, v)
			}
		}
		of := v.Kind
		if of == Unknown {
			of = v.Of
		}
		return in.unknown(at, of, "", v)
	})
}

// binary is an arithmetic operator.
func (in *interp) binary(at Place, op string, a, b *Value) *Value {
	if a.Kind == Choice || b.Kind == Choice {
		if len(a.Cases())*len(b.Cases()) > 4*maxCases {
			return in.unknown(at, Unknown, "too many branches that can't be decided", a, b)
		}
		return in.lift(at, a, func(a *Value) *Value {
			return in.lift(at, b, func(b *Value) *Value { return in.binary(at, op, a, b) })
		})
	}
	var v *Value
	switch {
	case numeric(a) && numeric(b):
		v = in.arithmetic(at, op, a, b)
	case a.Kind == Str || b.Kind == Str || a.Of == Str && a.Kind == Unknown || b.Of == Str && b.Kind == Unknown || a.Kind == Path || b.Kind == Path:
		v = in.strings(at, op, a, b)
	case a.Kind == Bytes && b.Kind == Bytes && op == "+":
		v = in.derive(at, &Value{Kind: Bytes, S: a.S + b.S}, a, b)
	case a.Kind == Duration || b.Kind == Duration:
		v = in.durations(at, op, a, b)
	case op == "+" || op == "*":
		v = in.sequences(at, op, a, b)
	case op == "|" || op == "&" || op == "-" || op == "^":
		v = in.mappings(at, op, a, b)
	}
	if v == nil {
		v = in.unknown(at, resultOf(op, a, b), "", a, b)
	}
	return v
}

// resultOf is the kind of a result whose operands aren't all known.
func resultOf(op string, a, b *Value) Kind {
	ka, kb := a.Kind, b.Kind
	if ka == Unknown {
		ka = a.Of
	}
	if kb == Unknown {
		kb = b.Of
	}
	switch {
	case ka == Path || kb == Path && op == "/":
		return Path
	case ka == Duration || kb == Duration:
		return Duration
	case ka == kb && op != "/":
		return ka
	case ka == Float || kb == Float:
		return Float
	}
	return Unknown
}

func numeric(v *Value) bool { return v.Kind == Int || v.Kind == Float || v.Kind == Bool }

func (v *Value) number() (n int64, f float64, whole bool) {
	switch v.Kind {
	case Bool:
		if v.B {
			return 1, 1, true
		}
		return 0, 0, true
	case Int:
		return v.N, float64(v.N), true
	}
	return 0, v.F, false
}

func (in *interp) arithmetic(at Place, op string, a, b *Value) *Value {
	m, x, w1 := a.number()
	n, y, w2 := b.number()
	if w1 && w2 && a.Kind == Bool && b.Kind == Bool {
		switch op {
		case "|":
			return in.bool(at, a.B || b.B, a, b)
		case "&":
			return in.bool(at, a.B && b.B, a, b)
		case "^":
			return in.bool(at, a.B != b.B, a, b)
		}
	}
	if w1 && w2 && op != "/" {
		if r, ok := whole(op, m, n); ok {
			return in.int(at, r, a, b)
		}
		if (op == "//" || op == "%") && n == 0 {
			in.fault(at, "ZeroDivisionError", "division by zero", a, b)
		}
		if op != "**" || n >= 0 {
			return nil
		}
	}
	switch op {
	case "+":
		return in.float(at, x+y, a, b)
	case "-":
		return in.float(at, x-y, a, b)
	case "*":
		return in.float(at, x*y, a, b)
	case "/":
		if y != 0 {
			return in.float(at, x/y, a, b)
		}
		in.fault(at, "ZeroDivisionError", "division by zero", a, b)
	case "//":
		if y != 0 {
			return in.float(at, math.Floor(x/y), a, b)
		}
	case "**":
		return in.float(at, math.Pow(x, y), a, b)
	}
	return nil
}

// whole is integer arithmetic; false where the result leaves 64 bits or there
// is none.
func whole(op string, m, n int64) (int64, bool) {
	const limit = 1 << 31
	small := m < limit && m > -limit && n < limit && n > -limit
	switch op {
	case "+":
		r := m + n
		return r, (r > m) == (n > 0)
	case "-":
		r := m - n
		return r, (r < m) == (n > 0)
	case "*":
		return m * n, small || m == 0 || n == 0 || (m*n)/n == m && m*n != math.MinInt64
	case "//", "%":
		if n == 0 || n == -1 && m == math.MinInt64 {
			return 0, false
		}
		q, r := m/n, m%n
		if r != 0 && (r < 0) != (n < 0) {
			q, r = q-1, r+n
		}
		if op == "%" {
			return r, true
		}
		return q, true
	case "**":
		if n < 0 || n > 63 && m != 1 && m != 0 {
			return 0, false
		}
		r := int64(1)
		for range n {
			if m != 0 && (r*m)/m != r {
				return 0, false
			}
			r *= m
		}
		return r, true
	case "|":
		return m | n, true
	case "&":
		return m & n, true
	case "^":
		return m ^ n, true
	case "<<":
		if n < 0 || n > 62 || (m<<n)>>n != m {
			return 0, false
		}
		return m << n, true
	case ">>":
		if n < 0 || n > 63 {
			return 0, false
		}
		return m >> n, true
	}
	return 0, false
}

func (in *interp) strings(at Place, op string, a, b *Value) *Value {
	switch {
	case op == "/" && (a.Kind == Path || a.Kind == Str) && (b.Kind == Path || b.Kind == Str):
		s := b.S
		if !path.IsAbs(s) {
			s = path.Join(a.S, b.S)
		}
		return in.derive(at, &Value{Kind: Path, S: s}, a, b)
	case op == "/":
		return in.unknown(at, Path, "", a, b)
	case op == "+" && a.Kind == Str && b.Kind == Str:
		return in.str(at, a.S+b.S, a, b)
	case op == "+":
		v := in.unknown(at, Str, "", a, b)
		if a.Kind == Str {
			v.S = a.S
			if b.Kind == Unknown && b.Of == Str {
				v.S += b.S
			}
		} else if a.Kind == Unknown && a.Of == Str {
			v.S = a.S
		}
		return v
	case op == "*" && a.Kind == Str && (b.Kind == Int || b.Kind == Bool):
		return in.repeat(at, a, b)
	case op == "*" && b.Kind == Str && (a.Kind == Int || a.Kind == Bool):
		return in.repeat(at, b, a)
	case op == "%" && a.Kind == Str:
		if v, ok := in.method(a, "__mod__", &call{at: at, pos: []*Value{b}}); ok {
			return v
		}
		return in.unknown(at, Str, "", a, b)
	}
	return nil
}

func (in *interp) repeat(at Place, v, by *Value) *Value {
	n, _, _ := by.number()
	size := int64(len(v.S))
	if v.Kind != Str {
		size = int64(len(v.Items))
	}
	n = max(n, 0)
	most := int64(maxSize)
	if v.Kind != Str {
		most = maxItems
	}
	if size > 0 && n > most/size {
		return in.unknown(at, v.Kind, "more than a million bytes or items", v, by)
	}
	in.step(int(n*size) / 8)
	if v.Kind == Str {
		return in.str(at, strings.Repeat(v.S, int(n)), v, by)
	}
	return in.derive(at, &Value{Kind: v.Kind, Items: slices.Repeat(v.Items, int(n))}, v, by)
}

func (in *interp) sequences(at Place, op string, a, b *Value) *Value {
	seq := func(v *Value) bool { return v.Kind == List || v.Kind == Tuple }
	switch {
	case op == "*" && seq(a) && numeric(b) && !a.Open:
		return in.repeat(at, a, b)
	case op == "*" && seq(b) && numeric(a) && !b.Open:
		return in.repeat(at, b, a)
	case op != "+" || !seq(a) && !seq(b):
		return nil
	case seq(a) && seq(b):
		in.step((len(a.Items) + len(b.Items)) / 4)
		if len(a.Items)+len(b.Items) > maxItems {
			return in.unknown(at, a.Kind, "a list of very many items", a, b)
		}
		return in.derive(at, &Value{Kind: a.Kind, Open: a.Open || b.Open, Items: slices.Concat(a.Items, b.Items)}, a, b)
	case seq(a) && b.Kind == Unknown:
		return in.derive(at, &Value{Kind: a.Kind, Open: true, Items: slices.Clone(a.Items)}, a, b)
	case seq(b) && a.Kind == Unknown:
		return in.derive(at, &Value{Kind: b.Kind, Open: true, Items: slices.Clone(b.Items)}, a, b)
	}
	return nil
}

// mappings are | of dicts, and the operators of sets.
func (in *interp) mappings(at Place, op string, a, b *Value) *Value {
	switch {
	case op == "|" && (a.Kind == Dict || b.Kind == Dict):
		out := in.derive(at, &Value{Kind: Dict}, a, b)
		in.mergeInto(out, a)
		in.mergeInto(out, b)
		if b.Kind == Unknown { // it may hold any of the keys
			out.Keys, out.Items, out.Open = nil, nil, true
		}
		return out
	case a.Kind != Set || b.Kind != Set || a.Open || b.Open:
		return nil
	}
	out := in.derive(at, &Value{Kind: Set}, a, b)
	has := func(v, x *Value) bool { return slices.ContainsFunc(v.Items, func(y *Value) bool { return same(x, y) }) }
	for _, x := range a.Items {
		in.step(len(b.Items))
		if op == "|" || op == "&" == has(b, x) {
			out.add(x)
		}
	}
	if op == "|" || op == "^" {
		for _, x := range b.Items {
			if op == "|" || !has(a, x) {
				out.add(x)
			}
		}
	}
	return out
}

func (in *interp) durations(at Place, op string, a, b *Value) *Value {
	d := func(f float64) *Value { return in.derive(at, &Value{Kind: Duration, F: f}, a, b) }
	_, x, _ := a.number()
	_, y, _ := b.number()
	switch {
	case a.Kind == Duration && b.Kind == Duration:
		switch op {
		case "+":
			return d(a.F + b.F)
		case "-":
			return d(a.F - b.F)
		case "/":
			if b.F != 0 {
				return in.float(at, a.F/b.F, a, b)
			}
		case "//":
			if b.F != 0 {
				return in.int(at, int64(math.Floor(a.F/b.F)), a, b)
			}
		}
	case op == "*" && numeric(a):
		return d(x * b.F)
	case op == "*" && numeric(b):
		return d(a.F * y)
	case (op == "/" || op == "//") && numeric(b) && y != 0:
		return d(a.F / y)
	}
	return nil
}
