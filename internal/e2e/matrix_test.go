package e2e

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestNew makes a project for every row of the covering array and proves it.
func TestNew(t *testing.T) {
	long(t)
	factors := newProject()
	for i, r := range newRows() {
		t.Run(pad(i)+" "+title(r, factors), func(t *testing.T) {
			t.Parallel()
			c := makeCell(t, r, filepath.Join(t.TempDir(), "campus"))
			c.make(t)
			c.ruff(t, ".")
			c.prove(t)
		})
	}
}

func pad(i int) string { return string(rune('0'+i/10)) + string(rune('0'+i%10)) }

// make lets djharden write the project, and judges what it wrote as text.
func (c *cell) make(t *testing.T) {
	t.Helper()
	args := append([]string{"init", filepath.Base(c.dir), "--yes"}, c.args...)
	out, err := djharden(t, filepath.Dir(c.dir), nil, args...)
	if err != nil {
		t.Fatalf("djharden %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	for _, secret := range []string{dbPassword, redisPassword} {
		if strings.Contains(out, secret) {
			t.Errorf("djharden shows a password:\n%s", out)
		}
	}
}

// ruff judges Python files as the project's own developers would.
func (c *cell) ruff(t *testing.T, paths ...string) {
	t.Helper()
	for _, args := range [][]string{{"check", "--no-cache"}, {"format", "--no-cache", "--diff"}} {
		cmd := exec.Command(tool(t, c.Series, "ruff"), append(args, paths...)...)
		cmd.Dir = c.dir
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("ruff %s: %v\n%s", args[0], err, out)
		}
	}
}

// result is what one probe came to.
type result struct {
	Name    string  `json:"name"`
	Status  string  `json:"status"` // pass, fail, not-applicable
	Text    string  `json:"text"`
	Seconds float64 `json:"seconds"`
}

// prove runs the probes and reports each as a test of its own.
func (c *cell) prove(t *testing.T) {
	t.Helper()
	results, out := c.probe(t, "probe.py")
	c.report(t, results)
	if len(results) == 0 {
		t.Errorf("no results:\n%s", out)
	}
}

func (c *cell) report(t *testing.T, results []result) {
	t.Helper()
	failed := false
	sum := 0.0
	for _, r := range results {
		sum += r.Seconds
		t.Run(r.Name, func(t *testing.T) {
			switch r.Status {
			case "pass":
			case "fail":
				failed = true
				t.Error(r.Text)
			case "not-applicable":
				t.Skip("not applicable")
			default:
				t.Errorf("status %q", r.Status)
			}
		})
	}
	slow := slices.SortedFunc(slices.Values(results), func(a, b result) int { return cmp.Compare(b.Seconds, a.Seconds) })
	for _, r := range slow[:min(3, len(slow))] {
		t.Logf("%.1f of %.1f s: %s", r.Seconds, sum, r.Name)
	}
	if failed {
		t.Logf("djharden init %s", strings.Join(c.args, " "))
	}
}

// probe runs a script of testdata on the project, and returns its results and
// its output.
func (c *cell) probe(t *testing.T, script string) ([]result, string) {
	t.Helper()
	folder := t.TempDir()
	facts, answer := filepath.Join(folder, "cell.json"), filepath.Join(folder, "results.json")
	data, err := json.MarshalIndent(c, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(facts, data, 0o644); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 4*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, python(t, c.Series), filepath.Join(root(t), "internal/e2e/testdata", script), facts, answer)
	var out bytes.Buffer
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = c.dir, append(cleanEnv(), c.Env...), &out, &out
	if err := cmd.Run(); err != nil {
		t.Errorf("%s: %v\n%s", script, err, out.String())
	}
	var results []result
	if data, err = os.ReadFile(answer); err == nil {
		err = json.Unmarshal(data, &results)
	}
	if err != nil {
		t.Errorf("results: %v", err)
	}
	return results, out.String()
}
