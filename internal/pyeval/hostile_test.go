package pyeval

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"testing/fstest"
	"time"
)

// The bounds of one reading, on any machine and under load.
const (
	hostileTime   = 20 * time.Second
	hostileMemory = 512 << 20
)

// hostile is source that was written to stop its reader, or might as well
// have been.
type hostile struct {
	name  string
	files map[string]string // settings.py is read
}

func one(name, src string) hostile { return hostile{name, map[string]string{"settings.py": src}} }

func hostiles() []hostile {
	rep := strings.Repeat
	var many strings.Builder
	for i := range 60000 {
		fmt.Fprintf(&many, "NAME_%d = [%d, 'x'] + ['%d']\n", i, i, i)
	}
	return []hostile{
		one("a huge string", "X = 'x' * 10**9\nDEBUG = True\n"),
		one("a huge string in steps", "X = 'x'\nfor i in range(40):\n    X += X\nDEBUG = True\n"),
		one("a huge list", "X = [0] * 10**9\n"),
		one("many big strings", "X = 'x' * 1000000\nY = [X + str(i) for i in range(100000)]\nDEBUG = True\n"),
		one("many big strings by join", "X = 'x' * 1000000\nY = [','.join([X] * 1)  + str(i) for i in range(100000)]\n"),
		one("many big strings by replace", "X = 'x' * 100000\nY = [X.replace('x', 'yz') for i in range(100000)]\n"),
		one("many big lists", "X = [0] * 1000000\nY = [X + [i] for i in range(100000)]\n"),
		one("many big lists by slice", "X = list(range(1000000))\nY = [X[:] for i in range(100000)]\n"),
		one("many big dicts", "X = {i: i for i in range(100000)}\nY = [{**X, 'a': i} for i in range(100000)]\n"),
		one("a padded string", "X = '%1000000000d' % 1\nY = '{:>1000000000}'.format(1)\nZ = f'{1:>1000000000}'\nW = 'x'.ljust(10**9)\n"),
		one("a huge number", "X = 10 ** 10 ** 10\nY = 1 << 10 ** 10\nZ = 9 ** 9 ** 9\n"),
		one("division by zero", "X = 1 / 0\n"),
		one("nested comprehensions", "X = [a for a in range(1000) for b in range(1000) for c in range(1000) for d in range(1000)]\n"),
		one("comprehensions within each other", "X = "+rep("[", 30)+"1"+rep(" for a in range(3)]", 30)+"\n"),
		one("a billion laughs", "A = ['ha'] * 10\n"+func() string {
			s := ""
			for i := range 12 {
				s += fmt.Sprintf("%c = [%c] * 10\n", 'B'+i, 'A'+i)
			}
			return s
		}()+"TEXT = str(M)\nSAME = M == M\n"),
		one("a billion laughs joined", "A = 'ha'\n"+rep("A = ','.join([A] * 10)\n", 12)),
		one("a list within itself", "X = []\nX.append(X)\nY = str(X)\nZ = X == X\nW = [*X, *X]\n"),
		one("a dict within itself", "X = {}\nX['x'] = X\nY = repr(X)\nX.update(X)\nZ = {**X}\nimport copy\nW = copy.deepcopy(X)\n"),
		one("an infinite loop", "while True:\n    pass\nDEBUG = True\n"),
		one("an infinite loop that grows", "X = []\nwhile True:\n    X.append('x')\n"),
		one("a loop over what it grows", "X = [1]\nfor x in X:\n    X.append(x)\n"),
		one("an infinite generator", "import itertools\ndef f():\n    while True:\n        yield 1\nX = list(f())\nY = list(itertools.count())\n"),
		one("recursion", "def f(n):\n    return f(n + 1)\nX = f(0)\nDEBUG = True\n"),
		one("two that call each other", "def f(n):\n    return g(n) + g(n)\ndef g(n):\n    return f(n) + f(n)\nX = f(0)\n"),
		one("fibonacci", "def f(n):\n    return n if n < 2 else f(n - 1) + f(n - 2)\nX = f(80)\n"),
		one("a property that recurs", "class A:\n    @property\n    def x(self):\n        return self.x\nX = A().x\n"),
		one("__getattr__ that recurs", "class A:\n    def __getattr__(self, name):\n        return getattr(self, name + 'x')\nX = A().x\n"),
		one("a class of itself", "class A:\n    pass\nA.__bases__ = (A,)\nclass B(A, A):\n    pass\nX = B().x\n"),
		one("a lambda of itself", "f = lambda x: f(f)\nX = f(f)\n"),
		one("decorators", rep("@f\n", 5000)+"def g(): pass\n"),
		one("undecided branches", "import os, random\n"+rep("if random.random() > 0.5:\n    X = 1\nelse:\n    X = 2\n", 300)),
		one("undecided branches within each other", func() string {
			s := "import random\n"
			for i := range 60 {
				s += rep(" ", i) + "if random.random():\n"
			}
			return s + rep(" ", 60) + "X = 1\n"
		}()),
		one("undecided choices multiplied", "import random\nX = 'a' if random.random() else 'b'\n"+rep("X = X + (X if random.random() else 'c')\n", 60)),
		one("undecided loop", "import random\nX = 0\nwhile random.random():\n    X += 1\n    if random.random():\n        break\n"),
		one("undecided recursion", "import random\ndef f(n):\n    return f(n) if random.random() else f(n + 1)\nX = f(0)\n"),
		one("deep brackets", "X = "+rep("[", 150)+rep("]", 150)+"\n"),
		one("deeper brackets", "X = "+rep("[", 100000)+rep("]", 100000)+"\n"),
		one("a long sum", "X = "+rep("'x' + ", 200000)+"''\n"),
		one("a long call chain", "X = ''"+rep(".strip()", 200000)+"\n"),
		one("a long subscript chain", "X = {}"+rep("[0]", 200000)+"\n"),
		one("a long elif", "import os\nif False:\n    pass\n"+rep("elif os.environ.get('A') == 'b':\n    pass\n", 20000)),
		one("a long boolean", "X = "+rep("False or ", 100000)+"True\n"),
		one("a long comparison", "X = "+rep("1 < ", 100000)+"2\n"),
		one("many settings", many.String()),
		one("ten megabytes", "DEBUG = True\n# "+rep("x", 10<<20)+"\n"),
		one("ten megabytes of statements", rep("DEBUG = True\n", 800000)),
		one("import of itself", "from settings import *\nfrom settings import X\nX = 1\n"),
		{"a cycle of imports", map[string]string{"settings.py": "from a import *\n", "a.py": "from b import *\nA = 1\n", "b.py": "from a import *\nB = 2\nfrom settings import *\n"}},
		{"many imports", func() map[string]string {
			m := map[string]string{"settings.py": "from m0 import *\n"}
			for i := range 3000 {
				m[fmt.Sprintf("m%d.py", i)] = fmt.Sprintf("from m%d import *\nX%d = %d\n", i+1, i, i)
			}
			return m
		}()},
		{"a package of itself", map[string]string{"settings.py": "from p.p.p.p import *\nimport p.p\n", "p/__init__.py": "from . import p\nfrom .p import *\nfrom .. import p\nfrom ....... import x\n"}},
		one("relative imports beyond", "from ..................... import x\nfrom . import settings\nfrom .settings import *\n"),
		one("Python 2", "DEBUG = True\nprint 'x'\nexec 'y'\nraise E, 'z'\n`x`\n"),
		one("Python 2 numbers", "DEBUG = True\nMODE = 0777\nX = 10L\nY = ur'x'\nif 1 <> 2: pass\n"),
		one("Python 3.14", "try:\n    X = 1\nexcept ValueError, TypeError:\n    X = 2\nT = t'{X}'\ntype A[T] = list[T]\ndef f[T](x: T) -> T: return x\nmatch X:\n    case {'a': [1, *_], **rest} if X: pass\n    case _: pass\n"),
		one("NULs", "DEBUG = True\x00\nX = 'a\x00b'\n"),
		one("not UTF-8", "DEBUG = True\nX = '\xff\xfe\xfd'\n"),
		one("a coding that lies", "# -*- coding: utf-7 -*-\nDEBUG = True\n"),
		one("Latin-1", "# -*- coding: latin-1 -*-\nX = '\xe9'\nDEBUG = True\n"),
		one("UTF-16", "\xff\xfeD\x00E\x00B\x00U\x00G\x00 \x00=\x00 \x001\x00"),
		one("a BOM and CR", "\ufeffDEBUG = True\rX = 1\r\n"),
		one("a surrogate", "X = '\\ud800'\nY = X + '\\udc00'\nZ = '\\N{BULLET}\\x00\\777'\n"),
		one("empty", ""),
		one("only a quote", "'''"),
		one("tabs and blanks", "if 1:\n\tX = 1\n        Y = 2\n"),
		one("format bombs", "X = '{0.__class__.__mro__}'.format(1)\nY = '%(a)s' % {'a': '%(a)s' * 1000}\nZ = '{:{}}'.format('x', 10**9)\n"),
		one("regular expressions", "import re\nX = re.match('(a+)+$', 'a' * 40 + 'b')\nY = re.sub('', 'x' * 1000, 'x' * 100000)\nZ = re.compile('(' * 10000)\nW = re.split('(?:x?){1000}', 'x' * 100000)\n"),
		one("split and join", "X = ','.join('x' * 1000000).split(',')\nY = X * 100\nZ = [x.split() for x in X]\n"),
		one("json", "import json\nX = json.loads('[' * 100000)\nY = json.loads('[' * 100000 + ']' * 100000)\n"),
		one("literal_eval", "import ast\nX = ast.literal_eval('[' * 100000 + ']' * 100000)\nY = eval('1' + '+1' * 100000)\nexec('X = 1')\n"),
		one("itertools", "import itertools\nX = list(itertools.product(range(100), repeat=20))\nY = list(itertools.permutations(range(1000)))\n"),
		one("exit", "import sys, os\nsys.exit(3)\nos._exit(3)\nDEBUG = True\n"),
		one("wrong arguments", "X = ''.split(1, 2, 3)\nY = int()\nZ = dict(1)\nW = zip(1)\nV = sorted(1, 2)\nU = open()\nT = super()\nS = type()\nR = getattr()\nQ = isinstance(1)\nP = max()\nO = [].pop()\nN = {}.pop()\nM = ''.join()\nL = range()\nK = enumerate()\nJ = sum()\nI = str.format()\n"),
		one("builtins without arguments", func() string {
			s := ""
			for _, f := range strings.Fields("abs all any ascii bin bool bytes callable chr classmethod dict dir divmod enumerate filter float format frozenset getattr globals hasattr hash hex id input int isinstance issubclass iter len list locals map max min next object oct open ord pow print property range repr reversed round set setattr slice sorted staticmethod str sum super tuple type vars zip __import__") {
				s += "try:\n    X = " + f + "()\nexcept Exception:\n    pass\ntry:\n    X = " + f + "(1, 2, 3, 4)\nexcept Exception:\n    pass\ntry:\n    X = " + f + "(None, *[], **{})\nexcept Exception:\n    pass\n"
			}
			return s
		}()),
		one("readers without arguments", func() string {
			s := "import os, environ, decouple, dotenv, environs, dj_database_url, datetime, pathlib\nenv = environ.Env()\nenvs = environs.Env()\n"
			for _, f := range strings.Fields("os.getenv os.environ.get os.environ.pop os.path.join os.path.dirname env env.str env.bool env.int env.list env.db env.dict env.tuple env.json env.cache_url env.path env.read_env envs envs.str envs.bool envs.list envs.read_env envs.dj_db_url envs.timedelta decouple.config decouple.Csv decouple.Csv() decouple.Choices decouple.AutoConfig decouple.Config dotenv.load_dotenv dotenv.dotenv_values dj_database_url.config dj_database_url.parse datetime.timedelta pathlib.Path pathlib.Path().joinpath pathlib.Path().resolve pathlib.Path().read_text") {
				for _, args := range []string{"", "1", "None", "'A'", "'A', 'B', 'C', 'D', 'E'", "'A', cast=1", "'A', default=[]", "default=None", "**{'a': 1}", "*'abc'", "'\\x00'", "'/' * 5000", "'A', lambda: 1"} {
					s += "try:\n    X = " + f + "(" + args + ")\nexcept Exception:\n    pass\n"
				}
			}
			return s
		}()),
	}
}

// TestHostile reads what was made to stop a reader: in bounded time and
// memory, without a crash.
func TestHostile(t *testing.T) {
	for _, h := range hostiles() {
		t.Run(h.name, func(t *testing.T) {
			files := fstest.MapFS{}
			for name, src := range h.files {
				files[name] = &fstest.MapFile{Data: []byte(src)}
			}
			readBounded(t, files)
		})
	}
}

// readBounded loads settings.py within the bounds.
func readBounded(t testing.TB, files fs.FS) *Result {
	t.Helper()
	runtime.GC()
	var before, now runtime.MemStats
	runtime.ReadMemStats(&before)
	done := make(chan *Result)
	go func() {
		defer close(done)
		r, err := Load(Options{FS: files, Path: []string{"."}, Root: "/project", Module: "settings", Env: map[string]string{"SET": "x"}})
		if err != nil {
			t.Errorf("an error of the file system: %v", err)
			return
		}
		checkResult(t, r)
		done <- r
	}()
	end := time.After(hostileTime)
	for tick := time.Tick(50 * time.Millisecond); ; {
		select {
		case r := <-done:
			return r
		case <-end:
			t.Fatalf("it takes longer than %v", hostileTime)
		case <-tick:
			if runtime.ReadMemStats(&now); now.HeapAlloc > before.HeapAlloc+hostileMemory {
				runtime.GC()
				if runtime.ReadMemStats(&now); now.HeapAlloc > before.HeapAlloc+hostileMemory {
					panic(fmt.Sprintf("it holds %d MB", (now.HeapAlloc-before.HeapAlloc)>>20)) // a test that goes on would take the machine with it
				}
			}
		}
	}
}

// checkResult: what a result promises, whatever was read.
func checkResult(t testing.TB, r *Result) {
	t.Helper()
	for name, s := range r.Settings {
		if s.Name != name || s.Value == nil {
			t.Errorf("%s is called %q and has the value %v", name, s.Name, s.Value)
		}
		for _, c := range s.Changes {
			if c.Src != nil && (c.S > c.E || c.E > len(c.Src.Mod.Src)) {
				t.Errorf("%s was set at %d to %d of %d bytes", name, c.S, c.E, len(c.Src.Mod.Src))
			}
		}
		s.Value.Truth()
		s.Value.Known()
		s.Value.Has("x")
		s.Value.Strings()
		if s.Value.Kind == Unknown && s.Value.Why == "" {
			t.Errorf("%s is unknown, for no reason", name)
		}
	}
	for _, name := range r.Order {
		if r.Settings[name] == nil {
			t.Errorf("%s is in the order, and isn't set", name)
		}
	}
	for _, read := range r.Reads {
		if read.Name == "" && read.At.IsZero() {
			t.Error("a variable without a name is read nowhere")
		}
	}
}

// TestSymlinkLoops reads folders that lead into themselves.
func TestSymlinkLoops(t *testing.T) {
	dir := t.TempDir()
	if err := os.Symlink(dir, filepath.Join(dir, "again")); err != nil {
		t.Skipf("no symbolic links here: %v", err)
	}
	for name, to := range map[string]string{"a.py": "b.py", "b.py": "a.py", "settings.pyc": "settings.py"} {
		if err := os.Symlink(to, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	src := "DEBUG = False\ntry:\n    from a import *\nexcept ImportError:\n    pass\nfrom again.again.again.settings import *\nimport again.again.b\n"
	if err := os.WriteFile(filepath.Join(dir, "settings.py"), []byte(src), 0o644); err != nil {
		t.Fatal(err)
	}
	readBounded(t, os.DirFS(dir))
}

// FuzzLoad: nothing panics or hangs, and the result holds together.
func FuzzLoad(f *testing.F) {
	for _, h := range hostiles() {
		if src := h.files["settings.py"]; len(src) < 20000 {
			f.Add([]byte(src))
		}
	}
	files, _ := filepath.Glob("../e2e/testdata/audit/clean/*.txtar")
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		for part := range bytes.SplitSeq(data, []byte("\n-- ")) {
			if name, src, ok := bytes.Cut(part, []byte(" --\n")); ok && bytes.HasSuffix(name, []byte(".py")) {
				f.Add(src)
			}
		}
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		readBounded(t, fstest.MapFS{"settings.py": {Data: src}, "base.py": {Data: []byte("DEBUG = True\nAPPS = ['a']\n")}})
	})
}
