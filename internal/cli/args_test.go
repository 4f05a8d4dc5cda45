package cli

import (
	"slices"
	"strings"
	"testing"
)

func testCommands() []command {
	return []command{
		{name: "init", args: "[DIR]", maxArgs: 1, options: []*option{
			{name: "domain", metavar: "HOST", list: true}, {name: "csp", metavar: "MODE"}, {name: "jwt", isSwitch: true},
			{name: "yes", alias: "y", isSwitch: true}, {name: "database-url-file", metavar: "FILE"},
		}},
		{name: "__complete", raw: true, hidden: true},
	}
}

func TestArrange(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		{"init", "init --"},
		{"init mysite --yes", "init --yes=true -- mysite"},
		{"init --yes mysite", "init --yes=true -- mysite"},
		{"init -y mysite", "init --yes=true -- mysite"},
		{"init -yes mysite", "init --yes=true -- mysite"},
		{"init --csp off mysite --jwt=false", "init --csp=off --jwt=false -- mysite"},
		{"init --csp=off mysite --domain a --domain=b,c", "init --csp=off --domain=a --domain=b,c -- mysite"},
		{"init --yes -- --odd", "init --yes=true -- --odd"},
		{"init -- -", "init -- -"},
		{"init --database-url-file - .", "init --database-url-file=- -- ."},
		{"init --csp= .", "init --csp= -- ."},
		{"init --csp=a=b", "init --csp=a=b --"},
		{"init a b", "init -- a b"}, // too many is for the command to say
		{"-- init .", "init -- ."},
		{"--help init", "--help"},
		{"-h", "--help"},
		{"__complete init --", "__complete -- init --"},
		{"", ""},
	} {
		got, err := arrange(strings.Fields(tt.in), testCommands(), globalOptions())
		if err != nil {
			t.Errorf("%s: %v", tt.in, err)
		} else if !slices.Equal(got, strings.Fields(tt.want)) {
			t.Errorf("%s: got %q, want %q", tt.in, got, strings.Fields(tt.want))
		}
	}
}

func TestArrangeRefuses(t *testing.T) {
	const secret = "postgres://u:hunter2@h/db"
	for _, tt := range []struct {
		in         []string
		want, hint string
	}{
		{[]string{"inti"}, `unknown command "inti"`, "did you mean djharden init?"},
		{[]string{"xyz"}, `unknown command "xyz"`, "djharden --help"},
		{[]string{secret}, `unknown command "postgres://…"`, ""},
		{[]string{"--frob"}, "unknown flag --frob", "djharden --help"},
		{[]string{"--yes", "init"}, "--yes comes after the command", "djharden init --yes"},
		{[]string{"init", "--domian", "x"}, "init has no flag --domian", "did you mean --domain?"},
		{[]string{"init", "--databse-url=" + secret}, "init has no flag --databse-url", "djharden init --help"},
		{[]string{"init", "--csp"}, "--csp needs a value", "write --csp MODE"},
		{[]string{"init", "--csp", "--yes"}, "--csp needs a value", "write --csp MODE"},
		{[]string{"init", "--jwt", "false"}, "--jwt takes its value after an equals sign", "--jwt=false"},
		{[]string{"init", "--=x"}, "init has no flag --", ""},
		{[]string{"init", "---yes"}, "init has no flag ---yes", "did you mean --yes?"},
	} {
		_, err := arrange(tt.in, testCommands(), globalOptions())
		if err == nil {
			t.Errorf("%q: accepted", tt.in)
			continue
		}
		f := err.(*failure)
		if f.code != exitUsage || !strings.Contains(err.Error(), tt.want) || !strings.Contains(f.hint, tt.hint) {
			t.Errorf("%q: got %d %q hint %q, want %q hint %q", tt.in, f.code, err, f.hint, tt.want, tt.hint)
		}
		if strings.Contains(err.Error()+f.hint, "hunter2") {
			t.Errorf("%q: the password is shown", tt.in)
		}
	}
}

func FuzzArrange(f *testing.F) {
	f.Add("init mysite --domain example.com --yes")
	f.Add("init -- --yes --csp=off")
	f.Fuzz(func(t *testing.T, line string) {
		in := strings.Fields(line)
		got, err := arrange(in, testCommands(), globalOptions())
		if err != nil || len(got) == 0 || got[0] != "init" {
			return
		}
		// Flags, then --, then the rest: no argument is lost, and none turns
		// into a flag.
		i := slices.Index(got, "--")
		if i < 0 {
			t.Fatalf("%q: no -- in %q", in, got)
		}
		for _, a := range got[1:i] {
			if !strings.HasPrefix(a, "--") || !strings.Contains(a, "=") {
				t.Fatalf("%q: %q before --", in, a)
			}
		}
		for _, a := range got[i+1:] {
			if !slices.Contains(in, a) {
				t.Fatalf("%q: %q came from nowhere", in, a)
			}
		}
		again, err := arrange(got, testCommands(), globalOptions())
		if err != nil || !slices.Equal(again, got) {
			t.Fatalf("%q: arranged twice: %q, %v", in, again, err)
		}
	})
}

func TestGitignore(t *testing.T) {
	for _, tt := range []struct {
		text string
		want bool
	}{
		{".env\n", true}, {"/.env\n", true}, {"**/.env\n", true}, {".env*\n", true}, {"*.env\r\n", true}, {".en?\n", true},
		{"", false}, {"# .env\n", false}, {"env\n", false}, {".env/\n", false}, {".env.*\n", false}, {"x/.env\n", false},
		{".env\n!.env\n", false}, {"!.env\n.env\n", true}, {".env*\n!.env.example\n", true}, {".env  \n", true},
	} {
		if got := ignores(tt.text, ".env"); got != tt.want {
			t.Errorf("%q: %v", tt.text, got)
		}
	}
	if !ignores(".env\n!.env\n", "!.env") || ignores(".env\n", "!.env") {
		t.Error("a file let in again isn't seen")
	}
}

func TestNearest(t *testing.T) {
	names := []string{"init", "undo", "completion", "version", "help"}
	for in, want := range map[string]string{"inti": "init", "unod": "undo", "complete": "completion", "ver": "version", "deploy": "", "INIT": "init"} {
		if got := nearest(in, names); got != want {
			t.Errorf("nearest(%q) = %q, want %q", in, got, want)
		}
	}
}
