package e2e

import (
	"cmp"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/djharden/djharden/internal/django"
)

// newProject has every value of every option that changes what is generated.
// "-" is a value for options that the others leave no place for.
func newProject() []factor {
	return []factor{
		{"django", django.AllSeries()},
		{"preset", []string{"lms", "site", "api"}},
		{"jwt", []string{"true", "false", "-"}},
		{"cors-origin", []string{"default", "two", "none", "-"}},
		{"csrf-trusted-origin", []string{"-", "one"}},
		{"lockout", []string{"true", "false"}},
		{"admin-2fa", []string{"false", "true"}},
		{"redis", []string{"none", "redis", "unix", "rediss"}},
		{"ratelimit", []string{"false", "true"}},
		{"csp", []string{"enforce", "report-only", "off"}},
		{"hsts", []string{"off", "1h", "1d", "30d", "1y", "subdomains", "preload"}},
		{"database-tls", []string{"verify-full", "require", "off"}},
		{"proxy-hops", []string{"1", "0", "2", "5"}},
		{"security-log", []string{"-", "file", "no folder"}},
		{"upload-limit", []string{"10MB", "off", "1000003"}},
		{"domain", []string{"one", "many"}},
		{"admin-path", []string{"random", "given"}},
	}
}

// noNewProject says which answers djharden refuses together.
func noNewProject(r row) bool {
	both := func(a, x, b, y string) bool { return r[a] != "" && r[b] != "" && (r[a] == x) != (r[b] == y) }
	return both("preset", "site", "jwt", "-") || both("preset", "site", "cors-origin", "-") ||
		r["csrf-trusted-origin"] == "one" && r["jwt"] != "" && r["jwt"] != "false" ||
		r["ratelimit"] == "true" && r["redis"] == "none"
}

func TestCellsAreFewAndWhole(t *testing.T) {
	rows := newRows()
	if len(rows) > 45 {
		t.Errorf("%d projects: the whole must stay under 25 minutes", len(rows))
	}
	t.Logf("%d new projects", len(rows))
	seen := map[string]bool{}
	for _, r := range rows {
		for _, f := range newProject() {
			seen[r["django"]+f.name+r[f.name]] = true
		}
	}
	for _, series := range django.AllSeries() {
		for _, f := range newProject() {
			for _, v := range f.values {
				if f.name != "django" && !seen[series+f.name+v] {
					t.Errorf("Django %s never has %s %s", series, f.name, v)
				}
			}
		}
	}
}

// answers is what the probes are told, under the names of djharden.toml.
type answers struct {
	Name               string   `json:"name"`
	Preset             string   `json:"preset"`
	Domains            []string `json:"domains"`
	ProxyHops          int      `json:"proxy_hops"`
	DatabaseTLS        string   `json:"database_tls"`
	Redis              string   `json:"redis"` // "" for none
	JWT                bool     `json:"jwt"`
	Lockout            bool     `json:"lockout"`
	Ratelimit          bool     `json:"ratelimit"`
	Admin2FA           bool     `json:"admin_2fa"`
	CORSOrigins        []string `json:"cors_origins"`
	CSRFTrustedOrigins []string `json:"csrf_trusted_origins"`
	CSP                string   `json:"csp"`
	HSTS               string   `json:"hsts"`
	SecurityLog        string   `json:"security_log"`
	UploadLimit        int      `json:"upload_limit"` // bytes
}

// cell is one project to make and to prove.
type cell struct {
	Kind         string            `json:"kind"` // new or adopted
	Series       string            `json:"series"`
	Settings     string            `json:"settings"`
	Requirements []string          `json:"requirements"`
	Answers      answers           `json:"answers"`
	Surface      map[string]string `json:"surface"` // what the project serves, and where
	Expect       map[string]any    `json:"expect,omitempty"`
	Only         []string          `json:"only,omitempty"` // the probes to run
	Skip         map[string]string `json:"skip,omitempty"` // those that the project is no case of, and why

	Env []string `json:"-"` // besides .env, for the probes

	dir  string   // the project
	args []string // of djharden init
}

// makeCell turns a row into answers, and into the flags that give them.
func makeCell(t *testing.T, r row, dir string) *cell {
	t.Helper()
	c := &cell{
		Kind: "new", Series: r["django"], Settings: "config.settings.prod", Requirements: []string{"requirements.txt"}, dir: dir,
		Answers: answers{
			Name: "campus", Preset: r["preset"], Domains: []string{"example.com"}, DatabaseTLS: r["database-tls"],
			JWT: r["jwt"] == "true", Lockout: r["lockout"] == "true", Ratelimit: r["ratelimit"] == "true", Admin2FA: r["admin-2fa"] == "true",
			CSP: r["csp"], HSTS: r["hsts"], CORSOrigins: []string{}, CSRFTrustedOrigins: []string{},
		},
	}
	a := &c.Answers
	c.flag("name", a.Name)
	for _, name := range []string{"django", "preset", "lockout", "admin-2fa", "csp", "hsts", "proxy-hops", "upload-limit", "database-tls", "ratelimit"} {
		c.flag(name, r[name])
	}
	if a.Preset != "site" {
		c.flag("jwt", r["jwt"])
	}
	if r["domain"] == "many" {
		a.Domains = []string{"example.com", "www.example.com", ".wild.example"}
	}
	c.flag("domain", strings.Join(a.Domains, ","))
	fmt.Sscan(r["proxy-hops"], &a.ProxyHops)
	a.UploadLimit = map[string]int{"off": 0, "10MB": 10 << 20, "1000003": 1000003}[r["upload-limit"]]
	c.origins(r)
	c.places(t, r)
	c.Surface = surface(*a)
	return c
}

func (c *cell) flag(name, value string) { c.args = append(c.args, "--"+name+"="+value) }

// origins answers who may call, and who may post.
func (c *cell) origins(r row) {
	a := &c.Answers
	switch r["cors-origin"] {
	case "default":
		for _, d := range a.Domains {
			a.CORSOrigins = append(a.CORSOrigins, "https://"+strings.TrimPrefix(d, "."))
		}
	case "two":
		a.CORSOrigins = []string{"https://app.example.net", "https://other.example.net:8443"}
		c.flag("cors-origin", strings.Join(a.CORSOrigins, ","))
	case "none":
		c.flag("cors-origin", "")
	}
	if r["csrf-trusted-origin"] == "one" {
		a.CSRFTrustedOrigins = []string{"https://app.example.net"}
		c.flag("csrf-trusted-origin", a.CSRFTrustedOrigins[0])
	}
}

// places answers where the services are, and the log.
func (c *cell) places(t *testing.T, r row) {
	t.Helper()
	a := &c.Answers
	pg := postgres(t)
	user, query := "app", "?sslmode="+a.DatabaseTLS
	if a.DatabaseTLS == "off" {
		user, query = "plain", ""
	}
	c.flag("database-url", pg.url(user, "localhost", pg.database(t, user), query))
	if ca, err := ours(); err != nil {
		t.Fatal(err)
	} else if a.DatabaseTLS != "off" {
		c.flag("database-ca", ca.file)
	}
	if r["redis"] != "none" {
		a.Redis = redis(t).redisURL(r["redis"])
		c.flag("redis-url", a.Redis)
	}
	switch r["security-log"] {
	case "file":
		a.SecurityLog = t.TempDir() + "/security.log"
	case "no folder":
		a.SecurityLog = t.TempDir() + "/gone/security.log"
	}
	if a.SecurityLog != "" {
		c.flag("security-log", a.SecurityLog)
	}
	if r["admin-path"] == "given" {
		c.flag("admin-path", "office/back-door_7/")
	}
}

// surface is what a new project serves.
func surface(a answers) map[string]string {
	s := map[string]string{"healthz": "/healthz"}
	switch {
	case a.Preset == "site":
		s["page"], s["page_nonces"] = "/", "2"
	case a.JWT:
		s["me"], s["login"], s["refresh"], s["blacklist"] = "/api/me/", "/api/token/", "/api/token/refresh/", "/api/token/blacklist/"
	default:
		s["me"], s["login"], s["csrf"], s["logout"] = "/api/me/", "/api/login/", "/api/csrf/", "/api/logout/"
	}
	return s
}

// title names a cell by what isn't the first value.
func title(r row, factors []factor) string {
	var parts []string
	for _, f := range factors {
		if v := r[f.name]; v != f.values[0] && v != "-" || f.name == "django" || f.name == "preset" {
			parts = append(parts, cmp.Or(map[string]string{"true": f.name, "false": "no-" + f.name}[v], v))
		}
	}
	return strings.ReplaceAll(strings.Join(slices.Compact(parts), " "), "/", "_")
}

var newRows = sync.OnceValue(func() []row { return coverPairs(newProject(), noNewProject) })

// plain is the row of first values, which are the defaults mostly, with changes.
func plain(series string, changes row) row {
	r := row{}
	for _, f := range newProject() {
		r[f.name] = f.values[0]
	}
	maps.Copy(r, changes)
	r["django"] = series
	return r
}

// project makes one, away from the matrix.
func project(t *testing.T, series string, changes row) *cell {
	t.Helper()
	c := makeCell(t, plain(series, changes), filepath.Join(t.TempDir(), "campus"))
	c.make(t)
	return c
}
