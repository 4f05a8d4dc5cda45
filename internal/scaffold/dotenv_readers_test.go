package scaffold

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// readersPython returns a Python that has all the readers of .env, or ends the
// test: in failure where CI is set.
func readersPython(t testing.TB) string {
	t.Helper()
	var tried []string
	if dir := os.Getenv("DJHARDEN_VENV"); dir != "" {
		tried = append(tried, filepath.Join(dir, "bin", "python"))
	}
	found, _ := filepath.Glob("../../.cache/venvs/*/bin/python")
	slices.Sort(found)
	slices.Reverse(found)
	for _, py := range append(tried, found...) {
		if exec.Command(py, "-c", "import decouple, dj_database_url, dotenv, environ, environs, redis").Run() == nil {
			return py
		}
	}
	missing(t, "no Python with python-dotenv, environs, django-environ, python-decouple, dj-database-url and redis: make venvs, or name a virtual environment in DJHARDEN_VENV")
	return ""
}

// missing skips a test for want of a tool, and fails it where CI is set.
func missing(t testing.TB, why string) {
	t.Helper()
	if os.Getenv("CI") != "" {
		t.Fatal(why)
	}
	t.Skip(why)
}

// hostile makes texts that are likely to be read in different ways.
type hostile struct{ *rand.Rand }

var pieces = strings.Split("a b7 Z . - _ / : @ % + , = ! * ? [ ] { } ^ ~ # $ & ; ( ) | < > ' \" \\ ` é ß 漢 $HOME ${HOME} $$ \\n %20 %41 %zz %2F %0a # =x export \t", " ")

func (h hostile) text(n int) string {
	var b strings.Builder
	for range 1 + h.IntN(n) {
		switch h.IntN(4) {
		case 0:
			b.WriteByte(byte(' ' + h.IntN(95)))
		case 1:
			b.WriteString(" ")
		default:
			b.WriteString(pieces[h.IntN(len(pieces))])
		}
	}
	return b.String()
}

func (h hostile) host() string {
	return []string{"h", "db.example", "DB_1", "localhost", "127.0.0.1", "%2Fvar%2Frun%2Fpostgresql"}[h.IntN(6)]
}

// envCase is a value on its way into .env.
type envCase struct {
	kind, value string
	parts       []string // of a URL, as Django should read them
}

func (h hostile) cases(n int) []envCase {
	var out []envCase
	checked := []string{"domain", "cors_origin", "admin_path", "security_log"}
	for len(out) < n {
		switch h.IntN(5) {
		case 0:
			user, pw, name := h.text(3), h.text(8), h.text(3)
			raw := fmt.Sprintf("postgres://%s:%s@%s:%d/%s", user, pw, h.host(), 1+h.IntN(65535), name)
			u, _, _, err := NormalizeDatabaseURL(raw, "verify-full")
			if err != nil {
				continue
			}
			d, err := parseDatabaseURL(u)
			if err != nil {
				panic(err)
			}
			out = append(out, envCase{"database", u, []string{d.user, d.password, d.host, d.port, d.name, d.mode}})
		case 1:
			user, pw := h.text(2), h.text(8)
			u, err := CheckRedisURL(fmt.Sprintf("rediss://%s:%s@%s:%d/%d?ssl_ca_certs=/a.pem", user, pw, h.host(), 1+h.IntN(65535), h.IntN(16)))
			if err != nil || strings.Contains(u, passwordMask) {
				continue
			}
			// redis-py's user, password, host, port, db, TLS and CA.
			auth, place, _ := strings.Cut(strings.TrimPrefix(u, "rediss://"), "@")
			ru, rp, _ := strings.Cut(auth, ":")
			ru, _ = decode(ru, "")
			rp, _ = decode(rp, "")
			place, _, _ = strings.Cut(place, "?")
			place, db, _ := strings.Cut(place, "/")
			rh, port, _ := strings.Cut(place, ":")
			out = append(out, envCase{"redis", u, []string{ru, rp, rh, port, db, "True", "/a.pem"}})
		case 2:
			key := checked[h.IntN(len(checked))]
			v, err := checks[key].check(map[string]string{"cors_origin": "https://", "security_log": "/"}[key] + h.text(5) + map[string]string{"domain": ".example.com"}[key])
			if err != nil {
				continue
			}
			out = append(out, envCase{key, v, nil})
		default: // a secret of the user's, moved as it is
			v := h.text(10)
			if _, _, err := QuoteEnv(v); err != nil {
				continue
			}
			out = append(out, envCase{"", v, nil})
		}
	}
	return out
}

// TestReadersAgree writes thousands of hostile values that were accepted and
// reads them with everything that reads a .env file.
func TestReadersAgree(t *testing.T) {
	py := readersPython(t)
	h := hostile{rand.New(rand.NewPCG(20261123, 3))}
	cases := h.cases(4000)
	for _, c := range checks {
		for in := range c.takes {
			if v, err := c.check(in); err == nil && !strings.Contains(v, passwordMask) {
				cases = append(cases, envCase{"", v, nil})
			}
		}
	}
	for range 200 {
		s, err := NewSecrets()
		if err != nil {
			t.Fatal(err)
		}
		cases = append(cases, envCase{"", s.SecretKey, nil}, envCase{"", s.AdminPath, nil})
	}
	cases = append(cases, envCase{})
	var pairs []EnvVar
	kinds, want := map[string]string{}, map[string]envCase{}
	for i, c := range cases {
		name := fmt.Sprintf("K%d", i)
		kinds[name], want[name] = c.kind, c
		pairs = append(pairs, EnvVar{name, c.value, []string{"", "a comment", "it's \"one\" # $HOME `x` \\"}[i%3]})
		if strings.HasPrefix(c.kind, "database") || strings.HasPrefix(c.kind, "redis") || checks[c.kind].check != nil {
			if text, portable, err := QuoteEnv(c.value); err != nil || !portable || text != c.value {
				t.Errorf("%s %q is outside the portable set", c.kind, c.value)
			}
		}
	}
	data := DotEnv(pairs)
	got := runReaders(t, py, data, kinds)
	m, ok := readEnv(data)
	if !ok {
		t.Fatal("godotenv can't read it")
	}
	got.Values["godotenv"] = m
	readers := []string{"python-dotenv", "environs", "django-environ", "python-decouple", "dash", "bash", "godotenv"}
	if _, there := got.Values["zsh"]; there {
		readers = append(readers, "zsh")
	}
	for _, reader := range readers {
		wrong := 0
		for name, c := range want {
			if v, ok := got.Values[reader][name]; (!ok || v != c.value) && wrong < 5 {
				wrong++
				t.Errorf("%s reads %q as %q", reader, c.value, v)
			}
		}
	}
	urlsAgree(t, got, want)
}

// urlsAgree compares the parts that Django's libraries find in the URLs.
func urlsAgree(t *testing.T, got readings, want map[string]envCase) {
	t.Helper()
	for name, c := range want {
		if p := got.Parts["redis-py"][name]; c.kind == "redis" && !slices.Equal(p, c.parts) {
			t.Errorf("redis-py takes %q apart as %q, want %q", c.value, p, c.parts)
		}
		if c.kind == "database" {
			for _, parser := range []string{"dj_database_url", "environ.db"} {
				if parser == "environ.db" && strings.HasPrefix(c.parts[2], "/") {
					continue // it knows sockets by another form; the settings use dj_database_url
				}
				p := got.Parts[parser][name]
				if len(p) != 7 || !slices.Equal(p[:6], c.parts) || !strings.HasSuffix(p[6], "postgresql") {
					t.Errorf("%s takes %q apart as %q, want %q", parser, c.value, p, c.parts)
				}
			}
		}
	}
}

// readings is what testdata/readers.py prints.
type readings struct {
	Values map[string]map[string]string
	Parts  map[string]map[string][]string
}

func runReaders(t *testing.T, py string, data []byte, kinds map[string]string) readings {
	t.Helper()
	dir := t.TempDir()
	file, names := filepath.Join(dir, ".env"), filepath.Join(dir, "names.json")
	js, err := json.Marshal(kinds)
	if err != nil {
		t.Fatal(err)
	}
	for p, b := range map[string][]byte{file: data, names: js} {
		if err := os.WriteFile(p, b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command(py, "testdata/readers.py", file, names)
	cmd.Env = append(os.Environ(), "PYTHONUTF8=1")
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, stderr.String())
	}
	var raw map[string]map[string]json.RawMessage
	if err := json.Unmarshal(out, &raw); err != nil {
		t.Fatal(err)
	}
	r := readings{map[string]map[string]string{}, map[string]map[string][]string{}}
	for reader, m := range raw {
		r.Values[reader], r.Parts[reader] = map[string]string{}, map[string][]string{}
		for name, v := range m {
			var s string
			var p []string
			if json.Unmarshal(v, &s) == nil {
				r.Values[reader][name] = s
			} else if json.Unmarshal(v, &p) == nil {
				r.Parts[reader][name] = p
			}
		}
	}
	return r
}
