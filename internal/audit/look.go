package audit

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/djharden/djharden/internal/pyeval"
	"github.com/djharden/djharden/internal/pysrc"
)

// holds says whether a list setting holds a dotted path, or an AppConfig below
// it.
func (p *Project) holds(setting, path string) pyeval.Truth {
	v, _ := p.get(setting)
	return v.All(func(v *pyeval.Value) pyeval.Truth {
		out := v.Has(path)
		if out == pyeval.Yes || !v.IsList() {
			return out
		}
		for _, s := range v.Strings() { // django.contrib.admin.apps.AdminConfig
			if setting == "INSTALLED_APPS" && strings.HasPrefix(s, path+".apps.") {
				return pyeval.Yes
			}
		}
		return out
	})
}

const widest = 120 // of a value as it is shown, in characters

// show is a value as a finding shows it: secrets masked, cut to a line.
func (p *Project) show(setting string, v *pyeval.Value) string {
	return cut(show(setting, v, 8*widest)) // room for what cut makes shorter
}

func cut(s string) string {
	s = strings.ReplaceAll(strings.ReplaceAll(s, "\n", " "), "\r", " ")
	if r := []rune(s); len(r) > widest {
		return string(r[:widest-1]) + "…"
	}
	return s
}

// Show writes a value as Python would, with what isn't known in words, and
// masks what may be a secret: by the name it has, or by its look. name is the
// setting's.
func Show(name string, v *pyeval.Value) string { return show(name, v, 1<<16) }

// show is Show of about so many bytes: what comes after is left out.
func show(name string, v *pyeval.Value, most int) string {
	secret := secrecy(head(name))
	for _, key := range parts(name) {
		secret = max(secret, secrecy(key))
	}
	var b strings.Builder
	writer{&b, most}.value(secret, v, 0)
	return b.String()
}

type writer struct {
	b    *strings.Builder
	most int
}

func (w writer) value(secret secrecyLevel, v *pyeval.Value, depth int) {
	b := w.b
	switch {
	case v == nil:
		b.WriteString("not set")
		return
	case depth > 6 || b.Len() > w.most:
		b.WriteString("…")
		return
	}
	switch v.Kind {
	case pyeval.None:
		b.WriteString("None")
	case pyeval.Bool:
		b.WriteString(map[bool]string{true: "True", false: "False"}[v.B])
	case pyeval.Int:
		if secret == isSecret && (v.N > 9999 || v.N < -9999) {
			b.WriteString(masked)
			return
		}
		b.WriteString(strconv.FormatInt(v.N, 10))
	case pyeval.Float:
		b.WriteString(strconv.FormatFloat(v.F, 'g', -1, 64))
	case pyeval.Str:
		b.WriteString(pysrc.Quote(maskText(v.S, secret)))
	case pyeval.Bytes:
		b.WriteString("b" + pysrc.Quote(maskText(strings.ToValidUTF8(v.S, "?"), secret)))
	case pyeval.Path:
		fmt.Fprintf(b, "Path(%q)", v.S)
	case pyeval.Duration:
		b.WriteString(duration(v.F))
	case pyeval.List, pyeval.Tuple, pyeval.Set, pyeval.Dict:
		w.items(secret, v, depth)
	case pyeval.Choice:
		for i, x := range v.Items {
			if i > 0 {
				b.WriteString(" or ")
			}
			w.value(secret, x, depth+1)
		}
	case pyeval.Object:
		b.WriteString("an object")
	default:
		w.unknown(v)
	}
}

func (w writer) unknown(v *pyeval.Value) {
	switch {
	case len(v.Env) > 0:
		w.b.WriteString("from " + strings.Join(v.Env, ", "))
	default:
		w.b.WriteString("unknown")
	}
}

func (w writer) items(secret secrecyLevel, v *pyeval.Value, depth int) {
	open, end := "[", "]"
	switch v.Kind {
	case pyeval.Tuple:
		open, end = "(", ")"
		if len(v.Items) == 1 {
			end = ",)"
		}
	case pyeval.Set, pyeval.Dict:
		open, end = "{", "}"
	}
	w.b.WriteString(open)
	for i, x := range v.Items {
		if i > 0 {
			w.b.WriteString(", ")
		}
		inner := secret
		if v.Kind == pyeval.Dict {
			w.value(notSecret, v.Keys[i], depth+1)
			w.b.WriteString(": ")
			inner = max(secret, secrecy(v.Keys[i].S))
		}
		w.value(inner, x, depth+1)
	}
	if v.Open {
		if len(v.Items) > 0 {
			w.b.WriteString(", ")
		}
		w.b.WriteString("…")
	}
	w.b.WriteString(end)
}

func duration(f float64) string {
	for _, u := range []struct {
		s    float64
		name string
	}{{86400, "days"}, {3600, "hours"}, {60, "minutes"}, {1, "seconds"}} {
		if n := f / u.s; n == float64(int64(n)) && (n != 0 || u.s == 1) {
			return fmt.Sprintf("timedelta(%s=%d)", u.name, int64(n))
		}
	}
	return fmt.Sprintf("timedelta(seconds=%g)", f)
}

// origin is where a value came from, in words.
func (p *Project) origin(setting string, v *pyeval.Value) string {
	s := p.Result.Get(head(setting))
	if s == nil {
		switch {
		case setting == "":
			return ""
		case p.Result.Open != nil:
			return "not set here; " + p.Result.Open.Why
		case v == nil:
			return "not set"
		}
		return "Django's default"
	}
	return p.Chain(s)
}

// Chain says in words which places set a setting, and which variables have a
// say in it.
func (p *Project) Chain(s *pyeval.Setting) string {
	var parts []string
	changes := s.Changes
	if len(changes) > 4 {
		parts = append(parts, "set at "+spot(changes[0].Place))
		changes = changes[len(changes)-3:]
	}
	for i, c := range changes {
		verb := "changed"
		if i == 0 && len(parts) == 0 {
			verb = "set"
		}
		how := ""
		if c.How != "=" && c.How != "" {
			how = " (" + c.How + ")"
		}
		parts = append(parts, verb+" at "+spot(c.Place)+how)
	}
	for _, name := range s.Value.Env {
		reads := p.Result.Reads
		_, set := p.Env[name]
		i := slices.IndexFunc(reads, func(r pyeval.EnvRead) bool { return r.Name == name })
		switch {
		case i < 0:
		case set:
			parts = append(parts, "variable "+name+" is set")
		case reads[i].Required:
			parts = append(parts, "variable "+name+" is required")
		case reads[i].Default != nil && reads[i].Default.Kind == pyeval.None:
			parts = append(parts, "variable "+name+" is not set")
		default:
			parts = append(parts, "variable "+name+" has a default")
		}
	}
	return strings.Join(parts, ", ")
}

// spot is path:line.
func spot(at pyeval.Place) string {
	if at.IsZero() {
		return "?"
	}
	line, _ := at.Position()
	return at.Path() + ":" + strconv.Itoa(line)
}

// head is the setting's name of "DATABASES['default']['OPTIONS']".
func head(setting string) string {
	if i := strings.IndexAny(setting, "[."); i > 0 {
		return setting[:i]
	}
	return setting
}

// place is the line that decides a setting; of a part of one, the line that
// writes its key, or changes it after.
func (p *Project) place(setting string, v *pyeval.Value) pyeval.Place {
	s := p.Result.Get(head(setting))
	if s == nil {
		return pyeval.Place{}
	}
	keys := parts(setting)
	if len(keys) == 0 {
		return s.Decides()
	}
	at, x := pyeval.Place{}, s.Value
	for _, k := range keys {
		if at = x.KeyPlace(k); at.IsZero() {
			break
		}
		x = x.Get(k)
	}
	switch last := x.Last(); {
	case !last.IsZero():
		return last
	case !at.IsZero():
		return at
	case v != nil && !v.At.IsZero():
		return v.At
	}
	return s.Decides()
}

var part = lazy(`\[(?:"([^"]*)"|'([^']*)')\]`)

// parts are the keys of DATABASES["default"]["OPTIONS"].
func parts(setting string) []string {
	var out []string
	for _, m := range part().FindAllStringSubmatch(setting, -1) {
		out = append(out, m[1]+m[2])
	}
	return out
}
