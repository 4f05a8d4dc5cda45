package pyeval

import (
	"path"
	"slices"
	"strings"
)

// configValue is a value of django-configurations: it looks at the environment
// under the name that it is assigned to.
type configValue struct {
	kind string
	c    *call
}

// configKinds are the classes of values, with what they give.
var configKinds = map[string]Kind{
	"Value": Unknown, "BooleanValue": Bool, "IntegerValue": Int, "PositiveIntegerValue": Int, "FloatValue": Float, "DecimalValue": Float,
	"ListValue": List, "TupleValue": Tuple, "SetValue": Set, "BackendsValue": List, "SingleNestedTupleValue": Tuple, "SingleNestedListValue": List,
	"DictValue": Dict, "SecretValue": Str, "PathValue": Str, "URLValue": Str, "EmailValue": Str, "IPValue": Str, "RegexValue": Str,
	"DatabaseURLValue": Dict, "CacheURLValue": Dict, "EmailURLValue": Dict, "SearchURLValue": Dict,
}

// configURLs are the variables of the values that have one of their own.
var configURLs = map[string]string{
	"DatabaseURLValue": "DATABASE_URL", "CacheURLValue": "CACHE_URL", "EmailURLValue": "EMAIL_URL", "SearchURLValue": "SEARCH_URL",
}

func init() {
	for kind := range configKinds {
		natives["configurations.values."+kind] = func(in *interp, c *call) *Value {
			v := &configValue{kind, c}
			if kind == "BooleanValue" {
				if def := c.arg(0, "default"); def == nil || def.Kind == None || def.Kind == Str {
					return in.failed(c, "ValueError", "the default isn't a boolean value", Bool)
				}
			}
			if name, ok := c.strArg(-1, "environ_name"); ok && configURLs[kind] == "" { // it is looked up at once
				if late := c.arg(-1, "late_binding"); late == nil || late.Truth() == No {
					return v.resolve(in, name)
				}
			}
			return in.object(c.at, v)
		}
	}
}

// variable is the name of the environment variable, "" where it doesn't look.
func (v *configValue) variable(in *interp, name string) string {
	name = strings.ToUpper(name)
	own := configURLs[v.kind]
	if own != "" {
		name = own
	}
	if n, ok := v.c.strArg(2, "environ_name"); ok {
		name = n
	}
	if use := v.c.arg(1, "environ"); use != nil && use.Truth() == No {
		return ""
	}
	prefix := "DJANGO"
	if own != "" {
		prefix = ""
	}
	if p := v.c.arg(3, "environ_prefix"); p != nil {
		prefix = strings.TrimSuffix(p.S, "_")
	}
	if prefix == "" {
		return name
	}
	return prefix + "_" + name
}

// resolve is the value under the name it is assigned to.
func (v *configValue) resolve(in *interp, name string) *Value {
	c, at := v.c, v.c.at
	key, kind := v.variable(in, name), configKinds[v.kind]
	required := v.kind == "SecretValue"
	if r := c.arg(4, "environ_required"); r != nil && r.Truth() == Yes {
		required = true
	}
	_, set := in.env(key)
	switch {
	case key == "":
	case set:
		x := v.parse(in, in.variable(at, key, in.none(at)))
		if v.kind == "SecretValue" && x.Truth() == No {
			return in.failed(c, "ValueError", name+" is not set", Str, x)
		}
		return x
	case required || in.taken(key):
		return in.required(at, key, kind, "ValueError")
	}
	def := v.fallback(in)
	if key == "" {
		return def
	}
	in.read(EnvRead{Name: key, At: at, Default: def, Cast: kind})
	return in.tagged(at, def, key)
}

// fallback is the default as the value keeps it.
func (v *configValue) fallback(in *interp) *Value {
	c, at := v.c, v.c.at
	def := c.arg(0, "default")
	if def == nil || def.Kind == None {
		switch k := configKinds[v.kind]; k {
		case List, Tuple, Set, Dict:
			return in.derive(at, &Value{Kind: k})
		}
		return in.none(at)
	}
	switch k := configKinds[v.kind]; {
	case configURLs[v.kind] != "" || v.kind == "PathValue":
		return v.parse(in, def)
	case k == List || k == Tuple || k == Set:
		return v.converted(in, container(k)(in, &call{at: at, pos: []*Value{def}}))
	case k == Dict:
		return pyDict(in, &call{at: at, pos: []*Value{def}})
	}
	return def
}

// parse is to_python of a value of the environment.
func (v *configValue) parse(in *interp, s *Value) *Value {
	return in.lift(v.c.at, s, func(s *Value) *Value {
		if v.kind == "DatabaseURLValue" || s.Kind == Str {
			return v.parseText(in, s)
		}
		if s.Kind == Unknown && configURLs[v.kind] != "" {
			return in.unknown(v.c.at, Dict, "", s)
		}
		return s
	})
}

func (v *configValue) parseText(in *interp, s *Value) *Value {
	c, at := v.c, v.c.at
	one := &call{at: at, pos: []*Value{s}}
	switch v.kind {
	case "BooleanValue":
		l := strings.ToLower(trimSpace(s.S))
		yes := slices.Contains([]string{"yes", "y", "true", "1"}, l)
		if !yes && !slices.Contains([]string{"no", "n", "false", "0", ""}, l) {
			return in.failed(c, "ValueError", "not a boolean value", Bool, s)
		}
		return in.bool(at, yes, s)
	case "IntegerValue":
		return pyInt(in, one)
	case "PositiveIntegerValue":
		n := pyInt(in, one)
		if n.Kind == Int && n.N < 0 {
			return in.failed(c, "ValueError", "not a positive number", Int, s)
		}
		return n
	case "FloatValue", "DecimalValue":
		return pyFloat(in, one)
	case "ListValue", "TupleValue", "SetValue", "BackendsValue":
		return v.split(in, s)
	case "DictValue":
		d, class := in.literalText(at, s.S, s)
		switch {
		case s.S == "":
			return in.derive(at, &Value{Kind: Dict}, s)
		case class != "" || d != nil && d.Kind != Dict:
			return in.failed(c, "ValueError", "not a dict", Dict, s)
		case d != nil:
			return d
		}
		return in.unknown(at, Dict, "text that may be no literal", s)
	case "PathValue":
		if strings.HasPrefix(s.S, "~") || !path.IsAbs(s.S) {
			return in.unknown(at, Str, "a path from the folder that the server starts in", s)
		}
		return in.str(at, normalPath(s.S), s)
	case "DatabaseURLValue":
		return v.alias(in, databaseURL(in, v.passed(s)))
	case "CacheURLValue":
		return v.alias(in, in.djangoCache(c, s))
	case "EmailURLValue":
		return in.djangoMail(c, s)
	case "SearchURLValue", "SingleNestedTupleValue", "SingleNestedListValue":
		return in.unknown(at, configKinds[v.kind], "a value that can't be read", s)
	}
	return s
}

// passed is the call of dj_database_url.parse: the arguments of its own go on.
func (v *configValue) passed(s *Value) *call {
	d := &call{at: v.c.at, pos: []*Value{s}}
	for _, k := range v.c.kw {
		if !strings.HasPrefix(k.name, "environ") && k.name != "default" && k.name != "alias" && k.name != "late_binding" {
			d.kw = append(d.kw, k)
		}
	}
	return d
}

// alias puts a database or a cache under its alias.
func (v *configValue) alias(in *interp, x *Value) *Value {
	name := "default"
	if s, ok := v.c.strArg(-1, "alias"); ok {
		name = s
	}
	d := in.derive(v.c.at, &Value{Kind: Dict}, x)
	in.option(d, v.c.at, name, x)
	return d
}

func (v *configValue) split(in *interp, s *Value) *Value {
	at := v.c.at
	sep, ok := v.c.strArg(-1, "separator")
	if !ok || sep == "" {
		sep = ","
	}
	out := in.derive(at, &Value{Kind: configKinds[v.kind]}, s)
	for _, p := range strings.Split(trimSpace(s.S), sep) {
		if p = trimSpace(p); p != "" {
			out.add(in.str(at, p, s))
		}
	}
	return v.converted(in, out)
}

// converted applies the converter of a list.
func (v *configValue) converted(in *interp, list *Value) *Value {
	f := v.c.arg(-1, "converter")
	if f == nil || f.Kind == None || !list.IsList() {
		return list
	}
	out := in.derive(v.c.at, &Value{Kind: list.Kind, Open: list.Open}, list)
	for _, x := range list.Items {
		y := in.call(f, &call{at: v.c.at, pos: []*Value{x}})
		out.Env = merged(out.Env, y.Env)
		out.add(y)
	}
	return out
}
