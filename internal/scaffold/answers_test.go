package scaffold

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/djharden/djharden/internal/django"
)

// answered sets texts by key over the defaults, as cli does, and finishes.
func answered(t *testing.T, texts map[string]string) (Answers, []string, error) {
	t.Helper()
	a := Defaults(nil)
	a.Name = "lms"
	set := map[string]bool{}
	for _, o := range Options {
		if v, ok := texts[o.Key]; ok {
			set[o.Key] = true
			if err := o.Set(&a, v); err != nil {
				return a, nil, err
			}
		}
	}
	ApplyPreset(&a, set)
	notes, err := Finish(&a)
	return a, notes, err
}

func TestOptionsAreWhole(t *testing.T) {
	seen := map[string]bool{}
	for _, o := range Options {
		if seen[o.Key] {
			t.Errorf("%s is there twice", o.Key)
		}
		seen[o.Key] = true
		if o.Unasked {
			if o.Security == "" || o.Get == nil || o.Set == nil || o.Usage+o.Question+o.Default != "" {
				t.Errorf("%s is asked somewhere, or not whole", o.Key)
			}
			continue
		}
		if o.Usage == "" || o.Question == "" || o.Security == "" || o.Default == "" || o.Get == nil || o.Set == nil {
			t.Errorf("%s is not whole", o.Key)
		}
		if o.Kind != Bool && o.Kind != Choice && o.Metavar == "" {
			t.Errorf("%s has no metavar", o.Key)
		}
		if (o.Kind == Choice) != (len(o.Choices) > 0) {
			t.Errorf("%s: choices without being one, or one without", o.Key)
		}
		if strings.Contains(o.Usage+o.Question, "\n") || !strings.HasSuffix(o.Security, ".") {
			t.Errorf("%s: help is not one line, or its sentence doesn't end", o.Key)
		}
		a := Defaults(nil)
		for _, c := range o.Choices {
			if err := o.Set(&a, c); err != nil || o.Get(a) != c {
				t.Errorf("%s=%s: %q, %v", o.Key, c, o.Get(a), err)
			}
		}
		// What an option gives, it takes.
		b := Defaults(nil)
		if err := o.Set(&b, o.Get(Defaults(nil))); err != nil {
			t.Errorf("%s: doesn't take its own default: %v", o.Key, err)
		} else if !reflect.DeepEqual(b, Defaults(nil)) {
			t.Errorf("%s: setting the default changes it", o.Key)
		}
	}
	if n := len(reflect.VisibleFields(reflect.TypeFor[Answers]())) - 1; n != len(Options) { // found isn't answered
		t.Errorf("%d answers and %d options", n, len(Options))
	}
	if o := FindOption("cors_origin"); o.Flag() != "cors-origin" || o.Env() != "DJHARDEN_CORS_ORIGIN" {
		t.Errorf("%s, %s", o.Flag(), o.Env())
	}
}

func TestDefaultsByPreset(t *testing.T) {
	for _, c := range []struct {
		texts                   map[string]string
		jwt, lockout, ratelimit bool
		cors                    string
	}{
		{map[string]string{}, true, true, false, "https://a.example"},
		{map[string]string{"redis_url": "redis://localhost"}, true, true, true, "https://a.example"},
		{map[string]string{"preset": "api", "redis_url": "redis://localhost"}, true, true, false, "https://a.example"},
		{map[string]string{"preset": "api", "jwt": "false"}, false, true, false, "https://a.example"},
		{map[string]string{"preset": "site", "redis_url": "redis://localhost"}, false, true, false, ""},
		{map[string]string{"lockout": "off", "ratelimit": "false", "redis_url": "redis://localhost"}, true, false, false, "https://a.example"},
		{map[string]string{"domain": ".a.example,a.example,b.example"}, true, true, false, "https://a.example,https://b.example"},
		{map[string]string{"cors_origin": ""}, true, true, false, ""},
		{map[string]string{"cors_origin": "https://x.example/,https://x.example"}, true, true, false, "https://x.example"},
	} {
		if c.texts["domain"] == "" {
			c.texts["domain"] = "a.example"
		}
		a, _, err := answered(t, c.texts)
		if err != nil {
			t.Errorf("%v: %v", c.texts, err)
			continue
		}
		if got := strings.Join(a.CORSOrigins, ","); a.JWT != c.jwt || a.Lockout != c.lockout || a.Ratelimit != c.ratelimit || got != c.cors {
			t.Errorf("%v: jwt %v lockout %v ratelimit %v cors %s", c.texts, a.JWT, a.Lockout, a.Ratelimit, got)
		}
	}
}

func TestDefaultsOfAnAdoptedProject(t *testing.T) {
	p := &django.Project{Kind: django.Single, Name: "school", Module: "school.settings", Series: "4.2", Preset: "api",
		Origins: []string{"https://App.example/", "http://localhost:3000"}}
	a := Defaults(p)
	if a.Name != "school" || a.Settings != "school.settings" || a.Django != "4.2" || a.Preset != "api" || a.JWT || a.CSP != "report-only" || a.UploadLimit != 0 {
		t.Errorf("%+v", a)
	}
	if got := strings.Join(a.CORSOrigins, ","); got != "https://app.example" {
		t.Errorf("origins %s", got)
	}
	a.Domains = []string{"school.example"}
	if _, err := Finish(&a); err != nil {
		t.Error(err)
	}
	if p.HasJWT = true; !Defaults(p).JWT {
		t.Error("JWT is taken away from a project that has it")
	}
	p.Series = "5.1"
	a = Defaults(p)
	a.Domains = []string{"school.example"}
	var oe *OptionError
	if _, err := Finish(&a); !errors.As(err, &oe) || oe.Key != "django" {
		t.Errorf("Django 5.1: %v", err)
	}
	p.Series, p.Name = "", "site"
	if a := Defaults(p); a.Django != "5.2" || a.Name != "site_site" {
		t.Errorf("%+v", a)
	}
	if n := Defaults(&django.Project{}); n.CSP != "enforce" || n.UploadLimit != 10<<20 || n.Name != "" || n.Settings != "" {
		t.Errorf("new: %+v", n)
	}
}

func TestValidateTogether(t *testing.T) {
	for _, c := range []struct {
		texts map[string]string
		key   string // of the error; "": accepted
	}{
		{map[string]string{}, ""},
		{map[string]string{"domain": ""}, "domain"},
		{map[string]string{"preset": "site", "jwt": "true"}, "jwt"},
		{map[string]string{"preset": "site", "jwt": "false"}, ""},
		{map[string]string{"preset": "site", "cors_origin": "https://x.example"}, "cors_origin"},
		{map[string]string{"ratelimit": "true"}, "ratelimit"},
		{map[string]string{"ratelimit": "true", "redis_url": "redis://localhost"}, ""},
		{map[string]string{"preset": "site", "ratelimit": "true", "redis_url": "redis://localhost"}, ""},
		{map[string]string{"csrf_trusted_origin": "https://x.example"}, "csrf_trusted_origin"},
		{map[string]string{"csrf_trusted_origin": "https://x.example", "jwt": "false"}, ""},
		{map[string]string{"csrf_trusted_origin": "https://x.example", "preset": "site"}, "csrf_trusted_origin"},
		{map[string]string{"database_url": "postgres://u:p@h/n?sslmode=require"}, "database_url"},
		{map[string]string{"database_url": "postgres://u:p@h/n?sslmode=require", "database_tls": "require"}, ""},
		{map[string]string{"database_url": "postgres://u:p@h/n", "database_tls": "off"}, "database_url"},
		{map[string]string{"database_url": "postgres://u:p@localhost/n", "database_tls": "off"}, ""},
		{map[string]string{"database_url": "postgres://u:p@h/n?sslrootcert=/a.pem", "database_ca": "/b.pem"}, "database_ca"},
		{map[string]string{"database_url": "postgres://u:p@h/n?sslrootcert=/a.pem", "database_ca": "/a.pem"}, ""},
		{map[string]string{"proxy_hops": "6"}, "proxy_hops"},
		{map[string]string{"proxy_hops": "-1"}, "proxy_hops"},
		{map[string]string{"csp": "enforced"}, "csp"},
		{map[string]string{"django": "5.1"}, "django"},
		{map[string]string{"jwt": "maybe"}, "jwt"},
	} {
		if _, ok := c.texts["domain"]; !ok {
			c.texts["domain"] = "a.example"
		}
		a, _, err := answered(t, c.texts)
		var oe *OptionError
		switch {
		case c.key == "" && err != nil:
			t.Errorf("%v: %v", c.texts, err)
		case c.key != "" && (!errors.As(err, &oe) || oe.Key != c.key):
			t.Errorf("%v: got %v, want an error of %s", c.texts, err, c.key)
		case c.key == "":
			b := a
			if _, err := Finish(&b); err != nil || !reflect.DeepEqual(a, b) {
				t.Errorf("%v: a second Finish changes them (%v)\n%+v\n%+v", c.texts, err, a, b)
			}
		}
	}
}

func TestValidateRefusesWhatNoOptionMade(t *testing.T) {
	good, _, err := answered(t, map[string]string{"domain": "a.example"})
	if err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*Answers){
		"upper case":      func(a *Answers) { a.Domains = []string{"A.example"} },
		"twice":           func(a *Answers) { a.Domains = []string{"a.example", "a.example"} },
		"comma":           func(a *Answers) { a.Domains = []string{"a.example,b.example"} },
		"raw password":    func(a *Answers) { a.DatabaseURL = "postgres://u:a#b@h/n?sslmode=verify-full" },
		"no mode":         func(a *Answers) { a.DatabaseURL = "postgres://u:a@h/n" },
		"second param":    func(a *Answers) { a.DatabaseURL = "postgres://u:a@h/n?sslmode=verify-full&sslrootcert=/x" },
		"no preset":       func(a *Answers) { a.Preset = "" },
		"no django":       func(a *Answers) { a.Django = "" },
		"no name":         func(a *Answers) { a.Name = "" },
		"admin, no slash": func(a *Answers) { a.AdminPath = "x" },
		"negative size":   func(a *Answers) { a.UploadLimit = -1 },
		"blank":           func(a *Answers) { a.SecurityLog = " /x" },
	} {
		a := good
		change(&a)
		if Validate(a) == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestNotes(t *testing.T) {
	_, notes, err := answered(t, map[string]string{"domain": "bücher.example,192.0.2.7", "redis_url": "redis://:x@cache/0",
		"database_url": "postgresql://u:a#b@db/n?sslrootcert=/etc/ca.pem"})
	if err != nil {
		t.Fatal(err)
	}
	_, more, err := answered(t, map[string]string{"domain": "a.example", "database_tls": "off", "database_ca": "/etc/ca.pem"})
	if err != nil {
		t.Fatal(err)
	}
	all := strings.Join(append(notes, more...), "\n")
	for _, want := range []string{"xn--bcher-kva.example is how DNS writes bücher.example", "192.0.2.7 is an address", "redis:// sends", "sslmode=verify-full was added",
		"percent-encoded", "sslrootcert moved", "--database-ca does nothing"} {
		if !strings.Contains(all, want) {
			t.Errorf("no note says %q:\n%s", want, all)
		}
	}
}
