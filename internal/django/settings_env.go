package django

import (
	"strings"

	"github.com/djharden/djharden/internal/pysrc"
)

// envLibs are the constructors of the readers.
var envLibs = map[string]string{"environ.Env": "environ", "environ.FileAwareEnv": "environ", "environs.Env": "environs", "environs.FileAwareEnv": "environs", "decouple.AutoConfig": "decouple"}

// envObject reads `env = environ.Env(DEBUG=(bool, False))`.
func (s *Settings) envObject(n *pysrc.Node) *EnvName {
	if n == nil || n.Kind != pysrc.Call {
		return nil
	}
	lib := envLibs[s.Scope.Resolve(n.Kids[0])]
	if lib == "" {
		return nil
	}
	e := &EnvName{Lib: lib, Scheme: map[string]*Value{}}
	for _, a := range n.Kids[1:] {
		if a.Kind != pysrc.KwArg {
			continue
		}
		if v := s.eval(a.Kids[0]); v.Kind == List && len(v.Items) == 2 {
			e.Scheme[a.Name] = v.Items[1]
		}
	}
	return e
}

// loads notes a call that reads a .env file.
func (s *Settings) loads(n *pysrc.Node, st *pysrc.Stmt) bool {
	q := s.Scope.Resolve(n.Kids[0])
	switch q {
	case "dotenv.load_dotenv", "dotenv.main.load_dotenv", "dotenv.read_dotenv", "environ.Env.read_env", "environs.Env.read_env":
	default:
		if a := n.Kids[0]; a.Kind == pysrc.Attr && a.Name == "read_env" && a.Kids[0].Kind == pysrc.Name && s.Envs[a.Kids[0].Name] != nil {
			q = s.Envs[a.Kids[0].Name].Lib + ".Env.read_env"
			break
		}
		return false
	}
	s.Loads = append(s.Loads, LoadCall{Func: q, Node: n, Stmt: st})
	return true
}

// envCall reads a look at the environment; nil when the call is none.
func (s *Settings) envCall(n *pysrc.Node, q string, pos []*pysrc.Node, kw map[string]*pysrc.Node) *Value {
	switch q {
	case "os.environ.get", "os.getenv", "os.environ.setdefault", "os.environ.pop":
		return s.getenv(n, pos, kw, &Value{Kind: None})
	case "dj_database_url.config":
		name := "DATABASE_URL"
		if a := kw["env"]; a != nil {
			if v := s.eval(a); v.Kind == String {
				name = v.Str
			}
		}
		def := &Value{Kind: Dict}
		if a := kw["default"]; a != nil {
			def = s.eval(a)
		}
		return s.read(n, name, def)
	case "dj_database_url.parse":
		if len(pos) > 0 {
			return s.eval(pos[0])
		}
	}
	callee := n.Kids[0]
	object := callee
	if callee.Kind == pysrc.Attr {
		object = callee.Kids[0]
	}
	if object.Kind != pysrc.Name || s.Envs[object.Name] == nil {
		return nil
	}
	e := s.Envs[object.Name]
	if callee.Kind == pysrc.Attr && (e.Lib == "decouple" || strings.HasSuffix(callee.Name, "read_env")) {
		return nil
	}
	if len(pos) == 0 && callee.Kind == pysrc.Attr { // env.db(), env.cache(), ...
		if name := urlNames[callee.Name]; name != "" {
			return s.read(n, name, s.fallback(e, name, pos, kw))
		}
	}
	if len(pos) == 0 {
		return nil
	}
	name := s.eval(pos[0])
	if name.Kind != String {
		return nil
	}
	return s.read(n, name.Str, s.fallback(e, name.Str, pos, kw))
}

var urlNames = map[string]string{"db": "DATABASE_URL", "db_url": "DATABASE_URL", "dj_db_url": "DATABASE_URL", "cache": "CACHE_URL", "cache_url": "CACHE_URL", "email": "EMAIL_URL", "email_url": "EMAIL_URL"}

// fallback is the default of a reader's call, from the call or the scheme; nil
// when the variable is required.
func (s *Settings) fallback(e *EnvName, name string, pos []*pysrc.Node, kw map[string]*pysrc.Node) *Value {
	if a := kw["default"]; a != nil {
		return s.eval(a)
	}
	if e.Lib != "environ" && len(pos) > 1 || e.Lib == "environ" && len(pos) > 1 && kw["cast"] == nil && pos[1].Kind != pysrc.Name {
		return s.eval(pos[1])
	}
	return e.Scheme[name]
}

func (s *Settings) getenv(n *pysrc.Node, pos []*pysrc.Node, kw map[string]*pysrc.Node, def *Value) *Value {
	if len(pos) == 0 {
		return nil
	}
	name := s.eval(pos[0])
	if name.Kind != String {
		return nil
	}
	if len(pos) > 1 {
		def = s.eval(pos[1])
	} else if a := kw["default"]; a != nil {
		def = s.eval(a)
	}
	return s.read(n, name.Str, def)
}
