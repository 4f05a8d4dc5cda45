package scaffold

import (
	"bufio"
	"encoding/json"
	"io"
	"os/exec"
	"strings"
	"sync"
	"testing"

	"github.com/djharden/djharden/internal/pysrc"
)

// evaluator is one Python for a whole test process; it answers each literal with the
// value that ast.literal_eval finds in it.
type evaluator struct {
	mu  sync.Mutex
	in  io.Writer
	out *bufio.Reader
}

const evaluate = `import ast, json, sys
for line in sys.stdin:
    try:
        value = ast.literal_eval(json.loads(line))
    except Exception as error:
        value = ["error", repr(error)]
    print(json.dumps(value), flush=True)`

var thePython = sync.OnceValue(func() *evaluator {
	for _, name := range []string{"python3", "python"} {
		cmd := exec.Command(name, "-X", "utf8", "-c", evaluate)
		in, err := cmd.StdinPipe()
		if err != nil {
			continue
		}
		out, err := cmd.StdoutPipe()
		if err != nil || cmd.Start() != nil {
			continue
		}
		// It ends with its standard input, when this process does.
		e := &evaluator{in: in, out: bufio.NewReader(out)}
		if got, err := e.value(`"x"`); err == nil && got == "x" {
			return e
		}
	}
	return nil
})

// value sends a Python literal and returns the text it evaluates to.
func (e *evaluator) value(literal string) (string, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	js, err := json.Marshal(literal)
	if err != nil {
		return "", err
	}
	if _, err := e.in.Write(append(js, '\n')); err != nil {
		return "", err
	}
	line, err := e.out.ReadBytes('\n')
	if err != nil {
		return "", err
	}
	var s string
	return s, json.Unmarshal(line, &s)
}

// accepted holds for every value that a checker took: it is in the portable
// set, taking it again changes nothing, .env gives it back, and as a Python literal it is itself.
func accepted(t *testing.T, in, v string, check func(string) (string, error)) {
	t.Helper()
	if text, portable, err := QuoteEnv(v); err != nil || !portable || text != v || v == "" {
		t.Fatalf("%q became %q, outside the portable set", in, v)
	}
	if again, err := check(v); err != nil || again != v {
		t.Fatalf("%q became %q and then %q (%v)", in, v, again, err)
	}
	if got, ok := DotEnvValue(DotEnv([]EnvVar{{"K", v, ""}}), "K"); !ok || got != v {
		t.Fatalf("%q comes back from .env as %q", v, got)
	}
	py := thePython()
	if py == nil {
		missing(t, "no Python to evaluate literals with: put python3 on PATH")
	}
	if got, err := py.value(pysrc.Quote(v)); err != nil || got != v {
		t.Fatalf("%q as Python, %s, is %q (%v)", v, pysrc.Quote(v), got, err)
	}
}

// fuzzCheck fuzzes the checker of an option from its own examples.
func fuzzCheck(f *testing.F, key string, shape func(string) bool) {
	c := checks[key]
	for s := range c.takes {
		f.Add(s)
	}
	for s := range c.refuse {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, in string) {
		v, err := c.check(in)
		if err != nil {
			return
		}
		if !shape(v) {
			t.Fatalf("%q became %q, which has another shape", in, v)
		}
		if strings.Contains(v, passwordMask) {
			return
		}
		accepted(t, in, v, c.check)
	})
}

func only(s, alphabet string) bool { return strings.Trim(s, alphabet) == "" }

const (
	lower = "abcdefghijklmnopqrstuvwxyz"
	digit = "0123456789"
)

func FuzzDomain(f *testing.F) {
	fuzzCheck(f, "domain", func(s string) bool {
		return only(s, lower+digit+".-") && strings.Contains(strings.TrimPrefix(s, "."), ".") && !strings.Contains(s, "..") && len(s) <= 254
	})
}

func FuzzOrigin(f *testing.F) {
	fuzzCheck(f, "cors_origin", func(s string) bool {
		host, ok := strings.CutPrefix(s, "https://")
		return ok && only(host, lower+digit+".-:") && strings.Contains(host, ".") && !strings.HasPrefix(host, ".")
	})
}

func FuzzName(f *testing.F) {
	fuzzCheck(f, "name", func(s string) bool { return isIdentifier(s) && len(s) <= maxName })
}

func FuzzAdminPath(f *testing.F) {
	fuzzCheck(f, "admin_path", func(s string) bool {
		return only(s, lower+strings.ToUpper(lower)+digit+"_-/") && s[0] != '/' && strings.HasSuffix(s, "/") && !strings.Contains(s, "//") && s != "admin/"
	})
}

func FuzzPath(f *testing.F) {
	fuzzCheck(f, "security_log", func(s string) bool {
		return s[0] == '/' && !strings.Contains(s+"/", "/../") && !strings.HasSuffix(s, "/")
	})
}

func FuzzRedisURL(f *testing.F) {
	fuzzCheck(f, "redis_url", func(s string) bool {
		return !strings.ContainsAny(s, "&# \n") && strings.Count(s, "?") <= 1 && !strings.Contains(s, "?ssl_cert_reqs")
	})
}

func FuzzDatabaseURL(f *testing.F) {
	for _, c := range databaseURLs {
		f.Add(c.raw, c.tls)
	}
	f.Fuzz(func(t *testing.T, raw, tls string) {
		v, ca, _, err := NormalizeDatabaseURL(raw, tls)
		if err != nil {
			return
		}
		if strings.ContainsAny(v, "&# \n") || strings.Count(v, "?") > 1 || !strings.HasPrefix(v, "postgres://") {
			t.Fatalf("%q became %q", raw, v)
		}
		if tls == "verify-full" && !strings.HasSuffix(v, "?sslmode=verify-full") {
			t.Fatalf("%q became %q, less than verify-full", raw, v)
		}
		if ca != "" {
			if p, err := CheckPath(ca); err != nil || p != ca {
				t.Fatalf("%q names the file %q", raw, ca)
			}
		}
		accepted(t, raw, v, func(s string) (string, error) {
			u, ca, notes, err := NormalizeDatabaseURL(s, tls)
			if ca != "" || len(notes) > 0 {
				t.Fatalf("%q: a second time %q, %v", s, ca, notes)
			}
			return u, err
		})
		d, err := parseDatabaseURL(v)
		if err != nil || strings.Contains(d.name, "=") || d.hasPassword && d.password != "" && len(d.password) > 3 && strings.Contains(MaskURL(v), ":"+escape(d.password)+"@") {
			t.Fatalf("%q: %v, masked %s", v, err, MaskURL(v))
		}
	})
}

func FuzzTOML(f *testing.F) {
	a, _, _ := answeredSeed(map[string]string{"domain": "a.example", "redis_url": "rediss://:x@h/0", "upload_limit": "1GB"})
	f.Add(TOML(a, "1.0"))
	for _, s := range []string{"", "django = 5.2", "domain = ['a.example', 'b.example']\njwt=false", "\ufeffname = \"x\"\r\n", "[x]\ny=1", "name.x=1", "name = '''\nproxy_hops = 9\n'''", "a.b = 1"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		a, err := readBack(data)
		if err != nil {
			return
		}
		text := TOML(a, "1.0")
		b, err := readBack(text)
		if err != nil {
			t.Fatalf("%q was accepted, and what is written of it isn't: %v\n%s", data, err, text)
		}
		if want := saved(a); !equalAnswers(want, b) {
			t.Fatalf("%q:\nwrote %+v\nread  %+v", data, want, b)
		}
	})
}

// answeredSeed is answered for a seed, where there is no test yet.
func answeredSeed(texts map[string]string) (Answers, []string, error) {
	a := Defaults(nil)
	a.Name = "lms"
	for key, v := range texts {
		if err := FindOption(key).Set(&a, v); err != nil {
			return a, nil, err
		}
	}
	ApplyPreset(&a, nil)
	notes, err := Finish(&a)
	return a, notes, err
}
