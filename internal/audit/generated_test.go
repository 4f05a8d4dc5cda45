package audit

import (
	"os"
	"testing"

	"github.com/djharden/djharden/internal/django"
)

// TestGenerated: what djharden itself writes has no finding, in an empty
// environment.
func TestGenerated(t *testing.T) {
	for _, name := range []string{"lms", "site", "api"} {
		t.Run(name, func(t *testing.T) {
			dir := "../../examples/" + name
			site := &django.Site{Dir: ".", Path: []string{"."}, Module: "config.settings.prod", File: "config/settings/prod.py"}
			p, err := Load(os.DirFS(dir), dir, site, Options{})
			if err != nil {
				t.Fatal(err)
			}
			if p.Result.Stopped != nil {
				t.Errorf("stopped at %s:%q: %s", p.Result.Stopped.At.Path(), p.Result.Stopped.At.Text(), p.Result.Stopped.Why)
			}
			for _, f := range Run(p, Selection{}).Findings {
				switch f.Status {
				case Fail:
					t.Error(describe(f))
				case Unknown:
					t.Log(describe(f))
				}
			}
		})
	}
}
