package cli

import (
	"context"
	"fmt"

	"github.com/djharden/djharden/internal/plan"
)

func (p *program) undoCommand() command {
	c := command{
		name: "undo", args: "[DIR]", maxArgs: 1,
		short: "put back what the last write changed",
		long: `
  djharden undo              this folder, without asking
  djharden undo mysite       that one
  djharden undo --dry-run    list what it would put back, and put back nothing

Files come back byte for byte, with their modes; what was made is removed. Only
the last write is kept, outside the project. A file that was edited since is not
overwritten: nothing is undone then, and it says which.`,
		options: []*option{
			{name: "dry-run", isSwitch: true, env: "DJHARDEN_DRY_RUN", usage: "list the files it would put back, and put back none"},
			{name: "diff", isSwitch: true, env: "DJHARDEN_DIFF", usage: "show every line it would change, and change none"},
			{name: "json", isSwitch: true, env: "DJHARDEN_JSON", usage: "print the plan as JSON"},
			helpOption(),
		},
	}
	c.run = func(ctx context.Context, args []string) error {
		dir := "."
		if len(args) > 0 {
			dir = args[0]
		}
		m, err := p.mode(c.options)
		if err != nil {
			return err
		}
		m.yes = true
		return p.undo(ctx, dir, m)
	}
	return c
}

func (p *program) undo(ctx context.Context, dir string, m mode) error {
	root, err := folder(dir)
	if err != nil {
		return err
	}
	if err := p.recover(root); err != nil {
		return err
	}
	back, err := plan.UndoPlan(root)
	if err != nil {
		return failed(hintOf(err), err)
	}
	w := words{p: p, root: root, shown: dir, plan: back}
	if m.reading() {
		return w.read(m)
	}
	if back.Empty() {
		if m.json {
			return w.json(false)
		}
		fmt.Fprintln(p.stdout, "Nothing to undo.")
		return nil
	}
	if err := p.apply(ctx, back); err != nil {
		return err
	}
	if m.json {
		return w.json(true)
	}
	fmt.Fprintf(p.stdout, "%s: put back.\n\n", w.name())
	w.list(p.stdout)
	return nil
}

// recover finishes or rolls back what an earlier run was killed in.
func (p *program) recover(root string) error {
	return p.guard.during(func() error {
		report, err := plan.Recover(root)
		if err != nil {
			return failed(hintOf(err), err)
		}
		if s := report.String(); s != "" {
			p.note("%s", s)
		}
		return nil
	})
}

// apply writes a plan: all of it, or none.
func (p *program) apply(ctx context.Context, pl *plan.Plan) error {
	return p.guard.during(func() error {
		err := pl.Apply(ctx)
		p.guard.done()
		if err == nil || interrupted(err) {
			return err
		}
		return failed(hintOf(err), err)
	})
}
