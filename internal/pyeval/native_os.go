package pyeval

import (
	"io/fs"
	"path"
	"slices"
	"strings"
)

func init() {
	register(map[string]nativeFunc{
		"os.getenv":            func(in *interp, c *call) *Value { return in.getenv(c, "key") },
		"os.putenv":            func(in *interp, c *call) *Value { return in.none(c.at) },
		"os.path.join":         pathJoin,
		"os.path.dirname":      pathText(dirName),
		"os.path.basename":     pathText(func(s string) string { return s[strings.LastIndexByte(s, '/')+1:] }),
		"os.path.abspath":      absolutePath,
		"os.path.realpath":     absolutePath,
		"os.path.normpath":     pathText(normalPath),
		"os.path.normcase":     pathText(func(s string) string { return s }),
		"os.path.expanduser":   pathText(func(s string) string { return s }),
		"os.fspath":            pathText(func(s string) string { return s }),
		"os.path.split":        pathSplit,
		"os.path.splitext":     pathSplitext,
		"os.path.isabs":        lifted(Bool, func(in *interp, c *call) *Value { return in.pathTest(c, path.IsAbs) }),
		"os.path.exists":       lifted(Bool, func(in *interp, c *call) *Value { return in.exists(c, c.pos[0], "any") }),
		"os.path.lexists":      lifted(Bool, func(in *interp, c *call) *Value { return in.exists(c, c.pos[0], "any") }),
		"os.path.isfile":       lifted(Bool, func(in *interp, c *call) *Value { return in.exists(c, c.pos[0], "file") }),
		"os.path.isdir":        lifted(Bool, func(in *interp, c *call) *Value { return in.exists(c, c.pos[0], "dir") }),
		"os.listdir":           listdir,
		"os.path.relpath":      relativePath,
		"os.getcwd":            func(in *interp, c *call) *Value { return in.unknown(c.at, Str, "the folder that the server starts in") },
		"os.makedirs":          func(in *interp, c *call) *Value { return in.none(c.at) },
		"os.mkdir":             func(in *interp, c *call) *Value { return in.none(c.at) },
		"os.urandom":           func(in *interp, c *call) *Value { return in.unknown(c.at, Bytes, "a random value, new at each start") },
		"os.cpu_count":         func(in *interp, c *call) *Value { return in.unknown(c.at, Int, "the machine's processors") },
		"os.getpid":            func(in *interp, c *call) *Value { return in.unknown(c.at, Int, "the process") },
		"os.uname":             func(in *interp, c *call) *Value { return in.unknown(c.at, Unknown, "the machine") },
		"platform.node":        func(in *interp, c *call) *Value { return in.unknown(c.at, Str, "the machine's name") },
		"platform.system":      func(in *interp, c *call) *Value { return in.str(c.at, "Linux") },
		"socket.gethostname":   func(in *interp, c *call) *Value { return in.unknown(c.at, Str, "the machine's name") },
		"socket.getfqdn":       func(in *interp, c *call) *Value { return in.unknown(c.at, Str, "the machine's name") },
		"socket.gethostbyname": func(in *interp, c *call) *Value { return in.unknown(c.at, Str, "an address") },
		"socket.gethostbyname_ex": func(in *interp, c *call) *Value {
			return in.unknown(c.at, Tuple, "the machine's addresses")
		},
		"sys.exit":        func(in *interp, c *call) *Value { return exits(in, c) },
		"sys.path.insert": func(in *interp, c *call) *Value { return in.none(c.at) },
		"sys.path.append": func(in *interp, c *call) *Value { return in.none(c.at) },
		"builtins.exit":   func(in *interp, c *call) *Value { return exits(in, c) },
	})
	registerConstants(map[string]func(in *interp) *Value{
		"os.environ":           func(in *interp) *Value { return &Value{Kind: Object, Ref: &Native{Name: "os.environ"}} },
		"os.sep":               func(in *interp) *Value { return &Value{Kind: Str, S: "/"} },
		"os.path.sep":          func(in *interp) *Value { return &Value{Kind: Str, S: "/"} },
		"os.pathsep":           func(in *interp) *Value { return &Value{Kind: Str, S: ":"} },
		"os.linesep":           func(in *interp) *Value { return &Value{Kind: Str, S: "\n"} },
		"os.name":              func(in *interp) *Value { return &Value{Kind: Str, S: "posix"} },
		"os.pardir":            func(in *interp) *Value { return &Value{Kind: Str, S: ".."} },
		"os.curdir":            func(in *interp) *Value { return &Value{Kind: Str, S: "."} },
		"sys.platform":         func(in *interp) *Value { return &Value{Kind: Str, S: "linux"} },
		"sys.argv":             argv,
		"sys.modules":          func(in *interp) *Value { return &Value{Kind: Object, Ref: &Native{Name: "sys.modules"}} },
		"sys.path":             func(in *interp) *Value { return &Value{Kind: Object, Ref: &Native{Name: "sys.path"}} },
		"typing.TYPE_CHECKING": func(in *interp) *Value { return &Value{Kind: Bool} },
	})
	registerMethods(environMethod)
	registerMethods(sysMethod)
}

// argv is the command line of a server: its program, and no command of
// manage.py.
func argv(in *interp) *Value {
	return &Value{Kind: List, Items: []*Value{in.unknown(Place{}, Str, "the program that loads the settings")}, Ref: serverArgs{}}
}

// serverArgs marks sys.argv.
type serverArgs struct{}

func exits(in *interp, c *call) *Value {
	panic(&pyExc{class: "SystemExit", at: c.at, env: pick(in.blame, in.ctl)})
}

// getenv is os.getenv and os.environ.get.
func (in *interp) getenv(c *call, key string) *Value {
	k := c.arg(0, key)
	if k == nil || k.Kind != Str {
		return in.lookups(c, k)
	}
	def := c.arg(1, "default")
	if def == nil {
		def = in.none(c.at)
	}
	return in.variable(c.at, k.S, def)
}

// lookups is a look at a variable whose name isn't one known string.
func (in *interp) lookups(c *call, k *Value) *Value {
	if k != nil && k.Kind == Choice {
		return in.lift(c.at, k, func(k *Value) *Value {
			return in.getenv(&call{at: c.at, pos: append([]*Value{k}, c.pos[1:]...), kw: c.kw}, "key")
		})
	}
	return in.unknown(c.at, Str, "a variable whose name can't be told", c.all()...)
}

// variable is the value of an environment variable, its default where it isn't
// set.
func (in *interp) variable(at Place, name string, def *Value) *Value {
	if s, ok := in.env(name); ok {
		in.read(EnvRead{Name: name, At: at, Default: def})
		v := in.str(at, s)
		v.Env = []string{name}
		return v
	}
	if in.taken(name) {
		v := in.unknown(at, Str, name+" is required: the settings refuse to start without it")
		v.Env = []string{name}
		in.read(EnvRead{Name: name, At: at, Required: true, Default: def})
		return v
	}
	in.read(EnvRead{Name: name, At: at, Default: def})
	switch def.Kind {
	case List, Dict, Set, Object:
		def.Env = merged(def.Env, []string{name})
		return def
	}
	v := *def
	v.Env = merged(def.Env, []string{name})
	return &v
}

// environMethod is a method of os.environ.
func environMethod(in *interp, recv *Value, name string, c *call) (*Value, bool) {
	r, ok := recv.Ref.(*Native)
	if !ok || r.Name != "os.environ" || r.self != nil {
		return nil, false
	}
	if strings.HasPrefix(name, "__") && len(c.pos) == 0 {
		return in.unknown(c.at, Unknown, "calls os.environ."+name), true
	}
	switch name {
	case "pop":
		if len(c.pos) == 1 && c.pos[0].Kind == Str {
			if _, set := in.env(c.pos[0].S); !set {
				return in.required(c.at, c.pos[0].S, Str, "KeyError"), true
			}
		}
		return in.getenv(c, "key"), true
	case "get":
		return in.getenv(c, "key"), true
	case "__getitem__":
		if c.pos[0].Kind != Str {
			return in.lookups(c, c.pos[0]), true
		}
		if _, set := in.env(c.pos[0].S); set {
			return in.variable(c.at, c.pos[0].S, in.none(c.at)), true
		}
		return in.required(c.at, c.pos[0].S, Str, "KeyError"), true
	case "__contains__":
		if c.pos[0].Kind != Str {
			return in.unknown(c.at, Bool, "", c.pos...), true
		}
		key := c.pos[0].S
		_, set := in.env(key)
		v := in.bool(c.at, set || in.taken(key), c.pos...)
		v.Env = merged(v.Env, []string{key})
		return v, true
	case "setdefault":
		if len(c.pos) == 2 && c.pos[0].Kind == Str {
			v := in.variable(c.at, c.pos[0].S, c.pos[1])
			in.setenv(c.pos[0].S, v)
			return v, true
		}
	case "__setitem__":
		if len(c.pos) == 2 && c.pos[0].Kind == Str {
			in.setenv(c.pos[0].S, c.pos[1])
		}
		return in.none(c.at), true
	case "copy":
		return recv, true
	case "items", "keys", "values":
		return in.derive(c.at, &Value{Kind: List, Open: true}), true
	}
	return in.unknown(c.at, Unknown, "calls os.environ."+name, c.all()...), true
}

// setenv is what the settings themselves put into the environment.
func (in *interp) setenv(name string, v *Value) {
	if v.Kind != Str {
		return
	}
	if in.own == nil {
		in.own = map[string]string{}
	}
	if _, set := in.o.Env[name]; !set || len(v.Env) == 0 {
		in.own[name] = v.S
	}
}

// sysMethod is a method of sys.modules and sys.path.
func sysMethod(in *interp, recv *Value, name string, c *call) (*Value, bool) {
	r, ok := recv.Ref.(*Native)
	if !ok || r.self != nil {
		return nil, false
	}
	switch r.Name {
	case "sys.modules":
		if (name == "__getitem__" || name == "get") && len(c.pos) > 0 && c.pos[0].Kind == Str {
			if m := in.mods[c.pos[0].S]; m != nil {
				return in.object(c.at, m), true
			}
		}
		if name == "__contains__" {
			return in.unknown(c.at, Bool, "whether a module is loaded"), true
		}
	case "sys.path":
		if name == "insert" || name == "append" || name == "extend" {
			return in.none(c.at), true
		}
	}
	return nil, false
}

func pathJoin(in *interp, c *call) *Value {
	parts := make([]string, 0, len(c.pos))
	for _, v := range c.pos {
		if v.Kind == Choice {
			return in.lift(c.at, v, func(x *Value) *Value {
				d := *c
				d.pos = slices.Clone(c.pos)
				d.pos[slices.Index(d.pos, v)] = x
				return pathJoin(in, &d)
			})
		}
		if v.Kind != Str && v.Kind != Path {
			return in.unknown(c.at, Str, "", c.pos...)
		}
		parts = append(parts, v.S)
	}
	out := ""
	for _, p := range parts {
		switch {
		case strings.HasPrefix(p, "/"), out == "":
			out = p
		case strings.HasSuffix(out, "/"):
			out += p
		default:
			out += "/" + p
		}
	}
	return in.str(c.at, out, c.pos...)
}

// pathText is a function from one path to a string.
func pathText(f func(string) string) nativeFunc {
	return lifted(Str, func(in *interp, c *call) *Value {
		v := c.pos[0]
		if v.Kind != Str && v.Kind != Path || strings.HasPrefix(v.S, "~") {
			return in.unknown(c.at, Str, "", v)
		}
		return in.str(c.at, f(v.S), v)
	})
}

// dirName is os.path.dirname.
func dirName(s string) string {
	dir := s[:strings.LastIndexByte(s, '/')+1]
	if t := strings.TrimRight(dir, "/"); t != "" {
		return t
	}
	return dir
}

// normalPath is os.path.normpath: POSIX leaves two slashes at the beginning to
// the system.
func normalPath(s string) string {
	if strings.HasPrefix(s, "//") && !strings.HasPrefix(s, "///") {
		return "/" + path.Clean(s)
	}
	return path.Clean(s)
}

// relativePath is os.path.relpath of two absolute paths.
func relativePath(in *interp, c *call) *Value {
	p, start := c.arg(0, "path"), c.arg(1, "start")
	for _, v := range []*Value{p, start} {
		if v == nil || v.Kind != Str && v.Kind != Path || !path.IsAbs(v.S) {
			return in.unknown(c.at, Str, "a path from the folder that the server starts in", c.all()...)
		}
	}
	a, b := strings.Split(strings.Trim(path.Clean(p.S), "/"), "/"), strings.Split(strings.Trim(path.Clean(start.S), "/"), "/")
	if b[0] == "" {
		b = nil
	}
	if a[0] == "" {
		a = nil
	}
	for len(a) > 0 && len(b) > 0 && a[0] == b[0] {
		a, b = a[1:], b[1:]
	}
	out := strings.Repeat("../", len(b)) + strings.Join(a, "/")
	if out == "" {
		out = "."
	}
	return in.str(c.at, strings.TrimSuffix(out, "/"), c.all()...)
}

func absolutePath(in *interp, c *call) *Value {
	return lifted(Str, func(in *interp, c *call) *Value {
		v := c.pos[0]
		if (v.Kind == Str || v.Kind == Path) && path.IsAbs(v.S) {
			return in.str(c.at, normalPath(v.S), v)
		}
		return in.unknown(c.at, Str, "a path from the folder that the server starts in", v)
	})(in, c)
}

func pathSplit(in *interp, c *call) *Value {
	if len(c.pos) != 1 || c.pos[0].Kind != Str {
		return in.unknown(c.at, Tuple, "", c.all()...)
	}
	s := c.pos[0].S
	return in.tuple(c.at, in.str(c.at, dirName(s), c.pos[0]), in.str(c.at, s[strings.LastIndexByte(s, '/')+1:], c.pos[0]))
}

func pathSplitext(in *interp, c *call) *Value {
	if len(c.pos) != 1 || c.pos[0].Kind != Str {
		return in.unknown(c.at, Tuple, "", c.all()...)
	}
	s := c.pos[0].S
	ext := path.Ext(strings.TrimLeft(s[strings.LastIndexByte(s, '/')+1:], "."))
	return in.tuple(c.at, in.str(c.at, strings.TrimSuffix(s, ext), c.pos[0]), in.str(c.at, ext, c.pos[0]))
}

func (in *interp) pathTest(c *call, f func(string) bool) *Value {
	if v := c.pos[0]; v.Kind == Str || v.Kind == Path {
		return in.bool(c.at, f(v.S), v)
	}
	return in.unknown(c.at, Bool, "", c.pos...)
}

// inside is a path of the project below the root of its file system; false:
// the path is elsewhere.
func (in *interp) inside(p string) (string, bool) {
	rel, ok := strings.CutPrefix(path.Clean(p), path.Clean(in.o.Root))
	if !ok || rel != "" && rel[0] != '/' {
		return "", false
	}
	rel = strings.Trim(rel, "/")
	if rel == "" {
		rel = "."
	}
	return rel, fs.ValidPath(rel)
}

// exists says whether a file of the project is there. A .env, and what git may
// not carry, can be there in production all the same.
func (in *interp) exists(c *call, v *Value, what string) *Value {
	if v.Kind != Str && v.Kind != Path {
		return in.unknown(c.at, Bool, "", v)
	}
	name, ok := in.inside(v.S)
	if !ok {
		return in.unknown(c.at, Bool, "whether "+v.S+" is there", v)
	}
	info, err := fs.Stat(in.fs, name)
	if err != nil {
		return in.bool(c.at, false, v)
	}
	return in.bool(c.at, what == "any" || what == "file" && info.Mode().IsRegular() || what == "dir" && info.IsDir(), v)
}

func listdir(in *interp, c *call) *Value {
	if len(c.pos) == 1 && (c.pos[0].Kind == Str || c.pos[0].Kind == Path) {
		if name, ok := in.inside(c.pos[0].S); ok {
			if list, err := fs.ReadDir(in.fs, name); err == nil {
				var items []*Value
				for _, d := range list {
					items = append(items, in.str(c.at, d.Name()))
				}
				return in.list(c.at, items, c.pos...)
			}
		}
	}
	return in.unknown(c.at, List, "a folder outside the project", c.all()...)
}
