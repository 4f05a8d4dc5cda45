package pyeval

import "strings"

func init() {
	ops := map[string]nativeFunc{"textwrap.dedent": lifted(Str, dedent)}
	for name, op := range map[string]string{
		"add": "+", "concat": "+", "sub": "-", "mul": "*", "truediv": "/", "floordiv": "//", "mod": "%", "or_": "|", "and_": "&", "xor": "^",
	} {
		ops["operator."+name] = func(in *interp, c *call) *Value {
			if len(c.pos) != 2 {
				return in.unknown(c.at, Unknown, "", c.all()...)
			}
			return in.binary(c.at, op, c.pos[0], c.pos[1])
		}
	}
	register(ops)
}

// dedent is textwrap.dedent.
func dedent(in *interp, c *call) *Value {
	v := c.pos[0]
	if v.Kind != Str {
		return in.unknown(c.at, Str, "", v)
	}
	lines := strings.Split(v.S, "\n")
	margin, first := "", true
	for i, l := range lines {
		rest := strings.TrimLeft(l, " \t")
		if rest == "" {
			lines[i] = ""
			continue
		}
		indent := l[:len(l)-len(rest)]
		if first {
			margin, first = indent, false
		}
		n := 0
		for n < len(margin) && n < len(indent) && margin[n] == indent[n] {
			n++
		}
		margin = margin[:n]
	}
	for i, l := range lines {
		lines[i] = strings.TrimPrefix(l, margin)
	}
	return in.str(c.at, strings.Join(lines, "\n"), v)
}
