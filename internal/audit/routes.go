package audit

import (
	"slices"

	"github.com/djharden/djharden/internal/pyeval"
)

// Route is one entry of a URLconf.
type Route struct {
	Pattern string       // with the prefixes of the includes above it, without ^ and $ around it: "api/token/"; as far as it is literal
	Literal bool         // Pattern is wholly known
	Regex   bool         // Pattern is a regular expression
	I18n    bool         // below the prefix of a language, which Pattern leaves out
	Maybe   bool         // whether it is there depends on a condition that can't be decided
	Package bool         // View is the URLconf of a package, whose own routes aren't listed
	Env     []string     // the environment variables that Pattern depends on
	View    string       // dotted origin of the view, the class for X.as_view() and of what a router registers: "rest_framework_simplejwt.views.TokenObtainPairView"; "admin" for an admin site; "" when it can't be told
	At      pyeval.Place // path(...), include(...) or router.register(...) as it is written
}

// Limits on URLconfs: a large project has some thousands of routes.
const (
	maxRoutes   = 50_000
	maxIncludes = 40 // within each other
)

// routes follows the root URLconf of a project.
type routes struct {
	urls  *pyeval.URLs
	chain []string // modules that are being included
	seen  int      // entries looked at, those of a module as often as it is included
	out   []Route
	stop  *pyeval.Stop // the first thing that couldn't be followed
}

// readRoutes reads the root URLconf and whatever it includes. stop is the first
// place where routes may be missing, nil when all were read.
func (p *Project) readRoutes(o pyeval.Options) (list []Route, stop *pyeval.Stop) {
	root, _ := p.get("ROOT_URLCONF")
	if root == nil || root.Kind != pyeval.Str {
		return nil, &pyeval.Stop{At: p.place("ROOT_URLCONF", root), Why: "ROOT_URLCONF can't be told"}
	}
	r := &routes{urls: pyeval.NewURLs(o, func(name string) (*pyeval.Value, pyeval.Truth) {
		switch v, own := p.get(name); {
		case own || v != nil:
			return v, pyeval.Yes
		case p.Result.Stopped != nil || p.Result.Open != nil:
			return nil, pyeval.Maybe
		}
		return nil, pyeval.No
	})}
	if !r.module(root.S, Route{Literal: true}) && r.stop == nil {
		r.stop = &pyeval.Stop{At: p.place("ROOT_URLCONF", root), Why: "there is no module " + root.S}
	}
	return r.out, r.stop
}

// module adds the routes of a URLconf; false: the project has none of the name.
func (r *routes) module(name string, above Route) bool {
	if slices.Contains(r.chain, name) {
		return true
	}
	v, stop := r.urls.Patterns(name)
	if stop != nil {
		r.missed(stop.At, stop.Why)
		return true
	}
	if v == nil {
		return false
	}
	r.chain = append(r.chain, name)
	r.list(v, above)
	r.chain = r.chain[:len(r.chain)-1]
	return true
}

func (r *routes) missed(at pyeval.Place, why string) {
	if r.stop == nil {
		r.stop = &pyeval.Stop{At: at, Why: why}
	}
}

// list adds the routes of urlpatterns, or of a list that is included. above is
// what the prefixes of the includes say so far.
func (r *routes) list(v *pyeval.Value, above Route) {
	r.seen += 1 + len(v.Items)
	if r.seen > maxRoutes || len(r.chain) > maxIncludes {
		r.missed(v.At, "the URLs are too many")
		return
	}
	switch {
	case v.Kind == pyeval.Choice:
		r.choice(v, above)
	case v.IsList():
		for _, x := range v.Items {
			r.item(x, above)
		}
		if v.Open {
			r.missed(v.At, "a part of the URLs can't be followed")
		}
	case v.Kind == pyeval.Object:
		r.item(v, above)
	default:
		r.missed(v.At, v.Reason())
	}
}

// choice adds the routes of each case; those of all cases are sure to be there.
func (r *routes) choice(v *pyeval.Value, above Route) {
	before, cases := r.out, v.Cases()
	var found []Route
	type place struct {
		pattern, view string
		at            pyeval.Place
	}
	count := map[place]int{}
	key := func(x Route) place { return place{x.Pattern, x.View, x.At} }
	for _, c := range cases {
		r.out = nil
		r.list(c, above)
		for _, x := range r.out {
			if count[key(x)]++; count[key(x)] == 1 {
				found = append(found, x)
			}
		}
	}
	for i := range found {
		found[i].Maybe = found[i].Maybe || count[key(found[i])] < len(cases)
	}
	r.out = append(before, found...)
}

// item adds what one entry of urlpatterns stands for.
func (r *routes) item(v *pyeval.Value, above Route) {
	switch c, _ := v.Ref.(*pyeval.Call); {
	case v.Kind == pyeval.Choice || v.IsList(): // a list in the list: Django refuses it, patterns() of old took it
		r.list(v, above)
	case c == nil:
		r.missed(v.At, v.Reason())
	case c.Name == "path" || c.Name == "re_path":
		r.path(c, above)
	case c.Name == "i18n":
		above.I18n = true
		for _, x := range c.Pos {
			r.item(x, above)
		}
	case c.Name == "register":
		r.registered(c, above)
	case c.Name == "static":
		r.static(c, above)
	case c.Name == "include":
		r.include(c, above)
	default:
		r.missed(v.At, "a part of the URLs can't be followed")
	}
}

// path adds a route, or those that it includes.
func (r *routes) path(c *pyeval.Call, above Route) {
	pattern, view := c.Arg(0, "route"), c.Arg(1, "view")
	if pattern == nil {
		pattern = c.Arg(-1, "regex")
	}
	if pattern == nil || view == nil {
		r.missed(c.At, "a route whose arguments can't be told")
		return
	}
	cases := pattern.Cases()
	for _, p := range cases {
		here := above
		here.Maybe = above.Maybe || len(cases) > 1
		here.below(p, c.Name == "re_path")
		here.At = c.At
		for _, v := range view.Cases() {
			last := here
			last.Maybe = here.Maybe || view.Kind == pyeval.Choice
			r.view(v, last)
		}
	}
}

// view adds the route of a view, or those of what stands in its place.
func (r *routes) view(v *pyeval.Value, here Route) {
	c, _ := v.Ref.(*pyeval.Call)
	switch {
	case c != nil && c.Name == "include":
		r.include(c, here)
	case c != nil && c.Name == "site":
		here.View = "admin"
		r.add(here)
	case v.IsList() && len(v.Items) > 0: // (urls, app, namespace), as site.urls was once
		r.list(v.Items[0], here)
	case v.Kind == pyeval.Str:
		here.View = v.S
		r.add(here)
	default:
		here.View = viewName(v.Origin())
		r.add(here)
	}
}

func (r *routes) add(x Route) { r.out = append(r.out, x) }
