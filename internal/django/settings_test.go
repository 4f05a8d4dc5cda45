package django

import (
	"fmt"
	"strings"
	"testing"

	"github.com/djharden/djharden/internal/pysrc"
)

func readSettings(t *testing.T, src string) *Settings {
	t.Helper()
	s, err := ReadSettings("school/settings.py", "school.settings", []byte(src))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// show writes a value for comparing: what is unread is ?, what may be is in ().
func show(v *Value) string {
	if v == nil {
		return "unset"
	}
	cond := ""
	if v.Cond {
		cond = "~"
	}
	switch v.Kind {
	case None:
		return cond + "None"
	case Bool:
		return fmt.Sprint(cond, v.Bool)
	case Int:
		return fmt.Sprint(cond, v.Int)
	case String:
		return cond + "'" + v.Str + "'"
	case Duration:
		return fmt.Sprint(cond, v.Int, "s")
	case Path:
		return cond + "path"
	case FromEnv:
		return cond + "env " + v.Env + "=" + show(v.Default)
	case List, Dict:
		var parts []string
		for i, it := range v.Items {
			if v.Kind == Dict {
				parts = append(parts, v.Keys[i]+":"+show(it))
			} else {
				parts = append(parts, show(it))
			}
		}
		open := ""
		if v.Open {
			open = "..."
		}
		for _, m := range v.Maybe {
			open += "(" + show(m) + ")"
		}
		return cond + "[" + strings.Join(parts, " ") + open + "]"
	}
	out := cond + "?"
	for _, m := range v.Maybe {
		out += "(" + show(m) + ")"
	}
	return out
}

func TestSettingsValues(t *testing.T) {
	const env = "import os\nimport environ\nfrom decouple import config, Csv\nfrom datetime import timedelta\nfrom pathlib import Path\nenv = environ.Env(DEBUG=(bool, False))\n"
	for _, c := range []struct{ src, name, want string }{
		{"X = 1", "X", "1"},
		{"X: int = 60 * 60 * 24", "X", "86400"},
		{"X = 'a' 'b'", "X", "'ab'"},
		{"X = ['a']\nX += ['b']", "X", "['a' 'b']"},
		{"X = ['a']\nX.append('b')\nX.insert(0, 'c')\nX.remove('a')", "X", "['c' 'b']"},
		{"A = ['a']\nB = ('b',)\nX = [*A, 'm', *B]", "X", "['a' 'm' 'b']"},
		{"A = ['a']\nX = A + ['b']\nA.append('z')", "X", "['a' 'b']"},
		{"X = ['a'] + more()", "X", "['a'...(?)]"},
		{"X = {'a': 1, **{'b': 2}}\nX['c'] = 3\nX.update({'d': 4}, e=5)", "X", "[a:1 b:2 c:3 d:4 e:5]"},
		{"X = {'a': {'b': 1}}\nX['a']['b'] = 2", "X", "[a:[b:2]]"},
		{"X = {'a': 1} | {'a': 2}", "X", "[a:2]"},
		{"X = dict(a=1)", "X", "[a:1]"},
		{env + "X = timedelta(days=1, minutes=5)", "X", "86700s"},
		{env + "X = timedelta(minutes=int(os.environ['M']))", "X", "?"},
		{env + "X = os.environ.get('A', 'd')", "X", "env A='d'"},
		{env + "X = os.environ['A']", "X", "env A=unset"},
		{env + "X = os.getenv('A')", "X", "env A=None"},
		{env + "X = os.getenv('A', 'True') == 'True'", "X", "env A=true"},
		{env + "X = os.getenv('A', 'a,b').split(',')", "X", "env A='a,b'"},
		{env + "X = [h.strip() for h in os.getenv('A', '').split(',')]", "X", "env A=''"},
		{env + "X = config('A', default=False, cast=bool)", "X", "env A=false"},
		{env + "X = config('A', cast=Csv())", "X", "env A=unset"},
		{env + "X = env('DEBUG')", "X", "env DEBUG=false"},
		{env + "X = env.db('DB', default='sqlite:///x')", "X", "env DB='sqlite:///x'"},
		{env + "X = env.db()", "X", "env DATABASE_URL=unset"},
		{env + "X = Path(__file__).parent / 'x'", "X", "path"},
		{"DEBUG = True\nX = ['a']\nif DEBUG:\n    X += ['b']\nelse:\n    X += ['c']", "X", "['a' 'c']"},
		{"DEBUG = True\nX = 'a' if DEBUG else 'b'", "X", "'b'"},
		{"DEBUG = True\nif not DEBUG:\n    X = 1", "X", "1"},
		{"DEBUG = True\nif DEBUG and y():\n    X = 1", "X", "unset"},
		{"X = ['a']\nif y():\n    X += ['b']", "X", "['a'...('b')]"},
		{"if y():\n    X = 1\nelse:\n    X = 1", "X", "1"},
		{"if y():\n    X = 1\nelif z():\n    X = 2\nelse:\n    X = 3", "X", "~?(1)(2)(3)"},
		{"if y():\n    X = 1", "X", "~?(1)"},
		{"try:\n    X = 1\nexcept E:\n    X = 2", "X", "~?(1)(2)"},
		{"X = []\nfor a in b:\n    X.append(a)", "X", "[...(?)(?)]"},
		{"with open('f') as f:\n    X = f.read()", "X", "?"},
		{"X, Y = 1, 2", "Y", "2"},
		{"X = Y = ['a']\nY += ['b']", "X", "['a']"},
		{"from .logs import X", "X", "?"},
		{"X = 1\ndel X", "X", "unset"},
	} {
		if got := show(readSettings(t, c.src).Vars[c.name]); got != c.want {
			t.Errorf("%q: %s is %s, want %s", c.src, c.name, got, c.want)
		}
	}
}

func TestMoveDown(t *testing.T) {
	const imports = "import os\nimport pathlib\nimport environ\nfrom os.path import dirname, abspath\nfrom pathlib import Path\n"
	for _, c := range [][2]string{
		{"B = Path(__file__).resolve().parent.parent\n", "B = Path(__file__).resolve().parent.parent.parent\n"},
		{"B = pathlib.Path(__file__).parent\n", "B = pathlib.Path(__file__).parent.parent\n"},
		{"B = Path(__file__).resolve().parents[1]\n", "B = Path(__file__).resolve().parents[2]\n"},
		{"B = Path(__file__).resolve(strict=True).parent / 'x'\n", "B = Path(__file__).resolve(strict=True).parent.parent / 'x'\n"},
		{"B = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))\n", "B = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))\n"},
		{"B = os.path.abspath(os.path.dirname(__file__))\n", "B = os.path.abspath(os.path.dirname(os.path.dirname(__file__)))\n"},
		{"B = os.path.join(os.path.dirname(__file__), '..')\n", "B = os.path.join(os.path.dirname(os.path.dirname(__file__)), '..')\n"},
		{"B = dirname(dirname(abspath(__file__)))\n", "B = dirname(dirname(dirname(abspath(__file__))))\n"},
		{"B = environ.Path(__file__) - 2\n", "B = environ.Path(__file__) - 3\n"},
		{"B = str(Path(__file__).parent.parent)\nA = Path(__file__).parent\n", "B = str(Path(__file__).parent.parent.parent)\nA = Path(__file__).parent.parent\n"},
		{"from .logs import LOGGING\nfrom . import x\nfrom ..y import z\n", "from ..logs import LOGGING\nfrom .. import x\nfrom ...y import z\n"},
		{"B = 1 # __file__\n", "B = 1 # __file__\n"},
	} {
		s := readSettings(t, imports+c[0])
		edits, err := s.MoveDown()
		if err != nil {
			t.Errorf("%q: %v", c[0], err)
			continue
		}
		out, err := s.Src.Apply(edits...)
		if err != nil || string(out) != imports+c[1] {
			t.Errorf("%q: got %q, %v", c[0], out, err)
		}
	}
	for _, src := range []string{"B = __file__\n", "B = Path(__file__)\n", "B = open(__file__)\n", "B = f'{__file__}'\n", "B = Path(__file__).parents[n]\n", "B = Path(__file__).parts\n"} {
		if _, err := readSettings(t, imports+src).MoveDown(); err == nil {
			t.Errorf("%q: not refused", src)
		}
	}
}

func TestPinned(t *testing.T) {
	for spec, want := range map[string]string{
		"==5.2.1": "5.2", "~=5.2.0": "5.2", "==6.1": "6.1", "==5.2.*": "5.2", ">=5.2,<6.0": "5.2", ">=5.2,<5.3": "", ">=6.0,<6.1": "6.0",
		">=4.2": "", "": "", "~=5.2": "", ">=5,<6": "", "<6": "", "==2028.1": "2028", ">=5.2.3,<6": "5.2", ">=5.0,<6": "",
	} {
		if got := pinned(spec); got != want {
			t.Errorf("pinned(%q) = %q, want %q", spec, got, want)
		}
	}
}

func TestReqs(t *testing.T) {
	for line, want := range map[string]string{
		"Django==5.2.1": "django ==5.2.1", "django[argon2] >= 5.2 , < 6": "django >=5.2,<6", "psycopg[binary]~=3.1 ; python_version > '3.8'": "psycopg ~=3.1",
		"-e git+https://x/y.git#egg=Some_Pkg": "some-pkg ", "# x": "", "--index-url https://x": "", "dj_database.url": "dj-database-url ",
		"pkg @ https://x/y.whl": "pkg ", "Django (>=5.2)": "django >=5.2",
	} {
		r, ok := parseReq(line)
		if got := r.Name + " " + r.Spec; ok != (want != "") || ok && got != want {
			t.Errorf("%q: %q, %v; want %q", line, got, ok, want)
		}
	}
	for _, c := range []struct {
		spec, floor string
		below       bool
	}{{"==3.14.0", "3.18.3", true}, {"==3.18.3", "3.18.3", false}, {"==4.0", "3.18.3", false}, {">=1", "3.18.3", false}, {"~=3.14.0", "3.18.3", true}, {"~=3.14", "3.18.3", false}, {"<3", "3.18.3", true}, {"", "1", false}, {"==5.2.*", "5.2.19", false}} {
		if got := (Req{Spec: c.spec}).Below(c.floor); got != c.below {
			t.Errorf("%q below %s: %v", c.spec, c.floor, got)
		}
	}
}

// TestBlocks splits every compound statement at its own words.
func TestBlocks(t *testing.T) {
	for src, want := range map[string]string{
		"if a:\n    x\n    y\nelif b if c else d:\n    z\nelse:\n    w\n": "2 1 1",
		"try:\n    x\nexcept E:\n    y\nelse:\n    z\nfinally:\n    w\n":  "1 1 1 1",
		"if a: x; y\nelse: z\n": "2 1",
		"if a:\n    if b:\n        x\n    else:\n        y\n    z\n": "2",
	} {
		m, err := pysrc.Parse([]byte(src))
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, b := range blocks(m, m.Stmts[0]) {
			got = append(got, fmt.Sprint(len(b)))
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%q: %v, want %s", src, got, want)
		}
	}
}
