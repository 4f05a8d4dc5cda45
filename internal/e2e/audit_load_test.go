package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// extras are packages that fixtures import and that the pins don't bring;
// without what they require, which only their views need.
var extras = []string{
	"django-allauth==65.21.1", "django-configurations==2.5.1", "django-defender==0.9.8",
	"django-redis==6.0.0", "django-split-settings==1.3.2", "django-storages==1.14.6",
}

// extraPath installs them once into a folder for PYTHONPATH.
var extraPath = sync.OnceValues(func() (string, error) {
	py, err := findPython()
	if err != nil {
		return "", err
	}
	cache, err := filepath.Abs("../../.cache/venvs")
	if err != nil {
		return "", err
	}
	uv, err := makeUV(cache, py)
	if err != nil {
		return "", err
	}
	dir := filepath.Join(cache, fmt.Sprintf("extras-%08x", crc32.ChecksumIEEE([]byte(strings.Join(extras, " ")))))
	return dir, once(dir, func(tmp string) error {
		return runQuietly(uv, append([]string{"pip", "install", "-q", "--no-deps", "--python", py, "--target", tmp}, extras...)...)
	})
})

// loaded is what testdata/settings.py prints.
type loaded struct {
	Django   string
	Settings map[string]pyvalue
	Defaults []string // the settings that have Django's own default, set or not
	Checks   []string // what check --deploy says
	Silenced []string // what it would say but for SILENCED_SYSTEM_CHECKS
	Error    string
}

// pyvalue is a value of Python: its type, and its content as JSON.
type pyvalue struct {
	Type    string
	Content json.RawMessage
}

func (v *pyvalue) UnmarshalJSON(data []byte) error {
	pair := []any{&v.Type, &v.Content}
	return json.Unmarshal(data, &pair)
}

// loadDjango loads settings with the Django of an interpreter, in an
// environment that holds nothing else.
func loadDjango(t testing.TB, py, folder, module, class string, env []string, options ...string) loaded {
	t.Helper()
	script, err := filepath.Abs("testdata/settings.py")
	if err != nil {
		t.Fatal(err)
	}
	args := append([]string{script, folder, module}, options...)
	if class != "" {
		args = append(args, "--class", class)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, py, args...)
	cmd.Dir, cmd.Env = folder, env
	var out, log bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &log
	if err := cmd.Run(); err != nil {
		t.Fatalf("%s: %v\n%s", script, err, log.String())
	}
	var l loaded
	if err := json.Unmarshal(out.Bytes(), &l); err != nil {
		t.Fatalf("%s: %v\n%s", script, err, log.String())
	}
	if l.Error != "" {
		l.Error = log.String()
	}
	return l
}

// bareEnv is the least that a Python process needs.
func bareEnv(pythonPath string, more ...string) []string {
	return append(more, "PATH="+os.Getenv("PATH"), "HOME="+os.Getenv("HOME"), "PYTHONDONTWRITEBYTECODE=1", "PYTHONPATH="+pythonPath)
}

// TestAuditFixtures holds the fixtures to Django: each project loads on the
// Django that it names, in the environment that it names.
func TestAuditFixtures(t *testing.T) {
	long(t)
	if runtime.GOOS == "windows" {
		missing(t, "the fixtures name paths of unix")
	}
	more, err := extraPath()
	if err != nil {
		t.Fatal(err)
	}
	for _, kind := range []string{"clean", "seeded"} {
		for _, name := range fixtures(t, kind) {
			t.Run(kind+"/"+name, func(t *testing.T) {
				t.Parallel()
				f := readFixture(t, kind, name)
				folder := f.write(t, t.TempDir())
				options := []string{"--deploy"}
				if f.NoSetup {
					options = nil
				}
				l := loadDjango(t, python(t, f.Series), folder, f.Module, f.Class, bareEnv(more, f.environ(folder)...), options...)
				if l.Error != "" {
					t.Fatalf("Django %s refuses it:\n%s", l.Django, l.Error)
				}
				if !strings.HasPrefix(l.Django, f.Series+".") {
					t.Errorf("loaded by Django %s, not %s", l.Django, f.Series)
				}
				if bad := slices.DeleteFunc(slices.Clone(l.Checks), func(id string) bool { return slices.Contains(f.Accepts, id) }); kind == "clean" && len(bad) > 0 {
					t.Errorf("check --deploy says %v", bad)
				}
				p := oracleProject{Root: folder, Module: f.Module, Class: f.Class, Env: f.environMap(folder)}
				if _, security := p.compare(t, l); security.share() < 0.9 {
					t.Errorf("of the security settings %s", security)
				}
				if !f.NoSetup && otherModule[name] == "" {
					agree(t, auditFixture(t, f), l)
				}
			})
		}
	}
}
