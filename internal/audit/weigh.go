package audit

import (
	"slices"

	"github.com/djharden/djharden/internal/pyeval"
)

// worst is the first verdict that fails, else the first that can't tell.
func worst(list ...verdict) verdict {
	for _, t := range []pyeval.Truth{pyeval.Yes, pyeval.Maybe} {
		if i := slices.IndexFunc(list, func(v verdict) bool { return v.wrong == t }); i >= 0 {
			return list[i]
		}
	}
	return right
}

// opaque is the verdict on a value that can't be seen into: a variable that is
// required passes, since production doesn't start without it.
func (p *Project) opaque(v *pyeval.Value) verdict {
	if p.required(v) {
		return right
	}
	return cantTell(why(v))
}

// take reports a verdict; a pass reports nothing.
func (r *report) take(p *Project, setting string, v *pyeval.Value, d verdict) {
	switch d.wrong {
	case pyeval.Yes:
		r.fail(p, setting, v, d.words).at(d.at).fix(d.fix)
	case pyeval.Maybe:
		r.unknown(p, setting, v, d.words)
	}
}

// weigh judges the value of a setting.
func (r *report) weigh(p *Project, setting string, v *pyeval.Value, test func(*pyeval.Value) verdict) {
	r.take(p, setting, v, over(v, test))
}

// needs says whether there is anything to judge, and reports it when there
// isn't or when it can't be told.
func (r *report) needs(p *Project, t pyeval.Truth, setting, what string) bool {
	switch t {
	case pyeval.No:
		r.notApplicable("the project has no " + what)
	case pyeval.Maybe:
		v, _ := p.get(setting)
		r.unknown(p, setting, v, setting+" can't be read, so it can't be told whether there is "+what)
	}
	return t == pyeval.Yes
}

// option is what a package reads under a key of a dict setting: the project's
// value, else def, the package's own default. Where it can't be told which,
// the value is Unknown.
func (p *Project) option(setting, key string, def *pyeval.Value) (v *pyeval.Value, own pyeval.Truth) {
	s, set := p.get(setting)
	if !set || s == nil {
		return def, pyeval.No
	}
	return lookup(s, key, def)
}

// lookup is the value below a key of a dict that may be a Choice, else def.
func lookup(dict *pyeval.Value, key string, def *pyeval.Value) (v *pyeval.Value, own pyeval.Truth) {
	var list []*pyeval.Value
	for i, c := range dict.Cases() {
		x, t := c.Lookup(key)
		if c.Kind == pyeval.None {
			t = pyeval.No
		}
		switch t {
		case pyeval.No:
			x = def
		case pyeval.Maybe:
			x = unseen(c)
		}
		if i == 0 {
			own = t
		} else if t != own {
			own = pyeval.Maybe
		}
		if x != nil && !slices.Contains(list, x) {
			list = append(list, x)
		}
	}
	switch len(list) {
	case 0:
		return def, own
	case 1:
		return list[0], own
	}
	return &pyeval.Value{Kind: pyeval.Choice, Items: list}, own
}

// unseen stands for what a container that can't be seen into holds.
func unseen(v *pyeval.Value) *pyeval.Value {
	why := v.Why
	if why == "" {
		why = "what else it holds can't be worked out"
	}
	return &pyeval.Value{Kind: pyeval.Unknown, Env: v.Env, Why: why, At: v.At}
}

// dotted is the dotted path that a value stands for: a string, or a class or
// function that was imported.
func dotted(v *pyeval.Value) (string, bool) {
	if v == nil {
		return "", false
	}
	switch v.Kind {
	case pyeval.Str:
		return v.S, true
	case pyeval.Object, pyeval.Unknown: // a class of a package has no model: its name is known
		switch x := v.Ref.(type) {
		case *pyeval.Native:
			return x.Name, true
		case *pyeval.Class:
			return x.Name, true
		case *pyeval.Func:
			return x.Name, true
		}
	}
	return "", false
}

// paths are the dotted paths that a list holds, and whether that is all of it.
func paths(v *pyeval.Value) (list []string, whole bool) {
	if v == nil || !v.IsList() {
		return nil, v != nil && v.Kind == pyeval.None
	}
	whole = !v.Open
	for _, x := range v.Items {
		if s, ok := dotted(x); ok {
			list = append(list, s)
		} else {
			whole = false
		}
	}
	return list, whole
}

// number is the value of an int or a float.
func number(v *pyeval.Value) (float64, bool) {
	switch {
	case v == nil:
	case v.Kind == pyeval.Int:
		return float64(v.N), true
	case v.Kind == pyeval.Float:
		return v.F, true
	case v.Kind == pyeval.Bool && v.B:
		return 1, true
	case v.Kind == pyeval.Bool:
		return 0, true
	}
	return 0, false
}

func any3(list ...pyeval.Truth) pyeval.Truth {
	out := pyeval.No
	for _, t := range list {
		switch t {
		case pyeval.Yes:
			return pyeval.Yes
		case pyeval.Maybe:
			out = pyeval.Maybe
		}
	}
	return out
}

func is(b bool) pyeval.Truth {
	if b {
		return pyeval.Yes
	}
	return pyeval.No
}

// seconds is a timedelta.
func seconds(n float64) *pyeval.Value { return &pyeval.Value{Kind: pyeval.Duration, F: n} }
