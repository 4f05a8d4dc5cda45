package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/djharden/djharden/internal/plan"
	"github.com/djharden/djharden/internal/scaffold"
)

// Exit codes: what scripts may rely on. exitCodes holds their words for help.
const (
	exitOK          = 0
	exitFindings    = 1
	exitUsage       = 2
	exitFailed      = 3
	exitConflicts   = 4
	exitInterrupted = 130
)

var exitCodes = []struct {
	code int
	what string
}{
	{exitOK, "done, or nothing to do"},
	{exitFindings, "findings, or drift"},
	{exitUsage, "wrong usage: nothing was changed"},
	{exitFailed, "failed or refused: the project is as it was, unless it says otherwise"},
	{exitConflicts, "unresolved merge conflicts"},
	{exitInterrupted, "interrupted, with nothing changed"},
}

// failure is an error on its way out: its exit code, and a hint apart from
// what went wrong.
type failure struct {
	code int
	err  error
	hint string
}

func (f *failure) Error() string { return f.err.Error() }
func (f *failure) Unwrap() error { return f.err }

// usage is a failure of the caller's: exit 2. The hint may be "".
func usage(hint, format string, a ...any) error {
	return &failure{exitUsage, fmt.Errorf(format, a...), hint}
}

// failed is a failure of the work: exit 3. The hint may be "".
func failed(hint string, err error) error {
	return &failure{exitFailed, err, hint}
}

// errInterrupted is a run that a person or a signal stopped before it changed
// anything.
var errInterrupted = errors.New("interrupted: nothing was changed")

// interrupted reports whether err is a run that was stopped and left the old
// tree.
func interrupted(err error) bool {
	var w *plan.WriteError
	if errors.As(err, &w) {
		return w.Tree == plan.Old && errors.Is(err, context.Canceled)
	}
	return errors.Is(err, errInterrupted) || errors.Is(err, context.Canceled)
}

// report prints an error once and returns its exit code.
func report(w io.Writer, err error) int {
	if err == nil {
		return exitOK
	}
	if interrupted(err) {
		fmt.Fprintf(w, "djharden: %v\n", errInterrupted)
		return exitInterrupted
	}
	code, hint := exitFailed, ""
	var f *failure
	if errors.As(err, &f) {
		code, hint = f.code, f.hint
	}
	fmt.Fprintf(w, "djharden: %s\n", indent(err.Error()))
	if hint != "" {
		fmt.Fprintf(w, "  hint: %s\n", strings.ReplaceAll(hint, "\n", "\n        "))
	}
	return code
}

// indent sets the second and later lines of a message in by two.
func indent(s string) string {
	return strings.ReplaceAll(strings.TrimRight(s, "\n"), "\n", "\n  ")
}

// hintOf is the next step that an error of the packages below carries, or "".
func hintOf(err error) string {
	var (
		h       interface{ Hint() string }
		option  *scaffold.OptionError
		config  *scaffold.ConfigError
		refused *plan.RefusedError
		locked  *plan.LockedError
		clashes *plan.ConflictError
	)
	switch {
	case errors.As(err, &h):
		return h.Hint()
	case errors.As(err, &option):
		return option.Hint
	case errors.As(err, &config):
		return config.Hint
	case errors.As(err, &refused):
		return hints(refused)
	case errors.As(err, &clashes):
		return "djharden sync asks about each in a terminal; --conflict=markers, ours or theirs settles them all"
	case errors.As(err, &locked):
		return "wait for it to end, then run this again"
	}
	return ""
}

// hints are the steps for all refused paths, each said once.
func hints(r *plan.RefusedError) string {
	list := []string{r.Hint}
	for _, m := range r.More {
		if !slices.Contains(list, m.Hint) {
			list = append(list, m.Hint)
		}
	}
	return strings.Join(list, "\n")
}
