package django

import (
	"bytes"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/djharden/djharden/internal/pysrc"
)

// Keys says where a project's settings take their keys from, in whatever
// layout they are: every assignment in every module counts, nothing is
// followed across imports.
type Keys struct {
	SecretKey       []KeyRead // SECRET_KEY
	SecretFallbacks []KeyRead // SECRET_KEY_FALLBACKS
	JWTKey          []KeyRead // SIGNING_KEY of SIMPLE_JWT
	JWTFallbacks    []KeyRead // JWT_SIGNING_KEY_FALLBACKS
	AdminPath       []KeyRead // ADMIN_PATH, ADMIN_URL
	SimpleJWT       bool      // Simple JWT is installed
	Readers         []Reader  // the libraries that read .env, as far as code imports them
	Direct          []Mention // code that uses settings.SECRET_KEY itself
	Before          string    // a file that python-decouple reads in place of .env; ""
}

// KeyRead is one place where a setting is given its value.
type KeyRead struct {
	Path    string
	Line    int
	Strings []string // the texts in the value that may be names of variables, in order; those of names it is made from, too
	Text    string   // the value as written
	Items   bool     // it is written as a list of items: a variable is one of them, not the list
	CSV     bool     // decouple's Csv() takes it apart
}

// Variables are the names in the places that the environment has.
func Variables(reads []KeyRead, have func(string) bool) []string {
	var out []string
	for _, r := range reads {
		for _, s := range r.Strings {
			if have(s) && !slices.Contains(out, s) {
				out = append(out, s)
			}
		}
	}
	return out
}

var (
	setsKey       = regexp.MustCompile(`(?m)\b(?:SECRET_KEY(?:_FALLBACKS)?|JWT_SIGNING_KEY_FALLBACKS|ADMIN_PATH|ADMIN_URL)\s*(?::[^=\n]*)?=[^=]|SIGNING_KEY`)
	importsReader = regexp.MustCompile(`(?m)^[ \t]*(?:from|import)[ \t]+(dotenv|environ|environs|decouple)\b`)
	usesKey       = regexp.MustCompile(`\bsettings\.SECRET_KEY\b`)
	variable      = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)
)

// ReadKeys looks through every Python file of the folder. What can't be read
// as Python is passed over: nothing is written from it.
func ReadKeys(fsys fs.FS) (*Keys, error) {
	t, err := walk(fsys)
	if err != nil {
		return nil, err
	}
	k := &Keys{}
	for _, name := range t.sorted() {
		if path.Ext(name) != ".py" {
			continue
		}
		src, err := t.read(name)
		if err != nil {
			continue
		}
		k.SimpleJWT = k.SimpleJWT || bytes.Contains(src, []byte("rest_framework_simplejwt"))
		k.direct(name, src)
		k.readers(src)
		if !setsKey.Match(src) {
			continue
		}
		if m, err := pysrc.Parse(src); err == nil {
			f := keyFinder{keys: k, name: name, m: m, values: map[string][]*pysrc.Node{}}
			f.find()
		}
	}
	slices.Sort(k.Readers)
	k.Readers = slices.Compact(k.Readers)
	if slices.Contains(k.Readers, ReadsDecoup) && t.files["settings.ini"] {
		k.Before = "settings.ini"
	}
	return k, nil
}

// direct notes the lines that use the key without Django between.
func (k *Keys) direct(name string, src []byte) {
	for _, at := range usesKey.FindAllIndex(src, -1) {
		k.Direct = append(k.Direct, Mention{Path: name, Line: Line(src, at[0])})
	}
}

// readers notes the libraries that a module imports.
func (k *Keys) readers(src []byte) {
	for _, m := range importsReader.FindAllSubmatch(src, -1) {
		k.Readers = append(k.Readers, Reader(m[1]))
	}
}

// keyFinder looks through one module.
type keyFinder struct {
	keys   *Keys
	name   string
	m      *pysrc.Module
	scope  *pysrc.Scope
	values map[string][]*pysrc.Node // what each name is given
}

func (f *keyFinder) find() {
	f.scope = f.m.Scope()
	pysrc.Walk(f.m.Stmts, func(s *pysrc.Stmt) {
		for _, t := range s.Targets {
			if t.Kind == pysrc.Name && s.Value != nil {
				f.values[t.Name] = append(f.values[t.Name], s.Value)
			}
		}
	}, nil)
	f.stmts(f.m.Stmts, "")
}

// stmts goes through statements; prefix is what environs' prefixed() puts
// before names there.
func (f *keyFinder) stmts(list []*pysrc.Stmt, prefix string) {
	for _, s := range list {
		if s.Kind == pysrc.SCompound {
			f.stmts(s.Body, prefix+f.prefixed(s))
			continue
		}
		if s.Value == nil {
			continue
		}
		for _, t := range s.Targets {
			f.target(t, s, prefix)
		}
		f.signing(s.Value, prefix)
	}
}

func (f *keyFinder) prefixed(s *pysrc.Stmt) string {
	for _, n := range s.Exprs {
		if n.Kind == pysrc.Call && n.Kids[0].Kind == pysrc.Attr && n.Kids[0].Name == "prefixed" && len(n.Kids) == 2 {
			text, _ := f.m.StrValue(n.Kids[1])
			return text
		}
	}
	return ""
}

// target takes SECRET_KEY = ... and SIMPLE_JWT["SIGNING_KEY"] = ...
func (f *keyFinder) target(t *pysrc.Node, s *pysrc.Stmt, prefix string) {
	name := t.Name
	if t.Kind == pysrc.Sub && len(t.Kids) == 2 {
		name, _ = f.m.StrValue(t.Kids[1])
	} else if t.Kind != pysrc.Name {
		return
	}
	k := f.keys
	switch list := map[string]*[]KeyRead{
		"SECRET_KEY": &k.SecretKey, "SECRET_KEY_FALLBACKS": &k.SecretFallbacks, "JWT_SIGNING_KEY_FALLBACKS": &k.JWTFallbacks,
		"ADMIN_PATH": &k.AdminPath, "ADMIN_URL": &k.AdminPath,
	}[name]; {
	case t.Kind == pysrc.Name && list != nil:
		*list = append(*list, f.read(name, s.Value, prefix))
	case t.Kind == pysrc.Sub && name == "SIGNING_KEY":
		k.JWTKey = append(k.JWTKey, f.read(name, s.Value, prefix))
	}
}

// signing finds {"SIGNING_KEY": ...} and dict(SIGNING_KEY=...).
func (f *keyFinder) signing(n *pysrc.Node, prefix string) {
	pysrc.WalkNode(n, func(n *pysrc.Node) {
		for _, p := range n.Pairs() {
			if p.Key == nil {
				continue
			}
			if key, _ := f.m.StrValue(p.Key); key == "SIGNING_KEY" {
				f.keys.JWTKey = append(f.keys.JWTKey, f.read(key, p.Value, prefix))
			}
		}
		if n.Kind == pysrc.KwArg && n.Name == "SIGNING_KEY" {
			f.keys.JWTKey = append(f.keys.JWTKey, f.read(n.Name, n.Kids[0], prefix))
		}
	})
}

func (f *keyFinder) read(setting string, value *pysrc.Node, prefix string) KeyRead {
	r := KeyRead{Path: f.name, Line: Line(f.m.Src, value.S), Text: f.m.Text(value)}
	switch value.Unparen().Kind {
	case pysrc.List, pysrc.Tuple:
		r.Items = true
	}
	f.strings(&r, value, prefix, map[*pysrc.Node]bool{})
	// django-configurations names the variable after the setting.
	if callee := value.Unparen(); callee.Kind == pysrc.Call && len(r.Strings) == 0 && strings.HasPrefix(f.scope.Resolve(callee.Kids[0]), "configurations.values.") {
		r.Strings = []string{"DJANGO_" + setting}
	}
	return r
}

// strings collects the texts of a value, and of the names that it is made from.
func (f *keyFinder) strings(r *KeyRead, n *pysrc.Node, prefix string, seen map[*pysrc.Node]bool) {
	if seen[n] {
		return
	}
	seen[n] = true
	switch n.Kind {
	case pysrc.Str:
		if text, ok := f.m.StrValue(n); ok && variable.MatchString(text) && !slices.Contains(r.Strings, prefix+text) {
			r.Strings = append(r.Strings, prefix+text)
		}
	case pysrc.Name:
		r.CSV = r.CSV || f.scope.Resolve(n) == "decouple.Csv"
		for _, v := range f.values[n.Name] {
			// What a reader itself is made from (env = Env(...)) is no part of the value.
			if v.Kind != pysrc.Call || envLibs[f.scope.Resolve(v.Kids[0])] == "" {
				f.strings(r, v, prefix, seen)
			}
		}
	}
	for _, k := range n.Kids {
		f.strings(r, k, prefix, seen)
	}
}
