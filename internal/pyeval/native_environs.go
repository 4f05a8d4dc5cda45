package pyeval

import (
	"encoding/json"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// environsEnv is an environs.Env. A prefixed one shares nothing but the name.
type environsEnv struct{ prefix string }

func init() {
	make_ := func(in *interp, c *call) *Value {
		e := &environsEnv{}
		if s, ok := c.strArg(-1, "prefix"); ok {
			e.prefix = s
		}
		return in.object(c.at, e)
	}
	register(map[string]nativeFunc{
		"environs.Env": make_, "environs.FileAwareEnv": make_,
		"environs.Env.read_env": func(in *interp, c *call) *Value { return in.none(c.at) },
	})
	registerConstants(map[string]func(in *interp) *Value{
		"environs.env": func(in *interp) *Value { return &Value{Kind: Object, Ref: &environsEnv{}} },
	})
	registerMethods(environsMethod)
}

// prefixed is env.prefixed("X_"): the prefix counts within the with block.
type prefixed struct {
	env    *environsEnv
	prefix string
}

// environsKinds are what the methods give.
var environsKinds = map[string]Kind{
	"__call__": Str, "str": Str, "bool": Bool, "int": Int, "float": Float, "list": List, "dict": Dict, "json": Unknown, "url": Unknown,
	"path": Path, "timedelta": Duration, "decimal": Float, "log_level": Int, "dj_db_url": Dict, "dj_cache_url": Dict, "dj_email_url": Dict,
	"datetime": Unknown, "date": Unknown, "time": Unknown, "uuid": Unknown, "enum": Unknown,
}

func environsMethod(in *interp, recv *Value, name string, c *call) (*Value, bool) {
	e, ok := recv.Ref.(*environsEnv)
	if !ok {
		return nil, false
	}
	switch name {
	case "read_env":
		return in.unknown(c.at, Bool, "whether there is a .env"), true
	case "seal", "add_parser":
		return in.none(c.at), true
	case "dump":
		return in.unknown(c.at, Dict, "calls env.dump"), true
	case "prefixed":
		s, ok := c.strArg(0, "prefix")
		if !ok {
			return in.unknown(c.at, Unknown, "a prefix that can't be told"), true
		}
		return in.object(c.at, &prefixed{e, s}), true
	}
	kind, ok := environsKinds[name]
	if !ok {
		return in.unknown(c.at, Unknown, "calls env."+name, c.all()...), true
	}
	key := c.arg(0, "name")
	if key == nil || key.Kind != Str {
		return in.lookups(c, key), true
	}
	full := e.prefix + key.S
	def := c.arg(1, "default")
	url := strings.HasPrefix(name, "dj_")
	v := in.environsRaw(c.at, full, kind, def)
	if _, set := in.env(full); set || url {
		return in.lift(c.at, v, func(v *Value) *Value { return in.environsParse(name, v, c) }), true
	}
	return v, true
}

func (in *interp) environsRaw(at Place, key string, kind Kind, def *Value) *Value {
	if _, set := in.env(key); set {
		return in.variable(at, key, in.none(at))
	}
	if in.taken(key) || def == nil {
		if kind == Dict {
			kind = Str // a URL
		}
		return in.required(at, key, kind, "EnvNotSetError")
	}
	in.read(EnvRead{Name: key, At: at, Default: def, Cast: kind})
	return in.tagged(at, def, key)
}

func (in *interp) environsParse(name string, v *Value, c *call) *Value {
	at := c.at
	one := &call{at: at, pos: []*Value{v}}
	switch name {
	case "bool":
		s := strings.ToLower(v.S)
		yes := slices.Contains([]string{"t", "true", "y", "yes", "on", "1"}, s)
		if !yes && !slices.Contains([]string{"f", "false", "n", "no", "off", "0"}, s) {
			in.fault(at, "EnvValidationError", "Not a valid boolean.", v)
			return in.unknown(at, Bool, "not a valid boolean", v)
		}
		return in.bool(at, yes, v)
	case "int", "float", "decimal":
		return in.environsNumber(name, v, c)
	case "list":
		return in.environsList(v, c)
	case "dict":
		return in.environsDict(v, c)
	case "path":
		return makePath(in, one)
	case "timedelta":
		if f, ok := durationWords(v.S); ok && v.Kind == Str {
			return in.derive(at, &Value{Kind: Duration, F: f}, v)
		}
		return in.unknown(at, Duration, "a duration that can't be read", v)
	case "json":
		if v.Kind == Str && !json.Valid([]byte(v.S)) && !strings.ContainsAny(v.S, "NI") {
			return in.failed(c, "EnvValidationError", "not valid JSON", Unknown, v)
		}
		return in.native("json.loads", one)
	case "url":
		return in.native("urllib.parse.urlparse", one)
	case "dj_db_url":
		d := &call{at: at, pos: []*Value{v}}
		for _, k := range c.kw {
			if k.name != "default" && k.name != "validate" {
				d.kw = append(d.kw, k)
			}
		}
		return databaseURL(in, d)
	case "dj_cache_url":
		return in.djangoCache(c, v)
	case "dj_email_url":
		return in.djangoMail(c, v)
	case "log_level":
		return in.logLevel(v, c)
	}
	return v
}

func (in *interp) environsList(v *Value, c *call) *Value {
	out := in.derive(c.at, &Value{Kind: List}, v)
	sep := ","
	if s, ok := c.strArg(-1, "delimiter"); ok {
		sep = s
	}
	if v.Kind != Str {
		return v
	}
	if v.S == "" {
		return out
	}
	cast := c.arg(2, "subcast")
	for _, p := range strings.Split(v.S, sep) {
		x := in.str(c.at, p, v)
		if cast != nil && cast.Kind != None {
			x = in.call(cast, &call{at: c.at, pos: []*Value{x}})
		}
		out.Items = append(out.Items, x)
	}
	return out
}

// environsNumber is a number of marshmallow, which is stricter than Python.
func (in *interp) environsNumber(name string, v *Value, c *call) *Value {
	at := c.at
	if v.Kind != Str {
		return v
	}
	s := trimSpace(v.S)
	if name == "int" {
		if n, err := strconv.ParseInt(s, 10, 64); err == nil {
			return in.int(at, n, v)
		}
		return in.failed(c, "EnvValidationError", "not a valid integer", Int, v)
	}
	f, ok := parseFloat(s)
	switch {
	case ok && !math.IsInf(f, 0) && !math.IsNaN(f):
		return in.float(at, f, v)
	case ok:
		return in.unknown(at, Float, "a number that isn't finite", v)
	}
	return in.failed(c, "EnvValidationError", "not a valid number", Float, v)
}

func (in *interp) environsDict(v *Value, c *call) *Value {
	at := c.at
	if v.Kind != Str || c.arg(-1, "subcast_keys") != nil || c.arg(-1, "subcast_values") != nil || c.arg(2, "subcast") != nil {
		return in.unknown(at, Dict, "a dict from the environment", v)
	}
	sep, eq := ",", "="
	if s, ok := c.strArg(-1, "delimiter"); ok && s != "" {
		sep = s
	}
	if s, ok := c.strArg(-1, "key_value_delimiter"); ok && s != "" {
		eq = s
	}
	out := in.derive(at, &Value{Kind: Dict}, v)
	if v.S == "" {
		return out
	}
	for _, item := range strings.Split(v.S, sep) {
		k, x, ok := strings.Cut(item, eq)
		if !ok {
			return in.failed(c, "ValueError", "an item without a value", Dict, v)
		}
		out.put(in.str(at, trimSpace(k), v), in.str(at, trimSpace(x), v))
	}
	return out
}

var logLevels = map[string]int64{
	"CRITICAL": 50, "FATAL": 50, "ERROR": 40, "WARNING": 30, "WARN": 30, "INFO": 20, "DEBUG": 10, "NOTSET": 0,
}

func (in *interp) logLevel(v *Value, c *call) *Value {
	if n, err := strconv.ParseInt(v.S, 10, 64); v.Kind == Str && err == nil {
		return in.int(c.at, n, v)
	}
	if n, ok := logLevels[strings.ToUpper(v.S)]; v.Kind == Str && ok {
		return in.int(c.at, n, v)
	}
	return in.failed(c, "EnvValidationError", "not a valid log level", Int, v)
}

var durationFields = regexp.MustCompile(`^\s*(?:(-?\d+)\s*w\s*)?(?:(-?\d+)\s*d\s*)?(?:(-?\d+)\s*h\s*)?(?:(-?\d+)\s*m\s*)?(?:(-?\d+)\s*s\s*)?$`)

// durationWords reads seconds, or words such as 1d 2h.
func durationWords(s string) (float64, bool) {
	if n, err := strconv.ParseInt(s, 10, 32); err == nil {
		return float64(n), true
	}
	g := durationFields.FindStringSubmatch(s)
	if g == nil || strings.TrimSpace(s) == "" {
		return 0, false
	}
	total := 0.0
	for i, unit := range []float64{7 * 86400, 86400, 3600, 60, 1} {
		if g[i+1] != "" {
			n, err := strconv.ParseInt(g[i+1], 10, 32)
			if err != nil {
				return 0, false
			}
			total += float64(n) * unit
		}
	}
	return total, true
}
