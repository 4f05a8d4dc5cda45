package scaffold

import (
	"errors"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
)

// readBack is what cli makes of a djharden.toml alone.
func readBack(data []byte) (Answers, error) {
	values, err := ParseTOML(data, "djharden.toml")
	if err != nil {
		return Answers{}, err
	}
	a := Defaults(nil)
	set := map[string]bool{}
	for _, o := range Options {
		if v, ok := values[o.Key]; ok {
			set[o.Key] = true
			if err := o.Set(&a, v); err != nil {
				return a, err
			}
		}
	}
	ApplyPreset(&a, set)
	_, err = Finish(&a)
	return a, err
}

// saved is what djharden.toml keeps of answers.
func saved(a Answers) Answers {
	a.DatabaseURL, a.AdminPath = "", ""
	a.RedisURL = MaskURL(a.RedisURL)
	return a
}

func TestTOMLRoundTrip(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 1))
	pick := func(list ...string) string { return list[r.IntN(len(list))] }
	done := 0
	for range 1000 {
		texts := map[string]string{
			"name":                pick("lms", "My_Site", "_x9"),
			"domain":              pick("a.example", ".a.example,b.example", "bücher.example,192.0.2.7"),
			"proxy_hops":          pick("0", "1", "5"),
			"database_url":        pick("", "postgres://u:p'\"#\\@localhost/n", "postgres://u:p@localhost/n?sslrootcert=/etc/ca.pem"),
			"database_tls":        pick("verify-full", "require", "off"),
			"redis_url":           pick("", "redis://h/1", "rediss://u:a b'\"\\@h/0", "unix:///run/redis.sock?db=2"),
			"django":              pick(DjangoSeries...),
			"preset":              pick("lms", "site", "api"),
			"csp":                 pick("enforce", "report-only", "off"),
			"hsts":                pick(HSTSStages...),
			"lockout":             pick("true", "false"),
			"admin_2fa":           pick("true", "false"),
			"security_log":        pick("", "/var/log/x/security.log"),
			"upload_limit":        pick("off", "10MB", "1025", "3GB"),
			"admin_path":          pick("", "staff-x7"),
			"settings":            pick("", "mysite.settings"),
			"database_ca":         pick("", "/etc/ca.pem"),
			"jwt":                 pick("true", "false"),
			"ratelimit":           pick("true", "false"),
			"cors_origin":         pick("", "https://x.example", "https://x.example,https://y.example:8443"),
			"csrf_trusted_origin": pick("", "https://x.example"),
			"keep":                pick("", "config/urls.py,a b/c.py"),
			"hsts_since":          pick("", "2026-11-25"),
			"package":             pick("", "core"),
		}
		for key := range texts {
			if key != "domain" && r.IntN(3) == 0 {
				delete(texts, key)
			}
		}
		a, _, err := answered(t, texts)
		if err != nil {
			continue // refused together; TestValidateTogether has the reasons
		}
		done++
		data := TOML(a, "1.2.3")
		b, err := readBack(data)
		if err != nil {
			t.Fatalf("%v: %v\n%s", texts, err, data)
		}
		if want := saved(a); !equalAnswers(want, b) {
			t.Fatalf("%v:\nwrote %+v\nread  %+v\n%s", texts, want, b, data)
		}
		if again := TOML(b, "1.2.3"); string(again) != string(data) {
			t.Fatalf("%v: written again it is another\n%s\n%s", texts, data, again)
		}
		if s := string(data); strings.Contains(s, "a%20b") || strings.Contains(s, "p%27") || strings.Contains(s, "postgres:") || strings.Contains(s, "staff-x7") {
			t.Fatalf("%v: holds a secret\n%s", texts, data)
		}
	}
	if done < 100 {
		t.Errorf("only %d of 1000 answers were accepted", done)
	}
}

// equalAnswers takes an empty list for none.
func equalAnswers(a, b Answers) bool {
	for _, x := range []*Answers{&a, &b} {
		for _, l := range []*[]string{&x.Domains, &x.CORSOrigins, &x.CSRFTrustedOrigins, &x.Keep} {
			if len(*l) == 0 {
				*l = nil
			}
		}
	}
	return reflect.DeepEqual(a, b)
}

func TestTOMLHasACommentOnEachKey(t *testing.T) {
	a, _, err := answered(t, map[string]string{"domain": "a.example", "jwt": "false", "settings": "x.settings", "package": "core", "hsts_since": "2026-11-25"})
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(string(TOML(a, "evil\n[x]\r\x00y")), "\n")
	keys := 0
	for i, l := range lines {
		if len(l) > 100 {
			t.Errorf("a line of %d: %s", len(l), l)
		}
		if l == "" || strings.HasPrefix(l, "# ") {
			continue
		}
		keys++
		if i == 0 || !strings.HasPrefix(lines[i-1], "# ") {
			t.Errorf("no comment above %s", l)
		}
	}
	if want := len(Options) - 2; keys != want { // database_url and admin_path
		t.Errorf("%d keys, want %d", keys, want)
	}
}

func TestParseTOMLErrors(t *testing.T) {
	for _, c := range []struct{ data, where, msg, hint string }{
		{"django = 5.2", "x.toml:1", "django must be a text", `write django = "5.2"`},
		{"# c\n\ndomain = \"a.example\"", "x.toml:3", "array", `write domain = ["a.example"]`},
		{"domain = [1]", "x.toml:1", "array", ""},
		{"domain = ['a,b']", "x.toml:1", "one item", ""},
		{"jwt = \"yes\"", "x.toml:1", "true or false", "jwt = true"},
		{"proxy_hops = true", "x.toml:1", "a number", "proxy_hops = 1"},
		{"domains = ['a.example']", "x.toml:1", `"domains"`, `did you mean "domain"?`},
		{"proxy-hops = 1", "x.toml:1", `"proxy-hops"`, `did you mean "proxy_hops"?`},
		{"zzz = 1", "x.toml:1", `"zzz"`, "the keys are name,"},
		{"a = 1\n[database]\nurl = 'x'", "x.toml:1", `"a"`, ""},
		{"name='x'\n[database]\nurl = 'x'", "x.toml:2", "table", "top level"},
		{"name='x'\n[[name2]]\nurl = 'x'", "x.toml:2", `"name2"`, ""},
		{"name.x = 1", "x.toml:1", "must be a text", ""},
		{"name = \n", "x.toml:1", "is not TOML", ""},
		{"name = 'a'\nname = 'b'", "x.toml:2", "is not TOML", ""},
		{"database_url = 'postgres://u:hunter2@h/n", "x.toml:1", "is not TOML", ""},
		{"\n\nredis_url = hunter2", "x.toml:3", "is not TOML", ""},
		{"redis_url = 12345", "x.toml:1", "a text", ""},
		{"\"redis_url\" = 12345", "x.toml:1", "a text", ""},
		{"name = '\x00'", "x.toml:1", "is not TOML", ""},
		{"name = '\xff'", "x.toml", "is not TOML", ""},
	} {
		_, err := ParseTOML([]byte(c.data), "x.toml")
		var ce *ConfigError
		if !errors.As(err, &ce) {
			t.Errorf("%q: got %v", c.data, err)
			continue
		}
		if !strings.HasPrefix(ce.Where, c.where) || !strings.Contains(ce.Msg, c.msg) || !strings.Contains(ce.Hint, c.hint) {
			t.Errorf("%q: got %v (%s), want %s %s (%s)", c.data, ce, ce.Hint, c.where, c.msg, c.hint)
		}
		if strings.Contains(ce.Error()+ce.Hint, "hunter2") || strings.Contains(ce.Error()+ce.Hint, "12345") {
			t.Errorf("%q: shows a secret: %v (%s)", c.data, ce, ce.Hint)
		}
	}
	got, err := ParseTOML([]byte("\ufeffname = 'x'\r\nupload_limit = 1048576\r\ndomain = []\r\njwt = false\r\n"), "x")
	want := map[string]string{"name": "x", "upload_limit": "1048576", "domain": "", "jwt": "false"}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, %v", got, err)
	}
}

func TestLeakInTOML(t *testing.T) {
	for _, c := range []struct {
		values map[string]string
		leaks  bool
	}{
		{map[string]string{"redis_url": "rediss://:***@h/0"}, false},
		{map[string]string{"redis_url": "redis://h/0"}, false},
		{map[string]string{"redis_url": "rediss://:x@h/0"}, true},
		{map[string]string{"database_url": "postgres://u:x@h/n"}, true},
		{map[string]string{"database_url": "postgres://u@h/n"}, false},
		{map[string]string{"name": "x"}, false},
	} {
		if got := LeakInTOML(c.values); (got != "") != c.leaks {
			t.Errorf("%v: %q", c.values, got)
		}
	}
}
