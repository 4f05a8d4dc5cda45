//go:build !windows

package plan

import (
	"context"
	"fmt"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
)

// platter models what a power cut leaves at least: of a file the bytes of its
// last sync, of a folder the names at its last sync. A real disk may have kept
// more, so each test also mixes in what was there.
type platter struct {
	files map[uint64]string                 // by inode: contents when last synced
	nodes map[string]map[string]uint64      // inodes of those names
	modes map[string]map[string]os.FileMode // and modes
}

func inode(info fs.FileInfo) uint64 { return uint64(info.Sys().(*syscall.Stat_t).Ino) }

func newPlatter() *platter {
	return &platter{files: map[uint64]string{}, nodes: map[string]map[string]uint64{}, modes: map[string]map[string]os.FileMode{}}
}

// all takes everything under top as lasting.
func (p *platter) all(t testing.TB, top string) {
	t.Helper()
	err := filepath.WalkDir(top, func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir():
			return p.syncDir(name)
		}
		return p.syncFile(name)
	})
	if err != nil {
		t.Fatal(err)
	}
}

func (p *platter) syncFile(name string) error {
	info, err := os.Lstat(name)
	if err != nil {
		return err
	}
	data, err := os.ReadFile(name)
	p.files[inode(info)] = string(data)
	return err
}

func (p *platter) syncDir(name string) error {
	list, err := os.ReadDir(name)
	if err != nil {
		return err
	}
	p.nodes[name], p.modes[name] = map[string]uint64{}, map[string]os.FileMode{}
	for _, d := range list {
		info, err := d.Info()
		if err != nil {
			return err
		}
		p.nodes[name][d.Name()], p.modes[name][d.Name()] = inode(info), info.Mode()
	}
	return nil
}

// cut rewrites top as it would be after the power came back. keep decides, for
// each folder and file that isn't synced, whether the disk had kept it anyway.
func (p *platter) cut(t testing.TB, top string, keep func() bool) {
	t.Helper()
	real := newPlatter()
	real.all(t, top)
	if err := os.RemoveAll(top); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(top, 0o755); err != nil {
		t.Fatal(err)
	}
	p.pour(t, top, real, keep)
}

func (p *platter) pour(t testing.TB, dir string, real *platter, keep func() bool) {
	t.Helper()
	from := p
	if _, ok := real.nodes[dir]; ok && keep() {
		from = real
	}
	for _, name := range slices.Sorted(maps.Keys(from.nodes[dir])) {
		full, mode, ino := filepath.Join(dir, name), from.modes[dir][name], from.nodes[dir][name]
		var err error
		if mode.IsDir() {
			if err = os.Mkdir(full, mode.Perm()); err == nil {
				err = os.Chmod(full, mode.Perm())
			}
			p.pour(t, full, real, keep)
		} else {
			text := p.files[ino]
			if now, ok := real.files[ino]; ok && keep() {
				text = now
			}
			if err = os.WriteFile(full, []byte(text), mode.Perm()); err == nil {
				err = os.Chmod(full, mode.Perm())
			}
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// TestPowerCutAtEachStep loses what wasn't synced: all of it, none of it, and
// mixtures. One step after the last, a write that was reported done must last.
func TestPowerCutAtEachStep(t *testing.T) {
	keeps := []func(r *rand.Rand) func() bool{
		func(*rand.Rand) func() bool { return func() bool { return false } },
		func(*rand.Rand) func() bool { return func() bool { return true } },
	}
	for range 4 {
		keeps = append(keeps, func(r *rand.Rand) func() bool { return func() bool { return r.IntN(2) == 0 } })
	}
	eachScene(t, func(t *testing.T, sc scene, fresh tree, total int) {
		for n := 1; n <= total+1; n++ {
			for k, keep := range keeps {
				s := sc.stage(t, fresh)
				when := fmt.Sprintf("power cut at step %d of %d, mixture %d", n, total, k)
				done := powerCut(t, sc, s, n, keep(rand.New(rand.NewPCG(uint64(n), uint64(k)))))
				if sc.name == "new" { // the folder is made before there is a journal
					os.Remove(s.root)
					os.Remove(filepath.Dir(s.root))
				}
				if end := s.recovered(t, when); done && end != New {
					t.Fatalf("%s: the write was reported done, and is gone", when)
				}
				if !done {
					s.again(t, sc, when)
				}
			}
		}
	})
}

// powerCut applies the scene until step n and then cuts the power; it reports
// whether the write had been reported done.
func powerCut(t testing.TB, sc scene, s stage, n int, keep func() bool) bool {
	t.Helper()
	plan, err := sc.plan(s.root)
	if err != nil {
		t.Fatal(err)
	}
	state, err := stateDir(plan.root)
	if err != nil {
		t.Fatal(err)
	}
	disk := newPlatter()
	disk.all(t, s.dir)
	if _, err := os.Stat(state); err == nil {
		disk.all(t, state)
	}
	count := &steps{act: func(i int, step, name string) error {
		if i >= n {
			return errFault
		}
		full := filepath.Join(plan.root, filepath.FromSlash(name))
		if rest, ok := strings.CutPrefix(name, "state:"); ok {
			full = filepath.Join(state, rest)
		} else if filepath.IsAbs(name) {
			full = name
		}
		switch step {
		case "sync":
			return disk.syncFile(full)
		case "syncdir":
			if _, err := os.Stat(full); err == nil {
				return disk.syncDir(full)
			}
		}
		return nil
	}}
	plan.hook, plan.workers = count.hook, 1
	err = plan.Apply(context.Background())
	disk.cut(t, s.dir, keep)
	if _, err := os.Stat(state); err == nil {
		disk.cut(t, state, keep)
		if err := os.Chmod(state, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	return err == nil
}

func TestPowerCutModel(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Log("the model counts on inodes that aren't used again, which only Linux's tmpfs promises")
	}
	dir := filepath.Join(memoryDir(t), "d")
	fill(t, dir, map[string]string{"a": "old", "sub/b": "old"})
	p := newPlatter()
	p.all(t, dir)
	put(t, dir, "a", "new")
	put(t, dir, "sub/c", "new")
	p.cut(t, dir, func() bool { return false })
	got := readTree(t, dir)
	if got["a"] != "-rw-r--r-- old" || got["sub/c"] != "" || got["sub/b"] != "-rw-r--r-- old" {
		t.Errorf("after a cut: %v", got)
	}
}
