//go:build unix

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// BenchmarkSync times `djharden sync --yes` with nothing to do, an init, and a
// sync that brings a project to another Django.
func BenchmarkSync(b *testing.B) {
	bin := build(b, ".", "djharden")
	state := b.TempDir()
	sync := func(dir string, args ...string) *exec.Cmd {
		cmd := exec.Command(bin, append([]string{"sync", dir, "--yes"}, args...)...)
		cmd.Env = append(os.Environ(), "XDG_STATE_HOME="+filepath.Join(state, "state"), "PATH=")
		return run(b, cmd)
	}
	dir := initProject(b, bin, b.TempDir()).dir
	b.Run("nothing", func(b *testing.B) {
		measure(b, func(string) *exec.Cmd { return sync(dir) })
	})
	b.Run("init", func(b *testing.B) {
		measure(b, func(dir string) *exec.Cmd { return initProject(b, bin, dir).cmd })
	})
	b.Run("django", func(b *testing.B) {
		n := 0
		measure(b, func(string) *exec.Cmd {
			n++
			return sync(dir, "--django", []string{"5.2", "6.0"}[n%2])
		})
	})
}
