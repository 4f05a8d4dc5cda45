package cli

import (
	"context"
	"os"
	"os/signal"
	"sync"
	"syscall"
)

// guard settles the race between a signal and the write: before the write a
// signal ends the run at once, whatever it is waiting for, with nothing
// changed; during it the write is asked to roll back and is waited for; after
// it only words are left, and the signal comes too late.
type guard struct {
	mu      sync.Mutex
	writing bool
	wrote   bool
	stopped bool
	restore func() // puts the terminal back while a question is open
}

// during runs fn, which writes. It is not begun when the run was stopped.
func (g *guard) during(fn func() error) error {
	g.mu.Lock()
	if g.stopped {
		g.mu.Unlock()
		return errInterrupted
	}
	g.writing = true
	g.mu.Unlock()
	err := fn()
	g.mu.Lock()
	defer g.mu.Unlock()
	g.writing = false
	if err == nil && g.stopped && !g.wrote {
		return errInterrupted // an earlier run was put right; this one ends here
	}
	return err
}

// done says that this run's own write is over: its outcome is the run's.
func (g *guard) done() {
	g.mu.Lock()
	g.wrote = true
	g.mu.Unlock()
}

// asking says how to put the terminal back if a signal comes; nil: nothing to
// put back.
func (g *guard) asking(restore func()) {
	g.mu.Lock()
	g.restore = restore
	g.mu.Unlock()
}

// stop ends a run that hasn't begun to write and reports whether it could.
func (g *guard) stop() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.stopped = true
	if g.writing || g.wrote {
		return false
	}
	if g.restore != nil {
		g.restore()
	}
	return true
}

// onSignal is a context that ends with the first signal that asks the program
// to stop. Signals that the caller has told it to ignore (nohup, a background
// job) stay ignored.
func onSignal() context.Context {
	var heed []os.Signal
	for _, s := range []os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGHUP} {
		if !signal.Ignored(s) {
			heed = append(heed, s)
		}
	}
	if len(heed) == 0 { // Notify would take that to mean all of them
		return context.Background()
	}
	ctx, cancel := context.WithCancel(context.Background())
	c := make(chan os.Signal, 1)
	signal.Notify(c, heed...)
	go func() {
		<-c
		cancel()
	}()
	return ctx
}
