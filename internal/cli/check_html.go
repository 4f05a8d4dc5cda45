package cli

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"strings"

	"github.com/djharden/djharden/internal/audit"
)

//go:embed report.html.tmpl
var reportText string

// htmlCheck prints one page that needs nothing else: the checklist, the findings
// and all values of each project.
type htmlCheck struct {
	w    io.Writer
	page *template.Template
}

type htmlProject struct {
	Shown, Module, Reason, Series, Stopped, Error string
	Items                                         []htmlItem
	Groups                                        []htmlGroup
	Unknown, Left                                 []htmlFinding
	Values                                        []htmlValue
	Passed, Applies, Failed                       int
	Counts                                        []htmlCount
}

type htmlCount struct {
	Severity string
	N        int
}

type htmlItem struct {
	N             int
	Title, Status string
	Note          string
}

type htmlGroup struct {
	Severity string
	Findings []htmlFinding
}

type htmlFinding struct {
	ID, Name, Title, Where, Setting, Value, Origin, Message, Why, Fix, Reason string
	N                                                                         int    // the number of the line
	Before, Mark, After                                                       string // the line; Mark is what decides
	CWE                                                                       []int
	ASVS                                                                      []string
}

type htmlValue struct{ Name, Value, Chain, Reason string }

func (h *htmlCheck) begin() (err error) {
	h.page, err = template.New("report").Funcs(template.FuncMap{"upper": upper}).Parse(reportText)
	if err != nil {
		return err
	}
	return h.page.ExecuteTemplate(h.w, "head", Version())
}

func (h *htmlCheck) project(c *checked) error {
	p := htmlProject{Shown: c.name()}
	if c.err != nil {
		p.Error = c.err.Error()
		return h.page.ExecuteTemplate(h.w, "project", p)
	}
	pr := c.report.Project
	p.Module, p.Reason, p.Series = pr.Site.Module+classOf(pr.Site.Class), pr.Site.Reason, pr.Series
	if s := pr.Result.Stopped; s != nil {
		p.Stopped = c.spot(s) + s.Why
	}
	for _, it := range c.report.Checklist() {
		i := htmlItem{it.N, it.Title, it.Status.String(), strings.Join(it.Why, "; ")}
		if it.Status == audit.Pass {
			p.Passed++
		}
		if it.Status != audit.NotApplicable {
			p.Applies++
		}
		p.Items = append(p.Items, i)
	}
	for _, f := range c.report.Findings {
		x := htmlOf(c, f)
		switch f.Status {
		case audit.Fail:
			p.Failed++
			sev := f.Rule.Severity.String()
			if n := len(p.Groups); n == 0 || p.Groups[n-1].Severity != sev {
				p.Groups = append(p.Groups, htmlGroup{Severity: sev})
				p.Counts = append(p.Counts, htmlCount{Severity: sev})
			}
			p.Counts[len(p.Counts)-1].N++
			g := &p.Groups[len(p.Groups)-1]
			g.Findings = append(g.Findings, x)
		case audit.Unknown:
			p.Unknown = append(p.Unknown, x)
		case audit.Suppressed:
			p.Left = append(p.Left, x)
		}
	}
	for _, name := range pr.Result.Order {
		s := pr.Result.Settings[name]
		p.Values = append(p.Values, htmlValue{name, audit.Show(name, s.Value), pr.Chain(s), s.Value.Reason()})
	}
	return h.page.ExecuteTemplate(h.w, "project", p)
}

func htmlOf(c *checked, f audit.Finding) htmlFinding {
	x := htmlFinding{
		ID: f.Rule.ID, Name: f.Rule.Name, Title: f.Rule.Title, Where: c.path(c.report.Project.Site.File), Setting: f.Setting, Value: f.Value, Origin: f.Origin,
		Message: f.Message, Why: f.Rule.Why, Fix: f.Fix, Reason: f.Reason,
		CWE: f.Rule.CWE, ASVS: f.Rule.ASVS,
	}
	if x.Fix == "" {
		x.Fix = f.Rule.Fix
	}
	x.Fix = strings.Trim(x.Fix, "\n")
	if line, col := f.At.Position(); line > 0 {
		x.Where = fmt.Sprintf("%s:%d:%d", c.path(f.At.Path()), line, col)
		l := f.SourceLine()
		text := []rune(l.Text)
		x.N, x.Before, x.Mark, x.After = l.N, string(text[:l.S]), string(text[l.S:l.E]), string(text[l.E:])
	}
	return x
}

func (h *htmlCheck) end(t *totals) error { return h.page.ExecuteTemplate(h.w, "foot", nil) }
