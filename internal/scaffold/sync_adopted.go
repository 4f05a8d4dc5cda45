package scaffold

import (
	"bytes"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/djharden/djharden/internal/django"
	"github.com/djharden/djharden/internal/plan"
)

// adopted renders what djharden added to an adopted project again, from the
// settings in base.py as they are now. The user's own files, which init has
// patched, are not patched again.
func (s *syncer) adopted() error {
	if s.Project.Unread != nil {
		return s.Project.Unread
	}
	d, err := s.adoption()
	if err != nil {
		return err
	}
	if err := d.again(s); err != nil {
		return err
	}
	return s.answers()
}

// adoption is the project as it was when it was adopted, as far as the overlay
// goes by it.
func (s *syncer) adoption() (*adoption, error) {
	was := s.Answers.Settings
	s.Answers.Settings = s.Project.Module
	if was != s.Project.Module && !s.Asked["settings"] {
		s.warn("package-moved", "%s is %s now: djharden goes by that, and djharden.toml says so", was, s.Project.Module)
	}
	p := *s.Project
	p.Path = strings.TrimSuffix(p.Path, "/base.py") + ".py"
	in := s.Input
	in.Project = &p
	d := &adoption{in: in, a: in.Answers, p: &p, s: p.Settings, facts: s.facts, env: map[string]string{}}
	d.single, d.tokens = prefersSingle(p.Settings.Src), nameTokens(p.Settings.Src)
	d.own, d.ownDir = p.Package+".hardening", p.Dir+"/hardening"
	d.suit()
	if err := d.guardAdmin(); err != nil {
		return nil, err
	}
	d.envNames()
	dir := path.Dir(s.Project.Path)
	d.unpatch(s.recorded(dir+"/dev.py"), s.recorded(dir+"/prod.py"))
	if env := s.recorded(dir + "/env.py"); env != nil {
		p.Reader = recordedReader(env)
	}
	return d, nil
}

// recorded is the last render of a file, wherever the settings were then.
func (s *syncer) recorded(name string) []byte { return s.Record.files[s.before(name)] }

// before is the path of a file of the overlay at the last render.
func (s *syncer) before(name string) string {
	was := strings.ReplaceAll(s.Record.Answers.Settings, ".", "/")
	now := strings.ReplaceAll(s.Answers.Settings, ".", "/")
	for _, dir := range [][2]string{{now, was}, {path.Dir(now) + "/hardening", path.Dir(was) + "/hardening"}} {
		if rest, ok := strings.CutPrefix(name, dir[0]+"/"); ok && was != "" {
			return dir[1] + "/" + rest
		}
	}
	return name
}

var (
	adminLine  = regexp.MustCompile(`(?m)^ADMIN_PATH = env\.str\("\w+", ""\) or "([^"]*)"`)
	debugLine  = regexp.MustCompile(`(?m)^strict\.bool\("(\w+)", False, validate=checks\.debug_off\)`)
	secretLine = regexp.MustCompile(`(?m)^SECRET_KEY = SECRET_KEY or `)
)

// recordedReader is the reader of the environment that an env.py was rendered
// for: base.py may read nothing any more of what it read before.
func recordedReader(env []byte) django.Reader {
	imports := func(module string) bool { return bytes.Contains(env, []byte("\nfrom "+module+" import ")) }
	switch {
	case imports("decouple"):
		return django.ReadsDecoup
	case imports("environ"):
		return django.ReadsEnviron
	case imports("dotenv") && imports("environs"):
		return django.ReadsOS
	case imports("dotenv"):
		return django.ReadsDotenv
	}
	return django.ReadsEnvirons
}

// unpatch takes back, in the values that were read, what init has put into the
// user's files: the overlay is made from what stood there before.
func (d *adoption) unpatch(dev, prod []byte) {
	if m := debugLine.FindSubmatch(prod); m != nil && string(m[1]) != "DEBUG" {
		d.env["DEBUG"] = string(m[1])
	}
	u := d.p.URLs
	if u != nil && u.Admin != nil && d.v(u.Setting) == nil { // the path was a literal
		copied := *u
		copied.Setting, copied.Old = "", "admin/"
		if m := adminLine.FindSubmatch(dev); m != nil {
			copied.Old = string(m[1])
		}
		d.p.URLs = &copied
	}
	if v := d.v("SECRET_KEY"); v != nil && !secretLine.Match(dev) {
		d.dropDefault("SECRET_KEY")
	}
}

// dropDefault makes a setting one that has no default in the environment.
func (d *adoption) dropDefault(name string) {
	v := *d.v(name)
	v.Default = nil
	vars := map[string]*django.Value{}
	for k, old := range d.s.Vars {
		vars[k] = old
	}
	vars[name] = &v
	copied := *d.s
	copied.Vars = vars
	d.s, d.p.Settings = &copied, &copied
}

// again renders the overlay.
func (d *adoption) again(s *syncer) error {
	s.out.SettingsModule, s.out.MinPython = d.p.Module+".prod", d.facts.MinPython
	o := &overlay{adoption: d}
	prod, err := o.prod()
	if err != nil {
		return err
	}
	dir := strings.TrimSuffix(d.p.Path, ".py") + "/"
	for _, f := range []struct {
		name, reason string
		make         func() ([]byte, error)
	}{
		{"__init__.py", "refuses to be the settings module", d.shim},
		{"dev.py", "development", d.dev},
		{"env.py", "how the environment is read and checked", d.envModule},
		{"prod.py", "production: what base.py has, hardened", func() ([]byte, error) { return prod, nil }},
	} {
		data, err := f.make()
		if err != nil {
			return err
		}
		s.overlay(plan.File{Path: dir + f.name, Owner: plan.Whole, Data: data, Reason: f.reason})
	}
	own, err := o.ownFiles()
	if err != nil {
		return err
	}
	for _, f := range own {
		s.overlay(f)
	}
	d.variables(o)
	s.env(d.vars, d.p.Reader, d.name)
	s.example(d.exampleVars(nil)) // what base.py reads besides is the user's to name
	s.ignore(".gitignore", gitignore)
	if _, ok := s.Project.Files["Dockerfile"]; ok {
		s.ignore(".dockerignore", dockerignore)
	}
	s.requirements(d.p.Deps.Path, nil, d.pins(o), d.p.Deps)
	s.news(d.warns)
	return nil
}

// overlay adds a file of djharden's, which may have been elsewhere.
func (s *syncer) overlay(f plan.File) {
	if was := s.before(f.Path); was != f.Path {
		f.Base = was
	}
	s.out.Files = append(s.out.Files, f)
}

// news passes on what the render has to say about the user's settings, where
// it isn't what init has said already.
func (s *syncer) news(warns []Warning) {
	if s.Record.Templates == TemplateVersion && s.Record.Answers.Django == s.Answers.Django {
		return
	}
	for _, w := range warns {
		if !slices.Contains(s.out.Warnings, w) {
			s.out.Warnings = append(s.out.Warnings, w)
		}
	}
}
