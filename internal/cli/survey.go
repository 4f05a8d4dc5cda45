package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/AlecAivazis/survey/v2"
	"github.com/AlecAivazis/survey/v2/core"
	"github.com/AlecAivazis/survey/v2/terminal"
	"golang.org/x/term"
)

// surveyor is the prompter on a terminal. Questions go to stderr.
type surveyor struct {
	p       *program
	in, out *os.File
	keys    *keys
	restore func() // nil before the first question and after the last
}

// newSurveyor sets survey up; nothing of it runs before.
func (p *program) newSurveyor(in, out *os.File) prompter {
	core.DisableColor = !p.color(out)
	survey.ErrorTemplate = "{{color .Icon.Format}}  {{ .Error.Error }}{{color \"reset\"}}\n"
	survey.SelectQuestionTemplate = strings.Replace(survey.SelectQuestionTemplate,
		"[Use arrows to move, type to filter", "[arrows, Enter", 1)
	return &surveyor{p: p, in: in, out: out, keys: newKeys(in)}
}

// open turns echo off from the first question to the last. survey does so only
// while it waits, and what is typed ahead of a hidden question would be shown.
func (s *surveyor) open() {
	if s.restore != nil {
		return
	}
	state, err := term.GetState(int(s.in.Fd()))
	if err != nil {
		return
	}
	if err := terminal.NewRuneReader(terminal.Stdio{In: s.in, Out: s.out, Err: s.out}).SetTermMode(); err != nil {
		return
	}
	s.restore = func() {
		term.Restore(int(s.in.Fd()), state)
		fmt.Fprint(s.out, "\x1b[?25h") // survey hides the cursor
	}
	s.p.guard.asking(func() {
		s.restore()
		fmt.Fprintln(s.out)
	})
}

func (s *surveyor) close() {
	if s.restore != nil {
		s.p.guard.asking(nil)
		s.restore()
		s.restore = nil
	}
}

// ask runs one survey prompt.
func (s *surveyor) ask(q question, prompt survey.Prompt, answer any, validator survey.Validator) error {
	s.open()
	if q.help != "" {
		fmt.Fprintln(s.out)
		for _, line := range wrap(q.help, width-4) {
			fmt.Fprintln(s.out, "  "+s.p.style(s.out, dim, line))
		}
	}
	options := []survey.AskOpt{
		survey.WithStdio(s.keys, s.out, s.out),
		survey.WithShowCursor(true),
		survey.WithPageSize(10),
		// Filtering a list of three words hides the words.
		survey.WithFilter(func(string, string, int) bool { return true }),
	}
	if validator != nil {
		options = append(options, survey.WithValidator(validator))
	}
	err := survey.AskOne(prompt, answer, options...)
	if errors.Is(err, terminal.InterruptErr) || errors.Is(err, io.EOF) {
		return errInterrupted
	}
	return err
}

func (s *surveyor) text(q question) (string, error) {
	var a string
	err := s.ask(q, &survey.Input{Message: q.label, Default: q.def}, &a, func(v any) error {
		return q.check(v.(string))
	})
	return a, err
}

func (s *surveyor) hidden(q question) (string, error) {
	var a string
	err := s.ask(q, &survey.Password{Message: q.label}, &a, func(v any) error {
		return q.check(v.(string))
	})
	return a, err
}

func (s *surveyor) choose(q question) (string, error) {
	prompt := &survey.Select{Message: q.label}
	for i, c := range q.choices {
		prompt.Options = append(prompt.Options, c.value)
		if c.value == q.def {
			prompt.Default = i
		}
	}
	prompt.Description = func(_ string, i int) string { return q.choices[i].about }
	i := 0
	err := s.ask(q, prompt, &i, func(v any) error {
		return q.check(q.choices[v.(core.OptionAnswer).Index].value)
	})
	if err != nil {
		return "", err
	}
	return q.choices[i].value, nil
}

func (s *surveyor) confirm(q question) (bool, error) {
	var a bool
	err := s.ask(q, &survey.Confirm{Message: q.label, Default: q.def == "true"}, &a, nil)
	return a, err
}
