package e2e

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestLiveRotation rotates every key of sites that people are signed in to.
func TestLiveRotation(t *testing.T) {
	long(t)
	t.Run("new 5.2", func(t *testing.T) {
		t.Parallel()
		c := project(t, "5.2", row{})
		serve(t, c, gunicorn(t, c)).rotate(t)
	})
	t.Run("adopted 6.1", func(t *testing.T) {
		t.Parallel()
		r := row{"cors-origin": "default", "layout": "reference"}
		for _, f := range oldProject() {
			r[f.name] = cmp.Or(r[f.name], f.values[0])
		}
		r["django"], r["csrf-trusted-origin"] = "6.1", "-"
		c := adopted(t, r)
		c.make(t)
		serve(t, c, gunicorn(t, c)).rotate(t)
	})
}

// rotate follows sessions and tokens through an overlap to its end.
func (s *site) rotate(t *testing.T) {
	t.Helper()
	c := s.cell
	c.git(t, "init", "-q")
	c.git(t, "add", "-A")
	c.git(t, "commit", "-qm", "made")
	was := secrets(t, c)
	told := ""
	rotate := func(args ...string) {
		t.Helper()
		out, err := djharden(t, c.dir, nil, append([]string{"rotate"}, args...)...)
		if err != nil {
			t.Fatalf("rotate %q: %v\n%s", args, err, out)
		}
		told += out
	}
	idle, busy := s.signIn(t), s.signIn(t)
	first, second := s.login(t), s.login(t)

	rotate("secret-key")
	rotate("jwt-key")
	s.launch(t)
	want(t, "a session of the old key", s.admits(t, busy), http.StatusOK)
	want(t, "a token of the old key", s.takes(t, first["access"]), true)
	status, renewed := s.post(t, "/api/token/refresh/", fmt.Sprintf(`{"refresh":%q}`, first["refresh"]))
	want(t, "a refresh token of the old key", status, http.StatusOK)
	want(t, "a token of the new key", s.takes(t, renewed["access"]), true)

	rotate("--prune", "14d")
	want(t, "after a prune too early", s.admits(t, busy), http.StatusOK)
	rotate("--prune", "0d")
	s.launch(t)
	want(t, "a session that wasn't used in the overlap", s.admits(t, idle), http.StatusFound)
	want(t, "a session that was", s.admits(t, busy), http.StatusOK)
	want(t, "an old token after the prune", s.takes(t, first["access"]), false)
	status, _ = s.post(t, "/api/token/refresh/", fmt.Sprintf(`{"refresh":%q}`, second["refresh"]))
	want(t, "an old refresh token after the prune", status, http.StatusUnauthorized)
	want(t, "a token of the new key after the prune", s.takes(t, renewed["access"]), true)

	old := s.admin
	rotate("admin-path")
	s.launch(t)
	s.admin = "/" + envValue(t, c, "ADMIN_PATH")
	answer, _ := ask(t, s.client(t), "GET", origin+old+"login/", "")
	want(t, "the admin's old path", answer.StatusCode, http.StatusNotFound)
	want(t, "the admin's new path", s.admits(t, busy), http.StatusOK)

	is := secrets(t, c)
	for name := range was {
		want(t, name+" is another", was[name] != is[name], true)
	}
	c.git(t, "add", "-A")
	c.git(t, "commit", "-qm", "rotated", "--allow-empty")
	c.secretsStay(t, told, was, is)
	delete(was, "ADMIN_PATH") // a path that is asked for stands in a site's log
	delete(is, "ADMIN_PATH")
	c.secretsStay(t, s.app.log.String(), was, is)
}

// secrets are the values of .env that djharden made.
func secrets(t *testing.T, c *cell) map[string]string {
	t.Helper()
	list := map[string]string{}
	for _, name := range []string{"SECRET_KEY", "JWT_SIGNING_KEY", "ADMIN_PATH"} {
		if name == "SECRET_KEY" || strings.Contains(c.read(t, ".env"), "\n"+name+"=") {
			list[name] = envValue(t, c, name)
		}
	}
	return list
}

// secretsStay looks for secrets by their exact values: in every file but .env,
// in all of git's history, and in what was said.
func (c *cell) secretsStay(t *testing.T, said string, lists ...map[string]string) {
	t.Helper()
	places := map[string]string{"what was said": said, "git's history": c.git(t, "log", "-p", "--all", "--text", "--no-ext-diff")}
	err := filepath.WalkDir(c.dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() && path != filepath.Join(c.dir, ".env") {
			data, err := os.ReadFile(path)
			places[path] = string(data)
			return err
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, list := range lists {
		for name, value := range list {
			for place, text := range places {
				if strings.Contains(text, value) {
					t.Errorf("%s stands in %s", name, place)
				}
			}
		}
	}
}

// git runs git in the project, as nobody in particular.
func (c *cell) git(t *testing.T, args ...string) string {
	t.Helper()
	cmd := exec.Command("git", append([]string{"-c", "user.name=test", "-c", "user.email=test@example.com", "-c", "commit.gpgsign=false"}, args...)...)
	cmd.Dir, cmd.Env = c.dir, append(cleanEnv(), "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL="+os.DevNull)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("git %q: %v\n%s", args, err, out)
	}
	return string(out)
}

// signIn is a browser that is signed in to the admin.
func (s *site) signIn(t *testing.T) *http.Client {
	t.Helper()
	client := s.client(t)
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	client.Jar = jar
	login := origin + s.admin + "login/"
	ask(t, client, "GET", login, "")
	here, err := url.Parse(login)
	if err != nil {
		t.Fatal(err)
	}
	form := url.Values{"username": {s.superuser}, "password": {password}, "next": {s.admin}}
	for _, cookie := range jar.Cookies(here) {
		form.Set("csrfmiddlewaretoken", cookie.Value)
	}
	answer, body := ask(t, client, "POST", login, form.Encode(), "Content-Type", "application/x-www-form-urlencoded", "Referer", login)
	if answer.StatusCode != http.StatusFound {
		t.Fatalf("signing in: %d %.500s", answer.StatusCode, body)
	}
	want(t, "signed in", s.admits(t, client), http.StatusOK)
	return client
}

// admits is the status of the admin's first page: 302 leads to the login.
func (s *site) admits(t *testing.T, client *http.Client) int {
	t.Helper()
	answer, _ := ask(t, client, "GET", origin+s.admin, "")
	return answer.StatusCode
}

// login returns a pair of tokens.
func (s *site) login(t *testing.T) map[string]string {
	t.Helper()
	status, pair := s.post(t, "/api/token/", fmt.Sprintf(`{"username":%q,"password":%q}`, s.superuser, password))
	want(t, "login", status, http.StatusOK)
	return pair
}

// takes reports whether the API takes an access token.
func (s *site) takes(t *testing.T, access string) bool {
	t.Helper()
	method, path, body := "GET", "/api/me/", ""
	if s.Kind == "adopted" {
		method, path, body = "POST", "/api/courses/", `{"title":"Geometría"}`
	}
	answer, text := ask(t, s.client(t), method, origin+path, body, "Authorization", "Bearer "+access)
	switch answer.StatusCode {
	case http.StatusOK, http.StatusCreated:
		return true
	case http.StatusUnauthorized:
		return false
	}
	t.Errorf("%s %s: %d %s", method, path, answer.StatusCode, text)
	return false
}

// post sends JSON and returns the status and the texts of the answer.
func (s *site) post(t *testing.T, path, body string) (int, map[string]string) {
	t.Helper()
	answer, text := ask(t, s.client(t), "POST", origin+path, body)
	got := map[string]string{}
	_ = json.Unmarshal([]byte(text), &got)
	return answer.StatusCode, got
}
