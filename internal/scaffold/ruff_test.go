package scaffold

import (
	"cmp"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"github.com/djharden/djharden/internal/django"
)

// TestRuff has ruff judge every combination of combinations(), in its folder:
// the lines that a value moves over the line's end are among them.
func TestRuff(t *testing.T) {
	if testing.Short() {
		t.Skip("left out with -short: it needs ruff")
	}
	ruff := ruffProgram(t)
	for name, a := range combinations() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			for _, f := range render(t, a, &django.Project{}).Files {
				path := filepath.Join(dir, filepath.FromSlash(f.Path))
				if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(path, f.Data, cmp.Or(f.Perm, 0o644)); err != nil {
					t.Fatal(err)
				}
			}
			for _, args := range [][]string{{"check", "--isolated", "--no-cache"}, {"format", "--isolated", "--no-cache", "--diff"}} {
				cmd := exec.Command(ruff, args...)
				cmd.Dir = dir
				if out, err := cmd.CombinedOutput(); err != nil {
					t.Errorf("ruff %s: %v\n%s", args[0], err, out)
				}
			}
		})
	}
}

// ruffProgram is the ruff of the tests' environments, or that of DJHARDEN_VENV.
func ruffProgram(t *testing.T) string {
	t.Helper()
	found, _ := filepath.Glob("../../.cache/venvs/*/bin/ruff")
	slices.Sort(found)
	slices.Reverse(found)
	if dir := os.Getenv("DJHARDEN_VENV"); dir != "" {
		found = slices.Insert(found, 0, filepath.Join(dir, "bin", "ruff"))
	}
	for _, path := range found {
		path, err := filepath.Abs(path) // ruff runs in the project's folder
		if err == nil && exec.Command(path, "--version").Run() == nil {
			return path
		}
	}
	missing(t, "no ruff: make venvs, or name a virtual environment that has it in DJHARDEN_VENV")
	return ""
}
