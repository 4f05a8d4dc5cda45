package cli

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// cmdExits runs djharden and checks its exit code: exits CODE ARG...
// The commands stdin, stdout and stderr work as they do with exec.
func cmdExits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 1 {
		ts.Fatalf("usage: exits CODE ARG...")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	code := 0
	if err := ts.Exec("djharden", args[1:]...); err != nil {
		var exit *exec.ExitError
		if !errors.As(err, &exit) {
			ts.Fatalf("djharden: %v", err)
		}
		code = exit.ExitCode()
	}
	if code != want {
		ts.Fatalf("djharden %s: exit code %d, want %d", strings.Join(args[1:], " "), code, want)
	}
	if code != 0 && !strings.HasPrefix(ts.ReadFile("stderr"), "djharden: ") && !strings.Contains(ts.ReadFile("stderr"), "\ndjharden: ") {
		ts.Fatalf("exit code %d, and no line on stderr that begins with djharden:", code)
	}
}

// cmdTree prints the files under a folder, sorted, .git left out: tree DIR.
func cmdTree(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: tree DIR")
	}
	walk(ts, args[0], func(rel string, _ fs.FileInfo, _ []byte) {
		fmt.Fprintln(ts.Stdout(), rel)
	})
}

// cmdSnapshot remembers a folder, bytes and modes: snapshot DIR.
func cmdSnapshot(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: snapshot DIR")
	}
	ts.Setenv("SNAPSHOT", snapshot(ts, args[0]))
}

// cmdUnchanged compares a folder with the last snapshot: [!] unchanged DIR.
func cmdUnchanged(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 1 {
		ts.Fatalf("usage: [!] unchanged DIR")
	}
	was, is := ts.Getenv("SNAPSHOT"), snapshot(ts, args[0])
	if neg && was == is {
		ts.Fatalf("%s is unchanged", args[0])
	}
	if !neg && was != is {
		ts.Fatalf("%s has changed\nwas:\n%s\nis:\n%s", args[0], was, is)
	}
}

func snapshot(ts *testscript.TestScript, dir string) string {
	var b strings.Builder
	walk(ts, dir, func(rel string, info fs.FileInfo, data []byte) {
		fmt.Fprintf(&b, "%s %v %x\n", rel, info.Mode(), sha256.Sum256(data))
	})
	return b.String()
}

func walk(ts *testscript.TestScript, dir string, visit func(rel string, info fs.FileInfo, data []byte)) {
	root := ts.MkAbs(dir)
	if _, err := os.Lstat(root); errors.Is(err, fs.ErrNotExist) {
		return
	}
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if d.Name() == ".git" {
				return filepath.SkipDir
			}
			return nil
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		var data []byte
		if info.Mode().IsRegular() {
			if data, err = os.ReadFile(name); err != nil {
				return err
			}
		}
		rel, err := filepath.Rel(root, name)
		if err != nil {
			return err
		}
		visit(filepath.ToSlash(rel), info, data)
		return nil
	})
	ts.Check(err)
}

// cmdMode checks the rights of a file: mode 0600 FILE.
func cmdMode(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: mode OCTAL FILE")
	}
	info, err := os.Stat(ts.MkAbs(args[1]))
	ts.Check(err)
	if got := fmt.Sprintf("%04o", info.Mode().Perm()); got != args[0] {
		ts.Fatalf("%s has mode %s, want %s", args[1], got, args[0])
	}
}

// cmdPlanJSON checks that stdout is one JSON value that the committed schema
// describes: planjson.
func cmdPlanJSON(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 0 {
		ts.Fatalf("usage: planjson")
	}
	if err := checkSchema("init.json", []byte(ts.ReadFile("stdout"))); err != nil {
		ts.Fatalf("stdout isn't what docs/schema/init.json describes: %v", err)
	}
}

// cmdCheckJSON checks that stdout is what docs/schema/check.json describes, or,
// of --values, check-values.json: checkjson [values].
func cmdCheckJSON(ts *testscript.TestScript, neg bool, args []string) {
	name := "check.json"
	switch {
	case neg || len(args) > 1 || len(args) == 1 && args[0] != "values":
		ts.Fatalf("usage: checkjson [values]")
	case len(args) == 1:
		name = "check-values.json"
	}
	if err := checkSchema(name, []byte(ts.ReadFile("stdout"))); err != nil {
		ts.Fatalf("stdout isn't what docs/schema/%s describes: %v", name, err)
	}
}

// cmdNotShown checks that the last command showed no value of these .env files
// that is long enough to be a secret: notshown FILE...
func cmdNotShown(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: notshown FILE...")
	}
	shown := ts.ReadFile("stdout") + ts.ReadFile("stderr")
	for _, name := range args {
		for line := range strings.Lines(ts.ReadFile(name)) {
			_, value, _ := strings.Cut(strings.TrimSpace(line), "=")
			for _, secret := range append(strings.Split(value, ","), value) {
				if len(secret) > 12 && !strings.HasPrefix(line, "#") && strings.Contains(shown, strings.Trim(secret, `"`)) {
					ts.Fatalf("it shows the value of the line that begins with %.12q", line)
				}
			}
		}
	}
}

// cmdMoved checks that the first key in a variable of one .env file is the
// whole of another variable in another file: moved FILE NAME FILE NAME.
func cmdMoved(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 4 {
		ts.Fatalf("usage: moved FILE NAME FILE NAME")
	}
	value := func(file, name string) string {
		for line := range strings.Lines(ts.ReadFile(file)) {
			if v, ok := strings.CutPrefix(strings.TrimSpace(line), name+"="); ok {
				return strings.Trim(v, `"'`)
			}
		}
		ts.Fatalf("%s has no %s", file, name)
		return ""
	}
	was := value(args[0], args[1])
	is, _, _ := strings.Cut(value(args[2], args[3]), ",")
	if was == "" || was != is {
		ts.Fatalf("%s of %s isn't %s of %s", args[3], args[2], args[1], args[0])
	}
}
