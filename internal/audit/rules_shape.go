package audit

import (
	"fmt"
	"slices"
	"strings"

	"github.com/djharden/djharden/internal/pyeval"
)

var shapeRules = []*Rule{
	{
		ID: "DH611", Name: "string-for-boolean", Title: "a text stands where True or False belongs", Severity: Low,
		Why: `Any text but the empty one is true, "False" too, so the setting can't be switched off; Django's and the packages' checks take it for unset.`,
		Fix: `SECURE_SSL_REDIRECT = True`,
		CWE: []int{704}, ASVS: []string{"15.3.5"},
		Refs:   []string{checks},
		Checks: []string{"security.W005", "security.W006", "security.W008", "security.W010", "security.W011", "security.W012", "security.W013", "security.W014", "security.W015", "security.W016", "security.W021", "corsheaders.E003", "corsheaders.E005", "corsheaders.E015"},
		Bad:    "import os\nSECURE_SSL_REDIRECT = os.environ.get(\"SSL_REDIRECT\", \"True\")",
		Good:   "import os\nSECURE_SSL_REDIRECT = os.environ.get(\"SSL_REDIRECT\", \"True\").lower() in (\"1\", \"true\")",
		check:  checkBooleans,
	},
	{
		ID: "DH612", Name: "key-misspelt", Title: "a key that nothing reads, by a name near a real one", Severity: Medium,
		Why:   "Django takes from these dicts what it knows and says nothing of the rest: the default stays, and the line looks like it did something.",
		Fix:   `# the key that the message gives`,
		CWE:   []int{1164},
		Refs:  []string{settings + "caches", settings + "templates", "https://docs.python.org/3/library/logging.config.html#logging-config-dictschema"},
		Bad:   `CACHES["default"]["LOCATON"] = "rediss://other.example.com:6379/0"`,
		Good:  `CACHES["default"]["KEY_PREFIX"] = "lms"`,
		check: checkKeys,
	},
}

// booleans protect when they are on, and are compared with True itself.
var booleans = []string{"SECURE_SSL_REDIRECT", "SESSION_COOKIE_SECURE", "SESSION_COOKIE_HTTPONLY", "CSRF_COOKIE_SECURE", "SECURE_HSTS_INCLUDE_SUBDOMAINS", "SECURE_HSTS_PRELOAD", "SECURE_CONTENT_TYPE_NOSNIFF"}

func checkBooleans(p *Project, r *report) {
	for _, name := range booleans {
		v, own := p.get(name)
		if own && v.Kind != pyeval.Bool && v.Kind != pyeval.Unknown && v.Kind != pyeval.Choice && v.Truth() == pyeval.Yes {
			r.fail(p, name, v, fmt.Sprintf("%s is %s, not True", name, kindWord(v))).fix(name + " = True")
		}
	}
	if p.middleware(corsMiddleware) != pyeval.Yes {
		return
	}
	for _, name := range []string{"CORS_ALLOW_CREDENTIALS", "CORS_ALLOW_ALL_ORIGINS", "CORS_ORIGIN_ALLOW_ALL", "CORS_ALLOW_PRIVATE_NETWORK"} {
		v, own := p.get(name)
		open := strings.HasSuffix(name, "_ALL") || strings.HasSuffix(name, "_ORIGINS")
		if own && v.Kind != pyeval.Bool && v.Kind != pyeval.Unknown && v.Kind != pyeval.Choice && !(open && v.Truth() == pyeval.Yes) {
			r.fail(p, name, v, fmt.Sprintf("%s is %s, neither True nor False", name, kindWord(v))).fix(name + " = False")
		}
	}
}

func kindWord(v *pyeval.Value) string {
	switch v.Kind {
	case pyeval.Str:
		return fmt.Sprintf("the string %q", v.S)
	case pyeval.Int:
		return fmt.Sprintf("the number %d", v.N)
	case pyeval.None:
		return "None"
	}
	return "another object"
}

// checkKeys compares the keys of dicts whose readers ignore what they don't
// know; those of packages and of DATABASES have rules of their own.
func checkKeys(p *Project, r *report) {
	for _, d := range []struct {
		setting string
		keys    string
		inner   bool // the keys are those of each dict in the setting
	}{
		{"CACHES", "BACKEND LOCATION OPTIONS TIMEOUT KEY_PREFIX KEY_FUNCTION VERSION REVERSE_KEY_FUNCTION", true},
		{"TEMPLATES", "BACKEND DIRS APP_DIRS NAME OPTIONS", true},
		{"LOGGING", "version formatters filters handlers loggers root incremental disable_existing_loggers", false},
	} {
		v, own := p.get(d.setting)
		if !own {
			continue
		}
		dicts := []*pyeval.Value{v}
		if d.inner {
			dicts = v.Items
		}
		for _, x := range dicts {
			if x.Kind == pyeval.Dict {
				misspeltKeys(p, r, d.setting, v, x, strings.Fields(d.keys))
			}
		}
	}
}

func misspeltKeys(p *Project, r *report, setting string, whole, x *pyeval.Value, keys []string) {
	for _, k := range x.Keys {
		if k.Kind != pyeval.Str || slices.Contains(keys, k.S) {
			continue
		}
		if real := resembles(k.S, keys); real != "" {
			r.fail(p, setting, whole, fmt.Sprintf("nothing reads the key %q of %s; it is %q", k.S, setting, real)).
				at(ownPlace(k, whole)).fix(fmt.Sprintf("# %q -> %q", k.S, real))
		}
	}
}
