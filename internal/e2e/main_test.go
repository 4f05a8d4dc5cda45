package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

// atEnd are undone in reverse when the tests are over, failed or not.
var atEnd struct {
	sync.Mutex
	steps []func()
}

func onEnd(f func()) {
	atEnd.Lock()
	defer atEnd.Unlock()
	atEnd.steps = append(atEnd.steps, f)
}

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	defer func() {
		for _, f := range slices.Backward(atEnd.steps) {
			f()
		}
	}()
	return m.Run()
}

// root is the repository.
func root(t testing.TB) string {
	t.Helper()
	dir, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// build makes the command once, from the tree as it is; E2E_BINARY names one
// to prove instead.
var build = sync.OnceValues(func() (string, error) {
	if path := os.Getenv("E2E_BINARY"); path != "" {
		return path, nil
	}
	dir, err := os.MkdirTemp("", "djharden-e2e-bin-")
	if err != nil {
		return "", err
	}
	onEnd(func() { os.RemoveAll(dir) })
	path := filepath.Join(dir, "djharden")
	cmd := exec.Command("go", "build", "-o", path, "../../cmd/djharden")
	cmd.Stderr = os.Stderr
	return path, cmd.Run()
})

// djharden runs the command in dir and returns what it wrote.
func djharden(t *testing.T, dir string, env []string, args ...string) (string, error) {
	t.Helper()
	path, err := build()
	if err != nil {
		t.Fatalf("build cmd/djharden: %v", err)
	}
	cmd := exec.Command(path, args...)
	cmd.Dir, cmd.Env = dir, append(cleanEnv(), env...)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// cleanEnv is the environment without what would answer for the tests.
func cleanEnv() []string {
	var env []string
	for _, kv := range os.Environ() {
		name, _, _ := strings.Cut(kv, "=")
		if !slices.Contains([]string{"DJANGO_SETTINGS_MODULE", "DATABASE_URL", "SECRET_KEY", "DEBUG", "REDIS_URL", "PYTHONPATH", "VIRTUAL_ENV"}, name) &&
			(len(name) < 9 || name[:9] != "DJHARDEN_") {
			env = append(env, kv)
		}
	}
	return append(env, "PYTHONDONTWRITEBYTECODE=1")
}
