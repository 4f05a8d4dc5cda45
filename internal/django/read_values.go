package django

import (
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/djharden/djharden/internal/pysrc"
)

// Reader is how settings read the environment and .env.
type Reader string

const (
	ReadsNothing  Reader = ""        // literals only
	ReadsOS       Reader = "os"      // os.environ alone, no .env
	ReadsDotenv   Reader = "dotenv"  // python-dotenv
	ReadsEnviron  Reader = "environ" // django-environ
	ReadsDecoup   Reader = "decouple"
	ReadsEnvirons Reader = "environs"
)

// values reads the settings and refuses what the overlay could not extend.
func (p *Project) values(t *tree) error {
	src, err := p.file(t, p.Path)
	if err != nil {
		return err
	}
	s, err := ReadSettings(p.Path, p.Module, src)
	if err != nil {
		return err
	}
	p.Settings = s
	if err := s.era(); err != nil {
		return err
	}
	if err := s.lists(); err != nil {
		return err
	}
	if err := s.database(); err != nil {
		return err
	}
	if err := s.mail(); err != nil {
		return err
	}
	if p.Reader, err = s.reader(); err != nil {
		return err
	}
	if p.Reader == ReadsDecoup && (t.files["settings.ini"] || t.files[p.Dir+"/settings.ini"]) {
		return &Refusal{Path: "settings.ini", Reason: "python-decouple reads settings.ini before .env", Manual: "Move its values into .env beside manage.py and delete settings.ini."}
	}
	if name := p.Dir + "/.env"; t.files[name] {
		return &Refusal{Path: name, Reason: ".env is in the package's folder", Manual: "Move it beside manage.py, and give the reader that path."}
	}
	p.shape()
	for _, name := range t.sorted() {
		if strings.HasPrefix(name, p.Dir+"/") {
			p.Taken = append(p.Taken, strings.TrimPrefix(name, p.Dir+"/"))
		}
	}
	return nil
}

// shape says what kind of project the settings make.
func (p *Project) shape() {
	apps, s := p.Settings.Vars["INSTALLED_APPS"], p.Settings
	p.HasAPI = apps.Has("rest_framework") || s.Has("REST_FRAMEWORK")
	p.HasCORS = apps.Has("corsheaders")
	p.HasJWT = p.HasAPI && (s.Has("SIMPLE_JWT") || apps.Has("rest_framework_simplejwt") || apps.Has("rest_framework_simplejwt.token_blacklist") ||
		strings.Contains(string(s.Src.Src), "rest_framework_simplejwt"))
	p.Preset = "site"
	if p.HasAPI {
		p.Preset = "lms"
	}
	for _, name := range []string{"CORS_ALLOWED_ORIGINS", "CORS_ORIGIN_WHITELIST"} {
		for _, o := range s.Vars[name].Strings() {
			if strings.HasPrefix(o, "https://") {
				p.Origins = append(p.Origins, strings.TrimRight(o, "/"))
			}
		}
	}
}

// refusal is a refusal at a value's line.
func (s *Settings) refusal(v *Value, reason, manual string) error {
	return &Refusal{Path: s.Path, Line: s.LineOf(v), Reason: reason, Manual: manual}
}

// era refuses settings of a Django that is long gone.
func (s *Settings) era() error {
	for _, name := range []string{"MIDDLEWARE_CLASSES", "TEMPLATE_CONTEXT_PROCESSORS", "TEMPLATE_DIRS"} {
		if v := s.Vars[name]; v != nil {
			return s.refusal(v, name+" is of a Django before 1.10", "Upgrade the project to Django 5.2 first.")
		}
	}
	return nil
}

// lists refuses lists that the overlay extends and can't follow.
func (s *Settings) lists() error {
	for _, name := range []string{"INSTALLED_APPS", "MIDDLEWARE"} {
		v := s.Vars[name]
		if v == nil {
			return &Refusal{Path: s.Path, Reason: name + " isn't set", Manual: "Run djharden init in the folder whose manage.py names the settings that hold " + name + "."}
		}
		if v.Kind != List {
			return s.refusal(v, name+" is computed in a way that can't be read", "Write "+name+" as a list of strings; += [...], append and insert may follow.")
		}
		for _, it := range append(append([]*Value{}, v.Items...), v.Maybe...) {
			if it.Kind == List && len(it.Strings()) == len(it.Items) && !it.Open {
				continue
			}
			if it.Kind != String || it.Cond {
				return s.refusal(orValue(it, v), name+" is computed in a way that can't be read", "Write "+name+" as a list of strings; += [...], append and insert may follow.")
			}
		}
	}
	for _, name := range []string{"REST_FRAMEWORK", "SIMPLE_JWT"} {
		if v := s.Vars[name]; v != nil && v.Kind != Dict {
			return s.refusal(v, name+" is computed in a way that can't be read", "Write "+name+" as a dict: {...}.")
		}
	}
	if v := s.Vars["ROOT_URLCONF"]; v == nil || v.Kind != String {
		return s.refusal(v, "ROOT_URLCONF is not a plain string", "Write it as one: ROOT_URLCONF = '<package>.urls'.")
	}
	return nil
}

func orValue(a, b *Value) *Value {
	if a != nil && a.Node != nil {
		return a
	}
	return b
}

// database refuses what production can't move to PostgreSQL from.
func (s *Settings) database() error {
	e := s.Vars["DATABASES"].Get("default", "ENGINE")
	if e == nil || e.Kind != String {
		return nil
	}
	for _, other := range []string{"mysql", "oracle", "mssql", "mongo", "djongo"} {
		if strings.Contains(e.Str, other) {
			return s.refusal(e, "the database is "+e.Str, "Production is PostgreSQL here: move the data there first (dumpdata and loaddata, or pgloader).")
		}
	}
	return nil
}

// mail refuses settings that Django 6.1 doesn't start with.
func (s *Settings) mail() error {
	if m := s.Vars["MAILERS"]; m != nil {
		for _, name := range s.Order {
			if strings.HasPrefix(name, "EMAIL_") && name != "EMAIL_SUBJECT_PREFIX" && name != "EMAIL_USE_LOCALTIME" && s.Vars[name] != nil {
				return s.refusal(s.Vars[name], name+" beside MAILERS: Django 6.1 doesn't start with both", "Move it into MAILERS, as OPTIONS of the \"default\" mailer.")
			}
		}
	}
	return nil
}

var dotenvFile = regexp.MustCompile(`(^|/)\.env$`)

// reader says which library reads the environment, and refuses a .env that is
// not the one beside manage.py.
func (s *Settings) reader() (Reader, error) {
	libs := map[string]bool{}
	for _, q := range s.Scope.Alias {
		lib, _, _ := strings.Cut(q, ".")
		libs[lib] = true
	}
	if len(s.Reads) > 0 {
		for _, r := range s.Reads {
			if strings.HasPrefix(s.Scope.Resolve(root2(r.Node)), "os.") {
				libs["os.environ"] = true
			}
		}
	}
	for _, l := range s.Loads {
		if err := s.loadPath(l); err != nil {
			return "", err
		}
	}
	for _, q := range slices.Sorted(maps.Keys(s.Scope.Alias)) {
		lib := s.Scope.Alias[q]
		if lib == "decouple.Config" || strings.HasPrefix(lib, "decouple.Repository") {
			return "", &Refusal{Path: s.Path, Reason: "python-decouple with its own file (" + q + ")", Manual: "Write from decouple import config, and keep the values in .env beside manage.py."}
		}
	}
	switch {
	case libs["dotenv"]:
		return ReadsDotenv, nil
	case libs["environ"]:
		return ReadsEnviron, nil
	case libs["decouple"]:
		return ReadsDecoup, nil
	case libs["environs"]:
		return ReadsEnvirons, nil
	case libs["os.environ"] || strings.Contains(string(s.Src.Src), "os.environ") || strings.Contains(string(s.Src.Src), "getenv"):
		return ReadsOS, nil
	}
	return ReadsNothing, nil
}

// root2 is the callee or the subscripted object of a look at the environment.
func root2(n *pysrc.Node) *pysrc.Node {
	for n.Kind == pysrc.Paren {
		n = n.Kids[0]
	}
	if n.Kind == pysrc.Call || n.Kind == pysrc.Sub {
		return n.Kids[0]
	}
	return n
}

// loadPath refuses a call that reads another file than .env beside manage.py,
// or one that is found from the place of settings.py, which moves.
func (s *Settings) loadPath(l LoadCall) error {
	pos, kw := args(l.Node)
	line := Line(s.Src.Src, l.Node.S)
	arg := kw["dotenv_path"]
	if arg == nil {
		arg = kw["env_file"]
	}
	if arg == nil && len(pos) > 0 {
		arg = pos[0]
	}
	if arg == nil {
		if strings.HasPrefix(l.Func, "environ.") {
			return &Refusal{Path: s.Path, Line: line, Reason: "read_env() looks beside settings.py, which moves", Manual: "Give it the path, with .env beside manage.py: environ.Env.read_env(BASE_DIR / '.env')."}
		}
		return nil // walks up from the settings: still finds it
	}
	if arg.Kind == pysrc.Name {
		if v := s.assignedOnce(arg.Name); v != nil {
			arg = v
		}
	}
	text := s.Src.Text(arg)
	lits := []string{}
	pysrc.Walk([]*pysrc.Stmt{{Kind: pysrc.SExpr, Value: arg}}, func(*pysrc.Stmt) {}, func(n *pysrc.Node) {
		if v, ok := s.Src.StrValue(n); ok {
			lits = append(lits, v)
		}
	})
	full := path.Join(lits...)
	if strings.Contains(text, "find_dotenv") && len(lits) == 0 || full == ".env" {
		return nil
	}
	if dotenvFile.MatchString(full) || full != "" || len(lits) == 0 {
		return &Refusal{Path: s.Path, Line: line, Reason: "the settings read their environment from another file than .env beside manage.py", Manual: "Keep the values in .env beside manage.py, and read that: BASE_DIR / '.env'."}
	}
	return nil
}

// assignedOnce is what a name stands for: the value of its one assignment at
// the top level, nil when there is none or more.
func (s *Settings) assignedOnce(name string) *pysrc.Node {
	var value *pysrc.Node
	count := 0
	pysrc.Walk(s.Src.Stmts, func(st *pysrc.Stmt) {
		for _, t := range st.Targets {
			if t.Kind == pysrc.Name && t.Name == name {
				count++
				if st.Depth == 0 && st.Kind == pysrc.SAssign {
					value = st.Value
				}
			}
		}
	}, func(*pysrc.Node) {})
	if count != 1 {
		return nil
	}
	return value
}
