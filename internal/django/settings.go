package django

import (
	"slices"
	"strings"

	"github.com/djharden/djharden/internal/pysrc"
)

// Settings is a settings module as production would load it: read top to
// bottom with DEBUG off, without running anything.
type Settings struct {
	Module  string // dotted: "school.settings"
	Package string // dotted: "school"
	Path    string // "school/settings.py"
	Src     *pysrc.Module
	Scope   *Scope
	Vars    map[string]*Value
	Order   []string            // names as first set
	Debug   *Value              // DEBUG as written, nil when unset
	Reads   []EnvRead           // environment variables read, in order
	Loads   []LoadCall          // calls that load a .env file
	Envs    map[string]*EnvName // names that hold a reader: env = environ.Env(...)

	defs map[string]bool // names bound by def and class
	err  *Refusal
}

// EnvRead is one look at the environment.
type EnvRead struct {
	Name     string
	Required bool // no default: importing the settings fails without it
	Node     *pysrc.Node
	Default  *Value
	Setting  string // the top-level name it is assigned to, "" elsewhere
}

// LoadCall is a call that reads a .env file.
type LoadCall struct {
	Func string // dotted: dotenv.load_dotenv, environ.Env.read_env
	Node *pysrc.Node
	Stmt *pysrc.Stmt
}

// EnvName is a name that reads the environment.
type EnvName struct {
	Lib    string // environ, environs or decouple
	Scheme map[string]*Value
	Stmt   *pysrc.Stmt // where it is bound
}

// ReadSettings reads the settings module src at name. The error is a *Refusal.
func ReadSettings(name, module string, src []byte) (*Settings, error) {
	m, err := parse(name, src)
	if err != nil {
		return nil, err
	}
	s := &Settings{
		Module: module, Path: name, Src: m, Scope: NewScope(m),
		Vars: map[string]*Value{}, Envs: map[string]*EnvName{}, defs: map[string]bool{},
	}
	if i := strings.LastIndexByte(module, '.'); i >= 0 {
		s.Package = module[:i]
	}
	s.exec(m.Stmts)
	if s.err != nil {
		return nil, s.err
	}
	return s, nil
}

// parse reads Python source that is to be edited; what it can't read is refused.
func parse(name string, src []byte) (*pysrc.Module, error) {
	m, err := pysrc.Parse(src)
	if err != nil {
		line, what := parseError(err)
		return nil, &Refusal{Path: name, Line: line, Reason: "can't be read as Python: " + what, Manual: "Correct the file: python -m py_compile " + name + " says what is wrong with it."}
	}
	if m.Encoding != "utf-8" {
		return nil, &Refusal{Path: name, Line: 1, Reason: "is written in " + m.Encoding, Manual: "Save the file as UTF-8 and drop its coding line."}
	}
	return m, nil
}

// Line is the 1-based line of an offset.
func Line(src []byte, off int) int {
	n := 1
	for i := 0; i < off && i < len(src); i++ {
		if src[i] == '\n' || src[i] == '\r' && (i+1 >= len(src) || src[i+1] != '\n') {
			n++
		}
	}
	return n
}

// LineOf is the line of a value, 0 when it is computed.
func (s *Settings) LineOf(v *Value) int {
	if v == nil || v.Node == nil {
		return 0
	}
	return Line(s.Src.Src, v.Node.S)
}

// Has reports whether a name is set, in whatever way.
func (s *Settings) Has(name string) bool { return s.Vars[name] != nil }

func (s *Settings) refuse(off int, reason, manual string) {
	if s.err == nil {
		s.err = &Refusal{Path: s.Path, Line: Line(s.Src.Src, off), Reason: reason, Manual: manual}
	}
}

func (s *Settings) bind(name string, v *Value) {
	if s.Vars[name] == nil && !slices.Contains(s.Order, name) {
		s.Order = append(s.Order, name)
	}
	if name == "DEBUG" {
		s.Debug = v
		v = &Value{Kind: Bool, Node: v.Node} // production: off
	}
	s.Vars[name] = v
}

func (s *Settings) exec(stmts []*pysrc.Stmt) {
	for _, st := range stmts {
		if s.err != nil {
			return
		}
		s.guard(st)
		switch st.Kind {
		case pysrc.SAssign, pysrc.SAnn:
			if st.Value == nil {
				continue
			}
			n := len(s.Reads)
			v := s.eval(st.Value)
			for _, t := range st.Targets {
				s.assign(t, v, st)
			}
			s.attribute(n, st.Targets)
		case pysrc.SAug:
			s.augment(st)
		case pysrc.SExpr:
			s.call(st)
		case pysrc.SImport, pysrc.SFrom:
			s.imports(st)
		case pysrc.SCompound:
			s.compound(st)
		case pysrc.SOther:
			if st.Key == "del" {
				for _, n := range st.Exprs {
					if n.Kind == pysrc.Name {
						delete(s.Vars, n.Name)
					}
				}
			}
		}
	}
}

// attribute notes which setting the reads from index n on belong to.
func (s *Settings) attribute(n int, targets []*pysrc.Node) {
	if len(targets) == 1 && targets[0].Kind == pysrc.Name {
		for i := n; i < len(s.Reads); i++ {
			s.Reads[i].Setting = targets[0].Name
		}
	}
}

// dynamic are the calls that set names where no reader can see them.
var dynamic = map[string]bool{"exec": true, "execfile": true, "globals": true, "locals": true, "vars": true, "setattr": true}

// settingsMakers are modules that make settings some other way than by
// assigning them.
var settingsMakers = map[string]string{"split_settings": "django-split-settings", "configurations": "django-configurations", "dynaconf": "dynaconf"}

// guard refuses what makes a settings module something else than its text.
func (s *Settings) guard(st *pysrc.Stmt) {
	if st.Kind == pysrc.SCompound && (st.Key == "def" || st.Key == "class") {
		return
	}
	one := *st
	one.Body = nil
	pysrc.Walk([]*pysrc.Stmt{&one}, func(*pysrc.Stmt) {}, func(n *pysrc.Node) {
		if n.Kind != pysrc.Call {
			return
		}
		callee := n.Kids[0]
		if callee.Kind == pysrc.Name && dynamic[callee.Name] {
			s.refuse(n.S, "settings are made by "+callee.Name+"()", "Write the settings out as assignments.")
		}
	})
}

func (s *Settings) imports(st *pysrc.Stmt) {
	for _, a := range st.Names {
		local := a.As
		if local == "" {
			local, _, _ = strings.Cut(a.Name, ".")
		}
		if a.Name == "*" {
			reason := "the settings import everything of " + st.Module
			if strings.Contains(st.Module, "local") {
				reason = "the settings are in several modules: it imports everything of " + st.Module
			}
			s.refuse(st.S, reason, "Put its lines into "+s.Path+", or import the names one by one.")
			return
		}
		if st.Kind == pysrc.SFrom && st.Module == "decouple" && (a.Name == "config") {
			s.Envs[local] = &EnvName{Lib: "decouple", Stmt: st}
		}
		lib := st.Module
		if st.Kind == pysrc.SImport {
			lib = a.Name
		}
		if lib, _, _ = strings.Cut(lib, "."); settingsMakers[lib] != "" {
			s.refuse(st.S, settingsMakers[lib]+" makes the settings", "Adopting these isn't there yet: write the settings as assignments in one settings.py.")
			return
		}
		if strings.ToUpper(local) == local && st.Kind == pysrc.SFrom {
			s.bind(local, unknown(nil))
		}
	}
}

func (s *Settings) assign(t *pysrc.Node, v *Value, st *pysrc.Stmt) {
	switch t.Kind {
	case pysrc.Name:
		if e := s.envObject(st.Value); e != nil {
			e.Stmt = st
			s.Envs[t.Name] = e
		} else {
			delete(s.Envs, t.Name)
		}
		s.bind(t.Name, v.copy())
	case pysrc.Paren:
		s.assign(t.Kids[0], v, st)
	case pysrc.Tuple, pysrc.List:
		for i, k := range t.Kids {
			if v.Kind == List && !v.Open && len(v.Items) == len(t.Kids) {
				s.assign(k, v.Items[i], st)
			} else {
				s.assign(k, unknown(st.Value), st)
			}
		}
	case pysrc.Sub:
		if d, key, ok := s.slot(t); ok {
			d.set(key, v)
		} else if name := root(t); name != "" && s.Vars[name] != nil {
			s.Vars[name].Open = true
		}
	}
}

// slot is the dict and the string key that X[...]["key"] names.
func (s *Settings) slot(t *pysrc.Node) (*Value, string, bool) {
	if len(t.Kids) != 2 {
		return nil, "", false
	}
	key, ok := s.Src.StrValue(t.Kids[1])
	d := s.place(t.Kids[0])
	if !ok || d == nil || d.Kind != Dict && d.Kind != FromEnv {
		return nil, "", false
	}
	return d, key, true
}

// place is the value itself that a name or subscript names, for changing it.
func (s *Settings) place(n *pysrc.Node) *Value {
	switch n.Kind {
	case pysrc.Name:
		return s.Vars[n.Name]
	case pysrc.Paren:
		return s.place(n.Kids[0])
	case pysrc.Sub:
		if len(n.Kids) != 2 {
			return nil
		}
		d := s.place(n.Kids[0])
		if d == nil {
			return nil
		}
		if d.Kind == Dict {
			if key, ok := s.Src.StrValue(n.Kids[1]); ok {
				return d.Get(key)
			}
		}
		if i := s.eval(n.Kids[1]); d.Kind == List && i.Kind == Int && i.Int >= 0 && i.Int < int64(len(d.Items)) && !d.Open {
			return d.Items[i.Int]
		}
	}
	return nil
}

// root is the name at the bottom of X["a"]["b"].
func root(n *pysrc.Node) string {
	for n.Kind == pysrc.Sub || n.Kind == pysrc.Paren || n.Kind == pysrc.Attr {
		n = n.Kids[0]
	}
	if n.Kind == pysrc.Name {
		return n.Name
	}
	return ""
}

func (s *Settings) augment(st *pysrc.Stmt) {
	n := len(s.Reads)
	v := s.eval(st.Value)
	s.attribute(n, st.Targets)
	t := st.Targets[0]
	cur := s.place(t)
	if cur == nil {
		if name := root(t); name != "" && s.Vars[name] != nil {
			s.Vars[name].Open = true
		}
		return
	}
	var res *Value
	switch st.Op {
	case "+=":
		res = add(cur, v, st.Value)
	case "|=":
		res = union(cur, v, st.Value)
	default:
		res = unknown(st.Value)
	}
	*cur = *res
}

// call follows the methods that change a list or a dict in place.
func (s *Settings) call(st *pysrc.Stmt) {
	n := st.Value
	if n == nil || n.Kind != pysrc.Call {
		return
	}
	if s.loads(n, st) {
		return
	}
	if n.Kids[0].Kind != pysrc.Attr {
		s.eval(n)
		return
	}
	cur, args := s.place(n.Kids[0].Kids[0]), n.Kids[1:]
	if cur == nil {
		s.eval(n)
		return
	}
	mutate(cur, n.Kids[0].Name, args, s.eval)
}

func mutate(cur *Value, method string, args []*pysrc.Node, eval func(*pysrc.Node) *Value) {
	arg := func(i int) *Value {
		if i < len(args) && args[i].Kind != pysrc.KwArg && args[i].Kind != pysrc.Star && args[i].Kind != pysrc.Star2 {
			return eval(args[i])
		}
		return unknown(nil)
	}
	switch {
	case cur.Kind == List && method == "append":
		cur.Items = append(cur.Items, arg(0))
	case cur.Kind == List && method == "extend":
		*cur = *add(cur, arg(0), nil)
	case cur.Kind == List && method == "insert":
		at := arg(0)
		x := arg(1)
		if at.Kind == Int && at.Int >= 0 && at.Int <= int64(len(cur.Items)) && !cur.Open {
			cur.Items = slices.Insert(cur.Items, int(at.Int), x)
		} else {
			cur.Items = append(cur.Items, x) // somewhere
		}
	case cur.Kind == List && method == "remove":
		if i := cur.Index(arg(0).Str); i >= 0 {
			cur.Items = slices.Delete(cur.Items, i, i+1)
		}
	case cur.Kind == Dict && method == "update":
		*cur = *union(cur, arg(0), nil)
		for _, a := range args {
			if a.Kind == pysrc.KwArg {
				cur.set(a.Name, eval(a.Kids[0]))
			}
		}
	case cur.Kind == List || cur.Kind == Dict:
		cur.Open = true
		cur.Maybe = append(cur.Maybe, unknown(nil))
	}
}
