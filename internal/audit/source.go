package audit

import (
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/djharden/djharden/internal/pyeval"
	"github.com/djharden/djharden/internal/pysrc"
)

// maxText is the most that is read of a file beside the settings.
const maxText = 1 << 20

// text reads a small file of the repository; "" when it isn't there.
func (p *Project) text(name string) string {
	info, err := fs.Stat(p.FS, name)
	if err != nil || !info.Mode().IsRegular() || info.Size() > maxText {
		return ""
	}
	data, err := fs.ReadFile(p.FS, name)
	if err != nil {
		return ""
	}
	return string(data)
}

// placeIn is a place in a file that is no settings module: a .env file, a
// server's configuration.
func placeIn(name, text string, s, e int) pyeval.Place {
	file := &pysrc.File{Src: []byte(text)}
	return pyeval.Place{Src: &pyeval.Source{Path: name, Mod: &pysrc.Module{File: file}}, S: s, E: e}
}

// dir is the folder of manage.py.
func (p *Project) dir() string {
	if p.Site == nil || p.Site.Dir == "" {
		return "."
	}
	return p.Site.Dir
}

// own finds the file of a module of the project by the dotted path of
// something in it: "config.middleware.Csp" is config/middleware.py. It is ""
// for what isn't the project's.
func (p *Project) own(dotted string) string {
	file, known := p.memo.own[dotted]
	if !known {
		if p.memo.own == nil {
			p.memo.own = map[string]string{}
		}
		file = p.lookFor(dotted)
		p.memo.own[dotted] = file
	}
	return file
}

func (p *Project) lookFor(dotted string) string {
	parts := strings.Split(dotted, ".")
	roots := []string{p.dir()}
	if p.Site != nil && len(p.Site.Path) > 0 {
		roots = p.Site.Path
	}
	for _, root := range roots {
		if len(parts) > 1 && !p.isThere(path.Join(root, parts[0])) { // most paths are a package's
			continue
		}
		for n := len(parts); n > 0; n-- {
			base := path.Join(append([]string{root}, parts[:n]...)...)
			for _, name := range []string{base + ".py", path.Join(base, "__init__.py")} {
				if info, err := fs.Stat(p.FS, name); err == nil && info.Mode().IsRegular() {
					return name
				}
			}
		}
	}
	return ""
}

// isThere reports whether a folder or a module of a name is there.
func (p *Project) isThere(base string) bool {
	there, known := p.memo.there[base]
	if !known {
		if p.memo.there == nil {
			p.memo.there = map[string]bool{}
		}
		_, dir := fs.Stat(p.FS, base)
		_, file := fs.Stat(p.FS, base+".py")
		there = dir == nil || file == nil
		p.memo.there[base] = there
	}
	return there
}

// lacks says whether MIDDLEWARE is without a class and without the project's
// own heirs of it. A function of the project that names it leaves that open.
func (p *Project) lacks(middleware string) (pyeval.Truth, string) {
	switch p.holdsLike("MIDDLEWARE", middleware) {
	case pyeval.Yes:
		return pyeval.No, ""
	case pyeval.Maybe:
		v, _ := p.get("MIDDLEWARE")
		return pyeval.Maybe, "MIDDLEWARE: " + why(v)
	}
	if m := p.ownMiddleware(short(middleware)); m != "" {
		return pyeval.Maybe, m + " of MIDDLEWARE may stand for it"
	}
	return pyeval.Yes, ""
}

// ownMiddleware is the first entry of MIDDLEWARE whose source is the project's
// and holds a word; "" when there is none.
func (p *Project) ownMiddleware(word string) string {
	v, _ := p.get("MIDDLEWARE")
	for _, m := range v.Strings() {
		if file := p.own(m); file != "" && strings.Contains(p.text(file), word) {
			return m
		}
	}
	return ""
}

var answerLine = lazy(`(?m)^\s*([a-z_]+)\s*=\s*"?([^"#\n]*?)"?\s*(?:#.*)?$`)

// answer is what djharden.toml says to a question, "" when it says nothing.
func (p *Project) answer(key string) string {
	for _, dir := range []string{p.dir(), "."} {
		text := p.text(path.Join(dir, "djharden.toml"))
		text, _, _ = strings.Cut("\n"+text, "\n[")
		for _, m := range answerLine().FindAllStringSubmatch(text, -1) {
			if m[1] == key {
				return m[2]
			}
		}
	}
	return ""
}

// written reports whether the text of a string stands in the source of a
// setting: as a literal, or as what holds while a variable isn't set.
func (p *Project) written(setting string, v *pyeval.Value) bool {
	set := slices.ContainsFunc(v.Env, func(name string) bool { return p.Env[name] != "" })
	return !set || p.spelt(setting, v, v.S)
}

// spelt reports whether a text stands in the source of a value: where it is
// written, in a line that sets it, or as the default of a variable.
func (p *Project) spelt(setting string, v *pyeval.Value, text string) bool {
	if strings.Contains(v.At.Text(), text) {
		return true
	}
	if s := p.Result.Get(setting); s != nil {
		for _, c := range s.Changes {
			if strings.Contains(c.Text(), text) {
				return true
			}
		}
	}
	return slices.ContainsFunc(p.Result.Reads, func(read pyeval.EnvRead) bool {
		return read.Default != nil && read.Default.Kind == pyeval.Str && strings.Contains(read.Default.S, text)
	})
}
