package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/djharden/djharden/internal/audit"
	"github.com/djharden/djharden/internal/pyeval"
)

// sarifCheck prints SARIF 2.1.0 as code scanning takes it: one run, results
// written as they come.
type sarifCheck struct {
	w     io.Writer
	n     int
	notes []sarifNote
}

// sarifNote is what code scanning shows beside the results: settings that
// couldn't be read, and what can't be told.
type sarifNote struct {
	Level     string          `json:"level"`
	Message   sarifText       `json:"message"`
	Locations []sarifLocation `json:"locations,omitempty"`
	Rule      *sarifRuleRef   `json:"associatedRule,omitempty"`
}

type sarifRuleRef struct {
	ID    string `json:"id"`
	Index int    `json:"index"`
}

// sarifTaxon points from a rule to a weakness of MITRE's list.
type sarifTaxon struct {
	Target struct {
		ID        string `json:"id"`
		Component struct {
			Name string `json:"name"`
		} `json:"toolComponent"`
	} `json:"target"`
	Kinds []string `json:"kinds"`
}

type sarifText struct {
	Text     string `json:"text"`
	Markdown string `json:"markdown,omitempty"`
}

type sarifRule struct {
	ID               string         `json:"id"`
	Name             string         `json:"name"`
	ShortDescription sarifText      `json:"shortDescription"`
	FullDescription  sarifText      `json:"fullDescription"`
	Help             sarifText      `json:"help"`
	HelpURI          string         `json:"helpUri"`
	Default          map[string]any `json:"defaultConfiguration"`
	Properties       map[string]any `json:"properties"`
	Relationships    []sarifTaxon   `json:"relationships,omitempty"`
}

type sarifResult struct {
	RuleID       string            `json:"ruleId"`
	RuleIndex    int               `json:"ruleIndex"`
	Level        string            `json:"level"`
	Message      sarifText         `json:"message"`
	Locations    []sarifLocation   `json:"locations"`
	Fingerprints map[string]string `json:"partialFingerprints"`
	Suppressions []sarifSuppressed `json:"suppressions,omitempty"`
	Properties   map[string]any    `json:"properties,omitempty"`
}

type sarifSuppressed struct {
	Kind          string `json:"kind"`
	Justification string `json:"justification"`
}

type sarifLocation struct {
	Physical struct {
		Artifact struct {
			URI       string `json:"uri"`
			URIBaseID string `json:"uriBaseId"`
		} `json:"artifactLocation"`
		Region *sarifRegion `json:"region,omitempty"`
	} `json:"physicalLocation"`
}

type sarifRegion struct {
	StartLine   int `json:"startLine"`
	StartColumn int `json:"startColumn"`
	EndLine     int `json:"endLine"`
	EndColumn   int `json:"endColumn"`
}

const rulesPage = "https://github.com/djharden/djharden/blob/main/docs/rules.md"

// levels and scores are SARIF's, and code scanning's, for a severity.
var (
	levels = map[audit.Severity]string{audit.Critical: "error", audit.High: "error", audit.Medium: "warning", audit.Low: "note"}
	scores = map[audit.Severity]string{audit.Critical: "9.5", audit.High: "8.0", audit.Medium: "5.5", audit.Low: "2.5"}
)

func (s *sarifCheck) begin() error {
	var rules []sarifRule
	for _, r := range audit.Rules {
		rules = append(rules, sarifOf(r))
	}
	driver := map[string]any{
		"name": "djharden", "informationUri": "https://github.com/djharden/djharden", "rules": rules,
		"supportedTaxonomies": []map[string]string{{"name": "CWE"}},
	}
	if v := strings.TrimPrefix(Version(), "v"); v != "" {
		driver["version"] = v
	}
	text, err := encodeJSON(driver)
	if err != nil {
		return err
	}
	taxa, err := encodeJSON(cwe())
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(s.w, `{"$schema":"https://json.schemastore.org/sarif-2.1.0.json","version":"2.1.0","runs":[{"tool":{"driver":%s},"taxonomies":[%s],`+
		`"columnKind":"unicodeCodePoints","originalUriBaseIds":{"SRCROOT":{"description":{"text":"The folder in which djharden was run."}}},"results":[`, text, taxa)
	return err
}

// cwe is the part of MITRE's list that rules name.
func cwe() any {
	var ids []int
	for _, r := range audit.Rules {
		ids = append(ids, r.CWE...)
	}
	slices.Sort(ids)
	taxa := []map[string]string{}
	for _, n := range slices.Compact(ids) {
		taxa = append(taxa, map[string]string{"id": strconv.Itoa(n), "helpUri": fmt.Sprintf("https://cwe.mitre.org/data/definitions/%d.html", n)})
	}
	return map[string]any{
		"name": "CWE", "organization": "MITRE", "shortDescription": sarifText{Text: "The MITRE Common Weakness Enumeration"},
		"informationUri": "https://cwe.mitre.org/", "isComprehensive": false, "taxa": taxa,
	}
}

func encodeJSON(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return bytes.TrimRight(b.Bytes(), "\n"), err
}

func sarifOf(r *audit.Rule) sarifRule {
	tags := []string{"security"}
	for _, n := range r.CWE {
		tags = append(tags, fmt.Sprintf("external/cwe/cwe-%03d", n))
	}
	for _, a := range r.ASVS {
		tags = append(tags, "asvs/"+a)
	}
	help := upper(r.Title) + ".\n\n" + r.Why + "\n\nWrite:\n\n```python\n" + strings.Trim(r.Fix, "\n") + "\n```\n"
	for _, ref := range r.Refs {
		help += "\n- " + ref
	}
	var relations []sarifTaxon
	for _, n := range r.CWE {
		t := sarifTaxon{Kinds: []string{"superset"}}
		t.Target.ID, t.Target.Component.Name = strconv.Itoa(n), "CWE"
		relations = append(relations, t)
	}
	return sarifRule{
		ID: r.ID, Name: r.Name, ShortDescription: sarifText{Text: upper(r.Title)}, FullDescription: sarifText{Text: r.Why},
		Help: sarifText{Text: r.Why + "\n\n" + r.Fix, Markdown: help}, HelpURI: rulesPage + "#" + strings.ToLower(r.ID),
		Default: map[string]any{"level": levels[r.Severity]},
		Properties: map[string]any{
			"tags": tags, "precision": "high", "problem.severity": map[string]string{"error": "error", "warning": "warning", "note": "recommendation"}[levels[r.Severity]],
			"security-severity": scores[r.Severity],
		},
		Relationships: relations,
	}
}

func (s *sarifCheck) project(c *checked) error {
	if c.report == nil {
		s.notes = append(s.notes, sarifNote{Level: "error", Message: sarifText{Text: c.shown + ": " + c.err.Error()}})
		return nil
	}
	if stop := c.report.Project.Result.Stopped; stop != nil {
		s.notes = append(s.notes, sarifNote{
			Level: "error", Message: sarifText{Text: "The settings can't be read: " + stop.Why},
			Locations: []sarifLocation{sarifPlace(c, stop.At)},
		})
	}
	for _, f := range c.report.Findings {
		if f.Status == audit.Unknown {
			s.notes = append(s.notes, sarifNote{
				Level: "note", Message: sarifText{Text: f.Rule.ID + " " + f.Rule.Name + " can't be told: " + f.Reason},
				Locations: []sarifLocation{sarifPlace(c, f.At)}, Rule: &sarifRuleRef{f.Rule.ID, indexOf(f.Rule)},
			})
		}
		if f.Status != audit.Fail && f.Status != audit.Suppressed {
			continue
		}
		text, err := encodeJSON(s.result(c, f))
		if err != nil {
			return err
		}
		if s.n++; s.n > 1 {
			text = append([]byte(","), text...)
		}
		if _, err := s.w.Write(text); err != nil {
			return err
		}
	}
	return nil
}

func (s *sarifCheck) result(c *checked, f audit.Finding) sarifResult {
	fix := f.Fix
	if fix == "" {
		fix = f.Rule.Fix
	}
	out := sarifResult{
		RuleID: f.Rule.ID, RuleIndex: indexOf(f.Rule), Level: levels[f.Rule.Severity],
		Message:      sarifText{Text: upper(f.Message) + ". Fix: " + strings.Trim(fix, "\n")},
		Locations:    []sarifLocation{sarifPlace(c, f.At)},
		Fingerprints: map[string]string{"djharden/v1": f.Fingerprint(), "primaryLocationLineHash": f.Fingerprint() + ":1"},
		Properties:   map[string]any{"setting": f.Setting, "value": f.Value},
	}
	if f.Status == audit.Suppressed {
		kind := "external"
		if f.Inline() {
			kind = "inSource"
		}
		out.Suppressions = []sarifSuppressed{{kind, f.Reason}}
	}
	return out
}

// sarifPlace is a place as code scanning finds it; the beginning of the settings
// file for what stands nowhere.
func sarifPlace(c *checked, at pyeval.Place) sarifLocation {
	var l sarifLocation
	file := at.Path()
	if file == "" {
		file = c.report.Project.Site.File
	}
	l.Physical.Artifact.URI = uriPath(fromHere(c.target, file))
	l.Physical.Artifact.URIBaseID = "SRCROOT"
	l.Physical.Region = &sarifRegion{1, 1, 1, 1}
	if line, col := at.Position(); line > 0 {
		end, endCol := at.Src.Mod.Position(at.E)
		l.Physical.Region = &sarifRegion{line, col, end, endCol}
	}
	return l
}

// fromHere is a file of a target as seen from the folder of the run, where it is
// below it.
func fromHere(t target, file string) string {
	if filepath.IsAbs(t.shown) || strings.HasPrefix(t.shown, "..") {
		return file
	}
	return path.Join(t.shown, file)
}

// uriPath escapes a path for a URI.
func uriPath(s string) string {
	var b strings.Builder
	for _, c := range []byte(s) {
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("/._-~", c) >= 0 {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}

func indexOf(rule *audit.Rule) int {
	for i, r := range audit.Rules {
		if r == rule {
			return i
		}
	}
	return -1
}

func (s *sarifCheck) end(t *totals) error {
	invocation := map[string]any{"executionSuccessful": t.unreadable == 0}
	if len(s.notes) > 0 {
		invocation["toolExecutionNotifications"] = s.notes
	}
	text, err := encodeJSON(invocation)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(s.w, `],"invocations":[%s]}]}`+"\n", text)
	return err
}
