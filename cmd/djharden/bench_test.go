//go:build unix

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
)

// BenchmarkInit times `djharden init --yes` as a whole process, beside a
// program that only writes the same files with the same syncs.
func BenchmarkInit(b *testing.B) {
	bin := build(b, ".", "djharden")
	base := build(b, "./testdata/baseline", "baseline")
	made := initProject(b, bin, b.TempDir()).dir
	b.Run("djharden", func(b *testing.B) {
		measure(b, func(dir string) *exec.Cmd { return initProject(b, bin, dir).cmd })
	})
	b.Run("baseline", func(b *testing.B) {
		measure(b, func(dir string) *exec.Cmd {
			return run(b, exec.Command(base, made, filepath.Join(dir, "mysite")))
		})
	})
	b.Run("version", func(b *testing.B) { // start-up alone
		measure(b, func(string) *exec.Cmd { return run(b, exec.Command(bin, "--version")) })
	})
}

type made struct {
	dir string
	cmd *exec.Cmd
}

func initProject(b *testing.B, bin, parent string) made {
	dir := filepath.Join(parent, "mysite")
	cmd := exec.Command(bin, "init", dir, "--domain", "example.com", "--yes")
	cmd.Env = append(os.Environ(), "XDG_STATE_HOME="+filepath.Join(parent, "state"), "PATH=")
	return made{dir, run(b, cmd)}
}

func build(b *testing.B, pkg, name string) string {
	b.Helper()
	bin := filepath.Join(b.TempDir(), name)
	out, err := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w", "-o", bin, pkg).CombinedOutput()
	if err != nil {
		b.Fatalf("%v\n%s", err, out)
	}
	return bin
}

func run(b *testing.B, cmd *exec.Cmd) *exec.Cmd {
	b.Helper()
	if out, err := cmd.CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, out)
	}
	return cmd
}

func measure(b *testing.B, one func(dir string) *exec.Cmd) {
	b.Helper()
	var cpu, peak float64
	n := 0
	for b.Loop() {
		b.StopTimer()
		dir := b.TempDir()
		b.StartTimer()
		state := one(dir).ProcessState
		cpu += float64((state.UserTime() + state.SystemTime()).Microseconds()) / 1000
		peak = max(peak, float64(state.SysUsage().(*syscall.Rusage).Maxrss)/1024)
		n++
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/1000/float64(n), "ms/run")
	b.ReportMetric(cpu/float64(n), "cpu-ms/run")
	b.ReportMetric(peak, "peak-MB")
	b.ReportMetric(0, "ns/op")
}
