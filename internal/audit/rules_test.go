package audit

import (
	"bytes"
	"crypto/sha1"
	"encoding/binary"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/djharden/djharden/internal/django"
)

// missing ends a test that lacks something of the machine: in CI that is a
// failure, because nobody reads what was skipped there.
func missing(t testing.TB, format string, args ...any) {
	t.Helper()
	if os.Getenv("CI") != "" {
		t.Fatalf("CI is set, and "+format, args...)
	}
	t.Skipf(format, args...)
}

// example lays out a rule's example over the hardened project: what comes
// before the first file is added to its settings, files are added to the
// tree, and a settings.py among them stands alone. A .git/index is written
// from the paths that its lines name ("tracked: .env").
func example(t testing.TB, text string) fstest.MapFS {
	t.Helper()
	hardened, err := os.ReadFile("testdata/hardened.py")
	if err != nil {
		t.Fatal(err)
	}
	a := txtar.Parse([]byte(text))
	fsys := fstest.MapFS{
		"manage.py":          {},
		"requirements.txt":   {Data: []byte("Django==5.2.19\ndjango-csp==4.0\n")},
		"hardened.py":        {Data: hardened},
		"settings.py":        {Data: append([]byte("from hardened import *\n"), a.Comment...)},
		"config/__init__.py": {},
		"config/urls.py":     {Data: []byte("from django.contrib import admin\nfrom django.urls import path\n\nurlpatterns = [path(\"staff-x7/\", admin.site.urls)]\n")},
		"config/network.py":  {Data: []byte("def client_ip(request):\n    return request.META[\"REMOTE_ADDR\"]\n")},
	}
	for _, f := range a.Files {
		data := f.Data
		if f.Name == ".git/index" {
			data = indexOf(data)
		}
		fsys[f.Name] = &fstest.MapFile{Data: data}
	}
	return fsys
}

// indexOf writes an index of git, version 2, as git does.
func indexOf(lines []byte) []byte {
	var names []string
	for line := range strings.Lines(string(lines)) {
		names = append(names, strings.TrimSpace(strings.TrimPrefix(line, "tracked:")))
	}
	slices.Sort(names)
	var b bytes.Buffer
	b.WriteString("DIRC")
	_ = binary.Write(&b, binary.BigEndian, []uint32{2, uint32(len(names))})
	for _, name := range names {
		entry := make([]byte, 62, 72+len(name))
		binary.BigEndian.PutUint32(entry[entryMode:], 0o100644)
		binary.BigEndian.PutUint16(entry[60:], uint16(len(name)))
		entry = append(entry, name...)
		entry = append(entry, make([]byte, 8-len(entry)%8)...)
		b.Write(entry)
	}
	sum := sha1.Sum(b.Bytes())
	b.Write(sum[:])
	return b.Bytes()
}

// load reads an example as production would start it, without environment.
func load(t testing.TB, fsys fstest.MapFS) *Project {
	t.Helper()
	site := &django.Site{Dir: ".", Path: []string{"."}, Module: "settings", File: "settings.py"}
	p, err := Load(fsys, ".", site, Options{})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// auditText runs rules over an example.
func auditText(t testing.TB, rules []*Rule, text string) []Finding {
	t.Helper()
	p := load(t, example(t, text))
	if p.Result.Stopped != nil {
		t.Errorf("the settings can't be read: %s:%s: %s", p.Result.Stopped.At.Path(), p.Result.Stopped.At.Text(), p.Result.Stopped.Why)
	}
	var out []Finding
	for _, rule := range rules {
		r := &report{rule: rule}
		rule.check(p, r)
		out = append(out, r.findings...)
	}
	return out
}

func describe(f Finding) string {
	line, col := f.At.Position()
	return fmt.Sprintf("%s %s: %s:%d:%d: %s: %s%s", f.Rule.ID, f.Rule.Name, f.At.Path(), line, col, f.Setting, f.Message, f.Reason)
}

func failures(findings []Finding) (out []string) {
	for _, f := range findings {
		if f.Status == Fail {
			out = append(out, describe(f))
		}
	}
	return out
}

// allRules are those the examples are held to.
var allRules = slices.Concat(coreRules, transportRules, headerRules, apiRules, tokenRules, loginRules, dataRules, fileRules, logRules, inertRules)

func TestHardened(t *testing.T) {
	for _, f := range auditText(t, allRules, "") {
		if f.Status == Fail || f.Status == Unknown {
			t.Error(describe(f))
		}
	}
}

// TestExamples holds each rule to its own proofs: Bad is found by this rule
// and by no other, Good by none.
func TestExamples(t *testing.T) {
	for _, rule := range allRules {
		t.Run(rule.ID, func(t *testing.T) {
			bad := auditText(t, allRules, rule.Bad)
			found := false
			for _, f := range bad {
				if f.Status == Fail {
					if f.Rule != rule {
						t.Errorf("bad: %s", describe(f))
					}
					found = found || f.Rule == rule
					if f.Rule == rule && f.At.Path() == "" {
						t.Errorf("bad: no line is named: %s", describe(f))
					}
				}
			}
			if !found {
				t.Errorf("bad: not found")
				for _, f := range bad {
					if f.Rule == rule {
						t.Log(describe(f))
					}
				}
			}
			for _, words := range failures(auditText(t, allRules, rule.Good)) {
				t.Errorf("good: %s", words)
			}
		})
	}
}

// TestMetadata holds every rule to being complete.
func TestMetadata(t *testing.T) {
	asvs := regexp.MustCompile(`^\d+\.\d+\.\d+$`)
	ids, names := map[string]bool{}, map[string]bool{}
	for _, r := range allRules {
		if ids[r.ID] || names[r.Name] {
			t.Errorf("%s %s: there are two", r.ID, r.Name)
		}
		ids[r.ID], names[r.Name] = true, true
		if !regexp.MustCompile(`^DH\d{3}$`).MatchString(r.ID) || !regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`).MatchString(r.Name) {
			t.Errorf("%s %s: an ID is DH and three digits, a name words with hyphens", r.ID, r.Name)
		}
		for what, missing := range map[string]bool{
			"title": r.Title == "", "why": r.Why == "", "fix": r.Fix == "", "bad": r.Bad == "", "good": r.Good == "",
			"check": r.check == nil, "reference": len(r.Refs) == 0,
		} {
			if missing {
				t.Errorf("%s has no %s", r.ID, what)
			}
		}
		if strings.HasSuffix(r.Title, ".") || !strings.HasSuffix(r.Why, ".") || r.Item < 0 || r.Item > 14 {
			t.Errorf("%s: a title has no full stop, a why has one, an item is 1 to 14", r.ID)
		}
		for _, number := range r.ASVS {
			if !asvs.MatchString(number) {
				t.Errorf("%s: %q is no requirement of ASVS 5.0", r.ID, number)
			}
		}
		for _, url := range r.Refs {
			if !strings.HasPrefix(url, "https://") {
				t.Errorf("%s: %q is no https URL", r.ID, url)
			}
		}
	}
}
