package e2e

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// site is a project that runs as on a server: an application server, and nginx
// with TLS in front, set up by the snippet in the project's own README.
type site struct {
	*cell
	admin      string // its path, with both slashes
	app, nginx *process
	command    []string // of the application server
	appAddress string
	http       string // where nginx listens for plain HTTP
	https      string
	superuser  string // her password is password
}

const password = "Correct-horse-battery-9"

// serve follows the README: environment, migrate, collectstatic,
// createsuperuser, check, and the server. server makes its command line from
// the address it shall listen on.
func serve(t *testing.T, c *cell, server func(address string) []string) *site {
	t.Helper()
	s := &site{cell: c, admin: "/" + envValue(t, c, "ADMIN_PATH"), superuser: "root1"}
	c.manage(t, c.Settings, "migrate", "-v0")
	c.manage(t, c.Settings, "collectstatic", "--noinput", "-v0")
	out, err := c.run([]string{python(t, c.Series), "manage.py", "createsuperuser", "--noinput", "--username", s.superuser, "--email", "root@example.com"},
		"DJANGO_SETTINGS_MODULE="+c.Settings, "DJANGO_SUPERUSER_PASSWORD="+password)
	if err != nil {
		t.Fatalf("createsuperuser: %v\n%s", err, out)
	}
	c.manage(t, c.Settings, "check", "--deploy", "--fail-level", "WARNING", "--database", "default")
	port, err := freePort()
	if err != nil {
		t.Fatal(err)
	}
	s.appAddress = fmt.Sprintf("127.0.0.1:%d", port)
	s.command = server(s.appAddress)
	s.launch(t)
	s.proxy(t)
	return s
}

// launch starts the application server, again where it runs already.
func (s *site) launch(t *testing.T) {
	t.Helper()
	if s.app != nil {
		s.app.end()
	}
	app, err := start(service{path: s.command[0], args: s.command[1:], dir: s.dir, env: []string{"PYTHONUNBUFFERED=1"}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(app.end)
	if err := app.ready(listens("tcp", s.appAddress)); err != nil {
		t.Fatal(err)
	}
	s.app = app
}

// gunicorn is the command of the README, at another address and with fewer
// workers.
func gunicorn(t *testing.T, c *cell) func(string) []string {
	t.Helper()
	line := "gunicorn " + c.pkg() + ".wsgi --workers 3 --bind 127.0.0.1:8000"
	if !strings.Contains(c.guide(t), line) {
		t.Errorf("the README doesn't say %q", line)
	}
	return func(address string) []string {
		return []string{tool(t, c.Series, "gunicorn"), c.pkg() + ".wsgi", "--workers", "2", "--bind", address, "--no-control-socket"}
	}
}

// uvicorn is the README's too, with the line it asks for in prod.py.
func uvicorn(t *testing.T, c *cell) func(string) []string {
	t.Helper()
	const line = `DATABASES["default"]["CONN_MAX_AGE"] = 0`
	if guide := c.guide(t); !strings.Contains(guide, line) || !strings.Contains(guide, "uvicorn config.asgi:application") {
		t.Errorf("the README doesn't say how to run uvicorn")
	}
	c.write(t, "config/settings/prod.py", c.read(t, "config/settings/prod.py")+"\n"+line+"\n")
	return func(address string) []string {
		_, port, _ := net.SplitHostPort(address)
		return []string{tool(t, c.Series, "uvicorn"), "config.asgi:application", "--host", "127.0.0.1", "--port", port, "--no-server-header"}
	}
}

// pkg is the project's package.
func (c *cell) pkg() string { p, _, _ := strings.Cut(c.Settings, "."); return p }

// guide is what djharden wrote on going live: an adopted project's README is
// its owner's.
func (c *cell) guide(t *testing.T) string {
	t.Helper()
	if c.Kind == "adopted" {
		return c.read(t, "DEPLOYMENT.md")
	}
	return c.read(t, "README.md")
}

var nginxBlock = regexp.MustCompile("(?s)```nginx\n(.*?)```")

// proxy starts nginx with the README's snippet. It connects from an address
// that gunicorn doesn't trust by itself: what only works because the proxy is
// on loopback doesn't work here.
func (s *site) proxy(t *testing.T) {
	t.Helper()
	path := program("nginx")
	if path == "" {
		missing(t, "no nginx here: make services installs it where it can")
	}
	found := nginxBlock.FindStringSubmatch(s.guide(t))
	if found == nil {
		t.Fatal("the README has no nginx snippet")
	}
	ca, err := ours()
	if err != nil {
		t.Fatal(err)
	}
	dir, err := os.MkdirTemp("", "djharden-nginx-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := giveAway(dir); err != nil {
		t.Fatal(err)
	}
	cert, key, err := ca.issue(dir, "server", s.Answers.Domains...)
	if err != nil {
		t.Fatal(err)
	}
	s.http, s.https = freeAddress(t), freeAddress(t)
	snippet := found[1]
	for _, change := range [][2]string{
		{"listen 80;", "listen " + s.http + ";"},
		{"listen 443 ssl;", "listen " + s.https + " ssl;"},
		{"/etc/ssl/site/fullchain.pem", cert},
		{"/etc/ssl/site/privkey.pem", key},
		{"proxy_pass http://127.0.0.1:8000;", "proxy_bind 127.0.0.2; proxy_pass http://" + s.appAddress + ";"},
		{"alias /srv/campus/media/;", "alias " + s.dir + "/media/;"},
	} {
		if !strings.Contains(snippet, change[0]) {
			t.Errorf("the README's nginx snippet doesn't say %q", change[0])
		}
		snippet = strings.ReplaceAll(snippet, change[0], change[1])
	}
	conf := fmt.Sprintf("pid %[1]s/pid; error_log %[1]s/error.log; daemon off; events {}\nhttp {\naccess_log off;\n", dir)
	for _, kind := range []string{"client_body", "proxy", "fastcgi", "uwsgi", "scgi"} {
		conf += fmt.Sprintf("%s_temp_path %s/%[1]s;\n", kind, dir)
	}
	file := filepath.Join(dir, "nginx.conf")
	if err := os.WriteFile(file, []byte(conf+snippet+"}\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	s.nginx, err = start(service{path: path, args: []string{"-e", dir + "/error.log", "-c", file}, dir: dir, dropped: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.nginx.end)
	if err := s.nginx.ready(listens("tcp", s.https)); err != nil {
		t.Fatal(err)
	}
}

func freeAddress(t *testing.T) string {
	t.Helper()
	port, err := freePort()
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("127.0.0.1:%d", port)
}

// client is a browser without a screen: it believes our authority alone, and
// finds the site at ports 80 and 443 of its name.
func (s *site) client(t *testing.T) *http.Client {
	t.Helper()
	ca, err := ours()
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(ca.cert)
	dial := func(ctx context.Context, network, address string) (net.Conn, error) {
		_, port, err := net.SplitHostPort(address)
		if err != nil {
			return nil, err
		}
		var d net.Dialer
		return d.DialContext(ctx, network, cmp.Or(map[string]string{"80": s.http, "443": s.https}[port], address))
	}
	return &http.Client{
		Timeout:       30 * time.Second,
		Transport:     &http.Transport{DialContext: dial, TLSClientConfig: &tls.Config{RootCAs: pool}, DisableCompression: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// ask sends a request and returns the answer with its body read.
func ask(t *testing.T, client *http.Client, method, url, body string, header ...string) (*http.Response, string) {
	t.Helper()
	request, err := http.NewRequest(method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if strings.HasPrefix(body, "{") {
		request.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i < len(header); i += 2 {
		if header[i] == "Host" {
			request.Host = header[i+1]
		}
		request.Header.Set(header[i], header[i+1])
	}
	answer, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	data, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer, string(data)
}
