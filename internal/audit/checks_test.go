package audit

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

// systemChecks are the checks that Django's own check --deploy reports of
// examples, by the examples' names. An example that Django can't load has
// "error" and the reason.
func systemChecks(t *testing.T, series string, examples map[string]fstest.MapFS) map[string][]string {
	t.Helper()
	root := t.TempDir()
	for name, fsys := range examples {
		if err := os.CopyFS(filepath.Join(root, name), fsys); err != nil {
			t.Fatal(err)
		}
	}
	interpreter, err := filepath.Abs(venv(t, series))
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(interpreter, "-W", "ignore", "-c", `
import io, json, os, sys, warnings
import django, django.core.checks.registry, django.core.management, django.contrib.admin, django.contrib.auth, django.contrib.staticfiles

def judge(name):
    os.chdir(name)
    sys.path.insert(0, os.getcwd())
    for variable in ("SECRET_KEY", "JWT_SIGNING_KEY", "DATABASE_PASSWORD"):
        os.environ[variable] = "kq8Zt3vXy1Rb7Wn5Lp9Ds2Fg6Hj4Mc0QaUeIoTzVxBnKlPrSdGwYb7" + variable
    os.environ["REDIS_URL"] = "redis://127.0.0.1:6379"
    os.environ["DJANGO_SETTINGS_MODULE"] = "settings"
    sys.stdout = sys.stderr = io.StringIO()
    django.setup()
    from django.core.checks import run_checks, registry
    return sorted({m.id for m in run_checks(include_deployment_checks=True, databases=[])})

def apart(name):
    r, w = os.pipe()
    if os.fork() == 0:
        try: out = judge(name)
        except BaseException as e: out = ["error", f"{type(e).__name__}: {e}"[:300]]
        os.write(w, json.dumps(out).encode())
        os._exit(0)
    os.close(w)
    out = json.loads(os.fdopen(r).read())
    os.wait()
    return out

print(json.dumps({name: apart(name) for name in sorted(os.listdir("."))}))
`)
	cmd.Dir = root
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var got map[string][]string
	if err := json.Unmarshal(out, &got); err != nil {
		t.Fatal(err)
	}
	return got
}

// TestChecksAgree: where a rule says that it means the same as a check of
// Django or of a package, that check reports the rule's bad example and not
// the good one.
func TestChecksAgree(t *testing.T) {
	bySeries := map[string]map[string]fstest.MapFS{}
	for _, rule := range slices.Concat(apiRules, tokenRules, loginRules, dataRules, fileRules, logRules) {
		if len(rule.Checks) == 0 {
			continue
		}
		for name, text := range map[string]string{rule.ID + "-bad": rule.Bad, rule.ID + "-good": rule.Good} {
			fsys := example(t, text)
			series := "5.2"
			if strings.HasPrefix(rule.Checks[0], "mail.") { // Django 6.1's, for which django-csp isn't installed
				series = "6.1"
				fsys["hardened.py"] = &fstest.MapFile{Data: []byte("SECRET_KEY = 'x' * 50\nEMAIL_HOST = 'localhost'\nEMAIL_PORT = 25\nEMAIL_USE_TLS = False\n")}
			}
			if bySeries[series] == nil {
				bySeries[series] = map[string]fstest.MapFS{}
			}
			bySeries[series][name] = fsys
		}
	}
	for series, examples := range bySeries {
		for name, got := range systemChecks(t, series, examples) {
			id, kind, _ := strings.Cut(name, "-")
			rule := allRules[slices.IndexFunc(allRules, func(r *Rule) bool { return r.ID == id })]
			hit := slices.ContainsFunc(got, func(s string) bool { return slices.Contains(rule.Checks, s) })
			if hit != (kind == "bad") {
				t.Errorf("%s %s means %v; Django %s reports %v", id, kind, rule.Checks, series, got)
			}
		}
	}
}
