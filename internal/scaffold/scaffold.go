// Package scaffold turns answers, and the project as it stands, into the
// files djharden wants. It is pure: same input, same bytes; secrets are made
// by the caller and handed in.
package scaffold

import (
	"github.com/djharden/djharden/internal/django"
	"github.com/djharden/djharden/internal/plan"
)

// Secrets are the values made once with crypto/rand (NewSecrets) and written
// to .env only.
type Secrets struct {
	SecretKey string // 64 of [A-Za-z0-9_-]
	JWTKey    string // 64 of [A-Za-z0-9_-]
	AdminPath string // random, "staff-xxxxxxxx/"
}

// Input is what Render works from.
type Input struct {
	Answers Answers
	Project *django.Project
	Secrets Secrets
	Version string // djharden's own, for djharden.toml and file headers
}

// Result is what djharden wants of a project.
type Result struct {
	Files          []plan.File
	Warnings       []Warning
	Next           []string // steps for the person, in order, each one line; commands stand alone after two spaces
	SettingsModule string   // the production settings module: config.settings.prod
	MinPython      string   // the least Python the pins need: "3.12"
}

// Warning is something a person should know that doesn't stop the work.
type Warning struct{ Code, Message string }
