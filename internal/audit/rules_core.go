package audit

import (
	"slices"
	"strings"

	"github.com/djharden/djharden/internal/pyeval"
)

const (
	docs     = "https://docs.djangoproject.com/en/stable/"
	settings = docs + "ref/settings/#"
	checks   = docs + "ref/checks/#security"
)

// coreRules are about what production starts with: debugging, secrets, hosts.
var coreRules = slices.Concat(startRules, secretRules, leakRules, hostRules)

var startRules = []*Rule{
	{
		ID: "DH101", Name: "debug-on", Title: "debugging is on in production", Severity: Critical, Item: 1,
		Why: "Every error shows a page with source, settings, local variables and SQL to whoever caused it, and each request is kept in memory.",
		Fix: `DEBUG = False`,
		CWE: []int{489}, ASVS: []string{"13.4.2", "16.5.1"},
		Refs:   []string{settings + "debug", checks},
		Checks: []string{"security.W018"},
		Bad:    `DEBUG = True`,
		Good:   `DEBUG = False`,
		check: func(p *Project, r *report) {
			r.ask(p, "DEBUG", whenOn("DEBUG is on"))
		},
	},
	{
		ID: "DH102", Name: "switch-from-string", Title: "a switch is on whatever the variable says", Severity: High,
		Why: `What comes from the environment is text, and Python takes "False", "0" and "no" for true: who turns the switch off turns it on.`,
		Fix: `DEBUG = os.environ.get("DEBUG", "") in ("1", "true", "True")`,
		CWE: []int{704}, ASVS: []string{"13.4.2", "15.3.5"},
		Refs:  []string{settings + "debug", "https://docs.python.org/3/library/stdtypes.html#truth-value-testing"},
		Bad:   "import os\nDEBUG = bool(os.getenv(\"DEBUG\", \"\"))",
		Good:  "import os\nDEBUG = os.getenv(\"DEBUG\", \"\") == \"True\"",
		check: checkSwitches,
	},
	{
		ID: "DH103", Name: "async-unsafe", Title: "the guard against database calls from async code is off", Severity: Medium,
		Why: "Django's connections aren't safe between coroutines: one request's queries and transactions can end up in another's.",
		Fix: `# delete the line that sets DJANGO_ALLOW_ASYNC_UNSAFE, and call the ORM through sync_to_async`,
		CWE: []int{362}, ASVS: []string{"15.4.1"},
		Refs:   []string{docs + "topics/async/#async-safety"},
		Checks: []string{"async.E001"},
		Bad:    "import os\nos.environ[\"DJANGO_ALLOW_ASYNC_UNSAFE\"] = \"true\"",
		Good:   "import os\nASYNC_UNSAFE = os.environ.get(\"DJANGO_ALLOW_ASYNC_UNSAFE\")",
		check:  checkAsyncUnsafe,
	},
}

// switches are dangerous when on, so a text that is true for every value is.
var switches = []string{"DEBUG", "CORS_ALLOW_ALL_ORIGINS", "CORS_ORIGIN_ALLOW_ALL", "CORS_ALLOW_CREDENTIALS", "USE_X_FORWARDED_HOST", "DEBUG_PROPAGATE_EXCEPTIONS"}

// checkSwitches asks what a variable set to "False" would do to each switch
// that is off by itself; one that is on has its own rule.
func checkSwitches(p *Project, r *report) {
	for _, name := range switches {
		v, own := p.get(name)
		if !own || !v.FromEnv() || v.Truth() == pyeval.Yes || p.Again == nil {
			continue
		}
		for _, variable := range v.Env {
			if p.truthyText(name, variable) {
				r.fail(p, name, v, variable+`=False in the environment turns `+name+` on: any text but the empty one is true`).
					fix(name + ` = os.environ.get("` + variable + `", "") in ("1", "true", "True")`)
				break
			}
		}
	}
}

// truthyText reports whether a setting is the text of a variable, or what
// bool() makes of it. A switch that asks whether the variable is there at all
// is another thing.
func (p *Project) truthyText(setting, variable string) bool {
	with := func(text string) *pyeval.Setting {
		if again := p.Again(map[string]string{variable: text}); again != nil {
			return again.Get(setting)
		}
		return nil
	}
	s := with("False")
	switch {
	case s == nil:
		return false
	case s.Value.IsStr("False"): // the text itself, not one of the settings
		no := with("no")
		return no != nil && no.Value.IsStr("no")
	}
	cast := strings.Contains(s.Value.At.Text(), "bool(") || strings.Contains(s.Decides().Text(), "bool(")
	return cast && s.Value.Truth() == pyeval.Yes
}

var asyncUnsafe = lazy(`(?m)^[^#\n]*?os\.(?:environ\s*(?:\[\s*["']DJANGO_ALLOW_ASYNC_UNSAFE["']\s*\]\s*=[^=]|\.(?:setdefault|update)\(\s*\{?\s*["']DJANGO_ALLOW_ASYNC_UNSAFE["'])|putenv\(\s*["']DJANGO_ALLOW_ASYNC_UNSAFE)`)

func checkAsyncUnsafe(p *Project, r *report) {
	for _, file := range p.Result.Files {
		text := p.text(file)
		if !strings.Contains(text, "DJANGO_ALLOW_ASYNC_UNSAFE") {
			continue
		}
		if at := asyncUnsafe().FindStringIndex(text); at != nil {
			s := at[0] + len(text[at[0]:at[1]]) - len(strings.TrimLeft(text[at[0]:at[1]], " \t"))
			r.fail(p, "", nil, "the settings set DJANGO_ALLOW_ASYNC_UNSAFE").at(placeIn(file, text, s, at[1]))
		}
	}
}
