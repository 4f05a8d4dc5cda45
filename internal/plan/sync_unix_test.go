//go:build unix

package plan

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func init() {
	children["sync"] = func(args []string) error {
		_, files := edited()
		p, err := Merge(args[0], files, Policy{Conflict: Theirs})
		if err != nil {
			return err
		}
		return p.Apply(context.Background())
	}
}

// TestSyncReadOnly merges where one of the folders may not be written to: the
// user's, or the one of the records.
func TestSyncReadOnly(t *testing.T) {
	onDisk, _ := edited()
	for _, dir := range []string{".", "new", ".djharden/base"} {
		root, cmd := unprivileged(t, onDisk, "sync")
		if err := os.Chmod(filepath.Join(root, dir), 0o555); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { os.Chmod(filepath.Join(root, dir), 0o755) })
		before := readTree(t, root)
		out, err := cmd.CombinedOutput()
		if err == nil || !strings.Contains(string(out), "permission denied: nothing was changed") {
			t.Errorf("%s read-only: %v\n%s", dir, err, out)
		}
		wantTree(t, root, before, dir+" read-only")
	}
	_, cmd := unprivileged(t, onDisk, "sync")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("with the rights it needs: %v\n%s", err, out)
	}
}
