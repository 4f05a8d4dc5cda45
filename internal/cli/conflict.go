package cli

import (
	"fmt"
	"strings"

	"github.com/djharden/djharden/internal/plan"
)

const stop = "stop"

// settle asks about each conflict, with its three sides shown, until the plan
// has none.
func (r *syncRun) settle(files []plan.File, p *plan.Plan, err error) (*plan.Plan, error) {
	r.policy.Choices, r.policy.Files = map[string][]plan.Choice{}, map[string]plan.Choice{}
	for {
		list := plan.Unresolved(err)
		if len(list) == 0 {
			return p, err
		}
		for i, c := range list {
			if strings.Contains(c.Why, "an earlier sync marked") {
				return p, err // that is for the file, not for a question
			}
			r.sides(c, i+1, len(list))
			choice, err := r.choose(c)
			if err != nil {
				return nil, err
			}
			if c.Why != "" {
				r.policy.Files[c.Path] = choice
			} else {
				r.policy.Choices[c.Path] = append(r.policy.Choices[c.Path], choice)
			}
		}
		p, err = plan.Merge(r.root, files, r.policy)
		for _, c := range plan.Unresolved(err) {
			delete(r.policy.Choices, c.Path)
		}
	}
}

func (r *syncRun) choose(c plan.Clash) (plan.Choice, error) {
	what := "the lines"
	if c.Why != "" {
		what = "the whole file"
	}
	q := question{label: "What goes into " + c.Where(), def: "yours", check: func(string) error { return nil }, choices: []choice{
		{"yours", what + " as you have them"},
		{"djharden's", what + " as they are new"},
		{"both", "marked in the file, to be settled there"},
		{stop, "write nothing"},
	}}
	text, err := r.asks.choose(q)
	if err != nil {
		return "", err
	}
	switch text {
	case "yours":
		return plan.Ours, nil
	case "djharden's":
		return plan.Theirs, nil
	case "both":
		return plan.Markers, nil
	}
	return "", errInterrupted
}

// maxSide is how many lines of a side are shown.
const maxSide = 30

// sides shows the three sides of a conflict.
func (r *syncRun) sides(c plan.Clash, i, n int) {
	p := r.p
	p.note("\n%s  (%d of %d)", p.style(p.stderr, bold, c.Where()), i, n)
	if c.Why != "" {
		for _, line := range wrap(c.Why, width-2) {
			p.note("  %s", line)
		}
	}
	for _, side := range []struct {
		name  string
		lines []string
	}{{"the last render", c.Base}, {"yours", c.Ours}, {"djharden's", c.Theirs}} {
		if side.name == "the last render" && c.Why != "" {
			continue
		}
		p.note("  %s", p.style(p.stderr, dim, side.name))
		if len(side.lines) == 0 {
			p.note("    (nothing)")
		}
		for k, line := range side.lines {
			if k == maxSide {
				p.note("    … and %s more", fmt.Sprint(len(side.lines)-k))
				break
			}
			p.note("  | %s", plan.Visible(line))
		}
	}
}
