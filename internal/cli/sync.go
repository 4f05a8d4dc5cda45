package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/djharden/djharden/internal/django"
	"github.com/djharden/djharden/internal/plan"
	"github.com/djharden/djharden/internal/scaffold"
)

func (p *program) syncCommand() command {
	c := command{
		name: "sync", alias: "upgrade", args: "[DIR]", maxArgs: 1,
		short: "merge a newer djharden, Django or answer with your edits",
		long: `
It makes the files again from djharden.toml and merges them with yours: what you
have edited stays, what you have deleted stays deleted. upgrade is another name
for it.

  djharden sync                      shows every line, and writes when you say so
  djharden sync --yes                asks nothing
  djharden sync --check              for CI: exit 1 when the project has drifted;
                                     needs no .env
  djharden sync --diff               shows every line, writes none
  djharden sync --django 6.0         for another Django (or write it into
                                     requirements.txt first)
  djharden sync --domain example.org,www.example.org --env
                                     another answer: into djharden.toml, and into
                                     the lines of .env that hold it
  djharden sync --hsts next          one stage further up the ramp, once the
                                     earlier one has stood long enough
  djharden sync --conflict=markers   where you and djharden changed the same
                                     lines, mark them in the file

Each flag is an answer, as init takes it; an answer in djharden.toml can be
changed there, too. Secrets are never made again, and .env only gets what it
lacks. A file under keep in djharden.toml is yours alone. djharden undo puts all
of it back.

Without a terminal, a conflict ends it with exit code 4 and nothing is written.`,
		options: syncOptions(),
	}
	c.run = func(ctx context.Context, args []string) error {
		r := &syncRun{p: p, options: c.options, shown: "."}
		if len(args) > 0 {
			r.shown = args[0]
		}
		if err := r.prepare(); err != nil {
			return err
		}
		defer r.close()
		return r.run(ctx)
	}
	return c
}

// syncRun is one run of sync.
type syncRun struct {
	p       *program
	options []*option
	mode    mode
	root    string // absolute
	shown   string // the folder as the person named it
	asks    prompter
	policy  plan.Policy
	in      scaffold.SyncInput

	warnings []scaffold.Warning
}

// prepare reads the command line and the folder.
func (r *syncRun) prepare() (err error) {
	if r.mode, err = r.p.mode(r.options); err != nil {
		return err
	}
	if r.policy.Conflict, err = r.p.conflict(lookup(r.options, "conflict")); err != nil {
		return err
	}
	if r.in.EditEnv, err = lookup(r.options, "env").on(r.p.getenv); err != nil {
		return err
	}
	if r.root, err = folder(r.shown); err != nil {
		return err
	}
	in, out, ok := r.p.terminals()
	if ok && !r.mode.yes && !r.mode.reading() {
		r.asks = r.p.newSurveyor(in, out)
	} else if !r.mode.yes && !r.mode.reading() {
		return usage("add --yes to write, --check, --dry-run or --diff to look first", "there is no terminal to ask on, and no --yes")
	}
	r.p.strays(r.options)
	if err := r.p.recover(r.root); err != nil {
		return err
	}
	if err := r.read(); err != nil {
		return err
	}
	return r.answer()
}

// close gives the terminal back before anything is written.
func (r *syncRun) close() {
	if r.asks != nil {
		r.asks.close()
	}
}

// read reads the folder, and refuses one that djharden hasn't written.
func (r *syncRun) read() error {
	fsys := os.DirFS(r.root)
	_, err := fs.Stat(fsys, answersName)
	_, made := fs.Stat(fsys, ".djharden/base/"+answersName)
	switch {
	case errors.Is(err, fs.ErrNotExist) && made == nil:
		return usage("put it back: git checkout "+answersName+", or cp .djharden/base/"+answersName+" .", "%s: %s isn't there any more", r.shown, answersName)
	case errors.Is(err, fs.ErrNotExist):
		return usage("djharden init sets it up", "%s: there is no %s, so djharden has not set this project up", r.shown, answersName)
	case err != nil:
		return failed("", err)
	}
	module, _ := r.p.getenv("DJHARDEN_SETTINGS")
	if o := lookup(r.options, "settings"); o.IsSet() {
		module = o.text()
	}
	if r.in.Project, err = django.Read(fsys, module); err != nil {
		return failed(hintOf(err), err)
	}
	if made != nil && len(r.in.Project.Overlays) == 0 {
		return usage("djharden init makes the project from it", "%s: %s is there, and nothing that djharden makes", r.shown, answersName)
	}
	r.in.Version = Version()
	if r.in.Record, err = scaffold.ReadRecord(r.in.Project); err != nil {
		return failed(hintOf(err), err)
	}
	return nil
}

func (r *syncRun) run(ctx context.Context) error {
	secrets, err := scaffold.NewSecrets()
	if err != nil {
		return failed("", err)
	}
	r.in.Secrets = secrets
	result, err := scaffold.Sync(r.in)
	if r.asks != nil && asksFor(err) == "settings" {
		if err := r.askWhere(err); err != nil {
			return err
		}
		result, err = scaffold.Sync(r.in)
	}
	if err != nil {
		return failed(hintOf(err), err)
	}
	if err := r.keepsSecrets(ctx, result.Files); err != nil {
		return err
	}
	result.Warnings = append(result.Warnings, r.warnings...)
	r.policy.Valid = scaffold.Valid
	p, err := plan.Merge(r.root, result.Files, r.policy)
	if r.asks != nil && len(plan.Unresolved(err)) > 0 {
		p, err = r.settle(result.Files, p, err)
	}
	w := syncWords{words{p: r.p, root: r.root, shown: r.shown, project: r.in.Project, answers: r.in.Answers, plan: p, result: result.Result, asked: r.asks != nil}, result, r.in.Record}
	switch {
	case len(plan.Unresolved(err)) > 0:
		return w.conflicts(r.mode, err)
	case err != nil && (p == nil || !r.mode.reading()):
		return refusal(err)
	case err != nil:
		return w.refused(r.mode, refusal(err))
	}
	if files := dirty(ctx, r.root); len(files) > 0 && !p.Empty() {
		w.warnDirty(files)
	}
	if r.mode.reading() {
		return w.read(r.mode)
	}
	return r.write(ctx, w)
}

// asksFor is the answer that would settle a refusal, or "".
func asksFor(err error) string {
	var refused *django.Refusal
	if errors.As(err, &refused) {
		return refused.Ask
	}
	return ""
}

// askWhere asks where the settings package has moved to.
func (r *syncRun) askWhere(why error) error {
	r.p.note("\n%s", why)
	q := question{label: "Where is the settings package now, as in mysite.settings", check: func(s string) error {
		_, err := scaffold.CheckModule(s)
		return short(err)
	}}
	ask := r.asks.text
	if found := r.in.Project.Overlays; len(found) > 0 {
		for _, module := range found {
			q.choices = append(q.choices, choice{module, ""})
		}
		q.def, ask = found[0], r.asks.choose
	}
	module, err := ask(q)
	if err != nil {
		return err
	}
	lookup(r.options, "settings").texts = []string{module}
	if err := r.read(); err != nil {
		return err
	}
	r.warnings = nil
	return r.answer()
}

// refusal is an error of plan on its way out; an interruption stays one.
func refusal(err error) error {
	if interrupted(err) {
		return err
	}
	return failed(hintOf(err), err)
}

// write asks, and writes.
func (r *syncRun) write(ctx context.Context, w syncWords) error {
	p := w.plan
	if !p.Empty() {
		if r.asks != nil && w.visible() {
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
		if err := w.json(!p.Empty()); err != nil {
			return err
		}
	} else {
		w.written()
	}
	if n := p.Marked(); n > 0 {
		return &failure{exitConflicts, fmt.Errorf("conflicts are marked in %s", count(n, "file")),
			"settle them, the <<<<<<< lines and all, and run djharden sync again; until then nothing more is written"}
	}
	return nil
}

// keepsSecrets refuses to write secrets into a .env that git would pick up.
func (r *syncRun) keepsSecrets(ctx context.Context, files []plan.File) error {
	gitignore := r.in.Project.Files[".gitignore"]
	writes := false
	for _, f := range files {
		switch f.Path {
		case ".env":
			writes = !bytes.Equal(f.Data, f.Was)
		case ".gitignore":
			if f.Keep == "" {
				gitignore = f.Data
			}
		}
	}
	if !writes {
		return nil
	}
	return keptFromGit(ctx, r.root, gitignore)
}
