package pyeval

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"os"
	osexec "os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// nativeBlock is a block of testdata/natives.txt.
type nativeBlock struct {
	Setup string            `json:"setup"`
	Env   map[string]string `json:"env"`
	Exprs []string          `json:"exprs"`

	loose  []bool // it need not be known here
	lineOf []int
}

// TestNatives compares the models of functions with the functions themselves.
// A model may not know an answer where the table says so; it may never give
// another one.
func TestNatives(t *testing.T) {
	py := readersPython(t)
	root := t.TempDir()
	project := map[string]string{
		"config/__init__.py": "", "README.md": "hello\nworld\n", "data/conf.json": `{"a": [1, 2.5, null], "b": {"c": true}}`, "VERSION": "1.2.3\n",
	}
	for name, text := range project {
		p := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(p, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	blocks := nativeBlocks(t)
	question, err := json.Marshal(blocks)
	if err != nil {
		t.Fatal(err)
	}
	cmd := osexec.Command(py, "testdata/natives.py", root)
	cmd.Stdin, cmd.Stderr = strings.NewReader(string(question)), os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var answers [][]any
	d := json.NewDecoder(strings.NewReader(string(out)))
	d.UseNumber()
	if err := d.Decode(&answers); err != nil {
		t.Fatal(err)
	}
	total, known := 0, 0
	for i, b := range blocks {
		for j, expr := range b.Exprs {
			want := answers[i][j]
			got := evalNative(t, root, b, expr, raised(want))
			total++
			where := fmt.Sprintf("natives.txt:%d: %s", b.lineOf[j], expr)
			switch a, w := compact(got), compact(want); {
			case a == w:
				known++
				if b.loose[j] {
					t.Errorf("%s is known after all: take its ~ away", where)
				}
			case unsure(got) && b.loose[j]:
			case unsure(got):
				t.Errorf("%s\n  is %s here and %s in Python", where, a, w)
			default:
				t.Errorf("%s\n  is WRONG: %s here and %s in Python", where, a, w)
			}
		}
	}
	t.Logf("%d expressions, %d known", total, known)
}

// readersPython is the interpreter that make venvs gives the readers' packages.
func readersPython(t *testing.T) string {
	t.Helper()
	found, err := filepath.Glob("../../.cache/venvs/readers-*/bin/python")
	if err != nil {
		t.Fatal(err)
	}
	if len(found) == 0 {
		const why = "no environment to compare with: make venvs"
		if os.Getenv("CI") != "" {
			t.Fatal(why)
		}
		t.Skip(why)
	}
	return found[len(found)-1]
}

// nativeBlocks reads testdata/natives.txt: a block is its setup, a line of ---
// with the environment as JSON, then expressions up to a line of ===.
func nativeBlocks(t *testing.T) []*nativeBlock {
	t.Helper()
	text, err := os.ReadFile("testdata/natives.txt")
	if err != nil {
		t.Fatal(err)
	}
	var out []*nativeBlock
	b := &nativeBlock{Env: map[string]string{}, Exprs: []string{}}
	inSetup := true
	for i, line := range strings.Split(string(text), "\n") {
		switch {
		case line == "===":
			out = append(out, b)
			b = &nativeBlock{Env: map[string]string{}, Exprs: []string{}}
			inSetup = true
		case strings.HasPrefix(line, "---"):
			inSetup = false
			if js := strings.TrimSpace(line[3:]); js != "" {
				if err := json.Unmarshal([]byte(js), &b.Env); err != nil {
					t.Fatalf("natives.txt:%d: %v", i+1, err)
				}
			}
		case inSetup:
			b.Setup += line + "\n"
		case line == "" || strings.HasPrefix(line, "# "):
		default:
			expr, loose := strings.CutPrefix(line, "~ ")
			b.Exprs, b.loose, b.lineOf = append(b.Exprs, expr), append(b.loose, loose), append(b.lineOf, i+1)
		}
	}
	if len(b.Exprs) > 0 {
		out = append(out, b)
	}
	return out
}

// raised is the class of the exception that is the answer.
func raised(want any) string {
	if m, ok := want.(map[string]any); ok {
		s, _ := m["raises"].(string)
		return s
	}
	return ""
}

// evalNative evaluates an expression of a block with the models.
func evalNative(t *testing.T, root string, b *nativeBlock, expr, raises string) any {
	src, class, name := b.Setup+"RESULT = ("+expr+")\n", "", "RESULT"
	if attr, ok := strings.CutPrefix(expr, "C."); ok { // a setting of a class of django-configurations
		src, class, name = b.Setup, "C", attr
	}
	if module, name, ok := cutLast(raises); ok {
		src = b.Setup
		if module != "builtins" {
			src += "from " + module + " import " + name + "\n"
		}
		src += "try:\n    RESULT = (" + expr + ")\nexcept " + name + ":\n    RAISED = True\n"
	}
	path := filepath.Join(root, "config", "settings.py")
	if err := os.WriteFile(path, []byte(src), 0o644); err != nil {
		t.Fatal(err)
	}
	r, err := Load(Options{FS: os.DirFS(root), Root: root, Path: []string{"."}, Module: "config.settings", Class: class, Env: maps.Clone(b.Env), Installed: installed})
	if err != nil {
		t.Fatal(err)
	}
	if r.Get("RAISED") != nil && !r.Get("RAISED").Absent && r.Get("RAISED").Value.Kind == Bool {
		return map[string]any{"raises": raises}
	}
	if r.Stopped != nil {
		return map[string]any{"stopped": r.Stopped.Why}
	}
	s := r.Get(name)
	if s == nil {
		return map[string]any{"stopped": "no result"}
	}
	return plain(s.Value)
}

// installed is what the environment that make venvs makes for the readers has.
func installed(name string) Truth {
	return truth(name != "django_redis" && name != "pymemcache")
}

func cutLast(dotted string) (before, after string, ok bool) {
	i := strings.LastIndexByte(dotted, '.')
	if i < 0 {
		return "", "", false
	}
	return dotted[:i], dotted[i+1:], true
}

// plain is what testdata/natives.py makes of a value.
func plain(v *Value) any {
	all := func() []any {
		out := []any{}
		for _, x := range v.Items {
			out = append(out, plain(x))
		}
		if v.Open {
			out = append(out, map[string]any{"unknown": "more"})
		}
		return out
	}
	switch v.Kind {
	case None:
		return nil
	case Bool:
		return v.B
	case Int:
		return json.Number(fmt.Sprint(v.N))
	case Float:
		return bits("n", v.F)
	case Str:
		return v.S
	case Bytes:
		var latin []rune
		for _, c := range []byte(v.S) {
			latin = append(latin, rune(c))
		}
		return map[string]any{"b": string(latin)}
	case Path:
		return map[string]any{"p": v.S}
	case Duration:
		return bits("td", v.F)
	case List:
		return all()
	case Tuple:
		return map[string]any{"t": all()}
	case Set:
		items := all()
		slices.SortFunc(items, func(a, b any) int { return strings.Compare(compact(a), compact(b)) })
		return map[string]any{"s": items}
	case Dict:
		out := []any{}
		for i, x := range all() {
			if i < len(v.Keys) {
				x = []any{plain(v.Keys[i]), x}
			}
			out = append(out, x)
		}
		slices.SortFunc(out, func(a, b any) int { return strings.Compare(compact(a), compact(b)) }) // the order is compared as list(d)
		return map[string]any{"d": out}
	case Object:
		return map[string]any{"o": 1}
	}
	return map[string]any{"unknown": v.Reason()}
}

// bits is a float, exactly.
func bits(kind string, f float64) any {
	return map[string]any{kind: fmt.Sprintf("%016x", math.Float64bits(f))}
}

func compact(v any) string {
	out, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return string(out)
}

// unsure says whether a value holds something unknown.
func unsure(v any) bool {
	switch x := v.(type) {
	case []any:
		return slices.ContainsFunc(x, unsure)
	case map[string]any:
		for k, y := range x {
			if k == "unknown" || unsure(y) {
				return true
			}
		}
	}
	return false
}
