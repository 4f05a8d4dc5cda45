package scaffold

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/djharden/djharden/internal/django"
)

// madeProject is a new project as init writes it.
func madeProject(t *testing.T, change func(*Answers)) fstest.MapFS {
	t.Helper()
	a := testAnswers("lms", "5.2")
	a.HSTSSince = "2026-01-01"
	if change != nil {
		change(&a)
	}
	res, err := Render(Input{Answers: a, Project: &django.Project{}, Secrets: testSecrets, Version: "1.0"})
	if err != nil {
		t.Fatal(err)
	}
	return afterWrite(nil, res.Files)
}

// TestSyncAfterInit: what init made, sync makes again, for every answer.
func TestSyncAfterInit(t *testing.T) {
	for name, a := range combinations() {
		if strings.Contains(name, "width") {
			continue
		}
		res, err := Render(Input{Answers: a, Project: &django.Project{}, Secrets: testSecrets, Version: "1.0"})
		if err != nil {
			t.Fatal(err)
		}
		fsys := afterWrite(nil, res.Files)
		again := syncAgain(t, fsys, func(in *SyncInput) { in.Answers.HSTSSince = "" })
		for _, f := range again.Files {
			if now := fsys[f.Path]; f.Keep != "" || now == nil || !bytes.Equal(now.Data, f.Data) {
				t.Errorf("%s: %s changes", name, f.Path)
			}
		}
		if len(again.News)+len(again.Env)+len(again.Next) > 0 {
			t.Errorf("%s: news %v, lines %v, steps %v", name, again.News, again.Env, again.Next)
		}
	}
}

// TestEditTOML: the user's djharden.toml, edited in place.
func TestEditTOML(t *testing.T) {
	was := Record{Answers: testAnswers("lms", "5.2"), Templates: TemplateVersion}
	file := string(TOML(was.Answers, "1.0"))
	for _, tc := range []struct {
		name, old, new string // a replacement in the file, and what must be there after
		change         func(*Answers)
	}{
		{"a value", "", "csp = \"off\"\n", func(a *Answers) { a.CSP = "off" }},
		{"a comment beside it", "csp = \"enforce\"", "csp = \"off\" # mine\n", func(a *Answers) { a.CSP = "off" }},
		{"blanks", "csp = \"enforce\"", "csp=\"off\"\n", func(a *Answers) { a.CSP = "off" }},
		{"a literal string", "csp = \"enforce\"", "csp =\t\"off\"\n", func(a *Answers) { a.CSP = "off" }},
		{"a list over lines", "domain = [\"example.com\"]", "domain = [\"a.example\"]\n", func(a *Answers) { a.Domains = []string{"a.example"} }},
		{"a list that means the same", "domain = [\"example.com\"]", "domain = [\n  'EXAMPLE.com', # mine\n]\n", func(a *Answers) {}},
		{"off and on", "", "admin_2fa = true\n", func(a *Answers) { a.Admin2FA = true }},
		{"a number", "", "proxy_hops = 3\n", func(a *Answers) { a.ProxyHops = 3 }},
		{"a new key", "", "hsts_since = \"2026-02-03\"\n", func(a *Answers) { a.HSTSSince = "2026-02-03" }},
		{"a key that means nothing any more", "", "preset = \"site\"\n", func(a *Answers) { a.Preset, a.JWT, a.CORSOrigins, a.Ratelimit = "site", false, nil, false }},
	} {
		for _, eol := range []string{"\n", "\r\n"} {
			text := file
			mine := map[string]string{
				"a comment beside it":          "csp = \"enforce\" # mine",
				"blanks":                       "csp=\"enforce\"",
				"a literal string":             "csp =\t'enforce'",
				"a list over lines":            "domain = [\n  \"example.com\", # ]\n  'www.example.com',\n]",
				"a list that means the same":   "domain = [\n  'EXAMPLE.com', # mine\n]",
				"a value":                      "",
				"a key that means nothing any": "",
			}[tc.name]
			if mine != "" {
				if !strings.Contains(text, tc.old) {
					t.Fatalf("%s: no %q", tc.name, tc.old)
				}
				text = strings.Replace(text, tc.old, mine, 1)
			}
			text = "# mine at the top\n" + text + "# mine at the end\n"
			text = strings.ReplaceAll(text, "\n", eol)
			a := was.Answers
			tc.change(&a)
			got, err := editTOML([]byte(text), was, a, "2.0")
			if err != nil {
				t.Fatalf("%s: %v", tc.name, err)
			}
			if !strings.Contains(string(got), strings.ReplaceAll(tc.new, "\n", eol)) {
				t.Errorf("%s: no %q in\n%s", tc.name, tc.new, got)
			}
			for _, line := range []string{"# mine at the top", "# mine at the end"} {
				if !strings.Contains(string(got), line+eol) {
					t.Errorf("%s: lost %q", tc.name, line)
				}
			}
			values, err := ParseTOML(got, "x")
			if err != nil || !says(values, a) {
				t.Errorf("%s: it says something else: %v\n%s", tc.name, err, got)
			}
			if again, err := editTOML(got, was, a, "2.0"); err != nil || !bytes.Equal(again, got) {
				t.Errorf("%s: edited again it is\n%s", tc.name, again)
			}
			if n := strings.Count(string(got), "\n") - strings.Count(string(got), eol); eol == "\r\n" && n != 0 {
				t.Errorf("%s: %d lines have another end", tc.name, n)
			}
		}
	}
}

// TestEditTOMLRandom: from any answers to any others, the file says those and
// keeps every line that no answer is on.
func TestEditTOMLRandom(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 1))
	var list []Answers
	for name, a := range combinations() {
		if !strings.Contains(name, "width") {
			a.DatabaseURL, a.AdminPath = "", ""
			list = append(list, a)
		}
	}
	slices.SortFunc(list, func(a, b Answers) int { return strings.Compare(string(TOML(a, "")), string(TOML(b, ""))) })
	for range 2000 {
		from, to := list[r.IntN(len(list))], list[r.IntN(len(list))]
		text := strings.ReplaceAll(string(TOML(from, "1.0")), "\n\n", "\n\n# mine\n\n")
		got, err := editTOML([]byte(text), Record{Answers: from, Templates: TemplateVersion}, to, "1.0")
		if err != nil {
			t.Fatal(err)
		}
		values, err := ParseTOML(got, "x")
		if err != nil || !says(values, to) {
			t.Fatalf("from\n%s\nto\n%s\nit is\n%s", text, TOML(to, ""), got)
		}
		if a, b := strings.Count(text, "# mine\n"), strings.Count(string(got), "# mine\n"); a != b {
			t.Fatalf("%d lines of the user's are %d", a, b)
		}
		b, err := readBack(got)
		if err != nil || !equalAnswers(saved(to), b) {
			t.Fatalf("read back: %v\n%+v\n%+v", err, saved(to), b)
		}
	}
}

func TestSyncRequirements(t *testing.T) {
	for _, tc := range []struct {
		name         string
		edit         func(string) string
		change       func(*SyncInput)
		has, hasnt   []string
		warns, fresh bool
	}{
		{name: "another Django", change: func(in *SyncInput) { in.Answers.Django = "6.0" }, has: []string{"Django~=6.0.10\n"}, hasnt: []string{"django-csp"}, fresh: true},
		{name: "the user's pin stays", edit: func(s string) string { return strings.Replace(s, "django-csp~=4.0", "django-csp==4.0", 1) },
			change: func(in *SyncInput) { in.Answers.Django = "6.0" }, has: []string{"django-csp==4.0\n"}},
		{name: "the user's Django stays, and is said", edit: func(s string) string { return strings.Replace(s, "Django~=5.2.19", "Django==5.2.19", 1) },
			change: func(in *SyncInput) { in.Answers.Django = "6.0" }, has: []string{"Django==5.2.19\n"}, warns: true},
		{name: "taken out by the user", edit: func(s string) string { return strings.Replace(s, "whitenoise~=6.12\n", "", 1) },
			change: func(in *SyncInput) { in.Answers.Django = "6.0" }, hasnt: []string{"whitenoise"}},
		{name: "lines of the user's", edit: func(s string) string { return "# mine\ncelery==5.4\n" + s + "boto3\n" },
			change: func(in *SyncInput) { in.Answers.Lockout = false }, has: []string{"# mine\ncelery==5.4\n", "\nboto3\n"}, hasnt: []string{"axes"}},
		{name: "other line ends", edit: func(s string) string { return strings.ReplaceAll(s, "\n", "\r\n") },
			change: func(in *SyncInput) { in.Answers.Django, in.Answers.Admin2FA = "6.0", true }, has: []string{"Django~=6.0.10\r\n", "\r\ndjango-otp[qrcode]~=1.7.5\r\n"}, hasnt: []string{"django-csp"}},
	} {
		for _, recorded := range []bool{true, false} {
			fsys := madeProject(t, nil)
			if tc.edit != nil {
				fsys["requirements.txt"].Data = []byte(tc.edit(string(fsys["requirements.txt"].Data)))
			}
			if !recorded { // the first templates recorded no requirements
				delete(fsys, ".djharden/base/requirements.txt")
				if tc.name == "taken out by the user" {
					continue // that can't be told then
				}
			}
			res := syncAgain(t, fsys, tc.change)
			got := fileOf(t, res.Result, "requirements.txt")
			for _, text := range tc.has {
				if !strings.Contains(string(got.Data), text) {
					t.Errorf("%s, %t: no %q in\n%s", tc.name, recorded, text, got.Data)
				}
			}
			for _, text := range tc.hasnt {
				if strings.Contains(string(got.Data), text) {
					t.Errorf("%s, %t: %q in\n%s", tc.name, recorded, text, got.Data)
				}
			}
			if n := slices.ContainsFunc(res.Warnings, func(w Warning) bool { return w.Code == "requirements-kept" }); n != tc.warns {
				t.Errorf("%s, %t: the warnings are %v", tc.name, recorded, res.Warnings)
			}
			again := syncAgain(t, afterWrite(fsys, res.Files), nil)
			if f := fileOf(t, again.Result, "requirements.txt"); !bytes.Equal(f.Data, got.Data) || !bytes.Equal(f.Record, got.Record) {
				t.Errorf("%s, %t: a second sync makes\n%s\nrecord\n%s\nof\n%s\nrecord\n%s", tc.name, recorded, f.Data, f.Record, got.Data, got.Record)
			}
		}
	}
}

// TestSyncNeverMakesSecretsAnew: only a variable that .env lacks gets a value.
func TestSyncNeverMakesSecretsAnew(t *testing.T) {
	fsys := madeProject(t, nil)
	was := string(fsys[".env"].Data)
	res := syncAgain(t, fsys, func(in *SyncInput) {
		in.EditEnv = true
		in.Answers.Domains = []string{"other.example"}
		in.Answers.Django = "6.1"
	})
	got := string(fileOf(t, res.Result, ".env").Data)
	if strings.Contains(got, otherSecrets.SecretKey) || strings.Contains(got, otherSecrets.JWTKey) || strings.Contains(got, otherSecrets.AdminPath) {
		t.Errorf("a secret was made anew:\n%s", got)
	}
	if want := strings.Replace(was, "ALLOWED_HOSTS=example.com", "ALLOWED_HOSTS=other.example", 1); got != want && strings.Contains(was, "ALLOWED_HOSTS=example.com") {
		t.Errorf("more than one line differs:\n%s", got)
	}
	fsys[".env"].Data = []byte(strings.Replace(was, "JWT_SIGNING_KEY=", "# JWT_SIGNING_KEY=", 1))
	got = string(fileOf(t, syncAgain(t, fsys, nil).Result, ".env").Data)
	if !strings.HasPrefix(got, string(fsys[".env"].Data)) || !strings.Contains(got, "\nJWT_SIGNING_KEY="+otherSecrets.JWTKey+"\n") {
		t.Errorf("the missing key isn't there, or more has changed:\n%s", got)
	}
}

func TestRamp(t *testing.T) {
	const today = "2026-11-25"
	for _, tc := range []struct {
		saved, since, asked, was string
		want, wantSince          string
		refused                  string // in the words of the error
		note                     bool
	}{
		{saved: "1h", since: "2026-11-24", asked: "", was: "1h", want: "1h", wantSince: "2026-11-24"},
		{saved: "1h", since: "", asked: "", was: "1h", want: "1h", wantSince: today},
		{saved: "1d", since: "2026-11-24", asked: "", was: "1h", want: "1d", wantSince: today, note: true},
		{saved: "1h", since: "2026-11-24", asked: "next", was: "1h", want: "1d", wantSince: today, note: true},
		{saved: "1h", since: today, asked: "next", was: "1h", refused: "on 2026-11-26 at the earliest"},
		{saved: "1d", since: "2026-11-24", asked: "next", was: "1d", refused: "on 2026-11-26 at the earliest"},
		{saved: "1d", since: "2026-11-23", asked: "next", was: "1d", want: "30d", wantSince: today, note: true},
		{saved: "30d", since: "2026-10-26", asked: "next", was: "30d", refused: "on 2026-11-26"},
		{saved: "30d", since: "2026-10-25", asked: "next", was: "30d", want: "1y", wantSince: today, note: true},
		{saved: "1y", since: "2026-10-25", asked: "next", was: "1y", want: "subdomains", wantSince: today, note: true},
		{saved: "subdomains", since: "2020-01-01", asked: "next", was: "subdomains", refused: "never taken by itself"},
		{saved: "preload", since: "2020-01-01", asked: "next", was: "preload", refused: "last stage"},
		{saved: "off", since: "", asked: "next", was: "off", want: "1h", wantSince: today, note: true},
		{saved: "1h", since: "", asked: "next", was: "1h", refused: "since when"},
		{saved: "1h", since: today, asked: "1y", was: "1h", want: "1y", wantSince: today, note: true},
		{saved: "1h", since: "2020-01-01", asked: "1h", was: "1h", want: "1h", wantSince: "2020-01-01"},
		{saved: "1h", since: today, asked: "preload", was: "1h", want: "preload", wantSince: today, note: true},
		{saved: "preload", since: today, asked: "", was: "1h", refused: "alone doesn't take"},
		{saved: "preload", since: "2020-01-01", asked: "", was: "preload", want: "preload", wantSince: "2020-01-01"},
		{saved: "1y", since: today, asked: "1h", was: "1y", want: "1h", wantSince: today, note: true},
		{saved: "1y", since: today, asked: "off", was: "1y", want: "off", wantSince: today, note: true},
		{saved: "1h", since: today, asked: "2h", was: "1h", refused: "is not one of"},
	} {
		a := Answers{HSTS: tc.saved, HSTSSince: tc.since}
		notes, err := Ramp(&a, tc.asked, tc.was, today)
		switch {
		case tc.refused != "":
			if err == nil || !strings.Contains(err.Error(), tc.refused) {
				t.Errorf("%+v: %v", tc, err)
			}
			var r *django.Refusal
			if early := strings.Contains(tc.refused, "2026") || tc.refused == "since when"; errors.As(err, &r) != early {
				t.Errorf("%+v: %T", tc, err)
			}
		case err != nil:
			t.Errorf("%+v: %v", tc, err)
		case a.HSTS != tc.want || a.HSTSSince != tc.wantSince || (len(notes) > 0) != tc.note:
			t.Errorf("%+v: %s since %s, %v", tc, a.HSTS, a.HSTSSince, notes)
		}
	}
	for stage, s := range hstsStages {
		if _, ok := hstsDays[stage]; !ok && s.Next != "" {
			t.Errorf("nothing says how long %s should stand", stage)
		}
	}
}

func FuzzEditTOML(f *testing.F) {
	f.Add("domain = [\"a\"]\ncsp = 'off' # x\n", "off")
	f.Add("csp=\"enforce\"\r\nkeep = [ # ]\r\n]\r\n", "enforce")
	f.Fuzz(func(t *testing.T, text, csp string) {
		values, err := ParseTOML([]byte(text), "x")
		if err != nil {
			return
		}
		a := testAnswers("lms", "5.2")
		if FindOption("csp").Set(&a, csp) != nil {
			return
		}
		got, err := editTOML([]byte(text), Record{Answers: a, Templates: TemplateVersion}, a, "1.0")
		if err != nil {
			return
		}
		after, err := ParseTOML(got, "x")
		if err != nil || !says(after, a) {
			return // answers() refuses it
		}
		for key := range values { // nothing that isn't an answer's value is lost
			if _, ok := after[key]; !ok && applies(key, a) {
				t.Fatalf("%q: lost %s in %q", text, key, got)
			}
		}
	})
}
