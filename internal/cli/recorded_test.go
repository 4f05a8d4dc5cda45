//go:build unix

package cli

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/djharden/djharden/internal/scaffold"

	"github.com/rogpeppe/go-internal/txtar"
)

// recordedProject unpacks a project as an earlier djharden made it, beside a
// state folder of its own. git doesn't carry .env, nor does the recording: it
// is made here, with secrets that nothing else has.
func recordedProject(t *testing.T, name string) (dir string, secrets []string) {
	t.Helper()
	top := t.TempDir()
	t.Setenv("HOME", top)
	t.Setenv("XDG_STATE_HOME", filepath.Join(top, "state"))
	dir = filepath.Join(top, "shop")
	a, err := txtar.ParseFile(name)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range a.Files {
		if f.Name == ".env.example" {
			var env []byte
			env, secrets = filledIn(f.Data)
			writeFile(t, filepath.Join(dir, ".env"), env, 0o600)
		}
		writeFile(t, filepath.Join(dir, f.Name), f.Data, 0o644)
	}
	return dir, secrets
}

func writeFile(t *testing.T, name string, data []byte, mode fs.FileMode) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, data, mode); err != nil {
		t.Fatal(err)
	}
}

// filledIn is a .env made of a .env.example, and the secrets in it.
func filledIn(example []byte) (env []byte, secrets []string) {
	var b bytes.Buffer
	for line := range strings.Lines(string(example)) {
		name, _, ok := strings.Cut(strings.TrimSpace(line), "=")
		secret := rand.Text() + rand.Text()
		switch {
		case !ok || strings.HasPrefix(line, "#"):
			b.WriteString(line)
			continue
		case name == "ADMIN_PATH":
			secret = strings.ToLower(secret) + "/"
		case name == "DATABASE_URL":
			fmt.Fprintf(&b, "%s=postgres://shop:%s@db.example.com/shop?sslmode=verify-full\n", name, secret)
			secrets = append(secrets, secret)
			continue
		case !regexp.MustCompile(`(SECRET|KEY|PASSWORD|TOKEN)`).MatchString(name) || strings.HasSuffix(name, "FALLBACKS"):
			b.WriteString(line)
			continue
		}
		fmt.Fprintf(&b, "%s=%s\n", name, secret)
		secrets = append(secrets, secret)
	}
	return b.Bytes(), secrets
}

// djharden runs a command line in this process.
func djharden(t *testing.T, line string, args ...string) (code int, out string) {
	t.Helper()
	var b bytes.Buffer
	code = Main(append(strings.Fields("djharden "+line), args...), nil, &b, &b)
	return code, b.String()
}

func mustRun(t *testing.T, want int, line string, args ...string) string {
	t.Helper()
	code, out := djharden(t, line, args...)
	if code != want {
		t.Fatalf("djharden %s: exit %d, want %d\n%s", line, code, want, out)
	}
	return out
}

func recordings(t *testing.T) []string {
	t.Helper()
	list, err := filepath.Glob("testdata/recorded/*.txtar")
	if err != nil || len(list) < 3 {
		t.Fatalf("recordings: %v, %v", list, err)
	}
	return list
}

// TestRecordedProjects syncs projects that earlier templates made, with the
// user's edits in every file: they come out as this djharden makes them, the
// edits alive, through each Django up to the newest.
func TestRecordedProjects(t *testing.T) {
	for _, name := range recordings(t) {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			dir, _ := recordedProject(t, name)
			mine := editAll(t, dir)
			out := mustRun(t, exitOK, "sync --yes", dir)
			if !strings.Contains(out, "What changed, and why") {
				t.Errorf("no changelog:\n%s", out)
			}
			for _, series := range append([]string{""}, scaffold.DjangoSeries[2:]...) {
				if series != "" {
					upgradeRequirement(t, dir, series)
					mustRun(t, exitOK, "sync --yes --django "+series, dir)
				}
				mustRun(t, exitOK, "sync --check", dir)
				for _, file := range mine {
					if !strings.Contains(readFile(t, filepath.Join(dir, file)), "# mine, to stay\n") {
						t.Errorf("django %s: %s lost the user's line", series, file)
					}
				}
				asFresh(t, dir, mine)
			}
		})
	}
}

// upgradeRequirement writes another Django into requirements.txt where the
// line is the user's.
func upgradeRequirement(t *testing.T, dir, series string) {
	t.Helper()
	name := filepath.Join(dir, "requirements.txt")
	text := regexp.MustCompile(`(?m)^Django==.*$`).ReplaceAllString(readFile(t, name), "Django=="+series+".1")
	writeFile(t, name, []byte(text), 0o644)
}

// editAll adds a line to the end of each Python file of djharden's.
func editAll(t *testing.T, dir string) (edited []string) {
	t.Helper()
	base := filepath.Join(dir, ".djharden", "base")
	err := filepath.WalkDir(base, func(name string, d fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(name) != ".py" {
			return err
		}
		rel, err := filepath.Rel(base, name)
		if err != nil || strings.Contains(rel, "migrations") {
			return err
		}
		file := filepath.Join(dir, rel)
		writeFile(t, file, []byte(readFile(t, file)+"# mine, to stay\n"), 0o644)
		edited = append(edited, filepath.ToSlash(rel))
		return nil
	})
	if err != nil || len(edited) < 5 {
		t.Fatalf("%v: %v", edited, err)
	}
	return edited
}

// asFresh holds a new project to what init makes of the same answers now.
func asFresh(t *testing.T, dir string, mine []string) {
	t.Helper()
	toml := filepath.Join(dir, "djharden.toml")
	if strings.Contains(readFile(t, toml), "\nsettings = ") {
		return // an adopted one isn't made of its answers alone
	}
	fresh := filepath.Join(t.TempDir(), "shop")
	mustRun(t, exitOK, "init --yes --config "+toml, fresh)
	err := filepath.WalkDir(fresh, func(name string, d fs.DirEntry, err error) error {
		rel, _ := filepath.Rel(fresh, name)
		if err != nil || d.IsDir() || slices.Contains([]string{".env", "README.md", "djharden.toml", ".env.example"}, rel) || strings.HasPrefix(rel, ".djharden") {
			return err
		}
		want, now := readFile(t, name), readFile(t, filepath.Join(dir, rel))
		if slices.Contains(mine, filepath.ToSlash(rel)) {
			now = strings.TrimSuffix(now, "# mine, to stay\n")
		}
		if now != want {
			t.Errorf("%s isn't as init makes it:\n%s\nit is\n%s", rel, want, now)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range scaffold.Options {
		if a, b := answersOf(t, dir)[o.Key], answersOf(t, fresh)[o.Key]; a != b {
			t.Errorf("%s is %q, and %q anew", o.Key, a, b)
		}
	}
}

// TestSecretsOverFiftySyncs: each secret of .env is as it was, and stands
// nowhere else: not in the tree, nor in djharden's records, nor in any output.
func TestSecretsOverFiftySyncs(t *testing.T) {
	for _, name := range recordings(t) {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			dir, secrets := recordedProject(t, name)
			if len(secrets) < 3 {
				t.Fatalf("only %d secrets", len(secrets))
			}
			was := envLines(t, dir)
			var shown strings.Builder
			for i := range 50 {
				how := []string{
					"--yes", "--diff --csp off", "--check", "--dry-run --json", "--yes --csp off", "--yes --csp enforce --json", "--yes --env --domain a.example,b.example",
					"--yes --lockout=false", "--yes --env --domain example.com --lockout", "--yes --conflict=theirs --hsts 1d",
				}[i%10]
				code, out := djharden(t, "sync "+how, dir)
				shown.WriteString(out)
				if code != exitOK && code != exitFindings {
					t.Fatalf("sync %s: exit %d\n%s", how, code, out)
				}
			}
			now := envLines(t, dir)
			for name, line := range was {
				if name != "ALLOWED_HOSTS" && name != "CORS_ALLOWED_ORIGINS" && now[name] != line {
					t.Errorf("%s is another", name)
				}
			}
			// What a sync added is a secret, too.
			if key := strings.TrimPrefix(now["JWT_SIGNING_KEY"], "JWT_SIGNING_KEY="); key != "" {
				secrets = append(secrets, key)
			}
			for _, secret := range secrets {
				if strings.Contains(shown.String(), secret) {
					t.Error("a secret was printed")
				}
				if n := strings.Count(readFile(t, filepath.Join(dir, ".env")), secret); n != 1 {
					t.Errorf("a secret stands %d times in .env", n)
				}
			}
			nowhere(t, dir, secrets)
		})
	}
}

func envLines(t *testing.T, dir string) map[string]string {
	t.Helper()
	lines := map[string]string{}
	for line := range strings.Lines(readFile(t, filepath.Join(dir, ".env"))) {
		if name, _, ok := strings.Cut(strings.TrimSpace(line), "="); ok && !strings.HasPrefix(line, "#") {
			lines[name] = strings.TrimSpace(line)
		}
	}
	return lines
}

// nowhere looks for secrets in every file but .env.
func nowhere(t *testing.T, dir string, secrets []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || d.Name() == ".env" {
			return err
		}
		text := readFile(t, name)
		for _, secret := range secrets {
			if strings.Contains(text, secret) {
				t.Errorf("%s holds a secret", name)
			}
		}
		return nil
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
}

// TestSyncsAtOnce: of several syncs in one folder each ends well or is told
// that another is at work, and the tree is a whole one.
func TestSyncsAtOnce(t *testing.T) {
	dir, _ := recordedProject(t, "testdata/recorded/1-lms.txtar")
	codes := make(chan int, 8)
	for i := range cap(codes) {
		go func() {
			var b bytes.Buffer
			codes <- Main([]string{"djharden", "sync", "--yes", "--csp", []string{"off", "enforce"}[i%2], dir}, nil, &b, &b)
		}()
	}
	done := 0
	for range cap(codes) {
		switch code := <-codes; code {
		case exitOK:
			done++
		case exitFailed: // locked out, or overtaken
		default:
			t.Errorf("exit %d", code)
		}
	}
	if done == 0 {
		t.Error("none got through")
	}
	csp := answersOf(t, dir)["csp"]
	mustRun(t, exitOK, "sync --check --csp "+csp, dir)
}

func readFile(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
