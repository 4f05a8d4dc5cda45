package cli

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/djharden/djharden/internal/audit"
	"github.com/djharden/djharden/internal/plan"
)

// writeBaseline writes the findings of now. What was found is no failure then.
func (r *checkRun) writeBaseline(ctx context.Context, name string, reports []*audit.Report, t *totals) error {
	if t.unreadable > 0 {
		return r.verdict(t)
	}
	abs, err := filepath.Abs(name)
	if err != nil {
		return failed("", err)
	}
	file := plan.File{Path: filepath.ToSlash(filepath.Base(abs)), Owner: plan.Patch, Data: audit.WriteBaseline(reports), Reason: "the findings of now"}
	if was, err := os.ReadFile(abs); err == nil {
		file.Was = was
	}
	p, err := plan.Make(filepath.Dir(abs), []plan.File{file})
	if err != nil {
		return failed(hintOf(err), err)
	}
	if !p.Empty() {
		if err := r.p.apply(ctx, p); err != nil {
			return err
		}
	}
	r.p.note("%s: %s, left out with --baseline %s", name, count(t.failed, "finding"), shellWord(name))
	return nil
}

// fixes are the corrections in one target: of all its projects, because they
// are one write, which one undo takes back.
type fixes struct {
	target target
	files  []plan.File
}

// add takes the corrections of a project, but for files that another project of
// the target has corrected already: they are left for the next run.
func (x *fixes) add(c *checked) {
	for _, f := range audit.Fixes(c.report) {
		if !slices.ContainsFunc(x.files, func(g plan.File) bool { return g.Path == f.Path }) {
			x.files = append(x.files, plan.File{Path: f.Path, Owner: plan.Patch, Data: f.Data, Was: f.Was, Mask: f.Mask, Reason: f.Reason})
		}
	}
}

// runFix corrects what can be corrected in place.
func (r *checkRun) runFix(ctx context.Context, list []job) error {
	var all []*fixes
	var sum totals
	for _, j := range list {
		c := r.look(j)
		r.say(c)
		sum.add(c, r.fail)
		if c.report == nil || c.report.Project.Result.Stopped != nil {
			continue
		}
		if n := len(all); n == 0 || all[n-1].target.abs != j.target.abs {
			all = append(all, &fixes{target: j.target})
		}
		all[len(all)-1].add(c)
	}
	for _, x := range all {
		if err := r.correct(ctx, x); err != nil {
			return err
		}
	}
	if sum.unreadable > 0 {
		return r.verdict(&sum)
	}
	return nil
}

// correct shows or writes the corrections of a target.
func (r *checkRun) correct(ctx context.Context, x *fixes) error {
	out := r.p.stdout
	if len(x.files) == 0 {
		fmt.Fprintf(out, "%s: nothing that can be corrected in place.\n", x.target.shown)
		return nil
	}
	p, err := plan.Make(x.target.abs, x.files)
	if err != nil {
		return failed(hintOf(err), err)
	}
	if r.fix.reading() {
		return words{p: r.p, root: x.target.abs, shown: x.target.shown, plan: p}.read(r.fix)
	}
	if err := r.p.apply(ctx, p); err != nil {
		return err
	}
	fmt.Fprintf(out, "%s: corrected.\n\n", x.target.shown)
	for _, f := range x.files {
		fmt.Fprintf(out, "  %s  %s\n", f.Path, f.Reason)
	}
	fmt.Fprintf(out, "\ndjharden undo %s takes it back.\n", shellWord(x.target.shown))
	return nil
}
