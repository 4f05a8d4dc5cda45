package plan

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// wantRefused fails the test unless err is a RefusedError for the path whose
// words hold part, with a hint.
func wantRefused(t testing.TB, err error, path, part string) {
	t.Helper()
	var r *RefusedError
	if !errors.As(err, &r) {
		t.Fatalf("error %v, want a RefusedError for %s", err, path)
	}
	if !strings.Contains(r.Path, path) || !strings.Contains(r.Reason, part) || r.Hint == "" {
		t.Fatalf("refused %q: %q (hint %q), want %q: %q", r.Path, r.Reason, r.Hint, path, part)
	}
}

func TestPathsThatAreRefused(t *testing.T) {
	root := project(t, nil)
	for _, name := range []string{"", ".", "..", "../x", "/etc/passwd", "a/../b", "a//b", "a/", `a\b`, "C:/x", "a:b", "a\x00b", "a\nb", "a\x1b[2Jb",
		"a\u202eb", "a\xffb", "a./b", "a ", ".djharden/base/x", ".djharden/base", ".DJHARDEN/Base/x", ".git/hooks/pre-commit", ".GIT/config"} {
		for _, f := range []File{{Path: name}, {Path: "ok", From: name}} {
			if f.From == "" && f.Path == "ok" {
				continue
			}
			_, err := Make(root, []File{f})
			wantRefused(t, err, "", "")
		}
	}
	if runtime.GOOS == "windows" {
		for _, name := range []string{"NUL", "con.txt", "a/COM1"} {
			_, err := Make(root, []File{{Path: name}})
			wantRefused(t, err, name, "device")
		}
	}
	for _, pair := range [][2]string{{"a", "a"}, {"a", "A"}, {"Config/urls.py", "config/wsgi.py"}, {"a", "a/b"}, {"a/b/c", "a/b"}} {
		_, err := Make(root, []File{{Path: pair[0]}, {Path: pair[1]}})
		wantRefused(t, err, "", "")
	}
	if _, err := Make(root, []File{{Path: "ok/näme with space.py"}, {Path: ".djharden/notes"}, {Path: ".gitignore"}}); err != nil {
		t.Errorf("a good path: %v", err)
	}
}

func TestLinksAndFoldersInTheWay(t *testing.T) {
	root := project(t, map[string]string{"real/file": "x", "dir/there": "x", "plain": "x"})
	outside := t.TempDir()
	link := func(to, name string) {
		t.Helper()
		if err := os.Symlink(to, filepath.Join(root, name)); err != nil {
			t.Skipf("no symbolic links here: %v", err)
		}
	}
	link("real/file", "tofile")
	link("real", "todir")
	link(outside, "out")
	link("nowhere", "dangling")
	before := readTree(t, root)
	for path, want := range map[string]string{
		"tofile":    "a symbolic link, where a regular file",
		"todir/x":   "a symbolic link, where a folder",
		"out/x":     "a symbolic link, where a folder",
		"dangling":  "a symbolic link, where a regular file",
		"dir":       "a folder, where a regular file",
		"plain/x/y": "a regular file, where a folder",
	} {
		for _, f := range []File{{Path: path, Data: []byte("n")}, {Path: path, Owner: Once}, {Path: path, Owner: Patch, Data: []byte("n"), Was: []byte("x")},
			{Path: path, Remove: true, Was: []byte("x")}, {Path: path, Owner: Once, Secret: true}} {
			p, err := Make(root, []File{{Path: "fine", Data: []byte("n")}, f})
			name := strings.TrimSuffix(strings.TrimSuffix(path, "/y"), "/x")
			wantRefused(t, err, name, want)
			if got := actions(p); !strings.HasPrefix(got, "create fine\nrefuse "+path) {
				t.Errorf("actions: %s", got)
			}
			wantRefused(t, p.Apply(context.Background()), name, want)
		}
	}
	wantTree(t, root, before, "after refusals")

	// One in the way of djharden's own copies, and one put there after Make.
	link(outside, ".djharden")
	_, err := Make(root, []File{{Path: "fine", Data: []byte("n")}})
	wantRefused(t, err, ".djharden", "a symbolic link")
	if err := os.Remove(filepath.Join(root, ".djharden")); err != nil {
		t.Fatal(err)
	}
	p := mustMake(t, root, []File{{Path: "late/x", Data: []byte("n")}})
	link(outside, "late")
	wantRefused(t, p.Apply(context.Background()), "late", "a symbolic link")
	if left := readTree(t, outside); len(left) != 1 {
		t.Errorf("something was written outside: %v", left)
	}
}

func TestRootsThatAreRefused(t *testing.T) {
	root := project(t, map[string]string{"file": "x"})
	_, err := Make(filepath.Join(root, "file"), nil)
	wantRefused(t, err, "file", "a regular file, where a folder")
	_, err = Make(filepath.Join(root, "file", "sub"), nil)
	wantRefused(t, err, "file", "folder")
	if err := os.Symlink("nowhere", filepath.Join(root, "link")); err == nil {
		_, err = Make(filepath.Join(root, "link"), nil)
		wantRefused(t, err, "link", "leads nowhere")
	}
	// A link to a folder is the folder.
	if err := os.Symlink(root, root+"-link"); err == nil {
		p := mustMake(t, root+"-link", []File{{Path: "a", Data: []byte("x")}})
		if want, _ := filepath.EvalSymlinks(root); p.Root() != want {
			t.Errorf("root is %s, want %s", p.Root(), want)
		}
		mustApply(t, p)
	}
}

// TestWhole is the table of a file that djharden owns.
func TestWhole(t *testing.T) {
	const no = "\x00"
	for _, tc := range []struct {
		name, base, disk, want string
		action                 Action
		refused                string
	}{
		{"new", no, no, "v2", Create, ""},
		{"there and not ours", no, "mine", "v2", Refuse, "isn't djharden's"},
		{"there and as wanted", no, "v2", "v2", Same, ""},
		{"untouched", "v1", "v1", "v2", Update, ""},
		{"nothing new", "v1", "v1", "v1", Same, ""},
		{"edited, nothing new", "v1", "mine", "v1", Kept, ""},
		{"edited, and new", "v1", "mine", "v2", Conflict, "edited"},
		{"edited to what is new", "v1", "v2", "v2", Same, ""},
		{"removed", "v1", no, "v1", Create, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			root := project(t, nil)
			if tc.base != no {
				put(t, root, baseDir+"a/f.py", tc.base)
			}
			if tc.disk != no {
				put(t, root, "a/f.py", tc.disk)
			}
			before := readTree(t, root)
			files := []File{{Path: "a/f.py", Data: []byte(tc.want)}}
			p, err := Make(root, files)
			if p.Changes()[0].Action != tc.action {
				t.Errorf("action %s, want %s", p.Changes()[0].Action, tc.action)
			}
			if tc.refused != "" {
				wantRefused(t, err, "a/f.py", tc.refused)
				wantRefused(t, p.Apply(context.Background()), "a/f.py", tc.refused)
				wantTree(t, root, before, "after the refusal")
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			mustApply(t, p)
			after := readTree(t, root)
			if tc.action != Kept && (!strings.HasSuffix(after["a/f.py"], " "+tc.want) || !strings.HasSuffix(after[baseDir+"a/f.py"], " "+tc.want)) {
				t.Errorf("after: %v", after)
			}
			if p := mustMake(t, root, files); !p.Empty() {
				t.Errorf("a second plan isn't empty: %s", actions(p))
			}
		})
	}
}

func TestRefusedNamesAllFiles(t *testing.T) {
	root := project(t, map[string]string{"a": "1", "b": "2", "c": "3"})
	_, err := Make(root, []File{{Path: "a", Data: []byte("x")}, {Path: "b", Data: []byte("2")}, {Path: "c", Data: []byte("x")}})
	if err == nil || strings.Count(err.Error(), "\n") != 1 || !strings.Contains(err.Error(), "a: it is") || !strings.Contains(err.Error(), "c: it is") {
		t.Errorf("error %v", err)
	}
}

func TestPatchRefusesAnotherDisk(t *testing.T) {
	root := project(t, map[string]string{"urls.py": "old", "empty.py": ""})
	for _, f := range []File{
		{Path: "urls.py", Owner: Patch, Was: []byte("older"), Data: []byte("new")},
		{Path: "urls.py", Owner: Patch, Data: []byte("new")},
		{Path: "gone.py", Owner: Patch, Was: []byte("old"), Data: []byte("new")},
		{Path: "urls.py", Remove: true, Was: []byte("older")},
		{Path: "base.py", Owner: Patch, From: "urls.py", Was: []byte("older"), Data: []byte("new")},
		{Path: "empty.py", Owner: Patch, From: "urls.py", Was: []byte("old"), Data: []byte("new")},
	} {
		if _, err := Make(root, []File{f}); err == nil {
			t.Errorf("%+v is accepted", f)
		}
	}
	for _, f := range []File{
		{Path: "urls.py", Owner: Patch, Was: []byte("older"), Data: []byte("old")}, // done already
		{Path: "empty.py", Owner: Patch, Was: []byte{}, Data: []byte("new")},
		{Path: "made.py", Owner: Patch, Data: []byte("new")},
		{Path: "gone.py", Remove: true, Was: []byte("old")},
	} {
		if _, err := Make(root, []File{f}); err != nil {
			t.Errorf("%+v: %v", f, err)
		}
	}
}

// TestChangedUnderUs edits the disk between Make and Apply.
func TestChangedUnderUs(t *testing.T) {
	onDisk, files := adoption()
	for name, edit := range map[string]func(t *testing.T, root string){
		"mysite/urls.py":          func(t *testing.T, root string) { put(t, root, "mysite/urls.py", "urlpatterns = {}\n") },
		"mysite/settings.py":      func(t *testing.T, root string) { os.Remove(filepath.Join(root, "mysite/settings.py")) },
		".env":                    func(t *testing.T, root string) { put(t, root, ".env", "A=mine\n") },
		"mysite/settings/prod.py": func(t *testing.T, root string) { put(t, root, "mysite/settings/prod.py", "mine\n") },
	} {
		root := project(t, onDisk)
		p := mustMake(t, root, files)
		edit(t, root)
		before := readTree(t, root)
		err := p.Apply(context.Background())
		wantRefused(t, err, name, "changed since")
		if !strings.Contains(err.Error(), "nothing was changed") {
			t.Errorf("the error doesn't say which tree is there: %v", err)
		}
		wantTree(t, root, before, name)
	}
	// At the last moment: between the copies and the rename.
	root := project(t, onDisk)
	before := readTree(t, root)
	p := mustMake(t, root, files)
	p.hook = func(step, name string) error {
		if step == "append" {
			put(t, root, "mysite/urls.py", "mine now\n")
		}
		return nil
	}
	err := p.Apply(context.Background())
	after := readTree(t, root)
	if !strings.HasSuffix(after["mysite/urls.py"], " mine now\n") {
		t.Errorf("the user's edit is lost: %v", after["mysite/urls.py"])
	}
	var w *WriteError
	if !errors.As(err, &w) || w.Tree != Old {
		t.Errorf("error %v", err)
	}
	put(t, root, "mysite/urls.py", onDisk["mysite/urls.py"])
	wantTree(t, root, before, "but for the edit")
}

func TestCancel(t *testing.T) {
	onDisk, files := adoption()
	root := project(t, onDisk)
	before := readTree(t, root)
	var p *Plan
	for n := 0; ; n++ {
		ctx, cancel := context.WithCancel(context.Background())
		if n == 0 {
			cancel()
		}
		at := ""
		p = mustMake(t, root, files)
		p.hook, p.workers = (&steps{act: func(i int, step, name string) error {
			if i == n {
				at = step + " " + name
				cancel()
			}
			return nil
		}}).hook, 1
		err := p.Apply(ctx)
		cancel()
		if err == nil && at == "append state:journal" {
			break // the commit point: from here on it completes
		}
		var w *WriteError
		if !errors.Is(err, context.Canceled) || !errors.As(err, &w) || w.Tree != Old {
			t.Fatalf("cancelled at step %d (%s): %v", n, at, err)
		}
		wantTree(t, root, before, "after cancelling")
	}
}

func TestUndoRefusesEditedFiles(t *testing.T) {
	onDisk, files := adoption()
	root := project(t, onDisk)
	mustApply(t, mustMake(t, root, files))
	put(t, root, ".env", "SECRET_KEY=new-secret-value\nDATABASE_URL=mine\n")
	put(t, root, "mysite/settings.py", "mine again\n")
	before := readTree(t, root)
	p, err := UndoPlan(root)
	wantRefused(t, err, "mysite/settings.py", "edited since")
	if !strings.Contains(err.Error(), ".env: it was edited") {
		t.Errorf("the error names one file alone: %v", err)
	}
	if p.Apply(context.Background()) == nil {
		t.Error("a refused undo was applied")
	}
	wantTree(t, root, before, "after the refusal")
}

func TestUndoKeepsOtherFiles(t *testing.T) {
	root := project(t, nil)
	before := readTree(t, root)
	mustApply(t, mustMake(t, root, []File{{Path: "config/a.py", Data: []byte("x")}, {Path: "other/b.py", Data: []byte("x")}}))
	put(t, root, "config/mine.py", "mine\n")
	u, err := UndoPlan(root)
	if err != nil {
		t.Fatal(err)
	}
	if d := diffOf(t, u); !strings.Contains(d, "deleted file mode") {
		t.Errorf("the diff of an undo:\n%s", d)
	}
	mustApply(t, u)
	after := readTree(t, root)
	if !strings.HasSuffix(after["config/mine.py"], " mine\n") || after["other"] != "" || after["config/a.py"] != "" || after[".djharden"] != "" {
		t.Errorf("after undo: %v", after)
	}
	os.RemoveAll(filepath.Join(root, "config"))
	wantTree(t, root, before, "but for the user's folder")
}

func TestStateFolder(t *testing.T) {
	root := project(t, map[string]string{"a": "x"})
	files := []File{{Path: "b", Data: []byte("y")}}
	before := readTree(t, root)
	refused := func(path, part string) {
		t.Helper()
		err := mustMake(t, root, files).Apply(context.Background())
		wantRefused(t, err, path, part)
		if err := mustMake(t, root, files).Check(); err == nil && runtime.GOOS != "windows" && part != "made" {
			t.Error("Check says nothing")
		}
		wantTree(t, root, before, part)
		if r, err := Recover(root); err != nil && r.String() != "" {
			t.Errorf("Recover: %v %v", r, err)
		}
	}
	t.Setenv("XDG_STATE_HOME", "relative")
	refused("relative", "absolute")
	t.Setenv("XDG_STATE_HOME", filepath.Join(root, "state"))
	refused("state", "inside the project")
	t.Setenv("XDG_STATE_HOME", root)
	refused("djharden", "inside the project")
	if runtime.GOOS != "windows" {
		t.Setenv("XDG_STATE_HOME", "")
		t.Setenv("HOME", "")
		refused("$HOME", "XDG_STATE_HOME")
	}
	// A file where the folder should be, a link, and one that others may read.
	state := t.TempDir()
	t.Setenv("XDG_STATE_HOME", state)
	put(t, state, "djharden", "x")
	refused("djharden", "a regular file, where a folder")
	os.Remove(filepath.Join(state, "djharden"))
	if err := os.Mkdir(filepath.Join(state, "djharden"), 0o755); err != nil {
		t.Fatal(err)
	}
	if hasModes {
		refused("djharden", "others may read it")
	}
	os.Remove(filepath.Join(state, "djharden"))
	put(t, state, "file", "x")
	t.Setenv("XDG_STATE_HOME", filepath.Join(state, "file"))
	refused("file", "")

	t.Setenv("XDG_STATE_HOME", filepath.Join(state, "new", "deep"))
	mustApply(t, mustMake(t, root, files))
	for name, text := range readTree(t, filepath.Join(state, "new")) {
		if hasModes && !strings.HasPrefix(text, "drwx------") && !strings.HasPrefix(text, "-rw-------") {
			t.Errorf("%s is %s", name, text[:10])
		}
		if strings.HasSuffix(name, journalFile) || strings.HasSuffix(name, tempSuffix) {
			t.Errorf("%s was left behind", name)
		}
	}
}

func TestRecoverRefusesEditedFiles(t *testing.T) {
	onDisk, files := adoption()
	root := project(t, onDisk)
	p := mustMake(t, root, files)
	var count *steps
	renames := 0
	count = &steps{act: func(i int, step, name string) error {
		if step == "rename" && !strings.HasPrefix(name, "state:") {
			renames++
		}
		if renames > 6 {
			return errFault
		}
		return nil
	}}
	p.hook, p.workers = count.hook, 1
	var w *WriteError
	if err := p.Apply(context.Background()); !errors.As(err, &w) || w.Tree != Mixed || w.Journal == "" || !strings.Contains(err.Error(), "run djharden again") {
		t.Fatalf("error %v", err)
	}
	before := readTree(t, root)

	// Edited after its turn: the write can only go on. Edited before: only back.
	// Both: neither, and it says so.
	put(t, root, "manage.py", "mine\n")
	put(t, root, "mysite/urls.py", "mine too\n")
	_, err := Recover(root)
	wantRefused(t, err, "manage.py", "neither")
	put(t, root, "mysite/urls.py", onDisk["mysite/urls.py"])
	before["manage.py"] = readTree(t, root)["manage.py"]
	wantTree(t, root, before, "after the refusal")
	r, err := Recover(root)
	if err != nil || !r.Finished {
		t.Fatalf("Recover: %v %v", r, err)
	}
	after := readTree(t, root)
	if !strings.HasSuffix(after["manage.py"], " mine\n") || after["mysite/settings.py"] != "" {
		t.Errorf("after: %v", after)
	}
}

func TestRecoverKeepsAnEditMadeBeforeItsTurn(t *testing.T) {
	onDisk, files := adoption()
	root := project(t, onDisk)
	before := readTree(t, root)
	p := mustMake(t, root, files)
	n := 0
	p.hook, p.workers = func(step, name string) error {
		if step == "rename" && name == "manage.py" || n > 0 {
			n++
			return errFault
		}
		return nil
	}, 1
	if err := p.Apply(context.Background()); err == nil {
		t.Fatal("no error")
	}
	put(t, root, "mysite/urls.py", "mine\n")
	before["mysite/urls.py"] = readTree(t, root)["mysite/urls.py"]
	for m := 1; ; m++ {
		_, err := recoverWith(root, (&steps{act: failFrom(m)}).hook)
		if err == nil {
			break
		}
		if m > 100 {
			t.Fatal(err)
		}
	}
	wantTree(t, root, before, "after a rollback that was interrupted at each step")
}

func TestApplyAsksForRecovery(t *testing.T) {
	onDisk, files := adoption()
	root := project(t, onDisk)
	p := mustMake(t, root, files)
	p.hook, p.workers = (&steps{act: failFrom(12)}).hook, 1
	if err := p.Apply(context.Background()); err == nil {
		t.Fatal("no error")
	}
	p = mustMake(t, root, []File{{Path: "x", Data: []byte("x")}})
	wantRefused(t, p.Apply(context.Background()), "site", "interrupted")
	if _, err := Recover(root); err != nil {
		t.Fatal(err)
	}
	mustApply(t, mustMake(t, root, []File{{Path: "x", Data: []byte("x")}}))
	if err := os.RemoveAll(root); err != nil {
		t.Fatal(err)
	}
	if r, err := Recover(root); err != nil || r.String() != "" {
		t.Errorf("Recover of a removed folder: %v %v", r, err)
	}
}
