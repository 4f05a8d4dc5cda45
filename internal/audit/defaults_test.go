package audit

import (
	"encoding/json"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"github.com/djharden/djharden/internal/django"
	"github.com/djharden/djharden/internal/pyeval"
)

// printed runs a program with a series of Django and reads the JSON it prints.
func printed(t testing.TB, series, program string, into any) {
	t.Helper()
	out, err := exec.Command(venv(t, series), "-W", "ignore", "-c", program).Output()
	if err != nil {
		t.Fatalf("Django %s: %v", series, err)
	}
	if err := json.Unmarshal(out, into); err != nil {
		t.Fatalf("Django %s: %v\n%s", series, err, out)
	}
}

// venv is the interpreter of the environment that `make venvs` makes.
func venv(t testing.TB, series string) string {
	t.Helper()
	found, _ := filepath.Glob("../../.cache/venvs/" + series + "-*/bin/python")
	if len(found) == 0 {
		missing(t, "there is no environment for Django %s: make venvs", series)
	}
	return found[len(found)-1]
}

// jsonOf is a value as JSON has it.
func jsonOf(v *pyeval.Value) any {
	switch v.Kind {
	case pyeval.Bool:
		return v.B
	case pyeval.Int:
		return float64(v.N)
	case pyeval.Str:
		return v.S
	case pyeval.List:
		out := []any{}
		for _, x := range v.Items {
			out = append(out, jsonOf(x))
		}
		return out
	case pyeval.Dict:
		out := map[string]any{}
		for i, k := range v.Keys {
			out[k.S] = jsonOf(v.Items[i])
		}
		return out
	}
	return nil
}

// TestDefaults compares the table with every Django that is installed.
func TestDefaults(t *testing.T) {
	for _, series := range django.AllSeries() {
		t.Run(series, func(t *testing.T) {
			var real map[string]any
			printed(t, series, `
import json
from django.conf import global_settings as g
print(json.dumps({k: getattr(g, k) for k in dir(g) if k.isupper()}, default=str))`, &real)
			facts, _ := django.FactsOf(series)
			for name, value := range real {
				if !readBy(series, name) {
					t.Errorf("%s isn't in the table", name)
					continue
				}
				v := defaultOf(facts, name)
				if v == nil {
					continue // long lists of formats and languages
				}
				want, _ := json.Marshal(value)
				got, _ := json.Marshal(jsonOf(v))
				if string(want) != string(got) {
					t.Errorf("%s is %s, the table has %s", name, want, got)
				}
			}
			for _, s := range djangoSettings {
				if _, there := real[s.name]; !there && s.on(series) && s.value != undefined {
					t.Errorf("%s is in the table and not in Django", s.name)
				}
			}
		})
	}
}

// TestPackageTables compares the names of packages with those installed.
func TestPackageTables(t *testing.T) {
	var real struct {
		Permissions, CORS, CSP, Old []string
	}
	for _, series := range []string{"4.2", "5.2"} {
		printed(t, series, `
import inspect, json, re
from django.conf import settings
settings.configure(SECRET_KEY="x" * 50)
import corsheaders.conf, csp.checks, csp.utils, django_permissions_policy
print(json.dumps({
    "Permissions": sorted(django_permissions_policy._FEATURE_NAMES),
    "CORS": sorted(set(re.findall(r"CORS_[A-Z_]+", inspect.getsource(corsheaders.conf)))),
    "CSP": sorted(csp.utils.DEFAULT_DIRECTIVES),
    "Old": csp.checks.OUTDATED_SETTINGS,
}))`, &real)
		contains(t, series+": permissionNames", permissionNames, real.Permissions)
		for _, name := range permissionsGone {
			if slices.Contains(real.Permissions, name) != (series == "4.2") { // which gets 4.31, the others 4.34
				t.Errorf("%s: permissionsGone: %s", series, name)
			}
		}
		contains(t, series+": corsNames", corsNames, real.CORS)
		contains(t, series+": knownDirectives", knownDirectives, real.CSP)
		var old []string
		for _, name := range oldDirectives {
			old = append(old, "CSP_"+name)
		}
		contains(t, series+": oldDirectives", old, real.Old)
	}
}

func contains(t *testing.T, what string, table, real []string) {
	t.Helper()
	if len(real) == 0 {
		t.Errorf("%s: nothing to compare with", what)
	}
	for _, name := range real {
		if !slices.Contains(table, name) {
			t.Errorf("%s lacks %q", what, name)
		}
	}
}
