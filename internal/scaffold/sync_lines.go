package scaffold

import (
	"bytes"
	"slices"
	"strings"

	"github.com/djharden/djharden/internal/django"
	"github.com/djharden/djharden/internal/plan"
)

// ignore adds the lines that a file of ignored names lacks, but for those that
// were written before and that the user has taken out.
func (s *syncer) ignore(name string, want []string) {
	if s.deleted(name) {
		return
	}
	recorded, known := s.Record.files[name]
	var news []string
	for _, line := range want {
		if !known || lineIndex(recorded, line) < 0 {
			news = append(news, line)
		}
	}
	f := ignoreFile(s.Input, name, news)
	f.Record = appendLines(nil, want)
	s.out.Files = append(s.out.Files, f)
}

// requirements brings the lines up to date that djharden wrote into a
// requirements file and that are as it wrote them: another version, or none
// any more. Every other line is the user's. deps, where set, knows what files
// that this one includes name.
func (s *syncer) requirements(name string, head []string, pins []django.Pin, deps *django.Deps) {
	if s.deleted(name) {
		return
	}
	old := s.Project.Files[name]
	owned := s.owned(name)
	want := map[string]string{}
	for _, p := range pins {
		want[p.Name] = p.Line
	}
	var out bytes.Buffer
	var record []string
	has := map[string]bool{}
	for line := range strings.Lines(string(old)) {
		text := strings.TrimSpace(line)
		pkg := django.PinName(text)
		wanted, needed := want[pkg]
		switch {
		case pkg != "" && owned[pkg] == text && !needed:
			continue
		case pkg != "" && owned[pkg] == text:
			line = strings.Replace(line, text, wanted, 1)
			record = append(record, wanted)
		case needed && text != wanted:
			s.stays(name, text, pkg, wanted)
		}
		has[pkg], has[text] = true, true
		out.WriteString(line)
	}
	var add []string
	for _, line := range head {
		if !has[line] && s.Record.files[name] == nil {
			add = append(add, line)
		}
	}
	for _, p := range pins {
		switch gone := s.Record.files[name] != nil && owned[p.Name] != ""; {
		case has[p.Name], deps != nil && deps.Find(p.Name) != nil:
		case gone: // the user took it out
			record = append(record, p.Line)
		default:
			add, record = append(add, p.Line), append(record, p.Line)
		}
	}
	record = append(slices.Clone(head), record...)
	data := appendLines(out.Bytes(), add)
	series := orElse(django.NamedSeries(data), s.Project.Series)
	if name != "requirements.txt" {
		series = ""
	}
	s.out.Files = append(s.out.Files, plan.File{Path: name, Owner: plan.Patch, Data: data, Was: old, Record: wroteLines(record, series), Reason: "packages, in versions that run together"})
}

// FoundDjango is the series that the dependency file asks for, and where, when
// that is another than at the last render: somebody has upgraded Django there.
func (r Record) FoundDjango(p *django.Project) (series, where string) {
	was := r.Answers.Django
	for line := range strings.Lines(string(r.files["requirements.txt"])) {
		if s, ok := strings.CutPrefix(strings.TrimSpace(line), recordedSeries); ok {
			was = s
		}
	}
	if p.Series == "" || p.Series == was {
		return "", ""
	}
	return p.Series, p.SeriesFrom
}

// owned are the lines that djharden wrote into a requirements file, by
// package: as recorded, or, before it recorded them, what it used to write.
func (s *syncer) owned(name string) map[string]string {
	owned := map[string]string{}
	if record, ok := s.Record.files[name]; ok {
		for line := range strings.Lines(string(record)) {
			if text := strings.TrimSpace(line); django.PinName(text) != "" {
				owned[django.PinName(text)] = text
			}
		}
		return owned
	}
	for line := range strings.Lines(string(s.Project.Files[name])) {
		if text := strings.TrimSpace(line); django.Wrote(text) {
			owned[django.PinName(text)] = text
		}
	}
	return owned
}

// stays says that a line of the user's isn't what the render goes with, where
// that matters.
func (s *syncer) stays(name, text, pkg, wanted string) {
	if pkg != "django" {
		if r := s.Project.Deps.Find(pkg); r != nil && r.Path == name && r.Below(floorOf(wanted)) {
			s.warn("requirements-kept", "%s:%d: %s is yours and stays; djharden is tried with %s", name, r.Line, text, wanted)
		}
		return
	}
	_, known := django.FactsOf(s.Project.Series)
	if r := s.Project.Deps.Find(pkg); r != nil && s.Project.Series != s.Answers.Django && (known || s.Project.Series == "") {
		s.warn("requirements-kept", "%s:%d: %s is yours and stays: for Django %s write %s", r.Path, r.Line, text, s.Answers.Django, wanted)
	}
}

// floorOf is the least version that a line of a requirements file takes.
func floorOf(line string) string {
	i := strings.IndexAny(line, "~>=")
	if i < 0 {
		return ""
	}
	floor, _, _ := strings.Cut(strings.TrimLeft(line[i:], "~>="), ",")
	return floor
}

// recordedNames are the variables of the last render's .env.example: what
// isn't in a .env although it is there was taken out of it.
func (s *syncer) recordedNames() []string {
	text, ok := s.Record.files[".env.example"]
	if !ok {
		text = s.Project.Files[".env.example"]
	}
	var names []string
	for _, e := range scanEnv(text) {
		names = append(names, e.name)
	}
	return names
}

// example adds to .env.example what is new.
func (s *syncer) example(vars []EnvVar) {
	const name = ".env.example"
	if s.deleted(name) {
		return
	}
	old := s.Project.Files[name]
	recorded := []string{}
	if text, ok := s.Record.files[name]; ok {
		for _, e := range scanEnv(text) {
			recorded = append(recorded, e.name)
		}
	}
	var news []EnvVar
	for _, v := range vars {
		if !slices.Contains(recorded, v.Name) {
			news = append(news, v)
		}
	}
	f := plan.File{Path: name, Owner: plan.Patch, Was: old, Reason: "every variable that production reads, without secrets", Record: s.Record.files[name]}
	f.Record, _ = EditDotEnv(f.Record, vars)
	f.Data, _ = EditDotEnv(old, news)
	s.out.Files = append(s.out.Files, f)
}
