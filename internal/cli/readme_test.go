package cli

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/djharden/djharden/internal/scaffold"
)

var update = flag.Bool("update", false, "rewrite the generated parts of README.md")

// TestReadme keeps the parts of README.md between <!-- name --> marks as the
// program has them: go test -run TestReadme ./internal/cli -update.
func TestReadme(t *testing.T) {
	name, err := filepath.Abs("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	old, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	readme := string(old)
	for part, text := range map[string]string{
		"transcript": transcript(t),
		"flags":      flagTable() + meanings(),
		"finding":    finding(t),
		"check":      optionTable(checkOptions()),
		"sync":       optionTable(syncOwnOptions()),
		"rotate":     optionTable((&program{}).rotateCommand().options),
		"exit codes": exitTable(),
	} {
		marks := regexp.MustCompile(`(?s)<!-- ` + part + ` -->\n.*?<!-- /` + part + ` -->`)
		if n := len(marks.FindAllString(readme, -1)); n != 1 {
			t.Fatalf("README.md has %d parts %q, not one", n, part)
		}
		want := "<!-- " + part + " -->\n" + text + "<!-- /" + part + " -->"
		readme = marks.ReplaceAllLiteralString(readme, want)
	}
	if readme == string(old) {
		return
	}
	if !*update {
		t.Fatal("README.md says something else than the program: run `go test -run TestReadme ./internal/cli -update` and read the difference")
	}
	if err := os.WriteFile(name, []byte(readme), 0o644); err != nil {
		t.Fatal(err)
	}
}

// transcript is a real run in an empty folder, up to what it says to do next.
func transcript(t *testing.T) string {
	dir := t.TempDir()
	t.Chdir(dir)
	t.Setenv("HOME", dir)
	t.Setenv("XDG_STATE_HOME", filepath.Join(dir, ".state"))
	t.Setenv("PATH", "") // without git, nothing of this checkout gets in
	const line = "djharden init mysite --domain example.com --yes"
	var out, errs bytes.Buffer
	if code := Main(strings.Fields(line), nil, &out, &errs); code != exitOK {
		t.Fatalf("%s: exit %d\n%s", line, code, errs.String())
	}
	made, _, found := strings.Cut(out.String(), "\nNext\n")
	if !found {
		t.Fatalf("init no longer says what to do next:\n%s", out.String())
	}
	return fmt.Sprintf("```console\n$ %s\n%s…\n```\n", line, made)
}

// finding is a real run of check on a small project, up to the checklist.
func finding(t *testing.T) string {
	dir := t.TempDir()
	t.Chdir(dir)
	for name, text := range map[string]string{
		"manage.py":        "import os\nos.environ.setdefault(\"DJANGO_SETTINGS_MODULE\", \"settings\")\n",
		"requirements.txt": "django~=5.2.0\n",
		"settings.py":      "import os\n\nALLOWED_HOSTS = os.environ.get(\"HOSTS\", \"*\").split(\",\")\n",
	} {
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	var out, errs bytes.Buffer
	if code := Main([]string{"djharden", "check", "--select", "any-host"}, nil, &out, &errs); code != exitFindings {
		t.Fatalf("check: exit %d\n%s", code, errs.String())
	}
	shown, _, found := strings.Cut(out.String(), "\nChecklist\n")
	if !found {
		t.Fatalf("check no longer ends with the checklist:\n%s", out.String())
	}
	return fmt.Sprintf("```console\n$ djharden check --select any-host\n%s…\n```\n", shown)
}

// flagTable is every flag of init, from the one table of options.
func flagTable() string { return optionTable(initOptions()) }

func optionTable(options []*option) string {
	var b strings.Builder
	b.WriteString("| flag | what it says | default |\n| --- | --- | --- |\n")
	for _, o := range options {
		if o.name == "help" {
			continue
		}
		left := "--" + o.name
		if !o.isSwitch {
			left += " " + o.metavar
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", cell(left), cell(o.usage), cell(o.def))
	}
	return b.String()
}

func meanings() string {
	var b strings.Builder
	b.WriteString("\nWhat each answer means for security, in the prompter's words:\n\n")
	for _, o := range scaffold.Options {
		fmt.Fprintf(&b, "- `%s`: %s\n", o.Key, o.Security)
	}
	return b.String()
}

func cell(s string) string { return strings.ReplaceAll(s, "|", `\|`) }

func exitTable() string {
	var b strings.Builder
	b.WriteString("| code | meaning |\n| --- | --- |\n")
	for _, e := range exitCodes {
		fmt.Fprintf(&b, "| %d | %s |\n", e.code, e.what)
	}
	return b.String()
}
