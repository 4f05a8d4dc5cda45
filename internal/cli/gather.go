package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/djharden/djharden/internal/django"
	"github.com/djharden/djharden/internal/scaffold"
)

// given is an answer as text, and the place it was given in, for errors.
type given struct{ text, from string }

// sources are the answers by option key, from the strongest source that has
// one: a flag, a variable, the --config file, the project's djharden.toml.
type sources struct {
	asked map[string]given // flag, variable or --config: what this run was asked for
	saved map[string]given // djharden.toml in the folder
}

// sources collects the answers of a run. toml is DIR/djharden.toml, or nil.
func (p *program) sources(options []*option, toml []byte) (sources, error) {
	s := sources{asked: map[string]given{}, saved: map[string]given{}}
	if toml != nil {
		if err := s.load(s.saved, toml, "djharden.toml"); err != nil {
			return s, err
		}
	}
	if err := p.loadConfig(s, lookup(options, "config")); err != nil {
		return s, err
	}
	for _, o := range scaffold.Options {
		f := lookup(options, o.Flag())
		if o.Unasked {
			continue
		}
		if v, ok := p.getenv(o.Env()); ok && v != "" {
			s.asked[o.Key] = given{v, o.Env()}
		}
		if f.IsSet() && o.Key != "database_url" {
			s.asked[o.Key] = given{f.text(), "--" + f.name}
		}
	}
	return s, p.databaseURL(s, lookup(options, "database-url"), lookup(options, "database-url-file"))
}

func (s sources) load(into map[string]given, data []byte, name string) error {
	m, err := scaffold.ParseTOML(data, name)
	if err != nil {
		return asUsage(err)
	}
	for k, v := range m {
		into[k] = given{v, name}
	}
	return nil
}

func (p *program) loadConfig(s sources, o *option) error {
	name, from := p.fileOption(o)
	if name == "" {
		return nil
	}
	data, err := os.ReadFile(name)
	if err != nil {
		return usage("name a file of answers, written like djharden.toml", "%s: %w", from, err)
	}
	return s.load(s.asked, data, name)
}

func (p *program) fileOption(o *option) (name, from string) {
	if o.IsSet() {
		return o.text(), "--" + o.name
	}
	v, _ := p.getenv(o.env)
	return v, o.env
}

// databaseURL settles the answer that may come in two ways: a flag is
// stronger than a variable, and of one strength there may be one.
func (p *program) databaseURL(s sources, url, file *option) error {
	urlEnv, _ := p.getenv(url.env)
	fileEnv, _ := p.getenv(file.env)
	switch {
	case url.IsSet() && file.IsSet():
		return usage("keep --database-url-file", "--database-url and --database-url-file say the same thing twice")
	case url.IsSet():
		s.asked["database_url"] = given{url.text(), "--database-url"}
	case file.IsSet():
		return p.readURL(s, file.text(), "--database-url-file")
	case urlEnv != "" && fileEnv != "":
		return usage("unset one of them", "%s and %s say the same thing twice", url.env, file.env)
	case fileEnv != "":
		return p.readURL(s, fileEnv, file.env)
	}
	return nil
}

// maxURL bounds what is read as a database URL.
const maxURL = 64 << 10

func (p *program) readURL(s sources, name, from string) error {
	var r io.Reader = p.stdin
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return usage("", "%s: %w", from, err)
		}
		defer f.Close()
		r = f
	} else {
		name = "stdin"
	}
	data, err := io.ReadAll(io.LimitReader(r, maxURL))
	if err != nil {
		return usage("", "%s: %w", from, err)
	}
	text := strings.TrimSpace(string(data))
	if text == "" {
		return usage("write the URL there, or leave "+from+" out", "%s: %s is empty", from, name)
	}
	if strings.ContainsAny(text, "\r\n") {
		return usage("it holds the URL and nothing else", "%s: %s has more than one line", from, name)
	}
	s.asked["database_url"] = given{text, from}
	return nil
}

// merged is what was asked over what was saved.
func (s sources) merged() map[string]given {
	m := map[string]given{}
	for k, v := range s.saved {
		m[k] = v
	}
	for k, v := range s.asked {
		m[k] = v
	}
	return m
}

// leaks warns of secrets that came by a way where they stay.
func (s sources) leaks(texts map[string]given) []scaffold.Warning {
	var list []scaffold.Warning
	for _, key := range []string{"database_url", "redis_url"} {
		g := texts[key]
		if strings.HasPrefix(g.from, "--") && g.from != "--database-url-file" && scaffold.MaskURL(g.text) != g.text {
			msg := fmt.Sprintf("the password in %s is now in your shell's history: use %s next time", g.from, scaffold.FindOption(key).Env())
			if key == "database_url" {
				msg += " or --database-url-file"
			}
			list = append(list, scaffold.Warning{Code: "password-in-arguments", Message: msg})
		}
	}
	saved := map[string]string{}
	for k, g := range s.saved {
		saved[k] = g.text
	}
	if leak := scaffold.LeakInTOML(saved); leak != "" {
		list = append(list, scaffold.Warning{Code: "secret-in-toml", Message: leak})
	}
	return list
}

// answer makes answers of the texts: the project's defaults, the texts over
// them, the preset's defaults for the rest. dir names the project.
func answer(texts map[string]given, project *django.Project, dir string) (scaffold.Answers, error) {
	a := scaffold.Defaults(project)
	if a.Name == "" {
		a.Name = scaffold.DefaultName(filepath.Base(dir))
	}
	set := map[string]bool{}
	for _, o := range scaffold.Options {
		g, ok := texts[o.Key]
		if !ok {
			continue
		}
		if err := o.Set(&a, g.text); err != nil {
			return a, optionFailure(err, g.from)
		}
		set[o.Key] = true
	}
	scaffold.ApplyPreset(&a, set)
	return a, nil
}

// optionFailure words an error about an answer by the place it came from; ""
// is an answer that came from nowhere, which names its flag.
func optionFailure(err error, from string) error {
	var e *scaffold.OptionError
	if !errors.As(err, &e) {
		return asUsage(err)
	}
	if flag := "--" + strings.ReplaceAll(e.Key, "_", "-"); from == "" {
		from = flag
	} else if strings.HasSuffix(from, ".toml") || from[0] != '-' && !strings.HasPrefix(from, "DJHARDEN_") {
		from += ": " + e.Key
	}
	if e.Value == "" {
		return usage(e.Hint, "%s: %s", from, e.Msg)
	}
	return usage(e.Hint, "%s: %q %s", from, e.Value, e.Msg)
}

func asUsage(err error) error {
	return &failure{exitUsage, err, hintOf(err)}
}

// strays warns of DJHARDEN_ variables that answer nothing: a slip there would
// otherwise be a default taken in silence.
func (p *program) strays(options []*option) {
	var names []string
	for _, o := range options {
		if o.env != "" {
			names = append(names, o.env)
		}
	}
	environ := p.environ()
	slices.Sort(environ)
	for _, kv := range environ {
		name, _, _ := strings.Cut(kv, "=")
		if !strings.HasPrefix(name, "DJHARDEN_") || slices.Contains(names, name) {
			continue
		}
		hint := ""
		if near := nearest(name, names); near != "" {
			hint = fmt.Sprintf("; did you mean %s?", near)
		}
		p.note("warning: %s is no option and was not read%s", name, hint)
	}
}
