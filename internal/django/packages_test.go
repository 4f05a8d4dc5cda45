package django

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"unicode/utf16"
)

var packageCases = []struct{ name, tree, want string }{
	{"requirements.txt", `
-- requirements.txt --
# all of it
Django==5.2.1  # the LTS
djangorestframework [x] >= 3.15, < 4 ; python_version > "3.8"
-e git+https://github.com/x/django-thing.git@main#egg=django-thing
psycopg[binary] @ https://example.org/psycopg.whl
gunicorn
`, "django-thing requirements.txt:4|django==5.2.1 requirements.txt:2|djangorestframework>=3.15,<4 requirements.txt:3|gunicorn requirements.txt:6|psycopg requirements.txt:5"},
	{"hashes over several lines", `
-- requirements.txt --
django==5.2.1 \
    --hash=sha256:aa \
    --hash=sha256:bb
whitenoise==6.9 --hash=sha256:cc
`, "django==5.2.1 requirements.txt:1|whitenoise==6.9 requirements.txt:4"},
	{"a folder of them", `
-- requirements/base.txt --
django~=5.2.0
-- requirements/dev.txt --
-r production.txt
django-debug-toolbar
gunicorn==1
-- requirements/production.txt --
-r base.txt
-c ../constraints.txt
gunicorn
-- constraints.txt --
gunicorn==23.0
`, "(django-debug-toolbar requirements/dev.txt:2)|django~=5.2.0 requirements/base.txt:1|gunicorn=23.0 requirements/production.txt:3"},
	{"above", `
-- requirements.txt --
django==4.2
-- src/manage.py --
`, "django==4.2 requirements.txt:1"},
	{"the nearest", `
-- requirements.txt --
django==4.2
-- src/requirements.txt --
django==5.2
`, "django==5.2 src/requirements.txt:1"},
	{"below", `
-- deploy/requirements.txt --
django==4.2
-- src/manage.py --
`, ""},
	{"PEP 621 and a lock above", `
-- src/pyproject.toml --
[project]
dependencies = [
  "Django>=5.2",
  'environs[django]>=14',
]
[project.optional-dependencies]
redis = ["redis>=5"]
[dependency-groups]
dev = ["ruff", {include-group = "test"}]
test = ["pytest-django>=4"]
-- uv.lock --
version = 1
[[package]]
name = "django"
version = "5.2.7"
dependencies = [
    { name = "sqlparse" },
]

[[package]]
name = "sqlparse"
version = "0.5.3"
`, "django>=5.2=5.2.7 src/pyproject.toml:3|environs>=14 src/pyproject.toml:4|(pytest-django>=4 src/pyproject.toml:10)|redis>=5 src/pyproject.toml:7|(ruff src/pyproject.toml:9)|sqlparse=0.5.3 uv.lock:10 locked"},
	{"poetry", `
-- pyproject.toml --
[tool.poetry.dependencies]
python = "^3.12"
Django = "^5.1"
whitenoise = {version = "~6.9", extras = ["brotli"]}
"zope.interface" = "*"
sentry = {version = "1", optional = true}
[tool.poetry.group.dev.dependencies]
black = "24.1.0"
`, "(black==24.1.0 pyproject.toml:8)|django>=5.1,<6 pyproject.toml:3|whitenoise>=6.9,<6.10 pyproject.toml:4|zope-interface pyproject.toml:5"},
	{"Pipfile", `
-- Pipfile --
[packages]
django = "~=4.2"
psycopg2-binary = {version = "==2.9.9"}
[dev-packages]
django-debug-toolbar = "*"
-- Pipfile.lock --
{"default": {"django": {"version": "==4.2.16"}}, "develop": {"coverage": {"version": "==7.0"}}}
`, "(coverage=7.0 Pipfile.lock:1 locked)|(django-debug-toolbar Pipfile:5)|django~=4.2=4.2.16 Pipfile:2|psycopg2-binary==2.9.9 Pipfile:3"},
	{"setup.cfg and setup.py", `
-- setup.cfg --
[metadata]
name = x
[options]
install_requires =
    Django<4
    # a comment
    redis>=5,<6 # why
    django-axes>=6
packages = find:
-- setup.py --
from setuptools import setup
need = ['whitenoise', "redis"]
setup(install_requires=need)
`, "django-axes>=6 setup.cfg:8|django<4 setup.cfg:5|redis>=5,<6 setup.cfg:7|whitenoise setup.py:2"},
	{"compiled", `
-- requirements.in --
django>=4.2
-- requirements.txt --
django==4.2.11
`, "django>=4.2=4.2.11 requirements.in:1"},
	{"an include in a circle, and one that isn't there", `
-- requirements.txt --
-r requirements.txt
-r none.txt
-r ../../x.txt
django
`, "django requirements.txt:4"},
	{"no packages", "-- manage.py --\n", ""},
}

func describePackages(p *Packages) string {
	var out []string
	for _, x := range p.list {
		s := x.Name + x.Spec
		if x.Exact != "" && x.Spec != "=="+x.Exact {
			s += "=" + x.Exact
		}
		s += " " + x.Where()
		if x.Locked {
			s += " locked"
		}
		if x.Dev {
			s = "(" + s + ")"
		}
		out = append(out, s)
	}
	slices.SortFunc(out, func(a, b string) int { return strings.Compare(strings.Trim(a, "("), strings.Trim(b, "(")) })
	return strings.Join(out, "|")
}

func TestReadPackages(t *testing.T) {
	for _, c := range packageCases {
		fsys := treeOf(c.tree)
		dir := "."
		if strings.Contains(c.tree, "-- src/") {
			dir = "src"
			fsys["src/x"] = &fstest.MapFile{}
		}
		p, err := ReadPackages(fsys, dir)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if got := describePackages(p); got != c.want {
			t.Errorf("%s:\ngot  %s\nwant %s", c.name, got, c.want)
		}
		if (p.Specs() == nil) != (len(p.Files) == 0) {
			t.Errorf("%s: %v", c.name, p.Specs())
		}
	}
}

// TestReadPackagesBelow looks into the folders of a project as a last resort.
func TestReadPackagesBelow(t *testing.T) {
	p, err := ReadPackages(treeOf("-- manage.py --\n-- deploy/requirements.txt --\ndjango==4.2\n"), ".")
	if err != nil || p.Version("Django") != "4.2" {
		t.Errorf("%v %v", describePackages(p), err)
	}
}

// TestReadPackagesUTF16 reads what PowerShell writes, with its mark and without.
func TestReadPackagesUTF16(t *testing.T) {
	for _, mark := range []string{"\ufeff", ""} {
		for _, big := range []bool{false, true} {
			var b []byte
			for _, u := range utf16.Encode([]rune(mark + "Django==5.2.1\r\nwhitenoise\r\n")) {
				if big {
					b = append(b, byte(u>>8), byte(u))
				} else {
					b = append(b, byte(u), byte(u>>8))
				}
			}
			p, err := ReadPackages(fstest.MapFS{"requirements.txt": {Data: b}}, ".")
			if err != nil || p.Version("django") != "5.2.1" || p.Find("whitenoise") == nil {
				t.Errorf("%q big %v: %s %v", mark, big, describePackages(p), err)
			}
		}
	}
}

// TestReadPackagesTrouble names the file that can't be made out, and reads the
// others.
func TestReadPackagesTrouble(t *testing.T) {
	p, err := ReadPackages(treeOf("-- pyproject.toml --\n[project\n-- requirements.txt --\ndjango\n"), ".")
	if err != nil || len(p.Trouble) != 1 || !strings.HasPrefix(p.Trouble[0], "pyproject.toml: ") || p.Find("django") == nil {
		t.Errorf("%v %v", p, err)
	}
}

func TestInstalled(t *testing.T) {
	read := func(tree string) *Packages {
		t.Helper()
		p, err := ReadPackages(treeOf(tree), ".")
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	some := read("-- requirements.txt --\ndjango\ndjangorestframework\npsycopg2-binary\nfoo\n-- requirements-dev.txt --\ndjango-silk\n")
	lock := read("-- pyproject.toml --\n[project]\ndependencies=['django']\n-- uv.lock --\n[[package]]\nname = \"django\"\nversion = \"5.2.7\"\n[[package]]\nname = \"pyyaml\"\nversion = \"6\"\n")
	none := read("-- manage.py --\n")
	for _, c := range []struct {
		p      *Packages
		module string
		want   Presence
	}{
		{some, "rest_framework", Present},
		{some, "psycopg2", Present},
		{some, "foo", Present},
		{some, "silk", Absent},          // for development
		{some, "debug_toolbar", Absent}, // nothing brings it
		{some, "yaml", Unsure},          // another package may
		{some, "bar", Unsure},
		{lock, "yaml", Present},
		{lock, "dotenv", Absent},
		{lock, "bar", Unsure},
		{none, "rest_framework", Unsure},
	} {
		if got := c.p.Installed(c.module); got != c.want {
			t.Errorf("%s: %d, want %d", c.module, got, c.want)
		}
	}
}

func TestSeries(t *testing.T) {
	head := "\"\"\"\nGenerated by 'django-admin startproject' using Django 5.1.4.\n\"\"\"\n"
	for _, c := range []struct{ req, settings, want string }{
		{"django==5.2.1", head, "5.2: version 5.2.1, requirements.txt:1"},
		{"django~=5.2.0", head, "5.2: ~=5.2.0, requirements.txt:1"},
		{"django>=4.2,<5", head, "4.2: >=4.2,<5, requirements.txt:1"},
		{"django>=5.0", head, "5.1: the settings' first lines say so, and requirements.txt:1 allows it"},
		{"django>=5.2", head, "6.1: the newest that requirements.txt:1 allows (>=5.2)"},
		{"django<=3.6", "", "3.2: the newest that requirements.txt:1 allows (<=3.6)"},
		{"django>=3.0,<4.1", "", "4.0: the newest that requirements.txt:1 allows (>=3.0,<4.1)"},
		{"django==2028.1", "", "2028: version 2028.1, requirements.txt:1"},
		{"django>=2028.1", "", "2028: >=2028.1, requirements.txt:1"},
		{"django", "", ": "},
		{"django", head, "5.1: the settings' first lines say so, and requirements.txt:1 allows it"},
		{"django~=5.0", "", "5.2: the newest that requirements.txt:1 allows (~=5.0)"},
		{"django~=4.0", head, "4.2: the newest that requirements.txt:1 allows (~=4.0)"},
		{"flask", "# https://docs.djangoproject.com/en/1.7/ref/settings/", "1.7: the settings' first lines say so"},
		{"flask", head, "5.1: the settings' first lines say so"},
		{"flask", "", ": "},
	} {
		p, err := ReadPackages(fstest.MapFS{"requirements.txt": {Data: []byte(c.req + "\n")}}, ".")
		if err != nil {
			t.Fatal(err)
		}
		series, from := p.Series([]byte(c.settings))
		if got := series + ": " + from; got != c.want {
			t.Errorf("%s: got %q, want %q", c.req, got, c.want)
		}
	}
}

func TestFactsFor(t *testing.T) {
	for series, want := range map[string]string{
		"":     "5.2 end of life false, csp false, since 5.1 true",
		"3.2":  "3.2 end of life true, csp false, since 5.1 false",
		"1.11": "1.11 end of life true, csp false, since 5.1 false",
		"5.0":  "5.0 end of life true, csp false, since 5.1 false",
		"5.1":  "5.1 end of life true, csp false, since 5.1 true",
		"6.0":  "6.0 end of life false, csp true, since 5.1 true",
		"6.2":  "6.2 end of life false, csp true, since 5.1 true",
		"2028": "2028 end of life false, csp true, since 5.1 true",
	} {
		f := FactsFor(series)
		if got := fmt.Sprintf("%s end of life %v, csp %v, since 5.1 %v", f.Series, f.EndOfLife, f.BuiltinCSP, f.Since("5.1")); got != want {
			t.Errorf("%q: got %s, want %s", series, got, want)
		}
	}
}
