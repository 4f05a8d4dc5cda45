package django

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// presets are the features of each preset, with all that its defaults and its
// usual options add.
func presets(f Facts) map[string][]Feature {
	csp := []Feature{}
	if !f.BuiltinCSP {
		csp = append(csp, CSPPackage)
	}
	return map[string][]Feature{
		"lms":  append([]Feature{API, JWT, Lockout, Ratelimit, TwoFactor, Redis}, csp...),
		"site": append([]Feature{Lockout, TwoFactor}, csp...),
		"api":  append([]Feature{API, JWT, Lockout}, csp...),
	}
}

// TestPins installs every set of pins in an environment of its own and asks
// pip whether it holds together. It needs a package index: `make pins`.
func TestPins(t *testing.T) {
	if os.Getenv("DJHARDEN_PINS") == "" {
		t.Skip("installs 13 environments; `make pins` runs it")
	}
	python := findPython(t)
	uv, _ := filepath.Glob("../../.cache/venvs/uv-*/bin/uv")
	install := func(t *testing.T, lines []string) {
		dir := t.TempDir()
		venv, requirements := filepath.Join(dir, "venv"), filepath.Join(dir, "requirements.txt")
		if err := os.WriteFile(requirements, []byte(strings.Join(lines, "\n")+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
		in := filepath.Join(venv, "bin", "python")
		steps := [][]string{
			{python, "-m", "venv", venv},
			{in, "-m", "pip", "install", "-q", "--disable-pip-version-check", "--only-binary", ":all:", "-r", requirements},
			{in, "-m", "pip", "check"},
		}
		if len(uv) > 0 { // a tenth of the time
			steps = [][]string{
				{uv[0], "venv", "-q", "--python", python, venv},
				{uv[0], "pip", "install", "-q", "--python", in, "--only-binary", ":all:", "-r", requirements},
				{uv[0], "pip", "check", "--python", in},
			}
		}
		for _, args := range steps {
			cmd := exec.Command(args[0], args[1:]...)
			cmd.Env = append(os.Environ(), "UV_PYTHON_DOWNLOADS=never", "UV_NO_CONFIG=1")
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Fatalf("%s: %v\n%s", strings.Join(args, " "), err, out)
			}
		}
	}
	for _, f := range facts {
		for preset, features := range presets(f) {
			t.Run(f.Series+" "+preset, func(t *testing.T) {
				var lines []string
				for _, p := range Pins(f.Series, features...) {
					lines = append(lines, p.Line)
				}
				install(t, lines)
			})
		}
	}
	t.Run("dev", func(t *testing.T) {
		var lines []string
		for _, p := range DevPins() {
			lines = append(lines, p.Line)
		}
		install(t, lines)
	})
}

// findPython returns an interpreter that every series runs on. A shim on PATH
// may be there and not run, so each is asked.
func findPython(t *testing.T) string {
	t.Helper()
	candidates := []string{os.Getenv("PYTHON"), "python3.12"}
	home, _ := os.UserHomeDir()
	installed, _ := filepath.Glob(filepath.Join(home, ".pyenv/versions/3.12*/bin/python3"))
	for _, c := range append(candidates, installed...) {
		if c == "" {
			continue
		}
		out, err := exec.Command(c, "-c", "import ensurepip, sys, venv; assert sys.version_info[:2] == (3, 12); print(sys.executable)").Output()
		if err == nil {
			return strings.TrimSpace(string(out))
		}
	}
	t.Fatal("no Python 3.12 that runs, which is the one that every Django series takes: set PYTHON=")
	return ""
}

func TestPinsBySeries(t *testing.T) {
	requirement := regexp.MustCompile(`^[A-Za-z][A-Za-z0-9-]*(\[[a-z]+\])?(~=|>=)\d+(\.\d+)+(,<\d+)?$`)
	for _, f := range facts {
		for preset, features := range presets(f) {
			names := map[string]bool{}
			for _, p := range Pins(f.Series, features...) {
				if !requirement.MatchString(p.Line) {
					t.Errorf("%s %s: %q", f.Series, preset, p.Line)
				}
				if names[p.Name] {
					t.Errorf("%s %s: %s twice", f.Series, preset, p.Name)
				}
				names[p.Name] = true
			}
			if names["django-csp"] == f.BuiltinCSP {
				t.Errorf("%s %s: django-csp and Django's own CSP never go together", f.Series, preset)
			}
			if preset == "site" && (names["djangorestframework"] || names["pyjwt"]) {
				t.Errorf("%s %s: packages of an API", f.Series, preset)
			}
		}
		if want := fmt.Sprintf("Django~=%s", f.Latest); Pins(f.Series)[0].Line != want {
			t.Errorf("%s: %s, and the latest is %s", f.Series, Pins(f.Series)[0].Line, f.Latest)
		}
	}
}

func TestPinName(t *testing.T) {
	for line, want := range map[string]string{
		"Django~=5.2": "django", "Django_Axes[ipware] == 8": "django-axes", "  psycopg[binary]": "psycopg", "zope.interface>1": "zope-interface",
		"-r base.txt": "", "# Django": "", "": "", "--hash=sha256:0": "", "a--b": "a-b",
	} {
		if got := PinName(line); got != want {
			t.Errorf("%q is about %q, want %q", line, got, want)
		}
	}
}

func TestFacts(t *testing.T) {
	if got := NewestLTS(); got != "5.2" {
		t.Errorf("newest LTS %s", got)
	}
	if got := AllSeries(); !slices.Equal(got, []string{"4.2", "5.2", "6.0", "6.1"}) {
		t.Errorf("series %q", got)
	}
	if _, ok := FactsOf("5.1"); ok {
		t.Error("5.1 is out of support and not in the table")
	}
}
