package e2e

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/djharden/djharden/internal/pyeval"
)

// verdict is how a value that was read stands to the one Django has, best first.
type verdict int

const (
	same    verdict = iota // worked out, and right
	fromEnv                // said to depend on a variable
	unknown                // said not to be known
	wrong                  // worked out, and not what Django has
)

var verdictNames = []string{"same", "environment", "unknown", "wrong"}

func (v verdict) String() string { return verdictNames[v] }

// comparison is one setting of one project.
type comparison struct {
	Setting string
	Verdict verdict
	Why     string
	At      pyeval.Place
}

// configurationsOwn is what django-configurations adds to a class.
var configurationsOwn = []string{"CONFIGURATION", "DOTENV_LOADED"}

// compareSettings judges every setting that either side has.
func compareSettings(got *pyeval.Result, l loaded) []comparison {
	want := l.Settings
	names := map[string]bool{}
	for name := range want {
		names[name] = true
	}
	for name := range got.Settings {
		names[name] = true
	}
	var out []comparison
	for _, name := range slices.Sorted(maps.Keys(names)) {
		c := comparison{Setting: name}
		setting := got.Get(name)
		c.At = setting.Decides()
		py, has := want[name]
		switch {
		case setting == nil && (slices.Contains(l.Defaults, name) || slices.Contains(configurationsOwn, name)):
			continue // a class of django-configurations has every setting
		case setting == nil && got.Stopped != nil:
			c.Verdict, c.Why = unknown, "stopped: "+got.Stopped.Why
		case setting == nil && got.Open != nil:
			c.Verdict, c.Why = unknown, "not seen: "+got.Open.Why
		case setting == nil:
			c.Verdict, c.Why = wrong, "not seen; Django has "+py.String()
		case !has && setting.Absent:
			c.Verdict, c.Why = vague(setting.Value), "may be absent"
		case !has:
			if c.Verdict, c.Why = absent(setting.Value); c.Verdict == wrong {
				c.Why = "Django has none; read as " + showValue(setting.Value)
			}
		default:
			c.Verdict, c.Why = compareValue(setting.Value, py)
			if setting.Absent {
				c.Verdict = max(c.Verdict, vague(setting.Value))
			}
		}
		out = append(out, c)
	}
	return out
}

// absent judges a value where Django has none.
func absent(v *pyeval.Value) (verdict, string) {
	for _, x := range v.Cases() {
		if x.Kind == pyeval.Unknown {
			return vague(v), x.Why
		}
	}
	if v.Kind == pyeval.Choice {
		return vague(v), "a choice"
	}
	return wrong, ""
}

func vague(v *pyeval.Value) verdict {
	if v.FromEnv() {
		return fromEnv
	}
	return unknown
}

// compareValue judges one value; what is unknown in it makes it unknown only
// when the rest is right.
func compareValue(v *pyeval.Value, py pyvalue) (verdict, string) {
	if v == nil {
		return wrong, "nothing, not " + py.String()
	}
	switch v.Kind {
	case pyeval.Unknown:
		return compareUnknown(v, py)
	case pyeval.Choice:
		for _, x := range v.Items {
			if got, why := compareValue(x, py); got != wrong {
				return max(got, vague(v)), why
			}
		}
		return wrong, "no case of " + showValue(v) + " is " + py.String()
	case pyeval.List, pyeval.Tuple, pyeval.Set:
		return compareItems(v, py)
	case pyeval.Dict:
		return compareDict(v, py)
	case pyeval.Object:
		return compareObject(v, py)
	}
	if v.Kind == pyeval.Str && py.Type == "lazy" && py.text() == v.S {
		return same, ""
	}
	if py.Type == scalarTypes[v.Kind] && py.text() == scalarText(v) {
		return same, ""
	}
	if v.Kind == pyeval.Duration && py.Type == "timedelta" || v.Kind == pyeval.Float && py.Type == "float" {
		if f, err := strconv.ParseFloat(py.text(), 64); err == nil && math.Abs(f-v.F) < 1e-6 {
			return same, ""
		}
	}
	return wrong, showValue(v) + ", not " + py.String()
}

var scalarTypes = map[pyeval.Kind]string{
	pyeval.None: "None", pyeval.Bool: "bool", pyeval.Int: "int", pyeval.Float: "float", pyeval.Str: "str", pyeval.Bytes: "bytes",
	pyeval.Duration: "timedelta", pyeval.Path: "path", pyeval.List: "list", pyeval.Tuple: "tuple", pyeval.Set: "set", pyeval.Dict: "dict",
}

func scalarText(v *pyeval.Value) string {
	switch v.Kind {
	case pyeval.Bool:
		return strconv.FormatBool(v.B)
	case pyeval.Int:
		return strconv.FormatInt(v.N, 10)
	case pyeval.Str, pyeval.Bytes, pyeval.Path:
		return v.S
	}
	return ""
}

func compareUnknown(v *pyeval.Value, py pyvalue) (verdict, string) {
	if t := scalarTypes[v.Of]; t != "" && py.Type != t && !(t == "str" && py.Type == "lazy") {
		return wrong, fmt.Sprintf("said to be a %s, and is %s", t, py)
	}
	if v.Of == pyeval.Str && !strings.HasPrefix(py.text(), v.S) {
		return wrong, fmt.Sprintf("said to begin with %q, and is %s", v.S, py)
	}
	return vague(v), v.Why
}

func compareItems(v *pyeval.Value, py pyvalue) (verdict, string) {
	if py.Type != scalarTypes[v.Kind] {
		return wrong, "a " + scalarTypes[v.Kind] + ", not " + py.String()
	}
	items := py.items()
	out, why := same, ""
	if v.Kind == pyeval.Set {
		items = slices.Clone(items)
	}
	at := 0
	for _, x := range v.Items {
		got, because := wrong, "not there: "+showValue(x)
		switch {
		case v.Open || v.Kind == pyeval.Set: // in this order, with others between
			from := at
			if v.Kind == pyeval.Set {
				from = 0
			}
			for i := from; i < len(items); i++ {
				if g, b := compareValue(x, items[i]); g != wrong {
					got, because, at = g, b, i+1
					break
				}
			}
		case at < len(items):
			got, because = compareValue(x, items[at])
			at++
		}
		if got > out {
			out, why = got, because
		}
	}
	switch {
	case out == wrong:
	case v.Open:
		if out < vague(v) {
			out, why = vague(v), "there may be more"
		}
	case len(items) != len(v.Items):
		return wrong, fmt.Sprintf("%d items, not %d: %s", len(v.Items), len(items), py)
	}
	return out, why
}

func compareDict(v *pyeval.Value, py pyvalue) (verdict, string) {
	if py.Type != "dict" {
		return wrong, "a dict, not " + py.String()
	}
	pairs := py.pairs()
	out, why := same, ""
	vagueKey := false
	matched := make([]bool, len(pairs))
	for i, key := range v.Keys {
		got, because := wrong, "no key "+showValue(key)
		for j, pair := range pairs {
			if k, _ := compareValue(key, pair[0]); k == wrong || matched[j] {
				continue
			} else if k > same {
				got, because, vagueKey = k, "a key isn't known", true
				break
			}
			matched[j] = true
			got, because = compareValue(v.Items[i], pair[1])
			if because != "" {
				because = showValue(key) + ": " + because
			}
			break
		}
		if got == wrong && (key.IsStr("CONN_HEALTH_CHECKS") || key.IsStr("DISABLE_SERVER_SIDE_CURSORS")) && v.Items[i].Kind == pyeval.Bool && !v.Items[i].B {
			continue // what newer releases of dj-database-url say, and Django assumes
		}
		if got > out {
			out, why = got, because
		}
	}
	if out == wrong || vagueKey {
		return out, why
	}
	if v.Open {
		return max(out, vague(v)), "there may be more keys"
	}
	if i := slices.Index(matched, false); i >= 0 {
		return wrong, "lacks the key " + pairs[i][0].String()
	}
	return out, why
}

// compareObject is lenient about names: Python says where a thing is defined,
// the source where it is imported from.
func compareObject(v *pyeval.Value, py pyvalue) (verdict, string) {
	name := ""
	switch ref := v.Ref.(type) {
	case *pyeval.Func:
		name = ref.Name
	case *pyeval.Class:
		name = ref.Name
	case *pyeval.Module:
		name = ref.Name
	case *pyeval.Native:
		name = ref.Name
	}
	if py.Type != "object" && py.Type != "lazy" {
		if py.Type == "str" || py.Type == "dict" || py.Type == "list" || py.Type == "tuple" {
			return unknown, "an object that is a " + py.Type // of a subclass
		}
		return wrong, "the object " + name + ", not " + py.String()
	}
	if name[strings.LastIndexByte(name, '.')+1:] == py.text()[strings.LastIndexByte(py.text(), '.')+1:] {
		return same, ""
	}
	return unknown, "the object " + name + " for " + py.text()
}

// text is the content of a scalar.
func (v pyvalue) text() string {
	var s any
	if json.Unmarshal(v.Content, &s) != nil || s == nil {
		return ""
	}
	return fmt.Sprint(s)
}

func (v pyvalue) items() []pyvalue {
	var out []pyvalue
	_ = json.Unmarshal(v.Content, &out)
	return out
}

func (v pyvalue) pairs() [][2]pyvalue {
	var out [][2]pyvalue
	_ = json.Unmarshal(v.Content, &out)
	return out
}

func (v pyvalue) String() string { return v.Type + " " + cut(string(v.Content)) }

func cut(s string) string {
	if r := []rune(s); len(r) > 120 {
		return string(r[:120]) + "..."
	}
	return s
}

// showValue is for messages.
func showValue(v *pyeval.Value) string {
	if v == nil {
		return "nothing"
	}
	switch v.Kind {
	case pyeval.Unknown:
		return "unknown (" + v.Why + ")"
	case pyeval.None:
		return "None"
	case pyeval.Str, pyeval.Bytes, pyeval.Path:
		return cut(strconv.Quote(v.S))
	case pyeval.Float, pyeval.Duration:
		return strconv.FormatFloat(v.F, 'g', -1, 64)
	case pyeval.Dict:
		var b strings.Builder
		for i, k := range v.Keys {
			b.WriteString(showValue(k) + ": " + showValue(v.Items[i]) + ", ")
		}
		return cut("{" + b.String() + "}")
	case pyeval.List, pyeval.Tuple, pyeval.Set, pyeval.Choice:
		var b strings.Builder
		for _, x := range v.Items {
			b.WriteString(showValue(x) + ", ")
		}
		return cut(scalarTypes[v.Kind] + "[" + b.String() + "]")
	case pyeval.Object:
		return fmt.Sprintf("object %T", v.Ref)
	}
	return scalarText(v)
}
