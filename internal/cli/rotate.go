package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/djharden/djharden/internal/django"
	"github.com/djharden/djharden/internal/plan"
	"github.com/djharden/djharden/internal/scaffold"
)

func rotateKeyNames() []string {
	var names []string
	for _, k := range scaffold.RotateKeys {
		names = append(names, k.Name)
	}
	return names
}

func (p *program) rotateCommand() command {
	c := command{
		name: "rotate", args: "KEY [DIR]", maxArgs: 2, words: rotateKeyNames(),
		short: "put a new secret key, token key or admin path into .env",
		long: `
  djharden rotate secret-key        a new SECRET_KEY; the old one stays in
                                    SECRET_KEY_FALLBACKS: nobody is signed out
  djharden rotate jwt-key           a new JWT_SIGNING_KEY; tokens of the old one
                                    stay good, where the project takes old keys
  djharden rotate admin-path        the admin moves to a new path
  djharden rotate --prune 14d       no new key: old ones go that were replaced
                                    14 days ago or earlier
  djharden rotate secret-key --prune 14d
                                    both
  djharden rotate secret-key --no-fallback
                                    the old key leaked: it is gone at once, and
                                    everybody is signed out
  djharden rotate jwt-key shop --dry-run
                                    what it would do in ./shop

It edits that line of .env, and the one of old keys, and leaves every other byte
as it is; any project's .env will do. Which variable holds the key is read from
the settings; where they don't say, it asks for --variable. The new value is in
.env and nowhere else: it isn't printed. The site has it after a restart.`,
		options: []*option{
			{name: "prune", metavar: "AGE", usage: "drop old keys replaced so long ago: 14d, 36h, 2w; without KEY that is all it does"},
			{name: "no-fallback", isSwitch: true, usage: "keep no old key, because it leaked: signs out whom it signed in"},
			{name: "variable", metavar: "NAME", usage: "the variable of .env that holds the key", def: "what the settings read"},
			{name: "print", isSwitch: true, usage: "print the new value, on a terminal only"},
			{name: "dry-run", isSwitch: true, env: "DJHARDEN_DRY_RUN", usage: "say what it would do, and do nothing"},
			{name: "diff", isSwitch: true, env: "DJHARDEN_DIFF", usage: "show every line it would change, values masked, and change none"},
			{name: "json", isSwitch: true, env: "DJHARDEN_JSON", usage: "print the plan as JSON"},
			helpOption(),
		},
	}
	c.run = func(ctx context.Context, args []string) error {
		r := &rotateRun{p: p, options: c.options}
		if err := r.prepare(args); err != nil {
			return err
		}
		return r.run(ctx)
	}
	return c
}

// rotateRun is one run of rotate.
type rotateRun struct {
	p       *program
	options []*option
	mode    mode
	print   bool
	age     string // of --prune, as given
	root    string // absolute
	shown   string // the folder as the person named it
	in      scaffold.Rotation
}

// prepare reads the command line.
func (r *rotateRun) prepare(args []string) (err error) {
	if r.mode, err = r.p.mode(r.options); err != nil {
		return err
	}
	r.mode.yes = true
	if r.print, err = lookup(r.options, "print").on(r.p.getenv); err != nil {
		return err
	}
	if r.in.Drop, err = lookup(r.options, "no-fallback").on(r.p.getenv); err != nil {
		return err
	}
	r.in.Variable = lookup(r.options, "variable").text()
	if r.age = lookup(r.options, "prune").text(); r.age != "" {
		age, err := parseAge(r.age)
		if err != nil {
			return err
		}
		r.in.Prune = &age
	}
	if args, err = r.key(args); err != nil {
		return err
	}
	if err := r.flags(); err != nil {
		return err
	}
	r.shown = "."
	if len(args) > 0 {
		r.shown = args[0]
	}
	r.root, err = folder(r.shown)
	return err
}

// key takes KEY from the arguments and returns the rest.
func (r *rotateRun) key(args []string) ([]string, error) {
	names := rotateKeyNames()
	hint := "the keys are " + strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1]
	switch {
	case len(args) == 0 && r.in.Prune == nil:
		return nil, usage(hint, "rotate needs the name of a key")
	case len(args) == 0:
		return nil, nil
	}
	if r.in.Key = scaffold.FindRotateKey(args[0]); r.in.Key != nil {
		return args[1:], nil
	}
	if near := nearest(args[0], names); near != "" {
		hint = "did you mean " + near + "? " + hint
	} else if r.in.Prune != nil && len(args) == 1 {
		if _, err := os.Stat(args[0]); err == nil { // rotate --prune 14d DIR
			return args, nil
		}
	}
	return nil, usage(hint, "rotate knows no key %q", maskArg(args[0]))
}

// flags refuses what doesn't go together.
func (r *rotateRun) flags() error {
	switch {
	case r.in.Key == nil && (r.in.Drop || r.in.Variable != "" || r.print):
		return usage("djharden rotate secret-key …, or --prune alone", "without KEY there is no new value: --no-fallback, --variable and --print mean nothing")
	case r.in.Drop && r.in.Key.List == "":
		return usage("leave it out", "--no-fallback means nothing for %s: no old one is kept", r.in.Key.Name)
	case r.print && (r.mode.reading() || r.mode.json):
		return usage("leave out one of them", "--print shows a value that was written, so it doesn't go with --dry-run, --diff or --json")
	case r.print && !onTerminal(r.p.stdout):
		return usage("the value stands in .env", "--print writes to a terminal only, and stdout is none")
	case r.in.Variable != "" && !variableName.MatchString(r.in.Variable):
		return usage("such as DJANGO_SECRET_KEY", "--variable: %q is no name of a variable", maskArg(r.in.Variable))
	}
	return nil
}

var (
	variableName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)
	ageText      = regexp.MustCompile(`^([0-9]{1,4})(h|d|w)$`)
)

func parseAge(text string) (time.Duration, error) {
	m := ageText.FindStringSubmatch(text)
	if m == nil {
		return 0, usage("write 14d, 36h or 2w", "--prune: %q is no age", text)
	}
	n, err := strconv.Atoi(m[1])
	if err != nil {
		return 0, err
	}
	return time.Duration(n) * map[string]time.Duration{"h": time.Hour, "d": 24 * time.Hour, "w": 7 * 24 * time.Hour}[m[2]], nil
}

func (r *rotateRun) run(ctx context.Context) error {
	if err := r.p.recover(r.root); err != nil {
		return err
	}
	out, pl, err := r.plan(ctx)
	w := words{p: r.p, root: r.root, shown: r.shown, plan: pl}
	w.result.Warnings, w.result.Next = out.Warnings, out.Next
	if err != nil {
		return w.refused(r.mode, err)
	}
	if r.mode.reading() {
		return w.read(r.mode)
	}
	if !pl.Empty() {
		if err := r.p.apply(ctx, pl); err != nil {
			return err
		}
	}
	if r.mode.json {
		return w.json(!pl.Empty())
	}
	r.written(w, out)
	return nil
}

// plan makes the new .env and compares it with the disk.
func (r *rotateRun) plan(ctx context.Context) (out scaffold.Rotated, pl *plan.Plan, err error) {
	if err := r.read(ctx); err != nil {
		return out, nil, err
	}
	if r.in.Secrets, err = scaffold.NewSecrets(); err != nil {
		return out, nil, failed("", err)
	}
	r.in.Now = time.Now()
	if out, err = scaffold.Rotate(r.in); err != nil {
		return out, nil, failed(hintOf(err), err)
	}
	if r.shown != "." {
		for i, step := range out.Next {
			if strings.HasPrefix(step, "  djharden ") {
				out.Next[i] += " " + shellWord(r.shown)
			}
		}
	}
	if pl, err = plan.Make(r.root, []plan.File{out.File}); err != nil {
		return out, pl, failed(hintOf(err), err)
	}
	return out, pl, nil
}

// read reads .env and what the settings say about it.
func (r *rotateRun) read(ctx context.Context) (err error) {
	fsys := os.DirFS(r.root)
	_, err = fs.Stat(fsys, answersName)
	r.in.Made = err == nil
	info, err := os.Lstat(filepath.Join(r.root, ".env"))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		hint := "rotate where the site's .env is"
		if r.in.Made {
			hint = "djharden init makes one, with new secrets; or rotate where the site's .env is"
		}
		return failed(hint, fmt.Errorf(".env: there is none in %s, so there is nothing to rotate", r.name()))
	case err != nil:
		return failed("", err)
	case !info.Mode().IsRegular():
		_, err := plan.Make(r.root, []plan.File{{Path: ".env", Owner: plan.Patch, Secret: true}})
		return failed(hintOf(err), err)
	}
	if r.in.Env, err = fs.ReadFile(fsys, ".env"); err != nil {
		return failed("make it readable for the user who runs djharden", err)
	}
	if r.in.Keys, err = django.ReadKeys(fsys); err != nil {
		return failed(hintOf(err), err)
	}
	gitignore, err := fs.ReadFile(fsys, ".gitignore")
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return failed("", err)
	}
	return keptFromGit(ctx, r.root, gitignore)
}

func (r *rotateRun) name() string { return words{root: r.root, shown: r.shown}.name() }

// written is what a person reads after the write.
func (r *rotateRun) written(w words, out scaffold.Rotated) {
	if w.plan.Empty() {
		fmt.Fprintf(r.p.stdout, "Nothing to do: no old key was replaced %s ago or earlier.\n", r.age)
		w.warn()
		return
	}
	fmt.Fprintf(r.p.stdout, "%s: %s.\n", r.name(), strings.Join(out.Done, "; "))
	if r.print {
		fmt.Fprintf(r.p.stdout, "\n%s=%s\n", out.Variable, out.Value)
	}
	if len(out.Next) > 0 {
		fmt.Fprintf(r.p.stdout, "\n%s\n", r.p.style(r.p.stdout, bold, "Next"))
		for _, step := range out.Next {
			w.step(r.p.stdout, step)
		}
	}
	w.left()
}
