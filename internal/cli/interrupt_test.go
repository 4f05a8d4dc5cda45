//go:build unix

package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestStoppedAtAnyMoment asks djharden to stop at moments all through a run.
// What is left is the old tree and exit code 130, or the new one and 0.
func TestStoppedAtAnyMoment(t *testing.T) {
	whole := wholeRun(t)
	for _, s := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM} {
		codes := map[int]int{}
		for i := range 14 {
			dir, env := home(t)
			cmd := initIn(t, dir, env)
			code, out := stopAfter(t, cmd, s, whole.took*time.Duration(i+1)/12)
			codes[code]++
			switch got := files(t, dir); {
			case code == exitOK && slices.Equal(got, whole.files):
			case code == exitInterrupted && slices.Equal(got, []string{"mine.txt"}):
				if !strings.HasSuffix(out, "djharden: interrupted: nothing was changed\n") {
					t.Errorf("%v: it says %q", s, out)
				}
			case code == -1 && len(got) == 1: // before it listened
			default:
				t.Errorf("%v: exit code %d and these files: %q\n%s", s, code, got, out)
			}
		}
		t.Logf("%v: exit codes %v", s, codes)
	}
}

// TestKilledAtAnyMoment kills djharden at moments all through a run. The next
// command leaves a whole tree, says what it found, and undo removes it all.
func TestKilledAtAnyMoment(t *testing.T) {
	whole := wholeRun(t)
	said := 0
	for i := range 16 {
		dir, env := home(t)
		stopAfter(t, initIn(t, dir, env), syscall.SIGKILL, whole.took*time.Duration(i+1)/14)
		again := initIn(t, dir, env)
		out, err := again.CombinedOutput()
		if err != nil {
			t.Fatalf("after a kill: %v\n%s", err, out)
		}
		if strings.Contains(string(out), "an earlier run") || strings.Contains(string(out), "interrupted") {
			said++
		}
		if got := files(t, dir); !slices.Equal(got, whole.files) {
			t.Errorf("after a kill and another init, these files: %q\nwant %q", got, whole.files)
		}
		undo := exec.Command(again.Path, "undo")
		undo.Dir, undo.Env = dir, env
		if out, err := undo.CombinedOutput(); err != nil {
			t.Fatalf("undo after a kill: %v\n%s", err, out)
		}
		if got := files(t, dir); !slices.Equal(got, []string{"mine.txt"}) {
			t.Errorf("after undo: %q", got)
		}
	}
	t.Logf("%d runs said that an earlier one was cut short", said)
}

type run struct {
	files []string
	took  time.Duration
}

// wholeRun is a run that nothing stops, timed.
func wholeRun(t *testing.T) run {
	t.Helper()
	var r run
	for range 3 { // the slowest: the disk's caches are warm after the first
		dir, env := home(t)
		start := time.Now()
		if out, err := initIn(t, dir, env).CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		r.took = max(r.took, time.Since(start))
		r.files = files(t, dir)
	}
	return r
}

func home(t *testing.T) (dir string, env []string) {
	t.Helper()
	dir = t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "mine.txt"), []byte("mine\n"), 0o640); err != nil {
		t.Fatal(err)
	}
	return dir, []string{"HOME=" + t.TempDir(), "XDG_STATE_HOME=" + t.TempDir(), "PATH="}
}

func initIn(t *testing.T, dir string, env []string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(filepath.Join(commandDir(t), "djharden"), "init", "--name", "mysite", "--domain", "example.com", "--yes")
	cmd.Dir, cmd.Env = dir, env
	return cmd
}

func stopAfter(t *testing.T, cmd *exec.Cmd, s syscall.Signal, after time.Duration) (int, string) {
	t.Helper()
	var out strings.Builder
	cmd.Stderr = &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	time.Sleep(after)
	if err := cmd.Process.Signal(s); err != nil && !errors.Is(err, os.ErrProcessDone) {
		t.Fatal(err)
	}
	err := cmd.Wait()
	var e *exec.ExitError
	if err != nil && !errors.As(err, &e) {
		t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode(), out.String()
}

// files lists everything under dir, folders that hold nothing included.
func files(t *testing.T, dir string) []string {
	t.Helper()
	var list []string
	err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(dir, name)
		if err != nil {
			return err
		}
		if !d.IsDir() {
			list = append(list, rel)
		} else if entries, err := os.ReadDir(name); err != nil || len(entries) == 0 {
			list = append(list, fmt.Sprintf("%s/", rel))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}
