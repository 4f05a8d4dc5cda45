package pyeval

import (
	"slices"
	"strconv"
	"strings"
)

// environEnv is an environ.Env: its scheme, and its prefix.
type environEnv struct {
	scheme map[string]*Value
	prefix string
}

func init() {
	make_ := func(in *interp, c *call) *Value {
		e := &environEnv{scheme: map[string]*Value{}}
		for _, k := range c.kw {
			e.scheme[k.name] = k.v
		}
		return in.object(c.at, e)
	}
	register(map[string]nativeFunc{
		"environ.Env": make_, "environ.FileAwareEnv": make_,
		"environ.environ.Env":  make_,
		"environ.Env.read_env": func(in *interp, c *call) *Value { return in.none(c.at) },
		"environ.Env.parse_value": func(in *interp, c *call) *Value {
			return in.unknown(c.at, Unknown, "calls Env.parse_value", c.all()...)
		},
		"environ.Env.db_url_config": lifted(Dict, func(in *interp, c *call) *Value {
			return in.environDB(c, c.pos[0], c.arg(1, "engine"))
		}),
	})
	registerConstants(map[string]func(in *interp) *Value{
		"environ.Env.BOOLEAN_TRUE_STRINGS": func(in *interp) *Value {
			v := &Value{Kind: Tuple}
			for _, s := range trueStrings {
				v.Items = append(v.Items, in.str(Place{}, s))
			}
			return v
		},
		"environ.Env.NOTSET": func(in *interp) *Value { return &Value{Kind: Object, Ref: &Native{Name: "environ.Env.NOTSET"}} },
	})
	registerMethods(environEnvMethod)
}

// trueStrings are what counts as true of a bool in the environment.
var trueStrings = []string{"true", "on", "ok", "y", "yes", "1"}

// urlDefaults are the variables of the methods that need no name.
var urlDefaults = map[string]string{
	"db": "DATABASE_URL", "db_url": "DATABASE_URL", "cache": "CACHE_URL", "cache_url": "CACHE_URL",
	"email": "EMAIL_URL", "email_url": "EMAIL_URL", "search_url": "SEARCH_URL", "channels": "CHANNELS_URL", "channels_url": "CHANNELS_URL",
}

func environEnvMethod(in *interp, recv *Value, name string, c *call) (*Value, bool) {
	e, ok := recv.Ref.(*environEnv)
	if !ok {
		return nil, false
	}
	switch name {
	case "read_env":
		return in.none(c.at), true
	case "__contains__", "__setitem__":
		return environMethod(in, &Value{Ref: &Native{Name: "os.environ"}}, name, c)
	}
	key := urlDefaults[name]
	if v := c.arg(0, "var"); v != nil {
		if v.Kind != Str {
			return in.unknown(c.at, Unknown, "a variable whose name can't be told", c.all()...), true
		}
		key = v.S
	}
	if key == "" {
		return in.unknown(c.at, Unknown, "calls env."+name, c.all()...), true
	}
	return in.environGet(e, name, e.prefix+key, c), true
}

func (in *interp) environGet(e *environEnv, name, key string, c *call) *Value {
	var cast, def *Value
	second := func(i int) *Value { return c.arg(i, "default") }
	switch name {
	case "__call__", "get_value":
		cast, def = c.arg(1, "cast"), second(2)
	case "list", "tuple", "dict":
		cast, def = c.arg(1, "cast"), second(2)
		cast = in.castOf(name, cast, c.at)
	case "str", "unicode", "bytes":
		def, cast = second(1), in.typeOf(c.at, "str")
	case "bool", "int", "float":
		def, cast = second(1), in.typeOf(c.at, name)
	case "json":
		def, cast = second(1), in.object(c.at, &Native{Name: "json.loads"})
	case "url":
		def, cast = second(1), in.object(c.at, &Native{Name: "urllib.parse.urlparse"})
	case "path":
		def = second(1)
	default:
		if urlDefaults[name] == "" {
			return in.failed(c, "AttributeError", "Env has no "+name, Unknown)
		}
		def = second(1)
	}
	if info := e.scheme[key]; info != nil {
		parts := info
		if (parts.Kind == Tuple || parts.Kind == List) && len(parts.Items) == 2 {
			if cast == nil {
				cast = parts.Items[0]
			}
			if def == nil {
				def = parts.Items[1]
			}
		} else if cast == nil {
			cast = info
		}
	}
	if n, ok := refNative(def); ok && last(n) == "NOTSET" {
		def = nil
	}
	v := in.environCast(c.at, key, cast, def)
	switch name {
	case "db", "db_url":
		return in.environDB(c, v, c.arg(2, "engine"))
	case "cache", "cache_url":
		return in.lift(c.at, v, func(v *Value) *Value { return in.environCache(c, v, c.arg(2, "backend")) })
	case "email", "email_url":
		return in.lift(c.at, v, func(v *Value) *Value { return in.environMail(c, v, c.arg(2, "backend")) })
	case "bytes":
		return in.lift(c.at, v, func(v *Value) *Value {
			if v.Kind == Str {
				return in.encode(v, &call{at: c.at})
			}
			return v
		})
	case "search_url", "channels", "channels_url":
		return in.unknown(c.at, Dict, "", v)
	case "path":
		return in.lift(c.at, v, func(v *Value) *Value { return makePath(in, &call{at: c.at, pos: []*Value{v}}) })
	}
	return v
}

func refNative(v *Value) (string, bool) {
	if v == nil {
		return "", false
	}
	n, ok := v.Ref.(*Native)
	if !ok {
		return "", false
	}
	return n.Name, true
}

func (in *interp) typeOf(at Place, name string) *Value {
	return in.object(at, &Native{Name: "builtins." + name})
}

// castOf is the cast of env.list, env.tuple and env.dict.
func (in *interp) castOf(name string, cast *Value, at Place) *Value {
	if cast == nil || name == "dict" {
		if cast != nil {
			return cast
		}
		return in.typeOf(at, name)
	}
	kind := List
	if name == "tuple" {
		kind = Tuple
	}
	return in.derive(at, &Value{Kind: kind, Items: []*Value{cast}})
}

// kindOf is the kind that a cast makes.
func kindOf(cast *Value) Kind {
	if cast == nil {
		return Str
	}
	if cast.IsList() || cast.Kind == Dict {
		return cast.Kind
	}
	if n, ok := refNative(cast); ok {
		return types[last(n)]
	}
	return Unknown
}

// environCast is Env.get_value: a default is given as it is.
func (in *interp) environCast(at Place, key string, cast, def *Value) *Value {
	_, set := in.env(key)
	if !set && !in.taken(key) {
		if def == nil {
			return in.required(at, key, kindOf(cast), "ImproperlyConfigured")
		}
		in.read(EnvRead{Name: key, At: at, Default: def, Cast: kindOf(cast)})
		if def.Kind == Str && strings.HasPrefix(def.S, "$") {
			return in.environCast(at, strings.TrimLeft(def.S, "$"), cast, def)
		}
		return in.tagged(at, def, key)
	}
	if cast == nil && def != nil && def.Kind != None {
		cast = in.castLike(at, def)
	}
	if !set {
		return in.required(at, key, kindOf(cast), "ImproperlyConfigured")
	}
	fallback := def
	if fallback == nil {
		fallback = in.none(at)
	}
	v := in.variable(at, key, fallback)
	if strings.HasPrefix(v.S, "$") {
		return in.environCast(at, strings.TrimLeft(v.S, "$"), cast, def)
	}
	if v.S == "" && def != nil && def.Kind == None {
		return in.tagged(at, in.none(at), key)
	}
	return in.environParse(at, v, cast)
}

// tagged is a default, depending on its variable.
func (in *interp) tagged(at Place, v *Value, key string) *Value {
	switch v.Kind {
	case List, Dict, Set, Object:
		c := *v // a default of a scheme may be read twice, and changed after
		c.Items, c.Keys, c.index = slices.Clone(v.Items), slices.Clone(v.Keys), nil
		c.Env, c.At, c.seq = merged(v.Env, []string{key}), at, in.next()
		return &c
	}
	c := *v
	c.Env = merged(v.Env, []string{key})
	return &c
}

// castLike is the type of a default.
func (in *interp) castLike(at Place, def *Value) *Value {
	for name, k := range types {
		if k == def.Kind && name != "frozenset" {
			return in.typeOf(at, name)
		}
	}
	return nil
}

// environParse is Env.parse_value.
func (in *interp) environParse(at Place, v, cast *Value) *Value {
	if cast == nil {
		return v
	}
	split := func(s string, kind Kind, item *Value) *Value {
		out := in.derive(at, &Value{Kind: kind}, v)
		for _, p := range strings.Split(s, ",") {
			if p == "" {
				continue
			}
			x := in.str(at, p, v)
			if item != nil {
				x = in.call(item, &call{at: at, pos: []*Value{x}})
			}
			out.Items = append(out.Items, x)
		}
		return out
	}
	switch {
	case cast.Kind == List && len(cast.Items) == 1:
		return split(v.S, List, cast.Items[0])
	case cast.Kind == Tuple && len(cast.Items) == 1:
		return split(strings.Trim(v.S, "()"), Tuple, cast.Items[0])
	case cast.Kind == Dict:
		return in.unknown(at, Dict, "a dict from the environment", v)
	}
	switch n, _ := refNative(cast); last(n) {
	case "bool":
		if i, err := strconv.ParseInt(strings.TrimSpace(v.S), 10, 64); err == nil {
			return in.bool(at, i != 0, v)
		}
		return in.bool(at, slices.Contains(trueStrings, strings.TrimSpace(strings.ToLower(v.S))), v)
	case "list":
		return split(v.S, List, nil)
	case "tuple":
		return split(strings.Trim(v.S, "()"), Tuple, nil)
	case "dict":
		out := in.derive(at, &Value{Kind: Dict}, v)
		for _, p := range strings.Split(v.S, ",") {
			if k, x, ok := strings.Cut(p, "="); ok {
				out.put(in.str(at, k, v), in.str(at, x, v))
			}
		}
		return out
	case "str", "unicode":
		return v
	case "float":
		return in.looseFloat(at, v)
	}
	return in.call(cast, &call{at: at, pos: []*Value{v}})
}

// looseFloat is how django-environ reads a float: of the commas and points the
// last one counts.
func (in *interp) looseFloat(at Place, v *Value) *Value {
	s := strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' || strings.ContainsRune(",.-", r) {
			return r
		}
		return -1
	}, v.S)
	if i := strings.LastIndexAny(s, ",."); i >= 0 {
		s = strings.NewReplacer(",", "", ".", "").Replace(s[:i]) + "." + s[i+1:]
	}
	return pyFloat(in, &call{at: at, pos: []*Value{in.str(at, s, v)}})
}
