package e2e

import (
	"cmp"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/djharden/djharden/internal/audit"
	"github.com/djharden/djharden/internal/django"
)

// auditFixture runs every rule over a fixture, as `djharden check` would.
func auditFixture(t *testing.T, f *fixture) *audit.Report {
	t.Helper()
	folder := f.write(t, t.TempDir())
	if len(f.Tracked) > 0 {
		for _, args := range [][]string{{"init", "-q"}, append([]string{"add", "-f"}, f.Tracked...)} {
			cmd := exec.Command("git", args...)
			cmd.Dir = folder
			if out, err := cmd.CombinedOutput(); err != nil {
				missing(t, "git %v: %v\n%s", args, err, out)
			}
		}
	}
	fsys := os.DirFS(folder)
	site, err := django.FindSite(fsys, ".", "")
	if err != nil {
		t.Fatal(err)
	}
	if site.Module != cmp.Or(otherModule[f.Name], f.Module) || site.Class != f.Class {
		t.Errorf("production's settings are %s %s, not %s %s: %s", site.Module, site.Class, f.Module, f.Class, site.Reason)
	}
	p, err := audit.Load(fsys, folder, site, audit.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if p.Series != f.Series {
		t.Errorf("Django is %q, not %q", p.Series, f.Series)
	}
	if stop := p.Result.Stopped; stop != nil {
		line, _ := stop.At.Position()
		t.Errorf("the reader stopped at %s:%d: %s", stop.At.Path(), line, stop.Why)
	}
	return audit.Run(p, audit.Selection{})
}

// shown is a finding for messages.
func shown(f audit.Finding) string {
	line, _ := f.At.Position()
	return strings.TrimSpace(fmt.Sprintf("%s %s (%s) %s:%d %s %s %s", f.Status, f.Rule.ID, f.Rule.Name, f.At.Path(), line, f.Setting, f.Message, f.Reason))
}

// otherModule are fixtures whose settings package picks a module by a variable,
// beside one that is named for production: check judges the one named for it,
// as facts about real projects have it, not what the package picks by default.
var otherModule = map[string]string{"picks-a-module": "config.settings.production", "picked-module-debug": "config.settings.production"}

// TestAuditClean accuses nothing in projects that are odd and right.
func TestAuditClean(t *testing.T) {
	for _, name := range fixtures(t, "clean") {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := readFixture(t, "clean", name)
			r := auditFixture(t, f)
			for _, found := range r.With(audit.Fail) {
				if !slices.Contains(f.True, found.Rule.ID) {
					t.Errorf("accused: %s", shown(found))
				}
			}
			for _, found := range r.With(audit.Unknown) {
				t.Logf("%s", shown(found))
			}
		})
	}
}

// TestAuditSeeded finds each seeded defect, at the line that decides it.
func TestAuditSeeded(t *testing.T) {
	for _, name := range fixtures(t, "seeded") {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := readFixture(t, "seeded", name)
			r := auditFixture(t, f)
			found, elsewhere := false, false
			for _, x := range r.With(audit.Fail) {
				if !slices.Contains(f.Rules, x.Rule.ID) {
					t.Logf("also: %s", shown(x))
					continue
				}
				line, _ := x.At.Position()
				if len(f.Seed) == 0 || slices.Contains(f.Seed[x.At.Path()], line) {
					found = true
				} else {
					elsewhere = true
					t.Logf("at another line than %s: %s", f.at(), shown(x))
				}
			}
			switch {
			case otherModule[name] != "":
				if found || elsewhere {
					t.Errorf("found now: take it out of otherModule")
				}
			case found:
			case elsewhere:
				t.Errorf("%s: found, but not at %s", strings.TrimSpace(f.Text), f.at())
			default:
				t.Errorf("%s: not found: %v at %s", strings.TrimSpace(f.Text), f.Rules, f.at())
				for _, x := range r.With(audit.Unknown) {
					if slices.Contains(f.Rules, x.Rule.ID) {
						t.Logf("%s", shown(x))
					}
				}
			}
		})
	}
}
