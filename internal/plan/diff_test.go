package plan

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func TestDiffMasksSecrets(t *testing.T) {
	env := "# old key: hunter2-comment\nSECRET_KEY=hunter2-old\nPEM=\"-----BEGIN\nhunter2-line\n-----END\"\nexport EMPTY=\n"
	root := project(t, map[string]string{".env": env,
		"settings.py": "KEY = 'hunter2-literal'\nURL = \"postgres://u:p%40ss-hunter2@h/db\"\nX = 'it\\'s hunter2'\nkeep = 'hunter2-literal'\nDEBUG = True\n"})
	settings, err := os.ReadFile(filepath.Join(root, "settings.py"))
	if err != nil {
		t.Fatal(err)
	}
	files := []File{
		{Path: ".env", Owner: Patch, Secret: true, Was: []byte(env), Data: []byte(env + "# djharden's own words\nNEW_KEY=hunter2-new=and more\n")},
		{Path: "settings.py", Owner: Patch, Was: settings, Data: []byte("keep = 'hunter2-literal'\nDEBUG = False\n"),
			Mask: []string{"hunter2-literal", "p@ss-hunter2", "it's hunter2", "two\nhunter2-lines"}},
		{Path: "README", Data: []byte("see hunter2-literal, and hunter2-lines\n")},
	}
	p := mustMake(t, root, files)
	check := func(p *Plan) string {
		t.Helper()
		d := diffOf(t, p)
		if strings.Contains(d, "hunter2") {
			t.Errorf("a secret shows:\n%s", d)
		}
		return d
	}
	d := check(p)
	for _, want := range []string{"+NEW_KEY=********\n", "+# djharden's own words\n", " export EMPTY=\n", "-KEY = '********'\n", "postgres://u:********@h/db", "+see ********, and ********\n"} {
		if !strings.Contains(d, want) {
			t.Errorf("no %q in\n%s", want, d)
		}
	}
	mustApply(t, p)
	u, err := UndoPlan(root)
	if err != nil {
		t.Fatal(err)
	}
	check(u)
}

// TestDiffHidesALastComment: a comment of the user's at the end of a file
// without a newline comes back as an added line.
func TestDiffHidesALastComment(t *testing.T) {
	root := project(t, map[string]string{".env": "A=1\n# was hunter2"})
	d := diffOf(t, mustMake(t, root, []File{{Path: ".env", Owner: Patch, Secret: true, Was: []byte("A=1\n# was hunter2"),
		Data: []byte("A=1\n# was hunter2\n# ours=1\nB=2\n")}}))
	if strings.Contains(d, "hunter2") || !strings.Contains(d, "+# ours=1\n+B=********\n") {
		t.Errorf("the diff:\n%s", d)
	}
}

func TestDiffShowsNoControls(t *testing.T) {
	root := project(t, map[string]string{
		"esc":    "a\x1b[31mred\x07\x00",
		"latin":  "caf\xe9\n",
		"esc2":   "\x1b]0;title\x07 \u202eabc\u200b \u009b31m ok\tt\u00e9\n",
		"crlf":   "a\r\nb\r\n",
		"toLF":   "a\r\nb\r\n",
		"midcr":  "one\rtwo\n",
		"noeol":  "a",
		"binary": "\x00\x01",
	})
	var files []File
	for _, name := range []string{"esc", "latin", "esc2", "crlf", "toLF", "midcr", "noeol", "binary"} {
		was, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			t.Fatal(err)
		}
		data := append(bytes.Clone(was), "more\r\n"...)
		switch name {
		case "toLF":
			data = []byte("a\nb\n")
		case "noeol":
			data = []byte("b")
		case "binary":
			data = []byte("\x00\x02")
		}
		files = append(files, File{Path: name, Owner: Patch, Was: was, Data: data})
	}
	d := diffOf(t, mustMake(t, root, files))
	for _, want := range []string{
		"Binary files a/esc and b/esc differ\n", "Binary files a/binary", ` caf\xe9` + "\n", ` \x1b]0;title\x07 \u202eabc\u200b \x9b31m ok` + "\tt\u00e9\n",
		" b\n+more\n", "-a\\r\n-b\\r\n+a\n+b\n", ` one\rtwo` + "\n", "\\ No newline at end of file\n",
	} {
		if !strings.Contains(d, want) {
			t.Errorf("no %q in\n%s", want, d)
		}
	}
	onlyText(t, d)
}

// onlyText fails the test where a terminal would act on a character.
func onlyText(t *testing.T, s string) {
	t.Helper()
	for _, r := range s {
		if r != '\n' && r != '\t' && !unicode.IsPrint(r) || r == utf8.RuneError {
			t.Fatalf("%q in the diff:\n%q", r, s)
		}
	}
}

func TestDiffColours(t *testing.T) {
	root := project(t, map[string]string{"a": "x\ny\n"})
	p := mustMake(t, root, []File{{Path: "a", Owner: Patch, Was: []byte("x\ny\n"), Data: []byte("x\nz\n")}})
	var b bytes.Buffer
	if err := p.Diff(&b, true); err != nil {
		t.Fatal(err)
	}
	want := "\x1b[1mdiff --git a/a b/a\x1b[m\n\x1b[1m--- a/a\x1b[m\n\x1b[1m+++ b/a\x1b[m\n\x1b[36m@@ -1,2 +1,2 @@\x1b[m\n x\n\x1b[31m-y\x1b[m\n\x1b[32m+z\x1b[m\n"
	if b.String() != want {
		t.Errorf("got\n%q\nwant\n%q", b.String(), want)
	}
}

// TestGitReadsTheDiff applies the diff of an adoption without secrets with git
// and compares with what Apply writes.
func TestGitReadsTheDiff(t *testing.T) {
	git, err := exec.LookPath("git")
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("git is needed")
		}
		t.Skip("git is needed")
	}
	onDisk, files := adoption()
	for i := range files {
		files[i].Mask = nil
		files[i].Secret = false
	}
	root := project(t, onDisk)
	d := diffOf(t, mustMake(t, root, files))
	other := filepath.Join(t.TempDir(), "other")
	fill(t, other, onDisk)
	cmd := exec.Command(git, "apply", "-")
	cmd.Dir, cmd.Stdin = other, strings.NewReader(d)
	cmd.Env = append(os.Environ(), "GIT_CEILING_DIRECTORIES="+filepath.Dir(other))
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s\n%s", err, out, d)
	}
	mustApply(t, mustMake(t, root, files))
	if err := os.RemoveAll(filepath.Join(root, ".djharden")); err != nil {
		t.Fatal(err)
	}
	want := readTree(t, root)
	// git knows 0644 and 0755 alone.
	want[".env"] = strings.Replace(want[".env"], "-rw-------", "-rw-r--r--", 1)
	wantTree(t, other, want, "after git apply")
}

var escape = regexp.MustCompile(`\\(r|x[0-9a-f]{2}|u[0-9a-f]{4}|U[0-9a-f]{8})`)

// FuzzDiff holds what a diff promises whatever the files contain: no secret,
// nothing a terminal acts on.
func FuzzDiff(f *testing.F) {
	f.Add([]byte("A=secret-value\nB=2\n"), []byte("A=other\n"), "secret-value")
	f.Add([]byte("A=\x1b[2J\r\n"), []byte("\xff\xfe"), "x")
	f.Add([]byte("A='s3cr3t\nS3cret'\n"), []byte(""), "S3cret")
	f.Fuzz(func(t *testing.T, old, now []byte, secret string) {
		if len(secret) < 4 || strings.ContainsAny(secret, "*\n\r") || strings.Contains("diff --git a/f b/f new file mode 100644 deleted --- +++ /dev/null Binary files and differ \\ No newline at end of file", secret) {
			return
		}
		p := &Plan{changes: []change{{Change: Change{Path: "f", Action: Update}, mask: []string{secret},
			old: &node{Data: old, Mode: 0o644}, new: &node{Data: now, Mode: 0o644}}}}
		for _, asSecret := range []bool{false, true} {
			p.changes[0].Secret = asSecret
			var b bytes.Buffer
			if err := p.Diff(&b, false); err != nil {
				t.Fatal(err)
			}
			onlyText(t, b.String())
			for _, line := range strings.Split(b.String(), "\n") {
				line = escape.ReplaceAllString(line, "\n") // what visible wrote isn't the file's
				if !asSecret && len(line) > 0 && !strings.HasPrefix(line, "@@") && strings.Contains(line[1:], secret) {
					t.Fatalf("%q shows %q", line, secret)
				}
			}
		}
	})
}
