package pysrc

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// TestLimits feeds what exhausts a recursive reader or a quadratic one.
func TestLimits(t *testing.T) {
	for _, c := range limits() {
		t.Run(c.name, func(t *testing.T) {
			begin := time.Now()
			m, err := Parse([]byte(c.src))
			if (err == nil) != c.fine {
				t.Errorf("error %v", err)
			}
			if err == nil {
				Walk(m.Stmts, nil, func(*Node) {})
				if len(m.Stmts) > 0 && m.Stmts[0].Value != nil {
					m.Literal(m.Stmts[0].Value)
				}
				m.Scope()
			}
			if d := time.Since(begin); d > time.Minute {
				t.Errorf("it took %v", d)
			}
		})
	}
}

type limit struct {
	name, src string
	fine      bool
}

func limits() []limit {
	const big = 2 << 20
	rep := strings.Repeat
	var indented strings.Builder
	for i := range 1500 {
		indented.WriteString(rep(" ", i) + "if x:\n")
	}
	indented.WriteString(rep(" ", 1500) + "pass\n")
	return []limit{
		{"brackets", rep("(", big), false},
		{"200 brackets", rep("(", 200) + rep(")", 200), true},
		{"lists within lists", rep("[", 150) + rep("]", 150), true},
		{"not", rep("not ", big/4) + "x", false},
		{"minus", rep("-", big) + "x", false},
		{"power", rep("x**", big/3) + "x", false},
		{"sum", rep("x+", big/2) + "x", false},
		{"a sum of 5000", rep("'x' + ", 5000) + "y", true},
		{"attributes", "x" + rep(".x", big/2), false},
		{"calls", "x" + rep("()", big/2), false},
		{"lambda", rep("lambda:", big/7) + "x", false},
		{"conditional", rep("x if x else ", big/12) + "x", false},
		{"stars", rep("*", big) + "x = y", false},
		{"star targets", "for " + rep("* ", big/2) + "x in y: pass", false},
		{"await", rep("await ", big/6) + "x", false},
		{"blocks", indented.String(), false},
		{"relative import", "from " + rep(".", big) + " import x", true},
		{"dotted import", "import x" + rep(".x", big/2), true},
		{"targets", rep("x=", big/2) + "y", true},
		{"elements", "[" + rep("1,", big/2) + "]", true},
		{"lines", rep("\n", big), true},
		{"statements", rep("x\n", big/2), true},
		{"backslashes", rep("\\\n", big/2) + "x\n", true},
		{"f-strings", rep("f'{", big/3), false},
		{"fields", "f'" + rep("{x:", big/3), false},
		{"patterns", "match x:\n case " + rep("A(", 150) + rep(")", 150) + ": pass\n", true},
		{"digits", rep("9", big), true},
		{"coding comment", "#" + rep("coding", big/6), true},
		{"too large", rep(" ", MaxSize+1), false},
	}
}

// settings1000 is a settings file of about 1,000 lines.
func settings1000() []byte {
	var b strings.Builder
	b.WriteString("\"\"\"Settings.\"\"\"\n\nimport os\nfrom pathlib import Path\n\nBASE_DIR = Path(__file__).resolve().parent.parent\n")
	for i := range 90 {
		fmt.Fprintf(&b, "\n# Section %d, with a comment: it's \"quoted\" (and bracketed.\nINSTALLED_APPS_%[1]d = [\n    'django.contrib.admin',\n    'django.contrib.auth',  # users\n    \"app%[1]d\",\n]\nDATABASES_%[1]d = {\n    'default': {'ENGINE': 'x', 'NAME': os.environ.get('DB_%[1]d', BASE_DIR / 'db.sqlite3')},\n}\nDEBUG_%[1]d = os.getenv('DEBUG', f'{%[1]d}') == '1' and not False\n", i)
	}
	return []byte(b.String())
}

func BenchmarkParse(b *testing.B) {
	small := settings1000()
	large := []byte(strings.Repeat(string(small), 10_000_000/len(small)))
	for _, c := range []struct {
		name string
		src  []byte
	}{{"1000lines", small}, {"10MB", large}} {
		b.Run(c.name, func(b *testing.B) {
			b.SetBytes(int64(len(c.src)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Parse(c.src); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
