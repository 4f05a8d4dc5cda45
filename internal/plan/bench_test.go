package plan

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// thirty are as many files as a new project has, of their usual size.
func thirty() []File {
	var files []File
	for i := range 30 {
		owner := Whole
		if i%3 == 0 {
			owner = Once
		}
		files = append(files, File{Path: fmt.Sprintf("config/part%d/file%02d.py", i%5, i), Owner: owner,
			Data: []byte(strings.Repeat(fmt.Sprintf("line %d of a file\n", i), 150))})
	}
	return files
}

func BenchmarkMake(b *testing.B) {
	files := thirty()
	root := project(b, nil)
	mustApply(b, mustMake(b, root, files))
	for b.Loop() {
		mustMake(b, root, files)
	}
}

func BenchmarkApply(b *testing.B) {
	files := thirty()
	top := project(b, nil)
	i := 0
	for b.Loop() {
		i++
		mustApply(b, mustMake(b, filepath.Join(top, fmt.Sprint(i)), files))
	}
}

// BenchmarkPlain writes what BenchmarkApply leaves, with a sync, a rename and a
// sync of each folder, and nothing else: what it costs at least.
func BenchmarkPlain(b *testing.B) {
	root := project(b, nil)
	mustApply(b, mustMake(b, root, thirty()))
	var files []File
	for name, text := range readTree(b, root) {
		if strings.HasPrefix(text, "-") {
			_, data, _ := strings.Cut(text, " ")
			files = append(files, File{Path: name, Data: []byte(data)})
		}
	}
	i := 0
	for b.Loop() {
		i++
		if err := plain(fmt.Sprint(root, i), files); err != nil {
			b.Fatal(err)
		}
	}
}

func plain(top string, files []File) error {
	dirs := map[string]bool{}
	for _, f := range files {
		name := filepath.Join(top, f.Path)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			return err
		}
		t, err := os.Create(name + tempSuffix)
		if err != nil {
			return err
		}
		_, err = t.Write(f.Data)
		if err := errors.Join(err, t.Sync(), t.Close(), os.Rename(name+tempSuffix, name)); err != nil {
			return err
		}
		for dir := filepath.Dir(name); dir != filepath.Dir(top); dir = filepath.Dir(dir) {
			dirs[dir] = true
		}
	}
	for dir := range dirs {
		r, err := os.OpenRoot(dir)
		if err != nil {
			return err
		}
		if err := errors.Join(syncDir(r, "."), r.Close()); err != nil {
			return err
		}
	}
	return nil
}

func BenchmarkDiff(b *testing.B) {
	p := mustMake(b, project(b, nil), thirty())
	for b.Loop() {
		diffOf(b, p)
	}
}
