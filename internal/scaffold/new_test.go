package scaffold

import (
	"bytes"
	"io/fs"
	"maps"
	"path"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/djharden/djharden/internal/django"
	"github.com/djharden/djharden/internal/plan"
	"github.com/djharden/djharden/internal/pysrc"
)

// TestRenderCombinations holds what is true of every render.
func TestRenderCombinations(t *testing.T) {
	for name, a := range combinations() {
		a.DatabaseURL = "postgres://user:hunter2-database@db.example.com/name?sslmode=verify-full"
		res := render(t, a, &django.Project{})
		if again := render(t, a, &django.Project{}); !reflect.DeepEqual(res, again) {
			t.Fatalf("%s: two renders differ", name)
		}
		seen := map[string]bool{}
		for _, f := range res.Files {
			where := name + "/" + f.Path
			if seen[f.Path] {
				t.Errorf("%s is there twice", where)
			}
			seen[f.Path] = true
			judgeText(t, where, f)
			if path.Ext(f.Path) == ".py" {
				if _, err := pysrc.Parse(f.Data); err != nil {
					t.Errorf("%s: %v", where, err)
				}
			}
			if f.Path == ".env" {
				if f.Perm != 0o600 || !f.Secret {
					t.Errorf("%s: perm %o, secret %t", where, f.Perm, f.Secret)
				}
				continue
			}
			for _, secret := range []string{testSecrets.SecretKey, testSecrets.JWTKey, testSecrets.AdminPath, "hunter2", ":pw@", "staff-staff-"} {
				if bytes.Contains(f.Data, []byte(secret)) {
					t.Errorf("%s holds a secret, %q", where, secret)
				}
			}
		}
	}
}

// judgeText looks for what a template leaves behind.
func judgeText(t *testing.T, where string, f plan.File) {
	t.Helper()
	if f.Reason == "" {
		t.Errorf("%s has no reason", where)
	}
	text := string(f.Data)
	if text == "" {
		return
	}
	if !strings.HasSuffix(text, "\n") || strings.HasSuffix(text, "\n\n") || strings.HasPrefix(text, "\n") {
		t.Errorf("%s doesn't begin or end with a line", where)
	}
	for i, line := range strings.Split(text, "\n") {
		switch {
		case strings.TrimRight(line, " \t\r") != line:
			t.Errorf("%s:%d ends in blanks", where, i+1)
		case strings.Contains(line, "<no value>"), strings.Contains(line, "<%"), strings.Contains(line, "%>"), strings.Contains(line, "\t"):
			t.Errorf("%s:%d: %q", where, i+1, line)
		}
	}
}

// TestTemplatesAreUsed counts: embedding leaves out names that begin with a
// dot or an underscore unless told otherwise, and a template without a row in
// newFiles is never made.
func TestTemplatesAreUsed(t *testing.T) {
	want := []string{"README.md.tmpl"}
	for _, f := range newFiles {
		want = append(want, f.path+".tmpl")
	}
	var got []string
	err := fs.WalkDir(newTree(), ".", func(p string, d fs.DirEntry, err error) error {
		if !d.IsDir() {
			got = append(got, p)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("embedded:\n%q\nin newFiles:\n%q", got, want)
	}
	made := map[string]bool{}
	for _, a := range combinations() {
		for _, f := range render(t, a, &django.Project{}).Files {
			made[f.Path] = true
		}
	}
	for _, f := range newFiles {
		if !made[f.path] {
			t.Errorf("no combination makes %s", f.path)
		}
	}
}

func TestRenderUnknownSeries(t *testing.T) {
	a := testAnswers("lms", "5.1")
	if _, err := Render(Input{Answers: a}); err == nil || !strings.Contains(err.Error(), `"5.1"`) {
		t.Errorf("error %v", err)
	}
}

// written is a project as it is on disk after a render.
func written(res Result, kind django.Kind) *django.Project {
	p := &django.Project{Kind: kind, HasEnv: true, Files: map[string][]byte{}}
	for _, f := range res.Files {
		p.Files[f.Path] = f.Data
	}
	return p
}

// A second init changes nothing: whole files come out the same, and what is
// patched has nothing left to add. .env is the user's by then.
func TestRenderAgain(t *testing.T) {
	for name, a := range combinations() {
		first := render(t, a, &django.Project{})
		again := render(t, a, written(first, django.Made))
		if len(again.Files) != len(first.Files) {
			t.Errorf("%s: %d files, then %d", name, len(first.Files), len(again.Files))
		}
		for _, f := range again.Files {
			if old := file(t, first, f.Path); !bytes.Equal(old.Data, f.Data) || old.Owner != f.Owner {
				t.Errorf("%s: %s changes", name, f.Path)
			}
		}
	}
}

func TestRenderClone(t *testing.T) {
	a := testAnswers("lms", "5.2")
	p := written(render(t, a, &django.Project{}), django.Made)
	delete(p.Files, ".env")
	p.HasEnv = false
	a.RedisURL = MaskURL("rediss://user:hunter2@cache.example.com:6379/0")
	res := render(t, a, p)
	if len(res.Files) != 1 {
		t.Fatalf("%d files", len(res.Files))
	}
	env := file(t, res, ".env")
	for name, want := range map[string]string{"SECRET_KEY": testSecrets.SecretKey, "REDIS_URL": "", "ADMIN_PATH": testSecrets.AdminPath} {
		if got, ok := DotEnvValue(env.Data, name); !ok || got != want {
			t.Errorf("%s is %q", name, got)
		}
	}
	if !slices.ContainsFunc(res.Warnings, func(w Warning) bool { return w.Code == "redis-url" }) {
		t.Error("no word on the Redis URL")
	}
	p.Files[".gitignore"] = []byte("*.pyc\n")
	if res := render(t, a, p); !bytes.Contains(file(t, res, ".gitignore").Data, []byte("\n.env\n")) {
		t.Error(".env is written where git doesn't ignore it")
	}
}

// TestRenderBeside is a folder with files of the user's in it, but no Django.
func TestRenderBeside(t *testing.T) {
	p := &django.Project{HasEnv: true, Files: map[string][]byte{
		"README.md":        []byte("# Mine\n"),
		"requirements.txt": []byte("requests==2.0\r\ndjango >= 4\r\nDjango_Axes[ipware]==8"),
		".gitignore":       []byte("/media\n.env\n!.env"),
		".env":             []byte("SECRET_KEY=mine\nTOKEN='a b'\n"),
		"Dockerfile":       []byte("FROM python\n"),
	}}
	res := render(t, testAnswers("site", "5.2"), p)
	if f := file(t, res, "DEPLOYMENT.md"); f.Owner != plan.Once {
		t.Error("DEPLOYMENT.md is not the user's after the write")
	}
	if slices.ContainsFunc(res.Files, func(f plan.File) bool { return f.Path == "README.md" }) {
		t.Error("README.md is touched")
	}
	got := string(file(t, res, "requirements.txt").Data)
	if !strings.HasPrefix(got, "requests==2.0\r\ndjango >= 4\r\nDjango_Axes[ipware]==8\r\nargon2-cffi>=25.1\r\n") || strings.Count(strings.ToLower(got), "axes") != 1 || strings.Contains(got, "\nDjango~=") {
		t.Errorf("requirements.txt:\n%q", got)
	}
	if got := string(file(t, res, ".gitignore").Data); got != "/media\n.env\n!.env\n.env\n/db.sqlite3\n/staticfiles/\n/.venv/\n__pycache__/\n" {
		t.Errorf(".gitignore:\n%s", got)
	}
	env := file(t, res, ".env")
	if !bytes.HasPrefix(env.Data, p.Files[".env"]) || env.Owner != plan.Patch || bytes.Contains(env.Data, []byte(testSecrets.SecretKey)) || !bytes.Contains(env.Data, []byte("\nADMIN_PATH=")) {
		t.Errorf(".env:\n%s", env.Data)
	}
	if !bytes.Contains(file(t, res, ".dockerignore").Data, []byte(".env\n")) {
		t.Error(".env goes into images")
	}
	codes := map[string]bool{}
	for _, w := range res.Warnings {
		codes[w.Code] = true
	}
	for _, code := range []string{"env-kept", "requirements-kept", "proxy", "hsts", "backup"} {
		if !codes[code] {
			t.Errorf("no warning %s", code)
		}
	}
}

var reads = regexp.MustCompile(`(?:env|strict)\.\w+\(\s*(?:# .*\n\s*)?"([A-Z_]+)"`)

// Every variable that a generated file reads is in .env.example, and the other
// way round.
func TestVariablesAreListed(t *testing.T) {
	for name, a := range combinations() {
		res := render(t, a, &django.Project{})
		read := map[string]bool{}
		for _, f := range res.Files {
			if strings.HasPrefix(f.Path, "config/settings/") {
				for _, m := range reads.FindAllSubmatch(f.Data, -1) {
					read[string(m[1])] = true
				}
			}
		}
		listed := map[string]bool{}
		for line := range strings.SplitSeq(string(file(t, res, ".env.example").Data), "\n") {
			if v, _, ok := strings.Cut(line, "="); ok && isEnvName(v) {
				listed[v] = true
			}
		}
		if !maps.Equal(read, listed) {
			t.Fatalf("%s: read %q, listed %q", name, slices.Sorted(maps.Keys(read)), slices.Sorted(maps.Keys(listed)))
		}
	}
}

func TestAssign(t *testing.T) {
	flat := func(n int) string { return `name = "` + strings.Repeat("a", n) + `"` }
	folded := func(n int) string { return "name = (\n        \"" + strings.Repeat("a", n) + "\"\n    )" }
	for _, c := range []struct {
		length int
		want   func(int) string
	}{{75, flat}, {76, folded}, {78, folded}, {79, flat}} { // 88 columns; 79 fits neither way
		if got := assign(4, "name", strings.Repeat("a", c.length)); got != c.want(c.length) {
			t.Errorf("%d:\n%s", c.length, got)
		}
	}
}

func BenchmarkRender(b *testing.B) {
	in := Input{Answers: testAnswers("lms", "6.1"), Project: &django.Project{}, Secrets: testSecrets, Version: "1.0.0"}
	for b.Loop() {
		if _, err := Render(in); err != nil {
			b.Fatal(err)
		}
	}
}
