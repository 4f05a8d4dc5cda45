package scaffold

import (
	"bytes"
	"strings"

	"github.com/djharden/djharden/internal/django"
	"github.com/djharden/djharden/internal/plan"
)

// gitignore are the lines without which a secret or a build product lands in
// git.
var gitignore = []string{".env", "/db.sqlite3", "/media/", "/staticfiles/", "/.venv/", "__pycache__/"}

// dockerignore are the same for an image.
var dockerignore = []string{".env", ".git", "db.sqlite3", "media", "staticfiles", ".venv", "**/__pycache__"}

// ignoreFile adds the lines that a file of ignored names lacks, below what is
// there.
func ignoreFile(in Input, path string, want []string) plan.File {
	old := in.Project.Files[path]
	has := map[string]bool{}
	for line := range strings.SplitSeq(string(old), "\n") {
		line = strings.TrimSpace(line)
		name, not := strings.CutPrefix(line, "!")
		has[ignoreKey(name)] = !not // the last word counts
	}
	var missing []string
	for _, line := range want {
		if !has[ignoreKey(line)] {
			missing = append(missing, line)
		}
	}
	return plan.File{Path: path, Owner: plan.Patch, Data: appendLines(old, missing), Was: old, Record: appendLines(nil, want), Reason: "secrets and build products stay out"}
}

// ignoreKey takes off a line what makes no difference at the root.
func ignoreKey(line string) string { return strings.Trim(line, "/") }

// requirements adds the packages that a requirements file doesn't name, below
// what is there. A line that names one stays as it is.
func requirements(in Input, path string, head []string, pins []django.Pin) plan.File {
	old := in.Project.Files[path]
	has := namesIn(old)
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
	data := appendLines(old, missing)
	return plan.File{Path: path, Owner: plan.Patch, Data: data, Was: old, Record: wroteLines(missing, django.NamedSeries(data)), Reason: "packages, in versions that run together"}
}

// wroteLines is the record of a requirements file: the lines in it that are
// djharden's to change, and the Django that it asks for.
func wroteLines(lines []string, series string) []byte {
	head := "# Lines that djharden wrote.\n"
	if series != "" {
		head += recordedSeries + series + "\n"
	}
	return appendLines([]byte(head), lines)
}

const recordedSeries = "# Django asked for: "

// namesIn are the lines of a requirements file, and the packages they name.
func namesIn(text []byte) map[string]bool {
	has := map[string]bool{}
	for line := range strings.SplitSeq(string(text), "\n") {
		line = strings.TrimSpace(line)
		has[line] = true
		has[django.PinName(line)] = true
	}
	return has
}

// appendLines adds lines at the end, in the file's own line ending; a last
// line that has none gets it.
func appendLines(old []byte, lines []string) []byte {
	if len(lines) == 0 {
		return old
	}
	eol := eolOf(old)
	b := bytes.Clone(old)
	if len(b) > 0 && !bytes.HasSuffix(b, []byte(eol)) {
		b = append(b, eol...)
	}
	return append(b, strings.Join(lines, eol)+eol...)
}
