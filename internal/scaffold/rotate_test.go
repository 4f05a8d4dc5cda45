package scaffold

import (
	"errors"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/djharden/djharden/internal/django"
)

const (
	newSecret = "NEWSECRETKEYnewsecretkey_0123456789abcdefghijklmnopqrstuvwxyzABCD"
	newJWT    = "NEWJWTKEYnewjwtkey_0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJ"
	oldSecret = "Vb7Xq9LkM4nR8sT1vW5yZ0aC3dF6gH_jP-QuEoIx2hG2kD7fS4aL1zX6cV0bN5mQ"
	oldJWT    = "9hG2kD7fS4aL1zX6cV0bN5mQ8wE3rT_yU-IoPlKj2b7Xq9LkM4nR8sT1vW5yZ0aC"
)

var rotatedAt = time.Date(2026, 11, 25, 14, 3, 5, 0, time.UTC)

// rotateIn rotates a key of a project that is given as file, text, file, text.
func rotateIn(t *testing.T, key, env string, files ...string) (Rotated, error) {
	t.Helper()
	fsys := fstest.MapFS{}
	for i := 0; i < len(files); i += 2 {
		fsys[files[i]] = &fstest.MapFile{Data: []byte(files[i+1])}
	}
	keys, err := django.ReadKeys(fsys)
	if err != nil {
		t.Fatal(err)
	}
	return Rotate(Rotation{Key: FindRotateKey(key), Env: []byte(env), Keys: keys, Secrets: Secrets{newSecret, newJWT, "staff-abcdefgh/"}, Now: rotatedAt})
}

// TestRotateFindsTheVariable names, for settings of many makes, what .env is
// to hold after a rotation, or why there is none.
func TestRotateFindsTheVariable(t *testing.T) {
	const (
		readsOld = "SECRET_KEY_FALLBACKS = env.list('SECRET_KEY_FALLBACKS', default=[])\n"
		kept     = "\n# Old keys that still verify, comma-separated.\n# Replaced: 2026-11-25T14:03:05Z\nSECRET_KEY_FALLBACKS=old"
		apps     = "INSTALLED_APPS = ['rest_framework_simplejwt']\n"
	)
	for name, c := range map[string]struct {
		key, env, settings string
		want               string // .env afterwards
		refused            string
		warned             string // codes
	}{
		"os.environ": {"secret-key", "SECRET_KEY=old\n", "SECRET_KEY = os.environ['SECRET_KEY']\n", "SECRET_KEY=" + newSecret + kept + "\n", "", "not-read"},
		"django-environ under another name": {"secret-key", "DJANGO_SECRET_KEY=old\nSECRET_KEY=other", "import environ\nenv = environ.Env(SECRET_KEY=(str, ''))\nSECRET_KEY = env('DJANGO_SECRET_KEY')\n" + readsOld,
			"DJANGO_SECRET_KEY=" + newSecret + kept + "\nSECRET_KEY=other", "", ""},
		"decouple": {"secret-key", "KEY = 'old' \r\nA=1\r\n", "from decouple import config\nSECRET_KEY = config('KEY', default='KEY2')\n",
			"KEY = '" + newSecret + "' " + strings.ReplaceAll(kept, "\n", "\r\n") + "\r\nA=1\r\n", "", "not-read"},
		"by way of a name":     {"secret-key", "K=old\n", "key = os.getenv('K', '').strip()\nif not key:\n    raise ValueError\nSECRET_KEY = key\n" + readsOld, "K=" + newSecret + kept + "\n", "", ""},
		"a reader of its own":  {"secret-key", "K=old\n", "SECRET_KEY = get_secret('K')\n" + readsOld, "K=" + newSecret + kept + "\n", "", ""},
		"prefixed":             {"secret-key", "DJ_SECRET_KEY=old\nSECRET_KEY=x\n", "with env.prefixed('DJ_'):\n    SECRET_KEY = env('SECRET_KEY')\n" + readsOld, "DJ_SECRET_KEY=" + newSecret + kept + "\nSECRET_KEY=x\n", "", ""},
		"a class":              {"secret-key", "DJANGO_SECRET_KEY=old\n", "from configurations import values\nclass Base:\n    SECRET_KEY = values.SecretValue()\n", "DJANGO_SECRET_KEY=" + newSecret + kept + "\n", "", "not-read"},
		"a list of one":        {"secret-key", "SECRET_KEY=old\nOLD_KEY=older\n", "SECRET_KEY = env('SECRET_KEY')\nSECRET_KEY_FALLBACKS = [env('OLD_KEY')]\n", "SECRET_KEY=" + newSecret + "\n# Replaced: 2026-11-25T14:03:05Z\nOLD_KEY=old\n", "", "one-fallback"},
		"no settings":          {"secret-key", "SECRET_KEY=old\n", "", "SECRET_KEY=" + newSecret + kept + "\n", "", "not-read not-read"},
		"an empty key":         {"secret-key", "SECRET_KEY=\n", "SECRET_KEY = env('SECRET_KEY')\n", "SECRET_KEY=" + newSecret + "\n", "", ""},
		"a literal":            {"secret-key", "SECRET_KEY=old\n", "SECRET_KEY = 'django-insecure-x y'\n", "", "settings.py:1: SECRET_KEY doesn't come from a variable of .env", ""},
		"from elsewhere":       {"secret-key", "DEBUG=1\n", "\nSECRET_KEY = env('DJANGO_KEY')\n", "", "settings.py:2: SECRET_KEY comes from DJANGO_KEY, which .env doesn't have", ""},
		"from a file":          {"secret-key", "KEY_FILE=/run/secrets/key\n", "SECRET_KEY = open(env('KEY_FILE')).read()\n", "", "settings.py:1: SECRET_KEY is not KEY_FILE of .env itself, but made from it", ""},
		"two variables":        {"secret-key", "A=1\nB=2\n", "if X:\n    SECRET_KEY = env('A')\nelse:\n    SECRET_KEY = env('B')\n", "", ".env: the settings read SECRET_KEY from A and from B", ""},
		"nothing at all":       {"secret-key", "DEBUG=1\n", "", "", ".env: it has no SECRET_KEY, and no settings say which variable that is", ""},
		"set twice":            {"secret-key", "SECRET_KEY=a\n\nexport SECRET_KEY=b\n", "", "", ".env: SECRET_KEY is set more than once, on lines 1, 3", ""},
		"inside quotes":        {"secret-key", "A='\nSECRET_KEY=a\n'\n", "", "", ".env: SECRET_KEY on line 2 stands inside the quotes of another variable", ""},
		"of other variables":   {"secret-key", "SECRET_KEY=${A}b\n", "", "", ".env: SECRET_KEY on line 1 is made of other variables", ""},
		"with a comma":         {"secret-key", "SECRET_KEY=a,b\n", "", "", ".env: the old SECRET_KEY has characters in it that a list of keys can't hold", ""},
		"settings.ini":         {"secret-key", "SECRET_KEY=a\n", "from decouple import config\nSECRET_KEY = config('SECRET_KEY')\n#ini\n", "", "settings.ini: python-decouple reads it and not .env", ""},
		"signs tokens, too":    {"secret-key", "SECRET_KEY=old\n", "SECRET_KEY = env('SECRET_KEY')\n" + readsOld + apps, "SECRET_KEY=" + newSecret + kept + "\n", "", "tokens-die"},
		"signs tokens by name": {"secret-key", "SECRET_KEY=old\n", "SECRET_KEY = env('SECRET_KEY')\n" + readsOld + apps + "SIMPLE_JWT = {'SIGNING_KEY': SECRET_KEY}\n", "SECRET_KEY=" + newSecret + kept + "\n", "", "tokens-die"},
		"refused by production": {"secret-key", "SECRET_KEY=old\n", "SECRET_KEY = strict.str('SECRET_KEY', validate=checks.secret)\nSECRET_KEY_FALLBACKS = strict.list('SECRET_KEY_FALLBACKS', [], validate=checks.each(checks.secret, at_least=0))\n",
			"SECRET_KEY=" + newSecret + "\n", "", "old-key-weak"},
		"readers differ": {"secret-key", "SECRET_KEY=old # 1\n", "SECRET_KEY = env('SECRET_KEY')\n" + readsOld, "SECRET_KEY=" + newSecret + " # 1" + kept + "\n", "", "readers-differ"},

		"a signing key":        {"jwt-key", "SECRET_KEY=a\nTOKEN_KEY=old\n", apps + "SECRET_KEY = env('SECRET_KEY')\nSIMPLE_JWT = {'SIGNING_KEY': env('TOKEN_KEY')}\n", "SECRET_KEY=a\nTOKEN_KEY=" + newJWT + "\n", "", "signed-out"},
		"a signing key by sub": {"jwt-key", "TOKEN_KEY=old\n", apps + "SIMPLE_JWT['SIGNING_KEY'] = env('TOKEN_KEY')\n", "TOKEN_KEY=" + newJWT + "\n", "", "signed-out"},
		"a signing key by key": {"jwt-key", "TOKEN_KEY=old\n", apps + "KEY = env('TOKEN_KEY')\nSIMPLE_JWT = dict(SIGNING_KEY=KEY)\n", "TOKEN_KEY=" + newJWT + "\n", "", "signed-out"},
		"with an overlap":      {"jwt-key", "TOKEN_KEY=old\nJWT_SIGNING_KEY_FALLBACKS=older\n", apps + "SIMPLE_JWT = {'SIGNING_KEY': env('TOKEN_KEY')}\nJWT_SIGNING_KEY_FALLBACKS = env.list('JWT_SIGNING_KEY_FALLBACKS')\n", "TOKEN_KEY=" + newJWT + "\n# Replaced: 2026-11-25T14:03:05Z, unknown\nJWT_SIGNING_KEY_FALLBACKS=old,older\n", "", ""},
		"the secret key signs": {"jwt-key", "SECRET_KEY=old\n", apps + "SECRET_KEY = env('SECRET_KEY')\n", "", "Simple JWT has no key of its own in these settings: it signs with SECRET_KEY", ""},
		"the secret key again": {"jwt-key", "SECRET_KEY=old\n", apps + "SECRET_KEY = env('SECRET_KEY')\nSIMPLE_JWT = {'SIGNING_KEY': SECRET_KEY}\n", "", "Simple JWT has no key of its own in these settings: it signs with SECRET_KEY", ""},
		"a key pair":           {"jwt-key", "TOKEN_KEY='-----BEGIN PRIVATE KEY-----\nMIIE\n'\n", apps + "SIMPLE_JWT = {'SIGNING_KEY': env('TOKEN_KEY')}\n", "", ".env: TOKEN_KEY holds a key pair's half or a text of several lines, no random key", ""},
		"no tokens":            {"jwt-key", "SECRET_KEY=old\n", "SECRET_KEY = env('SECRET_KEY')\n", "", ".env: it has no JWT_SIGNING_KEY, and no settings say which variable that is", ""},

		"a path":            {"admin-path", "ADMIN_PATH=staff-x/\n", "ADMIN_PATH = env('ADMIN_PATH')\n", "ADMIN_PATH=staff-abcdefgh/\n", "", ""},
		"a path of another": {"admin-path", "DJANGO_ADMIN_URL=\"^office\" # mine\n", "ADMIN_URL = env('DJANGO_ADMIN_URL', default='admin/')\n", "DJANGO_ADMIN_URL=\"^staff-abcdefgh\" # mine\n", "", ""},
		"an empty path":     {"admin-path", "ADMIN_PATH=\n", "", "ADMIN_PATH=staff-abcdefgh/\n", "", "not-read"},
	} {
		t.Run(name, func(t *testing.T) {
			files := []string{"config/settings.py", "import os\n"}
			if c.settings != "" {
				files = []string{"settings.py", c.settings}
			}
			if strings.Contains(c.settings, "#ini") {
				files = append(files, "settings.ini", "")
			}
			out, err := rotateIn(t, c.key, c.env, files...)
			if c.refused != "" {
				var no *django.Refusal
				if !errors.As(err, &no) || no.Error() != c.refused || no.Manual == "" {
					t.Fatalf("refused with %v", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if got := string(out.File.Data); got != c.want {
				t.Errorf("got  %q\nwant %q", got, c.want)
			}
			var codes []string
			for _, w := range out.Warnings {
				codes = append(codes, w.Code)
				if strings.Contains(w.Message, out.Value) {
					t.Errorf("a warning shows the value: %s", w.Message)
				}
			}
			if got := strings.Join(codes, " "); got != c.warned {
				t.Errorf("warnings %q, want %q", got, c.warned)
			}
		})
	}
}

// TestRotateTwice keeps the newest first, each with its date, and prunes by it.
func TestRotateTwice(t *testing.T) {
	keys := readsSecretKey(django.ReadsEnvirons)
	env := "# mine\nSECRET_KEY=" + oldSecret + "\n# Old.\nSECRET_KEY_FALLBACKS=\n"
	turn := func(change func(*Rotation)) Rotated {
		t.Helper()
		in := Rotation{Key: RotateKeys[0], Env: []byte(env), Keys: keys, Secrets: Secrets{SecretKey: newSecret}, Now: rotatedAt}
		change(&in)
		out, err := Rotate(in)
		if err != nil {
			t.Fatal(err)
		}
		env = string(out.File.Data)
		return out
	}
	want := func(keys, dates, list string) {
		t.Helper()
		if w := "# mine\nSECRET_KEY=" + keys + "\n# Old.\n" + dates + "SECRET_KEY_FALLBACKS=" + list + "\n"; env != w {
			t.Fatalf("got\n%s\nwant\n%s", env, w)
		}
	}
	day := func(n int) func(*Rotation) {
		return func(in *Rotation) {
			in.Secrets.SecretKey = strings.Repeat("k", 20+n) + newSecret
			in.Now = rotatedAt.AddDate(0, 0, n)
		}
	}
	k0, k1 := strings.Repeat("k", 20)+newSecret, strings.Repeat("k", 30)+newSecret
	k2 := strings.Repeat("k", 40) + newSecret
	turn(day(0))
	want(k0, "# Replaced: 2026-11-25T14:03:05Z\n", oldSecret)
	turn(day(10))
	want(k1, "# Replaced: 2026-12-05T14:03:05Z, 2026-11-25T14:03:05Z\n", k0+","+oldSecret)
	prune := func(n, age int) func(*Rotation) {
		return func(in *Rotation) {
			d := time.Duration(age) * 24 * time.Hour
			in.Key, in.Prune, in.Now = nil, &d, rotatedAt.AddDate(0, 0, n)
		}
	}
	if out := turn(prune(13, 14)); len(out.Done) > 0 {
		t.Errorf("pruned after 13 days: %q", out.Done)
	}
	out := turn(prune(14, 14))
	if strings.Join(out.Done, "|") != "1 old key gone from SECRET_KEY_FALLBACKS" || out.Variable != "" {
		t.Errorf("it says %q", out.Done)
	}
	want(k1, "# Replaced: 2026-12-05T14:03:05Z\n", k0)
	// A key of its own that a person adds has no date, and then none has.
	env = strings.Replace(env, "="+k0, "="+k0+",mine", 1)
	if out := turn(prune(100, 14)); len(out.Done) > 0 || out.Warnings[0].Code != "undated" {
		t.Errorf("pruned what has no date: %q", out.Done)
	}
	env = strings.Replace(env, "05Z\n", "05Z, 2026-12-20\n", 1)
	turn(prune(20, 0))
	want(k1, "# Replaced: 2026-12-21T00:00:00Z\n", "mine")
	// With a key: what was kept just now stays.
	turn(func(in *Rotation) { prune(20, 0)(in); day(20)(in); in.Key = RotateKeys[0] })
	want(k2, "# Replaced: 2026-12-15T14:03:05Z, 2026-12-21T00:00:00Z\n", k1+",mine")
	turn(func(in *Rotation) { day(30)(in); in.Drop = true })
	want(strings.Repeat("k", 50)+newSecret, "# Replaced: 2026-12-15T14:03:05Z, 2026-12-21T00:00:00Z\n", k1+",mine")
	turn(prune(200, 1))
	want(strings.Repeat("k", 50)+newSecret, "", "")
	for n := range 7 {
		out = turn(day(40 + n))
	}
	if len(out.Warnings) != 1 || out.Warnings[0].Code != "many-old-keys" {
		t.Errorf("seven old keys, and it says %v", out.Warnings)
	}
}

func FuzzRotate(f *testing.F) {
	for _, s := range []string{"SECRET_KEY=a", "\ufeffexport SECRET_KEY = 'a' # b\r\nX=1\r\nSECRET_KEY_FALLBACKS=\"b,c\"", "# Replaced: 2026-01-01\rSECRET_KEY_FALLBACKS=x\rSECRET_KEY=\"a\\n\"", "A='\nSECRET_KEY=$a#b\nSECRET_KEY_FALLBACKS= # none\n"} {
		f.Add([]byte(s), uint8(0))
		f.Add([]byte(s), uint8(3))
	}
	readers := []django.Reader{django.ReadsNothing, django.ReadsDotenv, django.ReadsEnviron, django.ReadsDecoup}
	f.Fuzz(func(t *testing.T, env []byte, reader uint8) {
		r := readers[int(reader)%len(readers)]
		out, err := Rotate(Rotation{Key: RotateKeys[0], Env: env, Keys: readsSecretKey(r), Secrets: Secrets{SecretKey: newSecret}, Now: rotatedAt})
		if err != nil {
			return
		}
		v, _, err := findEnv(out.File.Data, "SECRET_KEY", r)
		if err != nil || v.text != newSecret {
			t.Errorf("the new key reads %q, %v", v.text, err)
		}
		if n := len(out.File.Data) - len(env); n < -len(env) || strings.Count(string(out.File.Data), newSecret) != 1 {
			t.Errorf("the new key isn't there once: %q", out.File.Data)
		}
		keepsLines(t, string(env), string(out.File.Data))
	})
}
