package django

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestIgnores compares the folders that are walked with those that git doesn't
// ignore.
func TestIgnores(t *testing.T) {
	if _, err := exec.LookPath("git"); err != nil {
		missing(t, "git")
	}
	folders := []string{
		"a/b/c", "a/b/d", "a/x/c", "b/c", "b/foo", "bar/foo", "deep/bar/foo/q", "deep/er/bar/foo", "env1", "env2", "envx", "foo bar", "foo/bar",
		"log.d", "#hash", "!bang", "star*", "k[1]", "keep/me", "keep/not", "nested/in/x", "nested/out/x", "nested/deeper/in", "tail ", "doc/a/b",
	}
	for name, files := range map[string]map[string]string{
		"plain":         {".gitignore": "b/\nfoo\n\n# deep\n"},
		"anchored":      {".gitignore": "/b\na/x\n/deep/bar/\nfoo/bar"},
		"wildcards":     {".gitignore": "env[12]\nlog.*\n*bar\n?\n"},
		"stars":         {".gitignore": "**/foo\ndeep/**/foo\na/**\n**/nested/**/x\n"},
		"all":           {".gitignore": "*\n!keep\n!keep/me\n"},
		"negated":       {".gitignore": "keep/*\n!keep/me\n*.d\n!log.d\n"},
		"negated class": {".gitignore": "env[!x]\nk\\[1\\]\nstar\\*\n"},
		"escapes":       {".gitignore": "\\#hash\n\\!bang\ntail\\ \nfoo bar   \n"},
		"crlf":          {".gitignore": "b/\r\nfoo\r\n"},
		"nested":        {".gitignore": "x\n", "nested/.gitignore": "in\n!out\n", "nested/out/.gitignore": "!x\n", "a/.gitignore": "/b/c\n!x\n"},
		"broken":        {".gitignore": "[\nfoo[\nb\\\n/\n//\n!\n"},
		"bom":           {".gitignore": "\xef\xbb\xbffoo\n"},
		"middle":        {".gitignore": "doc/*/b\na/*/c/\nn*d/*/x\nbar/**/foo\n"},
	} {
		t.Run(name, func(t *testing.T) {
			root := t.TempDir()
			git(t, root, "", "init", "-q")
			for _, f := range folders {
				if err := os.MkdirAll(filepath.Join(root, f), 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(filepath.Join(root, f, "file"), nil, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			for f, text := range files {
				if err := os.WriteFile(filepath.Join(root, f), []byte(text), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			ix, err := index(os.DirFS(root))
			if err != nil {
				t.Fatal(err)
			}
			var all []string
			err = filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
				if err != nil || !d.IsDir() || p == root {
					return err
				}
				rel, err := filepath.Rel(root, p)
				if err != nil {
					return err
				}
				rel = filepath.ToSlash(rel)
				if d.Name() == ".git" {
					return filepath.SkipDir
				}
				all = append(all, rel)
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			gone := strings.Split(git(t, root, strings.Join(all, "\x00"), "check-ignore", "--no-index", "-z", "--stdin"), "\x00")
			for _, dir := range all {
				if ignored := slices.Contains(gone, dir); (ix.dirs[dir] != nil) == ignored {
					t.Errorf("%s: walked %v, ignored by git %v", dir, ix.dirs[dir] != nil, ignored)
				}
			}
		})
	}
}

// git runs it in a folder; 1 is its no.
func git(t *testing.T, root, stdin string, args ...string) string {
	t.Helper()
	cmd := exec.Command("git", append([]string{"-c", "core.excludesFile=", "-C", root}, args...)...)
	cmd.Stdin = strings.NewReader(stdin)
	out, err := cmd.Output()
	var exit *exec.ExitError
	if err != nil && !(errors.As(err, &exit) && exit.ExitCode() == 1) {
		t.Fatalf("git %v: %v", args, err)
	}
	return string(out)
}

func missing(t testing.TB, what string) {
	t.Helper()
	if os.Getenv("CI") != "" {
		t.Fatal("CI is set, and there is no " + what)
	}
	t.Skip("there is no " + what)
}
