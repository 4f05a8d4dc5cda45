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

func (w words) json(written bool) error {
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
	e := json.NewEncoder(w.p.stdout)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(j)
}
