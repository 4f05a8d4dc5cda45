// Package pyeval works out what the names of a Python module hold, in a given
// environment, without running it and without importing anything: it
// interprets the source itself, knows the parts of the standard library that
// settings use and the packages that read the environment, and says Unknown,
// with the place that stopped it, where it can't follow. It never guesses.
package pyeval

import (
	"io/fs"
	"maps"
	"slices"
	"strings"
	"unicode"
)

// Options say what to read.
type Options struct {
	FS     fs.FS    // the repository; nothing outside it is read
	Path   []string // folders of FS where modules are looked for, as sys.path does; "." is the root
	Root   string   // what __file__ begins with: the absolute path that stands for the root of FS
	Module string   // the settings module: "config.settings.prod"
	Class  string   // of django-configurations: the class whose attributes are the settings; ""
	Env    map[string]string
	// Inherited says whether a setting is the framework's own: a class of
	// django-configurations has all of these, so the module's don't count beside
	// it. nil: none is.
	Inherited func(name string) bool
	// Package is the name that the code gives to the first folder of Path, where
	// that is a package itself; "" where it isn't.
	Package string
	// Installed says whether a package outside the project can be imported, by
	// its top-level name; nil: Maybe for each.
	Installed func(name string) Truth
}

// Result is a settings module, evaluated.
type Result struct {
	Module   string
	Path     string // its file
	Settings map[string]*Setting
	Order    []string  // the names of Settings, as first set
	Reads    []EnvRead // in order
	Files    []string  // the project's own files that were read, in order
	Stopped  *Stop     // the module can't be read to its end; nil: it can
	Guards   []Guard   // what the settings refuse to start with
	Open     *Stop     // there may be settings that aren't among Settings: a package sets them, or exec(); nil: there aren't
}

// Stop is where the reader ended, and why: a syntax error, a file that is
// missing, an exception that the module surely raises.
type Stop struct {
	At  Place
	Why string
}

// Guard is a check of the settings that refuses to start: its raise was taken
// in the environment given, so the variables are taken as set to something
// that passes.
type Guard struct {
	At   Place // the raise
	Vars []string
}

// Get is a setting, nil when the module doesn't set it.
func (r *Result) Get(name string) *Setting { return r.Settings[name] }

// Load reads the module. The error is for options that make no sense; what is
// wrong with the source is in Result.Stopped. A variable that the settings
// refuse to start without, in words of their own, is then taken as set.
func Load(o Options) (*Result, error) {
	if o.Root == "" {
		o.Root = "/project"
	}
	if len(o.Path) == 0 {
		o.Path = []string{"."}
	}
	assumed, sources := map[string]bool{}, map[string]*Source{}
	var guards []Guard
	for range maxRestarts {
		in := &interp{
			o: o, fs: o.FS, mods: map[string]*Module{}, sources: sources,
			assumed: assumed, missing: map[string]bool{}, guards: guards,
		}
		m, exc := in.main()
		if exc != nil {
			if vars := in.fresh(exc.env); len(vars) > 0 {
				guards = append(guards, Guard{At: exc.at, Vars: vars})
				for _, name := range vars {
					assumed[name] = true
				}
				continue
			}
			in.stop(exc.at, exc.words())
		}
		return in.result(m), nil
	}
	return &Result{Module: o.Module, Settings: map[string]*Setting{}, Stopped: &Stop{Why: "the settings refuse every environment tried"}}, nil
}

// words say what an exception is.
func (e *pyExc) words() string {
	if e.class == "SyntaxError" || e.msg == "" {
		return strings.TrimPrefix(e.class+": ", "SyntaxError: ") + e.msg
	}
	return last(e.class) + ": " + e.msg
}

// fresh are the variables that aren't taken as set yet.
func (in *interp) fresh(vars []string) []string {
	return slices.DeleteFunc(slices.Clone(vars), func(v string) bool { return in.assumed[v] })
}

// main runs the settings module.
func (in *interp) main() (m *Module, exc *pyExc) {
	defer func() {
		switch x := recover().(type) {
		case nil:
		case *pyExc:
			m, exc = in.mods[in.o.Module], x
		case outOfSteps:
			m = in.mods[in.o.Module]
			in.stop(in.now, "it takes too long to work out")
		default:
			panic(x)
		}
	}()
	m = in.load(in.o.Module, Place{})
	if m == nil {
		in.stop(Place{}, "there is no module "+in.o.Module)
	}
	return m, nil
}

func (in *interp) result(m *Module) *Result {
	r := &Result{
		Module: in.o.Module, Settings: map[string]*Setting{}, Reads: in.reads,
		Files: in.files, Guards: in.guards, Stopped: in.stopped,
	}
	r.Path, _, _ = in.file(in.o.Module)
	if m == nil {
		return r
	}
	ns := m.ns
	r.Open = ns.open
	if in.o.Class != "" {
		in.classSettings(r, ns)
		return r
	}
	for _, name := range ns.order {
		if b := ns.vars[name]; b != nil && isSetting(name) {
			r.add(in.setting(name, b))
		}
	}
	return r
}

func (r *Result) add(s *Setting) {
	if r.Settings[s.Name] == nil {
		r.Order = append(r.Order, s.Name)
	}
	r.Settings[s.Name] = s
}

// classSettings are the attributes of a class of django-configurations.
func (in *interp) classSettings(r *Result, ns *namespace) {
	b := ns.vars[in.o.Class]
	var c *Class
	if b != nil {
		c, _ = b.v.Ref.(*Class)
	}
	if c == nil {
		in.stop(Place{}, in.o.Module+" has no class "+in.o.Class)
		r.Stopped = in.stopped
		return
	}
	self := in.instantiate(b.v, c, &call{at: b.v.At})
	names := map[string]*binding{}
	for i := len(c.mro) - 1; i >= 0; i-- {
		for _, name := range c.mro[i].ns.order {
			if b := c.mro[i].ns.vars[name]; b != nil && isSetting(name) {
				names[name] = b
			}
		}
	}
	for _, name := range ns.order { // the class is laid over its module
		if b := ns.vars[name]; b != nil && isSetting(name) && names[name] == nil && (in.o.Inherited == nil || !in.o.Inherited(name)) {
			r.add(in.setting(name, b))
		}
	}
	var many []*binding
	for _, name := range slices.Sorted(maps.Keys(names)) {
		b := *names[name]
		in.steps, in.stmt = 0, 0
		o := in.attempt(func() flow { return flow{ret: in.valueOfClass(self, c, name)} })
		if o.exc != nil {
			b.v = in.unknown(b.v.At, Unknown, o.exc.words())
			b.v.Env = o.exc.env
		} else {
			b.v = o.flow.ret
		}
		r.add(in.setting(name, &b))
		if v, ok := c.find(name).Ref.(*configValue); ok && v.kind == "EmailURLValue" && b.v.Kind == Dict {
			many = append(many, &b)
		}
	}
	for _, b := range many { // it sets each of its parts too
		for i, k := range b.v.Keys {
			r.add(in.setting(k.S, &binding{v: b.v.Items[i], changes: b.changes}))
		}
	}
	r.Reads = in.reads
}

func (in *interp) setting(name string, b *binding) *Setting {
	s := &Setting{Name: name, Value: b.v, Absent: b.absent, Changes: slices.Clone(b.changes)}
	seen := map[*Value]bool{}
	var collect func(v *Value, depth int)
	collect = func(v *Value, depth int) {
		if v == nil || seen[v] || depth > 6 {
			return
		}
		seen[v] = true
		s.Changes = append(s.Changes, v.changes...)
		for _, x := range v.Items {
			collect(x, depth+1)
		}
	}
	collect(b.v, 0)
	slices.SortStableFunc(s.Changes, func(a, b Change) int { return a.seq - b.seq })
	s.Changes = slices.CompactFunc(s.Changes, func(a, b Change) bool { return a.Place == b.Place })
	return s
}

// isSetting is what Django takes for a setting: Python's str.isupper.
func isSetting(name string) bool {
	upper := false
	for _, r := range name {
		if unicode.IsLower(r) {
			return false
		}
		upper = upper || unicode.IsUpper(r)
	}
	return upper
}

// Either is a value that is one of several, as two branches leave it.
func Either(values ...*Value) *Value {
	in := &interp{}
	return in.choice(values[0].At, values)
}
