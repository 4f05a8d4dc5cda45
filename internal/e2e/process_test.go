package e2e

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"runtime"
	"sync"
	"syscall"
	"time"
)

// process is a service that the tests started, and end.
type process struct {
	name string
	cmd  *exec.Cmd
	log  *buffer
	done chan struct{} // closed when it has ended
	stop syscall.Signal
}

// service says how to start one.
type service struct {
	path    string
	args    []string
	dir     string
	env     []string       // besides the environment of the tests
	dropped bool           // root gives itself up
	stop    syscall.Signal // what ends it well; 0 is SIGTERM
	files   []*os.File     // from descriptor 3 on
}

// launches are started from one thread that never ends: a child told to die
// with its parent dies with the thread that made it.
var launches = sync.OnceValue(func() chan func() {
	c := make(chan func())
	go func() {
		runtime.LockOSThread()
		for f := range c {
			f()
		}
	}()
	return c
})

func start(s service) (*process, error) {
	if s.stop == 0 {
		s.stop = syscall.SIGTERM
	}
	p := &process{name: s.path, log: &buffer{}, done: make(chan struct{}), stop: s.stop}
	p.cmd = exec.Command(s.path, s.args...)
	p.cmd.Dir, p.cmd.Env = s.dir, append(os.Environ(), s.env...)
	p.cmd.Stdout, p.cmd.Stderr = p.log, p.log
	p.cmd.ExtraFiles = s.files
	p.cmd.SysProcAttr = attributes(s.dropped, s.stop)
	p.cmd.WaitDelay = 5 * time.Second // a grandchild may hold the pipe
	started := make(chan error)
	launches() <- func() { started <- p.cmd.Start() }
	if err := <-started; err != nil {
		return nil, err
	}
	go func() {
		_ = p.cmd.Wait()
		close(p.done)
	}()
	return p, nil
}

// end stops the process and waits for it, with force after ten seconds.
func (p *process) end() {
	_ = p.cmd.Process.Signal(p.stop)
	select {
	case <-p.done:
	case <-time.After(10 * time.Second):
		_ = p.cmd.Process.Kill()
		<-p.done
	}
}

// ready waits until something answers.
func (p *process) ready(answers func() error) error {
	var err error
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		if err = answers(); err == nil {
			return nil
		}
		select {
		case <-p.done:
			return fmt.Errorf("%s ended: %s", p.name, p.log)
		default:
		}
	}
	return fmt.Errorf("%s doesn't answer: %w\n%s", p.name, err, p.log)
}

// listens reports whether something accepts connections there.
func listens(network, address string) func() error {
	return func() error {
		c, err := net.DialTimeout(network, address, time.Second)
		if err != nil {
			return err
		}
		return c.Close()
	}
}

// freePort returns a port of loopback that nobody had a moment ago.
func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer l.Close()
	a, ok := l.Addr().(*net.TCPAddr)
	if !ok {
		return 0, errors.New("no TCP address")
	}
	return a.Port, nil
}

// buffer is what a process wrote, readable while it writes on.
type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}
