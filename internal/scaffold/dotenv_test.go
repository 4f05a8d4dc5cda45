package scaffold

import (
	"bytes"
	"slices"
	"strings"
	"testing"
)

func TestDotEnvText(t *testing.T) {
	got := string(DotEnv([]EnvVar{
		{"SECRET_KEY", "a-b_C", "Signs sessions.\nKeep it. \\"},
		{"EMPTY", "", ""},
		{"DATABASE_URL", "postgres://u:p@h:5432/n?sslmode=verify-full", ""},
		{"EMAIL_HOST_PASSWORD", "abcd efgh #1", ""},
	}))
	want := `# Signs sessions.
# Keep it.
SECRET_KEY=a-b_C
EMPTY=
DATABASE_URL=postgres://u:p@h:5432/n?sslmode=verify-full
EMAIL_HOST_PASSWORD='abcd efgh #1'
`
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestQuoteEnv(t *testing.T) {
	for _, v := range []string{"a'b", "a\nb", "a\x00b", `a\\b`, `a\`, "${HOME}", "x${HOME}", "$x", `"a"`, "a\rb", "a\u2028b"} {
		text, _, err := QuoteEnv(v)
		if err == nil {
			t.Errorf("%q: written as %s", v, text)
		} else if strings.Contains(err.Error(), v) {
			t.Errorf("%q: the error shows it: %v", v, err)
		}
	}
	for v, want := range map[string]string{"": "", "a": "a", "=a": "'=a'", "a b": "'a b'", "a$b": "'a$b'", `a\d`: `'a\d'`, "ä": "'ä'", "~x": "'~x'", "a#b": "'a#b'"} {
		text, portable, err := QuoteEnv(v)
		if err != nil || text != want || portable != (text == v) {
			t.Errorf("%q: got %s, %v, %v", v, text, portable, err)
		}
	}
}

func TestEnvLinePanicsWithoutTheValue(t *testing.T) {
	for _, v := range []EnvVar{{"A", "hunter2\n", ""}, {"A B", "hunter2", ""}, {"", "hunter2", ""}, {"1A", "hunter2", ""}, {"a", "hunter2", ""}} {
		func() {
			defer func() {
				if r := recover(); r == nil || strings.Contains(r.(string), "hunter2") {
					t.Errorf("%q: panic %v", v.Name, r)
				}
			}()
			EnvLine(v)
		}()
	}
}

func TestEditDotEnv(t *testing.T) {
	vars := []EnvVar{{"A", "new", ""}, {"B", "b", "the b"}, {"C", "", ""}}
	for _, c := range []struct{ name, old, want, added string }{
		{"nothing there", "", "A=new\n# the b\nB=b\nC=\n", "A,B,C"},
		{"a byte order mark alone", "\ufeff", "\ufeffA=new\n# the b\nB=b\nC=\n", "A,B,C"},
		{"existing wins", "A=old\n", "A=old\n\n# the b\nB=b\nC=\n", "B,C"},
		{"an empty one too", "A=\nB=\nC=\n", "A=\nB=\nC=\n", ""},
		{"no final newline", "A=old", "A=old\n\n# the b\nB=b\nC=\n", "B,C"},
		{"a blank line there", "A=old\n\n", "A=old\n\n# the b\nB=b\nC=\n", "B,C"},
		{"CRLF", "A=old\r\nB=x\r\n", "A=old\r\nB=x\r\n\r\nC=\r\n", "C"},
		{"CRLF, no final one", "A=old\r\nB=x", "A=old\r\nB=x\r\n\r\nC=\r\n", "C"},
		{"CR", "A=old\rB=x\r", "A=old\rB=x\r\rC=\r", "C"},
		{"byte order mark", "\ufeffA=old\nB=1\n", "\ufeffA=old\nB=1\n\nC=\n", "C"},
		{"export and blanks", "export A=1\n  export\tB = 2\n C=3\n", "export A=1\n  export\tB = 2\n C=3\n", ""},
		{"a quoted name", "'A'='1'\n\"B\"=2\nC=3", "'A'='1'\n\"B\"=2\nC=3", ""},
		{"a comment is no variable", "#A=1\n# B=2\nC=3\n", "#A=1\n# B=2\nC=3\n\nA=new\n# the b\nB=b\n", "A,B"},
		{"a longer name", "AA=1\nA_=2\nXA=3\nB=\nC=\n", "AA=1\nA_=2\nXA=3\nB=\nC=\n\nA=new\n", "A"},
		{"within quotes", "K=\"x\nA=1\n\"\nB=\nC=\n", "K=\"x\nA=1\n\"\nB=\nC=\n", ""},
		{"rubbish", "\x00\xff=\n===\nB\nC=1\nA=2", "\x00\xff=\n===\nB\nC=1\nA=2\n\n# the b\nB=b\n", "B"},
		{"a comment that ends in a backslash", "A=1\nC=1\n# x \\", "A=1\nC=1\n# x \\\n\n# the b\nB=b\n", "B"},
	} {
		got, added := EditDotEnv([]byte(c.old), vars)
		if string(got) != c.want || strings.Join(added, ",") != c.added {
			t.Errorf("%s: got %q, %v, want %q, %s", c.name, got, added, c.want, c.added)
		}
		again, added := EditDotEnv(got, vars)
		if !bytes.Equal(again, got) || len(added) > 0 {
			t.Errorf("%s: a second time %q, %v", c.name, again, added)
		}
	}
}

func TestDotEnvValue(t *testing.T) {
	const file = "\ufeffA=1\r\nexport B = 'two words'\r\nC=\"x\ny\"\n#D=4\nE=\nF=a # comment\nA_=9\n"
	for name, want := range map[string]string{"A": "1", "B": "two words", "C": "x\ny", "E": "", "F": "a", "A_": "9"} {
		if got, ok := DotEnvValue([]byte(file), name); !ok || got != want {
			t.Errorf("%s: %q, %v, want %q", name, got, ok, want)
		}
	}
	for _, name := range []string{"D", "Z", ""} {
		if got, ok := DotEnvValue([]byte(file), name); ok {
			t.Errorf("%s: %q", name, got)
		}
	}
	// A line that godotenv stumbles over doesn't hide the others.
	if got, ok := DotEnvValue([]byte("K-1=x\nA=1\nB='2'\n"), "B"); !ok || got != "2" {
		t.Errorf("%q, %v", got, ok)
	}
	if got, ok := DotEnvValue([]byte("A=1\nA=2\n"), "A"); !ok || got != "2" {
		t.Errorf("the last line wins: %q, %v", got, ok)
	}
}

func FuzzDotEnvEdit(f *testing.F) {
	for _, s := range []string{"", "A=1\n", "A=1\r\nB=2", "\ufeffexport A='x\ny'\n", "#A=1\\", "K-1=\n=\n", "A=#x", "A='", "'A'=\"\\\"\"\r\r\n", "B=$A${A}\n", "export =\n"} {
		f.Add([]byte(s))
	}
	vars := []EnvVar{{"A", "postgres://u:p@h/n?sslmode=verify-full", "a comment"}, {"B", "x y", ""}, {"SECRET_KEY", "k", ""}}
	f.Fuzz(func(t *testing.T, old []byte) {
		was := bytes.Clone(old)
		got, added := EditDotEnv(old, vars)
		if !bytes.Equal(old, was) {
			t.Fatal("the argument was changed")
		}
		if !bytes.HasPrefix(got, old) {
			t.Fatalf("bytes that were there changed: %q", got)
		}
		if again, more := EditDotEnv(got, vars); !bytes.Equal(again, got) || len(more) > 0 {
			t.Fatalf("a second edit adds %v", more)
		}
		if len(added) == 0 && !bytes.Equal(got, old) {
			t.Fatalf("nothing added, yet %q", got)
		}
		for _, v := range vars {
			_, there := DotEnvValue(old, v.Name)
			if there && slices.Contains(added, v.Name) {
				t.Fatalf("%s was there and is added", v.Name)
			}
			line := EnvLine(v)
			if n := strings.Count(string(got[len(old):]), line); n > 1 || n == 0 && slices.Contains(added, v.Name) {
				t.Fatalf("%s stands %d times in what was added", v.Name, n)
			}
		}
	})
}

func TestDotEnvHolds(t *testing.T) {
	env := []byte("# postgres://a@h/n\nDB_URL=postgres://a:b@h/n?sslmode=verify-full\nX=\n")
	for value, want := range map[string]bool{"postgres://a:b@h/n?sslmode=verify-full": true, "postgres://a@h/n": false, "h/n": false} {
		if DotEnvHolds(env, value) != want {
			t.Errorf("%q held: %t", value, !want)
		}
	}
}
