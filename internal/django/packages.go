package django

import (
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// Packages are the packages that a project asks for, from every dependency
// file that counts for it.
type Packages struct {
	Files   []string            // that were read, in order; none: the project names no packages
	Trouble []string            // files that couldn't be read, and why
	list    map[string]*Package // by name, as pip compares it
	locked  bool                // a lock file lists whatever is installed
}

// Package is one that the project asks for, or that a lock file installs with
// those.
type Package struct {
	Name   string // as pip compares it
	Spec   string // ">=5,<6"; "" for any version, or where only a lock names it
	Exact  string // the one version that is installed, where a lock or a pin says it
	Path   string // the file that asks for it; of a locked one the lock
	Line   int    // 1-based
	Dev    bool   // for development or tests only
	Locked bool   // installed because another package needs it
}

// Where is the place that asks for a package: "requirements.txt:3".
func (p *Package) Where() string { return fmt.Sprintf("%s:%d", p.Path, p.Line) }

// ReadPackages reads the dependency files of a project: of its folder, else of
// the nearest folder above that has some, else of a folder right below it; and
// the lock files above. The error is the file system's; a file that can't be
// made out is in Trouble.
func ReadPackages(fsys fs.FS, dir string) (*Packages, error) {
	r := &packageReader{fsys: fsys, out: &Packages{list: map[string]*Package{}}, seen: map[string]bool{}}
	found := false
	for at := path.Clean(dir); ; at = path.Dir(at) {
		list, err := fs.ReadDir(fsys, at)
		if err != nil {
			return nil, err
		}
		if !found {
			r.folder(at, list)
			found = len(r.out.list) > 0
		}
		r.locks(at, list)
		if at == "." {
			break
		}
	}
	if !found {
		if err := r.below(path.Clean(dir)); err != nil {
			return nil, err
		}
	}
	return r.out, nil
}

// Find returns a package by its name, nil when nothing asks for it.
func (p *Packages) Find(name string) *Package { return p.list[PinName(name)] }

// Version is the version of a package, where a lock or a pin says it.
func (p *Packages) Version(name string) string {
	if x := p.Find(name); x != nil {
		return x.Exact
	}
	return ""
}

// Specs are the packages that production asks for, and of each the specifier,
// or the locked version as one; nil when the project names no packages.
func (p *Packages) Specs() map[string]string {
	if len(p.Files) == 0 {
		return nil
	}
	out := make(map[string]string, len(p.list))
	for name, x := range p.list {
		switch {
		case x.Dev:
		case x.Exact != "":
			out[name] = "==" + x.Exact
		default:
			out[name] = x.Spec
		}
	}
	return out
}

// Presence is whether something is installed in production.
type Presence uint8

const (
	Unsure Presence = iota
	Present
	Absent
)

// Installed says whether production can import a module, by its top-level
// name: "rest_framework". A package that nothing asks for may still come with
// another one, unless a lock file or its kind says that it doesn't.
func (p *Packages) Installed(module string) Presence {
	if len(p.Files) == 0 {
		return Unsure
	}
	dists, known := distributions[module]
	if !known {
		dists = []string{PinName(module), "django-" + PinName(module)}
	}
	dev := false
	for _, d := range dists {
		if x := p.list[d]; x != nil && !x.Dev {
			if x.Locked && !known {
				return Unsure
			}
			return Present
		} else if x != nil {
			dev = true
		}
	}
	if dev || known && (p.locked || chosen[module]) {
		return Absent
	}
	return Unsure
}

// distributions are the packages that hold a module of another name.
var distributions = map[string][]string{
	"MySQLdb":                   {"mysqlclient"},
	"PIL":                       {"pillow"},
	"allauth":                   {"django-allauth"},
	"axes":                      {"django-axes"},
	"bs4":                       {"beautifulsoup4"},
	"channels":                  {"channels"},
	"configurations":            {"django-configurations"},
	"corsheaders":               {"django-cors-headers"},
	"crispy_forms":              {"django-crispy-forms"},
	"csp":                       {"django-csp"},
	"dateutil":                  {"python-dateutil"},
	"debug_toolbar":             {"django-debug-toolbar"},
	"decouple":                  {"python-decouple"},
	"dj_database_url":           {"dj-database-url"},
	"django_celery_beat":        {"django-celery-beat"},
	"django_extensions":         {"django-extensions"},
	"django_filters":            {"django-filter"},
	"django_heroku":             {"django-heroku"},
	"django_otp":                {"django-otp"},
	"django_permissions_policy": {"django-permissions-policy"},
	"django_ratelimit":          {"django-ratelimit"},
	"django_redis":              {"django-redis"},
	"dotenv":                    {"python-dotenv", "django-dotenv"},
	"drf_spectacular":           {"drf-spectacular"},
	"drf_yasg":                  {"drf-yasg"},
	"environ":                   {"django-environ"},
	"environs":                  {"environs"},
	"jwt":                       {"pyjwt"},
	"ninja":                     {"django-ninja"},
	"psycopg":                   {"psycopg", "psycopg-binary"},
	"psycopg2":                  {"psycopg2", "psycopg2-binary"},
	"ratelimit":                 {"django-ratelimit"},
	"rest_framework":            {"djangorestframework"},
	"rest_framework_jwt":        {"djangorestframework-jwt", "drf-jwt"},
	"rest_framework_simplejwt":  {"djangorestframework-simplejwt"},
	"sentry_sdk":                {"sentry-sdk"},
	"silk":                      {"django-silk"},
	"split_settings":            {"django-split-settings"},
	"storages":                  {"django-storages"},
	"two_factor":                {"django-two-factor-auth"},
	"whitenoise":                {"whitenoise"},
	"yaml":                      {"pyyaml"},
	"drf_spectacular_sidecar":   {"drf-spectacular-sidecar"},
	"compressor":                {"django-compressor"},
	"guardian":                  {"django-guardian"},
	"import_export":             {"django-import-export"},
	"jazzmin":                   {"django-jazzmin"},
	"knox":                      {"django-rest-knox"},
	"oauth2_provider":           {"django-oauth-toolkit"},
	"rosetta":                   {"django-rosetta"},
	"simple_history":            {"django-simple-history"},
	"social_django":             {"social-auth-app-django"},
	"unfold":                    {"django-unfold"},
	"django_browser_reload":     {"django-browser-reload"},
	"django_celery_results":     {"django-celery-results"},
	"django_prometheus":         {"django-prometheus"},
	"defender":                  {"django-defender"},
	"djoser":                    {"djoser"},
	"dj_rest_auth":              {"dj-rest-auth"},
	"health_check":              {"django-health-check"},
	"mptt":                      {"django-mptt"},
	"taggit":                    {"django-taggit"},
	"widget_tweaks":             {"django-widget-tweaks"},
	"phonenumber_field":         {"django-phonenumber-field"},
	"graphene_django":           {"graphene-django"},
}

// chosen are modules whose packages a project asks for itself: hardly another
// package brings them.
var chosen = map[string]bool{
	"axes": true, "configurations": true, "corsheaders": true, "csp": true, "debug_toolbar": true, "decouple": true, "defender": true,
	"django_browser_reload": true, "django_extensions": true, "django_heroku": true, "django_permissions_policy": true, "django_ratelimit": true,
	"environ": true, "environs": true, "ratelimit": true, "rest_framework_simplejwt": true, "silk": true, "split_settings": true, "whitenoise": true,
}

// packageReader gathers the packages of several files.
type packageReader struct {
	fsys fs.FS
	out  *Packages
	seen map[string]bool
	pins map[string]string // of constraint files
}

// folder reads the files of a folder that ask for packages: production's
// before development's, so that what both name counts as production's.
func (r *packageReader) folder(dir string, list []fs.DirEntry) {
	var files []string
	for _, d := range list {
		name := d.Name()
		full := path.Join(dir, name)
		switch {
		case d.IsDir() && (name == "requirements" || name == "reqs"):
			sub, err := fs.ReadDir(r.fsys, full)
			if err != nil {
				continue
			}
			for _, s := range sub {
				if requirementsFile(s.Name(), true) && s.Type().IsRegular() {
					files = append(files, path.Join(full, s.Name()))
				}
			}
		case !d.Type().IsRegular():
		case requirementsFile(name, false):
			files = append(files, full)
		default:
			r.named(full, name)
		}
	}
	for _, dev := range []bool{false, true} {
		for _, f := range files {
			if forDevFile(path.Base(f)) == dev {
				r.requirements(f, dev, 0)
			}
		}
	}
}

// named reads the files whose names say what they are.
func (r *packageReader) named(full, name string) {
	switch name {
	case "pyproject.toml":
		r.with(full, r.pyproject)
	case "Pipfile":
		r.with(full, r.pipfile)
	case "setup.cfg":
		r.with(full, r.setupCfg)
	case "setup.py":
		r.with(full, r.setupPy)
	}
}

// locks reads the lock files of a folder.
func (r *packageReader) locks(dir string, list []fs.DirEntry) {
	for _, d := range list {
		if !d.Type().IsRegular() {
			continue
		}
		switch full := path.Join(dir, d.Name()); d.Name() {
		case "uv.lock", "poetry.lock", "pdm.lock":
			r.with(full, r.tomlLock)
		case "Pipfile.lock":
			r.with(full, r.pipfileLock)
		}
	}
}

// below reads the first folder right below that asks for packages.
func (r *packageReader) below(dir string) error {
	list, err := fs.ReadDir(r.fsys, dir)
	if err != nil {
		return err
	}
	for _, d := range list {
		if !d.IsDir() || passedOver(d.Name(), dir) {
			continue
		}
		sub := path.Join(dir, d.Name())
		inside, err := fs.ReadDir(r.fsys, sub)
		if err != nil || has(inside, "pyvenv.cfg") {
			continue
		}
		r.folder(sub, inside)
		r.locks(sub, inside)
		if len(r.out.list) > 0 {
			return nil
		}
	}
	return nil
}

// with reads a file, and notes what is wrong with it.
func (r *packageReader) with(name string, read func(name string, src []byte) error) {
	if r.seen[name] {
		return
	}
	r.seen[name] = true
	src, err := readSource(r.fsys, name)
	if err == nil {
		err = read(name, src)
	}
	if err != nil {
		r.out.Trouble = append(r.out.Trouble, name+": "+err.Error())
		return
	}
	if !slices.Contains(r.out.Files, name) {
		r.out.Files = append(r.out.Files, name)
	}
}

// readSource reads a regular file of a bounded size.
func readSource(fsys fs.FS, name string) ([]byte, error) {
	info, err := fs.Lstat(fsys, name)
	switch {
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("is no regular file")
	case info.Size() > maxSource:
		return nil, fmt.Errorf("is over %d MB", maxSource>>20)
	}
	return fs.ReadFile(fsys, name)
}

// add notes that a file asks for a package. The first that production asks for
// counts; what development asks for only where nothing else does.
func (r *packageReader) add(q Req, dev bool) {
	old := r.out.list[q.Name]
	if old != nil && !(old.Dev && !dev) && !old.Locked {
		if old.Exact == "" && !dev { // requirements.in beside the requirements.txt made of it
			old.Exact = exactly(q.Spec)
		}
		return
	}
	x := &Package{Name: q.Name, Spec: q.Spec, Path: q.Path, Line: q.Line, Dev: dev, Exact: exactly(q.Spec)}
	if old != nil && x.Exact == "" {
		x.Exact = old.Exact
	}
	if x.Exact == "" {
		x.Exact = r.pins[q.Name]
	}
	r.out.list[q.Name] = x
}

// lock notes the version that a lock file installs.
func (r *packageReader) lock(name, version, file string, line int, dev bool) {
	name = PinName(name)
	if old := r.out.list[name]; old != nil {
		if old.Exact == "" {
			old.Exact = version
		}
		return
	}
	r.out.list[name] = &Package{Name: name, Exact: version, Path: file, Line: line, Dev: dev, Locked: true}
}

// exactly is the version of a specifier that allows one.
func exactly(spec string) string {
	m := clause.FindStringSubmatch(spec)
	if m == nil || m[1] != "==" && m[1] != "===" || m[3] != "" {
		return ""
	}
	v := strings.TrimLeft(spec, "=v")
	if i := strings.IndexAny(v, ",;"); i >= 0 {
		v = v[:i]
	}
	return v
}

// forDevFile tells by its name a file of packages for development and tests.
func forDevFile(name string) bool {
	for _, w := range pathWords().FindAllString(strings.ToLower(name), -1) {
		if forDevGroup(w) {
			return true
		}
	}
	return false
}

func forDevGroup(w string) bool {
	switch w {
	case "dev", "develop", "development", "test", "tests", "testing", "local", "ci", "doc", "docs", "lint", "linting", "debug", "typing", "types", "build", "release":
		return true
	}
	return false
}
