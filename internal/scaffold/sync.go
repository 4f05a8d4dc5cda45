package scaffold

import (
	"fmt"
	"path"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"github.com/djharden/djharden/internal/django"
	"github.com/djharden/djharden/internal/plan"
)

// defaultPackage is a new project's; its owner may rename it.
const defaultPackage = "config"

// Record is what is known of the last render.
type Record struct {
	Answers   Answers
	Templates int    // their version: see TemplateVersion
	Version   string // of the djharden that rendered
	head      string // the line of djharden.toml that says so
	files     map[string][]byte
}

// ReadRecord reads the record of a project that djharden made. Without one it
// is what the answers of djharden.toml itself would have made.
func ReadRecord(p *django.Project) (Record, error) {
	r := Record{files: p.Records}
	toml, ok := p.Records["djharden.toml"]
	if !ok {
		toml = p.Files["djharden.toml"]
	}
	r.Version, r.Templates = writtenBy(toml)
	if r.Templates > TemplateVersion {
		return r, &django.Refusal{Reason: fmt.Sprintf("the files were made by a newer djharden (%s, templates %d; this one has templates %d)", r.Version, r.Templates, TemplateVersion),
			Manual: "Upgrade djharden here, too: this one would take back what that one made."}
	}
	for line := range strings.Lines(string(toml)) {
		if headVersion.MatchString(strings.TrimSpace(line)) {
			r.head = strings.TrimSpace(line)
		}
	}
	values, err := ParseTOML(toml, ".djharden/base/djharden.toml")
	if err != nil {
		return r, err
	}
	r.Answers = Defaults(p)
	set := map[string]bool{}
	for _, o := range Options {
		if v, ok := values[o.Key]; ok {
			set[o.Key] = true
			if err := o.Set(&r.Answers, v); err != nil {
				return r, err
			}
		}
	}
	ApplyPreset(&r.Answers, set)
	return r, nil
}

// Follows reports whether an answer that djharden.toml holds was never chosen:
// it is as it was recorded, and that is what the other recorded answers make it
// by themselves. Such an answer follows when those change.
func (r Record) Follows(key, saved string) bool {
	o := FindOption(key)
	was := o.Get(r.Answers)
	if saved != was {
		return false
	}
	plain := r.Answers
	plain.found = found{}
	ApplyPreset(&plain, nil)
	return o.Get(plain) == was && slices.Contains([]string{"jwt", "lockout", "ratelimit", "admin_2fa", "cors_origin"}, key)
}

// SyncInput is what Sync works from.
type SyncInput struct {
	Input
	Record  Record
	Asked   map[string]bool // answers that this run was given, by key
	EditEnv bool            // change the lines of .env that other answers change
}

// SyncResult is what Sync wants, and what changed since the last render.
type SyncResult struct {
	Result
	News []News
	Env  []EnvChange // lines of .env that answers change; written already with EditEnv
}

// Sync renders a project again that djharden made or adopted, for plan.Merge.
// Nothing is made anew that is the user's: secrets, README, patched files. What
// can't be rendered again is a *django.Refusal.
func Sync(in SyncInput) (SyncResult, error) {
	facts, ok := django.FactsOf(in.Answers.Django)
	if !ok {
		return SyncResult{}, fmt.Errorf("django %q is not one of %s", in.Answers.Django, strings.Join(django.AllSeries(), ", "))
	}
	s := &syncer{SyncInput: in, facts: facts}
	var err error
	if in.Answers.Settings != "" {
		err = s.adopted()
	} else {
		err = s.made()
	}
	if err != nil {
		return SyncResult{}, err
	}
	s.migrations()
	s.keep()
	s.out.News = append(NewsSince(in.Record.Templates, in.Answers), seriesNews(in.Record.Answers.Django, in.Answers)...)
	s.words()
	return s.out, nil
}

type syncer struct {
	SyncInput
	facts django.Facts
	out   SyncResult
}

func (s *syncer) warn(code, format string, args ...any) {
	s.out.Warnings = append(s.out.Warnings, Warning{code, fmt.Sprintf(format, args...)})
}

// made renders a new project again.
func (s *syncer) made() error {
	if err := s.findPackage(); err != nil {
		return err
	}
	res, err := renderNew(s.Input, s.facts)
	if err != nil {
		return err
	}
	s.out.SettingsModule, s.out.MinPython = s.rename(res.SettingsModule), res.MinPython
	for _, f := range res.Files {
		if f.Owner == plan.Whole && f.Path != "djharden.toml" {
			s.whole(f)
		}
	}
	s.env(envVars(s.Input), django.ReadsDotenv, func(name string) string { return name })
	s.example(exampleVars(s.Input))
	s.ignore(".gitignore", gitignore)
	if _, ok := s.Project.Files["Dockerfile"]; ok {
		s.ignore(".dockerignore", dockerignore)
	}
	s.requirements("requirements.txt", nil, django.Pins(s.Answers.Django, features(s.Answers, s.facts)...), nil)
	s.requirements("requirements-dev.txt", []string{"-r requirements.txt"}, django.DevPins(), nil)
	return s.answers()
}

// whole adds a file of djharden's, in the package that the project has now.
func (s *syncer) whole(f plan.File) {
	was := s.renameFrom(s.Record.Answers.Package, f.Path)
	f.Path, f.Data = s.rename(f.Path), []byte(s.rename(string(f.Data)))
	if was != f.Path {
		f.Base = was
	}
	s.out.Files = append(s.out.Files, f)
}

var packageName = regexp.MustCompile(`(^|[^\w./-])config([./]\w)|"config"`)

// rename says config.settings, config/urls.py and "config" for the package
// that the project has now.
func (s *syncer) rename(text string) string { return s.renameFrom(s.Answers.Package, text) }

func (s *syncer) renameFrom(pkg, text string) string {
	if pkg == "" {
		return text
	}
	return packageName.ReplaceAllStringFunc(text, func(m string) string {
		return strings.Replace(m, defaultPackage, pkg, 1)
	})
}

// findPackage tells where a new project's package is now.
func (s *syncer) findPackage() error {
	name := orElse(s.Answers.Package, defaultPackage)
	if slices.Contains(s.Project.Overlays, name+".settings") {
		return nil
	}
	var found []string
	for _, o := range s.Project.Overlays {
		if pkg, ok := strings.CutSuffix(o, ".settings"); ok && !strings.Contains(pkg, ".") {
			found = append(found, pkg)
		}
	}
	if s.Asked["settings"] {
		return &django.Refusal{Path: name + "/settings", Reason: "isn't there with base.py, dev.py, env.py and prod.py in it", Manual: "Name the settings package that djharden made: --settings " + strings.Join(append(found, "PACKAGE")[:1], "") + ".settings."}
	}
	if len(found) == 1 {
		s.Answers.Package, _ = checkPackage(found[0])
		s.warn("package-moved", "%s/ is %s/ now: djharden goes by that, and djharden.toml says so", name, found[0])
		return nil
	}
	if s.hasSettings(name) {
		return nil // parts of it were deleted
	}
	return &django.Refusal{Path: name + "/settings", Reason: "isn't there any more", Manual: "If the package was renamed, say to what: djharden sync --settings PACKAGE.settings.", Ask: "settings"}
}

// hasSettings reports whether some file of a package's settings is there.
func (s *syncer) hasSettings(pkg string) bool {
	return slices.ContainsFunc(s.Project.Paths, func(p string) bool { return path.Dir(p) == pkg+"/settings" })
}

// keep leaves alone what the user took over, wanted or not.
func (s *syncer) keep() {
	const why = "you took it over: keep in djharden.toml"
	for _, name := range s.Answers.Keep {
		i := slices.IndexFunc(s.out.Files, func(f plan.File) bool { return f.Path == name })
		switch {
		case name == "djharden.toml" || name == ".env":
			continue
		case i >= 0:
			s.out.Files[i] = plan.File{Path: name, Base: s.out.Files[i].Base, Keep: why}
		case s.Record.files[name] != nil:
			s.out.Files = append(s.out.Files, plan.File{Path: name, Keep: why})
		default:
			s.warn("keep-unknown", "keep in djharden.toml names %s, which djharden doesn't make", name)
		}
	}
}

// migrations leaves migrations that aren't wanted any more where others, the
// user's own, build on them.
func (s *syncer) migrations() {
	for name := range s.Record.files {
		dir := path.Dir(name)
		if path.Base(dir) != "migrations" || slices.ContainsFunc(s.out.Files, func(f plan.File) bool { return f.Path == name || f.Base == name }) {
			continue
		}
		if slices.ContainsFunc(s.Project.Paths, func(p string) bool {
			return path.Dir(p) == dir && path.Ext(p) == ".py" && s.Record.files[p] == nil
		}) {
			s.out.Files = append(s.out.Files, plan.File{Path: name, Keep: "djharden no longer needs it, and migrations of yours stand beside it"})
		}
	}
}

// deleted leaves a file alone that the user has removed, and reports whether
// it did.
func (s *syncer) deleted(name string) bool {
	_, there := s.Project.Files[name]
	_, recorded := s.Record.files[name]
	if there || !recorded && name == ".dockerignore" {
		return false
	}
	s.out.Files = append(s.out.Files, plan.File{Path: name, Keep: "you have deleted it, and it stays deleted"})
	return true
}

// changed reports whether an answer is another than the recorded one.
func (s *syncer) changed(key string) bool {
	o := FindOption(key)
	return !reflect.DeepEqual(shownAnswer(o, s.Answers), shownAnswer(o, s.Record.Answers))
}

// shownAnswer is an answer as djharden.toml holds it.
func shownAnswer(o *Option, a Answers) string {
	if o.Secret {
		return MaskURL(o.Get(a))
	}
	return o.Get(a)
}
