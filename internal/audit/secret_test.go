package audit

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/djharden/djharden/internal/pyeval"
	"github.com/djharden/djharden/internal/pysrc"
)

// evaluated is a module's settings.
func evaluated(t *testing.T, source string) *pyeval.Result {
	t.Helper()
	r, err := pyeval.Load(pyeval.Options{FS: fstest.MapFS{"conf.py": {Data: []byte(source)}}, Path: []string{"."}, Module: "conf"})
	if err != nil {
		t.Fatal(err)
	}
	if r.Stopped != nil {
		t.Fatalf("%s: %s", source, r.Stopped.Why)
	}
	return r
}

func TestShowMasks(t *testing.T) {
	for _, c := range []struct{ setting, code, want string }{
		{"SECRET_KEY", `"hunter2"`, `"***"`},
		{"SECRET_KEY", `""`, `""`},
		{"SECRET_KEY_FALLBACKS", `["hunter2"]`, `["***"]`},
		{"EMAIL_HOST_PASSWORD", `"hunter2"`, `"***"`},
		{"DATABASES", `{"default": {"ENGINE": "a.b", "PASSWORD": "hunter2", "USER": "u"}}`, `{"default": {"ENGINE": "a.b", "PASSWORD": "***", "USER": "u"}}`},
		{"SIMPLE_JWT", `{"SIGNING_KEY": "hunter2", "ALGORITHM": "HS256"}`, `{"SIGNING_KEY": "***", "ALGORITHM": "HS256"}`},
		{"X", `{"client_secret": "hunter2", "apiKey": "hunter2", "n": {"aws-token": "hunter2", "pwd": "hunter2", "pass": "hunter2"}}`, `{"client_secret": "***", "apiKey": "***", "n": {"aws-token": "***", "pwd": "***", "pass": "***"}}`},
		{"DB_PASS", `"hunter2"`, `"***"`},
		{"DB_PWD", `"hunter2"`, `"***"`},
		{"MYPASSWORDS", `("hunter2", ["hunter2"])`, `("***", ["***"])`},
		{"CACHE", `"redis://:hunter2@h/0"`, `"redis://:***@h/0"`},
		{"CACHE", `["redis://u:hun/ter2@h/0?x=1"]`, `["redis://u:***@h/0?x=1"]`},
		{"CACHE", `"redis://u:hun@ter2@h/0"`, `"redis://u:***@h/0"`},
		{"DATABASE_URL", `"postgres://h/n?password=hunter2&a=1"`, `"postgres://h/n?password=***&a=1"`},
		{"X", `"host=h password=hunter2 dbname=n"`, `"host=h password=*** dbname=n"`},
		{"SENTRY_DSN", `"https://abc@sentry.example/1"`, `"***"`},
		{"PASSWORD_HASHERS", `["django.contrib.auth.hashers.Argon2PasswordHasher"]`, `["django.contrib.auth.hashers.Argon2PasswordHasher"]`},
		{"PASSWORD_RESET_TIMEOUT", `259200`, `259200`},
		{"DB_PASSWORD", `12345678`, `***`},
		{"X", `"AKIAIOSFODNN7EXAMPLE"`, `"***"`},
		{"X", `"sk_live_4eC39HqLyjWDarjtT1zdp7dc"`, `"***"`},
		{"X", `"9f86d081884c7d659a2feaa0c55ad015"`, `"***"`},
		{"X", `b"hunter2-9f86d081884c7d659a2feaa0c55ad015A"`, `b"***"`},
		{"SECRET", `b"hunter2"`, `b"***"`},
		{"X", `"-----BEGIN RSA PRIVATE KEY-----\nMIIE"`, `"***"`},
		{"MIDDLEWARE", `["django.middleware.clickjacking.XFrameOptionsMiddleware"]`, `["django.middleware.clickjacking.XFrameOptionsMiddleware"]`},
		{"REST_FRAMEWORK", `{"DEFAULT_AUTHENTICATION_CLASSES": ("rest_framework.authentication.TokenAuthentication",)}`, `{"DEFAULT_AUTHENTICATION_CLASSES": ("rest_framework.authentication.TokenAuthentication",)}`},
		{"STATIC_URL", `"/static/assets/version-2024-11/"`, `"/static/assets/version-2024-11/"`},
		{"CSRF_TRUSTED_ORIGINS", `["https://a.example.com:8443"]`, `["https://a.example.com:8443"]`},
		{"A", "(1,)", "(1,)"},
		{"A", "None", "None"},
		{"A", "-1.5", "-1.5"},
	} {
		r := evaluated(t, c.setting+" = "+c.code+"\n")
		if got := Show(c.setting, r.Get(c.setting).Value); got != c.want {
			t.Errorf("%s = %s\nis shown as %s\nwant        %s", c.setting, c.code, got, c.want)
		}
	}
}

func TestSourceLineMasks(t *testing.T) {
	for _, c := range []struct{ source, want string }{
		{"SECRET_KEY = 'hunter2'", "SECRET_KEY = '***'"},
		{"SECRET_KEY = os.environ.get('SECRET_KEY', 'hunter2')", "SECRET_KEY = os.environ.get('SECRET_KEY', '***')"},
		{"SECRET_KEY = env('KEY', default=\"hunter2\")", "SECRET_KEY = env('KEY', default=\"***\")"},
		{"SECRET_KEY = (\n  'hunter2'\n)", "SECRET_KEY = ("},
		{"\nSECRET_KEY = (\n  >'hunter2'\n)", "  '***'"},
		{"SECRET_KEY_FALLBACKS = [\n  'a', # 'hunter2'\n  >'hunter2', 'hunter2',\n]", "  '***', '***',"},
		{"D = {\n  'PASSWORD': 'x',\n  >'HOST': 'h',\n}", "  'HOST': 'h',"},
		{"DATABASES['default']['PASSWORD'] = 'hunter2'", "DATABASES['default']['PASSWORD'] = '***'"},
		{"SECRET_KEY = f'hun{a}ter2'", "SECRET_KEY = f'***'"},
		{"SECRET_KEY = '''\nhunter2'''", "SECRET_KEY = '''***'''"},
		{"DB = 'postgres://u:hunter2@h/n'", "DB = 'postgres://u:***@h/n'"},
		{"PASSWORD = 12345", "PASSWORD = ***"},
		{"ALLOWED_HOSTS = ['*']  # PASSWORD = 'hunter2'", "ALLOWED_HOSTS = ['*']  # PASSWORD = '***'"},
		{"ALLOWED_HOSTS = ['*']  # was 'example.com'", "ALLOWED_HOSTS = ['*']  # was 'example.com'"},
		{"A = 1  # old password: hunter2", "A = 1  # old password: ***"},
		{"A = 1  # redis://:hunter2@h/0", "A = 1  # redis://:***@h/0"},
		{"DEBUG = True", "DEBUG = True"},
		{"A = env('DEBUG', 'yes')", "A = env('DEBUG', 'yes')"},
		{"AUTH_PASSWORD_VALIDATORS = [{'NAME': 'a.b.C'}]", "AUTH_PASSWORD_VALIDATORS = [{'NAME': 'a.b.C'}]"},
	} {
		at := max(strings.IndexByte(c.source, '>'), 0) // where the place begins
		source := strings.Replace(c.source, ">", "", 1)
		m, err := pysrc.Parse([]byte(source))
		if err != nil {
			t.Fatal(err)
		}
		src := &pyeval.Source{Path: "conf.py", Mod: m}
		l := sourceLine(pyeval.Place{Src: src, S: at, E: len(source)})
		if l.Text != c.want {
			t.Errorf("%q is shown as\n%s\nwant\n%s", source, l.Text, c.want)
		}
	}
}
