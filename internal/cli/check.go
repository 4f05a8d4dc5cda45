package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/djharden/djharden/internal/audit"
	"github.com/djharden/djharden/internal/django"
	"github.com/djharden/djharden/internal/scaffold"
)

var (
	checkFormats = []string{"text", "json", "sarif", "html", "checklist"}
	failLevels   = []string{"critical", "high", "medium", "low", "none"}
)

func (p *program) checkCommand() command {
	c := command{
		name: "check", args: "[PATH...]", maxArgs: 1 << 20,
		short: "audit the production settings, without running them",
		long: `
It finds the settings module that production loads, works out every setting the
way Django would, in an empty environment or that of --env-file, and holds it to
the rules (djharden explain lists them). None of the project's code is run, and
nothing is written without --fix. What it can't work out it says; it never
guesses, and settings that it can't read are exit 3, not a pass.

  djharden check
      this folder: findings, then the checklist of 14
  djharden check --env-file .env
      as production with that environment
  djharden check --recursive --fail-on high monorepo
      every project below it; only high and critical ones fail the run
  djharden check --format sarif > djharden.sarif
      for code scanning; also json, html and checklist (Markdown)
  djharden check --values
      every setting, and each place that sets or changes it
  djharden check --fix --diff
      what could be corrected in place, without writing it

Leave a finding out with a comment on its line, and why:
  DEBUG = True  # djharden: ignore[DH101] a demo without data
or in djharden.toml, until a date:
  [[check.ignore]]
  rule = "DH201"
  reason = "the load balancer redirects"
  until = 2027-03-01`,
		options: checkOptions(),
	}
	c.run = func(ctx context.Context, args []string) error {
		r := &checkRun{p: p, options: c.options}
		if err := r.prepare(args); err != nil {
			return err
		}
		return r.run(ctx)
	}
	return c
}

func checkOptions() []*option {
	const looking, output, running = "What is looked at", "Findings", "Running"
	return []*option{
		{name: "settings", metavar: "MODULE", group: looking, env: "DJHARDEN_SETTINGS", usage: "the settings module of production, such as mysite.settings.prod", def: "found, and said"},
		{name: "env-file", metavar: "FILE", group: looking, files: true, usage: "the environment of production, as KEY=value lines", def: "an empty one"},
		{name: "django", metavar: "SERIES", group: looking, env: "DJHARDEN_DJANGO", choices: django.AllSeries(), usage: "the Django series to judge by", def: "what the dependencies say"},
		{name: "recursive", alias: "r", isSwitch: true, group: looking, usage: "every Django project below PATH"},
		{name: "select", metavar: "RULE", list: true, choices: ruleWords(), group: output, usage: "only these rules: IDs, names, or the beginning of an ID (again, or comma-separated)"},
		{name: "ignore", metavar: "RULE", list: true, choices: ruleWords(), group: output, usage: "not these rules"},
		{name: "fail-on", metavar: joinChoices(failLevels), choices: failLevels, group: output, env: "DJHARDEN_FAIL_ON", usage: "the least severity that makes the exit code 1", def: "low"},
		{name: "baseline", metavar: "FILE", group: output, files: true, usage: "leave out the findings that FILE lists"},
		{name: "write-baseline", metavar: "FILE", group: output, files: true, usage: "write the findings of now to FILE, for --baseline"},
		{name: "format", metavar: joinChoices(checkFormats), choices: checkFormats, group: output, usage: "how to print", def: "text"},
		{name: "json", isSwitch: true, group: output, usage: "the same as --format json"},
		{name: "values", isSwitch: true, group: output, usage: "print every setting, with the places that set it"},
		{name: "fix", isSwitch: true, group: running, usage: "correct what can be corrected safely, in place"},
		{name: "diff", isSwitch: true, group: running, usage: "with --fix: show every line it would change, and write none"},
		{name: "dry-run", isSwitch: true, group: running, usage: "with --fix: list the files it would change, and write none"},
		helpOption(),
	}
}

// checkRun is one run of check.
type checkRun struct {
	p         *program
	options   []*option
	format    string
	values    bool
	fail      int // least severity; past Critical: none
	selection audit.Selection
	series    string
	env       map[string]string
	today     string // ISO date
	baseline  *audit.Baseline
	fix       mode
	fixing    bool
	targets   []target
}

// target is a folder that the person named.
type target struct {
	shown string
	root  *os.Root
	abs   string
	tree  *audit.Tree
}

func (r *checkRun) on(name string) (bool, error) { return lookup(r.options, name).on(r.p.getenv) }

func (r *checkRun) text(name string) string {
	o := lookup(r.options, name)
	if o.IsSet() {
		return o.text()
	}
	if o.env != "" {
		if v, ok := r.p.getenv(o.env); ok {
			return v
		}
	}
	return ""
}

func (r *checkRun) prepare(args []string) error {
	if err := r.switches(); err != nil {
		return err
	}
	if err := r.choose(); err != nil {
		return err
	}
	if err := r.readFiles(); err != nil {
		return err
	}
	if len(args) == 0 {
		args = []string{"."}
	}
	for _, a := range args {
		t, err := open(a)
		if err != nil {
			return err
		}
		if !slices.ContainsFunc(r.targets, func(u target) bool { return u.abs == t.abs }) {
			r.targets = append(r.targets, t)
		}
	}
	return nil
}

// switches reads the flags that are on or off, and how they go together.
func (r *checkRun) switches() error {
	var json bool
	for name, to := range map[string]*bool{"json": &json, "values": &r.values, "fix": &r.fixing, "diff": &r.fix.diff, "dry-run": &r.fix.dryRun} {
		var err error
		if *to, err = r.on(name); err != nil {
			return err
		}
	}
	r.format = r.text("format")
	switch {
	case r.format == "" && json:
		r.format = "json"
	case r.format == "":
		r.format = "text"
	case json && r.format != "json":
		return usage("leave one of them out", "--json and --format %s exclude each other", r.format)
	}
	if r.fix.reading() && !r.fixing {
		return usage("djharden check --fix --diff", "--diff and --dry-run show what --fix would change")
	}
	if r.fixing && (r.format != "text" || r.values || r.text("write-baseline") != "") {
		return usage("run them one after the other", "--fix prints what it corrects, and takes neither --format nor --values nor --write-baseline")
	}
	if r.values && r.format != "text" && r.format != "json" {
		return usage("--format text or json", "--values can't be printed as %s", r.format)
	}
	return nil
}

// choose reads the flags that take one of several words.
func (r *checkRun) choose() error {
	if !slices.Contains(checkFormats, r.format) {
		return usage("one of "+strings.Join(checkFormats, ", "), "--format: %q is no format", r.format)
	}
	level := r.text("fail-on")
	if level == "" {
		level = "low"
	}
	i := slices.Index(failLevels, level)
	if i < 0 {
		return usage("one of "+strings.Join(failLevels, ", "), "--fail-on: %q is no severity", level)
	}
	r.fail = len(failLevels) - 2 - i
	if level == "none" {
		r.fail = int(audit.Critical) + 1
	}
	r.series = r.text("django")
	if r.series != "" && !seriesWord(r.series) {
		return usage("write it as 5.2", "--django: %q is no Django series", r.series)
	}
	r.selection = audit.Selection{Select: listOf(r.text("select")), Ignore: listOf(r.text("ignore"))}
	if bad := r.selection.Unknown(); len(bad) > 0 {
		return usage(nearRules(bad[0]), "there is no rule %q", bad[0])
	}
	r.today = time.Now().UTC().Format(time.DateOnly)
	return nil
}

func seriesWord(s string) bool {
	for _, c := range s {
		if (c < '0' || c > '9') && c != '.' {
			return false
		}
	}
	return s[0] != '.' && !strings.HasSuffix(s, ".")
}

// listOf splits a list at its commas.
func listOf(s string) []string {
	return strings.FieldsFunc(s, func(c rune) bool { return c == ',' || c == ' ' })
}

// readFiles reads the environment and the baseline.
func (r *checkRun) readFiles() error {
	if name := r.text("env-file"); name != "" {
		data, err := os.ReadFile(name)
		if err != nil {
			return usage("name a file of KEY=value lines", "--env-file: %w", reasonOf(err))
		}
		env, err := scaffold.ReadEnv(data)
		if err != nil {
			return usage("a line is KEY=value; quotes must close", "--env-file: %s can't be read as variables", name)
		}
		r.env = env
	}
	if name := r.text("baseline"); name != "" {
		data, err := os.ReadFile(name)
		if err != nil {
			return usage("make one with --write-baseline "+shellWord(name), "--baseline: %w", reasonOf(err))
		}
		if r.baseline, err = audit.ReadBaseline(data); err != nil {
			return usage("make it anew with --write-baseline "+shellWord(name), "--baseline: %s: %w", name, err)
		}
	}
	return nil
}

// reasonOf is an error of a file without Go's word for the call.
func reasonOf(err error) error {
	var pe *os.PathError
	if errors.As(err, &pe) {
		return fmt.Errorf("%s: %w", pe.Path, pe.Err)
	}
	return err
}

// open opens a folder that is to be looked at; nothing outside it is read.
func open(name string) (target, error) {
	abs, err := folder(name)
	if err != nil {
		return target{}, err
	}
	if _, err := os.Stat(abs); err != nil {
		return target{}, usage("name a folder that holds a Django project", "%w", reasonOf(err))
	}
	root, err := os.OpenRoot(abs)
	if err != nil {
		return target{}, failed("", reasonOf(err))
	}
	return target{shown: filepath.ToSlash(filepath.Clean(name)), root: root, abs: abs, tree: &audit.Tree{}}, nil
}

func (p *program) explainCommand() command {
	c := command{
		name: "explain", args: "[RULE]", maxArgs: 1,
		short:   "say why a rule exists, and whence; without RULE, list all",
		long:    "\n  djharden explain DH101      by its ID\n  djharden explain debug-on   or by its name\n  djharden explain            every rule, a line each",
		options: []*option{helpOption()},
	}
	c.words = ruleWords()
	c.run = func(_ context.Context, args []string) error {
		if len(args) == 0 {
			return listRules(p.stdout)
		}
		r := audit.Find(args[0])
		if r == nil {
			return usage(nearRules(args[0]), "there is no rule %q", args[0])
		}
		explain(p.stdout, r)
		return nil
	}
	return c
}

// ruleWords are the IDs and names of all rules.
func ruleWords() []string {
	var names []string
	for _, r := range audit.Rules {
		names = append(names, r.ID, r.Name)
	}
	return names
}

// nearRules is a hint for a rule that isn't there.
func nearRules(word string) string {
	names := ruleWords()
	hint := "djharden explain lists them"
	if near := nearest(word, names); near != "" {
		hint = "did you mean " + near + "? " + hint
	}
	return hint
}

func listRules(w io.Writer) error {
	for _, r := range audit.Rules {
		if _, err := fmt.Fprintf(w, "%s  %-8s  %-34s  %s\n", r.ID, r.Severity, r.Name, r.Title); err != nil {
			return err
		}
	}
	return nil
}

// explain prints all that a rule carries.
func explain(w io.Writer, r *audit.Rule) {
	fmt.Fprintf(w, "%s %s\n%s.\n\nSeverity: %s", r.ID, r.Name, upper(r.Title), r.Severity)
	if r.Item > 0 {
		fmt.Fprintf(w, "; item %d of the checklist", r.Item)
	}
	fmt.Fprintln(w)
	section := func(title, text string) {
		if text = strings.Trim(text, "\n"); text != "" {
			fmt.Fprintf(w, "\n%s\n", title)
			for line := range strings.SplitSeq(text, "\n") {
				fmt.Fprintln(w, strings.TrimRight("  "+line, " "))
			}
		}
	}
	section("Why", strings.Join(wrap(r.Why, width-2), "\n"))
	section("Fix", r.Fix)
	section("Wrong", r.Bad)
	section("Right", r.Good)
	var refs []string
	for _, n := range r.CWE {
		refs = append(refs, fmt.Sprintf("CWE-%d  https://cwe.mitre.org/data/definitions/%d.html", n, n))
	}
	for _, a := range r.ASVS {
		refs = append(refs, "OWASP ASVS 5.0, "+a)
	}
	if len(r.Checks) > 0 {
		refs = append(refs, "the same as Django's check "+strings.Join(r.Checks, ", "))
	}
	section("Sources", strings.Join(append(refs, r.Refs...), "\n"))
}
