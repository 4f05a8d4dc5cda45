package e2e

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/djharden/djharden/internal/django"
	"github.com/rogpeppe/go-internal/txtar"
)

// oldProject has what djharden finds, and the answers that change what it
// makes of it.
func oldProject() []factor {
	return []factor{
		{"django", django.AllSeries()},
		{"layout", []string{"startproject", "startproject .", "grown", "reference"}},
		{"cors-origin", []string{"-", "default", "two"}},
		{"lockout", []string{"true", "false"}},
		{"admin-2fa", []string{"false", "true"}},
		{"redis", []string{"none", "redis"}},
		{"ratelimit", []string{"false", "true"}},
		{"csp", []string{"report-only", "enforce", "off"}},
		{"hsts", []string{"1h", "off", "subdomains", "preload"}},
		{"database-tls", []string{"verify-full", "require", "off"}},
		{"proxy-hops", []string{"1", "0", "2"}},
		{"security-log", []string{"-", "file", "no folder"}},
		{"upload-limit", []string{"off", "10MB", "1000003"}},
		{"domain", []string{"one", "many"}},
		{"admin-path", []string{"random", "given"}},
	}
}

func noOldProject(r row) bool {
	return r["layout"] != "" && r["cors-origin"] != "" && (r["layout"] == "reference") != (r["cors-origin"] != "-") ||
		r["ratelimit"] == "true" && r["redis"] == "none"
}

var oldRows = sync.OnceValue(func() []row { return coverPairs(oldProject(), noOldProject) })

// TestAdopted hardens projects that were there before, and proves each.
func TestAdopted(t *testing.T) {
	long(t)
	factors := oldProject()
	for i, r := range oldRows() {
		t.Run(pad(i)+" "+title(r, factors), func(t *testing.T) {
			t.Parallel()
			c := adopted(t, r)
			c.adopt(t)
			c.prove(t)
		})
	}
}

// adopt hardens the project, and judges what that does to its owner.
func (c *cell) adopt(t *testing.T, mayChange ...string) {
	t.Helper()
	old := strings.TrimSuffix(c.Settings, ".prod")
	before := c.dump(t, old)
	c.make(t)
	c.ruff(t, c.whole(t)...)
	after := c.dump(t, old+".dev")
	for name, value := range before {
		if after[name] != value && !slices.Contains(mayChange, name) {
			t.Errorf("development has another %s: %s, before %s", name, after[name], value)
		}
	}
	c.keeps(t)
}

// dump returns the values of a settings module, as Python writes them.
func (c *cell) dump(t *testing.T, module string) map[string]string {
	t.Helper()
	values := map[string]string{}
	cmd := exec.Command(python(t, c.Series), filepath.Join(root(t), "internal/e2e/testdata/dump.py"), module)
	cmd.Dir, cmd.Env = c.dir, cleanEnv()
	out, err := cmd.Output()
	if err == nil {
		err = json.Unmarshal(out, &values)
	}
	if err != nil || values["INSTALLED_APPS"] == "" {
		t.Fatalf("settings of %s: %v\n%s", module, err, out)
	}
	return values
}

// adopted makes the project of a row as its owner has it, and the answers.
func adopted(t *testing.T, r row) *cell {
	t.Helper()
	r["preset"], r["jwt"] = "lms", "-"
	if r["layout"] == "reference" {
		r["jwt"] = "true"
	} else {
		r["preset"] = "site"
	}
	c := makeCell(t, r, filepath.Join(t.TempDir(), "campus"))
	c.Kind = "adopted"
	c.args = without(c.args, "--preset=", "--jwt=")
	c.Expect = map[string]any{"admin_header": "Campus administration", "user": "auth/user"}
	c.Surface = map[string]string{"page": ""}
	pkg := "campus"
	switch r["layout"] {
	case "startproject":
		c.startproject(t, pkg, c.dir, true)
	case "startproject .":
		pkg = "config"
		c.startproject(t, pkg, c.dir, false)
	case "grown":
		c.startproject(t, pkg, c.dir, true)
		c.unpack(t, "testdata/grown.txtar")
		c.Surface["page"] = "/"
		c.Expect["holds"] = grownHolds
	case "reference":
		pkg = "lms"
		c.unpack(t, "../scaffold/testdata/adopt/reference-lms.txtar")
		c.repin(t)
		c.Surface = map[string]string{"me": "/api/probe/me/", "login": "/api/token/", "refresh": "/api/token/refresh/"}
		c.Expect["user"], c.Expect["credentials"], c.Expect["holds"] = "users/user", nil, referenceHolds
	}
	c.Settings = pkg + ".settings.prod"
	return c
}

// What of the user's must still hold under the production settings, as Python
// says it.
var grownHolds = []string{
	`"pages" in settings.INSTALLED_APPS`,
	`settings.MIDDLEWARE[-2 if "axes.middleware.AxesMiddleware" in settings.MIDDLEWARE else -1] == "pages.middleware.StampMiddleware"`,
	`settings.LANGUAGE_CODE == "de"`,
	`[code for code, _ in settings.LANGUAGES] == ["de", "en"]`,
	`settings.SESSION_COOKIE_AGE == 1209600`,
	`settings.PAGES_PER_SCREEN == 7`,
	`settings.TEMPLATES[0]["OPTIONS"]["context_processors"].count("pages.context.motto") == 1`,
	`settings.DEFAULT_FROM_EMAIL == "Büro <office@example.com>"`,
}

var referenceHolds = []string{
	`settings.AUTH_USER_MODEL == "users.User"`,
	`{"users", "courses"} <= set(settings.INSTALLED_APPS)`,
	`settings.LANGUAGE_CODE == "es" and settings.TIME_ZONE == "America/Bogota"`,
	`settings.STRIPE_SECRET_KEY == "sk_test_51ReferenceLmsStripeKey"`,
	`settings.REST_FRAMEWORK["PAGE_SIZE"] == 20`,
	`settings.LOGGING["loggers"]["courses"]["level"] == "DEBUG"`,
	`"django.middleware.locale.LocaleMiddleware" in settings.MIDDLEWARE`,
	`settings.CORS_ALLOW_ALL_ORIGINS is False`,
	`settings.MEDIA_URL == "/media/"`,
	`str(settings.BASE_DIR) == os.getcwd()`,
}

// startproject is Django's own, of the cell's series.
func (c *cell) startproject(t *testing.T, name, dir string, pinned bool) {
	t.Helper()
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if out, err := c.run([]string{python(t, c.Series), "-m", "django", "startproject", name, "."}); err != nil {
		t.Fatalf("startproject: %v\n%s", err, out)
	}
	if pinned {
		facts, _ := django.FactsOf(c.Series)
		c.write(t, "requirements.txt", "Django=="+facts.Latest+"\n")
	}
}

// unpack writes the files of an archive. One whose name ends in + is added to
// what is there.
func (c *cell) unpack(t *testing.T, archive string) {
	t.Helper()
	a, err := txtar.ParseFile(archive)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range a.Files {
		name, added := strings.CutSuffix(f.Name, "+")
		path, text := filepath.Join(c.dir, name), string(f.Data)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if added {
			text = c.read(t, name) + text
		}
		c.write(t, name, text)
	}
}

// repin writes the cell's series into requirements made for another.
func (c *cell) repin(t *testing.T) {
	t.Helper()
	latest := map[string]string{}
	for _, line := range requirements(c.Series) {
		latest[django.PinName(line)] = line
	}
	lines := strings.Split(c.read(t, "requirements.txt"), "\n")
	for i, line := range lines {
		if l := latest[django.PinName(line)]; l != "" {
			lines[i] = l
		}
	}
	c.write(t, "requirements.txt", strings.Join(lines, "\n"))
}

// whole are the Python files that djharden owns: it keeps a copy of each.
func (c *cell) whole(t *testing.T) []string {
	t.Helper()
	base := filepath.Join(c.dir, ".djharden/base")
	var list []string
	err := filepath.WalkDir(base, func(path string, _ os.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(path, ".py") {
			list = append(list, strings.TrimPrefix(path, base+"/"))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(list) < 4 {
		t.Errorf("djharden owns only %v", list)
	}
	return list
}

// keeps looks at the user's own lines, and tries their development site.
func (c *cell) keeps(t *testing.T) {
	t.Helper()
	out := c.manage(t, "", "check")
	if !strings.Contains(out, "no issues") {
		t.Errorf("manage.py check: %s", out)
	}
	out = c.manage(t, "", "migrate")
	if !strings.Contains(out, ".settings.dev") || strings.Contains(out, dbPassword) {
		t.Errorf("a bare migrate beside a production .env: %s", out)
	}
	if _, err := os.Stat(filepath.Join(c.dir, "db.sqlite3")); err != nil {
		t.Error(err)
	}
	if out, err := djharden(t, filepath.Dir(c.dir), nil, append([]string{"init", filepath.Base(c.dir), "--yes"}, c.args...)...); err != nil {
		t.Errorf("a second init: %v\n%s", err, out)
	}
}

func without(list []string, prefixes ...string) []string {
	var out []string
	for _, s := range list {
		keep := true
		for _, p := range prefixes {
			keep = keep && !strings.HasPrefix(s, p)
		}
		if keep {
			out = append(out, s)
		}
	}
	return out
}

func TestAdoptedCellsAreFew(t *testing.T) {
	if n := len(oldRows()); n > 30 {
		t.Errorf("%d projects", n)
	}
}
