package scaffold

import (
	"bytes"
	"flag"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/djharden/djharden/internal/django"
)

var update = flag.Bool("update", false, "write examples/ anew")

// exampleSecrets are public: generated settings refuse whatever says "example".
var exampleSecrets = Secrets{
	SecretKey: "example-key-do-not-use-2b7Xq9LkM4nR8sT1vW5yZ0aC3dF6gH_jP-QuEoIx",
	JWTKey:    "example-jwt-do-not-use-9hG2kD7fS4aL1zX6cV0bN5mQ8wE3rT_yU-IoPlKj",
	AdminPath: "staff-example/",
}

// TestExamples renders each folder of examples/ from the djharden.toml in it,
// with fixed secrets, and compares both ways: a file too many is a difference.
// .env is there as dotenv.txt, because each example's own .gitignore knows it.
func TestExamples(t *testing.T) {
	for _, preset := range []string{"lms", "site", "api"} {
		t.Run(preset, func(t *testing.T) {
			dir := filepath.Join("..", "..", "examples", preset)
			want := map[string][]byte{}
			res, err := Render(Input{Answers: recorded(t, dir, preset), Project: &django.Project{}, Secrets: exampleSecrets, Version: "1.0.0"})
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range res.Files {
				if f.Path == ".env" {
					f.Path = "dotenv.txt"
				}
				want[f.Path] = f.Data
			}
			if *update {
				rewrite(t, dir, want)
			}
			got := tree(t, dir)
			for _, name := range slices.Sorted(maps.Keys(want)) {
				if data, ok := got[name]; !ok {
					t.Errorf("%s is missing: go test ./internal/scaffold -run Examples -update", name)
				} else if !bytes.Equal(data, want[name]) {
					t.Errorf("%s differs: go test ./internal/scaffold -run Examples -update", name)
				}
			}
			for name := range got {
				if _, ok := want[name]; !ok {
					t.Errorf("%s is there and not rendered", name)
				}
			}
		})
	}
}

// recorded reads the answers in an example's djharden.toml.
func recorded(t *testing.T, dir, preset string) Answers {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, "djharden.toml"))
	if err != nil {
		t.Fatal(err)
	}
	values, err := ParseTOML(data, "djharden.toml")
	if err != nil {
		t.Fatal(err)
	}
	var a Answers
	for key, value := range values {
		if err := FindOption(key).Set(&a, value); err != nil {
			t.Fatal(err)
		}
	}
	if err := Validate(a); err != nil {
		t.Fatal(err)
	}
	if a.Preset != preset {
		t.Fatalf("preset %q in examples/%s", a.Preset, preset)
	}
	return a
}

// tree reads the files below dir, without what running the example makes.
func tree(t *testing.T, dir string) map[string][]byte {
	t.Helper()
	files := map[string][]byte{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		switch d.Name() {
		case "__pycache__", ".venv", "staticfiles":
			return fs.SkipDir
		case "db.sqlite3", ".env":
			return nil
		}
		if d.IsDir() {
			return nil
		}
		name, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		files[filepath.ToSlash(name)], err = os.ReadFile(path)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func rewrite(t *testing.T, dir string, files map[string][]byte) {
	t.Helper()
	for name := range tree(t, dir) {
		if _, ok := files[name]; !ok {
			if err := os.Remove(filepath.Join(dir, filepath.FromSlash(name))); err != nil {
				t.Fatal(err)
			}
		}
	}
	for name, data := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		perm := fs.FileMode(0o644)
		if name == "manage.py" {
			perm = 0o755
		}
		if err := os.WriteFile(path, data, perm); err != nil {
			t.Fatal(err)
		}
	}
}
