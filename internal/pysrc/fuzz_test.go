package pysrc

import (
	"bytes"
	"testing"
)

func addSources(f *testing.F, add func(src string)) {
	for _, src := range accepted {
		for _, v := range variants(src) {
			add(v)
		}
	}
	for _, src := range newer {
		add(src)
	}
	add(string(settings1000()[:1500]))
}

// FuzzParse: nothing panics, and of what is read the ranges hold together.
func FuzzParse(f *testing.F) {
	addSources(f, func(src string) { f.Add([]byte(src)) })
	f.Fuzz(func(t *testing.T, src []byte) {
		m, err := Parse(src)
		if err != nil {
			e := err.(*Error)
			if e.Off < 0 || e.Off > len(src) || e.Line < 1 || e.Col < 1 {
				t.Fatalf("an error out of the source: %+v", e)
			}
			return
		}
		checkTokens(t, m)
		left := 30
		Walk(m.Stmts, func(s *Stmt) {
			if s.S > s.E || s.E > len(src) {
				t.Fatalf("statement %d to %d", s.S, s.E)
			}
			for _, inner := range s.Body {
				if inner.S < s.S || inner.E > s.E || inner.Depth != s.Depth+1 {
					t.Fatalf("a statement that sticks out of its block, at %d", inner.S)
				}
			}
			for _, n := range s.nodes() {
				if n.S < s.S || n.E > s.E {
					t.Fatalf("an expression that sticks out of its statement, at %d", n.S)
				}
			}
		}, func(n *Node) {
			for _, k := range n.Kids {
				if k.S < n.S || k.E > n.E {
					t.Fatalf("%q sticks out of %q", m.Text(k), m.Text(n))
				}
			}
			m.StrValue(n)
			m.Literal(n)
			checkInside(t, m, n)
			if left > 0 {
				left--
				reread(t, m, n)
			}
		})
		m.Scope()
	})
}

// checkInside: the fields of an f-string stay in it, and so do theirs.
func checkInside(t *testing.T, m *Module, n *Node) {
	m.BytesValue(n)
	parts, _ := m.FString(n)
	for len(parts) > 0 {
		p := parts[0]
		parts = append(parts[1:len(parts):len(parts)], p.Spec...)
		if p.Expr == nil {
			continue
		}
		WalkNode(p.Expr, func(k *Node) {
			if k.S < n.S || k.E > n.E {
				t.Fatalf("%q sticks out of %q", m.Text(k), m.Text(n))
			}
			m.StrValue(k)
			if k.Kind == FStr {
				checkInside(t, m, k)
			}
		})
	}
}

// checkTokens: tokens and comments are in order, and only white space and
// continuations are between them.
func checkTokens(t *testing.T, m *Module) {
	covered := make([]bool, len(m.Src))
	pos := int32(0)
	for _, tok := range m.Toks {
		if tok.S < pos || tok.E < tok.S {
			t.Fatalf("token at %d after one that ends at %d", tok.S, pos)
		}
		pos = tok.E
		for i := tok.S; i < tok.E; i++ {
			covered[i] = true
		}
		if tok.Match >= 0 && m.Toks[tok.Match].Kind != OP {
			t.Fatal("a bracket without its partner")
		}
	}
	for _, c := range m.Comments {
		for i := c.S; i < c.E; i++ {
			covered[i] = true
		}
	}
	for i, b := range m.Src {
		if !covered[i] && !bytes.ContainsRune([]byte(" \t\f\r\n\\"), rune(b)) && !(m.BOM && i < 3) {
			t.Fatalf("the byte %q at %d is in no token", b, i)
		}
	}
}

// reread reads the text of an expression by itself, as the same kind.
func reread(t *testing.T, m *Module, n *Node) {
	switch n.Kind {
	case Slice, Star, Star2, KwArg, Comp:
		return // not expressions by themselves, or not without their brackets
	}
	if n.Kind == Tuple && bytes.ContainsAny(m.Src[n.S:n.E], ":*") || m.Encoding != "utf-8" {
		return // of a subscript
	}
	text := "(" + m.Text(n) + "\n)"
	if n.Kind == Tuple && m.Src[n.S] != '(' && n.E > n.S {
		text = m.Text(n) // the parentheses would become the tuple's
		if bytes.ContainsAny([]byte(text), "\r\n") {
			return
		}
	}
	again, err := Parse([]byte(text))
	if err != nil {
		t.Fatalf("%q by itself: %v", text, err)
	}
	got := again.Stmts[0].Value
	if got.Kind == Paren {
		got = got.Kids[0]
	}
	if got.Kind != n.Kind {
		t.Fatalf("%q is of kind %d, by itself %d", text, n.Kind, got.Kind)
	}
}

// FuzzApply makes each kind of edit at any place of any source. Whatever Apply
// lets through keeps the bytes around it, parses, and can be repeated.
func FuzzApply(f *testing.F) {
	i := uint16(0)
	addSources(f, func(src string) {
		for range 3 {
			f.Add([]byte(src), i, i/5, "a + b")
			i++
		}
	})
	f.Add([]byte("A = ['x']\n"), uint16(1), uint16(2), "it's\n\\")
	f.Fuzz(func(t *testing.T, src []byte, which, kind uint16, text string) {
		m, err := Parse(src)
		if err != nil {
			return
		}
		if out, err := m.Apply(); err != nil || !bytes.Equal(out, src) {
			t.Fatalf("no edit gives %q, %v", out, err)
		}
		var nodes []*Node
		var stmts []*Stmt
		Walk(m.Stmts, func(s *Stmt) { stmts = append(stmts, s) }, func(n *Node) { nodes = append(nodes, n) })
		if len(nodes) == 0 {
			return
		}
		if e, err := m.InsertImport("import fuzz.x as y"); err == nil {
			out := apply(t, m, e)
			if again, err := out.InsertImport("import fuzz.x as y"); err != nil || again != (Edit{}) {
				t.Fatalf("the import goes in twice: %v, %v, in %q", again, err, out.Src)
			}
		}
		n, s := nodes[int(which)%len(nodes)], stmts[int(which)%len(stmts)]
		editOnce(t, m, n, s, kind, text)
	})
}

func editOnce(t *testing.T, m *Module, n *Node, s *Stmt, kind uint16, text string) {
	switch kind % 8 {
	case 0:
		checkSetString(t, m, n, text)
	case 1:
		checkReplace(t, m, n, text)
	case 2:
		tryApply(t, m, m.InsertBefore(n, Quote(text)))
	case 3:
		tryApply(t, m, m.InsertAfter(n, Quote(text)))
	case 4:
		if e, err := m.Append(n, Quote(text)); err == nil && !n.Unparen().Pat {
			after := apply(t, m, e)
			if got := find1(after, n.S, n.Kind); got == nil || len(got.Unparen().Kids) != len(n.Unparen().Kids)+1 {
				t.Fatalf("%q has not one element more in %q", m.Text(n), after.Src)
			}
		}
	case 5:
		if e, err := m.Delete(s); err == nil {
			apply(t, m, e)
		}
	case 6:
		if e, err := m.InsertStmtBefore(s, text); err == nil {
			tryApply(t, m, e)
		}
	case 7:
		if e, err := m.InsertStmtAfter(s, "fuzz = "+Quote(text)); err == nil {
			apply(t, m, e)
		}
	}
}

// apply makes an edit that must be possible.
func apply(t *testing.T, m *Module, e Edit) *Module {
	t.Helper()
	out, err := m.Apply(e)
	if err != nil {
		t.Fatalf("%+v of %q: %v", e, m.Src, err)
	}
	return around(t, m, e, out)
}

// tryApply makes an edit that may be refused.
func tryApply(t *testing.T, m *Module, e Edit) {
	t.Helper()
	if out, err := m.Apply(e); err == nil {
		around(t, m, e, out)
	}
}

// around checks that the result parses and the bytes around the edit stayed.
func around(t *testing.T, m *Module, e Edit, out []byte) *Module {
	t.Helper()
	if !bytes.HasPrefix(out, m.Src[:e.S]) || !bytes.HasSuffix(out, m.Src[e.E:]) || len(out) != len(m.Src)-(e.E-e.S)+len(e.New) {
		t.Fatalf("%+v of %q gives %q", e, m.Src, out)
	}
	after, err := Parse(out)
	if err != nil {
		t.Fatal(err)
	}
	return after
}

func checkSetString(t *testing.T, m *Module, n *Node, value string) {
	e, err := m.SetString(n, value)
	if err != nil {
		return
	}
	out, err := m.Apply(e)
	if err != nil {
		return // a prefix that would join the word before it
	}
	after := around(t, m, e, out)
	got := find1(after, n.S, Str)
	if got == nil {
		t.Fatalf("no string at %d of %q", n.S, out)
	}
	if v, ok := after.StrValue(got); !ok || v != value {
		t.Fatalf("set to %q, it is %q, %v, in %q", value, v, ok, out)
	}
	again, err := after.SetString(got, value)
	if err != nil || again.New != "" || again.S != again.E {
		t.Fatalf("set again: %+v, %v", again, err)
	}
}

func checkReplace(t *testing.T, m *Module, n *Node, code string) {
	e, err := m.Replace(n, code)
	if err != nil {
		return
	}
	out, err := m.Apply(e)
	if err != nil {
		return // not in this place: a target, a keyword's name
	}
	after := around(t, m, e, out)
	again := Edit{n.S, n.S + len(e.New), e.New}
	if twice := apply(t, after, again); !bytes.Equal(twice.Src, out) {
		t.Fatalf("replaced twice, %q becomes %q", out, twice.Src)
	}
}

// find1 is a node of one kind that begins at off, outermost first.
func find1(m *Module, off int, kind NodeKind) *Node {
	var out *Node
	Walk(m.Stmts, nil, func(n *Node) {
		if n.S == off && n.Kind == kind && out == nil {
			out = n
		}
	})
	return out
}
