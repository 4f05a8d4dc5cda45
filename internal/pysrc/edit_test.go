package pysrc

import (
	"strings"
	"testing"
)

// find takes the marks out of a source and finds what they stand around.
func find(t *testing.T, src string) (*Module, target) {
	t.Helper()
	s := strings.Index(src, "«")
	src = strings.Replace(src, "«", "", 1)
	e := strings.Index(src, "»")
	src = strings.Replace(src, "»", "", 1)
	m, err := Parse([]byte(src))
	if err != nil {
		t.Fatalf("%q: %v", src, err)
	}
	var out target
	Walk(m.Stmts, func(st *Stmt) {
		if st.S == s && st.E == e && out.stmt == nil {
			out.stmt = st
		}
		for _, n := range st.nodes() {
			if n.S == s && n.E == e && out.node == nil {
				out.node = n
			}
		}
	}, func(n *Node) {
		for _, k := range n.Kids {
			if k.S == s && k.E == e && out.node == nil {
				out.node, out.parent = k, n
			}
		}
	})
	return m, out
}

// takesEnd are edits that take away the last line: the one before it keeps its
// line end, also in a file that had none at its end.
var takesEnd = map[string]bool{"delete the last line": true, "delete with its semicolon": true}

func TestEdits(t *testing.T) {
	judge := newJudge(t, accept)
	for _, c := range edits {
		wants := variants(c.want)
		for name, src := range variants(c.src) {
			m, at := find(t, src)
			e, err := c.do(m, at)
			var out []byte
			if err == nil {
				out, err = m.Apply(e)
			}
			if c.want == "" && c.name != "delete all" {
				if err == nil {
					t.Errorf("%s, %s: it gives %q, and should be refused", c.name, name, out)
				}
				continue
			}
			want := wants[name]
			if name == "no final" && takesEnd[c.name] {
				want = c.want
			}
			if err != nil {
				t.Errorf("%s, %s: %v", c.name, name, err)
			} else if string(out) != want {
				t.Errorf("%s, %s:\n got %q\nwant %q", c.name, name, out, want)
			} else if answer, _ := judge.ask(t, string(out)); answer != "1" {
				t.Errorf("%s, %s: CPython refuses %q: %s", c.name, name, out, answer)
			}
		}
	}
}

func TestApplyGuards(t *testing.T) {
	m, err := Parse([]byte("x = ['a', 'b']  # c\ny = (1, 2)\n"))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		why   string
		edits []Edit
	}{
		{"unfinished string", []Edit{{5, 8, "'a"}}},
		{"a comment that swallows the rest", []Edit{{5, 8, "'a' # "}}},
		{"an open triple quote", []Edit{{5, 8, "'''"}}},
		{"another bracket", []Edit{{4, 5, "("}}},
		{"brackets that pair up otherwise", []Edit{{5, 8, "'a']; y = ["}}},
		{"indentation", []Edit{{0, 0, " "}}},
		{"a name that grows", []Edit{{0, 0, "z"}}},
		{"overlap", []Edit{{5, 8, "1"}, {7, 9, "2"}}},
		{"out of range", []Edit{{5, 800, "1"}}},
		{"backwards", []Edit{{8, 5, "1"}}},
		{"swallowing a line end", []Edit{{14, 19, "\\"}}},
	} {
		if out, err := m.Apply(c.edits...); err == nil {
			t.Errorf("%s: it gives %q", c.why, out)
		}
	}
	out, err := m.Apply(Edit{29, 29, ", 3"}, Edit{5, 8, "1"}, Edit{5, 5, "0, "})
	if want := "x = [0, 1, 'b']  # c\ny = (1, 2, 3)\n"; err != nil || string(out) != want {
		t.Errorf("several edits give %q, %v; want %q", out, err, want)
	}
}
