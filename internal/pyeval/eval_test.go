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
		return strings.ReplaceAll(join("<", ">"), ", ", " | ")
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

func TestTry(t *testing.T) {
	r := evaluate(t, `
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
`, Options{})
	fmt.Println(dump(r))
}
