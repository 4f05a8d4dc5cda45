package django

import (
	"bytes"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"
)

// pyproject reads the packages of PEP 621, PEP 735 and Poetry.
func (r *packageReader) pyproject(file string, src []byte) error {
	var doc struct {
		Project struct {
			Dependencies []string
			Optional     map[string][]string `toml:"optional-dependencies"`
		}
		Groups map[string][]any `toml:"dependency-groups"`
		Tool   struct {
			Poetry struct {
				Dependencies map[string]any
				Dev          map[string]any `toml:"dev-dependencies"`
				Group        map[string]struct{ Dependencies map[string]any }
			}
			UV struct {
				Dev []string `toml:"dev-dependencies"`
			}
		}
	}
	if err := toml.Unmarshal(src, &doc); err != nil {
		return err
	}
	r.pep508(file, src, doc.Project.Dependencies, false)
	for _, group := range slices.Sorted(maps.Keys(doc.Project.Optional)) {
		r.pep508(file, src, doc.Project.Optional[group], forDevFile(group))
	}
	for _, group := range slices.Sorted(maps.Keys(doc.Groups)) {
		var list []string
		for _, item := range doc.Groups[group] { // {include-group = "..."} is read with its own
			if s, ok := item.(string); ok {
				list = append(list, s)
			}
		}
		r.pep508(file, src, list, forDevFile(group))
	}
	r.pep508(file, src, doc.Tool.UV.Dev, true)
	poetry := doc.Tool.Poetry
	r.poetry(file, src, poetry.Dependencies, false)
	r.poetry(file, src, poetry.Dev, true)
	for _, group := range slices.Sorted(maps.Keys(poetry.Group)) {
		r.poetry(file, src, poetry.Group[group].Dependencies, forDevFile(group))
	}
	return nil
}

func (r *packageReader) pep508(file string, src []byte, list []string, dev bool) {
	for _, s := range list {
		if q, ok := requirement(s); ok {
			q.Path, q.Line = file, 1
			for _, quote := range []string{`"`, `'`} {
				if at := bytes.Index(src, []byte(quote+s+quote)); at >= 0 {
					q.Line = Line(src, at)
				}
			}
			r.add(q, dev)
		}
	}
}

// poetry adds a table of name = "^1.2", or name = {version = "^1.2"}.
func (r *packageReader) poetry(file string, src []byte, table map[string]any, dev bool) {
	for _, name := range slices.Sorted(maps.Keys(table)) {
		if strings.EqualFold(name, "python") {
			continue
		}
		q := Req{Name: PinName(name), Path: file, Line: keyLine(src, name)}
		switch v := table[name].(type) {
		case string:
			q.Spec = poetrySpec(v)
		case map[string]any:
			if s, ok := v["version"].(string); ok {
				q.Spec = poetrySpec(s)
			}
			if optional, _ := v["optional"].(bool); optional {
				continue
			}
		}
		r.add(q, dev)
	}
}

func keyLine(src []byte, name string) int {
	re := regexp.MustCompile(`(?m)^\s*["']?` + regexp.QuoteMeta(name) + `["']?\s*=`)
	if m := re.FindIndex(src); m != nil {
		return Line(src, m[0]+len(src[m[0]:m[1]])-1)
	}
	return 1
}

// poetrySpec writes Poetry's own operators as pip's: ^1.2.3 is >=1.2.3,<2.
func poetrySpec(s string) string {
	var out []string
	for part := range strings.SplitSeq(strings.ReplaceAll(s, " ", ""), ",") {
		v, caret := strings.CutPrefix(part, "^")
		t, tilde := strings.CutPrefix(part, "~")
		switch {
		case part == "*" || part == "":
			continue
		case caret:
			out = append(out, ">="+v, "<"+bump(v, caretAt(v)))
		case tilde && !strings.HasPrefix(t, "="):
			out = append(out, ">="+t, "<"+bump(t, min(strings.Count(t, "."), 1)))
		case part[0] >= '0' && part[0] <= '9':
			out = append(out, "=="+part)
		default:
			out = append(out, part)
		}
	}
	return strings.Join(out, ",")
}

// caretAt is the part that a caret keeps: the first that isn't 0.
func caretAt(v string) int {
	parts := strings.Split(v, ".")
	for i, p := range parts {
		if p != "0" {
			return i
		}
	}
	return len(parts) - 1
}

// bump is the version whose part is one higher, without those after it.
func bump(v string, part int) string {
	parts := strings.Split(v, ".")[:part+1]
	var n int
	_, _ = fmt.Sscan(parts[part], &n) // what is no number counts as 0
	parts[part] = fmt.Sprint(n + 1)
	return strings.Join(parts, ".")
}

// pipfile reads the packages and dev-packages of a Pipfile.
func (r *packageReader) pipfile(file string, src []byte) error {
	var doc struct {
		Packages map[string]any
		Dev      map[string]any `toml:"dev-packages"`
	}
	if err := toml.Unmarshal(src, &doc); err != nil {
		return err
	}
	r.poetry(file, src, doc.Packages, false)
	r.poetry(file, src, doc.Dev, true)
	return nil
}
