//go:build unix

package cli

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"github.com/creack/pty"

	"github.com/djharden/djharden/internal/scaffold"
)

// step is a question as it is shown and the keys that answer it.
type step struct{ question, keys string }

func ask(key, keys string) step {
	return step{"? " + label(scaffold.FindOption(key)), keys}
}

// defaults answers what has no default, and Enter to everything else.
func defaults() []step {
	return []step{
		ask("name", enter), ask("domain", "example.com"+enter), ask("proxy_hops", enter),
		ask("database_url", enter), ask("database_tls", enter), ask("database_ca", enter), ask("redis_url", enter),
		ask("django", enter), ask("preset", enter), ask("jwt", enter), ask("cors_origin", enter), ask("csp", enter),
		ask("lockout", enter), ask("admin_2fa", enter), ask("security_log", enter), ask("upload_limit", enter),
		ask("hsts", enter), ask("admin_path", enter),
		{"? Write these", enter},
	}
}

const secretURL = "postgres://shop:hunter2@db.example.org:5433/shop"

// changed answers every question with something else than its default.
func changed() []step {
	return []step{
		ask("name", "shop"+enter),
		ask("domain", "example.org, www.example.org"+enter),
		ask("proxy_hops", down+enter), // 2
		ask("database_url", secretURL+enter),
		{"? It reads postgres://shop:***@db.example.org:5433/shop - right?", enter},
		ask("database_tls", down+enter), // require
		ask("database_ca", "/etc/ssl/db.pem"+enter),
		ask("redis_url", "redis://:hunter3@127.0.0.1:6379/1"+enter),
		{"? It reads redis://:***@127.0.0.1:6379/1 - right?", enter},
		ask("django", down+down+enter), // 6.1
		ask("preset", down+down+enter), // api
		ask("jwt", "n"+enter),
		ask("cors_origin", "https://app.example.org"+enter),
		ask("csrf_trusted_origin", "https://app.example.org"+enter),
		ask("csp", down+enter), // report-only
		ask("lockout", "n"+enter),
		ask("admin_2fa", "y"+enter),
		ask("ratelimit", "y"+enter),
		ask("security_log", "/var/log/shop/security.log"+enter),
		ask("upload_limit", "5MB"+enter),
		ask("hsts", down+enter), // 1d
		ask("admin_path", "back-office/"+enter),
		{"? Write these", enter},
	}
}

func (r *ptyRun) play(steps []step) {
	r.t.Helper()
	for _, s := range steps {
		r.expect(s.question)
		r.reply(s.keys)
	}
}

// answersOf reads the djharden.toml that was written.
func answersOf(t *testing.T, dir string) map[string]string {
	t.Helper()
	m, err := scaffold.ParseTOML([]byte(readFile(t, filepath.Join(dir, "djharden.toml"))), "djharden.toml")
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestPromptDefaults(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	r := inTerminal(t, dir, nil, "init", "mysite")
	r.play(defaults())
	if code := r.exit(); code != exitOK {
		t.Fatalf("exit code %d\n%s", code, escapes.ReplaceAllString(r.raw(), ""))
	}
	if !strings.Contains(r.raw(), "\x1b[") || !regexp.MustCompile("\x1b\\[[0-9;]+m").MatchString(r.raw()) {
		t.Error("no colour on a terminal")
	}
	// The same by flags: one answer, whichever way it came.
	byFlags := t.TempDir()
	cmd := exec.Command(r.cmd.Path, "init", "mysite", "--domain", "example.com", "--yes")
	cmd.Dir, cmd.Env = byFlags, append(r.cmd.Env, "XDG_STATE_HOME="+t.TempDir())
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, name := range []string{"djharden.toml", "config/settings/prod.py", "README.md", ".gitignore"} {
		asked, given := readFile(t, filepath.Join(dir, "mysite", name)), readFile(t, filepath.Join(byFlags, "mysite", name))
		if asked != given {
			t.Errorf("%s differs between prompts and flags:\n%s\n---\n%s", name, asked, given)
		}
	}
}

func TestPromptEveryOptionChanged(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	r := inTerminal(t, dir, nil, "init", "mysite")
	r.play(changed())
	if code := r.exit(); code != exitOK {
		t.Fatalf("exit code %d\n%s", code, escapes.ReplaceAllString(r.raw(), ""))
	}
	got := answersOf(t, filepath.Join(dir, "mysite"))
	want := map[string]string{
		"name": "shop", "domain": "example.org,www.example.org", "proxy_hops": "2", "database_tls": "require", "database_ca": "/etc/ssl/db.pem",
		"redis_url": "redis://:***@127.0.0.1:6379/1", "django": "6.1", "preset": "api", "jwt": "false",
		"cors_origin": "https://app.example.org", "csrf_trusted_origin": "https://app.example.org", "csp": "report-only",
		"lockout": "false", "admin_2fa": "true", "ratelimit": "true", "security_log": "/var/log/shop/security.log",
		"upload_limit": "5MB", "hsts": "1d",
	}
	plainly := answersByDefault(t)
	for key, v := range want {
		if got[key] != v {
			t.Errorf("%s = %q, want %q", key, got[key], v)
		}
		if plainly[key] == v {
			t.Errorf("%s = %q is its default: the test changes nothing", key, v)
		}
	}
	for _, o := range scaffold.Options {
		if _, ok := want[o.Key]; !ok && !o.Unsaved && !o.Unasked && o.Key != "settings" {
			t.Errorf("%s is an option that this test doesn't change", o.Key)
		}
	}
	env := []byte(readFile(t, filepath.Join(dir, "mysite", ".env")))
	for name, want := range map[string]string{"DATABASE_URL": secretURL + "?sslmode=require", "ADMIN_PATH": "back-office/", "REDIS_URL": "redis://:hunter3@127.0.0.1:6379/1"} {
		if got, _ := scaffold.DotEnvValue(env, name); got != want {
			t.Errorf("%s=%s, want %s", name, got, want)
		}
	}
	for _, secret := range []string{"hunter2", "hunter3"} {
		if strings.Contains(r.raw(), secret) {
			t.Errorf("the terminal showed %s", secret)
		}
	}
}

func answersByDefault(t *testing.T) map[string]string {
	a, err := answer(map[string]given{"domain": {"example.com", ""}}, nil, "/mysite")
	if err != nil {
		t.Fatal(err)
	}
	m := map[string]string{}
	for _, o := range scaffold.Options {
		m[o.Key] = o.Get(a)
	}
	return m
}

// TestCtrlCAtEachQuestion stops at each question of the longest way through.
func TestCtrlCAtEachQuestion(t *testing.T) {
	t.Parallel()
	steps := changed()
	for i := range steps {
		t.Run(fmt.Sprintf("%02d", i), func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			keep := filepath.Join(dir, "mine.txt")
			if err := os.WriteFile(keep, []byte("mine\n"), 0o640); err != nil {
				t.Fatal(err)
			}
			r := inTerminal(t, dir, nil, "init")
			stop := append([]step{}, steps[:i+1]...)
			stop[i].keys = ctrlC
			r.play(stop)
			untouched(t, r, dir)
		})
	}
}

// untouched checks that a run ended as one that changed nothing.
func untouched(t *testing.T, r *ptyRun, dir string) {
	t.Helper()
	if code := r.exit(); code != exitInterrupted {
		t.Errorf("exit code %d, want %d\n%s", code, exitInterrupted, escapes.ReplaceAllString(r.raw(), ""))
	}
	if !strings.Contains(r.raw(), "djharden: interrupted: nothing was changed\r\n") {
		t.Errorf("it doesn't say that nothing was changed:\n%s", escapes.ReplaceAllString(r.raw(), ""))
	}
	names, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(names) != 1 || names[0].Name() != "mine.txt" || readFile(t, filepath.Join(dir, "mine.txt")) != "mine\n" {
		t.Errorf("the folder has changed: %v", names)
	}
}

// TestSignalAtAQuestion asks the program to stop while it waits for an answer.
func TestSignalAtAQuestion(t *testing.T) {
	t.Parallel()
	for _, s := range []syscall.Signal{syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP} {
		t.Run(s.String(), func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			if err := os.WriteFile(filepath.Join(dir, "mine.txt"), []byte("mine\n"), 0o640); err != nil {
				t.Fatal(err)
			}
			r := inTerminal(t, dir, nil, "init")
			r.play(defaults()[:3])
			r.expect(ask("database_url", "").question)
			if err := r.cmd.Process.Signal(s); err != nil {
				t.Fatal(err)
			}
			untouched(t, r, dir)
		})
	}
}

// TestPromptNo says no to the last question.
func TestPromptNo(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "mine.txt"), []byte("mine\n"), 0o640); err != nil {
		t.Fatal(err)
	}
	r := inTerminal(t, dir, nil, "init")
	steps := defaults()
	steps[len(steps)-1].keys = "n" + enter
	r.play(steps)
	untouched(t, r, dir)
}

// TestPromptAsksAgain gives wrong answers first, each of which is refused on
// Enter, in words, without showing a password.
func TestPromptAsksAgain(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	r := inTerminal(t, dir, nil, "init", "mysite", "--preset", "site", "--django=6.0", "--csp=off", "--hsts", "off",
		"--lockout=false", "--admin-2fa=false", "--redis-url=", "--security-log=", "--database-ca=", "--upload-limit", "off")
	r.play([]step{
		ask("name", "class"+enter), {`"class"`, "\x7f\x7f\x7f\x7f\x7f" + "school" + enter},
		ask("domain", enter), {"name at least one host", "https://example.com" + enter}, {`"https://example.com"`, "example.com" + enter},
		ask("proxy_hops", up+enter),
		ask("database_url", "mysql://u:hunter2@h/d"+enter), {"postgres", "postgres://u:hunter2@db/d?sslmode=disable" + enter},
		{"- right?", "n" + enter},
		ask("database_url", "postgres://u:hunter2@db/d"+enter), {"- right?", enter},
		ask("database_tls", down+down+enter), {"is for a database on this machine", up + enter},
	})
	r.expect("?")
	r.reply(ctrlC)
	r.exit()
	if strings.Contains(r.raw(), "hunter2") {
		t.Error("the terminal showed the password")
	}
}

// TestPromptInAClone asks for what git doesn't carry, and makes .env alone.
func TestPromptInAClone(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	first := inTerminal(t, dir, nil, "init", "--domain", "example.com", "--redis-url", "redis://:hunter3@127.0.0.1:6379/0", "--yes")
	if code := first.exit(); code != exitOK {
		t.Fatal(first.raw())
	}
	if err := os.Remove(filepath.Join(dir, ".env")); err != nil {
		t.Fatal(err)
	}
	r := inTerminal(t, dir, nil, "init")
	r.play([]step{
		ask("database_url", enter),
		ask("redis_url", "redis://:hunter4@127.0.0.1:6379/0"+enter), {"- right?", enter},
		ask("admin_path", enter),
		{"? Write this file?", enter},
	})
	if code := r.exit(); code != exitOK {
		t.Fatalf("exit code %d\n%s", code, escapes.ReplaceAllString(r.raw(), ""))
	}
	if v, _ := scaffold.DotEnvValue([]byte(readFile(t, filepath.Join(dir, ".env"))), "REDIS_URL"); v != "redis://:hunter4@127.0.0.1:6379/0" {
		t.Errorf("REDIS_URL=%s", v)
	}
}

// TestNoColor: a terminal without colours gets none, from anything.
func TestNoColor(t *testing.T) {
	t.Parallel()
	for _, env := range []string{"NO_COLOR=1", "TERM=dumb"} {
		t.Run(env, func(t *testing.T) {
			t.Parallel()
			r := inTerminal(t, t.TempDir(), []string{env}, "init", "mysite")
			r.play(defaults())
			if code := r.exit(); code != exitOK {
				t.Fatalf("exit code %d", code)
			}
			if m := regexp.MustCompile("\x1b\\[[0-9;]*m").FindString(r.raw()); m != "" {
				t.Errorf("%q on a terminal without colours", m)
			}
		})
	}
}

// TestTerminalOnOneSide asks nothing where only one of stdin and stderr is a
// terminal.
func TestTerminalOnOneSide(t *testing.T) {
	t.Parallel()
	r := inTerminal(t, t.TempDir(), nil, "init", "mysite", "--domain", "example.com", "--yes")
	if code := r.exit(); code != exitOK {
		t.Fatal(r.raw())
	}
	for _, side := range []string{"stdin", "stderr"} {
		master, tty, err := pty.Open()
		if err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command(r.cmd.Path, "init", "other")
		cmd.Dir, cmd.Env = t.TempDir(), r.cmd.Env
		if side == "stdin" {
			cmd.Stdin = tty
		} else {
			cmd.Stderr = tty
		}
		err = cmd.Run()
		var e *exec.ExitError
		if !errors.As(err, &e) || e.ExitCode() != exitUsage {
			t.Errorf("a terminal on %s alone: %v, want exit code %d", side, err, exitUsage)
		}
		tty.Close()
		master.Close()
	}
}
