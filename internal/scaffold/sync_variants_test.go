package scaffold

import (
	"bytes"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/djharden/djharden/internal/django"

	"github.com/rogpeppe/go-internal/diff"
)

// blocks are what settings of real projects say, one way or another; each
// replaces a text of the plain fixture's settings, or stands at their end.
var blocks = []struct{ old, new string }{
	{"SECRET_KEY = 'django-insecure-plain-0123456789abcdefghijklmnopqrstuvwxyz()'", "import os\nSECRET_KEY = os.environ.get('SECRET_KEY', 'django-insecure-default-0123456789-abcdefgh')"},
	{"SECRET_KEY = 'django-insecure-plain-0123456789abcdefghijklmnopqrstuvwxyz()'", "import os\nSECRET_KEY = os.environ['DJANGO_SECRET_KEY']"},
	{"SECRET_KEY = 'django-insecure-plain-0123456789abcdefghijklmnopqrstuvwxyz()'", "import os\nSECRET_KEY = os.getenv('APP_KEY') or 'django-insecure-default-0123456789-abcdefgh'"},
	{"DEBUG = True", "import os\nDEBUG = os.environ.get('DEBUG', '1') == '1'"},
	{"DEBUG = True", "DEBUG = True\nif DEBUG:\n    INTERNAL_IPS = ['127.0.0.1']"},
	{"DEBUG = True", "import os\nDEBUG = bool(int(os.environ.get('DJANGO_DEBUG', 1)))\nTEMPLATE_DEBUG = DEBUG"},
	{"ALLOWED_HOSTS = []", "import os\nALLOWED_HOSTS = os.environ.get('HOSTS', 'localhost').split(',')"},
	{"ALLOWED_HOSTS = []", "ALLOWED_HOSTS = ['*']"},
	{"        'ENGINE': 'django.db.backends.sqlite3',\n        'NAME': BASE_DIR / 'db.sqlite3',", "        'ENGINE': 'django.db.backends.postgresql',\n        'NAME': 'shop',\n        'USER': 'shop',\n        'PASSWORD': 'a-password-in-the-code',\n        'HOST': 'db.example.com',"},
	{"DATABASES = {\n    'default': {\n        'ENGINE': 'django.db.backends.sqlite3',\n        'NAME': BASE_DIR / 'db.sqlite3',\n    }\n}", "import dj_database_url\nDATABASES = {'default': dj_database_url.config(default='sqlite:///db.sqlite3')}"},
	{"    'django.contrib.staticfiles',\n", "    'django.contrib.staticfiles',\n    'rest_framework',\n    'rest_framework_simplejwt',\n    'corsheaders',\n"},
	{"    'django.contrib.staticfiles',\n", "    'django.contrib.staticfiles',\n    'rest_framework',\n    'rest_framework.authtoken',\n"},
	{"    'django.middleware.security.SecurityMiddleware',\n", ""},
	{"    'django.middleware.security.SecurityMiddleware',\n", "    'django.middleware.security.SecurityMiddleware',\n    'whitenoise.middleware.WhiteNoiseMiddleware',\n"},
	{"", "CORS_ALLOW_ALL_ORIGINS = True\n"},
	{"", "CORS_ALLOWED_ORIGINS = ['https://front.example.com']\n"},
	{"", "from datetime import timedelta\nSIMPLE_JWT = {'ACCESS_TOKEN_LIFETIME': timedelta(days=7), 'SIGNING_KEY': 'a-signing-key-in-the-code-0123456789'}\n"},
	{"", "SIMPLE_JWT = {'SIGNING_KEY': SECRET_KEY}\n"},
	{"", "REST_FRAMEWORK = {'DEFAULT_PERMISSION_CLASSES': ['rest_framework.permissions.AllowAny']}\n"},
	{"", "STRIPE_SECRET_KEY = 'sk_live_0123456789abcdefghij'\nEMAIL_HOST_PASSWORD = 'mail-password-in-code'\n"},
	{"", "EMAIL_BACKEND = 'django.core.mail.backends.console.EmailBackend'\n"},
	{"", "LOGGING = {'version': 1, 'handlers': {'console': {'class': 'logging.StreamHandler'}}}\n"},
	{"", "CACHES = {'default': {'BACKEND': 'django.core.cache.backends.locmem.LocMemCache'}}\n"},
	{"", "SECURE_HSTS_SECONDS = 31536000\nSECURE_SSL_REDIRECT = True\nSESSION_COOKIE_SECURE = True\n"},
	{"", "STATICFILES_STORAGE = 'whitenoise.storage.CompressedManifestStaticFilesStorage'\n"},
	{"", "MEDIA_ROOT = BASE_DIR / 'media'\nSTATIC_ROOT = BASE_DIR / 'static_out'\n"},
	{"", "PASSWORD_HASHERS = ['django.contrib.auth.hashers.MD5PasswordHasher']\n"},
	{"", "CSP_DEFAULT_SRC = [\"'self'\"]\n"},
}

// variant is the plain fixture with blocks in it.
func variant(t *testing.T, picks []int) func(string, []byte) []byte {
	return func(path string, b []byte) []byte {
		if path != "school/settings.py" {
			return b
		}
		for _, i := range picks {
			if blocks[i].old == "" {
				b = append(b, blocks[i].new...)
			} else {
				b = bytes.Replace(b, []byte(blocks[i].old), []byte(blocks[i].new), 1)
			}
		}
		return b
	}
}

// TestSyncAfterAdoptOfVariants: whatever the settings said before they were
// adopted, sync makes of them what init made.
func TestSyncAfterAdoptOfVariants(t *testing.T) {
	var all [][]int
	for i := range blocks {
		all = append(all, []int{i})
	}
	r := rand.New(rand.NewPCG(11, 1))
	more := 200
	if testing.Short() {
		more = 30
	}
	for range more {
		all = append(all, []int{r.IntN(len(blocks)), r.IntN(len(blocks)), r.IntN(len(blocks)), r.IntN(len(blocks))})
	}
	made := 0
	for _, picks := range all {
		fsys := adoptFS(t, "plain.txtar", variant(t, picks))
		p, err := django.Read(fsys, "")
		if err != nil {
			continue // refused: nothing was made
		}
		a := adoptAnswers(p)
		if Validate(a) != nil {
			continue
		}
		res, err := Render(Input{Answers: a, Project: p, Secrets: adoptSecrets, Version: "1.0"})
		if err != nil {
			continue
		}
		made++
		after := afterWrite(fsys, res.Files)
		for _, f := range syncAgain(t, after, nil).Files {
			if now := after[f.Path]; f.Keep != "" || now == nil || !bytes.Equal(now.Data, f.Data) {
				var said []string
				for _, i := range picks {
					said = append(said, blocks[i].new)
				}
				was := []byte(nil)
				if now != nil {
					was = now.Data
				}
				t.Errorf("%s changes after\n%s\n%s%s", f.Path, strings.Join(said, "\n"), f.Keep, diff.Diff("init", was, "sync", f.Data))
			}
		}
		if t.Failed() {
			return
		}
		// With other answers twice is once.
		other := syncAgain(t, after, func(in *SyncInput) {
			in.Answers.Django, in.Answers.RedisURL, in.Answers.CSP, in.EditEnv = "6.1", "redis://127.0.0.1:6379/0", "enforce", true
			in.Answers.Domains, in.Answers.UploadLimit = []string{"other.example"}, 1<<20
		})
		after = afterWrite(after, other.Files)
		for _, f := range syncAgain(t, after, nil).Files {
			if now := after[f.Path]; f.Keep == "" && (now == nil || !bytes.Equal(now.Data, f.Data)) {
				t.Fatalf("%v: %s changes again:\n%s", picks, f.Path, f.Data)
			}
		}
	}
	if made < len(all)/3 {
		t.Errorf("only %d of %d were adopted", made, len(all))
	}
}
