package pyeval

import (
	"github.com/djharden/djharden/internal/pysrc"
)

func (in *interp) fstring(n *pysrc.Node, sc *scope) *Value {
	at := sc.place(n)
	parts, err := sc.src.Mod.FString(n)
	if err != nil {
		return in.unknown(at, Str, "an f-string that can't be read")
	}
	out := in.str(at, "")
	for _, p := range parts {
		x := in.str(at, p.Lit)
		if p.Expr != nil {
			x = in.formatted(p, sc)
		}
		if p.Debug != "" {
			out = in.binary(at, "+", out, in.str(at, p.Debug))
		}
		out = in.binary(at, "+", out, x)
	}
	return out
}

// formatted is one field of an f-string.
func (in *interp) formatted(p pysrc.FPart, sc *scope) *Value {
	at := sc.place(p.Expr)
	v := in.eval(p.Expr, sc)
	return in.lift(at, v, func(v *Value) *Value {
		switch p.Conv {
		case 's':
			v = in.native("builtins.str", &call{at: at, pos: []*Value{v}})
		case 'r':
			v = in.native("builtins.repr", &call{at: at, pos: []*Value{v}})
		case 'a':
			v = in.native("builtins.ascii", &call{at: at, pos: []*Value{v}})
		}
		if len(p.Spec) > 0 {
			spec := in.str(at, "")
			for _, s := range p.Spec {
				x := in.str(at, s.Lit)
				if s.Expr != nil {
					x = in.formatted(s, sc)
				}
				spec = in.binary(at, "+", spec, x)
			}
			if spec.Kind != Str {
				return in.unknown(at, Str, "a format", v, spec)
			}
			out, why := formatValue(v, spec.S)
			if why != nil {
				return in.refused(at, why, v, spec)
			}
			return in.str(at, out, v, spec)
		}
		return in.native("builtins.str", &call{at: at, pos: []*Value{v}})
	})
}

// text is a value as str() gives it, "" where that can't be told.
func (in *interp) text(v *Value) string {
	if v.Kind == Str {
		return v.S
	}
	return ""
}
