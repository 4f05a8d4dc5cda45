package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
)

// missing ends a test that lacks something of the machine: in CI that is a
// failure, because nobody reads what was skipped there.
func missing(t *testing.T, format string, args ...any) {
	t.Helper()
	if os.Getenv("CI") != "" {
		t.Fatalf("CI is set, and "+format, args...)
	}
	t.Skipf(format, args...)
}

// long keeps a test out of `go test -short`.
func long(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("left out with -short: it needs Python environments and services")
	}
}

// program finds an executable by one of its names; environment variables come
// as $NAME. Debian has some below /usr/sbin, and PostgreSQL's in a folder of
// their own, the newest version last.
func program(names ...string) string {
	for _, name := range names {
		if name[0] == '$' {
			if p := os.Getenv(name[1:]); p != "" {
				return p
			}
			continue
		}
		if p, err := exec.LookPath(name); err == nil {
			return p
		}
		for _, pattern := range []string{"/usr/sbin/", "/usr/local/sbin/", "/usr/lib/postgresql/*/bin/", "/opt/homebrew/bin/"} {
			if found, _ := filepath.Glob(pattern + name); len(found) > 0 {
				slices.Sort(found)
				return found[len(found)-1]
			}
		}
	}
	return ""
}
