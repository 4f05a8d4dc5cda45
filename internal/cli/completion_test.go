//go:build unix

package cli

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/djharden/djharden/internal/scaffold"
)

// shell finds a shell, or skips; with CI set it fails, for a completion that
// nobody tried isn't one.
func shell(t *testing.T, name string) string {
	t.Helper()
	bin, err := exec.LookPath(name)
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatalf("%s is not installed, and CI is set", name)
		}
		t.Skipf("%s is not installed: its completion script is not tried", name)
	}
	return bin
}

// commandDir puts djharden into a folder of its own, for PATH.
func commandDir(t *testing.T) string {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.Symlink(exe, filepath.Join(dir, "djharden")); err != nil {
		t.Fatal(err)
	}
	return dir
}

func runShell(t *testing.T, dir, bin string, args ...string) string {
	t.Helper()
	cmd := exec.Command(bin, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "PATH="+commandDir(t)+":"+os.Getenv("PATH"), "HOME="+t.TempDir(), "TERM=xterm")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return string(out)
}

func workDir(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for _, d := range []string{"alpha", "with space"} {
		if err := os.Mkdir(filepath.Join(dir, d), 0o777); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "answers.toml"), nil, 0o666); err != nil {
		t.Fatal(err)
	}
	return dir
}

// lines to complete, and what must and must not come.
var completionCases = []struct {
	line      string
	want, not []string
}{
	{"djharden ", []string{"init", "undo", "completion", "version", "help"}, []string{"__complete"}},
	{"djharden in", []string{"init"}, []string{"undo"}},
	{"djharden init --cs", []string{"--csp", "--csrf-trusted-origin"}, []string{"--domain"}},
	{"djharden init --preset ", []string{"lms", "site", "api"}, nil},
	{"djharden init --preset s", []string{"site"}, []string{"lms"}},
	{"djharden init --yes al", []string{"alpha"}, []string{"answers.toml"}},
	{"djharden init --config an", []string{"answers.toml"}, []string{"alpha"}},
	{"djharden completion z", []string{"zsh"}, []string{"bash"}},
	{"djharden undo --dry", []string{"--dry-run"}, nil},
}

// TestBashCompletion completes lines as bash does: split at its word breaks,
// the function called, COMPREPLY read.
func TestBashCompletion(t *testing.T) {
	bash := shell(t, "bash")
	dir := workDir(t)
	cases := append(completionCases[:len(completionCases):len(completionCases)], struct {
		line      string
		want, not []string
	}{"djharden init --csp = re", []string{"report-only"}, []string{"enforce", "--csp=report-only"}},
		struct {
			line      string
			want, not []string
		}{"djharden init with", []string{"with space"}, nil})
	for _, c := range cases {
		words := strings.Split(c.line, " ")
		script := `eval "$(djharden completion bash)"; complete -p djharden >/dev/null || exit 1
COMP_WORDS=("$@"); COMP_CWORD=$(($#-1)); COMP_LINE="$*"; _djharden; printf '%s\n' "${COMPREPLY[@]}"`
		out := strings.Split(runShell(t, dir, bash, append([]string{"--norc", "-c", script, "bash"}, words...)...), "\n")
		for _, w := range c.want {
			if !slices.Contains(out, w) {
				t.Errorf("bash: %q doesn't offer %q: %q", c.line, w, out)
			}
		}
		for _, w := range c.not {
			if slices.Contains(out, w) {
				t.Errorf("bash: %q offers %q", c.line, w)
			}
		}
	}
}

func TestFishCompletion(t *testing.T) {
	fish := shell(t, "fish")
	dir := workDir(t)
	cases := append(completionCases[:len(completionCases):len(completionCases)], struct {
		line      string
		want, not []string
	}{"djharden init --csp=re", []string{"--csp=report-only"}, []string{"--csp=enforce"}})
	for _, c := range cases {
		var out []string
		for line := range strings.Lines(runShell(t, dir, fish, "--no-config", "-c", "djharden completion fish | source; complete -C "+`"`+c.line+`"`)) {
			word, _, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
			out = append(out, strings.TrimSuffix(word, "/"))
		}
		for _, w := range c.want {
			if !slices.Contains(out, w) {
				t.Errorf("fish: %q doesn't offer %q: %q", c.line, w, out)
			}
		}
		for _, w := range c.not {
			if slices.Contains(out, w) {
				t.Errorf("fish: %q offers %q", c.line, w)
			}
		}
	}
}

// TestZshCompletion only checks the script's syntax and that it registers:
// zsh completes nowhere but at a prompt.
func TestZshCompletion(t *testing.T) {
	zsh := shell(t, "zsh")
	script := filepath.Join(t.TempDir(), "_djharden")
	text, err := completionScripts.ReadFile("completion/zsh")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(script, text, 0o666); err != nil {
		t.Fatal(err)
	}
	runShell(t, t.TempDir(), zsh, "-n", script)
	out := runShell(t, t.TempDir(), zsh, "-f", "-c", "autoload -U compinit; compinit -u -D; source "+script+"; print $_comps[djharden]")
	if strings.TrimSpace(out) != "_djharden" {
		t.Errorf("zsh: %q", out)
	}
}

// TestEveryOptionEverywhere: an option in the table is a flag, in help, in the
// completion, and has a variable; no flag is there twice.
func TestEveryOptionEverywhere(t *testing.T) {
	var help, flags strings.Builder
	p := &program{stdout: &help, stderr: &help}
	c := p.initCommand()
	writeCommandHelp(&help, c)
	complete(&flags, p.commands(), globalOptions(), []string{"init", "--"})
	seen := map[string]bool{}
	for _, o := range c.options {
		if seen[o.name] {
			t.Errorf("--%s is there twice", o.name)
		}
		seen[o.name] = true
		if !strings.Contains(help.String(), " --"+o.name) {
			t.Errorf("--%s is not in help", o.name)
		}
		if !strings.Contains(flags.String(), "--"+o.name+"\t") {
			t.Errorf("--%s is not completed", o.name)
		}
		if o.env == "" && o.name != "help" {
			t.Errorf("--%s has no variable", o.name)
		}
		if !slices.Contains(headingOrder, o.group) {
			t.Errorf("--%s has the heading %q, which help doesn't print", o.name, o.group)
		}
	}
	for _, o := range scaffold.Options {
		if o.Unasked == seen[o.Flag()] {
			t.Errorf("%s has no flag", o.Key)
		}
		if o.Kind == scaffold.Choice && abouts[o.Key] == nil && o.Key != "django" {
			t.Errorf("%s has choices that the prompter doesn't explain", o.Key)
		}
		for c := range abouts[o.Key] {
			if !slices.Contains(o.Choices, c) {
				t.Errorf("%s: %q is explained and no choice", o.Key, c)
			}
		}
	}
}
