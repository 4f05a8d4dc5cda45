package scaffold

import (
	"bytes"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/djharden/djharden/internal/plan"
)

// TestAdoptImportsWhatIsRequired holds for each reader of the environment:
// what a written file imports is in requirements.txt.
func TestAdoptImportsWhatIsRequired(t *testing.T) {
	packages := map[string]string{
		"environs":        "environs",
		"environ":         "django-environ",
		"decouple":        "python-decouple",
		"dotenv":          "python-dotenv",
		"dj_database_url": "dj-database-url",
		"csp":             "django-csp",
		"axes":            "django-axes",
	}
	for _, name := range append([]string{"plain"}, adoptFixtures...) {
		t.Run(name, func(t *testing.T) {
			res, _ := adopt(t, adoptFS(t, name+".txtar", nil), nil)
			required := fileOf(t, res, "requirements.txt").Data
			for _, f := range res.Files {
				if path.Ext(f.Path) != ".py" {
					continue
				}
				for module, pkg := range packages {
					imports := bytes.Contains(f.Data, []byte("\nfrom "+module+" import")) || bytes.Contains(f.Data, []byte("\nimport "+module+"\n"))
					if imports && !bytes.Contains(required, []byte(pkg)) {
						t.Errorf("%s imports %s, requirements.txt has no %s", f.Path, module, pkg)
					}
				}
			}
		})
	}
}

// TestAdoptMasksWords hides a secret that is a common word where it stands as
// the secret, and not inside of other words.
func TestAdoptMasksWords(t *testing.T) {
	fsys := adoptFS(t, "plain.txtar", func(name string, data []byte) []byte {
		if path.Base(name) != "settings.py" {
			return data
		}
		return append(bytes.Clone(data), "\nMAIL_API_PASSWORD = 'root'\nSMS_API_KEY = 'k-0123456789abcdefghij'\n"...)
	})
	res, p := adopt(t, fsys, nil)
	mask := fileOf(t, res, p.Path).Mask
	for text, want := range map[string]bool{"root": false, "'root'": true, `"root"`: true, "k-0123456789abcdefghij": true} {
		if slices.Contains(mask, text) != want {
			t.Errorf("%s among the masks: %t", text, !want)
		}
	}
}

// TestAdoptNamesTheReader adds the package that reads the environment to the
// requirements of a project that imports it and names it nowhere.
func TestAdoptNamesTheReader(t *testing.T) {
	for name, want := range map[string]string{"decouple": "python-decouple", "environ": "django-environ", "dotenv": "python-dotenv"} {
		fsys := adoptFS(t, name+".txtar", nil)
		for file := range fsys {
			if ext := path.Ext(file); ext != ".py" && ext != ".env" {
				delete(fsys, file)
			}
		}
		res, _ := adopt(t, fsys, nil)
		if got := string(fileOf(t, res, "requirements.txt").Data); !strings.Contains(got, "\n"+want) {
			t.Errorf("%s: no %s in\n%s", name, want, got)
		}
	}
}

// TestAdoptNamesOtherLogins says which ways to sign in keep no brake.
func TestAdoptNamesOtherLogins(t *testing.T) {
	codes := func(more string) []string {
		fsys := adoptFS(t, "reference-lms.txtar", func(name string, data []byte) []byte {
			if path.Base(name) == "settings.py" {
				return append(bytes.Clone(data), more...)
			}
			return data
		})
		res, _ := adopt(t, fsys, nil)
		var out []string
		for _, w := range res.Warnings {
			if w.Code == "other-login" || w.Code == "own-serializer" {
				out = append(out, w.Code)
			}
		}
		return out
	}
	if got := codes(""); got != nil {
		t.Errorf("warns of %q without a reason", got)
	}
	got := codes("\nINSTALLED_APPS += ['djoser']\nSIMPLE_JWT['TOKEN_OBTAIN_SERIALIZER'] = 'users.tokens.Obtain'\n")
	if !slices.Equal(got, []string{"other-login", "own-serializer"}) {
		t.Errorf("warns of %q", got)
	}
}

// TestAdoptSecretsInParts masks a secret that is written in parts as its file
// has it, and says which look like secrets and were left.
func TestAdoptSecretsInParts(t *testing.T) {
	fsys := adoptFS(t, "plain.txtar", func(name string, data []byte) []byte {
		if path.Base(name) != "settings.py" {
			return data
		}
		return append(bytes.Clone(data), `
STRIPE_SECRET_KEY = 'sk_' 'test_0123456789abcdef'
PUSH_API_KEY = (
    'k0-0123456789'
    'k1-0123456789'
)
SITE = 'x'
MAP_TOKEN = f'{SITE}-0123456789abcdef'
FIELD_ENCRYPTION_KEY = b'0123456789abcdef='
CHAT_SECRET = '0123456789' + SITE
JOB_TOKEN = '0123456789abcdef'.encode()
CACHE_TOKEN = f'{SITE}'
`...)
	})
	res, p := adopt(t, fsys, nil)
	mask := fileOf(t, res, p.Path).Mask
	for _, text := range []string{"'sk_' 'test_0123456789abcdef'", "'k0-0123456789'", "'k1-0123456789'"} {
		if !slices.Contains(mask, text) {
			t.Errorf("%s isn't masked", text)
		}
	}
	var left []string
	for _, w := range res.Warnings {
		if w.Code == "secret-left" {
			left = append(left, strings.Fields(w.Message)[1])
		}
	}
	if want := []string{"MAP_TOKEN", "FIELD_ENCRYPTION_KEY", "CHAT_SECRET", "JOB_TOKEN"}; !slices.Equal(left, want) {
		t.Errorf("left %q, want %q", left, want)
	}
}

// TestAdoptDefaultSerializer takes Simple JWT's own serializer, written out,
// for what it is: the login that lockout hears of replaces it.
func TestAdoptDefaultSerializer(t *testing.T) {
	for serializer, own := range map[string]bool{
		"rest_framework_simplejwt.serializers.TokenObtainPairSerializer": false,
		"people.serializers.LoginSerializer":                             true,
	} {
		fsys := adoptFS(t, "reference-lms.txtar", func(name string, data []byte) []byte {
			if path.Base(name) != "settings.py" {
				return data
			}
			return append(bytes.Clone(data), "\nSIMPLE_JWT['TOKEN_OBTAIN_SERIALIZER'] = '"+serializer+"'\n"...)
		})
		res, p := adopt(t, fsys, nil)
		made := slices.ContainsFunc(res.Files, func(f plan.File) bool { return f.Path == p.Dir+"/hardening/tokens.py" })
		warned := slices.ContainsFunc(res.Warnings, func(w Warning) bool { return w.Code == "own-serializer" })
		if made == own || warned != own {
			t.Errorf("%s: tokens.py %t, warned %t", serializer, made, warned)
		}
	}
}

// TestAdoptSaysWhatBecameOfDebug warns where the project switched DEBUG by its
// environment and djharden does it by the settings module.
func TestAdoptSaysWhatBecameOfDebug(t *testing.T) {
	for value, want := range map[string]bool{"True": false, "os.getenv('DJANGO_DEBUG', '1') == '1'": true} {
		fsys := adoptFS(t, "plain.txtar", func(name string, data []byte) []byte {
			if path.Base(name) != "settings.py" {
				return data
			}
			data = bytes.Replace(data, []byte("DEBUG = True"), []byte("import os\nDEBUG = "+value), 1)
			return append(data, "\nif DEBUG:\n    INTERNAL_IPS = ['127.0.0.1']\n"...)
		})
		res, _ := adopt(t, fsys, nil)
		got := slices.ContainsFunc(res.Warnings, func(w Warning) bool { return w.Code == "debug" })
		if got != want {
			t.Errorf("DEBUG = %s: warned %t", value, got)
		}
	}
}
