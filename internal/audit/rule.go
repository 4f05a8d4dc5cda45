package audit

import "github.com/djharden/djharden/internal/pyeval"

// Severity of a rule, weakest first.
type Severity uint8

const (
	Low Severity = iota
	Medium
	High
	Critical
)

// Status is a verdict.
type Status uint8

const (
	Pass Status = iota
	Fail
	Unknown       // can't tell, with the reason: never a guess
	NotApplicable // no API, no JWT, no CORS ...
	Suppressed    // a failure that an opt-out covers
)

// Rule is one thing that is checked: one literal that carries its
// documentation, its sources and its own proofs. Help, docs/rules.md, SARIF
// and the tests read it.
type Rule struct {
	ID       string // "DH101": hundreds group by topic, see groups
	Name     string // "debug-on": in words, for reading and for --select
	Title    string // one line, lower case, without full stop
	Severity Severity
	Item     int      // of the reference checklist, 1 to 14; 0: none
	Why      string   // why it matters: what an attacker gains, what breaks
	Fix      string   // what to write, as a line or two of settings
	CWE      []int    // of MITRE's list
	ASVS     []string // of OWASP ASVS 5.0: "3.4.1"
	Refs     []string // URLs
	Checks   []string // Django's and the packages' own checks of the same meaning: "security.W018"
	Bad      string   // settings (or a txtar archive, where it needs more files) that yield exactly this rule
	Good     string   // its clean twin
	check    func(p *Project, r *report)
}

// Finding is one verdict of one rule.
type Finding struct {
	Rule    *Rule
	Status  Status
	At      pyeval.Place // the line that decides; zero: the setting is nowhere
	Setting string       // "SESSION_COOKIE_SECURE", "DATABASES['default']['OPTIONS']"; ""
	Value   string       // as shown: secrets masked; "" where there is none
	Origin  string       // where the value came from, in words: "Django's default", "DEBUG unset", "set at a.py:3, changed at b.py:9"
	Message string       // what is wrong, with the names and numbers of this project
	Fix     string       // the line to write here; "" takes the rule's
	Reason  string       // of Unknown, NotApplicable and Suppressed: why
	inline  bool         // of Suppressed: by a comment in the source
}

// report collects the verdicts of one rule on one project. A rule that reports
// nothing passes.
type report struct {
	rule     *Rule
	findings []Finding
}

// fail reports a finding at the line that decides the setting.
func (r *report) fail(p *Project, setting string, v *pyeval.Value, message string) *Finding {
	return r.add(p, Fail, setting, v, message)
}

// unknown says that the rule can't tell, and why.
func (r *report) unknown(p *Project, setting string, v *pyeval.Value, why string) {
	f := r.add(p, Unknown, setting, v, "")
	f.Reason = why
}

// notApplicable says that the project has nothing the rule is about.
func (r *report) notApplicable(why string) {
	r.findings = append(r.findings, Finding{Rule: r.rule, Status: NotApplicable, Reason: why})
}

// at moves the last finding to a place of its own.
func (f *Finding) at(place pyeval.Place) *Finding {
	if !place.IsZero() {
		f.At = place
	}
	return f
}

// fix gives the line to write for this finding.
func (f *Finding) fix(line string) *Finding {
	f.Fix = line
	return f
}

func (r *report) add(p *Project, s Status, setting string, v *pyeval.Value, message string) *Finding {
	f := Finding{Rule: r.rule, Status: s, Setting: setting, Message: message}
	f.Value, f.Origin = p.show(setting, v), p.origin(setting, v)
	f.At = p.place(setting, v)
	r.findings = append(r.findings, f)
	return &r.findings[len(r.findings)-1]
}
