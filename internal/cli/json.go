package cli

import (
	"encoding/json"

	"github.com/djharden/djharden/internal/scaffold"
)

// jsonPlan is what --json prints: docs/schema/init.json describes it. Lists
// are never null.
type jsonPlan struct {
	Version        int           `json:"version"`
	Root           string        `json:"root"`
	Django         string        `json:"django"`
	SettingsModule string        `json:"settings_module"`
	Files          []jsonFile    `json:"files"`
	Warnings       []jsonWarning `json:"warnings"`
	Next           []string      `json:"next"`
	Written        bool          `json:"written"`

	// Of sync alone.
	Conflicts []jsonConflict `json:"conflicts,omitempty"`
	Changelog []jsonNews     `json:"changelog,omitempty"`
	Env       []string       `json:"env,omitempty"`
}

type jsonConflict struct {
	Path   string `json:"path"`
	Line   int    `json:"line"`
	End    int    `json:"end"`
	Reason string `json:"reason"`
}

type jsonNews struct {
	Change string `json:"change"`
	Why    string `json:"why"`
	Do     string `json:"do"`
}

type jsonFile struct {
	Path   string `json:"path"`
	Action string `json:"action"`
	Reason string `json:"reason"`
}

type jsonWarning struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}

func (w words) json(written bool) error { return w.print(w.plain(written)) }

func (w syncWords) json(written bool) error {
	j := w.plain(written)
	for _, c := range w.plan.Clashes() {
		j.Conflicts = append(j.Conflicts, jsonConflict{c.Path, c.Line, c.End, c.Reason()})
	}
	for _, n := range w.sync.News {
		j.Changelog = append(j.Changelog, jsonNews{n.Change, n.Why, n.Do})
	}
	for _, c := range w.sync.Env {
		j.Env = append(j.Env, c.Line)
	}
	return w.print(j)
}

func (w words) plain(written bool) jsonPlan {
	j := jsonPlan{
		Version: 1, Root: w.root, Django: w.answers.Django, SettingsModule: w.result.SettingsModule,
		Files: []jsonFile{}, Warnings: []jsonWarning{}, Next: append([]string{}, w.result.Next...), Written: written,
	}
	if w.plan != nil {
		for _, c := range w.plan.Changes() {
			j.Files = append(j.Files, jsonFile{c.Path, string(c.Action), c.Reason})
		}
	}
	for _, x := range w.result.Warnings {
		j.Warnings = append(j.Warnings, jsonWarning(scaffold.Warning(x)))
	}
	return j
}

func (w words) print(j jsonPlan) error {
	e := json.NewEncoder(w.p.stdout)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(j)
}
