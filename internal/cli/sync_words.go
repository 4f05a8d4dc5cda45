package cli

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/djharden/djharden/internal/plan"
	"github.com/djharden/djharden/internal/scaffold"
)

// syncWords says what a sync would do, or did.
type syncWords struct {
	words
	sync   scaffold.SyncResult
	record scaffold.Record
}

// visible reports whether a file of the project changes, not djharden's own
// records alone.
func (w syncWords) visible() bool {
	return slices.ContainsFunc(w.changes(), func(c plan.Change) bool { return c.Action != plan.Same && c.Action != plan.Kept })
}

// read answers --check, --dry-run, --diff and --json.
func (w syncWords) read(m mode) error {
	drift := w.visible()
	switch {
	case m.json:
		if err := w.json(false); err != nil {
			return err
		}
	case !drift:
		w.idle()
	default:
		w.warn()
		switch {
		case m.dryRun:
			w.list(w.p.stdout)
		case m.check && !m.diff:
			w.drift()
		}
		if m.diff {
			if err := w.plan.Diff(w.p.stdout, w.p.color(w.p.stdout)); err != nil {
				return failed("", err)
			}
		}
		w.news(w.p.stderr)
		w.env(w.p.stderr)
		w.p.note("nothing was written")
	}
	if m.check && drift {
		made, changed, removed := w.touched()
		return &failure{exitFindings, fmt.Errorf("%s has drifted: %s would be written", w.name(), count(made+changed+removed, "file")), "run djharden sync"}
	}
	return nil
}

// list leaves out what stays as it is.
func (w syncWords) list(out io.Writer) {
	listChanges(out, slices.DeleteFunc(w.changes(), func(c plan.Change) bool { return c.Action == plan.Same }))
}

// drift lists what isn't as it should be.
func (w syncWords) drift() {
	listChanges(w.p.stdout, slices.DeleteFunc(w.changes(), func(c plan.Change) bool { return c.Action == plan.Same || c.Action == plan.Kept }))
}

// idle is the answer where there is nothing to write.
func (w syncWords) idle() {
	what := "Nothing to do"
	if len(w.sync.Env) > 0 {
		what = "Nothing to write"
	}
	fmt.Fprintf(w.p.stdout, "%s: %s is as its answers and this djharden make it.\n", what, w.name())
	w.deleted()
	w.warn()
	w.env(w.p.stdout)
}

// deleted says which files stay deleted.
func (w syncWords) deleted() {
	for _, c := range w.changes() {
		if c.Action == plan.Kept && strings.HasPrefix(c.Reason, "you have deleted it") {
			w.p.note("%s: %s", c.Path, c.Reason)
		}
	}
}

// conflicts ends a run whose conflicts nobody has settled: each is listed,
// with its file and lines, and nothing is written.
func (w syncWords) conflicts(m mode, err error) error {
	if m.json {
		if e := w.json(false); e != nil {
			return e
		}
	} else if m.dryRun {
		w.list(w.p.stdout)
	} else if m.check {
		w.drift()
	}
	n := len(plan.Unresolved(err))
	hint := hintOf(err)
	if strings.Contains(err.Error(), "an earlier sync marked") {
		hint = "settle what the <<<<<<< lines mark and take them out, or --conflict=theirs"
	}
	return &failure{exitConflicts, fmt.Errorf("%s, and nothing was written\n%w", count(n, "conflict"), err), hint}
}

// preview is what a person sees before the last question.
func (w syncWords) preview() error {
	err := w.p.stderr
	fmt.Fprintln(err)
	if e := w.plan.Diff(err, w.p.color(err)); e != nil {
		return failed("", e)
	}
	w.changedAnswers(err)
	fmt.Fprintf(err, "\n%s\n", w.p.style(err, bold, "The files"))
	w.folders(err)
	w.deleted()
	w.news(err)
	w.env(err)
	for _, x := range w.result.Warnings {
		fmt.Fprintf(err, "\n  %s\n", strings.Join(wrap(x.Message, width-4), "\n  "))
	}
	fmt.Fprintln(err)
	return nil
}

// changedAnswers lists the answers that aren't the recorded ones.
func (w syncWords) changedAnswers(out io.Writer) {
	var list []string
	for _, o := range scaffold.Options {
		if o.Unsaved {
			continue
		}
		was, is := shownValue(o, o.Get(w.record.Answers)), shownValue(o, o.Get(w.answers))
		if was != is {
			list = append(list, fmt.Sprintf("  %-20s %s -> %s", o.Key, was, is))
		}
	}
	if len(list) > 0 {
		fmt.Fprintf(out, "\n%s\n%s\n", w.p.style(w.p.stderr, bold, "The answers"), strings.Join(list, "\n"))
	}
}

// written is what a person reads after the write.
func (w syncWords) written() {
	out := w.p.stdout
	if !w.visible() {
		w.idle()
		return
	}
	made, changed, removed := w.touched()
	fmt.Fprintf(out, "%s: %s.\n\n", w.name(), did(made, changed, removed))
	w.folders(out)
	w.deleted()
	w.changedAnswers(out)
	w.news(out)
	w.env(out)
	if len(w.result.Next) > 0 {
		fmt.Fprintf(out, "\n%s\n", w.p.style(out, bold, "Next"))
	}
	for _, step := range w.result.Next {
		w.step(out, step)
	}
	w.left()
}

// news is the changelog of the versions that were crossed.
func (w syncWords) news(out io.Writer) {
	if len(w.sync.News) == 0 {
		return
	}
	fmt.Fprintf(out, "\n%s\n", w.p.style(out, bold, "What changed, and why"))
	for _, n := range w.sync.News {
		text := n.Change + " " + n.Why
		if n.Do != "" {
			text += " You: " + n.Do
		}
		head := "  - "
		for _, line := range wrap(text, width-len(head)) {
			fmt.Fprintf(out, "%s%s\n", head, line)
			head = "    "
		}
	}
}

// env names the lines of .env that answers change.
func (w syncWords) env(out io.Writer) {
	if len(w.sync.Env) == 0 {
		return
	}
	head := "To change in .env, by hand or with --env"
	if w.sync.Env[0].Written {
		head = "Changed in .env"
	}
	fmt.Fprintf(out, "\n%s\n", w.p.style(out, bold, head))
	for _, c := range w.sync.Env {
		fmt.Fprintf(out, "  %s\n", c.Line)
	}
}

func (w *syncWords) warnDirty(files []string) {
	w.result.Warnings = append(w.result.Warnings, dirtyWarning(files))
}
