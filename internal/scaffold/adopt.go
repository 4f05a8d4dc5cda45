package scaffold

import (
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/djharden/djharden/internal/django"
	"github.com/djharden/djharden/internal/plan"
	"github.com/djharden/djharden/templates"
)

// adoption is one project on its way: what was found, and what was decided.
type adoption struct {
	in    Input
	a     Answers // corrected by what the project is
	p     *django.Project
	s     *django.Settings
	facts django.Facts

	leaks    []leak
	composed []leak          // what has a secret's name, and stays
	single   bool            // the settings prefer single quotes
	tokens   map[string]bool // every name in the settings
	own      string          // the package of djharden's code: school.hardening
	ownDir   string          // its folder
	env      map[string]string
	vars     []EnvVar // of .env, in order
	warns    []Warning
}

// renderAdopt makes the files of an adopted project: the user's settings as
// base.py, the overlay beside it, and the edits in the user's other files. What
// can't be adopted is a *django.Refusal.
func renderAdopt(in Input) (Result, error) {
	facts, ok := django.FactsOf(in.Answers.Django)
	if !ok {
		return Result{}, fmt.Errorf("django %q is not one of %s", in.Answers.Django, strings.Join(django.AllSeries(), ", "))
	}
	if in.Project.Kind == django.Made {
		return renderAdopted(in, facts)
	}
	d, err := newAdoption(in, facts)
	if err != nil {
		return Result{}, err
	}
	return d.render()
}

func newAdoption(in Input, facts django.Facts) (*adoption, error) {
	p := in.Project
	if p.Settings == nil {
		return nil, fmt.Errorf("the project's settings were not read")
	}
	if p.Series != "" && p.Series != facts.Series {
		return nil, &django.Refusal{Reason: fmt.Sprintf("the project is on Django %s (%s), the answer is %s", p.Series, p.SeriesFrom, facts.Series), Manual: "Leave out --django, or upgrade the project first."}
	}
	d := &adoption{in: in, a: in.Answers, p: p, s: p.Settings, facts: facts, env: map[string]string{}}
	d.single, d.tokens = prefersSingle(p.Settings.Src), nameTokens(p.Settings.Src)
	d.suit()
	d.leaks, d.composed = leaks(d.s)
	if err := d.guardAdmin(); err != nil {
		return nil, err
	}
	if err := d.placeOwn(); err != nil {
		return nil, err
	}
	d.envNames()
	return d, nil
}

// suit makes the answers fit the project: what it doesn't have needs no
// hardening.
func (d *adoption) suit() {
	a, p := &d.a, d.p
	if p.HasAPI == !a.API() {
		a.Preset = p.Preset
	}
	a.JWT = a.JWT && p.HasJWT
	if d.in.Answers.JWT && !a.JWT && p.HasAPI {
		d.warn("jwt", "the API doesn't use Simple JWT: no token settings were written")
	}
	if !p.HasCORS && slices.Equal(a.CORSOrigins, originsOf(a.Domains)) {
		a.CORSOrigins = nil // no cross-origin access at all is stricter
	}
	if a.Settings == "" {
		a.Settings = p.Module
	}
}

// placeOwn names the package of djharden's own code.
func (d *adoption) placeOwn() error {
	for _, taken := range d.p.Taken {
		if taken == "hardening.py" || strings.HasPrefix(taken, "hardening/") {
			return &django.Refusal{Path: d.p.Dir + "/" + taken, Reason: "the name hardening is taken", Manual: "Rename it: djharden's code goes to " + d.p.Dir + "/hardening/."}
		}
	}
	d.own, d.ownDir = d.p.Package+".hardening", d.p.Dir+"/hardening"
	return nil
}

func (d *adoption) warn(code, format string, args ...any) {
	message := format
	if len(args) > 0 {
		message = fmt.Sprintf(format, args...)
	}
	d.warns = append(d.warns, Warning{code, message})
}

// v is a value of the settings.
func (d *adoption) v(name string) *django.Value { return d.s.Vars[name] }

func (d *adoption) render() (Result, error) {
	res := Result{SettingsModule: d.p.Module + ".prod", MinPython: d.facts.MinPython}
	base, err := d.base()
	if err != nil {
		return Result{}, err
	}
	o := &overlay{adoption: d}
	prod, err := o.prod()
	if err != nil {
		return Result{}, err
	}
	dev, err := d.dev()
	if err != nil {
		return Result{}, err
	}
	env, err := d.envModule()
	if err != nil {
		return Result{}, err
	}
	shim, err := d.shim()
	if err != nil {
		return Result{}, err
	}
	dir := strings.TrimSuffix(d.p.Path, ".py") + "/"
	old := d.p.Files[d.p.Path]
	mask := d.masks()
	whole := func(name string, data []byte, reason string) plan.File {
		return plan.File{Path: dir + name, Owner: plan.Whole, Data: data, Reason: reason}
	}
	res.Files = []plan.File{
		{Path: d.p.Path, Owner: plan.Patch, Remove: true, Was: old, Reason: "moved to " + dir + "base.py", Mask: mask},
		whole("__init__.py", shim, "refuses to be the settings module"),
		{Path: dir + "base.py", Owner: plan.Patch, Data: base, From: d.p.Path, Reason: "your settings, moved; secrets are in .env", Mask: mask},
		whole("dev.py", dev, "development"),
		whole("env.py", env, "how the environment is read and checked"),
		whole("prod.py", prod, "production: what base.py has, hardened"),
	}
	own, err := o.ownFiles()
	if err != nil {
		return Result{}, err
	}
	res.Files = append(res.Files, own...)
	patched, err := d.patches(o)
	if err != nil {
		return Result{}, err
	}
	res.Files = append(res.Files, patched...)
	beside, err := d.beside(o)
	if err != nil {
		return Result{}, err
	}
	res.Files = append(res.Files, beside...)
	d.words()
	res.Warnings, res.Next = d.warns, d.next()
	return res, nil
}

// masks are the texts that a diff hides. A short secret may be a word that
// stands elsewhere (root, password): hidden there, it would be told by its
// surroundings, so only a whole literal is.
func (d *adoption) masks() []string {
	var out []string
	for _, l := range d.leaks {
		texts := []string{l.value}
		source := d.s.Src.Text(l.node)
		switch {
		case len(l.value) < 12:
			texts = []string{source, "'" + l.value + "'", `"` + l.value + `"`}
		case !strings.Contains(source, l.value): // in parts, or with escapes
			for line := range strings.Lines(source) {
				texts = append(texts, strings.TrimSpace(line))
			}
		}
		for _, text := range texts {
			if !slices.Contains(out, text) {
				out = append(out, text)
			}
		}
	}
	return out
}

func adoptTree() fs.FS {
	tree, err := fs.Sub(templates.Adopt, "adopt")
	if err != nil {
		panic(err) // the name is a constant
	}
	return tree
}

// reskins are apps that put a site of their own in the admin's place.
var reskins = []string{"unfold", "baton", "baton.autodiscover", "material.admin", "jet", "admin_interface.apps.AdminConfig"}

// guardAdmin sees whether djharden's site can take the admin's place, which
// the second factor and django-ratelimit need.
func (d *adoption) guardAdmin() error {
	if !d.a.Admin2FA && !d.a.Ratelimit {
		return nil
	}
	why := ""
	u, apps := d.p.URLs, d.v("INSTALLED_APPS")
	switch {
	case u.Admin == nil:
		why = "the project has no admin"
	case d.p.OwnSite != "":
		why = d.p.OwnSite + ": the project puts its own site in the admin's place"
	case !u.DefaultSite || !apps.Has("django.contrib.admin"):
		why = "the admin is a site of the project's own"
	}
	for _, app := range reskins {
		if apps.Has(app) {
			why = "the app " + app + " puts its own site in the admin's place"
		}
	}
	if why == "" {
		return nil
	}
	if d.a.Admin2FA {
		return &django.Refusal{Path: u.Path, Reason: "the second factor can't be added: " + why, Manual: "Leave out --admin-2fa, and make that site a subclass of django_otp.admin.OTPAdminSite."}
	}
	d.a.Ratelimit = false
	d.warn("ratelimit", "django-ratelimit was left out, for it would guard nothing: %s", why)
	return nil
}
