package audit

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/djharden/djharden/internal/pyeval"
)

// OptOut is a recorded decision to leave a finding out: of djharden.toml.
type OptOut struct {
	Rule    string // an ID or a name
	Path    string // only in this file, or in those that it matches as a pattern; from the folder of manage.py; "": everywhere
	Setting string // only for this setting; "": any
	Reason  string
	Until   string // ISO date, the last day it counts; past it the finding fails again
	Where   string // where it is written, for people
}

// about reports whether an opt-out is about a failure.
func (o *OptOut) about(f *Finding, dir string) bool {
	if Find(o.Rule) != f.Rule || o.Setting != "" && o.Setting != f.Setting && o.Setting != head(f.Setting) {
		return false
	}
	if o.Path == "" {
		return true
	}
	ok, err := path.Match(path.Join(dir, o.Path), f.At.Path())
	return ok && err == nil
}

// Suppress marks the failures that an opt-out, a comment or a baseline covers.
// today is an ISO date. It returns what is wrong with the opt-outs, in words:
// unknown rules, missing reasons, those that cover nothing any more.
func (r *Report) Suppress(optouts []OptOut, b *Baseline, today string) (warnings []string) {
	used := make([]bool, len(optouts))
	notes := r.notes()
	b.judge(r)
	for i := range r.Findings {
		f := &r.Findings[i]
		if f.Status != Fail {
			continue
		}
		for j := range optouts {
			if o := &optouts[j]; f.Status == Fail && o.about(f, r.Project.dir()) {
				used[j] = true
				if o.Until < today {
					warnings = append(warnings, fmt.Sprintf("the opt-out of %s expired on %s (%s)", f.Rule.ID, o.Until, o.Reason))
				}
				o.apply(f, today)
			}
		}
		if n := noteFor(notes, f); n != nil && f.Status == Fail {
			f.Status, f.Reason, f.inline = Suppressed, n.reason, true
		}
		if f.Status == Fail && b.covers(r, f) {
			f.Status, f.Reason = Suppressed, "in the baseline"
		}
	}
	r.sort()
	for j, o := range optouts {
		switch rule := Find(o.Rule); {
		case rule == nil:
			warnings = append(warnings, fmt.Sprintf("%s names the rule %q, which there isn't", o.Where, o.Rule))
		case !used[j] && slices.Contains(r.Ran, rule):
			warnings = append(warnings, fmt.Sprintf("%s: the opt-out from %s covers nothing: remove it", o.Where, rule.ID))
		}
	}
	for _, n := range notes {
		warnings = append(warnings, n.problems(r)...)
	}
	return warnings
}

func (o *OptOut) apply(f *Finding, today string) {
	if o.Until < today {
		f.Message += " (its opt-out expired on " + o.Until + ")"
		return
	}
	f.Status, f.Reason = Suppressed, o.Reason+" (until "+o.Until+")"
}

// note is a comment in the source that ignores rules.
type note struct {
	src    *pyeval.Source
	line   int
	rules  []string
	reason string
	used   bool
}

var ignoreComment = lazy(`#\s*djharden:\s*ignore\[([^\]]*)\][ \t:–—-]*(.*)`)

// notes are the comments that ignore rules, in the files where settings are set
// and failures are.
func (r *Report) notes() []*note {
	var list []*note
	seen := map[string]bool{"": true}
	read := func(src *pyeval.Source) {
		if src == nil || seen[src.Path] {
			return
		}
		seen[src.Path] = true
		for _, c := range src.Mod.Comments {
			m := ignoreComment().FindSubmatch(src.Mod.Src[c.S:c.E])
			if m == nil {
				continue
			}
			n := &note{src: src, reason: strings.TrimSpace(string(m[2]))}
			n.line, _ = src.Mod.Position(int(c.S))
			n.rules = strings.FieldsFunc(string(m[1]), func(c rune) bool { return c == ',' || c == ' ' })
			list = append(list, n)
		}
	}
	for _, src := range r.Project.settingFiles() {
		read(src)
	}
	for i := range r.Findings {
		read(r.Findings[i].At.Src)
	}
	return list
}

// noteFor is the comment that covers a failure: on a line of what decides, or
// on the line before it.
func noteFor(notes []*note, f *Finding) (found *note) {
	if f.At.IsZero() || len(notes) == 0 {
		return nil
	}
	first, _ := f.At.Position()
	last, _ := f.At.Src.Mod.Position(f.At.E)
	for _, n := range notes {
		if n.src.Path != f.At.Path() || n.line < first-1 || n.line > last || !slices.ContainsFunc(n.rules, f.Rule.is) {
			continue
		}
		n.used = true
		if n.reason != "" && found == nil {
			found = n
		}
	}
	return found
}

// is reports whether a word is the rule's ID or name.
func (r *Rule) is(word string) bool { return strings.EqualFold(word, r.ID) || word == r.Name }

// problems are what is wrong with a comment, in words.
func (n *note) problems(r *Report) (out []string) {
	where := fmt.Sprintf("%s:%d", n.src.Path, n.line)
	asked := len(n.rules) > 0
	for _, w := range n.rules {
		rule := Find(w)
		if rule == nil {
			out = append(out, fmt.Sprintf("%s: the comment ignores the rule %q, which there isn't", where, w))
		}
		asked = asked && rule != nil && slices.Contains(r.Ran, rule)
	}
	switch {
	case len(n.rules) == 0:
		out = append(out, where+": the comment names no rule")
	case n.reason == "":
		out = append(out, fmt.Sprintf("%s: the comment that ignores %s gives no reason, so it doesn't count", where, strings.Join(n.rules, ", ")))
	case !n.used && asked:
		out = append(out, fmt.Sprintf("%s: the comment that ignores %s covers nothing: remove it", where, strings.Join(n.rules, ", ")))
	}
	return out
}

// Fingerprint tells a finding from others for as long as its line says the
// same: it knows no line numbers.
func (f *Finding) Fingerprint() string {
	line := strings.Join(strings.Fields(sourceLine(f.At).Text), " ")
	sum := sha256.Sum256([]byte(strings.Join([]string{f.Rule.ID, f.At.Path(), f.Setting, line}, "\x00")))
	return hex.EncodeToString(sum[:16])
}

// SourceLine is the line on which the finding begins, secrets masked; the zero
// Line where it has no place.
func (f *Finding) SourceLine() Line { return sourceLine(f.At) }

// Inline reports whether a comment in the source covers the finding.
func (f *Finding) Inline() bool { return f.inline }
