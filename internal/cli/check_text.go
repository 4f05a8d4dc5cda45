package cli

import (
	"fmt"
	"io"
	"path"
	"strings"

	"github.com/djharden/djharden/internal/audit"
)

// textCheck prints for a person: findings by severity, what can't be told, the
// checklist, and a line that sums up.
type textCheck struct{ p *program }

func (t *textCheck) begin() error { return nil }

var severityStyle = map[audit.Severity]string{audit.Critical: "1;31", audit.High: "31", audit.Medium: "33", audit.Low: "36"}

func (t *textCheck) project(c *checked) error {
	if c.err != nil {
		return nil
	}
	out, pr := t.p.stdout, c.report.Project
	fmt.Fprintf(out, "%s\n", t.p.style(out, bold, c.name()))
	fmt.Fprintf(out, "  settings  %s%s, %s\n", pr.Site.Module, classOf(pr.Site.Class), pr.Site.Reason)
	series := "Django " + pr.Series + " (" + pr.SeriesFrom + ")"
	switch {
	case pr.Series == "":
		series = "Django's version can't be told; judged as " + pr.Facts.Series + " (--django says otherwise)"
	case pr.SeriesFrom == "":
		series = "Django " + pr.Series
	}
	fmt.Fprintf(out, "  %s\n", series)
	if s := pr.Result.Stopped; s != nil {
		fmt.Fprintf(out, "\n%s%s %s\n", c.spot(s), t.p.style(out, "1;31", "can't be read:"), s.Why)
	}
	for _, f := range c.report.With(audit.Fail) {
		t.finding(out, c, f)
	}
	t.unknowns(out, c)
	t.checklist(out, c.report)
	return nil
}

func classOf(class string) string {
	if class == "" {
		return ""
	}
	return " (class " + class + ")"
}

// finding prints one failure: where, what, the line with a caret, why, the fix.
func (t *textCheck) finding(out io.Writer, c *checked, f audit.Finding) {
	where := c.path(c.report.Project.Site.File)
	line, col := f.At.Position()
	if line > 0 {
		where = fmt.Sprintf("%s:%d:%d", c.path(f.At.Path()), line, col)
	}
	sev := t.p.style(out, severityStyle[f.Rule.Severity], f.Rule.Severity.String())
	fmt.Fprintf(out, "\n%s  %s %s  %s\n", where, t.p.style(out, bold, f.Rule.ID), f.Rule.Name, sev)
	for _, l := range wrap(upper(f.Message)+".", width-2) {
		fmt.Fprintln(out, "  "+l)
	}
	t.source(out, f)
	if f.Setting != "" {
		value := f.Setting + " = " + f.Value
		if f.Value == "" {
			value = f.Setting
		}
		if f.Origin != "" {
			value += "  (" + f.Origin + ")"
		}
		for _, l := range wrap(value, width-4) {
			fmt.Fprintln(out, "    "+t.p.style(out, dim, l))
		}
	}
	for i, l := range wrap(f.Rule.Why, width-8) {
		head := "  why   "
		if i > 0 {
			head = "        "
		}
		fmt.Fprintln(out, head+l)
	}
	fix := f.Fix
	if fix == "" {
		fix = f.Rule.Fix
	}
	for i, l := range strings.Split(strings.Trim(fix, "\n"), "\n") {
		head := "  fix   "
		if i > 0 {
			head = "        "
		}
		fmt.Fprintln(out, strings.TrimRight(head+l, " "))
	}
}

// source prints the line that decides, and carets below what decides in it.
func (t *textCheck) source(out io.Writer, f audit.Finding) {
	l := f.SourceLine()
	if l.N == 0 {
		return
	}
	runes, s, e := window([]rune(l.Text), l.S, l.E)
	fmt.Fprintf(out, "  %4d | %s\n", l.N, string(runes))
	fmt.Fprintf(out, "       | %s%s\n", strings.Repeat(" ", s), t.p.style(out, "31", strings.Repeat("^", max(e-s, 1))))
}

// window is the part of a long line around a range of it.
func window(line []rune, s, e int) ([]rune, int, int) {
	const widest = 160
	if len(line) <= widest {
		return line, s, e
	}
	from := max(0, min(s-20, len(line)-widest))
	to := min(len(line), from+widest)
	return line[from:to], s - from, min(e, to) - from
}

func (t *textCheck) unknowns(out io.Writer, c *checked) {
	list := c.report.With(audit.Unknown)
	if len(list) == 0 {
		return
	}
	fmt.Fprintf(out, "\n%s\n", t.p.style(out, bold, "Can't tell"))
	for _, f := range list {
		what := f.Rule.ID + " " + f.Rule.Name
		if f.Setting != "" {
			what += ", " + f.Setting
		}
		what += ": " + f.Reason
		if line, _ := f.At.Position(); line > 0 {
			what += fmt.Sprintf(" (%s:%d)", c.path(f.At.Path()), line)
		}
		for i, l := range wrap(what, width-4) {
			fmt.Fprintln(out, map[bool]string{true: "  ", false: "    "}[i == 0]+l)
		}
	}
}

var ticks = map[audit.Status]string{audit.Pass: "[x]", audit.Fail: "[ ]", audit.Unknown: "[?]", audit.NotApplicable: "[-]", audit.Suppressed: "[~]"}

func (t *textCheck) checklist(out io.Writer, r *audit.Report) {
	fmt.Fprintf(out, "\n%s\n", t.p.style(out, bold, "Checklist"))
	for _, it := range r.Checklist() {
		note := ""
		switch it.Status {
		case audit.Fail:
			note = "  " + strings.Join(it.Why, ", ")
		case audit.Unknown:
			note = "  can't tell"
		case audit.NotApplicable:
			note = "  doesn't apply"
		case audit.Suppressed:
			note = "  left out by an opt-out"
		}
		fmt.Fprintf(out, "  %s %2d %s%s\n", ticks[it.Status], it.N, it.Title, t.p.style(out, dim, note))
	}
	fmt.Fprintln(out)
}

func (t *textCheck) end(s *totals) error {
	out := t.p.stdout
	if s.projects == s.unreadable && s.bySeverity == [4]int{} {
		return nil
	}
	var parts []string
	for i := int(audit.Critical); i >= 0; i-- {
		if n := s.bySeverity[i]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, audit.Severity(i)))
		}
	}
	line := "No findings"
	if len(parts) > 0 {
		line = strings.Join(parts, ", ")
	}
	if s.unknown > 0 {
		line += fmt.Sprintf("; %d can't be told", s.unknown)
	}
	if s.suppressed > 0 {
		line += fmt.Sprintf("; %d left out", s.suppressed)
	}
	if s.projects > 1 {
		line = fmt.Sprintf("%d projects: %s", s.projects, line)
	}
	_, err := fmt.Fprintln(out, line+".")
	return err
}

// textValues prints every setting with the places that set it.
type textValues struct{ p *program }

func (t *textValues) begin() error { return nil }

func (t *textValues) project(c *checked) error {
	if c.err != nil {
		return nil
	}
	out, r := t.p.stdout, c.report.Project.Result
	fmt.Fprintf(out, "%s  %s%s, %s\n\n", t.p.style(out, bold, c.name()), r.Module, classOf(c.report.Project.Site.Class), c.report.Project.Site.Reason)
	if s := r.Stopped; s != nil {
		fmt.Fprintf(out, "%scan't be read to the end: %s\n\n", c.spot(s), s.Why)
	}
	for _, name := range r.Order {
		s := r.Settings[name]
		fmt.Fprintf(out, "%s = %s\n", t.p.style(out, bold, name), audit.Show(name, s.Value))
		fmt.Fprintf(out, "    %s\n", t.p.style(out, dim, c.report.Project.Chain(s)))
		if why := s.Value.Reason(); why != "" {
			fmt.Fprintf(out, "    %s\n", t.p.style(out, dim, why))
		}
	}
	if r.Open != nil {
		fmt.Fprintf(out, "\nand maybe more: %s\n", r.Open.Why)
	}
	fmt.Fprintln(out)
	return nil
}

func (t *textValues) end(*totals) error { return nil }

// listCheck prints the checklist as Markdown, for a pull request.
type listCheck struct{ w io.Writer }

func (l *listCheck) begin() error { return nil }

func (l *listCheck) project(c *checked) error {
	if c.err != nil {
		return nil
	}
	p := c.report.Project
	fmt.Fprintf(l.w, "### Deployment checklist: `%s` (`%s`)\n\n", markdownCode(path.Base(c.name())), markdownCode(p.Site.Module))
	if p.Result.Stopped != nil {
		fmt.Fprintf(l.w, "**The settings could not be read to their end: %s**\n\n", p.Result.Stopped.Why)
	}
	for _, it := range c.report.Checklist() {
		box, note := " ", ""
		switch it.Status {
		case audit.Pass:
			box = "x"
		case audit.Fail:
			note = ": " + strings.Join(it.Why, ", ")
		case audit.Unknown:
			note = ": can't tell (" + strings.Join(it.Why, "; ") + ")"
		case audit.NotApplicable:
			box, note = "x", " (doesn't apply)"
		case audit.Suppressed:
			note = ": left out by an opt-out"
		}
		fmt.Fprintf(l.w, "- [%s] %s%s\n", box, it.Title, note)
	}
	fmt.Fprintln(l.w)
	return nil
}

func (l *listCheck) end(*totals) error { return nil }

func markdownCode(s string) string { return strings.ReplaceAll(s, "`", "'") }
