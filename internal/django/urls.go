package django

import (
	"strings"

	"github.com/djharden/djharden/internal/pysrc"
)

// Scope resolves local names to dotted origins through a file's imports.
type Scope struct {
	Alias map[string]string // local -> dotted origin
	Star  []string          // from X import *
	Sites map[string]string // local -> class it was built from (AdminSite and subclasses)
}

// NewScope reads the imports and the simple aliases of a module.
func NewScope(m *pysrc.Module) *Scope {
	sc := &Scope{Alias: map[string]string{}, Sites: map[string]string{}}
	pysrc.Walk(m.Stmts, sc.imports, func(*pysrc.Node) {})
	for _, s := range m.Stmts { // x = AdminSite(...), x = admin.site, p = path
		if s.Kind != pysrc.SAssign || len(s.Targets) != 1 || s.Targets[0].Kind != pysrc.Name {
			continue
		}
		if c := s.Value; c.Kind == pysrc.Call {
			if q := sc.Resolve(c.Kids[0]); strings.HasSuffix(q, "Site") {
				sc.Sites[s.Targets[0].Name] = q
			}
		} else if q := sc.Resolve(s.Value); q != "" && s.Value.Kind != pysrc.Name {
			sc.Alias[s.Targets[0].Name] = q
		}
	}
	return sc
}

func (sc *Scope) imports(s *pysrc.Stmt) {
	for _, a := range s.Names {
		switch {
		case s.Kind == pysrc.SImport && a.As != "":
			sc.Alias[a.As] = a.Name
		case s.Kind == pysrc.SImport:
			top, _, _ := strings.Cut(a.Name, ".")
			sc.Alias[top] = top
		case s.Kind == pysrc.SFrom && a.Name == "*":
			sc.Star = append(sc.Star, s.Module)
		case s.Kind == pysrc.SFrom:
			local, sep := a.As, "."
			if local == "" {
				local = a.Name
			}
			if strings.HasSuffix(s.Module, ".") {
				sep = ""
			}
			sc.Alias[local] = s.Module + sep + a.Name
		}
	}
}

// Resolve gives the dotted origin of a name or attribute chain, "" for
// anything else.
func (sc *Scope) Resolve(n *pysrc.Node) string {
	switch n.Kind {
	case pysrc.Paren:
		return sc.Resolve(n.Kids[0])
	case pysrc.Name:
		if q, ok := sc.Alias[n.Name]; ok {
			return q
		}
		return n.Name
	case pysrc.Attr:
		if q := sc.Resolve(n.Kids[0]); q != "" {
			return q + "." + n.Name
		}
	}
	return ""
}

// Route is a route of a URLconf whose view is the urls of an admin site.
type Route struct {
	Func    string // path, re_path or url
	Call    *pysrc.Node
	Pattern *pysrc.Node // the first argument
	Value   string      // its string value, "" when it is no plain literal
	Literal bool        // Pattern is a plain literal
	Site    string      // dotted origin of the site object
	Object  *pysrc.Node // the site object as it is written: admin.site
	Certain bool        // the default django.contrib.admin site, or a site built in this file
	Wrapped bool        // include(admin.site.urls), Django before 2
	InList  *pysrc.Node // smallest list, tuple or call that holds it
	Depth   int         // statement nesting; 0: unconditional
	Stmt    *pysrc.Stmt
}

var routeFuncs = map[string]string{
	"django.urls.path": "path", "django.urls.re_path": "re_path",
	"django.urls.conf.path": "path", "django.urls.conf.re_path": "re_path",
	"django.conf.urls.url": "url", "django.conf.urls.defaults.url": "url", "django.conf.urls.re_path": "re_path",
}

// AdminRoutes finds every route of m whose view is <site>.urls, in source order.
func AdminRoutes(m *pysrc.Module) []Route {
	sc := NewScope(m)
	var out []Route
	var cur *pysrc.Stmt
	var visit func(n, list *pysrc.Node)
	visit = func(n, list *pysrc.Node) {
		if n.Kind == pysrc.Call {
			if r, ok := route(m, sc, n); ok {
				r.InList, r.Depth, r.Stmt = list, cur.Depth, cur
				out = append(out, r)
			}
		}
		for _, k := range n.Kids {
			l := list
			if n.Kind == pysrc.List || n.Kind == pysrc.Tuple || n.Kind == pysrc.Call {
				l = n
			}
			visit(k, l)
		}
	}
	pysrc.Walk(m.Stmts, func(s *pysrc.Stmt) {
		cur = s
		for _, n := range s.Exprs {
			visit(n, nil)
		}
		if s.Value != nil {
			visit(s.Value, nil)
		}
	}, func(*pysrc.Node) {})
	return out
}

func route(m *pysrc.Module, sc *Scope, c *pysrc.Node) (Route, bool) {
	fn := routeFunc(sc, c.Kids[0])
	if fn == "" {
		return Route{}, false
	}
	pat, view := routeArgs(c)
	if pat == nil || view == nil {
		return Route{}, false
	}
	r := Route{Func: fn, Call: c, Pattern: pat}
	if view.Kind == pysrc.Call && len(view.Kids) > 1 && strings.HasSuffix(sc.Resolve(view.Kids[0]), "include") {
		r.Wrapped = true
		view = view.Kids[1]
	}
	if view.Kind != pysrc.Attr || view.Name != "urls" {
		return Route{}, false
	}
	site := sc.Resolve(view.Kids[0])
	switch {
	case site == "django.contrib.admin.site" || site == "django.contrib.admin.sites.site" || site == "django.contrib.gis.admin.site":
		r.Certain = true
	case view.Kids[0].Kind == pysrc.Name && sc.Sites[view.Kids[0].Name] != "":
		r.Certain = true
		site = sc.Sites[view.Kids[0].Name]
	}
	if site == "" {
		return Route{}, false
	}
	r.Site, r.Object = site, view.Kids[0]
	r.Value, r.Literal = m.StrValue(pat)
	return r, true
}

// routeFunc tells path, re_path or url behind a callee, star imports included.
func routeFunc(sc *Scope, callee *pysrc.Node) string {
	if fn := routeFuncs[sc.Resolve(callee)]; fn != "" {
		return fn
	}
	if callee.Kind != pysrc.Name || len(sc.Star) == 0 {
		return ""
	}
	if _, known := sc.Alias[callee.Name]; known {
		return ""
	}
	switch callee.Name {
	case "path", "re_path", "url":
		return callee.Name
	}
	return ""
}

func routeArgs(c *pysrc.Node) (pattern, view *pysrc.Node) {
	for i, a := range c.Kids[1:] {
		switch {
		case a.Kind == pysrc.Star || a.Kind == pysrc.Star2:
			return nil, nil
		case a.Kind == pysrc.KwArg && (a.Name == "route" || a.Name == "regex"):
			pattern = a.Kids[0]
		case a.Kind == pysrc.KwArg && a.Name == "view":
			view = a.Kids[0]
		case a.Kind == pysrc.KwArg:
		case i == 0:
			pattern = a
		case i == 1:
			view = a
		}
	}
	return pattern, view
}
