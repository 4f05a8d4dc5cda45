package cli

import (
	"errors"
	"testing"
)

// TestGuard: a signal stops a run before its write, and never after.
func TestGuard(t *testing.T) {
	var g guard
	if err := g.during(func() error {
		if g.stop() {
			t.Error("stopped while an earlier write was put right")
		}
		return nil
	}); !errors.Is(err, errInterrupted) {
		t.Errorf("a run asked to stop while it put an earlier one right: %v", err)
	}
	g = guard{}
	restored := false
	before := guard{restore: func() { restored = true }}
	if !before.stop() || !restored {
		t.Error("not stopped before the write")
	}
	if err := before.during(func() error { t.Error("wrote after the stop"); return nil }); !errors.Is(err, errInterrupted) {
		t.Errorf("a write after the stop: %v", err)
	}
	if err := g.during(func() error { g.done(); return nil }); err != nil {
		t.Fatal(err)
	}
	if g.stop() {
		t.Error("stopped after the write: it would say that nothing was changed")
	}
}
