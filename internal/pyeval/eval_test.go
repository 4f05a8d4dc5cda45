package pyeval

import (
	"fmt"
	"sort"
	"strings"
	"testing"
	"testing/fstest"

	"golang.org/x/tools/txtar"
)

// show writes a value as Python would, with what isn't known in words.
func show(v *Value) string {
	if v == nil {
		return "<nil>"
	}
	join := func(l, r string) string {
		var parts []string
		for i, x := range v.Items {
			p := show(x)
			if v.Kind == Dict {
				p = show(v.Keys[i]) + ": " + p
			}
			parts = append(parts, p)
		}
		if v.Open {
			parts = append(parts, "...")
		}
		return l + strings.Join(parts, ", ") + r
	}
	switch v.Kind {
	case Unknown:
		return fmt.Sprintf("?%v", v.Env)
	case None:
		return "None"
	case Bool:
		if v.B {
			return "True"
		}
		return "False"
	case Int:
		return fmt.Sprint(v.N)
	case Float:
		return fmt.Sprint(v.F)
	case Str:
		return fmt.Sprintf("%q", v.S)
	case Bytes:
		return fmt.Sprintf("b%q", v.S)
	case List:
		return join("[", "]")
	case Tuple:
		return join("(", ")")
	case Set, Dict:
		return join("{", "}")
	case Duration:
		return fmt.Sprintf("timedelta(%v)", v.F)
	case Path:
		return fmt.Sprintf("Path(%q)", v.S)
	case Choice:
		var parts []string
		for _, x := range v.Items {
			parts = append(parts, show(x))
		}
		return "<" + strings.Join(parts, " | ") + ">"
	}
	return "object"
}

// evaluate reads the module "settings" of an archive, or the text alone.
func evaluate(t *testing.T, text string, o Options) *Result {
	t.Helper()
	fsys := fstest.MapFS{}
	if !strings.Contains(text, "-- settings") {
		text = "-- settings.py --\n" + text
	}
	for _, f := range txtar.Parse([]byte(text)).Files {
		fsys[f.Name] = &fstest.MapFile{Data: f.Data}
	}
	o.FS = fsys
	if o.Module == "" {
		o.Module = "settings"
	}
	r, err := Load(o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func dump(r *Result) string {
	var b strings.Builder
	names := append([]string{}, r.Order...)
	sort.Strings(names)
	for _, n := range names {
		s := r.Settings[n]
		fmt.Fprintf(&b, "%s = %s", n, show(s.Value))
		if len(s.Value.Env) > 0 {
			fmt.Fprintf(&b, "  %v", s.Value.Env)
		}
		for _, c := range s.Changes {
			line, _ := c.Position()
			fmt.Fprintf(&b, " %s:%d%s", c.Path(), line, c.How)
		}
		fmt.Fprintln(&b)
	}
	if r.Stopped != nil {
		fmt.Fprintf(&b, "stopped: %s\n", r.Stopped.Why)
	}
	for _, g := range r.Guards {
		fmt.Fprintf(&b, "guard: %v\n", g.Vars)
	}
	return b.String()
}

// TestLoad reads one module of everything: values, the places that set them,
// what can't be decided, and what production refuses.
func TestLoad(t *testing.T) {
	got := dump(evaluate(t, `
-- base.py --
import os
DEBUG = os.environ.get('DEBUG', '1') == '1'
SECRET_KEY = os.environ['SECRET_KEY']
A = ['x', 'y']
A += ['z']
A.append('q')
D = {'a': {'b': 1}}
D['a']['c'] = 2
if os.environ.get('KEY2') is None:
    raise ImproperlyConfigured('no')
K = os.environ.get('KEY2')
-- settings.py --
from base import *
DEBUG = False
A[0:1] = ['first']
if SECRET_KEY == 'a':
    A.append('maybe')
    X = 1
else:
    X = 2
def f(a, b=2, *args, **kw):
    for i in range(5):
        if i == a:
            return i * b
    return None
Y = f(3)
Z = [i * 2 for i in range(10) if i % 2]
globals()['G'] = 5
try:
    from .local import *
except ImportError:
    pass
class Base:
    DEBUG = True
    @property
    def X(self):
        return self.DEBUG
class P(Base):
    DEBUG = False
W = P().X
try:
    import debug_toolbar
    T = 1
except ImportError:
    T = 2
if not DEBUG:
    SECURE = True
`, Options{}))
	const want = `A = <["first", "y", "z", "q", "maybe"] | ["first", "y", "z", "q"]>  [SECRET_KEY] base.py:4= base.py:5+= base.py:6append settings.py:3[:] = settings.py:5append
D = {"a": {"b": 1, "c": 2}} base.py:7= base.py:8[...] =
DEBUG = False base.py:2= settings.py:2=
G = 5 settings.py:16globals()
K = ?[KEY2]  [KEY2] base.py:11=
P = object settings.py:26class
SECRET_KEY = ?[SECRET_KEY]  [SECRET_KEY] base.py:3=
SECURE = True settings.py:35=
T = <1 | 2> settings.py:31= settings.py:33=
W = False settings.py:28=
X = <1 | 2>  [SECRET_KEY] settings.py:6= settings.py:8=
Y = 6 settings.py:14=
Z = [2, 6, 10, 14, 18] settings.py:15=
guard: [KEY2]
`
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// TestLoopThatCannotBeFollowed keeps of a dict and a list only what no run of
// the loop can have changed.
func TestLoopThatCannotBeFollowed(t *testing.T) {
	r := evaluate(t, "import os\nD = {'a': 1, 'b': 2}\nL = ['x', 'y']\nN = 0\nfor name in os.environ['NAMES'].split(','):\n    D['a'] = 3\n    L.remove('y')\n    N += 1\n", Options{})
	for name, want := range map[string]string{"D": `{"b": 2, ...}`, "L": `["x", ...]`} {
		if got := show(r.Settings[name].Value); got != want {
			t.Errorf("%s is %s, not %s", name, got, want)
		}
	}
	if n := r.Settings["N"].Value; n.Known() {
		t.Errorf("N is %s", show(n))
	}
}
