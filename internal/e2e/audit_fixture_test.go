package e2e

import (
	"bytes"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
)

// fixture is a small project of testdata/audit: its files as text, and what is
// true of them.
type fixture struct {
	Name     string
	Text     string            // what it is, or what is wrong with it
	Series   string            // of Django
	Module   string            // the settings that production loads
	Class    string            // of django-configurations
	Requires []string          // packages that the environments of the tests lack
	Env      map[string]string // what it takes to start; {root} is the folder
	NoSetup  bool              // its database driver isn't installed: only the settings are loaded
	Tracked  []string          // files that git tracks; none: there is no git
	Rules    []string          // seeded: the rules, any of which finds it
	Seed     map[string][]int  // seeded: the lines that decide, by file; none: the setting is missing
	True     []string          // clean: rules that rightly fail all the same
	Accepts  []string          // clean: what check --deploy says all the same
	Files    map[string][]byte // outside the project where the name begins with ../
}

var fixtureKeys = []string{"base", "django", "module", "class", "requires", "setup", "env", "git", "rules", "true", "accepts"}

// seedMark ends a line that decides a seeded defect; the project doesn't have it.
const seedMark = "  #<<"

// readFixture reads a project of testdata/audit/<kind>, on top of its base.
//
// The comment of the archive is words, then "key: value" lines. A file of the
// archive is named as in the project; "append NAME" adds to the base's, and
// "edit NAME" changes it: lines to find, once, with a - before each, then the
// lines that take their place, with a +. An empty line parts two changes.
func readFixture(t testing.TB, kind, name string) *fixture {
	t.Helper()
	file := filepath.Join("testdata/audit", kind, name+".txtar")
	archive, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	f := &fixture{Name: name, Files: map[string][]byte{}, Seed: map[string][]int{}}
	own := map[string]string{}
	for line := range strings.Lines(string(archive.Comment)) {
		key, value, ok := strings.Cut(strings.TrimSpace(line), ": ")
		if ok && slices.Contains(fixtureKeys, key) {
			own[key] = value
		} else {
			f.Text += line
		}
	}
	if base := own["base"]; base != "" {
		b := readFixture(t, "clean", base)
		text := f.Text
		*f = *b
		f.Name, f.Text = name, text
	}
	for key, value := range own {
		switch key {
		case "base":
		case "django":
			f.Series = value
		case "module":
			f.Module = value
		case "class":
			f.Class = value
		case "requires":
			f.Requires = strings.Fields(value)
		case "setup":
			f.NoSetup = true
		case "git":
			f.Tracked = strings.Fields(value)
		case "rules":
			f.Rules = strings.Fields(value)
		case "accepts":
			f.Accepts = strings.Fields(value)
		case "true":
			f.True = strings.Fields(value)
		case "env":
			f.Env = map[string]string{}
			for _, kv := range strings.Fields(value) {
				k, v, _ := strings.Cut(kv, "=")
				f.Env[k] = v
			}
		default:
			t.Fatalf("%s: what is %q?", file, key)
		}
	}
	for _, file := range archive.Files {
		if err := f.add(file); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
	}
	f.stock()
	f.marks()
	return f
}

func (f *fixture) add(file txtar.File) error {
	how, name, ok := strings.Cut(file.Name, " ")
	if !ok {
		how, name = "", file.Name
	}
	switch how {
	case "":
		f.Files[name] = file.Data
	case "outside":
		f.Files["../"+name] = file.Data
	case "remove":
		delete(f.Files, name)
	case "append":
		f.Files[name] = append(bytes.Clone(f.Files[name]), file.Data...)
	case "edit":
		out, err := edit(f.Files[name], string(file.Data))
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		f.Files[name] = out
	default:
		return fmt.Errorf("what is %q?", file.Name)
	}
	return nil
}

// edit applies the changes of an "edit" file.
func edit(src []byte, changes string) ([]byte, error) {
	type hunk struct{ old, new string }
	var hunks []hunk
	last := ' '
	for line := range strings.Lines(changes) {
		switch line[0] {
		case '-':
			if last != '-' {
				hunks = append(hunks, hunk{})
			}
			hunks[len(hunks)-1].old += line[1:]
		case '+':
			if len(hunks) == 0 {
				return nil, fmt.Errorf("a change begins with what it replaces")
			}
			hunks[len(hunks)-1].new += line[1:]
		case '\n':
		default:
			return nil, fmt.Errorf("neither - nor +: %q", line)
		}
		last = rune(line[0])
	}
	text := "\n" + string(src)
	for _, h := range hunks {
		if n := strings.Count(text, "\n"+h.old); n != 1 {
			return nil, fmt.Errorf("%q is there %d times", h.old, n)
		}
		text = strings.Replace(text, "\n"+h.old, "\n"+h.new, 1)
	}
	return []byte(text[1:]), nil
}

// stock adds what startproject writes and the archive leaves out.
func (f *fixture) stock() {
	top, _, _ := strings.Cut(f.Module, ".")
	for name, text := range map[string]string{
		"manage.py": "#!/usr/bin/env python\nimport os\nimport sys\n\nif __name__ == \"__main__\":\n    os.environ.setdefault(\"DJANGO_SETTINGS_MODULE\", \"" + f.Module +
			"\")\n    from django.core.management import execute_from_command_line\n\n    execute_from_command_line(sys.argv)\n",
		path.Join(top, "__init__.py"): "",
		path.Join(top, "wsgi.py"): "import os\n\nfrom django.core.wsgi import get_wsgi_application\n\nos.environ.setdefault(\"DJANGO_SETTINGS_MODULE\", \"" +
			f.Module + "\")\n\napplication = get_wsgi_application()\n",
	} {
		if _, ok := f.Files[name]; !ok {
			f.Files[name] = []byte(text)
		}
	}
}

// marks takes the marks out of the files and keeps their lines.
func (f *fixture) marks() {
	for name, data := range f.Files {
		if !bytes.Contains(data, []byte(seedMark)) {
			continue
		}
		for i, line := range strings.Split(string(data), "\n") {
			if strings.HasSuffix(line, seedMark) {
				f.Seed[name] = append(f.Seed[name], i+1)
			}
		}
		f.Files[name] = bytes.ReplaceAll(data, []byte(seedMark+"\n"), []byte("\n"))
	}
}

// at says where the defect is, for messages.
func (f *fixture) at() string {
	var out []string
	for name, lines := range f.Seed {
		for _, n := range lines {
			out = append(out, name+":"+strconv.Itoa(n))
		}
	}
	return strings.Join(out, " ")
}

// write puts the project below dir, in a folder of its name, and returns it.
func (f *fixture) write(t testing.TB, dir string) string {
	t.Helper()
	root := filepath.Join(dir, f.Name, "project")
	for name, data := range f.Files {
		file := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

// environMap is the environment that the project starts in.
func (f *fixture) environMap(root string) map[string]string {
	out := map[string]string{}
	for k, v := range f.Env {
		out[k] = strings.ReplaceAll(v, "{root}", filepath.Dir(root))
	}
	return out
}

// environ is the same as a process takes it.
func (f *fixture) environ(root string) []string {
	var out []string
	for k, v := range f.environMap(root) {
		out = append(out, k+"="+v)
	}
	return out
}

// fixtures are the names of a kind, sorted.
func fixtures(t testing.TB, kind string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("testdata/audit", kind, "*.txtar"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no fixtures of %s: %v", kind, err)
	}
	for i, file := range files {
		files[i] = strings.TrimSuffix(filepath.Base(file), ".txtar")
	}
	return files
}
