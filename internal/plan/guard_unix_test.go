//go:build !windows

package plan

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

const nobody = 65534

// unable skips a test that this machine can't run; with CI set it fails.
func unable(t testing.TB, why string) {
	t.Helper()
	if os.Getenv("CI") != "" {
		t.Fatalf("this must run in CI, and can't: %s", why)
	}
	t.Skip(why)
}

func TestPipeAndDeviceInTheWay(t *testing.T) {
	root := project(t, nil)
	if err := syscall.Mkfifo(filepath.Join(root, "pipe"), 0o644); err != nil {
		unable(t, "no named pipe can be made: "+err.Error())
	}
	for _, f := range []File{{Path: "pipe", Data: []byte("x")}, {Path: "pipe", Owner: Once}, {Path: "pipe/x"}} {
		_, err := Make(root, []File{f})
		wantRefused(t, err, "pipe", "a named pipe")
	}
	sock, err := syscall.Socket(syscall.AF_UNIX, syscall.SOCK_STREAM, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer syscall.Close(sock)
	t.Chdir(root) // a socket's path is short
	if err := syscall.Bind(sock, &syscall.SockaddrUnix{Name: "sock"}); err != nil {
		t.Fatal(err)
	}
	_, err = Make(root, []File{{Path: "sock"}})
	wantRefused(t, err, "sock", "a socket")
}

// TestTwoAtOnce holds a write open in another process.
func TestTwoAtOnce(t *testing.T) {
	onDisk, files := adoption()
	root := project(t, onDisk)
	before := readTree(t, root)
	cmd := child(t, "hold", root)
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(out).ReadString('\n'); line != "holding\n" {
		t.Fatalf("the other run said %q: %v", line, err)
	}
	undo, uerr := UndoPlan(root)
	if uerr != nil || !undo.Empty() {
		t.Errorf("UndoPlan: %v", uerr)
	}
	_, rerr := Recover(root)
	for _, err := range []error{mustMake(t, root, []File{{Path: "mine", Data: []byte("x")}}).Apply(context.Background()), rerr} {
		var locked *LockedError
		if !errors.As(err, &locked) || locked.PID != cmd.Process.Pid {
			t.Errorf("error %v, want a LockedError of pid %d", err, cmd.Process.Pid)
		}
	}
	if err := in.Close(); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}
	if before.diff(readTree(t, root)) == "" {
		t.Error("the other run wrote nothing")
	}
	if p := mustMake(t, root, files); !p.Empty() {
		t.Errorf("the other run left something to do:\n%s", actions(p))
	}
	mustApply(t, mustMake(t, root, []File{{Path: "mine", Data: []byte("x")}}))
}

// unprivileged makes a root and a state folder for a user who isn't root, and
// a command that runs helper as that user.
func unprivileged(t testing.TB, files map[string]string, helper string, args ...string) (root string, cmd *exec.Cmd) {
	t.Helper()
	top := t.TempDir()
	root = filepath.Join(top, "site")
	fill(t, root, files)
	state := filepath.Join(top, "state")
	if err := os.Mkdir(state, 0o700); err != nil {
		t.Fatal(err)
	}
	cmd = child(t, append([]string{helper, root}, args...)...)
	cmd.Env = append(cmd.Env, "XDG_STATE_HOME="+state, "HOME="+top)
	if os.Geteuid() != 0 {
		return root, cmd
	}
	exe := filepath.Join(top, "helper")
	copyFile(t, cmd.Path, exe)
	cmd.Path, cmd.Args[0], cmd.Dir = exe, exe, top
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	if err := os.Chown(state, nobody, nobody); err != nil {
		t.Fatal(err)
	}
	if err := filepath.WalkDir(root, func(p string, _ os.DirEntry, _ error) error { return os.Chown(p, nobody, nobody) }); err != nil {
		t.Fatal(err)
	}
	for dir := top; dir != "/" && dir != "."; dir = filepath.Dir(dir) { // let nobody in
		if info, err := os.Stat(dir); err == nil && info.Mode()&0o005 != 0o005 && strings.HasPrefix(dir, os.TempDir()+"/") {
			if err := os.Chmod(dir, info.Mode()|0o055); err != nil {
				t.Fatal(err)
			}
		}
	}
	return root, cmd
}

func copyFile(t testing.TB, from, to string) {
	t.Helper()
	data, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(to, data, 0o755); err != nil {
		t.Fatal(err)
	}
}

func TestReadOnlyFolder(t *testing.T) {
	onDisk, _ := adoption()
	for _, dir := range []string{".", "mysite"} {
		root, cmd := unprivileged(t, onDisk, "adopt")
		if err := os.Chmod(filepath.Join(root, dir), 0o555); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { os.Chmod(filepath.Join(root, dir), 0o755) })
		before := readTree(t, root)
		out, err := cmd.CombinedOutput()
		if err == nil || !strings.Contains(string(out), "files can't be made in this folder: permission denied: nothing was changed") {
			t.Errorf("%s read-only: %v\n%s", dir, err, out)
		}
		wantTree(t, root, before, dir+" read-only")
	}
	root, cmd := unprivileged(t, onDisk, "adopt")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("with the rights it needs: %v\n%s", err, out)
	}
	if got := readTree(t, root)[".env"]; !strings.HasPrefix(got, "-rw-------") {
		t.Errorf(".env is %s", got)
	}
}

func TestUnreadableFile(t *testing.T) {
	onDisk, _ := adoption()
	root, cmd := unprivileged(t, onDisk, "adopt")
	if err := os.Chmod(filepath.Join(root, "manage.py"), 0); err != nil {
		t.Fatal(err)
	}
	out, err := cmd.CombinedOutput()
	if err == nil || !strings.Contains(string(out), "manage.py: it can't be read: permission denied") {
		t.Errorf("%v\n%s", err, out)
	}
}

func TestAnotherUsersFile(t *testing.T) {
	if os.Geteuid() != 0 {
		unable(t, "files of another user need root")
	}
	onDisk, _ := adoption()
	root, cmd := unprivileged(t, onDisk, "adopt")
	if err := os.Chown(filepath.Join(root, "manage.py"), 1234, 1234); err != nil {
		t.Fatal(err)
	}
	before := readTree(t, root)
	out, err := cmd.CombinedOutput()
	if err == nil || !strings.Contains(string(out), "manage.py: it belongs to another user (uid 1234") {
		t.Errorf("another user's file: %v\n%s", err, out)
	}
	wantTree(t, root, before, "another user's file")

	// The state folder of somebody else.
	root, cmd = unprivileged(t, onDisk, "adopt")
	state := filepath.Join(filepath.Dir(root), "state", "djharden")
	if err := os.Mkdir(state, 0o755); err != nil {
		t.Fatal(err)
	}
	before = readTree(t, root)
	out, err = cmd.CombinedOutput()
	if err == nil || !strings.Contains(string(out), state+": undo's copies can't be kept there: it belongs to another user") {
		t.Errorf("another user's state folder: %v\n%s", err, out)
	}
	// One that can't be written.
	if err := os.Remove(state); err != nil {
		t.Fatal(err)
	}
	if err := os.Chown(filepath.Dir(state), 0, 0); err != nil {
		t.Fatal(err)
	}
	_, cmd2 := cmd, child(t, "adopt", root)
	cmd2.Path, cmd2.Env, cmd2.Dir, cmd2.SysProcAttr = cmd.Path, cmd.Env, cmd.Dir, cmd.SysProcAttr
	out, err = cmd2.CombinedOutput()
	if err == nil || !strings.Contains(string(out), "undo's copies can't be kept there: permission denied") {
		t.Errorf("a state folder that can't be written: %v\n%s", err, out)
	}
	wantTree(t, root, before, "no state folder")
}

// TestRootWritesForOthers: what root makes in somebody's project is theirs,
// and what it replaces keeps its owner.
func TestRootWritesForOthers(t *testing.T) {
	if os.Geteuid() != 0 {
		unable(t, "giving files away needs root")
	}
	onDisk, files := adoption()
	root := project(t, onDisk)
	for _, name := range []string{root, filepath.Join(root, "manage.py")} {
		if err := os.Chown(name, 1000, 1001); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chown(filepath.Join(root, "mysite", "urls.py"), 33, 44); err != nil {
		t.Fatal(err)
	}
	mustApply(t, mustMake(t, root, files))
	want := func(name string, uid, gid int) {
		t.Helper()
		info, err := os.Stat(filepath.Join(root, name))
		if err != nil {
			t.Fatal(err)
		}
		if u, g := owner(info); u != uid || g != gid {
			t.Errorf("%s belongs to %d:%d, want %d:%d", name, u, g, uid, gid)
		}
	}
	for _, name := range []string{"manage.py", ".env", "deploy", "deploy/nginx/site.conf", ".djharden/base/mysite", "mysite/settings/base.py"} {
		want(name, 1000, 1001)
	}
	want("mysite/urls.py", 33, 44)
	u, err := UndoPlan(root)
	if err != nil {
		t.Fatal(err)
	}
	mustApply(t, u)
	want("manage.py", 1000, 1001)
	want("mysite/urls.py", 33, 44)
	want("mysite/settings.py", 0, 0)

	inner := filepath.Join(root, "new", "site")
	mustApply(t, mustMake(t, inner, []File{{Path: "a/b", Data: []byte("x")}}))
	want("new/site/a/b", 1000, 1001)
	want("new", 1000, 1001)
}

func TestModes(t *testing.T) {
	root := project(t, map[string]string{"open.env": "A=1\n", "group.env": "A=1\n", "own.py": "old", "manage.py": "old", "tight.py": "old", "once.env": "A=1\n"})
	chmod := func(name string, mode os.FileMode) {
		t.Helper()
		if err := os.Chmod(filepath.Join(root, name), mode); err != nil {
			t.Fatal(err)
		}
	}
	chmod("open.env", 0o644)
	chmod("once.env", 0o664)
	chmod("group.env", 0o640)
	chmod("own.py", 0o664)
	chmod("manage.py", 0o640)
	chmod("tight.py", 0o600)
	old, now := []byte("old"), []byte("new")
	files := []File{
		{Path: "open.env", Owner: Patch, Secret: true, Was: []byte("A=1\n"), Data: []byte("A=1\nB=2\n")},
		{Path: "once.env", Owner: Once, Secret: true, Perm: 0o600, Data: []byte("other")},
		{Path: "group.env", Owner: Patch, Secret: true, Perm: 0o600, Was: []byte("A=1\n"), Data: []byte("A=1\nB=2\n")},
		{Path: "own.py", Owner: Patch, Was: old, Data: now},
		{Path: "manage.py", Owner: Patch, Was: old, Data: now, Perm: 0o755},
		{Path: "tight.py", Owner: Patch, Was: old, Data: now, Perm: 0o644},
		{Path: "new.env", Owner: Once, Secret: true, Data: now},
		{Path: "private", Perm: 0o600, Data: now},
		{Path: "run", Perm: 0o755, Data: now},
		{Path: "plain", Data: now},
	}
	before := readTree(t, root)
	umask := syscall.Umask(0o022)
	defer syscall.Umask(umask)
	mustApply(t, mustMake(t, root, files))
	after := readTree(t, root)
	for name, want := range map[string]string{
		"open.env": "-rw-------", "once.env": "-rw------- A=1\n", "group.env": "-rw-r-----", "own.py": "-rw-rw-r--", "manage.py": "-rwxr-x---",
		"tight.py": "-rw-------", "new.env": "-rw-------", "private": "-rw-------", "run": "-rwxr-xr-x", "plain": "-rw-r--r--",
	} {
		if !strings.HasPrefix(after[name], want) {
			t.Errorf("%s is %q, want %s", name, after[name], want)
		}
	}
	u, err := UndoPlan(root)
	if err != nil {
		t.Fatal(err)
	}
	mustApply(t, u)
	wantTree(t, root, before, "after undo")

	syscall.Umask(0o077)
	mustApply(t, mustMake(t, root, []File{{Path: "run", Perm: 0o755, Data: now}, {Path: "plain", Data: now}}))
	after = readTree(t, root)
	if !strings.HasPrefix(after["run"], "-rwx------") || !strings.HasPrefix(after["plain"], "-rw-------") {
		t.Errorf("under umask 077: %v", after)
	}
	if p := mustMake(t, root, []File{{Path: "run", Perm: 0o755, Data: now}, {Path: "plain", Data: now}}); !p.Empty() {
		t.Errorf("a second plan isn't empty: %s", actions(p))
	}
}

// TestModeChangedUnderUs changes rights, not bytes, between Make and Apply.
func TestModeChangedUnderUs(t *testing.T) {
	onDisk, files := adoption()
	root := project(t, onDisk)
	p := mustMake(t, root, files)
	if err := os.Chmod(filepath.Join(root, "mysite/urls.py"), 0o640); err != nil {
		t.Fatal(err)
	}
	wantRefused(t, p.Apply(context.Background()), "mysite/urls.py", "changed since")
}

// TestStepsInOrder: new contents are never wider open than they end up, and
// what moves is at its new place before it goes from the old one.
func TestStepsInOrder(t *testing.T) {
	onDisk, files := adoption()
	root := project(t, onDisk)
	for _, name := range []string{"mysite/urls.py", "mysite/settings.py"} {
		if err := os.Chmod(filepath.Join(root, name), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	p := mustMake(t, root, files)
	chmods, removed := 0, false
	p.hook = func(step, name string) error {
		if strings.HasPrefix(name, "state:") {
			return nil
		}
		switch info, err := os.Stat(filepath.Join(root, name)); step {
		case "chmod":
			chmods++
			if err != nil || info.Mode() != 0o600 {
				t.Errorf("%s before its chmod: %v, %v", name, info.Mode(), err)
			}
		case "remove":
			removed = true
		case "rename":
			if removed {
				t.Errorf("%s comes after a removal", name)
			}
		}
		return nil
	}
	p.workers = 1
	mustApply(t, p)
	if chmods < 3 || !removed {
		t.Errorf("only %d chmods are seen, removed %v", chmods, removed)
	}
}

func init() {
	apply := func(root string, h hook) error {
		_, files := adoption()
		p, err := Make(root, files)
		if err != nil {
			return err
		}
		p.hook = h
		return p.Apply(context.Background())
	}
	children["adopt"] = func(args []string) error { return apply(args[0], nil) }
	children["hold"] = func(args []string) error {
		return apply(args[0], func(step, _ string) error {
			if step == "append" {
				fmt.Println("holding")
				_, err := io.Copy(io.Discard, os.Stdin)
				return err
			}
			return nil
		})
	}
}
