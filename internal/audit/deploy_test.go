package audit

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/djharden/djharden/internal/django"
)

// checkDeploy runs the checks of Django and of two packages over the settings of
// each folder given, as check --deploy would, and prints which report.
const checkDeploy = `
import importlib, json, os, sys, warnings
warnings.simplefilter("ignore")
from django import conf
from django.core.checks import async_checks, registry
from django.core.checks.compatibility import django_4_0
from django.core.checks.security import base, csrf, sessions
from django.urls import get_callable

sys.path.append(sys.argv[1])  # django-csp, which the environments from 6.0 on lack
corsheaders = importlib.import_module("corsheaders.checks")
csp = importlib.import_module("csp.checks")

kept = set(sys.modules)
out = {}
for folder in json.load(sys.stdin):
    for name in set(sys.modules) - kept:
        if name.partition(".")[0] in ("settings", "hardened", "base", "shop", "config"):
            del sys.modules[name]
    importlib.invalidate_caches()
    sys.path.insert(0, folder)
    try:
        conf.settings._wrapped = conf.Settings("settings")
        conf.settings.__dict__.pop("SECRET_KEY", None)
        for name in list(conf.settings.__dict__):
            if name.isupper():
                del conf.settings.__dict__[name]
        get_callable.cache_clear()
        modules = [base, csrf, sessions, async_checks, django_4_0]
        found = []
        for check in registry.registry.get_checks(include_deployment_checks=True):
            if check.__module__ in {m.__name__ for m in modules} or check.__module__ == csp.__name__ and "csp" in conf.settings.INSTALLED_APPS:
                found += check(app_configs=None)
        if "corsheaders" in conf.settings.INSTALLED_APPS:
            found += corsheaders.check_settings()
        out[folder] = {"ids": sorted({m.id for m in found if m.id not in conf.settings.SILENCED_SYSTEM_CHECKS})}
    except BaseException as e:
        out[folder] = {"error": f"{type(e).__name__}: {e}"}
    finally:
        sys.path.remove(folder)
        os.environ.pop("DJANGO_ALLOW_ASYNC_UNSAFE", None)
print(json.dumps(out))
`

// production is the environment that the examples are deployed in.
var production = map[string]string{
	"SECRET_KEY":        "Xk2vQ8mZr5Tn1Yb7Wc4Lp9Ds6Fg3Hj0MaUeIoKxVzBnRtPlSdGwYqCf",
	"APP_KEY":           "Rk2vQ8mZr5Tn1Yb7Wc4Lp9Ds6Fg3Hj0MaUeIoKxVzBnRtPlSdGwYqCf",
	"JWT_SIGNING_KEY":   "Jk2vQ8mZr5Tn1Yb7Wc4Lp9Ds6Fg3Hj0MaUeIoKxVzBnRtPlSdGwYqCf",
	"KEY":               "Kk2vQ8mZr5Tn1Yb7Wc4Lp9Ds6Fg3Hj0MaUeIoKxVzBnRtPlSdGwYqCf",
	"AWS":               "Ak2vQ8mZr5Tn1Yb7Wc4Lp9Ds6Fg3Hj0MaUeI",
	"OLD":               "Ok2vQ8mZr5Tn1Yb7Wc4Lp9Ds6Fg3Hj0MaUeIoKxVzBnRtPlSdGwYqCf",
	"DATABASE_PASSWORD": "Dk2vQ8mZr5Tn1Yb7Wc4Lp9Ds6Fg3",
	"REDIS_URL":         "redis://:Pk2vQ8mZr5Tn@127.0.0.1:6379/0",
}

// answerable are the families of checks whose meaning the rules here have.
var answerable = []string{"security.", "corsheaders.", "csp.", "4_0.", "async."}

// weSayMore are failures of a rule in whose examples Django's check of the same
// meaning is silent, with the reason.
var weSayMore = map[string]string{
	"DH302": "W019 knows DENY only; the rule is about what browsers ignore, and fires with it",
	"DH307": "E024 takes None, which sends no header",
	"DH330": "W027 knows Django's own CSP from 6.1 on; django-csp has no such check",
	"DH331": "E026 sees a policy that isn't a dict, and nothing inside it",
	"DH332": "E002 is about a string; a list with \"/\" or \"\" in it does the same, unseen",
	"DH365": "4_0.E001 looks for a scheme only; an origin with more behind its host never matches either",
	"DH601": "E012 is one of the settings that are gone; Django has no check for its own",
}

// notJudged are checks that no rule answers, with the reason.
var notJudged = map[string]string{
	"security.W021": "preloading is asked for on purpose only: it can't be taken back",
	"csp.E001":      "in the example that pins django-csp 3.8, where the old settings work; the environment has 4.0",
}

// dontStart are the examples that Django refuses, with the reason.
var dontStart = map[string]string{
	`DH124 ALLOWED_HOSTS = "example.com"`: "what the rule says of a string",
}

// TestDeployAgrees compares the verdicts on every example with Django's own
// check --deploy: what it reports is never passed here, and a rule that claims
// a check's meaning fails only where the check does.
func TestDeployAgrees(t *testing.T) {
	if testing.Short() {
		t.Skip("left out with -short: it runs Django some hundred times")
	}
	for _, series := range django.AllSeries() {
		t.Run(series, func(t *testing.T) {
			root := t.TempDir()
			type sample struct {
				name string
				p    *Project
			}
			samples := map[string]sample{}
			var folders []string
			for name, text := range deployedExamples() {
				fsys := example(t, text)
				p, err := Load(fsys, ".", &django.Site{Dir: ".", Path: []string{"."}, Module: "settings", File: "settings.py"}, Options{Env: production})
				if err != nil {
					t.Fatal(err)
				}
				if p.Series != series {
					continue
				}
				folder := filepath.Join(root, fmt.Sprint(len(folders)))
				for file, f := range fsys {
					file = filepath.Join(folder, filepath.FromSlash(file))
					if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
						t.Fatal(err)
					}
					if err := os.WriteFile(file, f.Data, 0o644); err != nil {
						t.Fatal(err)
					}
				}
				samples[folder] = sample{name, p}
				folders = append(folders, folder)
			}
			for folder, got := range deployed(t, series, folders) {
				s := samples[folder]
				if got.Error != "" {
					if dontStart[s.name] == "" {
						t.Errorf("%s: Django doesn't start: %s", s.name, got.Error)
					}
					continue
				}
				compareChecks(t, s.name, s.p, got.IDs)
			}
		})
	}
}

// deployedExamples are the examples of the rules, and each expression of
// TestWritten, by a name to find them by.
func deployedExamples() map[string]string {
	out := map[string]string{}
	for _, rule := range slices.Concat(coreRules, transportRules, headerRules, inertRules) {
		out[rule.ID+" bad"], out[rule.ID+" good"] = rule.Bad, rule.Good
	}
	for _, w := range written {
		for _, expression := range []string{w.bad, w.good} {
			out[w.rule+" "+w.setting+" = "+expression] = "import os\n" + w.more + "\n" + w.setting + " = " + expression + "\n"
		}
	}
	return out
}

type deployment struct {
	IDs   []string `json:"ids"`
	Error string   `json:"error"`
}

func deployed(t *testing.T, series string, folders []string) map[string]deployment {
	t.Helper()
	if len(folders) == 0 {
		return nil
	}
	in, _ := json.Marshal(folders)
	packages, _ := filepath.Glob(filepath.Join(filepath.Dir(venv(t, "5.2")), "../lib/python3*/site-packages"))
	if len(packages) == 0 {
		missing(t, "the environment for Django 5.2 has no packages")
	}
	cmd := exec.Command(venv(t, series), "-c", checkDeploy, packages[0])
	cmd.Stdin = bytes.NewReader(in)
	cmd.Env = os.Environ()
	for k, v := range production {
		cmd.Env = append(cmd.Env, k+"="+v)
	}
	out, err := cmd.Output()
	if err != nil {
		if x, ok := err.(*exec.ExitError); ok {
			t.Fatalf("%v\n%s", err, x.Stderr)
		}
		t.Fatal(err)
	}
	var got map[string]deployment
	if err := json.Unmarshal(out, &got); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return got
}

// compareChecks holds the verdicts on a project against the checks that fired.
func compareChecks(t *testing.T, name string, p *Project, ids []string) {
	t.Helper()
	fired := map[string]bool{}
	for _, id := range ids {
		fired[id] = true
	}
	answered := map[string]bool{} // checks of which a rule says something else than "pass"
	for _, rule := range Rules {
		r := &report{rule: rule}
		rule.check(p, r)
		failed := false
		for _, f := range r.findings {
			for _, id := range rule.Checks {
				answered[id] = true
			}
			failed = failed || f.Status == Fail
		}
		if failed && len(rule.Checks) > 0 && !slices.ContainsFunc(rule.Checks, func(id string) bool { return fired[id] }) && weSayMore[rule.ID] == "" {
			t.Errorf("%s: %s %s fails, and of its checks %q none fires: %s", name, rule.ID, rule.Name, rule.Checks, r.findings[0].Message)
		}
	}
	for id := range fired {
		known := slices.ContainsFunc(answerable, func(prefix string) bool { return strings.HasPrefix(id, prefix) })
		if known && !answered[id] && notJudged[id] == "" {
			t.Errorf("%s: Django reports %s, and no rule of that meaning does", name, id)
		}
	}
}
