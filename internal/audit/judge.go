package audit

import (
	"fmt"
	"slices"
	"strings"

	"github.com/djharden/djharden/internal/pyeval"
)

// verdict is what a rule thinks of one value: wrong, right, or it can't tell.
type verdict struct {
	wrong pyeval.Truth
	words string       // of a wrong one: what is wrong; of Maybe: why it can't be told
	fix   string       // the line to write here; "" takes the rule's
	at    pyeval.Place // where it shows, when that isn't where the setting is decided
}

var right = verdict{wrong: pyeval.No}

func wrong(format string, args ...any) verdict {
	return verdict{wrong: pyeval.Yes, words: fmt.Sprintf(format, args...)}
}

func cantTell(why string) verdict { return verdict{words: why} }

// fixed gives the line to write.
func (v verdict) fixed(line string) verdict {
	v.fix = line
	return v
}

// place says where the verdict shows.
func (v verdict) place(at pyeval.Place) verdict {
	v.at = at
	return v
}

// over asks the test of every value that v may have. It is wrong when all are,
// and right when all are.
func over(v *pyeval.Value, test func(*pyeval.Value) verdict) verdict {
	cases := v.Cases()
	if len(cases) == 0 {
		return test(v)
	}
	var out verdict
	for i, x := range cases {
		got := test(x)
		switch {
		case got.wrong == pyeval.Maybe:
			return got
		case i == 0:
			out = got
		case got.wrong != out.wrong:
			return cantTell(undecided(v))
		}
	}
	return out
}

// judge is over for a test that takes what can be seen: a variable that
// production needs is right, anything else that is Unknown can't be told.
func (p *Project) judge(v *pyeval.Value, ask func(*pyeval.Value) verdict) verdict {
	if v == nil {
		return right
	}
	return over(v, func(x *pyeval.Value) verdict { return p.judgeOne(x, ask) })
}

func (p *Project) judgeOne(x *pyeval.Value, ask func(*pyeval.Value) verdict) verdict {
	if x.Kind != pyeval.Unknown {
		return ask(x)
	}
	if p.required(x) {
		return right
	}
	return cantTell(why(x))
}

// required reports whether v is what a variable holds that the settings don't
// start without: nothing weak can be in production by default. Others that v
// depends on may have defaults.
func (p *Project) required(v *pyeval.Value) bool {
	return v != nil && v.Kind == pyeval.Unknown && slices.ContainsFunc(v.Env, p.mustBeSet)
}

func (p *Project) mustBeSet(variable string) bool {
	for _, read := range p.Result.Reads {
		if read.Name == variable && read.Required {
			return true
		}
	}
	return false
}

// why says what stopped the reader at v.
func why(v *pyeval.Value) string {
	switch {
	case v == nil:
		return "it can't be read"
	case v.Kind == pyeval.Choice:
		return undecided(v)
	case v.Why != "":
		return v.Why
	case len(v.Env) > 0:
		return "it depends on " + strings.Join(v.Env, " and ")
	}
	return "it can't be worked out"
}

func undecided(v *pyeval.Value) string {
	if len(v.Env) > 0 {
		return "a branch on " + strings.Join(v.Env, " and ") + " decides"
	}
	if v.Why != "" {
		return v.Why
	}
	return "a branch that can't be decided gives it different values"
}

// ask judges a setting, and reports what it finds; the finding of a failure is
// returned, for its place and its fix.
func (r *report) ask(p *Project, setting string, ask func(*pyeval.Value) verdict) *Finding {
	v, _ := p.get(setting)
	return r.askValue(p, setting, v, ask)
}

// askValue is ask for a value inside a setting.
func (r *report) askValue(p *Project, setting string, v *pyeval.Value, ask func(*pyeval.Value) verdict) *Finding {
	switch got := p.judge(v, ask); got.wrong {
	case pyeval.Yes:
		return r.fail(p, setting, v, got.words)
	case pyeval.Maybe:
		r.unknown(p, setting, v, got.words)
	}
	return nil
}

// whenOff is wrong for what Python takes for false.
func whenOff(message string) func(*pyeval.Value) verdict {
	return whenTruth(pyeval.No, message)
}

// whenOn is wrong for what Python takes for true.
func whenOn(message string) func(*pyeval.Value) verdict {
	return whenTruth(pyeval.Yes, message)
}

func whenTruth(bad pyeval.Truth, message string) func(*pyeval.Value) verdict {
	return func(v *pyeval.Value) verdict {
		switch v.Truth() {
		case bad:
			if v.Kind == pyeval.Str && bad == pyeval.Yes {
				return wrong("%s: it is the string %q, and Python takes every string but the empty one for true", message, v.S)
			}
			return verdict{wrong: pyeval.Yes, words: message}
		case pyeval.Maybe:
			return cantTell(why(v))
		}
		return right
	}
}

// isOn and isOff are the truth of a setting, with Django's default.
func (p *Project) isOn(setting string) pyeval.Truth {
	v, _ := p.get(setting)
	if v == nil {
		return pyeval.No
	}
	return v.Truth()
}

// items are the members of a list setting, with a reason when it may have more.
func items(v *pyeval.Value) []*pyeval.Value {
	if v.IsList() {
		return v.Items
	}
	return nil
}

// eachItem asks about every known string of a list (or of each list of a
// Choice), and reports at its own place what is wrong. The words get the item.
func (r *report) eachItem(p *Project, setting string, v *pyeval.Value, ask func(s string) string) (failed bool) {
	lists := v.Cases()
	for _, list := range lists {
		for _, item := range items(list) {
			if item.Kind != pyeval.Str {
				continue
			}
			message := ask(item.S)
			if message == "" {
				continue
			}
			if len(lists) > 1 {
				r.unknown(p, setting, v, undecided(v)+"; one of them: "+message)
				return true
			}
			r.fail(p, setting, v, message).at(ownPlace(item, v))
			failed = true
		}
	}
	return failed
}

// ownPlace is where an item is written, if that is somewhere else than the
// whole.
func ownPlace(item, whole *pyeval.Value) pyeval.Place {
	if item.At == whole.At {
		return pyeval.Place{}
	}
	return item.At
}
