package plan

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"sort"
	"strings"
	"testing"
)

// tree is a folder's files and folders: path -> "mode contents".
type tree map[string]string

func readTree(t testing.TB, root string) tree {
	t.Helper()
	got := tree{}
	err := filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) && p == root {
			return nil
		}
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, p)
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		text := info.Mode().String()
		if runtime.GOOS == "windows" {
			text = info.Mode().Type().String()
		}
		if info.Mode().IsRegular() {
			data, err := os.ReadFile(p)
			if err != nil {
				return err
			}
			text += " " + string(data)
		}
		got[filepath.ToSlash(rel)] = text
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func (a tree) diff(b tree) string {
	var out []string
	for name, text := range a {
		if other, ok := b[name]; !ok {
			out = append(out, "- "+name)
		} else if other != text {
			out = append(out, fmt.Sprintf("~ %s: %q, %q", name, text, other))
		}
	}
	for name := range b {
		if _, ok := a[name]; !ok {
			out = append(out, "+ "+name)
		}
	}
	sort.Strings(out)
	return strings.Join(out, "\n")
}

// wantTree fails the test where root isn't want.
func wantTree(t testing.TB, root string, want tree, when string) {
	t.Helper()
	if d := want.diff(readTree(t, root)); d != "" {
		t.Fatalf("%s: the tree differs:\n%s", when, d)
	}
}

// project makes a folder with files and gives djharden a state folder.
func project(t testing.TB, files map[string]string) string {
	t.Helper()
	t.Setenv("XDG_STATE_HOME", filepath.Join(t.TempDir(), "state"))
	root := filepath.Join(t.TempDir(), "site")
	fill(t, root, files)
	return root
}

func fill(t testing.TB, root string, files map[string]string) {
	t.Helper()
	if err := os.MkdirAll(root, 0o755); err != nil {
		t.Fatal(err)
	}
	for name, text := range files {
		put(t, root, name, text)
	}
}

func put(t testing.TB, root, name, text string) {
	t.Helper()
	p := filepath.Join(root, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(p, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func mustMake(t testing.TB, root string, files []File) *Plan {
	t.Helper()
	p, err := Make(root, files)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func mustApply(t testing.TB, p *Plan) {
	t.Helper()
	if err := p.Apply(context.Background()); err != nil {
		t.Fatal(err)
	}
}

func diffOf(t testing.TB, p *Plan) string {
	t.Helper()
	var b bytes.Buffer
	if err := p.Diff(&b, false); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// actions lists a plan's changes as "action path".
func actions(p *Plan) string {
	var list []string
	for _, c := range p.Changes() {
		list = append(list, string(c.Action)+" "+c.Path)
	}
	return strings.Join(list, "\n")
}

const oldSettings = "import os\n\nSECRET_KEY = \"django-insecure-abc\"\nDEBUG = True\nINSTALLED_APPS = []\nROOT_URLCONF = \"mysite.urls\"\n"

// adoption is a project and what djharden would want of it: every kind of
// file and action at once.
func adoption() (map[string]string, []File) {
	onDisk := map[string]string{
		"manage.py":          "#!/usr/bin/env python\nimport os\n",
		"mysite/settings.py": oldSettings,
		"mysite/urls.py":     "urlpatterns = []\n",
		"mysite/__init__.py": "",
		".gitignore":         "*.pyc\n",
		"README":             "mine\n",
	}
	moved := strings.Replace(oldSettings, "SECRET_KEY = \"django-insecure-abc\"\n", "", 1)
	return onDisk, []File{
		{Path: "mysite/settings/__init__.py", Data: []byte("raise SystemExit\n")},
		{Path: "mysite/settings/base.py", Owner: Patch, From: "mysite/settings.py", Was: []byte(oldSettings), Data: []byte(moved), Mask: []string{"django-insecure-abc"}},
		{Path: "mysite/settings/prod.py", Data: []byte("from .base import *\n")},
		{Path: "mysite/settings.py", Remove: true, Was: []byte(oldSettings), Reason: "it is settings/base.py now"},
		{Path: "manage.py", Owner: Patch, Was: []byte(onDisk["manage.py"]), Data: []byte(onDisk["manage.py"] + "main()\n"), Perm: 0o755},
		{Path: "mysite/urls.py", Owner: Patch, Was: []byte(onDisk["mysite/urls.py"]), Data: []byte("urlpatterns = [1]\n")},
		{Path: ".env", Owner: Once, Secret: true, Perm: 0o600, Data: []byte("# keep me safe\nSECRET_KEY=new-secret-value\nDATABASE_URL=\n")},
		{Path: ".gitignore", Owner: Patch, Was: []byte("*.pyc\n"), Data: []byte("*.pyc\n.env\n")},
		{Path: "README", Owner: Once, Data: []byte("djharden's\n")},
		{Path: "deploy/nginx/site.conf", Data: []byte("server {}\n")},
	}
}

func TestApply(t *testing.T) {
	onDisk, files := adoption()
	root := project(t, onDisk)
	before := readTree(t, root)
	p := mustMake(t, root, files)
	want := `create mysite/settings/__init__.py
create mysite/settings/base.py
create mysite/settings/prod.py
remove mysite/settings.py
update manage.py
update mysite/urls.py
create .env
update .gitignore
kept README
create deploy/nginx/site.conf`
	if got := actions(p); got != want {
		t.Errorf("actions:\n%s\nwant:\n%s", got, want)
	}
	wantTree(t, root, before, "after Make")
	mustApply(t, p)
	after := readTree(t, root)
	for name, text := range map[string]string{
		"manage.py":                                 "-rwxr-xr-x #!/usr/bin/env python\nimport os\nmain()\n",
		".env":                                      "-rw------- # keep me safe\nSECRET_KEY=new-secret-value\nDATABASE_URL=\n",
		"README":                                    "-rw-r--r-- mine\n",
		".djharden/base/mysite/settings/prod.py":    "-rw-r--r-- from .base import *\n",
		".djharden/base/deploy/nginx/site.conf":     "-rw-r--r-- server {}\n",
		"mysite/settings/base.py":                   "-rw-r--r-- import os\n\nDEBUG = True\nINSTALLED_APPS = []\nROOT_URLCONF = \"mysite.urls\"\n",
		"mysite/settings.py":                        "",
		".djharden/base/mysite/settings/base.py":    "",
		".djharden/base/.env":                       "",
		".djharden/base/mysite/settings/nothing.py": "",
	} {
		if runtime.GOOS == "windows" && text != "" {
			text = "----------" + text[10:]
		}
		if after[name] != text {
			t.Errorf("%s is %q, want %q", name, after[name], text)
		}
	}
	for name := range after {
		if strings.HasSuffix(name, tempSuffix) {
			t.Errorf("%s was left behind", name)
		}
	}

	u, err := UndoPlan(root)
	if err != nil {
		t.Fatal(err)
	}
	mustApply(t, u)
	wantTree(t, root, before, "after undo")
	dir, err := stateDir(u.root)
	if err != nil {
		t.Fatal(err)
	}
	if left := readTree(t, dir); len(left) != 1 {
		t.Errorf("the state folder still holds %v", left)
	}
	if u, err = UndoPlan(root); err != nil || !u.Empty() {
		t.Errorf("a second undo: %v, empty %v", err, u.Empty())
	}
}

func TestApplyTwiceChangesNothing(t *testing.T) {
	root := filepath.Join(project(t, nil), "deep", "er")
	files := []File{
		{Path: "manage.py", Data: []byte("x\n"), Perm: 0o755},
		{Path: "config/urls.py", Data: []byte("u\n")},
		{Path: ".env", Owner: Once, Secret: true, Data: []byte("A=b\n")},
	}
	mustApply(t, mustMake(t, root, files))
	after := readTree(t, root)
	p := mustMake(t, root, files)
	if !p.Empty() {
		t.Errorf("a second plan isn't empty:\n%s", actions(p))
	}
	if d := diffOf(t, p); d != "" {
		t.Errorf("a second plan has a diff:\n%s", d)
	}
	mustApply(t, p)
	wantTree(t, root, after, "after the second Apply")
	u, err := UndoPlan(root)
	if err != nil {
		t.Fatal(err)
	}
	mustApply(t, u)
	if _, err := os.Stat(filepath.Dir(root)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the folders that the write made are still there: %v", err)
	}
}
