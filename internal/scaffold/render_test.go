package scaffold

import (
	"cmp"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/djharden/djharden/internal/django"
	"github.com/djharden/djharden/internal/plan"
)

// testSecrets are fixed, so that a render is the same each time.
var testSecrets = Secrets{
	SecretKey: "test-only-Zk3v9qL2x8B7n5M4c1R6t0Y_wE-pHsJdFgAaQzXuViOoPlKmNbTrWe",
	JWTKey:    "test-only-mN7bV5cX3zL1kJ9hG8fD6sA4pO2iU0yT-rEwQqWeRtYuIoP_aSdFgHj",
	AdminPath: "staff-test0000/",
}

// testAnswers are the answers of a preset as --yes with a domain gives them.
func testAnswers(preset, series string) Answers {
	a := Answers{
		Name: "lms", Preset: preset, Django: series, Domains: []string{"example.com"}, ProxyHops: 1,
		DatabaseTLS: "verify-full", Lockout: true, CSP: "enforce", HSTS: "1h", UploadLimit: 10 << 20,
	}
	if a.API() {
		a.JWT = true
		a.CORSOrigins = []string{"https://example.com"}
	}
	if preset == "lms" {
		a.RedisURL = "rediss://cache.example.com:6379/0"
		a.Ratelimit = true
	}
	return a
}

func render(t *testing.T, a Answers, p *django.Project) Result {
	t.Helper()
	res, err := Render(Input{Answers: a, Project: p, Secrets: testSecrets, Version: "1.0.0"})
	if err != nil {
		t.Fatal(err)
	}
	return res
}

// TestRenderTo writes every combination of combinations() below
// DJHARDEN_RENDER_DIR, for tools that judge the files: ruff, Python, Django.
func TestRenderTo(t *testing.T) {
	dir := os.Getenv("DJHARDEN_RENDER_DIR")
	if dir == "" {
		t.Skip("DJHARDEN_RENDER_DIR is not set")
	}
	for name, a := range combinations() {
		for _, f := range render(t, a, &django.Project{}).Files {
			path := filepath.Join(dir, name, filepath.FromSlash(f.Path))
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, f.Data, cmp.Or(f.Perm, 0o644)); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// combinations are renders that together have every value of every option on
// every series.
func combinations() map[string]Answers {
	all := map[string]Answers{}
	for _, series := range django.AllSeries() {
		for _, preset := range []string{"lms", "site", "api"} {
			all[series+"-"+preset] = testAnswers(preset, series)
		}
	}
	return all
}

func file(t *testing.T, res Result, path string) plan.File {
	t.Helper()
	var names []string
	for _, f := range res.Files {
		if f.Path == path {
			return f
		}
		names = append(names, f.Path)
	}
	t.Fatalf("no %s among %s", path, strings.Join(names, " "))
	return plan.File{}
}
