package cli

import (
	"slices"
	"time"

	"github.com/djharden/djharden/internal/plan"
	"github.com/djharden/djharden/internal/scaffold"
)

var conflictChoices = []string{string(plan.Markers), string(plan.Ours), string(plan.Theirs)}

// syncOptions are the flags of sync, by heading: the answers, as init takes
// them, and its own.
func syncOptions() []*option {
	all := append(answerOptions(), syncOwnOptions()...)
	for _, o := range all {
		switch o.name {
		case "hsts":
			o.choices = append([]string{scaffold.NextHSTS}, o.choices...)
			o.metavar = joinChoices(o.choices)
			o.usage = "the stage of HSTS; next: one further, once the earlier one has stood long enough; preload is forever"
		case "settings":
			o.usage = "the settings package, where it has moved: mysite.settings"
		}
		if o.group != runGroup {
			o.def = "" // what djharden.toml says
		}
	}
	return byHeading(all)
}

// syncOwnOptions are the flags of sync that say how to run.
func syncOwnOptions() []*option {
	own := []*option{
		{name: "conflict", metavar: joinChoices(conflictChoices), choices: conflictChoices, env: "DJHARDEN_CONFLICT", group: runGroup,
			usage: "settle all conflicts: mark them in the file, leave the file as you have it, or take the new one"},
		{name: "env", isSwitch: true, env: "DJHARDEN_ENV", group: runGroup, usage: "change the lines of .env that hold other answers now, in place of printing them"},
		{name: "check", isSwitch: true, env: "DJHARDEN_CHECK", group: runGroup, usage: "for CI: write none, and exit with 1 when anything would be written"},
	}
	for _, o := range runOptions() {
		if o.name == "yes" {
			o.usage = "ask nothing, and write"
		}
		own = append(own, o)
	}
	return own
}

// conflict is the answer to --conflict.
func (p *program) conflict(o *option) (plan.Choice, error) {
	text, from := o.text(), "--"+o.name
	if !o.IsSet() {
		text, _ = p.getenv(o.env)
		from = o.env
	}
	if text != "" && !slices.Contains(conflictChoices, text) {
		return "", usage("write markers, ours or theirs", "%s: %q is none of %s", from, maskArg(text), joinChoices(conflictChoices))
	}
	return plan.Choice(text), nil
}

// today is the day by which the HSTS ramp counts: the same everywhere.
func (p *program) today() string { return time.Now().UTC().Format(time.DateOnly) }
