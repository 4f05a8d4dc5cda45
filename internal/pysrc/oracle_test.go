package pysrc

import (
	"cmp"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

// astRange is a record of testdata/ranges.py.
type astRange struct{ Kind, Line, Col, EndLine, EndCol int32 }

// found is a range in bytes, with the name that ranges.py has for its kind.
type found struct {
	kind string
	s, e int
}

// TestCPythonAgrees compares the byte ranges of expressions and statements with
// those of CPython's ast, over its standard library and Django.
func TestCPythonAgrees(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: the whole standard library takes half a minute")
	}
	script, err := os.ReadFile("testdata/ranges.py")
	if err != nil {
		t.Fatal(err)
	}
	more, err := os.ReadFile("testdata/structure.py")
	if err != nil {
		t.Fatal(err)
	}
	kinds := kindsOf(t, string(script))
	py := python(t)
	files := pythonFiles(t, stdlib(t, py))
	if len(files) < 500 {
		t.Fatalf("only %d files in the standard library of %s", len(files), py)
	}
	if dir := djangoDir(t); dir != "" {
		files = append(files, pythonFiles(t, dir)...)
	}
	j := newJudge(t, string(script)+string(more))
	type job struct {
		path string
		want []astRange
		text string
	}
	jobs := make(chan job, 8)
	var wg sync.WaitGroup
	var compared, refused atomic.Int64
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for j := range jobs {
				if j.want == nil {
					refused.Add(1)
				}
				compared.Add(int64(compareFile(t, j.path, j.want, j.text, kinds)))
			}
		})
	}
	for _, path := range files {
		want, text, err := j.ranges(path)
		if err != nil {
			close(jobs)
			t.Fatalf("%s: %v", path, err)
		}
		jobs <- job{path, want, text}
	}
	close(jobs)
	wg.Wait()
	t.Logf("%s: %d files, of which it refuses %d itself; %d ranges", py, len(files), refused.Load(), compared.Load())
}

// compareFile gives the number of ranges that were compared.
func compareFile(t *testing.T, path string, want []astRange, text string, kinds []string) int {
	src, err := os.ReadFile(path)
	if err != nil {
		t.Error(err)
		return 0
	}
	m, err := Parse(src)
	if want == nil {
		return 0 // broken on purpose, for tests of CPython's own
	}
	if err != nil {
		t.Errorf("%s: CPython reads it, and here: %v", path, err)
		return 0
	}
	if m.opaque {
		return 0 // ast counts columns in UTF-8, which this file is not in
	}
	starts := lineStarts(m)
	compareStructure(t, path, &outline{m: m, starts: starts}, text)
	theirs := make([]found, len(want))
	for i, r := range want {
		theirs[i] = found{kinds[r.Kind], starts[r.Line-1] + int(r.Col), starts[r.EndLine-1] + int(r.EndCol)}
	}
	ours := ranges(m)
	order := func(a, b found) int {
		return cmp.Or(a.s-b.s, a.e-b.e, strings.Compare(a.kind, b.kind))
	}
	slices.SortFunc(theirs, order)
	slices.SortFunc(ours, order)
	for i := range max(len(ours), len(theirs)) {
		if i < len(ours) && i < len(theirs) && ours[i] == theirs[i] {
			continue
		}
		for _, side := range []struct {
			who  string
			list []found
		}{{"CPython", theirs}, {"here", ours}} {
			if i < len(side.list) {
				f := side.list[i]
				line, col := m.Position(f.s)
				t.Errorf("%s:%d:%d: %s has %s %q", path, line, col, side.who, f.kind, src[f.s:min(f.e, f.s+60)])
			}
		}
		return i
	}
	return len(ours)
}

func lineStarts(m *Module) []int {
	start := 0
	if m.BOM {
		start = len(utf8BOM)
	}
	out := []int{start}
	for i := start; i < len(m.Src); i++ {
		if n := m.eol(i); n > 0 {
			i += n - 1
			out = append(out, i+1)
		}
	}
	return out
}

var nodeKinds = map[NodeKind]string{
	Call: "Call", List: "List", Dict: "Dict", Set: "Set", Tuple: "Tuple", Sub: "Subscript", Attr: "Attribute",
	Star: "Starred", Lambda: "Lambda", IfExp: "IfExp", Await: "Await", Unary: "UnaryOp", Walrus: "NamedExpr",
	Slice: "Slice", KwArg: "keyword", Str: "str", FStr: "JoinedStr", Num: "number",
}

var simpleKinds = map[string]string{
	"return": "Return", "del": "Delete", "raise": "Raise", "assert": "Assert", "global": "Global",
	"nonlocal": "Nonlocal", "pass": "Pass", "break": "Break", "continue": "Continue", "type": "TypeAlias",
}

// ranges are what ranges.py gives, found by this reader.
func ranges(m *Module) []found {
	var out []found
	Walk(m.Stmts, func(s *Stmt) {
		if k := m.stmtName(s); k != "" {
			out = append(out, found{k, s.S, s.E})
		}
		if s.Kind == SImport || s.Kind == SFrom {
			for _, a := range s.Names {
				out = append(out, found{"alias", a.S, a.E})
			}
		}
	}, func(n *Node) {
		if k := m.nodeName(n); k != "" {
			f := found{k, n.S, n.E}
			if n.Kind == Comp && !m.bracketed(n) { // ast gives it the parentheses of its call
				i := m.tokenAt(n.S) - 1
				f.s, f.e = int(m.Toks[i].S), int(m.Toks[m.Toks[i].Match].E)
			}
			out = append(out, f)
		}
	})
	return out
}

// bracketed says whether n has brackets of its own around it.
func (m *Module) bracketed(n *Node) bool {
	open := m.Toks[m.tokenAt(n.S)]
	return open.Match >= 0 && int(m.Toks[open.Match].E) == n.E
}

func (m *Module) nodeName(n *Node) string {
	switch n.Kind {
	case Bin:
		switch n.Name {
		case "+", "-", "*", "/", "//", "%", "@", "**", "<<", ">>", "|", "&", "^":
			return "BinOp"
		}
		return "" // ast puts a chain of the others into one node
	case Yield:
		return "Yield"
	case Comp:
		return "comprehension"
	}
	return nodeKinds[n.Kind]
}

func (m *Module) stmtName(s *Stmt) string {
	switch s.Kind {
	case SExpr:
		return "Expr"
	case SAssign:
		return "Assign"
	case SAug:
		return "AugAssign"
	case SAnn:
		return "AnnAssign"
	case SImport:
		return "Import"
	case SFrom:
		return "ImportFrom"
	case SOther:
		return simpleKinds[s.Key]
	}
	if m.Src[s.S] == '@' {
		return ""
	}
	return s.Key
}

// oneName has the names that ranges.py has for what is one kind here.
var oneName = map[string]string{
	"ListComp": "comprehension", "SetComp": "comprehension", "DictComp": "comprehension", "GeneratorExp": "comprehension",
	"If": "if", "For": "for", "AsyncFor": "for", "While": "while", "Try": "try", "TryStar": "try", "With": "with",
	"AsyncWith": "with", "Match": "match", "FunctionDef": "def", "AsyncFunctionDef": "def", "ClassDef": "class",
	"YieldFrom": "Yield",
}

// kindsOf reads the names of the kinds, by number, out of ranges.py.
func kindsOf(t *testing.T, script string) []string {
	m, err := Parse([]byte(script))
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, s := range m.Stmts {
		if s.Kind == SAssign && s.Targets[0].Name == "KINDS" {
			v, _ := m.Literal(s.Value)
			for _, name := range v.([]any) {
				out = append(out, cmp.Or(oneName[name.(string)], name.(string)))
			}
		}
	}
	return out
}

func pythonFiles(t *testing.T, dir string) []string {
	var out []string
	err := filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == "site-packages" || d.Name() == "__pycache__") && p != dir {
			return filepath.SkipDir
		}
		if strings.HasSuffix(p, ".py") && d.Type().IsRegular() {
			out = append(out, p)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func stdlib(t *testing.T, py string) string {
	out, err := exec.Command(py, "-c", "import sysconfig; print(sysconfig.get_path('stdlib'))").Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}

// djangoDir finds an installed Django: in DJHARDEN_DJANGO, a site-packages
// folder, or in one of the environments of the tests.
func djangoDir(t *testing.T) string {
	if dir := os.Getenv("DJHARDEN_DJANGO"); dir != "" {
		return filepath.Join(dir, "django")
	}
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	dirs, err := filepath.Glob(filepath.Join(root, ".cache/venvs/[0-9]*/lib/python*/site-packages/django"))
	if err != nil {
		t.Fatal(err)
	}
	if len(dirs) == 0 {
		if os.Getenv("CI") != "" {
			t.Error("no Django to compare on: make venvs, or set DJHARDEN_DJANGO to a site-packages folder")
		} else {
			t.Log("no Django to compare on: make venvs, or set DJHARDEN_DJANGO to a site-packages folder")
		}
		return ""
	}
	return dirs[len(dirs)-1]
}
