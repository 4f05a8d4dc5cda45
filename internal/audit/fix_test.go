package audit

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"golang.org/x/tools/txtar"
)

// fixedText is a project's files after the corrections, changed ones alone.
func fixedText(t *testing.T, text string) (string, *Report) {
	t.Helper()
	fsys := example(t, text)
	files := Fixes(Run(load(t, fsys), Selection{}))
	var out txtar.Archive
	for _, f := range files {
		if string(fsys[f.Path].Data) != string(f.Was) {
			t.Errorf("%s: was %q", f.Path, f.Was)
		}
		fsys[f.Path] = &fstest.MapFile{Data: f.Data}
		data := strings.TrimPrefix(string(f.Data), "from hardened import *\n")
		out.Files = append(out.Files, txtar.File{Name: f.Path, Data: []byte(data)})
	}
	after := Run(load(t, fsys), Selection{})
	if again := Fixes(after); len(again) > 0 {
		t.Errorf("corrected again: %s", again[0].Data)
	}
	return string(txtar.Format(&out)), after
}

func TestFixes(t *testing.T) {
	const settings = "-- settings.py --\n"
	for _, c := range []struct{ name, text, want, rule string }{
		{"a dead line, and the comment on it", "A = 1\nSECURE_BROWSER_XSS_FILTER = True  # old\n# stays\nB = 2\n", settings + "A = 1\n# stays\nB = 2\n", "setting-removed"},
		{"over several lines", "A = 1\nUSE_L10N = (\n    True  # why\n)\nB = 2\n", settings + "A = 1\nB = 2\n", "setting-removed"},
		{"the first on a line", "USE_L10N = True; A = 1  # c\n", settings + "A = 1  # c\n", "setting-removed"},
		{"the last on a line", "A = 1; USE_L10N = True  # c\n", settings + "A = 1  # c\n", "setting-removed"},
		{"alone in a block", "if 1:\n    USE_L10N = True  # c\nA = 1\n", settings + "if 1:\n    pass  # c\nA = 1\n", "setting-removed"},
		{"among others in a block", "if 1:\n\tUSE_L10N = True\n\tA = 1\n", settings + "if 1:\n\tA = 1\n", "setting-removed"},
		{"set, and set again", "USE_L10N = False\nUSE_L10N = True\nA = 1\n", settings + "A = 1\n", "setting-removed"},
		{"in another file", "from more import *\nA = 1\n-- more.py --\nUSE_L10N = True\nC = 3\n-- settings.py --\nfrom hardened import *\nfrom more import *\n", "-- more.py --\nC = 3\n", "setting-removed"},
		{"with its line ends", "A = 1\r\nUSE_L10N = True\r\nB = 2\r\n", settings + "A = 1\r\nB = 2\r\n", "setting-removed"},
		{"named in a text", "USE_L10N = True\nA = ['USE_L10N']\n", "", "setting-removed"},
		{"set with another", "USE_L10N = A = True\n", "", "setting-removed"},
		{"a text for a boolean", "SESSION_COOKIE_SECURE = 'True'  # c\n", settings + "SESSION_COOKIE_SECURE = True  # c\n", "string-for-boolean"},
		{"a text in brackets", "SESSION_COOKIE_SECURE = (\n    'True'  # c\n)\n", settings + "SESSION_COOKIE_SECURE = (\n    True  # c\n)\n", "string-for-boolean"},
		{"a text that says no", "SECURE_HSTS_PRELOAD = 'False'\n", settings + "SECURE_HSTS_PRELOAD = False\n", "string-for-boolean"},
		{"a list from an empty variable", "import os\nALLOWED_HOSTS = os.environ.get('HOSTS', '').split(',')  # c\n", settings + "import os\nALLOWED_HOSTS = [item.strip() for item in os.environ.get('HOSTS', '').split(',') if item.strip()]  # c\n", "hosts-that-never-match"},
		{"a switch from a text", "import os\nDEBUG = bool(os.getenv('DEBUG', 'False'))\n", settings + "import os\nDEBUG = str(os.getenv('DEBUG', 'False')).lower() in (\"1\", \"true\", \"yes\", \"on\")\n", "debug-on"},
		{"a switch that is on", "import os\nDEBUG = bool(os.getenv('DEBUG', 'yes'))\n", "", "debug-on"},
		{"origins from an empty variable", "import os\nCSRF_TRUSTED_ORIGINS = os.getenv('ORIGINS', '').split(',')\n", settings + "import os\nCSRF_TRUSTED_ORIGINS = [item.strip() for item in os.getenv('ORIGINS', '').split(',') if item.strip()]\n", "csrf-origins-broken"},
		{"a misspelt name", "EMAIL_TIMEOUTS = 3  # c\n", settings + "EMAIL_TIMEOUT = 3  # c\n", "setting-misspelt"},
		{"a misspelt key", "SILENCED_SYSTEM_CHECKS = []\nCACHES = {\"default\": {\"BACKENDS\": \"django.core.cache.backends.redis.RedisCache\", 'LOCATION': 'rediss://cache/0'}}  # c\n", settings + "SILENCED_SYSTEM_CHECKS = []\nCACHES = {\"default\": {\"BACKEND\": \"django.core.cache.backends.redis.RedisCache\", 'LOCATION': 'rediss://cache/0'}}  # c\n", "key-misspelt"},
		{"a misspelt key of a package", "REST_FRAMEWORK = REST_FRAMEWORK | {\n    'NON_FIELD_ERROR_KEY': 'x',  # c\n}\n", settings + "REST_FRAMEWORK = REST_FRAMEWORK | {\n    'NON_FIELD_ERRORS_KEY': 'x',  # c\n}\n", "rest-unknown-key"},
		{"a misspelt name whose right one is set", "SECURE_HSTS_SECOND = 3600\n", "", "setting-misspelt"},
		{"a secret cookie for scripts", "SESSION_COOKIE_HTTPONLY = False  # c\n", settings + "SESSION_COOKIE_HTTPONLY = True  # c\n", "session-cookie-readable"},
	} {
		got, after := fixedText(t, c.text)
		if got != c.want {
			t.Errorf("%s: corrected to\n%q\nwant\n%q", c.name, got, c.want)
		}
		left := slices.ContainsFunc(after.With(Fail), func(f Finding) bool { return f.Rule.Name == c.rule })
		if left != (c.want == "") {
			t.Errorf("%s: %s fails after it: %v", c.name, c.rule, left)
		}
	}
}
