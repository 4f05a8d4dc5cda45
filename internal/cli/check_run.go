package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"path/filepath"
	"runtime"

	"github.com/djharden/djharden/internal/audit"
	"github.com/djharden/djharden/internal/django"
	"github.com/djharden/djharden/internal/plan"
	"github.com/djharden/djharden/internal/pyeval"
	"github.com/djharden/djharden/internal/scaffold"
)

// checked is one project, looked at: a report, or the reason why there is none.
type checked struct {
	shown    string // the folder as a person finds it
	target   target
	report   *audit.Report // nil: err
	err      error
	warnings []string
}

// file is a file of the project, from the project's own folder; "" stays.
func (c *checked) file(name string) string {
	if name == "" || c.report == nil {
		return name
	}
	rel, err := filepath.Rel(c.report.Project.Site.Dir, name)
	if err != nil {
		return name
	}
	return filepath.ToSlash(rel)
}

// name is the folder, for a terminal.
func (c *checked) name() string { return plan.Visible(c.shown) }

// path is a file of the project as a person finds it, for a terminal.
func (c *checked) path(name string) string { return plan.Visible(path.Join(c.shown, c.file(name))) }

// spot is where the reader stopped, with a colon; "" where it is said in words.
func (c *checked) spot(s *pyeval.Stop) string {
	line, col := s.At.Position()
	if line == 0 {
		return ""
	}
	return fmt.Sprintf("%s:%d:%d: ", c.path(s.At.Path()), line, col)
}

// printer writes the results of a run, project by project, in one format.
type printer interface {
	begin() error
	project(c *checked) error
	end(t *totals) error
}

// totals is what a run has found.
type totals struct {
	projects, failed int // failed: the failures at or above --fail-on
	unreadable       int
	bySeverity       [4]int
	unknown          int
	suppressed       int
}

func (t *totals) add(c *checked, least int) {
	t.projects++
	if c.err != nil || c.report.Project.Result.Stopped != nil {
		t.unreadable++
	}
	if c.report == nil {
		return
	}
	for _, f := range c.report.Findings {
		switch f.Status {
		case audit.Fail:
			t.bySeverity[f.Rule.Severity]++
			if int(f.Rule.Severity) >= least {
				t.failed++
			}
		case audit.Unknown:
			t.unknown++
		case audit.Suppressed:
			t.suppressed++
		}
	}
}

// job is one project to look at.
type job struct {
	target target
	fsys   fs.FS
	site   *django.Site
	err    error
}

// jobs finds the projects of all targets, in order.
func (r *checkRun) jobs() ([]job, error) {
	recursive, err := r.on("recursive")
	if err != nil {
		return nil, err
	}
	module := r.text("settings")
	var out []job
	for _, t := range r.targets {
		fsys := t.root.FS()
		if !recursive {
			site, err := django.FindSite(fsys, ".", module)
			out = append(out, job{t, fsys, site, err})
			continue
		}
		if module != "" {
			return nil, usage("name one project's folder", "--settings and --recursive exclude each other")
		}
		sites, err := django.FindSites(fsys)
		for _, s := range sites {
			out = append(out, job{target: t, fsys: fsys, site: s})
		}
		if err != nil || len(sites) == 0 {
			if err == nil {
				err = fmt.Errorf("%s: no Django project in it or below", t.shown)
			}
			out = append(out, job{target: t, fsys: fsys, err: err})
		}
	}
	return out, nil
}

func (r *checkRun) run(ctx context.Context) error {
	defer func() {
		for _, t := range r.targets {
			t.root.Close()
		}
	}()
	list, err := r.jobs()
	if err != nil {
		return err
	}
	if r.fixing {
		return r.runFix(ctx, list)
	}
	pr := r.printer()
	if err := pr.begin(); err != nil {
		return err
	}
	var sum totals
	var reports []*audit.Report
	keep := r.text("write-baseline")
	err = r.each(ctx, list, func(c *checked) error {
		r.say(c)
		sum.add(c, r.fail)
		if keep != "" && c.report != nil {
			reports = append(reports, c.report)
		}
		return pr.project(c)
	})
	if err != nil {
		return err
	}
	if err := pr.end(&sum); err != nil {
		return err
	}
	if r.baseline != nil {
		r.gone(r.baseline.Fixed())
	}
	if keep != "" {
		return r.writeBaseline(ctx, keep, reports, &sum)
	}
	if r.values {
		sum.failed = 0 // findings that aren't printed are no failure
	}
	return r.verdict(&sum)
}

// gone says which entries of the baseline are fixed.
func (r *checkRun) gone(list []string) {
	if len(list) > 0 {
		r.p.note("%s: fixed since, write it anew with --write-baseline: %s", r.text("baseline"), few(list))
	}
}

// verdict is the exit code of a run.
func (r *checkRun) verdict(t *totals) error {
	switch {
	case t.unreadable == 1 && t.projects == 1:
		return failed("", errors.New("the settings could not be read: nothing is proved"))
	case t.unreadable > 0:
		return failed("", fmt.Errorf("the settings of %d of %d projects could not be read", t.unreadable, t.projects))
	case t.failed > 0:
		return &failure{exitFindings, fmt.Errorf("%s at or above %s", count(t.failed, "finding"), audit.Severity(r.fail)), ""}
	}
	return nil
}

// say tells what a person should know and no format has room for.
func (r *checkRun) say(c *checked) {
	if c.err != nil {
		r.p.note("%s: %s", c.name(), indent(c.err.Error()))
		if h := hintOf(c.err); h != "" {
			r.p.note("  hint: %s", h)
		}
		return
	}
	p := c.report.Project
	if r.format != "text" {
		r.p.note("%s: settings module %s, %s", c.name(), p.Site.Module, p.Site.Reason)
	}
	for _, w := range c.warnings {
		r.p.note("%s: warning: %s", c.name(), plan.Visible(w))
	}
}

// each looks at the projects, a few at a time, and hands them on in order. No
// more are kept than are looked at.
func (r *checkRun) each(ctx context.Context, list []job, use func(*checked) error) error {
	n := min(runtime.GOMAXPROCS(0), max(len(list), 1))
	results := make([]chan *checked, len(list))
	for i := range results {
		results[i] = make(chan *checked, 1)
	}
	slots := make(chan struct{}, 2*n)
	next := make(chan int)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	for range n {
		go func() {
			for i := range next {
				results[i] <- r.look(list[i])
			}
		}()
	}
	go func() {
		defer close(next)
		for i := range list {
			select {
			case slots <- struct{}{}:
			case <-ctx.Done():
				return
			}
			select {
			case next <- i:
			case <-ctx.Done():
				return
			}
		}
	}()
	for i := range list {
		select {
		case c := <-results[i]:
			results[i] = nil
			<-slots
			if err := use(c); err != nil {
				return err
			}
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// look audits one project.
func (r *checkRun) look(j job) *checked {
	c := &checked{shown: j.target.shown, target: j.target, err: j.err}
	if j.err != nil {
		return c
	}
	if j.site.Dir != "." {
		c.shown = path.Join(c.shown, j.site.Dir)
	}
	p, err := audit.Load(j.fsys, c.shown, j.site, audit.Options{Env: r.env, Series: r.series, Tree: j.target.tree})
	if err != nil {
		c.err = err
		return c
	}
	c.warnings = p.Warnings
	c.report = audit.Run(p, r.selection)
	optouts, err := optOuts(j.fsys, j.site.Dir)
	if err != nil {
		c.err, c.report = err, nil
		return c
	}
	c.warnings = append(c.warnings, c.report.Suppress(optouts, r.baseline, r.today)...)
	return c
}

// optOuts are those of the djharden.toml beside manage.py.
func optOuts(fsys fs.FS, dir string) ([]audit.OptOut, error) {
	name := path.Join(dir, answersName)
	data, err := fs.ReadFile(fsys, name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, reasonOf(err)
	}
	list, err := scaffold.ReadOptOuts(data, name)
	if err != nil {
		return nil, err
	}
	var out []audit.OptOut
	for _, o := range list {
		out = append(out, audit.OptOut(o))
	}
	return out, nil
}

func (r *checkRun) printer() printer {
	switch {
	case r.values && r.format == "json":
		return &jsonValues{w: r.p.stdout}
	case r.values:
		return &textValues{p: r.p}
	case r.format == "json":
		return &jsonCheck{w: r.p.stdout}
	case r.format == "sarif":
		return &sarifCheck{w: r.p.stdout}
	case r.format == "html":
		return &htmlCheck{w: r.p.stdout}
	case r.format == "checklist":
		return &listCheck{w: r.p.stdout}
	}
	return &textCheck{p: r.p}
}
