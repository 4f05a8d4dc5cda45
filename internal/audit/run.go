package audit

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Rules are all rules, in the order of their IDs.
var Rules = sorted(slices.Concat(
	coreRules, transportRules, headerRules, inertRules,
	apiRules, tokenRules, loginRules, dataRules, fileRules, logRules,
))

func sorted(rules []*Rule) []*Rule {
	slices.SortStableFunc(rules, func(a, b *Rule) int { return strings.Compare(a.ID, b.ID) })
	return rules
}

// Find is a rule by its ID or name, nil where there is none.
func Find(name string) *Rule {
	for _, r := range Rules {
		if strings.EqualFold(r.ID, name) || r.Name == name {
			return r
		}
	}
	return nil
}

// Matches reports whether a word of --select or --ignore means the rule: its
// ID, the beginning of one (DH2), or its name.
func (r *Rule) Matches(word string) bool {
	return r.Name == word || strings.HasPrefix(r.ID, strings.ToUpper(word)) && strings.HasPrefix(strings.ToUpper(word), "DH")
}

// Selection is which rules are run: those that Select means (all, where it is
// empty) without those that Ignore means.
type Selection struct{ Select, Ignore []string }

// Unknown are the words that mean no rule.
func (s Selection) Unknown() []string {
	var out []string
	for _, w := range slices.Concat(s.Select, s.Ignore) {
		if !slices.ContainsFunc(Rules, func(r *Rule) bool { return r.Matches(w) }) {
			out = append(out, w)
		}
	}
	return out
}

func (s Selection) takes(r *Rule) bool {
	match := func(list []string) bool { return slices.ContainsFunc(list, r.Matches) }
	return (len(s.Select) == 0 || match(s.Select)) && !match(s.Ignore)
}

// Report is the verdicts of the rules on one project.
type Report struct {
	Project  *Project
	Findings []Finding // a rule that passes has one, with Status Pass; failures first, the severest first
	Ran      []*Rule
}

// Run asks the rules of a selection. Of settings that can't be read to their
// end nothing is said.
func Run(p *Project, s Selection) *Report {
	out := &Report{Project: p}
	if p.Result.Stopped != nil {
		return out // what isn't set yet where the reader stopped is no failure, and what is no pass
	}
	for _, rule := range Rules {
		if !s.takes(rule) {
			continue
		}
		out.Ran = append(out.Ran, rule)
		r := &report{rule: rule}
		r.run(p)
		if len(r.findings) == 0 {
			r.findings = []Finding{{Rule: rule, Status: Pass}}
		}
		out.Findings = append(out.Findings, r.findings...)
	}
	out.sort()
	return out
}

// run asks one rule. One that trips over a project can't tell: it must not take
// the others down with it, nor pass.
func (r *report) run(p *Project) {
	defer func() {
		if x := recover(); x != nil {
			r.findings = []Finding{{Rule: r.rule, Status: Unknown, Reason: fmt.Sprintf("the rule failed on this project: %v", x)}}
		}
	}()
	r.rule.check(p, r)
}

// rank is the order of the statuses in a report.
var rank = map[Status]int{Fail: 0, Suppressed: 1, Unknown: 2, Pass: 3, NotApplicable: 4}

func (r *Report) sort() {
	slices.SortStableFunc(r.Findings, func(a, b Finding) int {
		return cmp.Or(
			cmp.Compare(rank[a.Status], rank[b.Status]), cmp.Compare(b.Rule.Severity, a.Rule.Severity),
			strings.Compare(a.At.Path(), b.At.Path()), cmp.Compare(a.At.S, b.At.S), strings.Compare(a.Rule.ID, b.Rule.ID),
		)
	})
}

// With are the findings of a status.
func (r *Report) With(s Status) []Finding {
	var out []Finding
	for _, f := range r.Findings {
		if f.Status == s {
			out = append(out, f)
		}
	}
	return out
}

// Fails reports whether a failure is at least as severe as a level.
func (r *Report) Fails(level Severity) bool {
	return slices.ContainsFunc(r.Findings, func(f Finding) bool { return f.Status == Fail && f.Rule.Severity >= level })
}

// Item is one line of the reference checklist.
type Item struct {
	N      int
	Title  string
	Status Status
	Rules  []*Rule  // that decide it
	Why    []string // rules that fail, or reasons why it can't be told
}

// checklist are the items of the reference checklist before a deployment.
var checklist = []string{
	"DEBUG is off", "SECRET_KEY is strong and its own per environment", "ALLOWED_HOSTS names the hosts", "HTTPS is enforced",
	"CORS is restricted", "Rate limiting is on", "CSP is configured", "PostgreSQL, not SQLite", "JWT lifetimes are short",
	"The admin is not at /admin/", "Static files through WhiteNoise", "Security events are logged", "The database is reached over TLS",
	"Password validators are strengthened",
}

// Checklist is the reference checklist: an item fails when one of its rules
// does, can't be told when one of them can't and none fails, and doesn't apply
// when none of them does.
func (r *Report) Checklist() []Item {
	items := make([]Item, len(checklist))
	for i, title := range checklist {
		items[i] = r.item(i+1, title)
	}
	return items
}

func (r *Report) item(n int, title string) Item {
	it := Item{N: n, Title: title, Status: NotApplicable}
	for _, rule := range r.Ran {
		if rule.Item == n {
			it.Rules = append(it.Rules, rule)
		}
	}
	if len(it.Rules) == 0 {
		it.Status, it.Why = Unknown, []string{"its rules were not asked"}
		return it
	}
	if slices.ContainsFunc(Rules, func(rule *Rule) bool { return rule.Item == n && !slices.Contains(it.Rules, rule) }) {
		it.Status, it.Why = Unknown, []string{"not all of its rules were asked"}
	}
	for _, f := range r.Findings {
		if f.Rule.Item != n {
			continue
		}
		why := f.Rule.ID
		if f.Status == Unknown {
			why += ": " + f.Reason
		}
		switch {
		case f.Status == Fail && it.Status != Fail:
			it.Status, it.Why = Fail, []string{why}
		case f.Status == Fail, f.Status == Unknown && it.Status == Unknown:
			if !slices.Contains(it.Why, why) {
				it.Why = append(it.Why, why)
			}
		case f.Status == Unknown && it.Status != Fail:
			it.Status, it.Why = Unknown, []string{why}
		case f.Status == Suppressed && (it.Status == Pass || it.Status == NotApplicable):
			it.Status, it.Why = Suppressed, []string{why}
		case f.Status == Pass && it.Status == NotApplicable:
			it.Status = Pass
		}
	}
	return it
}

// String is the word for a severity, as every output has it.
func (s Severity) String() string { return [...]string{"low", "medium", "high", "critical"}[s] }

// String is the word for a status, as every output has it.
func (s Status) String() string {
	return [...]string{"pass", "fail", "unknown", "not-applicable", "suppressed"}[s]
}
