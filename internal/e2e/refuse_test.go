package e2e

import (
	"cmp"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/djharden/djharden/internal/django"
)

// refusals are the projects whose start is tried under bad environments: with
// what they have, every variable is read in each series.
var refusals = map[string]row{
	"lms with Redis":   {"redis": "redis", "ratelimit": "true"},
	"session API":      {"preset": "api", "jwt": "false", "csrf-trusted-origin": "one", "database-tls": "require"},
	"site, TLS is off": {"preset": "site", "jwt": "-", "cors-origin": "-", "database-tls": "off"},
}

// TestRefusesToStart imports production settings under each bad environment
// (testdata/refuse.py has the table), and some good ones.
func TestRefusesToStart(t *testing.T) {
	long(t)
	for _, series := range django.AllSeries() {
		for name, changes := range refusals {
			t.Run(series+" "+name, func(t *testing.T) {
				t.Parallel()
				c := project(t, series, changes)
				results, out := c.probe(t, "refuse.py")
				if len(results) < 50 {
					t.Errorf("only %d environments tried\n%s", len(results), out)
				}
				c.report(t, results)
			})
		}
	}
}

// TestAdoptedRefusesToStart is the same for settings that were the user's.
func TestAdoptedRefusesToStart(t *testing.T) {
	long(t)
	for i, series := range django.AllSeries() {
		changes := row{"layout": []string{"reference", "grown"}[i%2], "database-tls": "verify-full", "redis": "redis"}
		t.Run(series+" "+changes["layout"], func(t *testing.T) {
			t.Parallel()
			r := row{"cors-origin": map[string]string{"reference": "two", "grown": "-"}[changes["layout"]]}
			for _, f := range oldProject() {
				if r[f.name] == "" {
					r[f.name] = cmp.Or(changes[f.name], f.values[0])
				}
			}
			r["django"], r["csrf-trusted-origin"] = series, "-"
			c := adopted(t, r)
			c.make(t)
			results, out := c.probe(t, "refuse.py")
			if len(results) < 50 {
				t.Errorf("only %d environments tried\n%s", len(results), out)
			}
			c.report(t, results)
		})
	}
}

// TestRefusalsReachPeople tries the commands that a person or a platform runs.
func TestRefusalsReachPeople(t *testing.T) {
	long(t)
	c := project(t, "5.2", row{"redis": "redis"})
	bad := []string{"SECRET_KEY=changeme-t1gerPw", "ALLOWED_HOSTS=*", "DATABASE_URL=sqlite:////tmp/t1gerPw", "TRUSTED_PROXY_COUNT=many", "REDIS_URL=t1gerPw", "DEBUG=1"}
	for name, args := range map[string][]string{
		"manage.py check":   {python(t, c.Series), "manage.py", "check"},
		"manage.py migrate": {python(t, c.Series), "manage.py", "migrate"},
		"gunicorn":          {tool(t, c.Series, "gunicorn"), "--no-control-socket", "--bind", "127.0.0.1:0", "config.wsgi"},
		"uvicorn":           {tool(t, c.Series, "uvicorn"), "--port", "0", "config.asgi:application"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			out, err := c.run(args, append(bad, "DJANGO_SETTINGS_MODULE="+c.Settings)...)
			if err == nil {
				t.Errorf("it starts:\n%s", out)
			}
			for _, kv := range bad {
				name, _, _ := strings.Cut(kv, "=")
				if !strings.Contains(out, "\n  "+name+": ") {
					t.Errorf("%s isn't named in\n%s", name, out)
				}
			}
			if strings.Contains(out, "t1gerPw") || strings.Contains(out, dbPassword) {
				t.Errorf("a value is shown:\n%s", out)
			}
			if strings.HasPrefix(name, "manage.py") && strings.Contains(out, "Traceback") {
				t.Errorf("a traceback instead of words:\n%s", out)
			}
		})
	}
}

// TestSettingsPackageIsNoModule names the package where a module belongs.
func TestSettingsPackageIsNoModule(t *testing.T) {
	long(t)
	c := project(t, "6.1", row{})
	out, err := c.run([]string{python(t, c.Series), "manage.py", "check"}, "DJANGO_SETTINGS_MODULE=config.settings")
	if err == nil || !strings.Contains(out, "config.settings.prod") || !strings.Contains(out, "config.settings.dev") {
		t.Errorf("%v\n%s", err, out)
	}
}

// run runs a program in the project, with variables added to the environment.
func (c *cell) run(args []string, env ...string) (string, error) {
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Dir, cmd.Env = c.dir, append(cleanEnv(), env...)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// manage runs manage.py under a settings module, "" for its own, and fails the
// test when it fails.
func (c *cell) manage(t *testing.T, settings string, args ...string) string {
	t.Helper()
	var env []string
	if settings != "" {
		env = append(env, "DJANGO_SETTINGS_MODULE="+settings)
	}
	out, err := c.run(append([]string{python(t, c.Series), "manage.py"}, args...), env...)
	if err != nil {
		t.Fatalf("manage.py %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return out
}

// read returns a file of the project.
func (c *cell) read(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(c.dir, path))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func (c *cell) write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(c.dir, path), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
