package e2e

import (
	"cmp"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/djharden/djharden/internal/audit"
	"github.com/djharden/djharden/internal/django"
	"github.com/djharden/djharden/internal/pyeval"
	"github.com/rogpeppe/go-internal/txtar"
)

// oracleProject is a project that Django and the reader are asked about, with
// the same environment.
type oracleProject struct {
	Name   string            `json:"name"`
	Root   string            `json:"-"`              // the repository
	Dir    string            `json:"dir"`            // where modules are found, below it
	Module string            `json:"module"`         // the settings that production loads
	Class  string            `json:"class"`          // of django-configurations
	Env    map[string]string `json:"env"`            // what it takes to start
	Python string            `json:"python"`         // a version: "3.11"; before it is made, then the interpreter
	Needs  []string          `json:"needs"`          // arguments of pip install, in the repository
	Note   string            `json:"note,omitempty"` // for the table
	path   string            // PYTHONPATH
}

// securitySettings are those that the target of the reader counts.
var securitySettings = strings.Fields(`
ADMIN_URL ALLOWED_HOSTS AUTHENTICATION_BACKENDS AUTH_PASSWORD_VALIDATORS AXES_CLIENT_IP_CALLABLE AXES_COOLOFF_TIME AXES_ENABLED AXES_FAILURE_LIMIT
AXES_LOCKOUT_PARAMETERS CACHES CONTENT_SECURITY_POLICY CONTENT_SECURITY_POLICY_REPORT_ONLY CORS_ALLOWED_ORIGINS CORS_ALLOWED_ORIGIN_REGEXES
CORS_ALLOW_ALL_ORIGINS CORS_ALLOW_CREDENTIALS CORS_ORIGIN_ALLOW_ALL CORS_ORIGIN_WHITELIST CORS_ORIGIN_REGEX_WHITELIST CORS_URLS_REGEX CSP_DEFAULT_SRC CSP_FRAME_ANCESTORS
CSP_SCRIPT_SRC CSP_STYLE_SRC CSRF_COOKIE_DOMAIN CSRF_COOKIE_HTTPONLY CSRF_COOKIE_NAME CSRF_COOKIE_SAMESITE CSRF_COOKIE_SECURE CSRF_TRUSTED_ORIGINS
CSRF_USE_SESSIONS DATABASES DATA_UPLOAD_MAX_MEMORY_SIZE DEBUG DEFAULT_FILE_STORAGE EMAIL_BACKEND EMAIL_HOST_PASSWORD EMAIL_USE_SSL EMAIL_USE_TLS
FILE_UPLOAD_PERMISSIONS INSTALLED_APPS JWT_AUTH LANGUAGE_COOKIE_SECURE LOGGING MAILERS MEDIA_ROOT MEDIA_URL MIDDLEWARE MIDDLEWARE_CLASSES PASSWORD_HASHERS RATELIMIT_ENABLE
RATELIMIT_IP_META_KEY REST_FRAMEWORK ROOT_URLCONF SECRET_KEY SECRET_KEY_FALLBACKS SECURE_BROWSER_XSS_FILTER SECURE_CONTENT_TYPE_NOSNIFF
SECURE_CROSS_ORIGIN_OPENER_POLICY SECURE_CSP SECURE_CSP_REPORT_ONLY SECURE_HSTS_INCLUDE_SUBDOMAINS SECURE_HSTS_PRELOAD SECURE_HSTS_SECONDS
SECURE_PROXY_SSL_HEADER SECURE_REDIRECT_EXEMPT SECURE_REFERRER_POLICY SECURE_SSL_HOST SECURE_SSL_REDIRECT SESSION_COOKIE_AGE SESSION_COOKIE_DOMAIN
SESSION_COOKIE_HTTPONLY SESSION_COOKIE_NAME SESSION_COOKIE_SAMESITE SESSION_COOKIE_SECURE SESSION_ENGINE SESSION_EXPIRE_AT_BROWSER_CLOSE
SESSION_SERIALIZER SILENCED_SYSTEM_CHECKS SIMPLE_JWT STATICFILES_STORAGE STATIC_ROOT STATIC_URL STORAGES TEMPLATES TEMPLATE_DEBUG USE_X_FORWARDED_HOST
USE_X_FORWARDED_PORT WHITENOISE_AUTOREFRESH X_FRAME_OPTIONS`)

// count is how many settings got each verdict.
type count [4]int

func (c count) String() string {
	return fmt.Sprintf("%d same, %d environment, %d unknown, %d wrong", c[same], c[fromEnv], c[unknown], c[wrong])
}

// share is the part of the settings that are known or depend on the environment.
func (c count) share() float64 {
	all := c[same] + c[fromEnv] + c[unknown] + c[wrong]
	if all == 0 {
		return 1
	}
	return float64(c[same]+c[fromEnv]) / float64(all)
}

// ask compares the reader with Django on one project.
func (p *oracleProject) ask(t *testing.T) (all, security count, l loaded) {
	t.Helper()
	folder := filepath.Join(p.Root, filepath.FromSlash(p.Dir))
	env := []string{"PYTHONDONTWRITEBYTECODE=1", "PYTHONPATH=" + p.path}
	for k, v := range p.Env {
		env = append(env, k+"="+v)
	}
	l = loadDjango(t, p.Python, folder, p.Module, p.Class, env)
	if l.Error != "" {
		t.Fatalf("Django %s refuses the settings:\n%s", l.Django, l.Error)
	}
	all, security = p.compare(t, l)
	t.Logf("all: %s; security: %s", all, security)
	return all, security, l
}

// compare judges what the reader makes of the settings that Django loaded.
func (p *oracleProject) compare(t *testing.T, l loaded) (all, security count) {
	t.Helper()
	got, err := pyeval.Load(pyeval.Options{
		FS: os.DirFS(p.Root), Path: []string{cmp.Or(p.Dir, ".")}, Root: p.Root, Module: p.Module, Class: p.Class, Env: p.Env,
		Inherited: audit.KnownToDjango,
	})
	if err != nil {
		t.Fatal(err)
	}
	if got.Stopped != nil {
		line, _ := got.Stopped.At.Position()
		t.Logf("stopped at %s:%d: %s", got.Stopped.At.Path(), line, got.Stopped.Why)
	}
	for _, c := range compareSettings(got, l) {
		all[c.Verdict]++
		important := slices.Contains(securitySettings, c.Setting)
		if important {
			security[c.Verdict]++
		}
		line, _ := c.At.Position()
		switch {
		case c.Verdict == wrong:
			t.Errorf("%s (%s:%d): %s", c.Setting, c.At.Path(), line, c.Why)
		case c.Verdict > same && (important || testing.Verbose()):
			t.Logf("%s (%s:%d) %s: %s", c.Setting, c.At.Path(), line, c.Verdict, c.Why)
		}
	}
	return all, security
}

// TestOracle asks Django about what init makes and adopts, and about the
// reduced cases: no setting is read wrong. TestAuditFixtures asks about its own.
func TestOracle(t *testing.T) {
	long(t)
	if os.Getenv("ORACLE_DIR") != "" {
		t.Skip("ORACLE_DIR is set: see TestOracleDir")
	}
	var projects []oracleProject
	for _, series := range django.AllSeries() {
		for _, preset := range []string{"lms", "site", "api"} {
			projects = append(projects, oracleNew(t, series, preset)...)
		}
	}
	for _, name := range []string{"plain", "decouple", "dotenv", "environ", "reference-lms"} {
		projects = append(projects, oracleAdopted(t, name)...)
	}
	askAll(t, append(projects, oracleReduced(t)...), "")
}

// oracleReduced are the cases of pyeval that real projects once showed to be
// read wrong, each a module named settings.
func oracleReduced(t *testing.T) []oracleProject {
	t.Helper()
	files, err := filepath.Glob("../pyeval/testdata/oracle/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no reduced cases: %v", err)
	}
	var out []oracleProject
	for _, file := range files {
		archive, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		name := strings.TrimSuffix(filepath.Base(file), ".txtar")
		p := oracleProject{Name: "reduced/" + name, Root: filepath.Join(t.TempDir(), name), Module: "settings", Python: python(t, "5.2"), Env: map[string]string{}}
		for _, f := range archive.Files {
			path := filepath.Join(p.Root, filepath.FromSlash(f.Name))
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, f.Data, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		for line := range strings.Lines(string(archive.Comment)) {
			if env, ok := strings.CutPrefix(line, "env: "); ok {
				for _, kv := range strings.Fields(env) {
					k, v, _ := strings.Cut(kv, "=")
					p.Env[k] = v
				}
			}
		}
		out = append(out, p)
	}
	return out
}

// askAll compares each project, sums up, and writes the table where one is asked for.
func askAll(t *testing.T, projects []oracleProject, table string) {
	t.Helper()
	type row struct {
		p             oracleProject
		django        string
		all, security count
	}
	rows := make([]row, len(projects))
	t.Run("projects", func(t *testing.T) {
		for i := range projects {
			t.Run(projects[i].Name, func(t *testing.T) {
				t.Parallel()
				all, security, l := projects[i].ask(t)
				rows[i] = row{projects[i], l.Django, all, security}
			})
		}
	})
	var all, security count
	var b strings.Builder
	b.WriteString("| project | Django | settings | same | environment | unknown | wrong | security settings known | of |\n| --- | --- | --- | --- | --- | --- | --- | --- | --- |\n")
	for _, r := range rows {
		for v := range all {
			all[v] += r.all[v]
			security[v] += r.security[v]
		}
		n := r.security[0] + r.security[1] + r.security[2] + r.security[3]
		fmt.Fprintf(&b, "| %s%s | %s | %d | %d | %d | %d | %d | %d | %d |\n", strings.Replace(r.p.Name, "__", "/", 1), note(r.p.Note), r.django,
			r.all[0]+r.all[1]+r.all[2]+r.all[3], r.all[same], r.all[fromEnv], r.all[unknown], r.all[wrong], r.security[same]+r.security[fromEnv], n)
	}
	t.Logf("all settings: %s; security settings: %s, %.1f%% known", all, security, 100*security.share())
	if security.share() < 0.95 {
		t.Errorf("%.1f%% of the security settings are known: 95%% is the least", 100*security.share())
	}
	if table != "" {
		if err := os.WriteFile(table, []byte(b.String()), 0o644); err != nil {
			t.Error(err)
		}
	}
}

func note(s string) string {
	if s == "" {
		return ""
	}
	return " (" + s + ")"
}

// oracleNew is a project that init makes: its production settings with the
// .env that init wrote as the environment, and its development settings
// without any.
func oracleNew(t *testing.T, series, preset string) []oracleProject {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "campus")
	args := []string{"init", dir, "--yes", "--name=campus", "--django=" + series, "--preset=" + preset, "--domain=campus.example",
		"--database-url=postgres://campus:pw@db.campus.example/campus?sslmode=verify-full", "--redis-url=rediss://cache.campus.example:6380/0"}
	if out, err := djharden(t, t.TempDir(), nil, args...); err != nil {
		t.Fatalf("djharden %v: %v\n%s", args, err, out)
	}
	env := takeEnvFile(t, dir)
	name := "init " + preset + " " + series
	py := python(t, series)
	return []oracleProject{
		{Name: name, Root: dir, Module: "config.settings.prod", Env: env, Python: py},
		{Name: name + " dev", Root: dir, Module: "config.settings.dev", Python: py},
	}
}

// oracleAdopted is a project as its owner had it, and as init left it.
func oracleAdopted(t *testing.T, name string) []oracleProject {
	t.Helper()
	archive, err := txtar.ParseFile(filepath.Join("../scaffold/testdata/adopt", name+".txtar"))
	if err != nil {
		t.Fatal(err)
	}
	var out []oracleProject
	for _, how := range []string{"old", "adopted"} {
		dir := filepath.Join(t.TempDir(), name)
		module := ""
		for _, f := range archive.Files {
			file := filepath.Join(dir, filepath.FromSlash(f.Name))
			if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(file, f.Data, 0o644); err != nil {
				t.Fatal(err)
			}
			if pkg, ok := strings.CutSuffix(f.Name, "/wsgi.py"); ok {
				module = strings.ReplaceAll(pkg, "/", ".") + ".settings"
			}
		}
		if how == "adopted" {
			args := []string{"init", dir, "--yes", "--django=5.2", "--domain=campus.example", "--database-url=postgres://campus:pw@db.campus.example/campus?sslmode=verify-full"}
			if out, err := djharden(t, t.TempDir(), nil, args...); err != nil {
				t.Fatalf("djharden %v: %v\n%s", args, err, out)
			}
			module += ".prod"
		}
		env := takeEnvFile(t, dir)
		for k := range env {
			if how == "adopted" && strings.HasSuffix(k, "DEBUG") {
				env[k] = "0" // as the production server has it, which refuses anything else
			}
		}
		out = append(out, oracleProject{Name: how + " " + name, Root: dir, Module: module, Env: env, Python: python(t, "5.2")})
	}
	return out
}

// takeEnvFile moves what .env says into the environment, so that both sides
// see the same whatever reads the file.
func takeEnvFile(t *testing.T, dir string) map[string]string {
	t.Helper()
	file := filepath.Join(dir, ".env")
	data, err := os.ReadFile(file)
	if os.IsNotExist(err) {
		return nil
	}
	if err != nil {
		t.Fatal(err)
	}
	env := map[string]string{}
	for line := range strings.Lines(string(data)) {
		if k, v, ok := strings.Cut(strings.TrimSpace(line), "="); ok && !strings.HasPrefix(k, "#") {
			env[strings.TrimSpace(k)] = strings.Trim(strings.TrimSpace(v), `'"`)
		}
	}
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	return env
}

// TestOracleDir asks Django about the projects below ORACLE_DIR that
// testdata/oracle.json says how to start; `make oracle DIR=...` runs it.
func TestOracleDir(t *testing.T) {
	dir := os.Getenv("ORACLE_DIR")
	if dir == "" {
		t.Skip("ORACLE_DIR names no folder of projects")
	}
	data, err := os.ReadFile("testdata/oracle.json")
	if err != nil {
		t.Fatal(err)
	}
	var known, projects []oracleProject
	if err := json.Unmarshal(data, &known); err != nil {
		t.Fatal(err)
	}
	only := os.Getenv("ORACLE_ONLY")
	for _, p := range known {
		p.Root = filepath.Join(dir, p.Name)
		if _, err := os.Stat(p.Root); err != nil || !strings.Contains(p.Name, only) {
			continue
		}
		venv, err := oracleVenv(filepath.Join(dir, ".venvs"), p)
		if err != nil {
			t.Errorf("%s: %v", p.Name, err)
			continue
		}
		p.Python = filepath.Join(venv, "bin", "python")
		for k, v := range p.Env {
			p.Env[k] = strings.ReplaceAll(v, "{root}", p.Root)
		}
		projects = append(projects, p)
	}
	if len(projects) == 0 {
		t.Fatalf("none of the projects of testdata/oracle.json is below %s", dir)
	}
	askAll(t, projects, os.Getenv("ORACLE_TABLE"))
}

// oracleVenv installs what a project's settings import.
func oracleVenv(cache string, p oracleProject) (string, error) {
	py, err := findPython()
	if err != nil {
		return "", err
	}
	venvs, err := filepath.Abs("../../.cache/venvs")
	if err != nil {
		return "", err
	}
	uv, err := makeUV(venvs, py)
	if err != nil {
		return "", err
	}
	home, _ := os.UserHomeDir()
	found, _ := filepath.Glob(filepath.Join(cmp.Or(os.Getenv("PYENV_ROOT"), filepath.Join(home, ".pyenv")), "versions", p.Python+"*", "bin", "python3"))
	if len(found) == 0 {
		return "", fmt.Errorf("there is no Python %s", p.Python)
	}
	text := p.Python + " " + strings.Join(p.Needs, " ")
	dir := filepath.Join(cache, fmt.Sprintf("%s-%08x", p.Name, crc32.ChecksumIEEE([]byte(text))))
	return dir, once(dir, func(tmp string) error {
		if err := runQuietly(uv, "venv", "-q", "--relocatable", "--python", found[0], tmp); err != nil {
			return err
		}
		cmd := exec.Command(uv, append([]string{"pip", "install", "-q", "--python", filepath.Join(tmp, "bin", "python")}, p.Needs...)...)
		cmd.Dir, cmd.Env = p.Root, append(os.Environ(), "UV_PYTHON_DOWNLOADS=never", "UV_LINK_MODE=copy")
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("pip install: %w\n%s", err, out)
		}
		return nil
	})
}

// TestOracleList holds the recipes of the real projects in order.
func TestOracleList(t *testing.T) {
	data, err := os.ReadFile("testdata/oracle.json")
	if err != nil {
		t.Fatal(err)
	}
	var known []oracleProject
	if err := json.Unmarshal(data, &known); err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	for _, p := range known {
		if names[p.Name] || p.Module == "" || p.Python == "" || len(p.Needs) == 0 {
			t.Errorf("%s: twice, or not whole", p.Name)
		}
		names[p.Name] = true
	}
	if got := slices.Sorted(maps.Keys(names)); len(got) < 20 {
		t.Errorf("%d projects: the table stands on 20 at least", len(got))
	}
}
