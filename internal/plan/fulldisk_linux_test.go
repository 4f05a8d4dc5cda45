package plan

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// TestFullDisk writes on a disk of its own that has no room, then room for one
// page, for two, and so on until the write succeeds. Each time all or nothing
// is there. The disk is a tmpfs, mounted in a namespace of the helper's.
func TestFullDisk(t *testing.T) {
	for _, which := range []string{"project", "state", "project\nsync", "state\nsync"} {
		dir := t.TempDir()
		cmd := child(t, "fulldisk", dir, which)
		cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNS}
		if os.Geteuid() != 0 {
			cmd.SysProcAttr = asOwnRoot()
		}
		out, err := cmd.CombinedOutput()
		if os.Geteuid() == 0 && (errors.Is(err, syscall.EPERM) || strings.Contains(string(out), "can't mount")) {
			cmd = child(t, "fulldisk", dir, which)
			cmd.SysProcAttr = asOwnRoot()
			out, err = cmd.CombinedOutput()
		}
		if errors.Is(err, syscall.EPERM) || strings.Contains(string(out), "can't mount") {
			unable(t, fmt.Sprintf("no disk of our own can be mounted, as root or in a user namespace: %v %s", err, out))
		}
		if err != nil || !strings.Contains(string(out), "full 0") {
			t.Errorf("%s on a full disk: %v\n%s", which, err, out)
		}
		t.Logf("%s on a full disk: %s", which, out)
	}
}

func asOwnRoot() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWUSER | syscall.CLONE_NEWNS,
		UidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}}}
}

func init() { children["fulldisk"] = fullDisk }

func fullDisk(args []string) error {
	disk := filepath.Join(args[0], "disk")
	if err := os.Mkdir(disk, 0o700); err != nil && !errors.Is(err, os.ErrExist) {
		return err
	}
	// Keep the mount to ourselves.
	_ = syscall.Mount("", "/", "", syscall.MS_REC|syscall.MS_PRIVATE, "")
	if err := syscall.Mount("tmpfs", disk, "tmpfs", 0, "size=1m,mode=0700"); err != nil {
		return fmt.Errorf("can't mount: %w", err)
	}
	elsewhere := filepath.Join(args[0], "elsewhere")
	project, state := disk, elsewhere
	if args[1] == "state" {
		project, state = elsewhere, disk
	}
	onDisk, files := adoption()
	plan := Make
	if len(args) > 2 {
		onDisk, files = edited()
		plan = func(root string, files []File) (*Plan, error) { return Merge(root, files, Policy{Conflict: Theirs}) }
	}
	for i := range files { // some pages each
		if files[i].Owner == Whole && !files[i].Remove {
			files[i].Data = append(files[i].Data, strings.Repeat("# "+files[i].Path+"\n", 300)...)
		}
	}
	for pages := 0; ; pages++ {
		err := oneFull(filepath.Join(project, strconv.Itoa(pages)), filepath.Join(state, strconv.Itoa(pages)), disk, onDisk, func(root string) (*Plan, error) { return plan(root, files) }, pages)
		if errors.Is(err, errFitted) {
			fmt.Printf("full 0 to %d pages, then it fits\n", pages-1)
			return nil
		}
		if err != nil {
			return fmt.Errorf("%d pages free: %w", pages, err)
		}
	}
}

var errFitted = errors.New("it fits")

// oneFull writes with so many pages free.
func oneFull(root, state, disk string, onDisk map[string]string, plan func(string) (*Plan, error), pages int) error {
	os.Setenv("XDG_STATE_HOME", state)
	for name, text := range onDisk {
		p := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(p, []byte(text), 0o644); err != nil {
			return err
		}
	}
	p, err := plan(root)
	if err != nil {
		return err
	}
	ballast, err := os.Create(filepath.Join(disk, "ballast"))
	if err != nil {
		return err
	}
	defer os.Remove(ballast.Name())
	defer ballast.Close()
	size := int64(0)
	for err == nil {
		_, err = ballast.Write(make([]byte, 4096))
		size += 4096
	}
	if !errors.Is(err, syscall.ENOSPC) {
		return err
	}
	if err := ballast.Truncate(max(0, size-4096-int64(pages)*4096)); err != nil {
		return err
	}
	before, err := listing(root)
	if err != nil {
		return err
	}
	applied := p.Apply(context.Background())
	after, err := listing(root)
	if err != nil {
		return err
	}
	var w *WriteError
	switch {
	case applied == nil:
		return errFitted
	case !errors.As(applied, &w) || w.Tree != Old || !strings.Contains(applied.Error(), "no space left on device") || !strings.HasSuffix(applied.Error(), "nothing was changed"):
		return fmt.Errorf("error %w", applied)
	case before != after:
		return fmt.Errorf("the tree was\n%s\nand is\n%s", before, after)
	}
	// The next size needs the room.
	return errors.Join(os.RemoveAll(root), os.RemoveAll(state))
}

func listing(root string) (string, error) {
	var b strings.Builder
	err := filepath.WalkDir(root, func(p string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			fmt.Fprintln(&b, p)
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		data, err := os.ReadFile(p)
		fmt.Fprintln(&b, p, info.Mode(), sum(data))
		return err
	})
	return b.String(), err
}
