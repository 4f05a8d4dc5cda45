//go:build unix

package cli

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestRotatePrints shows the new value on a terminal that asked for it, and on
// none that didn't.
func TestRotatePrints(t *testing.T) {
	for _, args := range [][]string{{"rotate", "secret-key", "--print"}, {"rotate", "secret-key"}} {
		dir := t.TempDir()
		env := filepath.Join(dir, ".env")
		if err := os.WriteFile(env, []byte("SECRET_KEY=old\n"), 0o644); err != nil {
			t.Fatal(err)
		}
		r := inTerminal(t, dir, nil, args...)
		if code := r.exit(); code != exitOK {
			t.Fatalf("exit code %d:\n%s", code, r.raw())
		}
		key := regexp.MustCompile(`(?m)^SECRET_KEY=(.{64})$`).FindStringSubmatch(readFile(t, env))
		if key == nil {
			t.Fatalf("no new key in %q", readFile(t, env))
		}
		if shown := strings.Contains(r.raw(), key[1]); shown != (len(args) == 3) {
			t.Errorf("%v: shown is %v\n%s", args, shown, r.raw())
		}
		if info, err := os.Stat(env); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("mode %v, %v", info.Mode(), err)
		}
	}
}

// TestRotateStoppedAtAnyMoment stops and kills rotate all through a run: .env
// is the old one or the whole new one, and the next run leaves nothing else.
func TestRotateStoppedAtAnyMoment(t *testing.T) {
	const old = "# mine\nSECRET_KEY=old\nSECRET_KEY_FALLBACKS=\nDEBUG=0\n"
	whole := regexp.MustCompile(`^# mine\nSECRET_KEY=[\w-]{64}\n# Replaced: \S+Z\nSECRET_KEY_FALLBACKS=old\nDEBUG=0\n$`)
	took := time.Duration(0)
	for i := range 40 {
		dir, env := home(t)
		name := filepath.Join(dir, ".env")
		if err := os.WriteFile(name, []byte(old), 0o600); err != nil {
			t.Fatal(err)
		}
		rotate := func(args ...string) *exec.Cmd {
			cmd := exec.Command(filepath.Join(commandDir(t), "djharden"), append([]string{"rotate"}, args...)...)
			cmd.Dir, cmd.Env = dir, env
			return cmd
		}
		if i < 3 { // the slowest of three sets the pace
			start := time.Now()
			if out, err := rotate("secret-key").CombinedOutput(); err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			took = max(took, time.Since(start))
			continue
		}
		s := []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGKILL}[i%3]
		code, out := stopAfter(t, rotate("secret-key"), s, took*time.Duration(i)/36)
		got := readFile(t, name)
		switch {
		case code == exitOK && whole.MatchString(got), code == exitInterrupted && got == old:
		case code == -1 && (got == old || whole.MatchString(got)): // killed
		default:
			t.Errorf("%v: exit code %d and .env is %q\n%s", s, code, got, out)
		}
		if out, err := rotate("--prune", "14d").CombinedOutput(); err != nil {
			t.Fatalf("the next run: %v\n%s", err, out)
		}
		if got := readFile(t, name); got != old && !whole.MatchString(got) {
			t.Errorf("%v: after another run .env is %q", s, got)
		}
		if list := files(t, dir); !slices.Equal(list, []string{".env", "mine.txt"}) {
			t.Errorf("%v: it left %q", s, list)
		}
	}
}

// TestRotateAtOnce runs several rotations at the same time: each that says it
// is done has its key in the file, in the order they came.
func TestRotateAtOnce(t *testing.T) {
	dir, env := home(t)
	name := filepath.Join(dir, ".env")
	if err := os.WriteFile(name, []byte("SECRET_KEY=old\nSECRET_KEY_FALLBACKS=\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	const runs = 6
	bin := filepath.Join(commandDir(t), "djharden")
	failed := make(chan string, runs)
	for range runs {
		go func() {
			cmd := exec.Command(bin, "rotate", "secret-key")
			cmd.Dir, cmd.Env = dir, env
			if out, err := cmd.CombinedOutput(); err != nil {
				failed <- string(out)
				return
			}
			failed <- ""
		}()
	}
	done := 0
	for range runs {
		switch out := <-failed; {
		case out == "":
			done++
		case !strings.Contains(out, "another djharden is writing here") && !strings.Contains(out, "changed since it was read"):
			t.Errorf("it failed with:\n%s", out)
		}
	}
	list := regexp.MustCompile(`(?m)^SECRET_KEY_FALLBACKS=(.*)$`).FindStringSubmatch(readFile(t, name))
	if list == nil || len(strings.Split(list[1], ",")) != done || done == 0 {
		t.Errorf("%d rotations, and .env is %q", done, readFile(t, name))
	}
}
