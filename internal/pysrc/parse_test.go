package pysrc

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

// refusals are sources that are not Python, with what is said of each.
var refusals = []struct{ src, want string }{
	{"x = (1\n", "line 1, column 5: bracket never closed"},
	{"a\nx = [1)\n", "line 2, column 7: ')' closes a '['"},
	{"x = 1]\n", "line 1, column 6: bracket never opened"},
	{"ä = 'a\n", "line 1, column 5: string never closed"},
	{"x = '''a\n\n", "line 1, column 5: string never closed"},
	{"def f():\nx = 1\n", "line 2, column 1: expected an indented block"},
	{"  x = 1\n", "line 1, column 3: unexpected indentation"},
	{"if x:\n\ty\n        z\n", "line 3, column 9: tabs and spaces mixed in the indentation"},
	{"if x:\n    y\n  z\n", "line 3, column 3: the indentation matches no outer block"},
	{"print 'x'\n", "line 1, column 7: expected the end of the line, found a string"},
	{"a\r\nb\rx = \xff\n", "line 3, column 5: not valid UTF-8"},
	{"a\x00b\n", "line 1, column 2: NUL byte"},
	{"# coding: shift_jis\nx=1\n", "line 1, column 1: the encoding shift-jis is not read"},
	{"#\n# encoding coding=utf_16\nx=1\n", "line 1, column 1: the encoding utf-16 is not read"},
	{"# coding: ascii\nx='é'\n", "line 2, column 4: not ASCII, as the file declares to be"},
	{"\xef\xbb\xbfx = $y\n", "line 1, column 5: unexpected character '$'"},
	{"f'{x'\n", "line 1, column 5: string never closed"},
	{"f'}'\n", "line 1, column 3: a single } in an f-string"},
	{"f'{x)}'\n", "line 1, column 5: ')' closes no bracket of this f-string"},
	{"urls = [path('a/', b) path('c/', d)]\n", `line 1, column 23: expected "]", found "path"`},
	{"<<<<<<< HEAD\nx = 1\n", `line 1, column 1: expected an expression, found "<<"`},
	{"f(a=1, 2)\n", "line 1, column 8: a positional argument after a keyword argument"},
	{"f(**a, *b)\n", "line 1, column 8: a * argument after a ** argument"},
	{"f(x for x in y, 1)\n", "line 1, column 3: a generator beside other arguments needs parentheses"},
	{"x = 0777\n", "line 1, column 5: a decimal number can't begin with 0"},
	{"x = 1abc\n", "line 1, column 5: a number that runs into a name"},
	{"x\n  \\\n", "line 2, column 3: the file ends in a line continuation"},
	{"try: x\nexcept* A: y\nexcept B: z\n", "line 3, column 8: except and except* in one try"},
	{"try: x\nexcept*: y\n", `line 2, column 8: expected an expression, found ":"`},
	{"match x:\n  case {a: 1}: pass\n", `line 2, column 9: expected a constant as a key, found "a"`},
	{"f(x for x in y,)\n", "line 1, column 3: a generator beside other arguments needs parentheses"},
	{"del a, (*b, c)\n", "line 1, column 9: a * can't be deleted"},
	{"x = 0x\n", "line 1, column 5: a number without digits"},
	{"x = \\ y\n", "line 1, column 5: a backslash outside a string must end its line"},
	{"x = y \\\n", "line 1, column 7: the file ends in a line continuation"},
	{"None = 1\n", "line 1, column 1: this can't be assigned to"},
	{"f() = 1\n", "line 1, column 1: this can't be assigned to"},
	{"x, y += 1\n", "line 1, column 1: several targets where one is expected"},
	{"from import x\n", `line 1, column 6: expected a name, found "import"`},
	{"from . import a,\n", "line 1, column 17: expected a name, found the end of the line"},
	{"import a.class\n", `line 1, column 10: expected a name, found "class"`},
	{"def f(a=1, b): pass\n", "line 1, column 13: a parameter without a default after one with a default"},
	{"def f(*): pass\n", "line 1, column 8: expected a parameter after the bare *"},
	{"def f(*a, *b): pass\n", "line 1, column 11: a second * among the parameters"},
	{"def f(/): pass\n", "line 1, column 7: a / can't stand here"},
	{"try:\n    x\n", "line 3, column 1: expected except or finally, found the end of the file"},
	{"try: x\nexcept A, B as e: y\n", "line 2, column 16: several exceptions need parentheses before as"},
	{"@a\nx = 1\n", `line 2, column 1: expected def or class after a decorator, found "x"`},
	{"async x\n", `line 1, column 7: expected def, for or with after async, found "x"`},
	{"match x:\n  case f'a': pass\n", "line 2, column 8: expected a pattern, found a string"},
	{"match x:\n  case 1: pass\n  y\n", `line 3, column 3: expected case, found "y"`},
	{"{1, 2: 3}\n", "line 1, column 5: an item of a dict among those of a set, or the reverse"},
	{"(*a)\n", "line 1, column 2: a * item needs a tuple, list or call around it"},
	{"'a' b'b'\n", "line 1, column 5: a bytes literal beside a str literal"},
	{"a := 1\n", `line 1, column 3: expected the end of the line, found ":="`},
	{"x = a[]\n", `line 1, column 7: expected an expression, found "]"`},
	{"x = \u00b2\n", "line 1, column 5: U+00B2 can't be here in a name"},
	{"x = \u0663a\n", "line 1, column 5: U+0663 can't be here in a name"},
	{"\xff\xfex\x00", "line 1, column 4: NUL byte"},
}

func TestRefusals(t *testing.T) {
	for _, c := range refusals {
		_, err := Parse([]byte(c.src))
		if err == nil {
			t.Errorf("%q is accepted, want %s", c.src, c.want)
		} else if err.Error() != c.want {
			t.Errorf("%q:\n got %v\nwant %s", c.src, err, c.want)
		}
		var e *Error
		if err != nil && !errors.As(err, &e) {
			t.Errorf("%q: the error is a %T", c.src, err)
		}
	}
}

// accepted are sources that a reader of Python trips over; CPython 3.12 accepts
// them too.
var accepted = []string{
	"",
	"\n\n# only a comment",
	"\xef\xbb\xbf# -*- coding: utf-8 -*-\nx = 1\n",
	"# coding: latin-1\nx = '\xe9'\n",
	"# vim: set fileencoding=cp1252 :\n'\x80'\n",
	"x = 1; y = 2;\n",
	"if x: y = 1; z = 2\nelif y: pass\nelse: pass\n",
	"x = y + \\\n    z\n",
	"\\\nx = 1\n",
	"if x:\n    \\\n  y\n",
	"\fx = 1\nif x:\n\f    y\n",
	"with (a as b, c as d,): pass\nwith (a, b): pass\nwith (a): pass\nwith (a, b) as c: pass\nwith (yield): pass\nwith (a := b): pass\nwith (*a, b): pass\nwith (x for x, y in z): pass\nwith (lambda a, b: c): pass\nwith (a * b, c): pass\nwith a as b.c, d as (e, *f): pass\n",
	"@a.b[c](d)\n@(lambda f: f)\nasync def f(a, /, b: int = 1, *args: *Ts, c, d=2, **kw: x) -> y:\n    async with a as b:\n        await x\n    return [i async for i in y if a if b]\n",
	"def f[T: int = str, *Ts = *tuple[int], **P = [int]](a): pass\nclass A[T](B, metaclass=C): pass\ntype X[T] = list[T]\ntype = 1\ntype(x)\n",
	"match x:\n  case 'a' | 'b' if x > 1: pass\n  case {'k': [1, *rest], a.b: -1, **kw}: pass\n  case Point(x=0, y=-1+2j) as p, *_: pass\n  case (): pass\n  case None | True: pass\n  case a.b.c: pass\n  case _: match = case = type = 1\nmatch(x)\nmatch[x]\nmatch = {match: 1}\nprint(match, case)\n",
	"x = f\"{d[\"a\"]!r:>{w}} {f'{y}'} {{}} {x:%Y-%m} {a != b} {a:{b}{c}} \\N{EM DASH}\" 'tail'\n",
	"x = rf'\\{x}' f'''\n{\nx # a comment }\n}'''\n",
	"x = f'{x:{y:{z}}}' f'{lambda_}' f'{x = !s:^10}'\n",
	"a = b = [c, *d] = e, *f\nfor x, *y in *a, b: pass\nfor (x.y, [z]) in a: pass\n",
	"x: int\n(x): int = 1\nx.y: tuple[int, ...] = 1, *z\n(x) += yield\n",
	"x[1:2, ::3, *y, ...]\nx[:]\nx[a:]\nx[:a]\nx[::]\nx[a:b:c]\nx[*a or b, c]\nx[b := 1]\nx[*a]\nx[1,]\n",
	"lambda: (yield)\nlambda *, a: a\nlambda *a, b=1, **c: 0\nlambda a, /, b: 0\nx = lambda: lambda: 1\n",
	"not a in b is not c not in d == e\na if b else c if d else e\n-x ** -y\nawait x ** 2\n~-+x\n",
	"print(*a, c=1, *d, **b, e=2)\nf(a for a in b)\nf(x := 1, y=2)\nf((a), (b, c),)\n",
	"{**a, 'b': c}\n{*a, b}\n{a: b for a, b in c}\n{a for a in b}\n{}\n()\n(a,)\n(a for a in b)\n",
	"del a, (b, [c]), d.e[f]\ndel (a)\nassert a, b\nraise a from b\nglobal a, b\nreturn\n",
	"from .... import a\nfrom .a.b import (c as d, e,)\nfrom . import *\nimport a.b as c, d.e\n",
	"try: pass\nexcept* A: pass\nelse: pass\nfinally: pass\n",
	"while x: pass\nelse: pass\nfor x in y: pass\nelse: pass\n",
	"1if x else 2\n0x1for x\n1_000.5e-1_0j\n0_0\n00.5\n0b_1\n1.\n.5\n1..real\n",
	"ª = ℘ = naïve = x·y = 名 = 1\n",
	"print >>x, y\nexec\nasync def f(): yield\n",
	"x = (\n  # comment\n  1\n)\n",
	"class A: x = 1\nclass B():\n\tpass\n",
	"'a' 'b' \"c\" '''d'''\nb'a' B'b' rb'c' Rb'd'\nu'a' r'b'\n",
}

// newer are sources of Python 3.14 and later, which an older judge refuses.
var newer = []string{
	"try: pass\nexcept A, B: pass\n",
	"x = t'{y}'\nx = rt'\\d{y}'\n",
	"[*a for a in b]\n",
}

func TestAccepted(t *testing.T) {
	judge := newJudge(t, accept)
	for _, src := range accepted {
		for name, v := range variants(src) {
			if _, err := Parse([]byte(v)); err != nil {
				t.Errorf("%s: %q: %v", name, v, err)
			}
			if answer, _ := judge.ask(t, v); answer != "1" {
				t.Errorf("%s: CPython refuses %q: %s", name, v, answer)
			}
		}
	}
	for _, src := range newer {
		if _, err := Parse([]byte(src)); err != nil {
			t.Errorf("%q: %v", src, err)
		}
	}
}

// variants are src with each kind of line end, a byte order mark, and without
// the final line end.
func variants(src string) map[string]string {
	out := map[string]string{
		"LF":       src,
		"CRLF":     strings.ReplaceAll(src, "\n", "\r\n"),
		"CR":       strings.ReplaceAll(src, "\n", "\r"),
		"no final": strings.TrimSuffix(src, "\n"),
	}
	if !strings.Contains(src, "coding") && !strings.HasPrefix(src, "\xef\xbb\xbf") {
		out["BOM"] = "\xef\xbb\xbf" + src
		out["BOM CRLF"] = "\xef\xbb\xbf" + out["CRLF"]
	}
	return out
}

func TestPosition(t *testing.T) {
	m, err := Parse([]byte("\xef\xbb\xbfä = 1\r\nb\rc = 'é'  # x\n"))
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{"ä": "1:1", "1": "1:5", "b": "2:1", "c": "3:1", "# x": "3:10"} {
		line, col := m.Position(strings.Index(string(m.Src), text))
		if got := fmt.Sprintf("%d:%d", line, col); got != want {
			t.Errorf("%s is at %s, want %s", text, got, want)
		}
	}
	if line, col := m.Position(1 << 30); line != 4 || col != 1 {
		t.Errorf("the end is at %d:%d", line, col)
	}
}
