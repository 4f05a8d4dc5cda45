package cli

import (
	"bytes"
	"encoding/json"
	"io"

	"github.com/djharden/djharden/internal/audit"
	"github.com/djharden/djharden/internal/pyeval"
)

// jsonCheck prints what docs/schema/check.json describes, a project at a time.
type jsonCheck struct {
	w io.Writer
	n int
}

type jsonProject struct {
	Root           string          `json:"root"`
	SettingsModule string          `json:"settings_module"`
	Django         string          `json:"django"`
	Error          string          `json:"error,omitempty"` // why the settings couldn't be read
	Checklist      []jsonItem      `json:"checklist"`
	Findings       []jsonFinding   `json:"findings"`
	Values         json.RawMessage `json:"values,omitempty"`
}

type jsonItem struct {
	Item   int    `json:"item"`
	Title  string `json:"title"`
	Status string `json:"status"`
}

type jsonFinding struct {
	Rule     string   `json:"rule"`
	Title    string   `json:"title"`
	Severity string   `json:"severity"`
	Status   string   `json:"status"`
	File     string   `json:"file"`
	Line     int      `json:"line"`
	Column   int      `json:"column"`
	Setting  string   `json:"setting"`
	Value    string   `json:"value"`
	Message  string   `json:"message"`
	Fix      string   `json:"fix"`
	CWE      []int    `json:"cwe"`
	ASVS     []string `json:"asvs"`
}

func (j *jsonCheck) begin() error {
	_, err := io.WriteString(j.w, `{"version":1,"projects":[`)
	return err
}

func (j *jsonCheck) project(c *checked) error {
	p := jsonProject{Root: c.shown, Checklist: []jsonItem{}, Findings: []jsonFinding{}}
	if c.err != nil {
		p.Error = c.err.Error()
		return j.write(p)
	}
	pr := c.report.Project
	p.SettingsModule, p.Django = pr.Site.Module, pr.Series
	if s := pr.Result.Stopped; s != nil {
		p.Error = c.spot(s) + s.Why
	}
	for _, it := range c.report.Checklist() {
		p.Checklist = append(p.Checklist, jsonItem{it.N, it.Title, it.Status.String()})
	}
	for _, f := range c.report.Findings {
		p.Findings = append(p.Findings, findingJSON(c, f))
	}
	return j.write(p)
}

func findingJSON(c *checked, f audit.Finding) jsonFinding {
	line, col := f.At.Position()
	out := jsonFinding{
		Rule: f.Rule.ID, Title: f.Rule.Title, Severity: f.Rule.Severity.String(), Status: f.Status.String(),
		File: c.file(f.At.Path()), Line: line, Column: col, Setting: f.Setting, Value: f.Value, Message: f.Message,
		CWE: append([]int{}, f.Rule.CWE...), ASVS: append([]string{}, f.Rule.ASVS...),
	}
	if out.File == "" && f.Status != audit.Pass && f.Status != audit.NotApplicable {
		out.File = c.file(c.report.Project.Site.File)
	}
	if f.Status == audit.Fail || f.Status == audit.Suppressed {
		if out.Fix = f.Fix; out.Fix == "" {
			out.Fix = f.Rule.Fix
		}
	}
	if f.Reason != "" && out.Message == "" {
		out.Message = f.Reason
	}
	return out
}

func (j *jsonCheck) write(v any) error {
	var b bytes.Buffer
	if j.n++; j.n > 1 {
		b.WriteByte(',')
	}
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return err
	}
	_, err := j.w.Write(bytes.TrimRight(b.Bytes(), "\n"))
	return err
}

func (j *jsonCheck) end(*totals) error {
	_, err := io.WriteString(j.w, "]}\n")
	return err
}

// jsonValues prints every setting, with the places that set it.
type jsonValues struct {
	w   io.Writer
	out jsonCheck
}

type jsonSetting struct {
	Name     string       `json:"name"`
	Status   string       `json:"status"` // known, environment or unknown
	Value    string       `json:"value"`  // as Python would write it, secrets masked
	Env      []string     `json:"env"`
	Required bool         `json:"required"` // it depends on a variable that must be set
	Reason   string       `json:"reason"`   // of unknown: what stopped the reader
	Changes  []jsonChange `json:"changes"`
}

type jsonChange struct {
	File string `json:"file"`
	Line int    `json:"line"`
	How  string `json:"how"`
}

func (j *jsonValues) begin() error {
	j.out.w = j.w
	return j.out.begin()
}

func (j *jsonValues) project(c *checked) error {
	type project struct {
		Root           string        `json:"root"`
		SettingsModule string        `json:"settings_module"`
		Error          string        `json:"error,omitempty"`
		Settings       []jsonSetting `json:"settings"`
	}
	p := project{Root: c.shown, Settings: []jsonSetting{}}
	if c.err != nil {
		p.Error = c.err.Error()
		return j.out.write(p)
	}
	r := c.report.Project.Result
	p.SettingsModule = r.Module
	if r.Stopped != nil {
		p.Error = c.spot(r.Stopped) + r.Stopped.Why
	}
	for _, name := range r.Order {
		p.Settings = append(p.Settings, settingJSON(c, r.Settings[name], r.Reads))
	}
	return j.out.write(p)
}

func settingJSON(c *checked, s *pyeval.Setting, reads []pyeval.EnvRead) jsonSetting {
	out := jsonSetting{
		Name: s.Name, Status: "known", Value: audit.Show(s.Name, s.Value),
		Env: append([]string{}, s.Value.Env...), Changes: []jsonChange{},
	}
	switch {
	case len(s.Value.Env) > 0:
		out.Status = "environment"
	case !s.Value.Known():
		out.Status = "unknown"
	}
	if !s.Value.Known() {
		out.Reason = s.Value.Reason()
	}
	for _, r := range reads {
		for _, e := range s.Value.Env {
			out.Required = out.Required || r.Name == e && r.Required
		}
	}
	for _, x := range s.Changes {
		line, _ := x.Position()
		out.Changes = append(out.Changes, jsonChange{c.file(x.Path()), line, x.How})
	}
	return out
}

func (j *jsonValues) end(t *totals) error { return j.out.end(t) }
