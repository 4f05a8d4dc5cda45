package pysrc

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestQuote(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{``, `""`},
		{`plain`, `"plain"`},
		{`it's`, `"it's"`},
		{`say "hi"`, `'say "hi"'`},
		{`'"`, `"'\""`},
		{`''"`, `"''\""`},
		{`""'`, `'""\''`},
		{`C:\temp`, `"C:\\temp"`},
		{"a\nb\tc\rd", `"a\nb\tc\rd"`},
		{"\x00\x1b\x7f\u0085", `"\x00\x1b\x7f\x85"`},
		{"grüße 漢字 \U0001F600", "\"grüße 漢字 \U0001F600\""},
		{"\u00a0\u200b\u202e\ufeff", `"\xa0\u200b\u202e\ufeff"`},
		{"\U000e0001", `"\U000e0001"`},
		{"{braces} %s", `"{braces} %s"`},
		{"bad \xff\xc3 bytes", "\"bad \ufffd\ufffd bytes\""},
	} {
		if got := Quote(c.in); got != c.want {
			t.Errorf("Quote(%q) is %s, want %s", c.in, got, c.want)
		}
	}
	if got, want := quote("é\U0001F600\u20ac", true), `"\xe9\U0001f600\u20ac"`; got != want {
		t.Errorf("in ASCII: %s, want %s", got, want)
	}
}

var hostile = []string{
	"", "a", `\`, `\\`, `"`, `'`, `'"`, `"""`, `'''`, "\n", "\r\n", "\x00", "\x7f", "\u2028", "\u202e", "\ufeff",
	"\U0010ffff", "\xff", "\xed\xa0\x80", `\N{DASH}`, `\x41`, `{x}`, "#", "a\\\nb", "é", "e\u0301", `"\`, `'\`, "1\\'\"",
}

// FuzzQuote holds Quote to what Python itself reads, and to the reader here.
func FuzzQuote(f *testing.F) {
	for _, s := range hostile {
		f.Add(s)
	}
	judge := newJudge(f, evaluate)
	f.Fuzz(func(t *testing.T, s string) {
		want := strings.ToValidUTF8(s, "\ufffd")
		if !utf8.ValidString(s) { // one U+FFFD for each byte, as in a range loop
			want = string([]rune(s))
		}
		for _, lit := range []string{Quote(s), quote(s, true)} {
			if got, ok := judge.ask(t, lit); !ok || got != want {
				t.Fatalf("Python reads %s as %q, %v; want %q", lit, got, ok, want)
			}
			m, err := Parse([]byte("x = " + lit))
			if err != nil {
				t.Fatal(err)
			}
			if got, ok := m.StrValue(m.Stmts[0].Value); !ok || got != want {
				t.Fatalf("read back, %s is %q, %v; want %q", lit, got, ok, want)
			}
		}
		if strings.ContainsAny(Quote(s), "\n\r\x00") {
			t.Fatalf("a control character in %q", Quote(s))
		}
	})
}

// FuzzStrValue holds the values of literals to those that Python gives them.
func FuzzStrValue(f *testing.F) {
	for _, s := range []string{
		`'a'`, `"a" 'b'`, `r'\d'`, `'\d'`, `u'é'`, `'\x41\u20ac\U0001F600\101\0'`, `'\777'`, `'\ud800'`, `'\N{DASH}'`,
		"'''a\nb'''", "'a\\\nb'", "'''a\r\nb\rc'''", "r'''a\\\r\nb'''", `b'a'`, `f'a'`, `('a'
'b')`, `'\''`, `'\"'`, `'\`, `"\a\b\f\n\r\t\v\\"`, `'\U00110000'`, `'\xg'`, `'\8'`, "'\\\r'", `R"\""`,
	} {
		f.Add(s)
	}
	judge := newJudge(f, evaluate)
	f.Fuzz(func(t *testing.T, src string) {
		m, err := Parse([]byte(src))
		if err != nil || len(m.Stmts) != 1 || m.Stmts[0].Kind != SExpr || m.BOM || m.Encoding != "utf-8" {
			return
		}
		got, ok := m.StrValue(m.Stmts[0].Value)
		if !ok {
			return
		}
		want, fine := judge.ask(t, src)
		if !fine {
			t.Skip("Python refuses it: leading white space, as literal_eval takes it off")
		}
		if got != want {
			t.Fatalf("%s is %q, to Python %q", src, got, want)
		}
	})
}
