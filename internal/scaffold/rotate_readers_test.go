package scaffold

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/djharden/djharden/internal/django"
)

// dotenvs makes .env files as people write them: in any reader's syntax, with
// whatever Django, a shell or a person takes for a key.
type dotenvs struct{ hostile }

var startproject = "abcdefghijklmnopqrstuvwxyz0123456789!@#$%^&*(-_=+)"

func (d dotenvs) key() string {
	switch d.IntN(4) {
	case 0:
		return d.text(6)
	case 1: // as startproject makes it
		b := make([]byte, 50)
		for i := range b {
			b[i] = startproject[d.IntN(len(startproject))]
		}
		return "django-insecure-" + string(b)
	}
	key, err := newKey()
	if err != nil {
		panic(err)
	}
	return key
}

func (d dotenvs) one(of ...string) string { return of[d.IntN(len(of))] }

func (d dotenvs) line(name, value string) string {
	quote := d.one("", "", "'", `"`)
	return d.one("", "", "", "export ", " ") + name + d.one("=", "=", "=", " = ", "= ") + quote + value + quote + d.one("", "", "", " ", " # mine", "#mine", "  ")
}

func (d dotenvs) file() string {
	lines := []string{d.line("SECRET_KEY", d.key())}
	switch d.IntN(4) {
	case 0:
		lines = append(lines, "SECRET_KEY_FALLBACKS="+d.one("", "''", `""`, " "))
	case 1:
		lines = append(lines, "# Old keys.", "# Replaced: 2026-10-01", d.line("SECRET_KEY_FALLBACKS", d.key()))
	case 2:
		lines = append(lines, "SECRET_KEY_FALLBACKS="+d.one(strings.Repeat("k1", 30)+","+strings.Repeat("k2", 30), "one,two"))
	}
	for range d.IntN(4) {
		lines = slices.Insert(lines, d.IntN(len(lines)+1), d.one("", "# SECRET_KEY=old", "#", d.line("OTHER", d.text(4)), d.line("DEBUG", "1"), "; SECRET_KEY", "what is this"))
	}
	text := strings.Join(lines, d.one("\n", "\n", "\r\n")) + d.one("\n", "\n", "")
	return d.one("", "", "", "", "\ufeff") + text
}

type envReading struct {
	Error  string
	Values map[string]*string
	Old    []string
}

// readEnvs reads files with every reader.
func readEnvs(t *testing.T, py string, files map[string]string) map[string]map[string]envReading {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command(py, "testdata/rotated.py", dir)
	cmd.Env = append(os.Environ(), "PYTHONUTF8=1")
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, stderr.String())
	}
	var got map[string]map[string]envReading
	if err := json.Unmarshal(out, &got); err != nil {
		t.Fatal(err)
	}
	return got
}

var rotatedBy = map[string]django.Reader{"by_dotenv": django.ReadsDotenv, "by_environs": django.ReadsEnvirons, "by_environ": django.ReadsEnviron, "by_decouple": django.ReadsDecoup}

// TestRotateReadersAgree rotates the key in .env files that djharden didn't
// write, and reads them before and after with the readers themselves: the new
// key is the key, the old one is the first of the old ones, and nothing else
// is different.
func TestRotateReadersAgree(t *testing.T) {
	py := readersPython(t)
	d := dotenvs{hostile{rand.New(rand.NewPCG(20261125, 5))}}
	type job struct{ before, reader, after, key string }
	files, jobs, refused := map[string]string{}, map[string]job{}, map[string]int{}
	for i := range 500 {
		text := d.file()
		before := fmt.Sprintf("%04d", i)
		files[before] = text
		for name, reader := range rotatedBy {
			key, err := newKey()
			if err != nil {
				t.Fatal(err)
			}
			out, err := Rotate(Rotation{Key: RotateKeys[0], Env: []byte(text), Keys: readsSecretKey(reader), Secrets: Secrets{SecretKey: key}, Now: time.Now()})
			var no *django.Refusal
			if errors.As(err, &no) {
				refused[name]++
				continue
			} else if err != nil {
				t.Fatal(err)
			}
			after := before + name
			files[after], jobs[after] = string(out.File.Data), job{before, name, after, key}
			keepsLines(t, text, files[after])
		}
	}
	got := readEnvs(t, py, files)
	wrong, right := 0, map[string]int{}
	for _, j := range jobs {
		was, is := got[j.before][j.reader], got[j.after][j.reader]
		if was.Error != "" || was.Values["SECRET_KEY"] == nil {
			continue // that reader has no such key in this file
		}
		if why := compare(j.reader, was, is, j.key); why != "" && wrong < 5 {
			wrong++
			t.Errorf("%s: %s\n%q\n%q", j.reader, why, files[j.before], files[j.after])
		}
		right[j.reader]++
	}
	t.Logf("rotated %v, refused %v", right, refused)
	for reader := range rotatedBy {
		if right[reader] < 80 {
			t.Errorf("%s: only %d files were compared", reader, right[reader])
		}
	}
}

// readsSecretKey are settings that read both variables with a reader.
func readsSecretKey(reader django.Reader) *django.Keys {
	return &django.Keys{
		SecretKey:       []django.KeyRead{{Path: "settings.py", Line: 1, Strings: []string{"SECRET_KEY"}}},
		SecretFallbacks: []django.KeyRead{{Path: "settings.py", Line: 2, Strings: []string{"SECRET_KEY_FALLBACKS"}, CSV: reader == django.ReadsDecoup}},
		Readers:         []django.Reader{reader},
	}
}

func compare(reader string, was, is envReading, key string) string {
	if is.Error != "" {
		return is.Error
	}
	if v := is.Values["SECRET_KEY"]; v == nil || *v != key {
		return fmt.Sprintf("the key isn't %s", key)
	}
	if v := was.Values["SECRET_KEY_FALLBACKS"]; v == nil && is.Values["SECRET_KEY_FALLBACKS"] == nil || reader == "by_decouple" && v != nil && strings.Contains(*v, "#") {
		return "" // it doesn't read that line; Csv() takes a # for a comment
	}
	want := slices.DeleteFunc(trimmed(was.Old), func(k string) bool { return k == "" || k == *was.Values["SECRET_KEY"] })
	if old := *was.Values["SECRET_KEY"]; old != "" {
		want = append([]string{old}, want...)
	}
	if !slices.Equal(trimmed(is.Old), want) {
		return fmt.Sprintf("old keys %q, want %q", is.Old, want)
	}
	for _, name := range []string{"OTHER", "DEBUG"} {
		if a, b := was.Values[name], is.Values[name]; (a == nil) != (b == nil) || a != nil && *a != *b {
			return name + " is another"
		}
	}
	return ""
}

func trimmed(list []string) []string {
	out := []string{}
	for _, s := range list {
		out = append(out, strings.TrimSpace(s))
	}
	return out
}

// keepsLines holds that every line about something else is there again, in
// order and with its own end.
func keepsLines(t *testing.T, before, after string) {
	t.Helper()
	rest := slices.Collect(strings.Lines(after))
	for line := range strings.Lines(before) {
		if strings.Contains(line, "SECRET_KEY") || strings.Contains(line, "Replaced:") {
			continue
		}
		i := slices.Index(rest, line)
		if i < 0 {
			t.Errorf("the line %q is gone\n%q\n%q", line, before, after)
			return
		}
		rest = rest[i+1:]
	}
}
