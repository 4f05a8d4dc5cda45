package plan

import (
	"context"
	"fmt"
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
	for _, workers := range []int{1, 4, 8, 16, 32} {
		b.Run(fmt.Sprintf("workers=%d", workers), func(b *testing.B) {
			files := thirty()
			top := project(b, nil)
			i := 0
			for b.Loop() {
				i++
				p := mustMake(b, filepath.Join(top, fmt.Sprint(i)), files)
				p.workers = workers
				if err := p.Apply(context.Background()); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkDiff(b *testing.B) {
	p := mustMake(b, project(b, nil), thirty())
	for b.Loop() {
		diffOf(b, p)
	}
}
