package plan

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// The faults below are tried at every step of four writes: an adoption (each
// kind of file and action), its undo, a new project in a folder that isn't
// there yet, and a sync (each kind of merge).

var errFault = errors.New("injected fault")

// steps counts the steps of a write and acts at the nth (from 1).
type steps struct {
	mu   sync.Mutex
	n    int
	seen []string
	act  func(n int, step, name string) error
}

func (s *steps) hook(step, name string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.n++
	s.seen = append(s.seen, step+" "+name)
	if s.act == nil {
		return nil
	}
	return s.act(s.n, step, name)
}

// failAt fails the nth step alone; failFrom that one and all after it, which
// leaves the disk as a kill would.
func failAt(n int) func(int, string, string) error {
	return func(i int, _, _ string) error {
		if i == n {
			return errFault
		}
		return nil
	}
}

func failFrom(n int) func(int, string, string) error {
	return func(i int, _, _ string) error {
		if i >= n {
			return errFault
		}
		return nil
	}
}

// scene is one write to be disturbed.
type scene struct {
	name string
	// set prepares a project under dir and returns its root.
	set func(t testing.TB, dir string) string
	// plan makes the plan of the write.
	plan func(root string) (*Plan, error)
}

var scenes = []scene{
	{"adopt", func(t testing.TB, dir string) string {
		onDisk, _ := adoption()
		root := filepath.Join(dir, "site")
		fill(t, root, onDisk)
		oddModes(t, root, "mysite/urls.py", "mysite/settings.py")
		return root
	}, func(root string) (*Plan, error) {
		_, files := adoption()
		return Make(root, files)
	}},
	{"undo", func(t testing.TB, dir string) string {
		onDisk, files := adoption()
		root := filepath.Join(dir, "site")
		fill(t, root, onDisk)
		mustApply(t, mustMake(t, root, files))
		oddModes(t, root, "deploy", ".env")
		return root
	}, UndoPlan},
	{"new", func(t testing.TB, dir string) string {
		return filepath.Join(dir, "new", "site")
	}, func(root string) (*Plan, error) {
		return Make(root, []File{
			{Path: "manage.py", Data: []byte("m\n"), Perm: 0o755},
			{Path: "config/settings/prod.py", Data: []byte("p\n")},
			{Path: ".env", Owner: Once, Secret: true, Data: []byte("A=b\n")},
		})
	}},
	{"sync", func(t testing.TB, dir string) string {
		onDisk, _ := edited()
		root := filepath.Join(dir, "site")
		fill(t, root, onDisk)
		oddModes(t, root, "update.py", "merged.py", ".env", baseDir+"same.py", "sub", baseDir+"old")
		return root
	}, func(root string) (*Plan, error) {
		_, files := edited()
		return Merge(root, files, Policy{Conflict: Theirs})
	}},
}

// oddModes sets modes that no umask gives.
func oddModes(t testing.TB, root string, names ...string) {
	t.Helper()
	for _, name := range names {
		if err := os.Chmod(filepath.Join(root, name), 0o757); err != nil {
			t.Fatal(err)
		}
	}
}

// stage is a scene set up in folders of its own, with both trees known.
type stage struct {
	dir, root string
	old, new  tree
}

func (sc scene) stage(t testing.TB, fresh tree) stage {
	t.Helper()
	top := memoryDir(t)
	s := stage{dir: filepath.Join(top, "work"), new: fresh}
	if err := os.Mkdir(s.dir, 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("XDG_STATE_HOME", filepath.Join(top, "state"))
	s.root = sc.set(t, s.dir)
	s.old = readTree(t, s.dir)
	return s
}

// memoryDir is a temporary folder in memory where there is such a place, for
// the thousands of syncs of these tests.
func memoryDir(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "djharden-plan-")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

// outcome applies the scene undisturbed and returns the new tree and the steps.
func (sc scene) outcome(t testing.TB) (tree, int) {
	t.Helper()
	s := sc.stage(t, nil)
	p, err := sc.plan(s.root)
	if err != nil {
		t.Fatal(err)
	}
	count := &steps{}
	p.hook, p.workers = count.hook, 1
	mustApply(t, p)
	return readTree(t, s.dir), count.n
}

// is tells which tree is there; fails the test where it is neither.
func (s stage) is(t testing.TB, when string) Tree {
	t.Helper()
	now := readTree(t, s.dir)
	a, b := s.old.diff(now), s.new.diff(now)
	switch {
	case a == "":
		return Old
	case b == "":
		return New
	}
	t.Fatalf("%s: the tree is neither the old one:\n%s\nnor the new one:\n%s", when, a, b)
	return Mixed
}

func eachScene(t *testing.T, do func(t *testing.T, sc scene, fresh tree, total int)) {
	for _, sc := range scenes {
		t.Run(sc.name, func(t *testing.T) {
			fresh, total := sc.outcome(t)
			if total < 15 {
				t.Fatalf("only %d steps are seen", total)
			}
			do(t, sc, fresh, total)
		})
	}
}

func TestFailEachStep(t *testing.T) {
	eachScene(t, func(t *testing.T, sc scene, fresh tree, total int) {
		for _, workers := range []int{1, 0} {
			for n := 1; n <= total; n++ {
				s := sc.stage(t, fresh)
				p, err := sc.plan(s.root)
				if err != nil {
					t.Fatal(err)
				}
				count := &steps{act: failAt(n)}
				p.hook, p.workers = count.hook, workers
				err = p.Apply(context.Background())
				when := fmt.Sprintf("step %d (%s), workers %d", n, count.seen[min(n, len(count.seen))-1], workers)
				var w *WriteError
				if !errors.As(err, &w) {
					t.Fatalf("%s: error %v, want a WriteError", when, err)
				}
				if got := s.is(t, when); got != w.Tree {
					t.Fatalf("%s: the tree is %d, the error says %d: %v", when, got, w.Tree, err)
				}
				if r, err := Recover(s.root); err != nil || w.Tree == Old && r.String() != "" {
					t.Fatalf("%s: Recover afterwards: %v %v", when, r, err)
				}
				s.again(t, sc, when)
			}
		}
	})
}

// again writes undisturbed after a fault: the new tree must come.
func (s stage) again(t testing.TB, sc scene, when string) {
	t.Helper()
	p, err := sc.plan(s.root)
	if err != nil {
		t.Fatalf("%s: plan again: %v", when, err)
	}
	if err := p.Apply(context.Background()); err != nil {
		t.Fatalf("%s: write again: %v", when, err)
	}
	if d := s.new.diff(readTree(t, s.dir)); d != "" {
		t.Fatalf("%s: written again, the tree differs:\n%s", when, d)
	}
}

// TestFailForGood lets every step from the nth on fail, putting back included,
// and then every step of the recovery too, before one that may work.
func TestFailForGood(t *testing.T) {
	eachScene(t, func(t *testing.T, sc scene, fresh tree, total int) {
		ends := map[Tree]int{}
		for n := 1; n <= total; n++ {
			for m := 1; ; m++ {
				s := sc.stage(t, fresh)
				p, err := sc.plan(s.root)
				if err != nil {
					t.Fatal(err)
				}
				p.hook, p.workers = (&steps{act: failFrom(n)}).hook, 1
				err = p.Apply(context.Background())
				var w *WriteError
				if !errors.As(err, &w) {
					t.Fatalf("step %d: error %v, want a WriteError", n, err)
				}
				when := fmt.Sprintf("step %d, step %d of the recovery", n, m)
				second := &steps{act: failFrom(m)}
				_, err = recoverWith(s.root, second.hook)
				end := s.recovered(t, when)
				ends[end]++
				if w.Tree != Mixed && w.Tree != end {
					t.Fatalf("%s: the tree is %d, the error said %d", when, end, w.Tree)
				}
				if err == nil {
					break // the recovery has fewer than m steps
				}
				if testing.Short() {
					m += 6
				}
			}
		}
		if ends[Old] == 0 || ends[New] == 0 {
			t.Errorf("both trees should come about: %v", ends)
		}
	})
}

// recovered settles the write and tells which tree is there, as the report
// must.
func (s stage) recovered(t testing.TB, when string) Tree {
	t.Helper()
	r, err := Recover(s.root)
	if err != nil {
		t.Fatalf("%s: Recover: %v", when, err)
	}
	got := s.is(t, when)
	if r.Finished && got != New || r.RolledBack && got != Old {
		t.Fatalf("%s: the tree is %d, the report says %q", when, got, r)
	}
	if r, err = Recover(s.root); err != nil || r.String() != "" {
		t.Fatalf("%s: a second Recover: %v, %v", when, r, err)
	}
	return got
}

// TestKillEachStep kills a child at every step; the next run settles it.
func TestKillEachStep(t *testing.T) {
	eachScene(t, func(t *testing.T, sc scene, fresh tree, total int) {
		ends := map[Tree]int{}
		for n := 1; n <= total; n++ {
			s := sc.stage(t, fresh)
			cmd := child(t, "kill", sc.name, s.root, strconv.Itoa(n))
			out, err := cmd.CombinedOutput()
			when := fmt.Sprintf("killed at step %d", n)
			if err == nil || strings.Contains(string(out), "survived") {
				t.Fatalf("%s: the child lived on: %v\n%s", when, err, out)
			}
			if sc.name == "new" { // the folder is made before there is a journal
				os.Remove(s.root)
				os.Remove(filepath.Dir(s.root))
			}
			end := s.recovered(t, when)
			ends[end]++
			s.again(t, sc, when)
		}
		if ends[Old] == 0 || ends[New] == 0 {
			t.Errorf("both trees should come about: %v", ends)
		}
	})
}

// child runs this test binary as a helper: see TestMain.
func child(t testing.TB, args ...string) *exec.Cmd {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(exe)
	cmd.Env = append(os.Environ(), "DJHARDEN_PLAN_CHILD="+strings.Join(args, "\n"))
	return cmd
}

func TestMain(m *testing.M) {
	if args := os.Getenv("DJHARDEN_PLAN_CHILD"); args != "" {
		os.Unsetenv("DJHARDEN_PLAN_CHILD")
		runChild(strings.Split(args, "\n"))
		return
	}
	os.Exit(m.Run())
}

func runChild(args []string) {
	do, ok := children[args[0]]
	if !ok {
		fmt.Println("no such helper:", args[0])
		os.Exit(2)
	}
	if err := do(args[1:]); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
}

// children are the helpers that tests run in a process of their own.
var children = map[string]func([]string) error{
	"kill": func(args []string) error {
		n, err := strconv.Atoi(args[2])
		if err != nil {
			return err
		}
		for _, sc := range scenes {
			if sc.name != args[0] {
				continue
			}
			p, err := sc.plan(args[1])
			if err != nil {
				return err
			}
			p.hook = (&steps{act: func(i int, _, _ string) error {
				if i == n {
					me, err := os.FindProcess(os.Getpid())
					if err != nil {
						return err
					}
					me.Kill()
					select {} // until the signal arrives
				}
				return nil
			}}).hook
			err = p.Apply(context.Background())
			fmt.Println("survived:", err)
			return err
		}
		return errors.New("no such scene")
	},
}
