package e2e

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/djharden/djharden/internal/audit"
	"github.com/djharden/djharden/internal/django"
)

// ownGround are rules that fail where the check of the same meaning is silent,
// each with its reason.
var ownGround = map[string]string{
	"DH111": "Django looks at the key's length and letters, not at its words",
	"DH322": "django-csp's check runs only where its app is installed, and the names do nothing without it too",
	"DH331": "Django looks at the type of the policy, not into it",
	"DH365": "Django looks for a scheme, not for what can't match",
	"DH442": "axes doesn't look at the order of the backends",
	"DH511": "axes and django-ratelimit look at their own caches, not at the throttles'",
	"DH523": "Django looks for the static files' storage, not for the uploads'",
	"DH551": "Django looks at MAILERS, not at the older EMAIL_BACKEND",
	"DH601": "of removed settings, only a package's own has a check",
}

// unjudged are checks whose word isn't taken over, each with its reason.
var unjudged = map[string]string{
	"security.W021":         "preloading is a decision that can't be taken back soon, not a duty; DH213 judges it where it was taken",
	"django_ratelimit.W001": "it warns of every cache that it doesn't list, Django's own for Redis among them",
}

// agree holds a report to what `check --deploy` says of the same settings:
// nothing that it reports is passed, and what is reported here it doesn't deny.
func agree(t *testing.T, r *audit.Report, l loaded) {
	t.Helper()
	verdicts := map[string][]audit.Finding{} // by check
	for _, f := range r.Findings {
		for _, id := range f.Rule.Checks {
			verdicts[id] = append(verdicts[id], f)
		}
	}
	for _, id := range l.Checks {
		if unjudged[id] != "" {
			continue
		}
		if verdicts[id] == nil {
			t.Errorf("Django says %s, for which there is no rule", id)
			continue
		}
		if !slices.ContainsFunc(verdicts[id], func(f audit.Finding) bool { return f.Status == audit.Fail || f.Status == audit.Unknown }) {
			t.Errorf("Django says %s, and %s passes", id, verdicts[id][0].Rule.ID)
		}
	}
	said := slices.Concat(l.Checks, l.Silenced)
	for _, f := range r.With(audit.Fail) {
		if len(f.Rule.Checks) > 0 && ownGround[f.Rule.ID] == "" && !slices.ContainsFunc(f.Rule.Checks, func(id string) bool { return slices.Contains(said, id) }) {
			t.Errorf("Django says none of %v, and yet: %s", f.Rule.Checks, shown(f))
		}
	}
}

// theirs are what check rightly says of the lines that an adopted project had
// and keeps, by fixture.
var theirs = map[string][]string{
	"dotenv":   {"DH402", "DH604"}, // REST framework's own authentication; CORS without its middleware
	"decouple": {"DH602"},          // STATICFILES_STORAGE, for which STORAGES stands in prod.py
}

// TestAuditGenerated finds nothing in what init makes and adopts, and agrees
// with check --deploy about it.
func TestAuditGenerated(t *testing.T) {
	long(t)
	for _, series := range django.AllSeries() {
		for _, preset := range []string{"lms", "site", "api"} {
			t.Run(preset+" "+series, func(t *testing.T) {
				t.Parallel()
				p := oracleNew(t, series, preset)[0]
				auditGenerated(t, p, series, nil)
			})
		}
	}
	for _, name := range []string{"plain", "decouple", "dotenv", "environ", "reference-lms"} {
		t.Run("adopted "+name, func(t *testing.T) {
			t.Parallel()
			auditGenerated(t, oracleAdopted(t, name)[1], "5.2", theirs[name])
		})
	}
}

func auditGenerated(t *testing.T, p oracleProject, series string, known []string) {
	t.Helper()
	site, err := django.FindSite(os.DirFS(p.Root), ".", "")
	if err != nil {
		t.Fatal(err)
	}
	if site.Module != p.Module {
		t.Errorf("production's settings are %s, not %s: %s", site.Module, p.Module, site.Reason)
	}
	for _, env := range []map[string]string{nil, p.Env} {
		project, err := audit.Load(os.DirFS(p.Root), p.Root, site, audit.Options{Env: env})
		if err != nil {
			t.Fatal(err)
		}
		if project.Series != series {
			t.Errorf("Django is %q, not %q", project.Series, series)
		}
		r := audit.Run(project, audit.Selection{})
		left := slices.Clone(known)
		for _, f := range r.With(audit.Fail) {
			if !slices.Contains(known, f.Rule.ID) {
				t.Errorf("with %d variables: %s", len(env), shown(f))
			}
			left = slices.DeleteFunc(left, func(id string) bool { return id == f.Rule.ID })
		}
		if len(left) > 0 {
			t.Errorf("with %d variables %v is no longer found", len(env), left)
		}
		if env == nil || strings.HasPrefix(filepath.Base(p.Root), "reference") {
			continue
		}
		environ := bareEnv("")
		for k, v := range env {
			environ = append(environ, k+"="+v)
		}
		l := loadDjango(t, p.Python, p.Root, p.Module, "", environ, "--deploy")
		if l.Error != "" {
			t.Fatalf("Django refuses it:\n%s", l.Error)
		}
		agree(t, r, l)
	}
}
