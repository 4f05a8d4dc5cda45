package e2e

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"syscall"
	"testing"
	"time"
)

// browser is a Chromium without a window, driven over the pipes of its
// debugging protocol.
type browser struct {
	process *process
	in      io.WriteCloser
	session string // of the one page

	mu      sync.Mutex
	last    int
	waiting map[int]chan message
	events  chan message // page loads alone
}

type message struct {
	ID        int             `json:"id,omitempty"`
	SessionID string          `json:"sessionId,omitempty"`
	Method    string          `json:"method,omitempty"`
	Params    any             `json:"params,omitempty"`
	Result    json.RawMessage `json:"result,omitempty"`
	Error     *struct {
		Message string `json:"message"`
	} `json:"error,omitempty"`
}

// watch runs in every page before the page's own code, and notes what the
// policy stopped.
const watch = `window.violations = []
document.addEventListener("securitypolicyviolation", e => violations.push(e.effectiveDirective + " " + e.blockedURI + " " + e.sample))`

// browse opens a browser that finds the site at port 443 of its name.
func browse(t *testing.T, s *site) *browser {
	t.Helper()
	path := program("$CHROMIUM", "chromium", "chromium-browser", "google-chrome")
	if path == "" {
		missing(t, "no Chromium here: make services installs it where it can, or set CHROMIUM=")
	}
	theirs, in, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	out, theirsToo, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	args := []string{
		"--headless", "--remote-debugging-pipe", "--user-data-dir=" + t.TempDir(), "--no-first-run", "--disable-gpu", "--disable-dev-shm-usage",
		"--disable-background-networking", "--disable-component-update", "--ignore-certificate-errors",
		"--host-resolver-rules=MAP example.com:443 " + s.https + ", MAP * ~NOTFOUND",
	}
	if os.Getuid() == 0 {
		args = append(args, "--no-sandbox")
	}
	b := &browser{in: in, waiting: map[int]chan message{}, events: make(chan message, 100)}
	b.process, err = start(service{path: path, args: args, stop: syscall.SIGKILL, files: []*os.File{theirs, theirsToo}})
	if err != nil {
		t.Fatal(err)
	}
	theirs.Close()
	theirsToo.Close()
	go b.listen(out)
	t.Cleanup(func() {
		_, _ = b.call("", "Browser.close", nil)
		in.Close()
		b.process.end()
	})
	var target struct{ TargetID, SessionID string }
	b.must(t, "", "Target.createTarget", map[string]any{"url": "about:blank"}, &target)
	b.must(t, "", "Target.attachToTarget", map[string]any{"targetId": target.TargetID, "flatten": true}, &target)
	b.session = target.SessionID
	b.must(t, b.session, "Page.enable", nil, nil)
	b.must(t, b.session, "Page.addScriptToEvaluateOnNewDocument", map[string]any{"source": watch}, nil)
	return b
}

func (b *browser) listen(out io.Reader) {
	r := bufio.NewReader(out)
	for {
		data, err := r.ReadBytes(0)
		if err != nil {
			return
		}
		var m message
		if json.Unmarshal(data[:len(data)-1], &m) != nil {
			continue
		}
		b.mu.Lock()
		c := b.waiting[m.ID]
		delete(b.waiting, m.ID)
		b.mu.Unlock()
		switch {
		case c != nil:
			c <- m
		case m.Method == "Page.loadEventFired":
			b.events <- m
		}
	}
}

func (b *browser) call(session, method string, params any) (json.RawMessage, error) {
	c := make(chan message, 1)
	b.mu.Lock()
	b.last++
	m := message{ID: b.last, SessionID: session, Method: method, Params: params}
	b.waiting[m.ID] = c
	b.mu.Unlock()
	data, err := json.Marshal(m)
	if err != nil {
		return nil, err
	}
	if _, err := b.in.Write(append(data, 0)); err != nil {
		return nil, err
	}
	select {
	case m := <-c:
		if m.Error != nil {
			return nil, errors.New(m.Error.Message)
		}
		return m.Result, nil
	case <-b.process.done:
		return nil, fmt.Errorf("the browser ended: %s", b.process.log)
	case <-time.After(60 * time.Second):
		return nil, fmt.Errorf("no answer to %s: %s", method, b.process.log)
	}
}

func (b *browser) must(t *testing.T, session, method string, params, into any) {
	t.Helper()
	data, err := b.call(session, method, params)
	if err == nil && into != nil {
		err = json.Unmarshal(data, into)
	}
	if err != nil {
		t.Fatalf("%s: %v", method, err)
	}
}

// open goes to an address and waits until the page is whole.
func (b *browser) open(t *testing.T, url string) {
	t.Helper()
	b.loads(t, func() {
		var answer struct{ ErrorText string }
		b.must(t, b.session, "Page.navigate", map[string]any{"url": url}, &answer)
		if answer.ErrorText != "" {
			t.Fatalf("%s: %s", url, answer.ErrorText)
		}
	})
}

// loads does what makes another page come, and waits for it.
func (b *browser) loads(t *testing.T, act func()) {
	t.Helper()
	for len(b.events) > 0 {
		<-b.events
	}
	act()
	select {
	case <-b.events:
	case <-time.After(60 * time.Second):
		t.Fatalf("no page came; this one is %v", b.eval(t, "location.href + document.body.innerText"))
	}
}

// eval runs an expression in the page and returns its value.
func (b *browser) eval(t *testing.T, expression string) any {
	t.Helper()
	var answer struct {
		Result           struct{ Value any }
		ExceptionDetails *struct {
			Exception struct{ Description string }
		}
	}
	b.must(t, b.session, "Runtime.evaluate", map[string]any{"expression": expression, "returnByValue": true, "awaitPromise": true}, &answer)
	if answer.ExceptionDetails != nil {
		t.Fatalf("%s: %s", expression, answer.ExceptionDetails.Exception.Description)
	}
	return answer.Result.Value
}
