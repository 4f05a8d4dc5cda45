package e2e

import (
	"cmp"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// userLine is what a user writes into every file; it must be there to the end.
const userLine = "ours, at the end of this file"

// edits are what users change in a new project besides, and what that must
// come to under production settings.
var (
	edits = []control{
		{file: "config/settings/base.py", old: `LANGUAGE_CODE = "en-us"`, new: `LANGUAGE_CODE = "es"`},
		{file: "config/settings/base.py", old: `TIME_ZONE = "UTC"`, new: `TIME_ZONE = "America/Bogota"`},
		{file: "config/settings/base.py", old: "    \"django.contrib.staticfiles\",\n", new: "    \"django.contrib.staticfiles\",\n    \"django.contrib.humanize\",\n"},
		{file: "config/settings/base.py", old: "    \"django.contrib.auth.hashers.ScryptPasswordHasher\",\n", new: ""},
		{file: "config/middleware.py", old: "    def process_request(self, request):\n", new: "    def process_request(self, request):\n        request.ours = True\n"},
	}
	editHolds = []string{
		`settings.LANGUAGE_CODE == "es"`,
		`settings.TIME_ZONE == "America/Bogota"`,
		`"django.contrib.humanize" in settings.INSTALLED_APPS`,
		`not any("Scrypt" in name for name in settings.PASSWORD_HASHERS)`,
		`settings.OURS == "dev.py" or settings.OURS == "prod.py"`,
	}
)

// edit is the user at work: a line of theirs in every file that djharden made,
// .env and its own answers included.
func (c *cell) edit(t *testing.T) []string {
	t.Helper()
	files := []string{".env", ".env.example", ".gitignore", "requirements.txt"}
	for _, name := range []string{"README.md", "DEPLOYMENT.md", "requirements-dev.txt"} {
		if _, err := os.Stat(filepath.Join(c.dir, name)); err == nil {
			files = append(files, name)
		}
	}
	base := filepath.Join(c.dir, ".djharden/base")
	err := filepath.WalkDir(base, func(path string, d os.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			files = append(files, filepath.ToSlash(strings.TrimPrefix(path, base+string(filepath.Separator))))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(files)
	files = slices.Compact(files)
	for _, name := range files {
		text := c.read(t, name)
		switch end := "# " + userLine + "\n"; {
		case strings.HasSuffix(name, "settings/prod.py"), strings.HasSuffix(name, "settings/dev.py"):
			text += "\nOURS = \"" + filepath.Base(name) + "\"\n" + end
		case strings.HasSuffix(name, ".html"):
			text += "{# " + userLine + " #}\n"
		case strings.HasSuffix(name, ".css"):
			text += "/* " + userLine + " */\n"
		case strings.HasSuffix(name, ".py") && text != "":
			text += "\n\n" + end
		default:
			text += end
		}
		c.write(t, name, text)
	}
	return files
}

// sync has djharden render again, and looks at what that leaves of the user's.
func (c *cell) sync(t *testing.T, files []string, args ...string) string {
	t.Helper()
	env := c.read(t, ".env")
	out, err := djharden(t, c.dir, nil, append([]string{"sync", "--yes"}, args...)...)
	if err != nil {
		t.Fatalf("sync %q: %v\n%s", args, err, out)
	}
	for _, name := range files {
		if text := c.read(t, name); strings.Count(text, userLine) != 1 {
			t.Errorf("after sync %q %s has the user's line %d times", args, name, strings.Count(text, userLine))
		}
	}
	if !strings.HasPrefix(c.read(t, ".env"), env) {
		t.Errorf("sync %q changed lines of .env", args)
	}
	if out, err := djharden(t, c.dir, nil, "sync", "--check"); err != nil {
		t.Errorf("sync %q, and --check finds drift: %v\n%s", args, err, out)
	}
	return out
}

// TestUpgrade takes projects with user edits in every file from Django 5.2 to
// 6.0 and to 6.1, and proves them at every step.
func TestUpgrade(t *testing.T) {
	long(t)
	for _, preset := range []string{"lms", "site"} {
		t.Run("new "+preset, func(t *testing.T) {
			t.Parallel()
			changes := row{"preset": preset, "hsts": "1h"}
			if preset == "site" {
				changes["jwt"], changes["cors-origin"] = "-", "-"
			}
			c := project(t, "5.2", changes)
			for _, e := range edits {
				c.mutate(t, e)
			}
			c.Expect = map[string]any{"holds": editHolds}
			c.upgrade(t, func(series string) []string { return []string{"--django", series} })
		})
	}
	t.Run("adopted", func(t *testing.T) {
		t.Parallel()
		r := row{"cors-origin": "default", "layout": "reference", "csp": "enforce"}
		for _, f := range oldProject() {
			r[f.name] = cmp.Or(r[f.name], f.values[0])
		}
		r["django"], r["csrf-trusted-origin"] = "5.2", "-"
		c := adopted(t, r)
		c.make(t)
		c.Expect["holds"] = append(slices.Clone(referenceHolds), `settings.OURS == "prod.py"`)
		// Who upgrades Django writes it into the requirements; sync finds it there.
		c.upgrade(t, func(string) []string { c.repin(t); return nil })
	})
}

func (c *cell) upgrade(t *testing.T, to func(series string) []string) {
	t.Helper()
	files := c.edit(t)
	c.git(t, "init", "-q")
	was, told := secrets(t, c), ""
	for _, series := range []string{"5.2", "6.0", "6.1"} {
		if series != c.Series {
			c.Series = series
			told += c.sync(t, files, to(series)...)
		}
		if !t.Run(series, func(t *testing.T) {
			c.ruff(t, c.whole(t)...)
			c.prove(t)
		}) {
			return
		}
		c.git(t, "add", "-A")
		c.git(t, "commit", "-qm", series)
	}
	if is := secrets(t, c); !maps.Equal(was, is) {
		t.Errorf("other secrets after an upgrade")
	}
	c.secretsStay(t, told, was)
}

// TestSecretsStay syncs fifty times, with other answers each time and a
// rotation now and then: a secret is another only when it was rotated, and
// stands in .env alone.
func TestSecretsStay(t *testing.T) {
	long(t)
	t.Parallel()
	c := project(t, "5.2", row{})
	c.git(t, "init", "-q")
	seen, told := []map[string]string{secrets(t, c)}, ""
	for i := range 50 {
		args := []string{"sync", "--yes", "--csp", []string{"report-only", "enforce", "off"}[i%3]}
		if i%10 == 9 {
			key := []string{"secret-key", "jwt-key", "admin-path"}[i/10%3]
			args = []string{"rotate", key}
		}
		out, err := djharden(t, c.dir, nil, args...)
		if err != nil {
			t.Fatalf("%q: %v\n%s", args, err, out)
		}
		told += out
		was, is := seen[len(seen)-1], secrets(t, c)
		for name, value := range is {
			rotated := args[0] == "rotate" && map[string]string{"secret-key": "SECRET_KEY", "jwt-key": "JWT_SIGNING_KEY", "admin-path": "ADMIN_PATH"}[args[1]] == name
			want(t, fmt.Sprintf("%q: %s is another", args, name), value != was[name], rotated)
		}
		seen = append(seen, is)
		c.git(t, "add", "-A")
		c.git(t, "commit", "-qm", fmt.Sprint(i), "--allow-empty")
	}
	c.secretsStay(t, told, seen...)
}
