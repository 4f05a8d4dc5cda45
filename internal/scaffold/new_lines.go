package scaffold

import (
	"bytes"
	"strings"

	"github.com/djharden/djharden/internal/django"
	"github.com/djharden/djharden/internal/plan"
)

// gitignore are the lines without which a secret or a build product lands in
// git. Anchored, but for what Python leaves everywhere.
var gitignore = []string{
	".env", "/db.sqlite3", "/media/", "/staticfiles/", "/.venv/", "__pycache__/",
}

// dockerignore are the same for an image.
var dockerignore = []string{
	".env", ".git", "db.sqlite3", "media", "staticfiles", ".venv", "**/__pycache__",
}

// ignoreFile adds the lines that a file of ignored names lacks; false when it
// lacks none.
func ignoreFile(in Input, path string, want []string) (plan.File, bool) {
	old := in.Project.Files[path]
	has := map[string]bool{}
	for line := range strings.SplitSeq(string(old), "\n") {
		has[ignoreKey(line)] = true
	}
	var missing []string
	for _, line := range want {
		if !has[ignoreKey(line)] {
			missing = append(missing, line)
		}
	}
	f := plan.File{Path: path, Owner: plan.Patch, Data: appendLines(old, missing), Was: old, Reason: "secrets and build products stay out"}
	return f, len(missing) > 0
}

// ignoreKey takes what doesn't matter to a match at the root off a line.
func ignoreKey(line string) string {
	return strings.Trim(strings.TrimSpace(line), "/")
}

// requirements adds the packages that a requirements file doesn't name, below
// what is there; a line that names one already stays as it is.
func requirements(in Input, path string, head []string, pins []django.Pin) plan.File {
	old := in.Project.Files[path]
	has := map[string]bool{}
	for line := range strings.SplitSeq(string(old), "\n") {
		line = strings.TrimSpace(line)
		has[line] = true
		has[django.PinName(line)] = true
	}
	var missing []string
	for _, line := range head {
		if !has[line] {
			missing = append(missing, line)
		}
	}
	for _, p := range pins {
		if !has[p.Name] {
			missing = append(missing, p.Line)
		}
	}
	return plan.File{Path: path, Owner: plan.Patch, Data: appendLines(old, missing), Was: old, Reason: "packages, in versions that run together"}
}

// appendLines adds lines at the end, in the file's own line ending; a last
// line that lacks one gets it.
func appendLines(old []byte, lines []string) []byte {
	if len(lines) == 0 {
		return old
	}
	eol := "\n"
	if bytes.Contains(old, []byte("\r\n")) {
		eol = "\r\n"
	}
	b := bytes.Clone(old)
	if len(b) > 0 && !bytes.HasSuffix(b, []byte("\n")) {
		b = append(b, eol...)
	}
	return append(b, strings.Join(lines, eol)+eol...)
}
