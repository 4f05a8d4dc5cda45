//go:build unix

package cli

import (
	"crypto/sha256"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
)

// conflicting is a project in which the user has changed two places that the
// next stages of HSTS and Django change, too.
func conflicting(t *testing.T) (dir string, env []string) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "shop")
	env = []string{"XDG_STATE_HOME=" + t.TempDir()}
	first := inTerminal(t, t.TempDir(), env, "init", dir, "--domain", "example.com", "--yes")
	if code := first.exit(); code != exitOK {
		t.Fatal(first.raw())
	}
	edit(t, dir, "config/settings/prod.py", `(?m)^SECURE_HSTS_SECONDS = .*$`, "SECURE_HSTS_SECONDS = 7200")
	edit(t, dir, "config/settings/base.py", `(?m)^    "csp",$`, `    "csp",  # mine`)
	return dir, env
}

func edit(t *testing.T, dir, name, pattern, to string) {
	t.Helper()
	name = filepath.Join(dir, name)
	old := readFile(t, name)
	text := regexp.MustCompile(pattern).ReplaceAllString(old, to)
	if text == old {
		t.Fatalf("%s has no %s", name, pattern)
	}
	writeFile(t, name, []byte(text), 0o644)
}

// treeSum identifies a folder: names, modes and bytes.
func treeSum(t *testing.T, dir string) string {
	t.Helper()
	h := sha256.New()
	err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		fmt.Fprintln(h, name, info.Mode())
		if d.Type().IsRegular() {
			data, err := os.ReadFile(name)
			h.Write(data)
			return err
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%x", h.Sum(nil))
}

const asksBase, asksProd = "? What goes into config/settings/base.py:", "? What goes into config/settings/prod.py:"

func TestConflictPrompt(t *testing.T) {
	t.Parallel()
	dir, env := conflicting(t)
	r := inTerminal(t, dir, env, "sync", "--django", "6.0", "--hsts", "1d")
	// The three sides are shown, with their place.
	r.expect(`(1 of 2) the last render | "csp", yours | "csp", # mine djharden's (nothing)`)
	r.expect(asksBase)
	r.reply(down + enter)
	r.expect("| SECURE_HSTS_SECONDS = 7200 djharden's")
	r.expect("| SECURE_HSTS_SECONDS = 86_400")
	r.expect(asksProd)
	r.reply(enter)
	r.expect("-    \"csp\", # mine")
	r.expect("? Write these")
	r.reply(enter)
	if code := r.exit(); code != exitOK {
		t.Fatalf("exit code %d\n%s", code, escapes.ReplaceAllString(r.raw(), ""))
	}
	if text := readFile(t, filepath.Join(dir, "config/settings/base.py")); strings.Contains(text, `"csp"`) || !strings.Contains(text, "csp.ContentSecurityPolicyMiddleware") {
		t.Error("djharden's side was chosen in base.py and isn't there")
	}
	if text := readFile(t, filepath.Join(dir, "config/settings/prod.py")); !strings.Contains(text, "= 7200\n") {
		t.Error("the user's side was chosen in prod.py and isn't there")
	}
	again := exec.Command(r.cmd.Path, "sync", "--check", dir)
	again.Env = r.cmd.Env
	if out, err := again.CombinedOutput(); err != nil {
		t.Errorf("after the choices there is drift: %v\n%s", err, out)
	}
}

// TestConflictPromptMarks leaves a conflict to the file.
func TestConflictPromptMarks(t *testing.T) {
	t.Parallel()
	dir, env := conflicting(t)
	r := inTerminal(t, dir, env, "sync", "--hsts", "1d")
	r.play([]step{{asksProd, down + down + enter}, {"? Write these", enter}})
	if code := r.exit(); code != exitConflicts || !strings.Contains(readFile(t, filepath.Join(dir, "config/settings/prod.py")), "<<<<<<< yours\n") {
		t.Errorf("exit code %d\n%s", code, escapes.ReplaceAllString(r.raw(), ""))
	}
	// A run with marks in a file asks nothing: they are to be settled there.
	r = inTerminal(t, dir, env, "sync")
	if code := r.exit(); code != exitConflicts || !strings.Contains(plain(r.raw()), "a conflict that an earlier sync marked is still in it") {
		t.Errorf("exit code %d\n%s", code, escapes.ReplaceAllString(r.raw(), ""))
	}
}

// TestConflictPromptInvalid asks about the whole file where the choices
// together aren't Python.
func TestConflictPromptInvalid(t *testing.T) {
	t.Parallel()
	dir, env := conflicting(t)
	edit(t, dir, "config/settings/prod.py", `= 7200`, "= (7200")
	r := inTerminal(t, dir, env, "sync", "--hsts", "1d")
	r.play([]step{{asksProd, enter}})
	r.expect("together aren't valid: line")
	r.play([]step{{asksProd, down + enter}, {"? Write these", enter}})
	if code := r.exit(); code != exitOK || !strings.Contains(readFile(t, filepath.Join(dir, "config/settings/prod.py")), "= 86_400\n") {
		t.Errorf("exit code %d\n%s", code, escapes.ReplaceAllString(r.raw(), ""))
	}
}

// TestSyncAsksWhere asks where the settings package is, where that can't be
// told, and goes by the answer.
func TestSyncAsksWhere(t *testing.T) {
	t.Parallel()
	for name, copies := range map[string][]string{"one of two": {"one", "two"}, "typed": nil} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir, env := conflicting(t)
			config := filepath.Join(dir, "config")
			keys := down + enter
			for _, to := range copies {
				if err := os.CopyFS(filepath.Join(dir, to), os.DirFS(config)); err != nil {
					t.Fatal(err)
				}
			}
			if copies == nil { // it is below another folder, where djharden's can't be
				keys = "nowhere.settings" + enter
				if err := os.CopyFS(filepath.Join(dir, "src", "two"), os.DirFS(filepath.Join(config, "migrations"))); err != nil {
					t.Fatal(err)
				}
			}
			if err := os.RemoveAll(config); err != nil {
				t.Fatal(err)
			}
			r := inTerminal(t, dir, env, "sync")
			r.expect("config/settings: isn't there any more")
			r.play([]step{{"? Where is the settings package now", keys}})
			if copies == nil {
				if code := r.exit(); code != exitFailed || !strings.Contains(r.raw(), "nowhere/settings: isn't there") {
					t.Errorf("exit code %d\n%s", code, escapes.ReplaceAllString(r.raw(), ""))
				}
				return
			}
			r.play([]step{{"? Write these", enter}})
			if code := r.exit(); code != exitOK || answersOf(t, dir)["package"] != "two" {
				t.Errorf("exit code %d\n%s", code, escapes.ReplaceAllString(r.raw(), ""))
			}
		})
	}
}

// TestConflictPromptStops ends a sync at each of its questions, in each way
// there is: nothing has changed then.
func TestConflictPromptStops(t *testing.T) {
	t.Parallel()
	questions := []string{asksBase, asksProd, "? Write these"}
	for i := range questions {
		for _, how := range []string{"ctrl-c", "stop", "signal"} {
			if how == "stop" && i == 2 {
				continue // there it is called no
			}
			t.Run(fmt.Sprint(i, how), func(t *testing.T) {
				t.Parallel()
				dir, env := conflicting(t)
				before := treeSum(t, dir)
				r := inTerminal(t, dir, env, "sync", "--django", "6.0", "--hsts", "1d")
				for _, q := range questions[:i] {
					r.play([]step{{q, enter}})
				}
				r.expect(questions[i])
				switch how {
				case "ctrl-c":
					r.reply(ctrlC)
				case "stop":
					r.reply(up + enter)
				default:
					if err := r.cmd.Process.Signal(syscall.SIGTERM); err != nil {
						t.Fatal(err)
					}
				}
				if code := r.exit(); code != exitInterrupted || !strings.Contains(r.raw(), "djharden: interrupted: nothing was changed\r\n") {
					t.Errorf("exit code %d\n%s", code, escapes.ReplaceAllString(r.raw(), ""))
				}
				if treeSum(t, dir) != before {
					t.Error("the folder has changed")
				}
			})
		}
	}
}
