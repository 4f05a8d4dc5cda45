//go:build unix

package cli

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/creack/pty"
)

// keys of a terminal.
const (
	enter = "\r"
	down  = "\x1b[B"
	up    = "\x1b[A"
	ctrlC = "\x03"
)

// ptyRun is djharden running in a pseudo-terminal that answers survey's
// questions about the cursor, without which survey waits for ever.
type ptyRun struct {
	t    *testing.T
	cmd  *exec.Cmd
	tty  *os.File
	mu   sync.Mutex
	out  bytes.Buffer
	seen int // what came before the last reply
	eof  chan struct{}
}

// inTerminal starts djharden in a terminal of 80 columns.
func inTerminal(t *testing.T, dir string, env []string, args ...string) *ptyRun {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(exe)
	// testscript.Main runs the command that the program's name says.
	cmd.Path, cmd.Args = exe, append([]string{"djharden"}, args...)
	link := filepath.Join(t.TempDir(), "djharden")
	if err := os.Symlink(exe, link); err != nil {
		t.Fatal(err)
	}
	cmd.Path = link
	cmd.Dir = dir
	cmd.Env = append([]string{"HOME=" + t.TempDir(), "XDG_STATE_HOME=" + t.TempDir(), "PATH=" + os.Getenv("PATH"), "TERM=xterm-256color"}, env...)
	tty, err := pty.StartWithSize(cmd, &pty.Winsize{Rows: 50, Cols: 80})
	if err != nil {
		t.Fatal(err)
	}
	r := &ptyRun{t: t, cmd: cmd, tty: tty, eof: make(chan struct{})}
	t.Cleanup(func() {
		cmd.Process.Kill()
		tty.Close()
	})
	go r.answerQueries()
	return r
}

// answerQueries collects the output and answers ESC[6n: with the size of the
// screen after a move to its far corner, else with some place on it.
func (r *ptyRun) answerQueries() {
	defer close(r.eof)
	buf := make([]byte, 4096)
	answered := 0
	for {
		n, err := r.tty.Read(buf)
		if err != nil {
			return
		}
		r.mu.Lock()
		r.out.Write(buf[:n])
		text := r.out.String()
		r.mu.Unlock()
		for {
			i := strings.Index(text[answered:], "\x1b[6n")
			if i < 0 {
				break
			}
			reply := "\x1b[10;10R"
			if strings.HasSuffix(text[:answered+i], "\x1b[999;999f") {
				reply = "\x1b[50;80R"
			}
			answered += i + len("\x1b[6n")
			if _, err := r.tty.WriteString(reply); err != nil {
				return
			}
		}
	}
}

func (r *ptyRun) raw() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.out.String()
}

var escapes = regexp.MustCompile("\x1b(\\[[0-9;?]*[A-Za-z]|[78])")

// plain is what was shown, without escape codes and line ends.
func plain(s string) string {
	return strings.Join(strings.Fields(escapes.ReplaceAllString(s, "")), " ")
}

// expect waits for a text after the last reply.
func (r *ptyRun) expect(text string) {
	r.t.Helper()
	deadline := time.Now().Add(20 * time.Second)
	want := plain(text)
	for !strings.Contains(plain(r.raw()[r.seen:]), want) {
		select {
		case <-r.eof:
			if strings.Contains(plain(r.raw()[r.seen:]), want) {
				return
			}
			r.t.Fatalf("ended without %q; the screen was:\n%s", text, escapes.ReplaceAllString(r.raw(), ""))
		case <-time.After(3 * time.Millisecond):
		}
		if time.Now().After(deadline) {
			r.t.Fatalf("no %q; the screen was:\n%s", text, escapes.ReplaceAllString(r.raw(), ""))
		}
	}
}

func (r *ptyRun) reply(keys string) {
	r.t.Helper()
	r.seen = len(r.raw())
	if _, err := r.tty.WriteString(keys); err != nil {
		r.t.Fatal(err)
	}
}

// exit waits for the end and returns the exit code.
func (r *ptyRun) exit() int {
	r.t.Helper()
	select {
	case <-r.eof:
	case <-time.After(30 * time.Second):
		r.t.Fatalf("it doesn't end; the screen was:\n%s", escapes.ReplaceAllString(r.raw(), ""))
	}
	err := r.cmd.Wait()
	var e *exec.ExitError
	if err != nil && !errors.As(err, &e) {
		r.t.Fatal(err)
	}
	return r.cmd.ProcessState.ExitCode()
}
