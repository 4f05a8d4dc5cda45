//go:build unix

package main

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/txtar"
)

// BenchmarkCheck times `djharden check` as a whole process: on one project, on
// trees of 10 to 1,000, and on a checked-out project that CHECK_TREE names,
// beside reading the same bytes and beside the auditor that REINHARDT names.
func BenchmarkCheck(b *testing.B) {
	bin := build(b, ".", "djharden")
	reader := build(b, "./testdata/readtree", "readtree")
	trees := []struct{ name, dir string }{{"one", makeTree(b, 1)}, {"10", makeTree(b, 10)}, {"100", makeTree(b, 100)}, {"1000", makeTree(b, 1000)}}
	if dir := os.Getenv("CHECK_TREE"); dir != "" {
		trees = append(trees, struct{ name, dir string }{filepath.Base(dir), dir})
	}
	for _, tree := range trees {
		files := pythonFiles(b, tree.dir)
		b.Run(tree.name+"/djharden", func(b *testing.B) {
			measureTree(b, files, bin, "check", "--recursive", "--format", "json", tree.dir)
		})
		b.Run(tree.name+"/read", func(b *testing.B) { measureTree(b, files, reader, tree.dir) })
		if other := os.Getenv("REINHARDT"); other != "" {
			b.Run(tree.name+"/reinhardt", func(b *testing.B) { measureTree(b, files, other, tree.dir) })
		}
	}
}

// makeTree lays n projects out, of those that init is tested with.
func makeTree(b *testing.B, n int) string {
	b.Helper()
	archives, err := filepath.Glob("../../internal/scaffold/testdata/adopt/*.txtar")
	if err != nil || len(archives) == 0 {
		b.Fatalf("no projects to copy: %v", err)
	}
	dir := b.TempDir()
	for i := range n {
		a, err := txtar.ParseFile(archives[i%len(archives)])
		if err != nil {
			b.Fatal(err)
		}
		for _, f := range a.Files {
			file := filepath.Join(dir, fmt.Sprintf("project%04d", i), filepath.FromSlash(f.Name))
			if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
				b.Fatal(err)
			}
			if err := os.WriteFile(file, f.Data, 0o644); err != nil {
				b.Fatal(err)
			}
		}
	}
	return dir
}

func pythonFiles(b *testing.B, dir string) int {
	b.Helper()
	n := 0
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(path, ".py") {
			n++
		}
		return err
	})
	if err != nil {
		b.Fatal(err)
	}
	return n
}

func measureTree(b *testing.B, files int, program string, args ...string) {
	b.Helper()
	var cpu, peak float64
	var wall time.Duration
	n := 0
	for b.Loop() {
		cmd := exec.Command(program, args...)
		var log bytes.Buffer
		cmd.Stderr = &log // stdout is thrown away: what this process holds counts as the child's peak
		begin := time.Now()
		err := cmd.Run()
		wall += time.Since(begin)
		if code := cmd.ProcessState.ExitCode(); code != 0 && code != 1 { // 1: findings
			b.Fatalf("%s %v: %v\n%s", filepath.Base(program), args, err, log.String())
		}
		cpu += float64((cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Microseconds()) / 1000
		peak = max(peak, float64(cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss)/1024)
		n++
	}
	b.ReportMetric(float64(wall.Microseconds())/1000/float64(n), "ms/run")
	b.ReportMetric(cpu/float64(n), "cpu-ms/run")
	b.ReportMetric(peak, "peak-MB")
	b.ReportMetric(float64(files)*float64(n)/wall.Seconds(), "py-files/s")
	b.ReportMetric(0, "ns/op")
}
