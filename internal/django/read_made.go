package django

import (
	"errors"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// recordDir is where djharden keeps the last render of each file.
const recordDir = ".djharden/base"

var settingsKey = regexp.MustCompile(`(?m)^settings\s*=\s*"([A-Za-z_][\w.]*)"`)

// made reads a project that djharden made or adopted before. What can't be
// read any more is left out and said in Unread: a fresh clone needs none of it.
func (p *Project) made(t *tree, module string) error {
	if err := p.records(t); err != nil {
		return err
	}
	p.Paths = t.sorted()
	p.overlays(t)
	p.Deps = &Deps{Path: "requirements.txt", Found: t.files["requirements.txt"]}
	if p.Deps.Found {
		p.Unread = p.Deps.read(p, t, p.Deps.Path, 0)
	}
	if r := p.Deps.Find("django"); r != nil {
		if s := pinned(r.Spec); s != "" {
			p.Series, p.SeriesFrom = s, r.Path+":"+strconv.Itoa(r.Line)
		}
	}
	m := settingsKey.FindSubmatch(p.Files["djharden.toml"])
	if m == nil {
		return nil
	}
	if module == "" {
		module = string(m[1])
		if !slices.Contains(p.Overlays, module) && len(p.Overlays) == 1 {
			module = p.Overlays[0] // it has moved
		}
	}
	p.adopted(t, module)
	return nil
}

func (p *Project) records(t *tree) error {
	p.Records = map[string][]byte{}
	err := fs.WalkDir(t.fsys, recordDir, func(name string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		data, err := t.read(name)
		p.Records[strings.TrimPrefix(name, recordDir+"/")] = data
		return err
	})
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// overlays finds the settings packages that have djharden's four modules.
func (p *Project) overlays(t *tree) {
	for _, name := range t.sorted() {
		dir := path.Dir(name)
		if path.Base(name) != "prod.py" || path.Dir(dir) == "." {
			continue
		}
		all := true
		for _, other := range []string{"base.py", "dev.py", "env.py"} {
			all = all && t.files[dir+"/"+other]
		}
		if all {
			p.Overlays = append(p.Overlays, strings.ReplaceAll(dir, "/", "."))
		}
	}
}

// adopted reads an adopted project as single does, from where its parts are
// now.
func (p *Project) adopted(t *tree, module string) {
	i := strings.LastIndexByte(module, '.')
	if i < 0 {
		return
	}
	p.Module, p.Package = module, module[:i]
	p.Dir = strings.ReplaceAll(p.Package, ".", "/")
	p.Name, p.Path = path.Base(p.Dir), strings.ReplaceAll(module, ".", "/")+"/base.py"
	keep := func(err error) {
		if p.Unread == nil {
			p.Unread = err
		}
	}
	src, err := p.file(t, p.Path)
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			err = &Refusal{Path: p.Path, Reason: "isn't there, and the settings of production are made from it", Manual: "If the settings have moved, say where to: djharden sync --settings PACKAGE.settings.", Ask: "settings"}
		}
		keep(err)
		return
	}
	s, err := ReadSettings(p.Path, module, src)
	if err != nil {
		keep(err)
		return
	}
	p.Settings = s
	if p.Reader, err = s.reader(); err != nil {
		keep(err)
	}
	p.shape()
	for _, check := range []func() error{s.era, s.lists, s.database, s.mail, func() error { return p.readURLs(t) }} {
		keep(check())
	}
	p.mentions(t)
}
