package scaffold

import (
	"bytes"
	"fmt"
	"sort"
	"strings"

	"github.com/djharden/djharden/internal/django"
	"github.com/djharden/djharden/internal/plan"
	"github.com/djharden/djharden/internal/pysrc"
)

// devContext is what dev.py.tmpl is made from.
type devContext struct {
	Base        string
	Body        string
	Path        bool
	DatabaseEnv string
	Strict      bool // the body reads what refuse() judges
}

// dev is dev.py: base.py as it is, away from production.
func (d *adoption) dev() ([]byte, error) {
	used := map[string]bool{}
	lines := []string{"DEBUG = True"}
	if v := d.v("SECRET_KEY"); v != nil && v.Kind == django.FromEnv && v.Default != nil {
		used["SECRET_KEY"] = true
		lines = append(lines, fmt.Sprintf("SECRET_KEY = SECRET_KEY or %q", devKey))
	}
	if u := d.p.URLs; u.Admin != nil && u.Setting == "" {
		lines = append(lines, fmt.Sprintf("ADMIN_PATH = env.str(%q, \"\") or %q", d.name("ADMIN_PATH"), u.Old))
	}
	lines = append(lines, d.devNetwork(used)...)
	lines = append(lines, "", "# Never the production database.")
	lines = append(lines, d.devDatabase(used)...)
	body := strings.Join(lines, "\n")
	return page(adoptTree(), "settings/dev.py", devContext{Base: fromBase(used), Body: body, Path: strings.Contains(body, "Path("), Strict: strings.Contains(body, "strict."), DatabaseEnv: d.name("DATABASE_URL")})
}

// devNetwork lets this machine in where .env now names production's hosts.
func (d *adoption) devNetwork(used map[string]bool) []string {
	var out []string
	if v := d.v("ALLOWED_HOSTS"); v != nil && v.Kind == django.FromEnv {
		used["ALLOWED_HOSTS"] = true
		out = append(out, `ALLOWED_HOSTS = [*ALLOWED_HOSTS, ".localhost", "127.0.0.1", "[::1]"]`)
	}
	if v := d.v("CORS_ALLOWED_ORIGINS"); v != nil && v.Kind == django.FromEnv {
		used["CORS_ALLOWED_ORIGINS"] = true
		out = append(out, "CORS_ALLOWED_ORIGINS = [", "    *CORS_ALLOWED_ORIGINS,", `    "http://localhost:3000",`, `    "http://localhost:5173",`, "]")
	}
	return out
}

// devDatabase keeps base.py's database, unless that would now be production's.
func (d *adoption) devDatabase(used map[string]bool) []string {
	name := d.name("DATABASE_URL")
	def := d.v("DATABASES").Get("default")
	production := def != nil && def.Kind == django.FromEnv
	for _, r := range d.s.Reads {
		production = production || r.Name == name
	}
	read := `if url := strict.str("DEV_DATABASE_URL", "", validate=checks.development_url):`
	parse := `    DATABASES = {"default": dj_database_url.parse(url)}`
	if d.s.Has("DATABASES") && !production {
		used["DATABASES"] = true
		return []string{read, parse}
	}
	if def != nil && def.Kind == django.FromEnv && def.Default != nil && def.Default.Kind == django.String && strings.Contains(def.Default.Str, "://") && !strings.Contains(def.Default.Str, "@") {
		return append([]string{
			"DATABASES = {",
			`    "default": dj_database_url.parse(`,
			`        strict.str("DEV_DATABASE_URL", "", validate=checks.development_url)`,
			fmt.Sprintf("        or %q", def.Default.Str),
			"    )",
			"}",
		}, d.atomic()...)
	}
	base := &overlay{adoption: d, used: used}
	return append([]string{
		"DATABASES = {",
		`    "default": {`,
		`        "ENGINE": "django.db.backends.sqlite3",`,
		fmt.Sprintf(`        "NAME": %s / "db.sqlite3",`, base.root()),
		"    }",
		"}",
		read, parse,
	}, d.atomic()...)
}

// ownFiles are djharden's modules beside the settings.
func (o *overlay) ownFiles() ([]plan.File, error) {
	in := o.in
	in.Answers = o.a
	c := newContext(in, o.facts)
	tree, adopt := newTree(), adoptTree()
	data := struct {
		context
		Package        string
		Own            string
		Label          string
		Table, Site    bool
		Brake, Signals bool
		Signs          bool
	}{c, o.p.Package, o.own, strings.ReplaceAll(o.p.Package, ".", "_") + "_hardening", o.table, o.site, o.brake, o.tokens, o.signs}
	rows := []struct {
		name, reason string
		when         bool
		from         string // in the new project's tree; "": in adopt/hardening
	}{
		{"__init__.py", "djharden's own code", true, ""},
		{"admin.py", "the admin site", o.site, "config/admin.py"},
		{"apps.py", "the admin site, the cache table and earlier signing keys, wired", o.site || o.table || o.signs, ""},
		{"backends.py", "tokens of earlier signing keys", o.signs, "config/backends.py"},
		{"logs.py", "a security log file that can't stop the start", c.SecurityLog != "", "config/logs.py"},
		{"middleware.py", "the client's address, settled once", true, "config/middleware.py"},
		{"migrations/0001_cache_table.py", "the table of the database cache", o.table, "config/migrations/0001_cache_table.py"},
		{"migrations/__init__.py", "the table of the database cache", o.table, "config/migrations/__init__.py"},
		{"throttling.py", "a brake on the token views", o.brake, ""},
		{"tokens.py", "a login that lockout hears of", o.tokens, ""},
		{"uploads.py", "a limit on files", c.UploadLimit != "", "config/uploads.py"},
	}
	var out []plan.File
	for _, r := range rows {
		if !r.when {
			continue
		}
		from, name, what := tree, r.from, any(c)
		if r.from == "" {
			from, name, what = adopt, "hardening/"+r.name, data
		}
		text, err := page(from, name, what)
		if err != nil {
			return nil, err
		}
		out = append(out, plan.File{Path: o.ownDir + "/" + r.name, Owner: plan.Whole, Data: text, Reason: r.reason})
	}
	return out, nil
}

// patches are the edits in the user's own files.
func (d *adoption) patches(o *overlay) ([]plan.File, error) {
	var out []plan.File
	for _, e := range d.p.Entries {
		to, reason := d.p.Module+".prod", "production settings unless told otherwise"
		if e.Dev {
			to, reason = d.p.Module+".dev", "development settings unless told otherwise"
		}
		edit, err := e.Src.SetString(e.Node, to)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", e.Path, err)
		}
		f, err := patch(e.Path, e.Src, reason, edit)
		if err != nil {
			return nil, err
		}
		out = append(out, f)
	}
	edits, err := d.urlEdits()
	if err != nil || len(edits) == 0 {
		return out, err
	}
	f, err := patch(d.p.URLs.Path, d.p.URLs.Src, "admin path from the environment", edits...)
	if err != nil {
		return nil, err
	}
	return append(out, f), nil
}

func patch(path string, m *pysrc.Module, reason string, edits ...pysrc.Edit) (plan.File, error) {
	sort.SliceStable(edits, func(i, j int) bool { return edits[i].S < edits[j].S })
	data, err := m.Apply(edits...)
	if err != nil {
		return plan.File{}, fmt.Errorf("%s: %w", path, err)
	}
	return plan.File{Path: path, Owner: plan.Patch, Data: data, Was: m.Src, Reason: reason}, nil
}

// urlEdits take the admin's path from the settings and name the admin.
func (d *adoption) urlEdits() ([]pysrc.Edit, error) {
	u := d.p.URLs
	if u.Admin == nil {
		return nil, nil
	}
	var edits []pysrc.Edit
	if u.Setting == "" {
		local, imports, err := d.settingsName()
		if err != nil {
			return nil, err
		}
		edits = append(edits, imports...)
		code := local + ".ADMIN_PATH"
		if u.Admin.Func != "path" {
			q := `"`
			if prefersSingle(u.Src) {
				q = "'"
			}
			code = "f" + q + "^{" + code + "}" + q
		}
		e, err := u.Src.Replace(u.Admin.Pattern, code)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", u.Path, err)
		}
		edits = append(edits, e)
	}
	if u.DefaultSite && !d.p.CustomHeader {
		edits = append(edits, d.headerEdit())
	}
	return edits, nil
}

// headerEdit names the admin at the end of the URLconf.
func (d *adoption) headerEdit() pysrc.Edit {
	m := d.p.URLs.Src
	quote := func(s string) string {
		if prefersSingle(m) && !strings.ContainsAny(s, `'\`) {
			return "'" + s + "'"
		}
		return pysrc.Quote(s)
	}
	eol, site, name := m.EOL(0), m.Text(d.p.URLs.Admin.Object), title(d.a.Name)
	text := eol + site + ".site_header = " + quote(name+" administration") + eol + site + ".site_title = " + quote(name+" admin") + eol
	if src := m.Src; len(src) > 0 && !bytes.HasSuffix(src, []byte("\n")) && !bytes.HasSuffix(src, []byte("\r")) {
		text = eol + text
	}
	return pysrc.Edit{S: len(m.Src), E: len(m.Src), New: text}
}

// settingsName is the name of django.conf.settings at the admin's route, and
// the import that makes it.
func (d *adoption) settingsName() (string, []pysrc.Edit, error) {
	u := d.p.URLs
	m := u.Src
	var before *pysrc.Stmt // the first import that sorts after the new one
	for _, s := range m.Stmts {
		if s.S > u.Admin.Stmt.S {
			break
		}
		for _, a := range s.Names {
			if s.Kind == pysrc.SFrom && s.Module == "django.conf" && a.Name == "settings" {
				return a.Local(s.Kind), nil, nil
			}
		}
		if before == nil && s.Kind == pysrc.SFrom && s.Module > "django.conf" && s.Module != "__future__" && !strings.HasPrefix(s.Module, ".") {
			before = s
		}
	}
	local, code := "settings", "from django.conf import settings"
	if d.bindsSettings() {
		local, code = "django_settings", code+" as django_settings"
	}
	if before != nil {
		if e, err := m.InsertStmtBefore(before, code); err == nil {
			return local, []pysrc.Edit{e}, nil
		}
	}
	e, err := m.InsertImport(code)
	if err != nil {
		return "", nil, fmt.Errorf("%s: %w", u.Path, err)
	}
	return local, []pysrc.Edit{e}, nil
}

// bindsSettings reports whether the URLconf means something else by settings.
func (d *adoption) bindsSettings() bool {
	m := d.p.URLs.Src
	for i, t := range m.Toks {
		if t.Kind != pysrc.NAME || string(m.Src[t.S:t.E]) != "settings" {
			continue
		}
		if i > 0 && string(m.Src[m.Toks[i-1].S:m.Toks[i-1].E]) == "." {
			continue
		}
		if q := d.p.URLs.Scope.Alias["settings"]; q != "django.conf.settings" {
			return true
		}
	}
	return false
}

// beside are the files next to the package.
func (d *adoption) beside(o *overlay) ([]plan.File, error) {
	d.variables(o)
	env, err := d.envFile()
	if err != nil {
		return nil, err
	}
	in := d.in
	in.Answers.Settings = d.p.Module
	out := []plan.File{
		env, d.envExample(), ignoreFile(in, ".gitignore", gitignore), d.requirements(o),
		{Path: "djharden.toml", Owner: plan.Whole, Data: TOML(in.Answers, in.Version), Reason: "the answers, without secrets"},
	}
	guide, err := d.deployment()
	if err != nil {
		return nil, err
	}
	out = append(out, plan.File{Path: "DEPLOYMENT.md", Owner: plan.Once, Data: guide, Reason: "how to go live"})
	if _, ok := in.Project.Files["Dockerfile"]; ok {
		out = append(out, ignoreFile(in, ".dockerignore", dockerignore))
	}
	return out, nil
}

// deployment is the part of a new project's README that goes for this one.
func (d *adoption) deployment() ([]byte, error) {
	in := d.in
	in.Answers = d.a
	text, err := page(newTree(), "README.md", newContext(in, d.facts))
	if err != nil {
		return nil, err
	}
	_, live, ok := strings.Cut(string(text), "## Going live\n")
	if !ok {
		return nil, fmt.Errorf("README.md has no part about going live")
	}
	dir := strings.TrimSuffix(d.p.Path, ".py")
	live = strings.NewReplacer(
		"config.settings", d.p.Module,
		"config.wsgi", d.p.Package+".wsgi", "config.asgi", d.p.Package+".asgi",
		"config/settings/base.py", dir+"/prod.py", "config/settings", dir,
		"`DATABASE_URL`", "`"+d.name("DATABASE_URL")+"`",
	).Replace(live)
	var lines []string
	for line := range strings.SplitSeq(live, "\n") {
		if !strings.HasPrefix(line, "`GET /healthz`") && line != "ruff check && ruff format --check" {
			lines = append(lines, line)
		}
	}
	return []byte("# Going live\n" + strings.Join(lines, "\n")), nil
}

// requirements adds the packages that the project doesn't name.
func (d *adoption) requirements(o *overlay) plan.File {
	deps := d.p.Deps
	old := d.p.Files[deps.Path]
	var lines []string
	for _, p := range d.pins(o) {
		if deps.Find(p.Name) == nil {
			lines = append(lines, p.Line)
		}
	}
	f := plan.File{Path: deps.Path, Owner: plan.Patch, Was: old, Data: appendLines(old, lines), Record: wroteLines(lines, d.p.Series), Reason: "packages, in versions that run together"}
	if !deps.Found {
		d.warn("requirements", "the project named its packages nowhere: requirements.txt holds what production needs; add yours")
	}
	return f
}

// instead are packages that do what one of the pins does.
var instead = map[string][]string{
	"psycopg":  {"psycopg2", "psycopg2-binary", "psycopg-binary", "psycopg-c"},
	"gunicorn": {"uvicorn", "daphne", "hypercorn", "granian", "uwsgi", "pyuwsgi", "waitress"},
}

func (d *adoption) pins(o *overlay) []django.Pin {
	skip := map[string]bool{
		"django-cors-headers": !o.cors,
		"whitenoise":          !o.static,
		"environs":            !d.environs(),
		"django-otp":          !o.site,
		"django-csp":          !o.csp,
	}
	for pin, others := range instead {
		for _, name := range others {
			skip[pin] = skip[pin] || d.p.Deps.Find(name) != nil
		}
	}
	var out []django.Pin
	for _, p := range django.Pins(d.facts.Series, features(d.a, d.facts)...) {
		if !skip[p.Name] {
			out = append(out, p)
		}
	}
	return append(out, django.ReaderPins(d.p.Reader)...)
}
