package cli

import (
	"io"
	"os"
	"runtime"

	"golang.org/x/term"
)

// question is one thing to ask. check is called on Enter; its error is shown
// and the question asked again.
type question struct {
	label   string
	help    string // one sentence on what the answer means, shown above
	def     string // what Enter alone answers
	choices []choice
	check   func(string) error
}

type choice struct{ value, about string }

// prompter asks a person. Each method returns errInterrupted when the person
// has had enough.
type prompter interface {
	text(question) (string, error)
	hidden(question) (string, error) // nothing of what is typed is shown, then or later
	choose(question) (string, error)
	confirm(question) (bool, error) // def is "true" or "false"
	close()                         // gives the terminal back; no question may follow
}

// terminals reports whether there is a person to ask: stdin and stderr are
// both terminals.
func (p *program) terminals() (in, out *os.File, ok bool) {
	in, _ = p.stdin.(*os.File)
	out, _ = p.stderr.(*os.File)
	ok = in != nil && out != nil && term.IsTerminal(int(in.Fd())) && term.IsTerminal(int(out.Fd()))
	return in, out, ok
}

// onTerminal reports whether w is a terminal.
func onTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// color reports whether what goes to w may be coloured.
func (p *program) color(w io.Writer) bool {
	if !onTerminal(w) {
		return false
	}
	if v, set := p.getenv("NO_COLOR"); set && v != "" {
		return false
	}
	t, _ := p.getenv("TERM")
	if runtime.GOOS == "windows" && t == "" { // an old console prints the codes
		t, _ = p.getenv("WT_SESSION")
		return t != ""
	}
	return t != "dumb"
}

// style wraps text in an escape code where w may be coloured.
func (p *program) style(w io.Writer, code, text string) string {
	if !p.color(w) {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

const (
	bold = "1"
	dim  = "2"
)
