package django

import (
	"path"
	"slices"
	"strings"

	"github.com/djharden/djharden/internal/pysrc"
)

var (
	classDef    = lazy(`(?m)^class[ \t]+(\w+)[ \t]*\(([^)]*)\)`)
	classImport = lazy(`(?m)^from[ \t]+\S+[ \t]+import[ \t]+(.+)$`)
	identifier  = lazy(`[A-Za-z_]\w*`)
)

// class is the settings class of django-configurations that production uses:
// the one named for it in the module, else what the deployment, wsgi.py or
// manage.py name.
func (c *choice) class(m *candidate) string {
	src := string(c.read(m.file))
	var named []string
	for _, serves := range []bool{true, false} {
		for _, e := range c.named {
			if e.class != "" && e.serves == serves {
				named = append(named, e.class)
			}
		}
	}
	if len(named) == 0 && !strings.Contains(src, "configurations") {
		return ""
	}
	var defined []string
	for _, d := range classDef().FindAllStringSubmatch(src, -1) {
		defined = append(defined, d[1])
	}
	for _, i := range classImport().FindAllStringSubmatch(src, -1) {
		line, _, _ := strings.Cut(i[1], "#")
		for _, name := range identifier().FindAllString(line, -1) {
			if name != "Configuration" && name[0] >= 'A' && name[0] <= 'Z' && len(named) > 0 {
				defined = append(defined, name)
			}
		}
	}
	best, at := "", len(productionWords)*2
	for _, name := range defined {
		if r := forProduction(camelWords(name)); r >= 0 && r < at {
			best, at = name, r
		}
	}
	if best != "" {
		return best
	}
	for _, name := range slices.Concat(c.deployed(), named) {
		if slices.Contains(defined, name) {
			return name
		}
	}
	if len(defined) == 1 && strings.Contains(src, "configurations") {
		return defined[0]
	}
	if len(named) > 0 {
		return named[0]
	}
	return ""
}

// deployed are the classes that files of the deployment name.
func (c *choice) deployed() []string {
	var out []string
	for _, f := range c.deploys() {
		for _, m := range deployClass().FindAllStringSubmatch(string(c.read(f)), -1) {
			if !forDevelopment(camelWords(m[1])) {
				out = append(out, m[1])
			}
		}
	}
	return out
}

var camelStart = lazy(`([a-z0-9])([A-Z])`)

// camelWords writes a class's name as a module's: ProductionConfig is
// production_config. PreProduction isn't production.
func camelWords(name string) string {
	s := camelStart().ReplaceAllString(name, "${1}_${2}")
	if strings.HasPrefix(s, "Pre_") || strings.HasPrefix(s, "Non_") {
		return ""
	}
	return strings.ToLower(s)
}

// inserted adds the folders that the settings and what they import with a star
// put on sys.path.
func (c *choice) inserted(m *candidate) {
	seen := map[string]bool{}
	for file := m.file; file != "" && !seen[file]; {
		seen[file] = true
		c.insertedBy(file)
		found := stars(c.read(file))
		if len(found) == 0 {
			return
		}
		from := string(found[0][1])
		if strings.HasPrefix(from, ".") {
			from = absolute(c.moduleFile(file), from)
		}
		file = c.fileOf(from)
	}
}

// moduleFile is a file's path as its module's name spells it.
func (c *choice) moduleFile(file string) string {
	for _, p := range c.path {
		if p != "." && within(file, p) {
			return file[len(p)+1:]
		}
	}
	return file
}

// insertedBy adds the folders that a file puts on sys.path, as far as they are
// plain.
func (c *choice) insertedBy(file string) {
	src := c.read(file)
	if !strings.Contains(string(src), "sys.path") {
		return
	}
	m, err := pysrc.Parse(src)
	if err != nil {
		return
	}
	g := newGuess(m, file, c.dir)
	g.run(func(string, *pysrc.Node) {})
	pysrc.Walk(m.Stmts, nil, func(n *pysrc.Node) {
		if n.Kind != pysrc.Call || len(n.Kids) < 2 {
			return
		}
		switch g.sc.Resolve(n.Kids[0]) {
		case "sys.path.insert", "sys.path.append", "site.addsitedir":
			if v, ok := g.str(n.Kids[len(n.Kids)-1]); ok {
				c.addPath(path.Join(".", strings.TrimPrefix(g.join(g.cwd, v), "/")))
			}
		}
	})
}
