package plan

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func mustMerge(t testing.TB, root string, files []File, how Policy) *Plan {
	t.Helper()
	p, err := Merge(root, files, how)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// edited is a project that was written before and edited since, and what a
// newer djharden wants of it: every outcome of a merge at once.
func edited() (map[string]string, []File) {
	onDisk := map[string]string{
		"same.py": "s\n", "update.py": "u1\n", "merged.py": "mine\na\nb\nc\n", "clash.py": "a\nmine\n", "sub/dropped.py": "d\n", "new/moved.py": "m\n", ".env": "A=b\n",
	}
	for name, text := range map[string]string{
		"same.py": "s\n", "update.py": "u1\n", "merged.py": "a\nb\nc\n", "clash.py": "a\nb\n", "gone.py": "g\n", "sub/dropped.py": "d\n", "old/moved.py": "m\n",
	} {
		onDisk[baseDir+name] = text
	}
	return onDisk, []File{
		{Path: "same.py", Data: []byte("s\n")},
		{Path: "update.py", Data: []byte("u2\n")},
		{Path: "merged.py", Data: []byte("a\nb\nC\n")},
		{Path: "clash.py", Data: []byte("a\nB\n")},
		{Path: "gone.py", Data: []byte("g2\n")},
		{Path: "new/moved.py", Base: "old/moved.py", Data: []byte("m2\n")},
		{Path: "created.py", Data: []byte("c\n")},
		{Path: ".env", Owner: Patch, Secret: true, Perm: 0o600, Was: []byte("A=b\n"), Data: []byte("A=b\nC=d\n")},
	}
}

// TestMergeWhole is the table of a whole file: what was rendered last, what is
// on the disk, what is wanted now; "-" is no file, "" for record: as wanted.
func TestMergeWhole(t *testing.T) {
	const v1, v2, mine, both = "a\nb\nc\n", "a\nb\nC\n", "A\nb\nc\n", "A\nb\nC\n"
	const clash = "a\nb\nmine\n"
	for _, tc := range []struct {
		name, base, disk, want string // want "-": it isn't wanted any more
		how                    Policy
		action                 Action
		result, record         string
	}{
		{name: "new", base: "-", disk: "-", want: v2, action: Create, result: v2, record: v2},
		{name: "nothing new", base: v1, disk: v1, want: v1, action: Same, result: v1, record: v1},
		{name: "unedited", base: v1, disk: v1, want: v2, action: Update, result: v2, record: v2},
		{name: "unedited but for line ends", base: v1, disk: "\ufeffa\r\nb\r\nc", want: v2, action: Update, result: "\ufeffa\r\nb\r\nC", record: v2},
		{name: "as wanted but for line ends", base: v1, disk: "a\r\nb\r\nC\r\n", want: v2, action: Same, result: "a\r\nb\r\nC\r\n", record: v2},
		{name: "nothing new but line ends of the record", base: "a\r\nb\r\nc\r\n", disk: v1, want: v1, action: Same, result: v1, record: "a\r\nb\r\nc\r\n"},
		{name: "edited, nothing new", base: v1, disk: mine, want: v1, action: Kept, result: mine, record: v1},
		{name: "edited elsewhere", base: v1, disk: mine, want: v2, action: Merged, result: both, record: v2},
		{name: "edited to what is new", base: v1, disk: v2, want: v2, action: Same, result: v2, record: v2},
		{name: "edited in the same place", base: v1, disk: clash, want: v2, action: Conflict, result: clash, record: v1},
		{name: "the same, ours", base: v1, disk: clash, want: v2, how: Policy{Conflict: Ours}, action: Kept, result: clash, record: v2},
		{name: "the same, theirs", base: v1, disk: clash, want: v2, how: Policy{Conflict: Theirs}, action: Update, result: v2, record: v2},
		{name: "the same, for that file", base: v1, disk: clash, want: v2, how: Policy{Files: map[string]Choice{"a/f.py": Theirs}}, action: Update, result: v2, record: v2},
		{name: "the same, for another", base: v1, disk: clash, want: v2, how: Policy{Files: map[string]Choice{"f.py": Theirs}}, action: Conflict, result: clash, record: v1},
		{name: "the same, one by one", base: v1, disk: clash, want: v2, how: Policy{Choices: map[string][]Choice{"a/f.py": {Theirs}}}, action: Merged, result: v2, record: v2},
		{name: "the same, mine", base: v1, disk: clash, want: v2, how: Policy{Choices: map[string][]Choice{"a/f.py": {Ours}}}, action: Same, result: clash, record: v2},
		{name: "choices of another merge", base: v1, disk: clash, want: v2, how: Policy{Choices: map[string][]Choice{"a/f.py": {Ours, Ours}}}, action: Conflict, result: clash, record: v1},
		{name: "not settled", base: v1, disk: clash, want: v2, how: Policy{Choices: map[string][]Choice{"a/f.py": {Unsettled}}}, action: Conflict, result: clash, record: v1},
		{name: "ours where there is no conflict", base: v1, disk: mine, want: v2, how: Policy{Conflict: Ours}, action: Merged, result: both, record: v2},
		{name: "deleted", base: v1, disk: "-", want: v2, action: Kept, result: "-", record: v1},
		{name: "there and not ours", base: "-", disk: mine, want: v2, action: Conflict, result: mine, record: "-"},
		{name: "there and not ours, ours", base: "-", disk: mine, want: v2, how: Policy{Conflict: Ours}, action: Kept, result: mine, record: v2},
		{name: "there and as wanted", base: "-", disk: v2, want: v2, action: Same, result: v2, record: v2},
		{name: "not wanted", base: v1, disk: v1, want: "-", action: Remove, result: "-", record: "-"},
		{name: "not wanted, other line ends", base: v1, disk: "a\r\nb\r\nc\r\n", want: "-", action: Remove, result: "-", record: "-"},
		{name: "not wanted, edited", base: v1, disk: mine, want: "-", action: Kept, result: mine, record: "-"},
		{name: "not wanted, deleted", base: v1, disk: "-", want: "-", action: Same, result: "-", record: "-"},
		{name: "emptied", base: v1, disk: "", want: v1, action: Kept, result: "", record: v1},
	} {
		t.Run(tc.name, func(t *testing.T) {
			root := project(t, map[string]string{"other": "x"})
			for name, text := range map[string]string{baseDir + "a/f.py": tc.base, "a/f.py": tc.disk} {
				if text != "-" {
					put(t, root, name, text)
				}
			}
			before := readTree(t, root)
			var files []File
			if tc.want != "-" {
				files = []File{{Path: "a/f.py", Data: []byte(tc.want)}}
			}
			p, err := Merge(root, files, tc.how)
			if (err != nil) != (tc.action == Conflict) {
				t.Fatalf("error %v", err)
			}
			if got, want := strings.SplitN(actions(p)+"\n", "\n", 2)[0], string(tc.action)+" a/f.py"; got != want {
				t.Errorf("%q, want %q", got, want)
			}
			if tc.action == Conflict {
				if list := Unresolved(p.Apply(context.Background())); len(list) != 1 || list[0].Path != "a/f.py" {
					t.Errorf("Apply says %v", list)
				}
				wantTree(t, root, before, "a conflict")
			} else {
				mustApply(t, p)
			}
			for name, want := range map[string]string{"a/f.py": tc.result, baseDir + "a/f.py": tc.record} {
				got, err := os.ReadFile(filepath.Join(root, name))
				if want == "-" && err == nil || want != "-" && (err != nil || string(got) != want) {
					t.Errorf("%s is %q, %v; want %q", name, got, err, want)
				}
			}
			if tc.action == Conflict {
				return
			}
			// A second run has nothing to do, and the first is undone byte by byte.
			after := readTree(t, root)
			if p := mustMerge(t, root, files, tc.how); !p.Empty() {
				t.Errorf("a second merge isn't empty: %s", actions(p))
			}
			wantTree(t, root, after, "a second merge")
			u, err := UndoPlan(root)
			if err != nil {
				t.Fatal(err)
			}
			mustApply(t, u)
			wantTree(t, root, before, "undone")
		})
	}
}

// TestMarkedConflicts follows conflicts that went into the file.
func TestMarkedConflicts(t *testing.T) {
	root := project(t, nil)
	v1, v2 := []File{{Path: "f.py", Data: []byte("a\nb\nc\n")}}, []File{{Path: "f.py", Data: []byte("a\nB\nc\n")}}
	mustApply(t, mustMake(t, root, v1))
	put(t, root, "f.py", "a\nmine\nc\r\n")
	before := readTree(t, root)
	p := mustMerge(t, root, v2, Policy{Conflict: Markers})
	if actions(p) != "conflict f.py" || p.Marked() != 1 {
		t.Fatalf("%s, %d marked", actions(p), p.Marked())
	}
	if d := diffOf(t, p); !strings.Contains(d, "+"+markOurs) || strings.Contains(d, "pending") {
		t.Errorf("the diff is\n%s", d)
	}
	mustApply(t, p)
	const text = "a\n<<<<<<< yours\nmine\n||||||| the last render\nb\n=======\nB\n>>>>>>> djharden\nc\r\n"
	check := func(name, want string) {
		t.Helper()
		got, err := os.ReadFile(filepath.Join(root, name))
		if err != nil || string(got) != want {
			t.Fatalf("%s is %q, %v; want %q", name, got, err, want)
		}
	}
	check("f.py", text)
	check(baseDir+"f.py", "a\nb\nc\n") // it hasn't moved

	// As long as they are there nothing is written, whatever else is new.
	for _, how := range []Policy{{}, {Conflict: Markers}, {Conflict: Ours}, {Choices: map[string][]Choice{"f.py": {Ours}}}} {
		p, err := Merge(root, append([]File{{Path: "g.py", Data: []byte("g\n")}}, v2...), how)
		list := Unresolved(err)
		if len(list) != 1 || list[0].Where() != "f.py:2-8" || p.Apply(context.Background()) == nil {
			t.Fatalf("%v: %v", how, err)
		}
	}
	check("f.py", text)

	// The way back is no settlement.
	marked := readTree(t, root)
	put(t, root, "f.py", "a\nmine\nc\r\n")
	if _, err := Merge(root, v2, Policy{}); len(Unresolved(err)) != 1 {
		t.Errorf("the file as it was before counts as settled: %v", err)
	}
	put(t, root, "f.py", text)
	wantTree(t, root, marked, "the way back and forth")

	// Settled by hand: the record moves on and nothing is pending.
	put(t, root, "f.py", "a\nmine and B\nc\n")
	p = mustMerge(t, root, v2, Policy{})
	if got := p.Changes(); got[0].Action != Kept {
		t.Errorf("settled: %v", got)
	}
	mustApply(t, p)
	check(baseDir+"f.py", "a\nB\nc\n")
	if _, err := os.Stat(filepath.Join(root, pendingDir+"f.py")); err == nil {
		t.Error("it is pending still")
	}
	if p := mustMerge(t, root, v2, Policy{}); !p.Empty() {
		t.Errorf("a merge after it isn't empty: %s", actions(p))
	}

	// Undone in one go, marks and all.
	put(t, root, "f.py", "a\nmine\nc\r\n")
	put(t, root, baseDir+"f.py", "a\nb\nc\n")
	mustApply(t, mustMerge(t, root, v2, Policy{Conflict: Markers}))
	u, err := UndoPlan(root)
	if err != nil {
		t.Fatal(err)
	}
	mustApply(t, u)
	wantTree(t, root, before, "undone")
	// Theirs ends a conflict that is marked.
	mustApply(t, mustMerge(t, root, v2, Policy{Conflict: Markers}))
	mustApply(t, mustMerge(t, root, v2, Policy{Conflict: Theirs}))
	check("f.py", "a\nB\nc\n")
	check(baseDir+"f.py", "a\nB\nc\n")
}

// TestInvalidMerge: what two sides make together must be valid.
func TestInvalidMerge(t *testing.T) {
	root := project(t, nil)
	mustApply(t, mustMake(t, root, []File{{Path: "f.py", Data: []byte("(\na\nb\n)\n")}}))
	put(t, root, "f.py", "(\na\nb\n) +\n")
	next := []File{{Path: "f.py", Data: []byte("a\nb\n)\n")}}
	how := Policy{Valid: func(path string, data []byte) error {
		if path != "f.py" || strings.Count(string(data), "(") != strings.Count(string(data), ")") {
			return errors.New("line 4: a bracket is missing")
		}
		return nil
	}}
	_, err := Merge(root, next, how)
	list := Unresolved(err)
	if len(list) != 1 || !strings.Contains(list[0].Why, "line 4: a bracket is missing") || len(list[0].Ours) == 0 {
		t.Fatalf("an invalid merge: %v", err)
	}
	for choice, want := range map[Choice]string{Ours: "(\na\nb\n) +\n", Theirs: "a\nb\n)\n"} {
		how.Files = map[string]Choice{"f.py": choice}
		p := mustMerge(t, root, next, how)
		mustApply(t, p)
		if got, _ := os.ReadFile(filepath.Join(root, "f.py")); string(got) != want {
			t.Errorf("%s: %q", choice, got)
		}
		u, err := UndoPlan(root)
		if err != nil {
			t.Fatal(err)
		}
		mustApply(t, u)
	}
}

// TestMovedRecord: a file that has moved is merged with what was rendered at
// its old path, and the record follows it.
func TestMovedRecord(t *testing.T) {
	root := project(t, map[string]string{baseDir + "old/f.py": "a\nb\nc\n", "new/f.py": "mine\na\nb\nc\n"})
	p := mustMerge(t, root, []File{{Path: "new/f.py", Base: "old/f.py", Data: []byte("a\nb\nC\n")}}, Policy{})
	if got := p.Changes(); len(got) != 1 || got[0].Action != Merged {
		t.Errorf("%v", got)
	}
	mustApply(t, p)
	got := readTree(t, root)
	if !strings.HasSuffix(got["new/f.py"], " mine\na\nb\nC\n") || !strings.HasSuffix(got[baseDir+"new/f.py"], " a\nb\nC\n") || got[baseDir+"old/f.py"] != "" {
		t.Errorf("%v", got)
	}
}

// TestKeptAndRecorded: a file that the user took over is let alone, and lines
// written into the user's own file are remembered.
func TestKeptAndRecorded(t *testing.T) {
	root := project(t, map[string]string{"mine.py": "mine\n", "req.txt": "mine\n"})
	files := []File{
		{Path: "mine.py", Keep: "you took it over", Data: []byte("djharden's\n")},
		{Path: "gone.py", Keep: "you took it over", Data: []byte("djharden's\n")},
		{Path: "req.txt", Owner: Patch, Was: []byte("mine\n"), Data: []byte("mine\nnew\n"), Record: []byte("new\n")},
	}
	p := mustMerge(t, root, files, Policy{})
	if actions(p) != "kept mine.py\nkept gone.py\nupdate req.txt" {
		t.Errorf("%s", actions(p))
	}
	mustApply(t, p)
	got := readTree(t, root)
	if got["gone.py"] != "" || !strings.HasSuffix(got["mine.py"], " mine\n") || !strings.HasSuffix(got[baseDir+"req.txt"], " new\n") {
		t.Errorf("%v", got)
	}
}

// TestEmptyRender keeps the record of a file that is rendered empty, however
// its bytes are spelt.
func TestEmptyRender(t *testing.T) {
	root := project(t, map[string]string{"__init__.py": "# mine\n"})
	put(t, root, baseDir+"__init__.py", "")
	for range 2 {
		p := mustMerge(t, root, []File{{Path: "__init__.py"}}, Policy{})
		if err := p.Apply(context.Background()); err != nil {
			t.Fatal(err)
		}
		if got := p.Changes()[0].Action; got != Kept {
			t.Fatalf("it is %s", got)
		}
		if data, err := os.ReadFile(filepath.Join(root, baseDir+"__init__.py")); err != nil || len(data) > 0 {
			t.Fatalf("the record is %q, %v", data, err)
		}
	}
}
