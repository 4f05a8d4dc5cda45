// Package audit runs a table of rules over a Django project and reports
// findings. It runs nothing of the project and writes nothing.
package audit

import (
	"errors"
	"io/fs"
	"maps"

	"github.com/djharden/djharden/internal/django"
	"github.com/djharden/djharden/internal/pyeval"
)

// Project is what the rules look at: a Django project as production would
// start it. Rules read it and change nothing.
type Project struct {
	Root       string // as the person named it
	FS         fs.FS
	Site       *django.Site      // where it is, and which settings module production loads
	Result     *pyeval.Result    // its settings, evaluated
	Series     string            // of Django: "5.2"; "" when it can't be told
	SeriesFrom string            // where that is said, in words; ""
	Facts      django.Facts      // of the series, or of the newest LTS when it can't be told
	Deps       map[string]string // package as pip compares it -> specifier ("==5.2.1", ""), of every dependency file; nil when there is none
	Routes     []Route           // of the root URLconf and what it includes, as far as they can be read
	NoRoutes   *pyeval.Stop      // the first place where Routes may miss some; nil: they are all
	Warnings   []string          // what could not be looked at, in words

	// Env is what the environment was taken to hold; nil: nothing.
	Env map[string]string

	// Again evaluates the settings with these variables set as well: what would
	// production do then? nil: it can't be asked.
	Again func(env map[string]string) *pyeval.Result

	tree *Tree
	memo memo
}

// Options say how to read a project.
type Options struct {
	Env    map[string]string // the environment of production; nil is an empty one
	Series string            // of Django; "" finds it
	Tree   *Tree             // what projects of the same file system share; nil: nothing
}

// Load reads the project of a site: its settings, its packages and its URLs.
// root is how the person named the folder.
func Load(fsys fs.FS, root string, site *django.Site, o Options) (*Project, error) {
	p := &Project{Root: root, FS: fsys, Site: site, Series: o.Series, Env: o.Env, tree: o.Tree}
	if p.tree == nil {
		p.tree = &Tree{}
	}
	packages, err := django.ReadPackages(p.tree.above(fsys, site.Dir), site.Dir)
	if err != nil {
		var r *django.Refusal
		if !errors.As(err, &r) {
			return nil, err
		}
		p.Warnings = append(p.Warnings, r.Error())
		packages = &django.Packages{}
	}
	p.Deps = packages.Specs()
	p.Result, err = p.evaluate(packages, o.Env)
	if err != nil {
		return nil, err
	}
	if p.Series == "" {
		p.Series, p.SeriesFrom = packages.Series(p.sources()...)
	}
	p.Facts = django.FactsFor(p.Series)
	p.Again = func(env map[string]string) *pyeval.Result {
		all := map[string]string{}
		maps.Copy(all, o.Env)
		maps.Copy(all, env)
		r, err := p.evaluate(packages, all)
		if err != nil {
			return nil
		}
		return r
	}
	p.Routes, p.NoRoutes = p.readRoutes(p.options(packages, o.Env))
	return p, nil
}

func (p *Project) evaluate(packages *django.Packages, env map[string]string) (*pyeval.Result, error) {
	return pyeval.Load(p.options(packages, env))
}

func (p *Project) options(packages *django.Packages, env map[string]string) pyeval.Options {
	return pyeval.Options{
		FS: p.FS, Path: p.Site.Path, Module: p.Site.Module, Class: p.Site.Class, Package: p.Site.Package, Env: env,
		Inherited: KnownToDjango,
		Installed: func(name string) pyeval.Truth {
			switch packages.Installed(name) {
			case django.Present:
				return pyeval.Yes
			case django.Absent:
				return pyeval.No
			}
			return pyeval.Maybe
		},
	}
}

// sources are the settings modules that were read, the production one first.
func (p *Project) sources() [][]byte {
	var out [][]byte
	for i, name := range p.Result.Files {
		if i > 16 {
			break
		}
		if src, err := fs.ReadFile(p.FS, name); err == nil {
			out = append(out, src)
		}
	}
	return out
}

// get is the value of a setting: the project's own, else Django's default for
// the series (then own is false), else nil. Where something that can't be
// followed may set it, it is Unknown.
//
// Packages' defaults (rest_framework, Simple JWT, axes ...) are looked up with
// nested keys by the rules themselves.
func (p *Project) get(name string) (v *pyeval.Value, own bool) {
	def := defaultOf(p.Facts, name)
	s := p.Result.Get(name)
	switch {
	case s != nil && s.Absent && def != nil:
		return pyeval.Either(s.Value, def), true
	case s != nil:
		return s.Value, true
	case p.Result.Stopped != nil:
		return &pyeval.Value{Kind: pyeval.Unknown, Why: "the settings end before it: " + p.Result.Stopped.Why, At: p.Result.Stopped.At}, false
	case p.Result.Open != nil:
		return &pyeval.Value{Kind: pyeval.Unknown, Why: p.Result.Open.Why, At: p.Result.Open.At}, false
	}
	return def, false
}

// has says whether INSTALLED_APPS holds an app, by its name or by the dotted
// path of an AppConfig below it.
func (p *Project) has(app string) pyeval.Truth { return p.holds("INSTALLED_APPS", app) }

// middleware says whether MIDDLEWARE holds a class, by dotted path.
func (p *Project) middleware(path string) pyeval.Truth { return p.holds("MIDDLEWARE", path) }
