package pyeval

import (
	"io/fs"
	"slices"
	"strings"
)

// Limits of the work: no source makes the reader run long or take much memory.
const (
	maxSteps    = 4_000_000 // of one reading
	maxStmt     = 400_000   // of one statement of a module
	maxCalls    = 60        // within each other
	maxForks    = 12        // undecided branches within each other
	maxCases    = 8         // of a Choice
	maxSize     = 1 << 20   // bytes of a string
	maxItems    = 1 << 17   // of a list
	maxRestarts = 60        // variables that the settings turn out to require
)

// interp is one reading of a settings module.
type interp struct {
	o       Options
	fs      fs.FS
	mods    map[string]*Module
	sources map[string]*Source // parsed, kept over restarts
	found   map[string]located // files of modules
	files   []string
	steps   int
	stmt    int // steps of this statement of a module
	calls   int
	forks   int
	seq     int
	journal *journal
	ctl     []string // the variables that decided the branch we are in
	blame   []string // those of them that a raise in it is about
	trace   *[]string
	tries   []*tryFrame
	reads   []EnvRead
	own     map[string]string // what the settings set in os.environ themselves
	assumed map[string]bool   // variables taken as set to something that passes
	missing map[string]bool   // packages taken as not installed
	guards  []Guard
	stopped *Stop
	now     Place // the statement that runs
	urls    *URLs // a URLconf is read, not settings
}

// pyExc is a Python exception on its way up, as a panic.
type pyExc struct {
	class string
	bases []string // of a class of the project
	msg   string
	at    Place
	env   []string
	v     *Value
}

// outOfSteps is the panic of a reading that takes too long.
type outOfSteps struct{}

// tryFrame is a try whose body runs.
type tryFrame struct {
	catches []string // names of exceptions; "BaseException" for a bare except
	maybe   string   // a package whose import may have failed
}

func (in *interp) step(n int) {
	in.steps += n
	in.stmt += n
	if in.steps > maxSteps || in.stmt > maxStmt {
		panic(outOfSteps{})
	}
}

func (in *interp) next() int {
	in.seq++
	return in.seq
}

// env looks a variable up in the environment given.
func (in *interp) env(name string) (string, bool) {
	if s, ok := in.own[name]; ok {
		return s, true
	}
	s, ok := in.o.Env[name]
	return s, ok
}

func (in *interp) read(r EnvRead) {
	for i := range in.reads {
		if in.reads[i].Name == r.Name && in.reads[i].At == r.At {
			in.reads[i] = r
			return
		}
	}
	in.reads = append(in.reads, r)
}

// raise throws a Python exception.
func (in *interp) raise(at Place, class, msg string, env []string) {
	panic(&pyExc{class: class, msg: msg, at: at, env: env})
}

// taken reports whether the settings turned out to require a variable: it
// counts as set, to something that the reader doesn't know.
func (in *interp) taken(name string) bool { return in.assumed[name] }

// required is a variable that has no default and isn't set. Where the program
// handles its absence it raises exc; elsewhere production doesn't start without
// it, so it is taken as set.
func (in *interp) required(at Place, name string, of Kind, exc string) *Value {
	if !in.assumed[name] && in.handled(exc, nil) {
		in.raise(at, exc, name+" is not set", []string{name})
	}
	in.read(EnvRead{Name: name, At: at, Required: true, Cast: of})
	v := in.unknown(at, of, name+" has no default: production needs it set")
	v.Env = []string{name}
	return v
}

// handled reports whether a try around here catches an exception.
func (in *interp) handled(class string, bases []string) bool {
	for _, t := range in.tries {
		if t.matches(class, bases) {
			return true
		}
	}
	return false
}

func (t *tryFrame) matches(class string, bases []string) bool {
	for _, c := range t.catches {
		if catches(c, class, bases) {
			return true
		}
	}
	return false
}

var excBases = map[string][]string{
	"ModuleNotFoundError": {"ImportError"},
	"KeyError":            {"LookupError"},
	"IndexError":          {"LookupError"},
	"FileNotFoundError":   {"OSError", "IOError", "EnvironmentError"},
	"PermissionError":     {"OSError", "IOError", "EnvironmentError"},
	"OSError":             {"IOError", "EnvironmentError"},
	"UnicodeDecodeError":  {"UnicodeError", "ValueError"},
	"JSONDecodeError":     {"ValueError"},
	"ZeroDivisionError":   {"ArithmeticError"},
	"EnvValidationError":  {"EnvError", "ValueError"},
	"EnvNotSetError":      {"EnvError", "ValueError"},
	"ParseError":          {"ValueError"}, // of dj_database_url
	"UnknownSchemeError":  {"ValueError"},
	"Error":               {"ValueError"}, // binascii.Error
	"UnicodeEncodeError":  {"UnicodeError", "ValueError"},
	"EnvError":            {"ValueError"},
	"NotImplementedError": {"RuntimeError"},
	"RecursionError":      {"RuntimeError"},
	"UnboundLocalError":   {"NameError"},
}

// catches reports whether "except handler" catches an exception; names are
// compared by their last part.
func catches(handler, class string, bases []string) bool {
	h, c := last(handler), last(class)
	switch h {
	case c, "BaseException":
		return true
	case "Exception":
		return c != "SystemExit" && c != "KeyboardInterrupt"
	}
	if slices.Contains(excBases[c], h) {
		return true
	}
	for _, b := range bases {
		if last(b) == h || slices.Contains(excBases[last(b)], h) {
			return true
		}
	}
	return false
}

func last(dotted string) string { return dotted[strings.LastIndexByte(dotted, '.')+1:] }

// merged is the sorted union.
func merged(a, b []string) []string {
	switch {
	case len(b) == 0:
		return a
	case len(a) == 0:
		return b
	}
	out := append(slices.Clone(a), b...)
	slices.Sort(out)
	return slices.Compact(out)
}

// unknown is a value that can't be worked out, of a kind where that is known.
// Its reason is that of the first unknown among from where why is "".
func (in *interp) unknown(at Place, of Kind, why string, from ...*Value) *Value {
	v := &Value{Kind: Unknown, Of: of, Why: why, At: at, seq: in.next()}
	for _, f := range from {
		if f == nil {
			continue
		}
		v.Env = merged(v.Env, f.Env)
		if v.Why == "" {
			v.Why = f.why()
		}
	}
	if v.Why == "" {
		v.Why = "it can't be worked out"
	}
	return v
}

// why is the reason of the first unknown in v.
func (v *Value) why() (reason string) {
	v.walk(func(x *Value) bool {
		if x.Kind == Unknown {
			reason = x.Why
		}
		return reason == ""
	})
	return reason
}

// walk visits v and what it holds, each container once: a list may hold itself.
// It ends where visit says false.
func (v *Value) walk(visit func(*Value) bool) {
	if v == nil {
		return
	}
	if len(v.Items) == 0 {
		visit(v)
		return
	}
	seen := map[*Value]bool{}
	var down func(*Value) bool
	down = func(x *Value) bool {
		if len(x.Items) > 0 {
			if seen[x] {
				return true
			}
			seen[x] = true
		}
		if !visit(x) {
			return false
		}
		for _, y := range x.Items {
			if !down(y) {
				return false
			}
		}
		return true
	}
	down(v)
}

// Reason is what stopped the reader at v or at something in it, "" when v is
// wholly known.
func (v *Value) Reason() string {
	if v == nil || v.Known() {
		return ""
	}
	if w := v.why(); w != "" {
		return w
	}
	if v.Kind == Choice {
		return "a condition that can't be decided"
	}
	return "a part of it can't be followed"
}

// derive places v and adds to it the variables that its sources depend on.
func (in *interp) derive(at Place, v *Value, from ...*Value) *Value {
	v.At = at
	if v.seq == 0 {
		v.seq = in.next()
	}
	for _, f := range from {
		if f != nil {
			v.Env = merged(v.Env, f.Env)
		}
	}
	return v
}

func (in *interp) str(at Place, s string, from ...*Value) *Value {
	if len(s) > maxSize {
		return in.unknown(at, Str, "a string of more than a million bytes", from...)
	}
	in.step(len(s) / 64)
	return in.derive(at, &Value{Kind: Str, S: s}, from...)
}

func (in *interp) bool(at Place, b bool, from ...*Value) *Value {
	return in.derive(at, &Value{Kind: Bool, B: b}, from...)
}

func (in *interp) int(at Place, n int64, from ...*Value) *Value {
	return in.derive(at, &Value{Kind: Int, N: n}, from...)
}

func (in *interp) float(at Place, f float64, from ...*Value) *Value {
	return in.derive(at, &Value{Kind: Float, F: f}, from...)
}

func (in *interp) none(at Place) *Value { return in.derive(at, &Value{Kind: None}) }

func (in *interp) list(at Place, items []*Value, from ...*Value) *Value {
	if len(items) > maxItems {
		return in.unknown(at, List, "a list of very many items", from...)
	}
	in.step(len(items) / 4)
	v := in.derive(at, &Value{Kind: List, Items: items}, from...)
	for _, x := range items {
		v.Env = merged(v.Env, x.Env)
	}
	return v
}

// object is a value with what Python has beyond data.
func (in *interp) object(at Place, ref any) *Value {
	return &Value{Kind: Object, Ref: ref, At: at, seq: in.next()}
}

// truthOf is a truth as a value.
func (in *interp) truthOf(at Place, t Truth, from ...*Value) *Value {
	if t == Maybe {
		return in.unknown(at, Bool, "", from...)
	}
	return in.bool(at, t == Yes, from...)
}

// put sets a string key of a dict.
func (v *Value) put(key, x *Value) {
	if i := v.slot(key); i >= 0 {
		v.Items[i] = x
		if key.Kind == Str { // the key says where it was written last
			v.Keys[i] = key
		}
		return
	}
	if v.index != nil {
		v.index[key.hash()] = len(v.Keys)
	}
	v.Keys, v.Items = append(v.Keys, key), append(v.Items, x)
}

// slot is the index of a key, -1 when there is none.
func (v *Value) slot(key *Value) int {
	if key.Kind == Str {
		return v.find(key.S)
	}
	if !key.Known() {
		return slices.Index(v.Keys, key)
	}
	if len(v.Keys) > 8 && numeric(key) {
		i, ok := v.indexed()[key.hash()]
		if !ok {
			return -1
		}
		if alike(v.Keys[i], key) == Yes {
			return i
		}
	}
	return slices.IndexFunc(v.Keys, func(k *Value) bool { return k.Known() && alike(k, key) == Yes })
}

// drop takes the i-th entry of a dict out.
func (v *Value) drop(i int) {
	v.Keys = slices.Delete(slices.Clone(v.Keys), i, i+1)
	v.Items = slices.Delete(slices.Clone(v.Items), i, i+1)
	v.index = nil
}

// same is structural equality of what is known; two unknowns are the same only
// when they are one value.
func same(a, b *Value) bool {
	left := 1 << 16
	return sameDepth(a, b, 0, &left)
}

// sameDepth looks at no more than left pairs: values may hold each other many
// times over.
func sameDepth(a, b *Value, depth int, left *int) bool {
	if a == b {
		return true
	}
	*left--
	if a == nil || b == nil || a.Kind != b.Kind || depth > 40 || *left < 0 {
		return false
	}
	switch a.Kind {
	case Unknown:
		return false
	case Object:
		return a.Ref == b.Ref
	}
	if a.B != b.B || a.N != b.N || a.F != b.F || a.S != b.S || a.Open != b.Open ||
		len(a.Items) != len(b.Items) || len(a.Keys) != len(b.Keys) {
		return false
	}
	for i := range a.Items {
		if !sameDepth(a.Items[i], b.Items[i], depth+1, left) {
			return false
		}
	}
	for i := range a.Keys {
		if !sameDepth(a.Keys[i], b.Keys[i], depth+1, left) {
			return false
		}
	}
	return true
}
