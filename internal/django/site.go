package django

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
)

// Site is a Django project in a repository, and the settings module that its
// production server loads. Paths are from the repository's root, with slashes.
type Site struct {
	Dir     string   // the folder of manage.py, or what stands for it: where modules are found; "." is the root
	Path    []string // folders where modules are looked for, Dir first
	Package string   // the name that the project's code gives to Dir itself, where Dir is the package; ""
	Module  string   // "config.settings.prod"
	File    string   // "config/settings/prod.py"
	Class   string   // of django-configurations: "Production"; ""
	Reason  string   // why this module: "wsgi.py names it", "the one named for production" ...
	Others  []string // settings modules that were not chosen
}

// FindSites finds every Django project below the root of fsys, in the order of
// their folders. It follows no symbolic link and looks into no hidden folder,
// virtual environment, build output or folder that git ignores. Each project
// whose settings module can't be told is in the error, beside the sites that
// can be looked at: it would go unchecked.
func FindSites(fsys fs.FS) ([]*Site, error) {
	ix, err := index(fsys)
	if err != nil {
		return nil, err
	}
	dirs := ix.projects()
	sites, errs := make([]*Site, len(dirs)), make([]error, len(dirs))
	var wait sync.WaitGroup
	var at atomic.Int64
	for range min(runtime.GOMAXPROCS(0), len(dirs)) {
		wait.Go(func() {
			for i := at.Add(1) - 1; i < int64(len(dirs)); i = at.Add(1) - 1 {
				sites[i], errs[i] = ix.site(dirs[i], "")
			}
		})
	}
	wait.Wait()
	return slices.DeleteFunc(sites, func(s *Site) bool { return s == nil }), errors.Join(errs...)
}

// FindSite finds the one Django project of a folder, or below it. module is
// the settings module that the user named; "" finds it. No project, several,
// or a settings module that can't be told is a *Refusal.
func FindSite(fsys fs.FS, dir, module string) (*Site, error) {
	ix, err := index(fsys)
	if err != nil {
		return nil, err
	}
	dir = path.Clean(dir)
	var sites []*Site
	for _, d := range ix.projects() {
		if !within(d, dir) {
			continue
		}
		s, err := ix.site(d, module)
		if err != nil && d == dir {
			return nil, err
		}
		if err != nil || s == nil {
			continue
		}
		if s.Dir == dir {
			return s, nil
		}
		sites = append(sites, s)
	}
	if len(sites) > 1 { // the example beside the project is not meant
		if main := slices.DeleteFunc(slices.Clone(sites), func(s *Site) bool { return sideShow(s.Dir) }); len(main) == 1 {
			sites = main
		}
	}
	switch {
	case len(sites) == 1:
		return sites[0], nil
	case len(sites) > 1:
		return nil, severalSites(sites)
	case module != "": // in a folder without a manage.py
		return ix.site(dir, module)
	}
	return nil, ix.none(dir)
}

// sideShow tells folders that show or test a project from the project.
func sideShow(dir string) bool {
	for part := range strings.SplitSeq(dir, "/") {
		switch part {
		case "demo", "demos", "doc", "docs", "example", "examples", "sample", "samples", "sandbox", "test", "testproject", "tests", "template", "templates", "project_template":
			return true
		}
	}
	return false
}

func severalSites(sites []*Site) error {
	var dirs []string
	for _, s := range sites {
		dirs = append(dirs, s.Dir)
	}
	return &Refusal{
		Reason: fmt.Sprintf("%d Django projects: %s", len(dirs), strings.Join(dirs, ", ")),
		Manual: "Name the folder of one of them, or take them all with --recursive.",
	}
}

// none refuses a folder in which no project is found.
func (ix *tally) none(dir string) error {
	if dir != "." && ix.dirs[dir] == nil {
		return &Refusal{Path: dir, Reason: "is no folder that is looked into", Manual: "Name the folder that holds manage.py: hidden folders, virtual environments and what git ignores are left out."}
	}
	r := &Refusal{Path: dir, Reason: "holds no Django project", Manual: "Name the folder that holds manage.py, or the settings module with --settings."}
	if dir == "." {
		r.Path = ""
		r.Reason = "no Django project here"
	}
	return r
}

// site is the project of a folder, nil where the folder holds the template of
// one.
func (ix *tally) site(dir, module string) (*Site, error) {
	c := ix.at(dir)
	if err := c.entries(); err != nil {
		return nil, err
	}
	if c.template {
		return nil, nil
	}
	var m *candidate
	if module != "" {
		if m = c.resolve(module); m == nil {
			return nil, &Refusal{Path: c.where(), Reason: fmt.Sprintf("there is no settings module %s below %s", module, quoted(c.path)), Manual: "Name it with --settings as manage.py would: package.settings."}
		}
		m.reason = "--settings names it"
		c.collect()
	} else {
		c.collect()
		m = c.pick()
	}
	if m == nil {
		return nil, c.unknown()
	}
	s := &Site{Dir: dir, Package: c.pkg, Module: m.module, File: m.file, Reason: m.reason, Others: c.others(m)}
	s.Class = c.class(m)
	c.inserted(m)
	s.Path = c.path
	return s, nil
}

// unknown refuses a project whose settings module can't be told.
func (c *choice) unknown() error {
	const manual = "Name it with --settings package.module."
	for _, e := range c.named {
		if e.module != "" {
			return &Refusal{Path: e.file, Line: e.line, Reason: fmt.Sprintf("the settings module %s isn't below %s", e.module, quoted(c.path)), Manual: manual}
		}
	}
	for _, e := range c.named {
		return &Refusal{Path: e.file, Line: e.line, Reason: settingsVar + " is computed in a way that can't be followed", Manual: manual}
	}
	return &Refusal{Path: c.where(), Reason: "names no settings module, and none was found", Manual: manual}
}

// where is the file that speaks for the project.
func (c *choice) where() string {
	if c.manage != "" {
		return c.manage
	}
	if c.dir == "." {
		return ""
	}
	return c.dir
}

func quoted(dirs []string) string {
	if len(dirs) == 1 && dirs[0] == "." {
		return "the root"
	}
	return strings.Join(dirs, ", ")
}

// within reports whether a slash path is a folder or below it.
func within(name, dir string) bool {
	return dir == "." || name == dir || strings.HasPrefix(name, dir+"/")
}
