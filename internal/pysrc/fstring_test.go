package pysrc

import (
	"fmt"
	"strings"
	"testing"
)

func writeParts(m *Module, parts []FPart) string {
	var b strings.Builder
	for _, p := range parts {
		if p.Expr == nil {
			fmt.Fprintf(&b, "%q ", p.Lit)
			continue
		}
		fmt.Fprintf(&b, "{%s%s", p.Debug, m.Text(p.Expr))
		if p.Conv != 0 {
			fmt.Fprintf(&b, " !%c", p.Conv)
		}
		if p.Spec != nil {
			fmt.Fprintf(&b, " : %s", writeParts(m, p.Spec))
		}
		b.WriteString("} ")
	}
	return b.String()
}

func TestFString(t *testing.T) {
	for src, want := range map[string]string{
		`f''`:                         ``,
		`f'a{b}c'`:                    `"a" {b} "c" `,
		`f'{{{a}}}'`:                  `"{" {a} "}" `,
		`f'{a!r:>{w}}' 'b' f"{c = }"`: `{a !r : ">" {w} } "b" {c = c !r} `,
		`f'{a["b"]}'`:                 `{a["b"]} `,
		`f'{a['b']}'`:                 `{a['b']} `,
		`f'{a != b}{a!s}'`:            `{a != b} {a !s} `,
		`f'\x41\{a}\101{a:\x42}'`:     `"A\\" {a} "A" {a : "B" } `,
		`rf'\x41\\{a}'`:               `"\\x41\\\\" {a} `,
		`f'{a, *b}{(yield)}'`:         `{a, *b} {(yield)} `,
		"f'''{\n a # }\n}\r\n'''":     `{a} "\n" `,
		`f"{f'{a}'}"`:                 `{f'{a}'} `,
		`f'{a:%H:%M}'`:                `{a : "%H:%M" } `,
		`f'{lambda_:x}'`:              `{lambda_ : "x" } `,
	} {
		m, err := Parse([]byte("x = " + src))
		if err != nil {
			t.Errorf("%s: %v", src, err)
			continue
		}
		parts, err := m.FString(m.Stmts[0].Value)
		if got := writeParts(m, parts); err != nil || got != want {
			t.Errorf("%s: %s, %v; want %s", src, got, err, want)
		}
	}
	for _, src := range []string{`f'{}'`, `f'{a b}'`, `f'{a!x}'`, `f'{a! r}'`, `f'{a!rr}'`, `t'{a}'`, `f'\N{DASH}'`, `'a'`, `f'{a==}'`, `f'{lambda x: 1}'`, `f'{a:{b c}}'`} {
		m, err := Parse([]byte("x = " + src))
		if err != nil {
			t.Errorf("%s: %v", src, err)
			continue
		}
		if parts, err := m.FString(m.Stmts[0].Value); err == nil {
			t.Errorf("%s: %s", src, writeParts(m, parts))
		}
	}
}

// TestInField reads literals that have no tokens in the file.
func TestInField(t *testing.T) {
	m, err := Parse([]byte(`x = f"{a['b' "\n"] + f'{c}' + d[b'\xff' rb'\x']}"`))
	if err != nil {
		t.Fatal(err)
	}
	parts, err := m.FString(m.Stmts[0].Value)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	WalkNode(parts[0].Expr, func(n *Node) {
		if s, ok := m.StrValue(n); ok {
			got = append(got, s)
		}
		if b, ok := m.BytesValue(n); ok {
			got = append(got, string(b))
		}
		if n.Kind == FStr {
			inner, err := m.FString(n)
			got = append(got, fmt.Sprint(writeParts(m, inner), err))
		}
	})
	if want := []string{"b\n", "{c} <nil>", "\xff\\x"}; fmt.Sprintf("%q", got) != fmt.Sprintf("%q", want) {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestParseExpr(t *testing.T) {
	src := "x = '''a\n + b(c\n)''' # (d"
	m, err := Parse([]byte(src))
	if err != nil {
		t.Fatal(err)
	}
	s, e := strings.Index(src, "a\n"), strings.LastIndex(src, "'''")
	n, err := m.ParseExpr(s, e)
	if err != nil || sexp(m, n) != "(+ a (call b c))" || n.S != s || n.E != e {
		t.Errorf("%v, %v", n, err)
	}
	for _, r := range [][2]int{{s, e - 1}, {s, s}, {s, e + 1}, {s + 1, s + 4}} {
		if n, err := m.ParseExpr(r[0], r[1]); err == nil {
			t.Errorf("%q is the expression %s", src[r[0]:r[1]], sexp(m, n))
		}
	}
}
