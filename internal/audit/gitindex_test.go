package audit

import (
	"encoding/binary"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/djharden/djharden/internal/pyeval"
)

// TestGitIndex asks real git to write each version of its index.
func TestGitIndex(t *testing.T) {
	git, err := exec.LookPath("git")
	if err != nil {
		missing(t, "there is no git")
	}
	for _, test := range []struct {
		name string
		args [][]string
	}{
		{"version 2", [][]string{{"update-index", "--index-version=2"}}},
		{"version 3", [][]string{{"update-index", "--index-version=3"}, {"add", "-N", "later.txt"}}},
		{"version 4", [][]string{{"update-index", "--index-version=4"}}},
		{"version 4, extended", [][]string{{"update-index", "--index-version=4"}, {"add", "-N", "later.txt"}}},
		{"sha256", nil},
		{"split", [][]string{{"update-index", "--split-index"}, {"add", "other.txt"}}},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			run := func(args ...string) {
				t.Helper()
				cmd := exec.Command(git, append([]string{"-C", dir, "-c", "core.untrackedCache=false"}, args...)...)
				cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_SYSTEM=/dev/null")
				if out, err := cmd.CombinedOutput(); err != nil {
					t.Fatalf("git %q: %v\n%s", args, err, out)
				}
			}
			if test.name == "sha256" {
				run("init", "-q", "--object-format=sha256")
			} else {
				run("init", "-q")
			}
			if got := tracked(os.DirFS(dir), ".env"); got != pyeval.No {
				t.Errorf("without an index: %v, want No", got)
			}
			names := []string{".env", "a/.env", "a/.env.local", "a/b/settings.py", "a/b/settings2.py", "ünï.txt", strings.Repeat("long/", 60) + "x", "z"}
			for _, name := range append([]string{"later.txt", "other.txt", "never.txt"}, names...) {
				if err := os.MkdirAll(filepath.Join(dir, filepath.Dir(name)), 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(filepath.Join(dir, name), []byte(name), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			run(append([]string{"add"}, names...)...)
			for _, args := range test.args {
				run(args...)
			}
			split := test.name == "split"
			for _, name := range names {
				if got := tracked(os.DirFS(dir), name); got != pyeval.Yes && !(split && got == pyeval.Maybe) {
					t.Errorf("%s: %v, want Yes", name, got)
				}
			}
			if got := tracked(os.DirFS(dir), "never.txt"); got != pyeval.No && !(split && got == pyeval.Maybe) {
				t.Errorf("never.txt: %v, want No", got)
			}
			wantVersion(t, test.name, filepath.Join(dir, ".git", "index"))
		})
	}
}

// wantVersion checks that git wrote the version that the test is about.
func wantVersion(t *testing.T, name, index string) {
	t.Helper()
	var want uint32
	switch {
	case strings.HasPrefix(name, "version 4"):
		want = 4
	case strings.HasPrefix(name, "version 3"):
		want = 3
	case strings.HasPrefix(name, "version 2"):
		want = 2
	default:
		return
	}
	data, err := os.ReadFile(index)
	if err != nil {
		t.Fatal(err)
	}
	if got := binary.BigEndian.Uint32(data[4:]); got != want {
		t.Errorf("git wrote version %d", got)
	}
}

func TestNoRepository(t *testing.T) {
	if got := tracked(os.DirFS(t.TempDir()), ".env"); got != pyeval.Maybe {
		t.Errorf("got %v, want Maybe", got)
	}
}

func FuzzGitIndex(f *testing.F) {
	f.Add([]byte("DIRC\x00\x00\x00\x04\x00\x00\x00\x01"+strings.Repeat("\x00", 90)), 20)
	f.Fuzz(func(t *testing.T, data []byte, hash int) {
		if hash != 20 && hash != 32 {
			return
		}
		_, _ = parseIndex(data, hash)
	})
}
