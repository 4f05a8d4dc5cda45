package cli

import (
	"errors"
	"fmt"
	"strings"

	"github.com/djharden/djharden/internal/django"
	"github.com/djharden/djharden/internal/scaffold"
)

// answer settles the answers of a sync: what this run is asked for, then
// djharden.toml, but for what follows from other answers.
func (r *syncRun) answer() error {
	sources, err := r.p.sources(r.options, r.in.Project.Files[answersName])
	if err != nil {
		return err
	}
	r.in.Asked = map[string]bool{}
	for key := range sources.asked {
		r.in.Asked[key] = true
	}
	r.found(&sources)
	texts := sources.merged()
	stage := r.stage(texts, sources)
	if err := r.follow(texts); err != nil {
		return err
	}
	r.module(texts)
	a, err := answer(texts, r.in.Project, r.root)
	if err != nil {
		return err
	}
	notes, err := scaffold.Ramp(&a, stage.text, r.in.Record.Answers.HSTS, r.p.today())
	var early *django.Refusal
	if errors.As(err, &early) {
		return failed(hintOf(err), err)
	}
	if err != nil {
		return optionFailure(err, stage.from)
	}
	r.note(notes...)
	if notes, err = scaffold.Finish(&a); err != nil {
		return optionFailure(err, fromOf(err, texts))
	}
	if len(r.in.Asked) > 0 {
		r.note(notes...)
	}
	r.in.Answers = a
	r.warnings = append(r.warnings, sources.leaks(texts)...)
	return nil
}

// note is a warning about an answer.
func (r *syncRun) note(messages ...string) {
	for _, m := range messages {
		r.warnings = append(r.warnings, scaffold.Warning{Code: "answer", Message: m})
	}
}

// found takes the Django that the dependency file asks for since the last
// render, unless somebody says otherwise.
func (r *syncRun) found(s *sources) {
	series, where := r.in.Record.FoundDjango(r.in.Project)
	was := r.in.Record.Answers.Django
	if series == "" || series == was || r.in.Asked["django"] {
		return
	}
	if saved := s.saved["django"].text; saved != was && saved != series {
		r.note(fmt.Sprintf("%s asks for Django %s, and djharden.toml for %s: the files are for that", where, series, saved))
		return
	}
	if _, ok := django.FactsOf(series); !ok {
		r.note(fmt.Sprintf("%s asks for Django %s, which this djharden doesn't know: the files stay for %s; a newer djharden may know it", where, series, was))
		return
	}
	s.saved["django"] = given{series, where}
	r.note(fmt.Sprintf("%s asks for Django %s: the files follow from %s", where, series, was))
}

// stage takes the stage of HSTS that was asked for by name out of the texts.
func (r *syncRun) stage(texts map[string]given, s sources) given {
	g, ok := s.asked["hsts"]
	if !ok || !strings.HasPrefix(g.from, "--") && !strings.HasPrefix(g.from, "DJHARDEN_") {
		return given{}
	}
	if saved, ok := s.saved["hsts"]; ok {
		texts["hsts"] = saved
	} else {
		delete(texts, "hsts")
	}
	g.text = strings.ToLower(strings.TrimSpace(g.text))
	return g
}

// follow forgets the answers that were never chosen, so that they follow from
// the others.
func (r *syncRun) follow(texts map[string]given) error {
	for key, g := range texts {
		o := scaffold.FindOption(key)
		if r.in.Asked[key] || o == nil {
			continue
		}
		a := r.in.Record.Answers
		if err := o.Set(&a, g.text); err != nil {
			return optionFailure(err, g.from)
		}
		if r.in.Record.Follows(key, o.Get(a)) {
			delete(texts, key)
		}
	}
	return nil
}

// module takes --settings for what it is in the project: the module of an
// adopted one, the package of one that djharden made.
func (r *syncRun) module(texts map[string]given) {
	g, ok := texts["settings"]
	if !ok || r.in.Record.Answers.Settings != "" {
		return
	}
	delete(texts, "settings")
	texts["package"] = given{strings.TrimSuffix(g.text, ".settings"), g.from}
}
