package pysrc

import (
	"fmt"
	"strings"
	"testing"
)

// sexp writes a tree for a test to compare.
func sexp(m *Module, n *Node) string {
	if len(n.Kids) == 0 && n.Kind != List && n.Kind != Dict && n.Kind != Tuple && n.Kind != Slice {
		return m.Text(n)
	}
	names := map[NodeKind]string{
		Tuple: "tuple", List: "list", Set: "set", Dict: "dict", Comp: "comp", Call: "call", KwArg: "kw:", Star: "*",
		Star2: "**", Attr: ".", Sub: "sub", Slice: "slice", IfExp: "if", Lambda: "lambda", Await: "await", Yield: "yield",
		Walrus: ":=", Paren: "paren",
	}
	parts := []string{names[n.Kind] + n.Name}
	for _, k := range n.Kids {
		parts = append(parts, sexp(m, k))
	}
	return "(" + strings.Join(parts, " ") + ")"
}

func TestTree(t *testing.T) {
	for _, c := range []struct{ src, want string }{
		{"a + b * c - d", "(- (+ a (* b c)) d)"},
		{"a or b and not c", "(or a (and b (not c)))"},
		{"a < b <= c", "(<= (< a b) c)"},
		{"a not in b", "(not in a b)"},
		{"-a ** -b", "(- (** a (- b)))"},
		{"a ** b ** c", "(** a (** b c))"},
		{"a | b ^ c & d << e", "(| a (^ b (& c (<< d e))))"},
		{"a if b else lambda c=d: e", "(if a b (lambda d e))"},
		{"a.b(c, *d, e=f, **g)[h]", "(sub (call (.b a) c (* d) (kw:e f) (** g)) h)"},
		{"a[b, c:d]", "(sub a (tuple b (slice c d)))"},
		{"a[b,]", "(sub a (tuple b))"},
		{"a[:]", "(sub a (slice))"},
		{"{a: b, **c}", "(dict a b (** c))"},
		{"{a: b for c in d if e}", "(compdict a b c d e)"},
		{"{a, *b}", "(set a (* b))"},
		{"a, (b, c)", "(tuple a (tuple b c))"},
		{"((a))", "(paren (paren a))"},
		{"f(x := 1)", "(call f (:= x 1))"},
		{"await a.b", "(await (.b a))"},
	} {
		m, err := Parse([]byte(c.src))
		if err != nil {
			t.Errorf("%s: %v", c.src, err)
			continue
		}
		if got := sexp(m, m.Stmts[0].Value); got != c.want {
			t.Errorf("%s: %s, want %s", c.src, got, c.want)
		}
	}
}

func TestStatements(t *testing.T) {
	const src = "import a.b as c, d\nfrom ..x import y as z\nA: int = 1\nB += 2\n@dec\nclass C(D):\n    def f(self): return 1\n"
	m, err := Parse([]byte(src))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	Walk(m.Stmts, func(s *Stmt) {
		names := ""
		for _, a := range s.Names {
			names += " " + a.Name + ">" + a.Local(s.Kind)
		}
		got = append(got, fmt.Sprintf("%d %s%s%s%s%s %q", s.Depth, s.Key, s.Name, s.Module, s.Op, names, src[s.S:s.E]))
	}, nil)
	want := []string{
		`0  a.b>c d>d "import a.b as c, d"`,
		`0 ..x y>z "from ..x import y as z"`,
		`0  "A: int = 1"`,
		`0 += "B += 2"`,
		`0 classC "@dec\nclass C(D):\n    def f(self): return 1"`,
		`1 deff "def f(self): return 1"`,
		`2 return "return 1"`,
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestScope(t *testing.T) {
	const src = "import os.path\nimport a.b as c\nfrom .d import e as f\nfrom . import g\nfrom h import *\njoin = os.path.join\nx = (c.y)\n"
	m, err := Parse([]byte(src))
	if err != nil {
		t.Fatal(err)
	}
	sc := m.Scope()
	for in, want := range map[string]string{
		"os.path.join": "os.path.join", "join": "os.path.join", "c.z": "a.b.z", "f": ".d.e", "g.i": ".g.i", "other": "other",
		"x()": "", "(f).j": ".d.e.j",
	} {
		n, err := Parse([]byte(in))
		if err != nil {
			t.Fatal(err)
		}
		if got := sc.Resolve(n.Stmts[0].Value); got != want {
			t.Errorf("%s comes from %q, want %q", in, got, want)
		}
	}
	if len(sc.Star) != 1 || sc.Star[0] != "h" {
		t.Errorf("star imports %q", sc.Star)
	}
}

func TestLiteral(t *testing.T) {
	for in, want := range map[string]string{
		"[1, -2.5, 'a' 'b', None, (True, False)]": "[1 -2.5 ab <nil> [true false]]", "0x1F": "31",
		"{1, 2}": "[1 2]", "1_000": "1000", "0o17": "15", "+3": "3", "1e3": "1000", "(('x'))": "x",
	} {
		m, err := Parse([]byte(in))
		if err != nil {
			t.Fatal(err)
		}
		v, ok := m.Literal(m.Stmts[0].Value)
		if got := fmt.Sprint(v); !ok || got != want {
			t.Errorf("%s is %s, %v; want %s", in, got, ok, want)
		}
	}
	m, _ := Parse([]byte("{'a': [1], 'b': {}}"))
	v, _ := m.Literal(m.Stmts[0].Value)
	if d := v.(*DictVal); len(d.K) != 2 || d.K[0] != "a" || fmt.Sprint(d.V[0]) != "[1]" || len(d.V[1].(*DictVal).K) != 0 {
		t.Errorf("a dict is %v", v)
	}
	for _, in := range []string{"x", "f()", "b'a'", "f'a'", "1j", "not 1", "--1", "-True", "{**a}", "[x]", "[*a]", "1 + 2", "'\\ud800'", "'\\N{DASH}'", strings.Repeat("9", 4301), "..."} {
		m, err := Parse([]byte(in))
		if err != nil {
			t.Fatal(err)
		}
		if v, ok := m.Literal(m.Stmts[0].Value); ok {
			t.Errorf("%.20s is taken for the literal %v", in, v)
		}
	}
}
