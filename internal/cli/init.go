package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/djharden/djharden/internal/django"
	"github.com/djharden/djharden/internal/plan"
	"github.com/djharden/djharden/internal/scaffold"
)

func (p *program) initCommand() command {
	c := command{
		name: "init", args: "[DIR]", maxArgs: 1,
		short: "make a hardened project, or harden the one that is in DIR",
		long: `
In an empty folder it makes a project that runs; in a project with one
settings.py it moves that to settings/base.py and hardens it from prod.py; in a
fresh clone of a project made by djharden it makes the .env that git doesn't
carry. DIR is made if it is missing; without DIR it is this folder.

  djharden init mysite --domain example.com
      asks for the rest, shows every line, and writes when you say so
  djharden init mysite --domain example.com --yes
      asks nothing
  djharden init --domain example.com,www.example.com --diff
      shows every line, writes none
  DJHARDEN_DATABASE_URL=postgres://… djharden init --domain example.com --yes
  pass show db | djharden init --database-url-file - --domain example.com --yes
      the password stays out of the shell's history
  djharden init --config answers.toml --yes
      answers from a file, written like djharden.toml

Each flag is also a variable: --domain is DJHARDEN_DOMAIN. A flag is stronger
than a variable, then come --config, DIR/djharden.toml and the defaults below.
Switches take =true and =false; lists are given again or with commas.`,
		options: initOptions(),
	}
	c.run = func(ctx context.Context, args []string) error {
		dir := "."
		if len(args) > 0 {
			dir = args[0]
		}
		r := &initRun{p: p, options: c.options}
		if err := r.prepare(dir); err != nil {
			return err
		}
		return r.run(ctx)
	}
	return c
}

// mode is what a writing command was asked to do with its plan.
type mode struct{ yes, dryRun, diff, json, check bool }

// reading reports whether the plan is only to be looked at.
func (m mode) reading() bool { return m.dryRun || m.diff || m.check || m.json && !m.yes }

func (p *program) mode(options []*option) (m mode, err error) {
	for _, f := range []struct {
		name string
		to   *bool
	}{{"yes", &m.yes}, {"dry-run", &m.dryRun}, {"diff", &m.diff}, {"json", &m.json}, {"check", &m.check}} {
		if o := lookup(options, f.name); o != nil {
			if *f.to, err = o.on(p.getenv); err != nil {
				return m, err
			}
		}
	}
	return m, nil
}

// initRun is one run of init.
type initRun struct {
	p       *program
	options []*option
	mode    mode
	root    string // absolute
	shown   string // the folder as the person named it
	project *django.Project
	toml    []byte // djharden.toml in the folder; nil: none
	// handwritten is toml where a person wrote it and djharden never did.
	handwritten []byte

	sources  sources
	asks     prompter // nil: nobody to ask
	answers  scaffold.Answers
	warnings []scaffold.Warning
}

// prepare reads the command line and the folder; it writes nothing, unless an
// earlier run was cut short and has to be put right first.
func (r *initRun) prepare(dir string) (err error) {
	if r.mode, err = r.p.mode(r.options); err != nil {
		return err
	}
	if r.root, err = folder(dir); err != nil {
		return err
	}
	r.shown = dir
	r.p.strays(r.options)
	if err := r.p.recover(r.root); err != nil {
		return err
	}
	if err := r.read(); err != nil {
		return err
	}
	if r.sources, err = r.p.sources(r.options, r.toml); err != nil {
		return err
	}
	in, out, ok := r.p.terminals()
	if ok && !r.mode.yes && !r.mode.reading() {
		r.asks = r.p.newSurveyor(in, out)
	}
	return nil
}

// close gives the terminal back before anything is written.
func (r *initRun) close() {
	if r.asks != nil {
		r.asks.close()
	}
}

func (r *initRun) run(ctx context.Context) error {
	defer r.close()
	if r.project.Kind == django.Made && r.project.HasEnv {
		return r.again()
	}
	if err := r.answer(); err != nil {
		return err
	}
	p, result, err := r.plan(ctx)
	w := words{p: r.p, root: r.root, shown: r.shown, project: r.project, answers: r.answers, plan: p, result: result, asked: r.asks != nil}
	if err != nil {
		return w.refused(r.mode, err)
	}
	if r.mode.reading() {
		return w.read(r.mode)
	}
	if !p.Empty() {
		if err := r.confirm(w); err != nil {
			return err
		}
		r.close()
		if !r.mode.json {
			w.dirty()
		}
		if err := r.p.apply(ctx, p); err != nil {
			return err
		}
	}
	if r.mode.json {
		return w.json(!p.Empty())
	}
	w.written()
	return nil
}

// answer settles the answers, by asking where there is somebody to ask.
func (r *initRun) answer() error {
	texts := r.sources.merged()
	if r.asks == nil && !r.mode.yes && !r.mode.reading() {
		if _, ok := texts["domain"]; !ok {
			return usage("djharden init --domain example.com --yes (or --dry-run, --diff)",
				"there is no terminal to ask on: --domain and --yes are missing")
		}
		return usage("add --yes to write, --dry-run or --diff to look first", "there is no terminal to ask on, and no --yes")
	}
	a, err := answer(texts, r.project, r.root)
	if err != nil {
		return err
	}
	var notes []string
	if r.asks != nil {
		notes, err = r.ask(&a, texts)
	} else if notes, err = scaffold.Finish(&a); err != nil {
		err = optionFailure(err, fromOf(err, texts))
	}
	if err != nil {
		return err
	}
	r.answers = a
	for _, n := range notes {
		r.warn("answer", n)
	}
	r.warnings = append(r.warnings, r.sources.leaks(texts)...)
	return nil
}

// fromOf is the place that the answer of an error was given in, or "".
func fromOf(err error, texts map[string]given) string {
	var e *scaffold.OptionError
	if errors.As(err, &e) {
		return texts[e.Key].from
	}
	return ""
}

func (r *initRun) warn(code, message string) {
	r.warnings = append(r.warnings, scaffold.Warning{Code: code, Message: message})
}

const dirtyTree = "dirty-tree"

// plan renders the files and compares them with the disk.
func (r *initRun) plan(ctx context.Context) (*plan.Plan, scaffold.Result, error) {
	secrets, err := scaffold.NewSecrets()
	if err != nil {
		return nil, scaffold.Result{}, failed("", err)
	}
	if r.answers.HSTSSince == "" {
		r.answers.HSTSSince = r.p.today()
	}
	result, err := scaffold.Render(scaffold.Input{Answers: r.answers, Project: r.project, Secrets: secrets, Version: Version()})
	if err != nil {
		return nil, result, failed(hintOf(err), err)
	}
	if err := r.keepsSecrets(ctx, result); err != nil {
		return nil, result, err
	}
	result.Warnings = append(result.Warnings, r.warnings...)
	r.overHandwritten(result.Files)
	p, err := plan.Make(r.root, result.Files)
	if err != nil {
		return p, result, failed(hintOf(err), err)
	}
	if files := dirty(ctx, r.root); len(files) > 0 && !p.Empty() {
		result.Warnings = append(result.Warnings, dirtyWarning(files))
	}
	return p, result, nil
}

func dirtyWarning(files []string) scaffold.Warning {
	return scaffold.Warning{Code: dirtyTree, Message: fmt.Sprintf("git has %s here that no commit holds yet (%s): commit first, and the diff after this is djharden's alone",
		count(len(files), "change"), few(files))}
}

// keepsSecrets refuses to write .env where git would pick it up.
func (r *initRun) keepsSecrets(ctx context.Context, result scaffold.Result) error {
	writes, gitignore := false, r.project.Files[".gitignore"]
	for _, f := range result.Files {
		switch f.Path {
		case ".env":
			writes = true
		case ".gitignore":
			gitignore = f.Data
		}
	}
	if !writes {
		return nil
	}
	return keptFromGit(ctx, r.root, gitignore)
}

// confirm shows the plan and asks; without anybody to ask, --yes has answered.
func (r *initRun) confirm(w words) error {
	if r.asks == nil {
		return nil
	}
	if err := w.preview(); err != nil {
		return err
	}
	yes, err := r.asks.confirm(question{label: fmt.Sprintf("Write %s?", w.these()), def: "true"})
	if err != nil {
		return err
	}
	if !yes {
		return errInterrupted
	}
	return nil
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// few is the first few of a list, in words.
func few(list []string) string {
	const most = 3
	s := ""
	for i, item := range list {
		if i == most {
			return s + fmt.Sprintf(" and %d more", len(list)-most)
		}
		if i > 0 {
			s += ", "
		}
		s += item
	}
	return s
}
