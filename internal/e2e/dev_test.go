package e2e

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/djharden/djharden/internal/django"
)

// usersTests is what a developer writes first: it signs in without a request.
const usersTests = `from django.contrib.auth import get_user_model
from django.test import TestCase


class Login(TestCase):
    def test_login(self):
        get_user_model().objects.create_superuser("ann", password="pw")
        self.assertTrue(self.client.login(username="ann", password="pw"))
        self.assertEqual(self.client.get("/healthz").content, b"ok")
        self.assertContains(self.client.get("/%s"), "administration")
`

// TestDevelopment follows the first steps of a new project's README, once with
// the .env that init made and once in a fresh clone without any.
func TestDevelopment(t *testing.T) {
	long(t)
	for i, series := range django.AllSeries() {
		changes := []row{{"preset": "lms"}, {"preset": "site", "jwt": "-", "cors-origin": "-"}, {"preset": "api", "jwt": "false"}, {"redis": "redis", "ratelimit": "true"}}[i]
		t.Run(series+" "+changes["preset"], func(t *testing.T) {
			t.Parallel()
			c := project(t, series, changes)
			admin := envValue(t, c, "ADMIN_PATH")
			out := c.manage(t, "", "migrate")
			for _, want := range []string{"config.settings.dev", "db.sqlite3", "DJANGO_SETTINGS_MODULE=config.settings.prod"} {
				if !strings.Contains(out, want) {
					t.Errorf("a bare migrate beside a production .env doesn't say %q:\n%s", want, out)
				}
			}
			if strings.Contains(out, dbPassword) {
				t.Errorf("it shows the password:\n%s", out)
			}
			c.develop(t, admin)
			for _, gone := range []string{".env", "db.sqlite3"} {
				if err := os.Remove(filepath.Join(c.dir, gone)); err != nil {
					t.Fatal(err)
				}
			}
			if out := c.manage(t, "", "migrate"); strings.Contains(out, "DATABASE_URL") {
				t.Errorf("nothing is at hand, but it says:\n%s", out)
			}
			c.develop(t, "admin/")
		})
	}
}

// TestClone makes the one file that git doesn't carry, in a fresh clone.
func TestClone(t *testing.T) {
	long(t)
	t.Parallel()
	c := project(t, "5.2", row{"preset": "lms", "hsts": "1d"})
	before, toml := c.read(t, ".env"), c.read(t, "djharden.toml")
	if err := os.Remove(filepath.Join(c.dir, ".env")); err != nil {
		t.Fatal(err)
	}
	out, err := djharden(t, c.dir, nil, "init", "--yes")
	if err != nil {
		t.Fatalf("init in a clone: %v\n%s", err, out)
	}
	for _, name := range []string{"SECRET_KEY", "JWT_SIGNING_KEY", "ADMIN_PATH"} {
		if v := envValue(t, c, name); v == "" || strings.Contains(before, v) {
			t.Errorf("%s is not a new one", name)
		}
	}
	want(t, "ALLOWED_HOSTS", envValue(t, c, "ALLOWED_HOSTS"), "example.com")
	if c.read(t, "djharden.toml") != toml {
		t.Error("djharden.toml has changed")
	}
	out, err = c.run([]string{python(t, c.Series), "manage.py", "check"}, "DJANGO_SETTINGS_MODULE="+c.Settings)
	if err == nil || strings.Count(out, "\n  ") != 1 || !strings.Contains(out, "\n  DATABASE_URL: ") {
		t.Errorf("production lacks the database alone, and says: %v\n%s", err, out)
	}
	out, err = c.run([]string{python(t, c.Series), "manage.py", "check", "--deploy", "--fail-level", "WARNING"},
		"DJANGO_SETTINGS_MODULE="+c.Settings, "DATABASE_URL=postgres://a:b@localhost/n?sslmode=verify-full")
	if err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

// develop looks at the site as a developer does.
func (c *cell) develop(t *testing.T, admin string) {
	t.Helper()
	if _, err := os.Stat(filepath.Join(c.dir, "db.sqlite3")); err != nil {
		t.Error(err)
	}
	if out := c.manage(t, "", "check"); !strings.Contains(out, "no issues") || strings.Contains(out, "DATABASE_URL") {
		t.Errorf("manage.py check: %s", out)
	}
	if out := c.manage(t, "", "makemigrations", "--check"); !strings.Contains(out, "No changes") {
		t.Errorf("makemigrations --check: %s", out)
	}
	c.write(t, "config/tests.py", fmt.Sprintf(usersTests, admin))
	if out := c.manage(t, "", "test"); !strings.Contains(out, "OK") {
		t.Errorf("manage.py test: %s", out)
	}
	if err := os.Remove(filepath.Join(c.dir, "config/tests.py")); err != nil {
		t.Fatal(err)
	}
	port, err := freePort()
	if err != nil {
		t.Fatal(err)
	}
	address := fmt.Sprintf("127.0.0.1:%d", port)
	server, err := start(service{path: python(t, c.Series), args: []string{"manage.py", "runserver", "--noreload", address}, dir: c.dir, env: []string{"PYTHONUNBUFFERED=1"}})
	if err != nil {
		t.Fatal(err)
	}
	defer server.end()
	if err := server.ready(listens("tcp", address)); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{"healthz": "ok", admin + "login/": "csrfmiddlewaretoken", "static/admin/css/base.css": "{", c.Surface["page"]: ""} {
		status, body := fetch(t, "http://"+address+"/"+strings.TrimPrefix(path, "/"))
		if path == "" {
			continue // the root of an API is a 404, with DEBUG's page
		}
		if status != http.StatusOK || !strings.Contains(body, want) {
			t.Errorf("/%s: %d %.200s\n%s", path, status, body, server.log)
		}
	}
	if me := c.Surface["me"]; me != "" {
		if status, _ := fetch(t, "http://"+address+me); status != http.StatusUnauthorized && status != http.StatusForbidden {
			t.Errorf("%s: %d", me, status)
		}
	}
}

func fetch(t *testing.T, url string) (int, string) {
	t.Helper()
	answer, err := http.Get(url)
	if err != nil {
		t.Error(err)
		return 0, ""
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Error(err)
	}
	return answer.StatusCode, string(body)
}

// envValue reads a variable of the project's .env.
func envValue(t *testing.T, c *cell, name string) string {
	t.Helper()
	for line := range strings.Lines(c.read(t, ".env")) {
		if v, ok := strings.CutPrefix(strings.TrimSpace(line), name+"="); ok {
			return v
		}
	}
	t.Fatalf("no %s in .env", name)
	return ""
}
