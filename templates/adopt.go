package templates

import "embed"

// Adopt is what an adopted project gets beside its own files: settings/ goes
// into the settings package, hardening/ beside it.
//
//go:embed all:adopt
var Adopt embed.FS
