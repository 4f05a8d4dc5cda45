package django

import (
	"path"
	"slices"
	"strings"

	"github.com/djharden/djharden/internal/pysrc"
)

const classVar = "DJANGO_CONFIGURATION"

// naming is a place that names the settings module for a process.
type naming struct {
	file   string
	line   int
	module string // "" where it is computed in a way that can't be followed
	class  string // of django-configurations
	serves bool   // wsgi.py and asgi.py; manage.py doesn't
}

// delegates finds the function of the project that manage.py hands over to.
var delegates = lazy(`(?m)^\s*from\s+([\w.]+)\s+import\s+(?:main|manage|cli)\b`)

// entries reads what the project's manage.py, wsgi.py and asgi.py name.
func (c *choice) entries() error {
	manage := path.Join(c.dir, "manage.py")
	if src := c.read(manage); src != nil {
		c.manage = manage
		found := c.entry(manage, false)
		if m := delegates().FindSubmatch(src); len(found) == 0 && m != nil {
			if file := c.fileOf(string(m[1])); file != "" {
				found = c.entry(file, false)
			}
		}
		c.named = append(c.named, found...)
	}
	for _, e := range c.named {
		c.template = c.template || strings.ContainsAny(e.module, "{}")
	}
	servers := slices.Clone(c.own.servers)
	slices.SortStableFunc(servers, func(a, b string) int { return strings.Compare(path.Base(b), path.Base(a)) }) // wsgi.py first
	for _, s := range servers {
		if !sideShow(strings.TrimPrefix(path.Dir(s), c.dir)) {
			c.named = append(c.named, c.entry(s, true)...)
		}
	}
	return nil
}

// entry reads the settings module that a file names, and the folders that it
// puts on sys.path. Where it names several, by a condition that can't be
// decided, the first that isn't for development comes first.
func (c *choice) entry(name string, serves bool) []naming {
	src := c.read(name)
	if src == nil {
		return nil
	}
	c.insertedBy(name)
	if !strings.Contains(string(src), settingsVar) {
		return nil
	}
	m, err := pysrc.Parse(src)
	if err != nil {
		return nil
	}
	var found []naming
	class := ""
	g := newGuess(m, name, c.dir)
	g.run(func(key string, value *pysrc.Node) {
		text, ok := g.str(value)
		switch {
		case key == classVar && class == "":
			class = text
		case key == settingsVar:
			e := naming{file: name, line: Line(src, value.S), serves: serves}
			if ok {
				e.module = text
			}
			found = append(found, e)
		}
	})
	for i := range found {
		found[i].class = class
	}
	slices.SortStableFunc(found, func(a, b naming) int { return rank(a) - rank(b) })
	return found
}

// rank orders the names of one file.
func rank(e naming) int {
	switch {
	case e.module == "":
		return 2
	case forDevelopment(e.module):
		return 1
	}
	return 0
}

var (
	developmentWords = []string{"ci", "debug", "dev", "develop", "development", "e2e", "example", "local", "localhost", "pytest", "sample", "stub", "test", "testing", "tests", "template", "travis"}
	productionWords  = []string{"production", "prod", "live", "prd"} // by rank
	baseWords        = []string{"base", "common", "default", "defaults", "global", "main", "shared"}
)

// words are the parts of a module's last name: settings_prod has two.
func words(module string) []string {
	last := module[strings.LastIndexByte(module, '.')+1:]
	return strings.FieldsFunc(strings.ToLower(last), func(r rune) bool { return r == '_' || r == '-' })
}

func hasWord(module string, list []string) bool {
	return slices.ContainsFunc(words(module), func(w string) bool { return slices.Contains(list, w) })
}

// forDevelopment tells by its name a module that no production server loads.
func forDevelopment(module string) bool { return hasWord(module, developmentWords) }

// forProduction ranks a module by its name: 0 is the plainest name for
// production, -1 is none.
func forProduction(module string) int {
	list := words(module)
	if len(list) == 0 || forDevelopment(module) {
		return -1
	}
	rest := slices.DeleteFunc(slices.Clone(list), func(w string) bool { return w == "settings" || w == "config" })
	for i, w := range productionWords {
		switch {
		case len(rest) == 1 && rest[0] == w:
			return i
		case slices.Contains(rest, w):
			return i + len(productionWords)
		}
	}
	return -1
}
