package cli

import (
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/djharden/djharden/internal/django"
	"github.com/djharden/djharden/internal/plan"
	"github.com/djharden/djharden/internal/scaffold"
)

// words says what a plan would do, or did. Results go to stdout, warnings and
// what is shown before a question to stderr.
type words struct {
	p       *program
	root    string
	shown   string
	project *django.Project
	answers scaffold.Answers
	plan    *plan.Plan
	result  scaffold.Result
	asked   bool // there is a person who reads the preview
}

// read answers --dry-run, --diff and --json.
func (w words) read(m mode) error {
	if m.json {
		return w.json(false)
	}
	w.warn()
	out := w.p.stdout
	if w.plan.Empty() {
		fmt.Fprintln(out, "Nothing to do.")
		return nil
	}
	if m.dryRun {
		w.list(out)
	}
	if m.diff {
		if err := w.plan.Diff(out, w.p.color(out)); err != nil {
			return failed("", err)
		}
	}
	w.p.note("nothing was written")
	return nil
}

// refused shows a plan that can't be applied where the plan was asked for, and
// returns err, which says why.
func (w words) refused(m mode, err error) error {
	if w.plan == nil {
		return err
	}
	switch {
	case m.json:
		if e := w.json(false); e != nil {
			return e
		}
	case m.dryRun:
		w.list(w.p.stdout)
	}
	return err
}

// list prints each file with what would happen to it, and why.
func (w words) list(out io.Writer) { listChanges(out, w.changes()) }

func listChanges(out io.Writer, changes []plan.Change) {
	wide := 0
	for _, c := range changes {
		wide = max(wide, len(c.Path))
	}
	wide = min(wide, 40)
	for _, c := range changes {
		reason := []string{c.Reason}
		if onTerminal(out) {
			reason = wrap(c.Reason, max(width-wide-11, 20))
		}
		left := fmt.Sprintf("%-8s %-*s", c.Action, wide, c.Path)
		for _, line := range reason {
			fmt.Fprintln(out, strings.TrimRight(fmt.Sprintf("%-*s  %s", wide+9, left, line), " "))
			left = ""
		}
	}
}

// changes are the plan's, without djharden's own copies for later merges.
func (w words) changes() []plan.Change {
	var list []plan.Change
	for _, c := range w.plan.Changes() {
		if !strings.HasPrefix(c.Path, ".djharden/") {
			list = append(list, c)
		}
	}
	return list
}

// touched counts the files that writing would make, change or remove.
func (w words) touched() (made, changed, removed int) {
	for _, c := range w.changes() {
		switch c.Action {
		case "create":
			made++
		case "update", "merged", "conflict":
			changed++
		case "remove":
			removed++
		}
	}
	return made, changed, removed
}

// these is "these 24 files".
func (w words) these() string {
	made, changed, removed := w.touched()
	n := made + changed + removed
	if n == 1 {
		return "this file"
	}
	return "these " + count(n, "file")
}

// dirty warns, before the write, of changes that git doesn't have. Whoever was
// asked has read it.
func (w words) dirty() {
	for _, x := range w.result.Warnings {
		if x.Code == dirtyTree && !w.asked {
			w.warning(x)
		}
	}
}

func (w words) warn() {
	for _, x := range w.result.Warnings {
		w.warning(x)
	}
}

func (w words) warning(x scaffold.Warning) {
	head := "warning: "
	for _, line := range wrap(x.Message, width-len(head)) {
		w.p.note("%s%s", head, line)
		head = "         "
	}
}

// left is what the write leaves to a person.
func (w words) left() {
	if len(w.result.Warnings) == 0 {
		return
	}
	w.p.note("\n%s", w.p.style(w.p.stderr, bold, "Left to you"))
	for _, x := range w.result.Warnings {
		if x.Code == dirtyTree {
			continue // said before the write
		}
		head := "  - "
		for _, line := range wrap(x.Message, width-len(head)) {
			w.p.note("%s%s", head, line)
			head = "    "
		}
	}
}

// preview is what a person sees before the last question: every line, then
// the answers and the files in short.
func (w words) preview() error {
	err := w.p.stderr
	fmt.Fprintln(err)
	if e := w.plan.Diff(err, w.p.color(err)); e != nil {
		return failed("", e)
	}
	fmt.Fprintf(err, "\n%s\n", w.p.style(err, bold, "The answers"))
	for _, o := range scaffold.Options {
		if o.Unasked || irrelevant(o.Key, w.answers) || o.Key == "settings" && w.answers.Settings == "" {
			continue
		}
		v := o.Get(w.answers)
		if none := noneWord(o.Key); v == "" && none != "" {
			v = none
		}
		v = shownValue(o, v)
		fmt.Fprintf(err, "  %-20s %s\n", o.Key, v)
	}
	fmt.Fprintf(err, "\n%s\n", w.p.style(err, bold, "The files"))
	w.folders(err)
	for _, x := range w.result.Warnings {
		if x.Code == dirtyTree {
			fmt.Fprintf(err, "\n  %s\n", strings.Join(wrap(x.Message, width-4), "\n  "))
		}
	}
	fmt.Fprintln(err)
	return nil
}

// nothing is the answer of a second run.
func (w words) nothing(m mode) error {
	if m.json {
		return w.json(false)
	}
	fmt.Fprintf(w.p.stdout, "Nothing to do: %s is set up with these answers.\n", w.name())
	return nil
}

func (w words) name() string {
	if w.shown == "." {
		return filepath.Base(w.root)
	}
	return w.shown
}

// written is what a person reads after the write: what was made, what to do
// next, what is left to them.
func (w words) written() {
	out := w.p.stdout
	if w.plan.Empty() {
		fmt.Fprintf(out, "Nothing to do: %s is set up with these answers.\n", w.name())
		w.warn()
		return
	}
	made, changed, removed := w.touched()
	fmt.Fprintf(out, "%s: %s.\n\n", w.name(), did(made, changed, removed))
	w.folders(out)
	if w.result.MinPython != "" {
		fmt.Fprintf(out, "\nDjango %s, Python %s or newer, production settings %s.\n", w.answers.Django, w.result.MinPython, w.result.SettingsModule)
	}
	if len(w.result.Next) > 0 {
		fmt.Fprintf(out, "\n%s\n", w.p.style(out, bold, "Next"))
		if cwd, err := os.Getwd(); err != nil || cwd != w.root {
			fmt.Fprintf(out, "    cd %s\n", shellWord(w.shown))
		}
		for _, step := range w.result.Next {
			w.step(out, step)
		}
	}
	w.left()
}

// did is "made 2 files, changed 1 file".
func did(made, changed, removed int) string {
	var list []string
	for _, d := range []struct {
		n    int
		verb string
	}{{made, "made"}, {changed, "changed"}, {removed, "removed"}} {
		if d.n > 0 {
			list = append(list, fmt.Sprintf("%s %s", d.verb, count(d.n, "file")))
		}
	}
	return strings.Join(list, ", ")
}

// shellWord is a folder's name as a shell takes it for one word.
func shellWord(s string) string {
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("/._-\\:", r) || r > 127
	}
	if strings.HasPrefix(s, "-") {
		s = "./" + s
	}
	if strings.IndexFunc(s, func(r rune) bool { return !plain(r) }) < 0 && s != "" {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

// step prints one step: a sentence is wrapped, a command stands as it is.
func (w words) step(out io.Writer, step string) {
	if strings.HasPrefix(step, "  ") {
		fmt.Fprintln(out, "  "+step)
		return
	}
	for _, line := range wrap(step, width-2) {
		fmt.Fprintln(out, "  "+line)
	}
}

// folders lists the written files, folder by folder.
func (w words) folders(out io.Writer) {
	var order []string
	names := map[string][]string{}
	wide := 0
	for _, c := range w.changes() {
		if c.Action == "same" || c.Action == "kept" {
			continue
		}
		dir := path.Dir(c.Path)
		if names[dir] == nil {
			order = append(order, dir)
		}
		name := path.Base(c.Path)
		if c.Action == "remove" {
			name = "(" + name + " removed)"
		}
		names[dir] = append(names[dir], name)
		wide = max(wide, len(dir)+1)
	}
	for _, dir := range order {
		left := dir + "/"
		if dir == "." {
			left = "./"
		}
		for _, line := range wrap(strings.Join(names[dir], " "), width-wide-4) {
			fmt.Fprintf(out, "  %-*s  %s\n", wide, left, line)
			left = ""
		}
	}
}
