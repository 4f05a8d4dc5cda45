// Package internal_test holds the house in order: which package may import which.
package internal_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/djharden/djharden/"

// house says what each package may import of this module (CONTRIBUTING.md has
// the reasons). Tests may look anywhere below their own package.
var house = map[string][]string{
	"cmd/djharden":      {"internal/cli"},
	"internal/cli":      {"internal/scaffold", "internal/audit", "internal/pyeval", "internal/django", "internal/plan"},
	"internal/scaffold": {"internal/plan", "internal/django", "internal/pysrc", "templates"},
	"internal/audit":    {"internal/django", "internal/pyeval", "internal/pysrc"},
	"internal/django":   {"internal/pysrc"},
	"internal/pyeval":   {"internal/pysrc"},
	"internal/plan":     {},
	"internal/pysrc":    {},
	"internal/e2e":      {},
	"templates":         {},
}

// foreign says which package, and where files are named which files, may import
// a library: one as a rule.
var foreign = map[string]string{
	"github.com/urfave/cli/v2":          "internal/cli",
	"github.com/AlecAivazis/survey/v2":  "internal/cli/survey.go",
	"github.com/Masterminds/sprig/v3":   "internal/scaffold",
	"github.com/joho/godotenv":          "internal/scaffold",
	"github.com/BurntSushi/toml":        "internal/scaffold/toml.go internal/django/packages_toml.go",
	"golang.org/x/net/idna":             "internal/scaffold",
	"github.com/rogpeppe/go-internal/":  "internal/plan",
	"golang.org/x/term":                 "internal/cli",
	"golang.org/x/sys/":                 "internal/plan",
	"text/template":                     "internal/scaffold",
	"html/template":                     "internal/cli/check_html.go",
	"net/http":                          "nobody",
	"os/exec":                           "internal/cli/git.go",
	"math/rand":                         "nobody",
	"math/rand/v2":                      "nobody",
	"github.com/AlecAivazis/survey/v2/": "internal/cli/survey.go",
}

func TestImports(t *testing.T) {
	root := ".."
	seen := map[string]bool{}
	err := filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := d.Name()
		if d.IsDir() {
			if p != root && (strings.HasPrefix(name, ".") || name == "testdata" || name == "node_modules" || name == "examples") {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return nil
		}
		rel, err := filepath.Rel(root, p)
		if err != nil {
			return err
		}
		checkFile(t, p, filepath.ToSlash(rel), seen)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for pkg := range house {
		if !seen[pkg] {
			t.Errorf("%s is in the table but not in the tree", pkg)
		}
	}
}

func checkFile(t *testing.T, file, rel string, seen map[string]bool) {
	src, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	f, err := parser.ParseFile(token.NewFileSet(), rel, src, parser.ImportsOnly)
	if err != nil {
		t.Fatal(err)
	}
	pkg := path.Dir(rel)
	allowed, ok := house[pkg]
	if !ok {
		t.Errorf("%s: package %s has no row in the house: add one, with its reason, or put the file elsewhere", rel, pkg)
	}
	seen[pkg] = true
	for _, spec := range f.Imports {
		imp, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			t.Fatal(err)
		}
		if own, ok := strings.CutPrefix(imp, module); ok && !slices.Contains(allowed, own) {
			t.Errorf("%s imports %s: arrows point one way", rel, own)
		}
		for lib, where := range foreign {
			if imp != lib && !(strings.HasSuffix(lib, "/") && strings.HasPrefix(imp, lib)) {
				continue
			}
			if list := strings.Fields(where); !slices.Contains(list, rel) && !slices.Contains(list, pkg) {
				t.Errorf("%s imports %s, which stays behind %s", rel, imp, where)
			}
		}
	}
}
