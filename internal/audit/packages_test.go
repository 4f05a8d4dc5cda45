package audit

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/djharden/djharden/internal/django"
)

// eachSeries runs a program with the packages of each Django series and
// decodes what it prints; ARGS is what it is given.
func eachSeries[T any](t *testing.T, program string, args []string, check func(t *testing.T, got T)) {
	t.Helper()
	given, err := json.Marshal(args)
	if err != nil {
		t.Fatal(err)
	}
	again, err := json.Marshal(string(given))
	if err != nil {
		t.Fatal(err)
	}
	for _, series := range django.AllSeries() {
		t.Run(series, func(t *testing.T) {
			var got T
			printed(t, series, "import json\nARGS = json.loads("+string(again)+")\n"+program, &got)
			check(t, got)
		})
	}
}

const setUp = `
import importlib, json, sys
from django.conf import settings
settings.configure(SECRET_KEY="x" * 50, CACHES={"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}})
import django
django.setup()
`

// TestKeysAgree: the packages know the keys that the tables hold, and refuse
// those that the tables say.
func TestKeysAgree(t *testing.T) {
	eachSeries(t, setUp+`
from rest_framework import settings as rest
from rest_framework_simplejwt import settings as jwt
print(json.dumps([sorted(rest.DEFAULTS), rest.REMOVED_SETTINGS, sorted(jwt.DEFAULTS), sorted(jwt.REMOVED_SETTINGS)]))
`, nil, func(t *testing.T, got [][]string) {
		for i, table := range [][]string{restKeys, restRemoved, jwtKeys, jwtRemoved} {
			contains(t, fmt.Sprint("table ", i), table, got[i])
			if i != 0 { // REST framework 3.17 has a few less than 3.18
				contains(t, fmt.Sprint("the package, of table ", i), got[i], table)
			}
		}
	})
	var mail []string
	printed(t, "6.1", "import json; from django.conf import DEPRECATED_EMAIL_SETTINGS as d; print(json.dumps(sorted(d)))", &mail)
	if !slices.Equal(mail, slices.Sorted(slices.Values(legacyMail))) {
		t.Errorf("Django refuses %q, the table has %q", mail, legacyMail)
	}
}

// TestRatesAgree: a rate is read as REST framework reads it.
func TestRatesAgree(t *testing.T) {
	rates := []string{"60/min", "5/m", "100/month", "5/15m", "10/week", "1/year", "7/d", "60 /hour", "60/ hour", "1_000/day", "x/min", "5", "5/", "/m", "5/m/h", "5/M", "5/sec", "5/minutes", ""}
	eachSeries(t, setUp+`
from rest_framework.throttling import UserRateThrottle
class T(UserRateThrottle):
    rate = "1/s"
def read(s):
    try: return list(T().parse_rate(s))
    except Exception: return None
print(json.dumps([read(s) for s in ARGS]))
`, rates, func(t *testing.T, got [][]int) {
		for i, s := range rates {
			r, err := parseRate(s)
			if (err != nil) != (got[i] == nil) {
				t.Errorf("%q: %v, REST framework %v", s, err, got[i])
			} else if err == nil && !slices.Equal([]int{r.count, r.every}, got[i]) {
				t.Errorf("%q is %+v, REST framework %v", s, r, got[i])
			}
		}
	})
}

// TestNamesAgree: the classes and settings that rules name exist, and axes
// calls old what the table does.
func TestNamesAgree(t *testing.T) {
	names := []string{
		whiteNoise, "axes.middleware.AxesMiddleware", "axes.backends.AxesStandaloneBackend", "axes.handlers.cache.AxesCacheHandler",
		"django_otp.middleware.OTPMiddleware", "django_otp.admin.OTPAdminSite", "django.views.static.serve",
		"rest_framework.renderers.BrowsableAPIRenderer", "rest_framework.authentication.BasicAuthentication", "rest_framework.permissions.AllowAny",
		"django.utils.log.AdminEmailHandler", "django.utils.log.RequireDebugTrue", "django.contrib.auth.backends.AllowAllUsersModelBackend",
	}
	names = append(names, unthrottled...)
	for _, s := range signIns {
		if strings.HasPrefix(s, "rest_framework_simplejwt.") {
			names = append(names, s)
		}
	}
	for module, classes := range storageClasses {
		for _, c := range classes {
			names = append(names, module+c)
		}
	}
	for _, short := range []string{"dummy.DummyCache", "locmem.LocMemCache", "filebased.FileBasedCache", "db.DatabaseCache"} {
		names = append(names, djangoCaches+short)
	}
	var old []string
	for _, pair := range axesRemoved {
		old = append(old, pair[0])
	}
	eachSeries(t, `
import importlib, inspect, json, re, sys
from django.conf import settings
settings.configure(SECRET_KEY="x" * 50, INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", "django.contrib.staticfiles", "rest_framework.authtoken", "django_otp", "axes"], STATIC_URL="/s/")
import django
django.setup()
lacks = []
for name in ARGS:
    module, _, attr = name.rpartition(".")
    try: getattr(importlib.import_module(module), attr)
    except Exception as e: lacks.append(f"{name}: {e}")
from axes import checks
old = re.findall(r'"(AXES_\w+)",', inspect.getsource(checks.axes_deprecation_check))
print(json.dumps([lacks, old]))
`, names, func(t *testing.T, got [][]string) {
		for _, s := range got[0] {
			t.Error(s)
		}
		for _, s := range got[1] {
			if !slices.Contains(old, s) {
				t.Errorf("axes calls %s old", s)
			}
		}
	})
}

// loggings are configurations, and whether a warning of django.security is
// written down under each.
var loggings = map[string]string{
	"unset":            `{}`,
	"root":             `{"version": 1, "handlers": {"c": {"class": "logging.StreamHandler"}}, "root": {"handlers": ["c"], "level": "INFO"}}`,
	"root at error":    `{"version": 1, "handlers": {"c": {"class": "logging.StreamHandler"}}, "root": {"handlers": ["c"], "level": "ERROR"}}`,
	"handler at error": `{"version": 1, "handlers": {"c": {"class": "logging.StreamHandler", "level": "ERROR"}}, "root": {"handlers": ["c"]}}`,
	"django":           `{"version": 1, "handlers": {"c": {"class": "logging.StreamHandler"}}, "loggers": {"django": {"handlers": ["c"]}}}`,
	"django at error":  `{"version": 1, "handlers": {"c": {"class": "logging.StreamHandler"}}, "loggers": {"django": {"handlers": ["c"], "level": "ERROR"}}}`,
	"django cut off":   `{"version": 1, "handlers": {"c": {"class": "logging.StreamHandler"}}, "root": {"handlers": ["c"]}, "loggers": {"django": {"handlers": [], "propagate": false}}}`,
	"security":         `{"version": 1, "handlers": {"c": {"class": "logging.StreamHandler"}}, "loggers": {"django.security": {"handlers": ["c"], "level": "WARNING", "propagate": false}}}`,
	"security alone":   `{"version": 1, "handlers": {"c": {"class": "logging.StreamHandler"}}, "root": {"handlers": ["c"]}, "loggers": {"django.security": {"propagate": false}}}`,
	"security high":    `{"version": 1, "handlers": {"c": {"class": "logging.StreamHandler"}}, "root": {"handlers": ["c"]}, "loggers": {"django.security": {"level": "CRITICAL"}}}`,
	"null":             `{"version": 1, "handlers": {"c": {"class": "logging.NullHandler"}}, "root": {"handlers": ["c"]}}`,
	"debug only":       `{"version": 1, "filters": {"d": {"()": "django.utils.log.RequireDebugTrue"}}, "handlers": {"c": {"class": "logging.StreamHandler", "filters": ["d"]}}, "root": {"handlers": ["c"], "level": "DEBUG"}}`,
	"production only":  `{"version": 1, "filters": {"d": {"()": "django.utils.log.RequireDebugFalse"}}, "handlers": {"c": {"class": "logging.StreamHandler", "filters": ["d"]}}, "root": {"handlers": ["c"], "level": "DEBUG"}}`,
	"logger filter":    `{"version": 1, "filters": {"d": {"()": "django.utils.log.RequireDebugTrue"}}, "handlers": {"c": {"class": "logging.StreamHandler"}}, "root": {"handlers": ["c"]}, "loggers": {"django.security": {"filters": ["d"]}}}`,
	"root in loggers":  `{"version": 1, "handlers": {"c": {"class": "logging.StreamHandler"}}, "loggers": {"": {"handlers": ["c"], "level": "INFO"}}}`,
	"two handlers":     `{"version": 1, "filters": {"d": {"()": "django.utils.log.RequireDebugTrue"}}, "handlers": {"a": {"class": "logging.StreamHandler", "filters": ["d"]}, "b": {"class": "logging.StreamHandler", "level": 30}}, "loggers": {"django": {"handlers": ["a", "b"], "level": "INFO"}}}`,
	"numbers":          `{"version": 1, "handlers": {"c": {"class": "logging.StreamHandler", "level": 40}}, "root": {"handlers": ["c"]}}`,
	"admins":           `{"version": 1, "handlers": {"c": {"class": "django.utils.log.AdminEmailHandler"}}, "root": {"handlers": ["c"]}}`,
	"off and named":    `{"version": 1, "disable_existing_loggers": true, "handlers": {"c": {"class": "logging.StreamHandler"}}, "root": {"handlers": ["c"]}}`,
}

// TestLoggingAgrees: what the rules think of LOGGING is what Django does.
func TestLoggingAgrees(t *testing.T) {
	names := slices.Sorted(maps.Keys(loggings))
	var args []string
	for _, n := range names {
		args = append(args, loggings[n])
	}
	const program = `
import io, json, logging, os, sys
from django.conf import settings
import django
from django.core import mail
import django.core.handlers.wsgi
import django.core.mail.backends.locmem

def judge(config):
    settings.configure(SECRET_KEY="x" * 50, DEBUG=False, LOGGING=json.loads(config), EMAIL_BACKEND="django.core.mail.backends.locmem.EmailBackend")
    sys.stderr = io.StringIO()
    django.setup()
    logging.lastResort = None  # it prints the bare text of what has no handler: no log
    logging.getLogger("django.security.csrf").warning("seen")
    request = not logging.getLogger("django.request").disabled
    return ["seen" in sys.stderr.getvalue() or bool(getattr(mail, "outbox", [])), request]

def apart(config):  # logging is set up once in a process
    r, w = os.pipe()
    if os.fork() == 0:
        os.write(w, json.dumps(judge(config)).encode())
        os._exit(0)
    os.wait()
    return json.loads(os.read(r, 1000))

print(json.dumps([apart(a) for a in ARGS]))
`
	eachSeries(t, program, args, func(t *testing.T, got [][2]bool) {
		for i, n := range names {
			for j, id := range []string{"DH541", "DH544"} {
				want := Pass
				if !got[i][j] {
					want = Fail
				}
				if s := statusOf(t, id, "LOGGING = "+pythonic(loggings[n])); s != want {
					t.Errorf("%s under %q: %v, Django %v", id, n, s, want)
				}
			}
		}
	})
}

func pythonic(s string) string {
	return strings.NewReplacer("true", "True", "false", "False").Replace(s)
}

// statusOf is the verdict of one rule on the hardened project with more
// settings.
func statusOf(t *testing.T, id, more string) Status {
	t.Helper()
	i := slices.IndexFunc(allRules, func(r *Rule) bool { return r.ID == id })
	out := Pass
	for _, f := range auditText(t, allRules[i:i+1], more+"\n") {
		if f.Status == Fail || out == Pass {
			out = f.Status
		}
	}
	return out
}
