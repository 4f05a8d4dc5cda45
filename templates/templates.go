// Package templates holds the embedded files, laid out as they land in a
// project: new/ is a new project's tree. They are text/template sources with
// <% and %> as delimiters, because {{ }} belongs to Django.
package templates

import "embed"

// New is the tree of a new project; every name ends in .tmpl.
//
//go:embed all:new
var New embed.FS
