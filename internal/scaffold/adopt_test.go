package scaffold

import (
	"bytes"
	"errors"
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/djharden/djharden/internal/django"
	"github.com/djharden/djharden/internal/plan"
	"github.com/djharden/djharden/internal/pysrc"

	"github.com/rogpeppe/go-internal/txtar"
)

var updateAdopt = flag.Bool("update-adopt", false, "rewrite the goldens of adopted projects")

var adoptSecrets = Secrets{
	SecretKey: "test-Key_0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRS",
	JWTKey:    "test-Jwt_0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRS",
	AdminPath: "staff-abcdefgh/",
}

// files reads a txtar as a file system; change may alter each file.
func adoptFS(t *testing.T, name string, change func(string, []byte) []byte) fstest.MapFS {
	t.Helper()
	a, err := txtar.ParseFile(filepath.Join("testdata", "adopt", name))
	if err != nil {
		t.Fatal(err)
	}
	out := fstest.MapFS{}
	for _, f := range a.Files {
		data := f.Data
		if change != nil {
			data = change(f.Name, data)
		}
		out[f.Name] = &fstest.MapFile{Data: data}
	}
	return out
}

func adoptAnswers(p *django.Project) Answers {
	a := Defaults(p)
	a.Name, a.Domains = "lms", []string{"lms.example.com"}
	if p.Series != "" {
		a.Django = p.Series
	}
	ApplyPreset(&a, nil)
	return a
}

func adopt(t *testing.T, fsys fs.FS, change func(*Answers)) (Result, *django.Project) {
	t.Helper()
	p, err := django.Read(fsys, "")
	if err != nil {
		t.Fatal(err)
	}
	if p.Kind != django.Single {
		t.Fatalf("kind %d", p.Kind)
	}
	a := adoptAnswers(p)
	if change != nil {
		change(&a)
	}
	if err := Validate(a); err != nil {
		t.Fatal(err)
	}
	res, err := Render(Input{Answers: a, Project: p, Secrets: adoptSecrets, Version: "1.0"})
	if err != nil {
		t.Fatal(err)
	}
	return res, p
}

func fileOf(t *testing.T, res Result, path string) plan.File {
	t.Helper()
	i := slices.IndexFunc(res.Files, func(f plan.File) bool { return f.Path == path })
	if i < 0 {
		t.Fatalf("no %s among the files", path)
	}
	return res.Files[i]
}

var adoptFixtures = []string{"reference-lms", "decouple", "environ", "dotenv"}

// TestAdoptGolden holds the settings of each fixture to what was tried on
// Django; go test -update-adopt rewrites them.
func TestAdoptGolden(t *testing.T) {
	for _, name := range adoptFixtures {
		t.Run(name, func(t *testing.T) {
			res, p := adopt(t, adoptFS(t, name+".txtar", nil), nil)
			a := &txtar.Archive{}
			dir := strings.TrimSuffix(p.Path, ".py")
			want := []string{dir + "/base.py", dir + "/dev.py", dir + "/env.py", dir + "/prod.py", p.URLs.Path, "manage.py", "requirements.txt", ".env", ".env.example"}
			for _, path := range want {
				a.Files = append(a.Files, txtar.File{Name: path, Data: fileOf(t, res, path).Data})
			}
			golden := filepath.Join("testdata", "adopt", "golden", name+".txtar")
			if *updateAdopt {
				if err := os.MkdirAll(filepath.Dir(golden), 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(golden, txtar.Format(a), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			old, err := txtar.ParseFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			for i, f := range a.Files {
				if i >= len(old.Files) || !bytes.Equal(old.Files[i].Data, txtar.Parse(txtar.Format(&txtar.Archive{Files: []txtar.File{f}})).Files[0].Data) {
					t.Errorf("%s differs from %s (go test -update-adopt rewrites it):\n%s", f.Name, golden, f.Data)
				}
			}
		})
	}
}

// forms are the ways in which the same text may stand on disk.
var forms = map[string]func([]byte) []byte{
	"lf":     func(b []byte) []byte { return b },
	"crlf":   func(b []byte) []byte { return bytes.ReplaceAll(b, []byte("\n"), []byte("\r\n")) },
	"bom":    func(b []byte) []byte { return append([]byte("\ufeff"), b...) },
	"tabs":   func(b []byte) []byte { return bytes.ReplaceAll(b, []byte("    "), []byte("\t")) },
	"no-end": func(b []byte) []byte { return bytes.TrimRight(b, "\n") },
	"crlfbom": func(b []byte) []byte {
		return append([]byte("\ufeff"), bytes.ReplaceAll(b, []byte("\n"), []byte("\r\n"))...)
	},
}

// TestAdoptKeepsLines proves that each line of the user's files is still there,
// byte for byte, but for the few that are said to change.
func TestAdoptKeepsLines(t *testing.T) {
	for _, name := range adoptFixtures {
		for form, change := range forms {
			t.Run(name+"/"+form, func(t *testing.T) {
				fsys := adoptFS(t, name+".txtar", func(path string, b []byte) []byte {
					if strings.HasSuffix(path, ".py") && len(b) > 0 || path == "requirements.txt" && form != "bom" && form != "crlfbom" {
						return change(b)
					}
					return b
				})
				res, p := adopt(t, fsys, nil)
				base := fileOf(t, res, strings.TrimSuffix(p.Path, ".py")+"/base.py")
				lost := lostLines(fsys[p.Path].Data, base.Data)
				for _, line := range lost {
					if !mayChange(line) {
						t.Errorf("base.py lost %q", line)
					}
				}
				if _, err := pysrc.Parse(base.Data); err != nil {
					t.Error(err)
				}
				if form == "crlf" && bytes.Contains(bytes.ReplaceAll(base.Data, []byte("\r\n"), nil), []byte("\n")) {
					t.Error("base.py mixes line endings")
				}
				if form == "bom" && (!bytes.HasPrefix(base.Data, []byte("\ufeff")) || bytes.Count(base.Data, []byte("\ufeff")) != 1) {
					t.Error("base.py lost its byte order mark, or has two")
				}
				for _, f := range res.Files {
					if f.Owner == plan.Patch && f.Was != nil && !f.Remove && !strings.HasSuffix(f.Path, ".env.example") {
						for _, line := range lostLines(f.Was, f.Data) {
							if !mayChange(line) {
								t.Errorf("%s lost %q", f.Path, line)
							}
						}
					}
				}
			})
		}
	}
}

// mayChange are the lines that adoption changes on purpose.
func mayChange(line string) bool {
	for _, part := range []string{"__file__", "SECRET_KEY", "PASSWORD", "API_KEY", "DEBUG =", "DJANGO_SETTINGS_MODULE", "admin.site.urls", "parents[", "SECRET_ACCESS_KEY"} {
		if strings.Contains(line, part) {
			return true
		}
	}
	return false
}

// lostLines are the lines of old, as often as they stand there, that new lacks.
func lostLines(old, new []byte) []string {
	old, new = bytes.TrimPrefix(old, bom), bytes.TrimPrefix(new, bom)
	have := map[string]int{}
	for line := range strings.SplitSeq(string(new), "\n") {
		have[line]++
	}
	var lost []string
	lines := strings.Split(string(old), "\n")
	for i, line := range lines {
		if i == len(lines)-1 && have[line] == 0 && have[line+"\r"] > 0 { // the last line got an end
			continue
		}
		if have[line]--; have[line] < 0 {
			lost = append(lost, line)
		}
	}
	return lost
}

// TestAdoptSecrets proves that a moved secret stands in .env alone, and that a
// dropped key stands nowhere.
func TestAdoptSecrets(t *testing.T) {
	moved := map[string][]string{
		"reference-lms": {"abcd efgh ijkl mnop", "sk_test_51ReferenceLmsStripeKey"},
		"decouple":      {"key-3ax6xnjp29jd6fds4gc373sgvjxteol0"},
		"dotenv":        {"p#ssw&rd 1", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"},
	}
	dropped := map[string]string{
		"reference-lms": "x8(c!$w1#reference",
		"environ":       "unsafe-but-real",
		"dotenv":        "abcdefghijklmnopqrstuvwxyz0123456789$%",
	}
	for _, name := range adoptFixtures {
		res, p := adopt(t, adoptFS(t, name+".txtar", nil), nil)
		for _, f := range res.Files {
			for _, secret := range moved[name] {
				if in := bytes.Contains(f.Data, []byte(secret)); in != (f.Path == ".env") {
					t.Errorf("%s: %q in %s: %v", name, secret, f.Path, in)
				}
			}
			if d := dropped[name]; d != "" && bytes.Contains(f.Data, []byte(d)) {
				t.Errorf("%s: the old key is in %s", name, f.Path)
			}
			if f.Path != ".env" && bytes.Contains(f.Data, []byte("test-Key_")) {
				t.Errorf("%s: a new key is in %s", name, f.Path)
			}
		}
		for _, w := range res.Warnings {
			for _, secret := range append(moved[name], dropped[name]) {
				if secret != "" && strings.Contains(w.Message, secret) {
					t.Errorf("%s: a warning shows a secret: %s", name, w.Code)
				}
			}
		}
		for _, f := range res.Files {
			if (f.Path == p.Path || strings.HasSuffix(f.Path, "/base.py")) && len(moved[name]) > 0 && !slices.ContainsFunc(f.Mask, func(m string) bool { return strings.Contains(m, moved[name][0]) }) {
				t.Errorf("%s: %s doesn't mask its secrets", name, f.Path)
			}
		}
	}
}

// TestAdoptTwice proves that a project that was adopted stays as it is, and
// that a fresh clone of it gets a whole .env.
func TestAdoptTwice(t *testing.T) {
	for _, name := range adoptFixtures {
		fsys := adoptFS(t, name+".txtar", nil)
		res, p := adopt(t, fsys, nil)
		first, _ := envNamesIn(fileOf(t, res, ".env").Data)
		for _, f := range res.Files {
			delete(fsys, f.Path)
			if !f.Remove {
				fsys[f.Path] = &fstest.MapFile{Data: f.Data}
			}
		}
		again, err := django.Read(fsys, "")
		if err != nil || again.Kind != django.Made {
			t.Fatalf("%s: kind %d, %v", name, again.Kind, err)
		}
		a := adoptAnswers(p)
		a.Settings = p.Module
		in := Input{Answers: a, Project: again, Secrets: adoptSecrets, Version: "1.0"}
		second, err := Render(in)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range second.Files {
			if !bytes.Equal(fsys[f.Path].Data, f.Data) {
				t.Errorf("%s: %s changes the second time", name, f.Path)
			}
		}
		delete(fsys, ".env")
		if in.Project, err = django.Read(fsys, ""); err != nil {
			t.Fatal(err)
		}
		clone, err := Render(in)
		if err != nil {
			t.Fatal(err)
		}
		got, _ := envNamesIn(fileOf(t, clone, ".env").Data)
		for _, n := range first {
			if !slices.Contains(got, n) {
				t.Errorf("%s: a clone's .env lacks %s", name, n)
			}
		}
	}
}

// envNamesIn are the names of a .env file.
func envNamesIn(data []byte) ([]string, error) {
	var out []string
	for _, e := range scanEnv(data) {
		out = append(out, e.name)
	}
	return out, nil
}

// TestAdoptRefuses holds each refusal to its words: the comment of the txtar is
// the error and the manual step.
func TestAdoptRefuses(t *testing.T) {
	list, err := filepath.Glob("testdata/adopt/refuse/*.txtar")
	if err != nil || len(list) < 30 {
		t.Fatalf("%d refusals, %v", len(list), err)
	}
	for _, name := range list {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			a, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			fsys := adoptFS(t, "plain.txtar", nil)
			for _, f := range a.Files {
				data := f.Data
				if s, ok := strings.CutPrefix(string(data), "+"); ok { // appended
					data = append(bytes.Clone(fsys[f.Name].Data), strings.TrimPrefix(s, "\n")...)
				}
				if string(data) == "REMOVE\n" {
					delete(fsys, f.Name)
					continue
				}
				fsys[f.Name] = &fstest.MapFile{Data: data}
			}
			err = func() error {
				p, err := django.Read(fsys, "")
				if err != nil {
					return err
				}
				answers := adoptAnswers(p)
				answers.Admin2FA = strings.Contains(string(a.Comment), "second factor")
				_, err = Render(Input{Answers: answers, Project: p, Secrets: adoptSecrets, Version: "1.0"})
				return err
			}()
			var r *django.Refusal
			if !errors.As(err, &r) {
				t.Fatalf("not refused: %v", err)
			}
			if got, want := r.Error()+"\n"+r.Manual+"\n", string(a.Comment); got != want {
				if *updateAdopt {
					a.Comment = []byte(got)
					if err := os.WriteFile(name, txtar.Format(a), 0o644); err != nil {
						t.Fatal(err)
					}
					return
				}
				t.Errorf("got\n%swant\n%s", got, want)
			}
		})
	}
}
