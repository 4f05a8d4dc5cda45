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
// changed; during it the write is asked to roll back and is waited for.
type guard struct {
	mu      sync.Mutex
	writing bool
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
	g.writing = false
	g.mu.Unlock()
	return err
}

// asking says how to put the terminal back if a signal comes; nil: nothing to
// put back.
func (g *guard) asking(restore func()) {
	g.mu.Lock()
	g.restore = restore
	g.mu.Unlock()
}

// stop ends a run that isn't writing and reports whether it could.
func (g *guard) stop() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.writing {
		return false
	}
	g.stopped = true
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
