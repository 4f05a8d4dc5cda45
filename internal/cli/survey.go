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
}

// newSurveyor sets survey up; nothing of it runs before.
func (p *program) newSurveyor(in, out *os.File) prompter {
	core.DisableColor = !p.color(out)
	survey.ErrorTemplate = "{{color .Icon.Format}}  {{ .Error.Error }}{{color \"reset\"}}\n"
	// The hint on keys is said once, before the first question.
	survey.SelectQuestionTemplate = strings.Replace(survey.SelectQuestionTemplate,
		"[Use arrows to move, type to filter", "[arrows, Enter", 1)
	return &surveyor{p, in, out}
}

// ask runs one survey prompt with the terminal put back if a signal comes.
func (s *surveyor) ask(q question, prompt survey.Prompt, answer any, validator survey.Validator) error {
	if q.help != "" {
		fmt.Fprintln(s.out)
		for _, line := range wrap(q.help, width-4) {
			fmt.Fprintln(s.out, "  "+s.p.style(s.out, dim, line))
		}
	}
	if state, err := term.GetState(int(s.in.Fd())); err == nil {
		s.p.guard.asking(func() {
			term.Restore(int(s.in.Fd()), state)
			fmt.Fprint(s.out, "\x1b[?25h\r\n") // survey hides the cursor
		})
		defer s.p.guard.asking(nil)
	}
	options := []survey.AskOpt{
		survey.WithStdio(s.in, s.out, s.out),
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
