package pyeval

import (
	"slices"
	"strings"
)

// decoupleConfig is decouple's config; csv and choices are its casts.
type (
	decoupleConfig struct{ auto bool }
	csvCast        struct {
		cast, post *Value
		delimiter  string
		strip      string
	}
	choicesCast struct{ flat, cast, choices *Value }
)

func init() {
	conf := func(in *interp, c *call) *Value { return in.object(c.at, decoupleConfig{}) }
	none := func(in *interp, c *call) *Value { return in.none(c.at) }
	register(map[string]nativeFunc{
		"decouple.config":           decouple,
		"decouple.Config":           conf,
		"decouple.AutoConfig":       func(in *interp, c *call) *Value { return in.object(c.at, decoupleConfig{auto: true}) },
		"decouple.RepositoryEnv":    none,
		"decouple.RepositoryIni":    none,
		"decouple.RepositoryEmpty":  none,
		"decouple.RepositorySecret": none,
		"decouple.Csv":              csv,
		"decouple.Choices": func(in *interp, c *call) *Value {
			return in.object(c.at, &choicesCast{c.arg(0, "flat"), c.arg(1, "cast"), c.arg(2, "choices")})
		},
		"decouple.strtobool":                     strtobool,
		"dotenv.load_dotenv":                     func(in *interp, c *call) *Value { return in.unknown(c.at, Bool, "whether there is a .env") },
		"dotenv.main.load_dotenv":                func(in *interp, c *call) *Value { return in.unknown(c.at, Bool, "whether there is a .env") },
		"dotenv.read_dotenv":                     none,
		"dotenv.find_dotenv":                     func(in *interp, c *call) *Value { return in.unknown(c.at, Str, "where .env is") },
		"dotenv.set_key":                         none,
		"dotenv.get_key":                         func(in *interp, c *call) *Value { return in.unknown(c.at, Str, "a value of .env") },
		"dotenv.dotenv_values":                   func(in *interp, c *call) *Value { return in.derive(c.at, &Value{Kind: Dict, Open: true}) },
		"distutils.util.strtobool":               strtobool,
		"setuptools._distutils.util.strtobool":   strtobool,
		"django.utils.translation.gettext":       translated,
		"django.utils.translation.gettext_lazy":  translated,
		"django.utils.translation.gettext_noop":  translated,
		"django.utils.translation.ugettext":      translated,
		"django.utils.translation.ugettext_lazy": translated,
		"django.utils.translation.ugettext_noop": translated,
		"django.utils.translation.pgettext_lazy": func(in *interp, c *call) *Value {
			if len(c.pos) == 2 {
				return c.pos[1]
			}
			return in.unknown(c.at, Str, "a translation")
		},
	})
	registerMethods(decoupleMethod)
}

func translated(in *interp, c *call) *Value {
	if len(c.pos) == 1 {
		return c.pos[0]
	}
	return in.unknown(c.at, Str, "a translation", c.all()...)
}

func decouple(in *interp, c *call) *Value {
	key := c.arg(0, "option")
	if key == nil || key.Kind != Str {
		return in.lookups(c, key)
	}
	def, cast := c.arg(1, "default"), c.arg(2, "cast")
	_, set := in.env(key.S)
	var v *Value
	switch {
	case set:
		v = in.variable(c.at, key.S, in.none(c.at))
	case in.taken(key.S) || def == nil:
		v = in.required(c.at, key.S, kindOf(cast), "UndefinedValueError")
		if cast == nil {
			v.Of = Str
		}
		if cast != nil {
			switch cast.Ref.(type) {
			case *csvCast:
				v.Of = List
			case *choicesCast:
				v.Of = Str
			}
		}
		return v
	default:
		in.read(EnvRead{Name: key.S, At: c.at, Default: def, Cast: kindOf(cast)})
		v = in.tagged(c.at, def, key.S)
	}
	if cast == nil {
		return v
	}
	if n, ok := refNative(cast); ok && last(n) == "bool" {
		return in.lift(c.at, v, func(v *Value) *Value {
			s, ok := text(v)
			if !ok {
				return in.unknown(c.at, Bool, "", v)
			}
			if s == "" {
				return in.bool(c.at, false, v)
			}
			return strtobool(in, &call{at: c.at, pos: []*Value{in.str(c.at, s, v)}, kw: []kwarg{{"bool", in.none(c.at)}}})
		})
	}
	out := in.call(cast, &call{at: c.at, pos: []*Value{v}})
	if len(merged(out.Env, v.Env)) > len(out.Env) {
		return in.tagged(out.At, out, key.S)
	}
	return out
}

// strtobool is distutils': 1 and 0; decouple makes a bool of it.
func strtobool(in *interp, c *call) *Value {
	if len(c.pos) == 0 || c.pos[0].Kind != Str {
		return in.unknown(c.at, Bool, "", c.all()...)
	}
	v := c.pos[0]
	s := strings.ToLower(v.S)
	yes := slices.Contains([]string{"y", "yes", "t", "true", "on", "1"}, s)
	if !yes && !slices.Contains([]string{"n", "no", "f", "false", "off", "0"}, s) {
		in.fault(c.at, "ValueError", "invalid truth value '"+v.S+"'", v)
		return in.unknown(c.at, Bool, "invalid truth value", v)
	}
	if len(c.kw) > 0 {
		return in.bool(c.at, yes, v)
	}
	if yes {
		return in.int(c.at, 1, v)
	}
	return in.int(c.at, 0, v)
}

func csv(in *interp, c *call) *Value {
	cv := &csvCast{cast: c.arg(0, "cast"), post: c.arg(3, "post_process"), delimiter: ",", strip: " \t\n\r\v\f"}
	if s, ok := c.strArg(1, "delimiter"); ok {
		cv.delimiter = s
	}
	if s, ok := c.strArg(2, "strip"); ok {
		cv.strip = s
	}
	return in.object(c.at, cv)
}

func decoupleMethod(in *interp, recv *Value, name string, c *call) (*Value, bool) {
	switch r := recv.Ref.(type) {
	case decoupleConfig:
		if name == "__call__" || name == "get" && !r.auto {
			return decouple(in, c), true
		}
	case *csvCast:
		if name == "__call__" && len(c.pos) == 1 {
			return in.lift(c.at, c.pos[0], func(v *Value) *Value { return in.csv(c.at, r, v) }), true
		}
	case *choicesCast:
		if name == "__call__" && len(c.pos) == 1 {
			return in.choose(r, c), true
		}
	}
	return nil, false
}

func (in *interp) csv(at Place, r *csvCast, v *Value) *Value {
	out := in.derive(at, &Value{Kind: List}, v)
	switch {
	case v.Kind == None:
	case numeric(v) || v.Known() && (v.IsList() || v.Kind == Dict):
		return in.failed(&call{at: at}, "AttributeError", "Csv() of something that isn't a string", List, v)
	case v.Kind != Str:
		return in.unknown(at, List, "", v)
	default:
		parts, ok := shlex(v.S, r.delimiter)
		if !ok {
			return in.failed(&call{at: at}, "ValueError", "no closing quotation", List, v)
		}
		for _, p := range parts {
			x := in.str(at, strings.Trim(p, r.strip), v)
			if r.cast != nil {
				x = in.call(r.cast, &call{at: at, pos: []*Value{x}})
			}
			out.Items = append(out.Items, x)
		}
	}
	if r.post != nil {
		return in.call(r.post, &call{at: at, pos: []*Value{out}})
	}
	return out
}

// choose is decouple.Choices.
func (in *interp) choose(r *choicesCast, c *call) *Value {
	v := c.pos[0]
	if r.cast != nil {
		v = in.call(r.cast, &call{at: c.at, pos: c.pos})
	}
	return in.lift(c.at, v, func(v *Value) *Value {
		for _, list := range []*Value{r.flat, r.choices} {
			if list == nil {
				continue
			}
			items, ok := in.iterate(list)
			if !ok {
				return v
			}
			for _, x := range items {
				if list == r.choices && len(x.Items) > 0 {
					x = x.Items[0]
				}
				if t := equal(v, x); t != No {
					return v
				}
			}
		}
		if r.flat != nil || r.choices != nil {
			return in.failed(c, "ValueError", "value not in the choices", v.Kind, v)
		}
		return v
	})
}

// shlex is how decouple's Csv splits a text, by Python's shlex: quotes and
// backslashes count, and a # begins a comment. false: a quote isn't closed.
func shlex(s, delimiters string) (out []string, ok bool) {
	var b strings.Builder
	quote, word := rune(0), false
	flush := func() {
		if word {
			out = append(out, b.String())
		}
		b.Reset()
		word = false
	}
	runes := []rune(s)
	for i := 0; i < len(runes); i++ {
		r := runes[i]
		switch {
		case quote != 0 && r == quote:
			quote = 0
		case r == '\\' && quote != '\'':
			if i++; i == len(runes) {
				return nil, false
			}
			if quote != 0 && runes[i] != '\\' && runes[i] != quote {
				b.WriteRune('\\')
			}
			b.WriteRune(runes[i])
			word = true
		case quote != 0:
			b.WriteRune(r)
		case strings.ContainsRune(delimiters, r):
			flush()
		case r == '#':
			for i < len(runes) && runes[i] != '\n' {
				i++
			}
			flush()
		case r == '"' || r == '\'':
			quote, word = r, true
		default:
			b.WriteRune(r)
			word = true
		}
	}
	if quote != 0 {
		return nil, false
	}
	flush()
	return out, true
}
