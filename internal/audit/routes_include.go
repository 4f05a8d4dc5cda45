package audit

import (
	"slices"
	"strings"

	"github.com/djharden/djharden/internal/pyeval"
)

// include adds the routes of what include() is given: a module, by name or
// itself, a list, a router's, or (either, the app's name).
func (r *routes) include(c *pyeval.Call, above Route) {
	v := c.Arg(0, "arg")
	if v == nil {
		r.missed(c.At, "an include whose argument can't be told")
		return
	}
	for _, v := range v.Cases() {
		if v.Kind == pyeval.Tuple && len(v.Items) > 0 {
			v = v.Items[0]
		}
		r.included(v, above)
	}
}

func (r *routes) included(v *pyeval.Value, above Route) {
	if v.Kind == pyeval.Str {
		if !r.module(v.S, above) {
			r.foreign(v.S, above)
		}
		return
	}
	if c, ok := v.Ref.(*pyeval.Call); ok && c.Name == "site" {
		above.View = "admin"
		r.add(above)
		return
	}
	if list := r.urls.PatternsOf(v); list != nil {
		name := v.Origin()
		if slices.Contains(r.chain, name) {
			return
		}
		r.chain = append(r.chain, name)
		r.list(list, above)
		r.chain = r.chain[:len(r.chain)-1]
		return
	}
	if name := v.Origin(); name != "" && !v.IsList() {
		r.foreign(name, above)
		return
	}
	r.list(v, above)
}

// foreign adds the routes of a package's URLconf that take a password, as far
// as they are known, and the URLconf itself.
func (r *routes) foreign(name string, above Route) {
	if view := viewName(name); view == "admin" {
		above.View = view
		r.add(above)
		return
	}
	for _, x := range packageRoutes[name] {
		here := above
		here.Pattern += x.pattern
		here.View = x.view
		r.add(here)
	}
	above.View, above.Package = name, true
	r.add(above)
}

// packageRoutes are routes of packages' own URLconfs that matter to the rules.
// Each was read in the package.
var packageRoutes = map[string][]struct{ pattern, view string }{
	"djoser.urls.jwt": {
		{"jwt/create/", "rest_framework_simplejwt.views.TokenObtainPairView"},
		{"jwt/refresh/", "rest_framework_simplejwt.views.TokenRefreshView"},
		{"jwt/verify/", "rest_framework_simplejwt.views.TokenVerifyView"},
	},
	"djoser.urls.authtoken":    {{"token/login/", "djoser.views.TokenCreateView"}, {"token/logout/", "djoser.views.TokenDestroyView"}},
	"rest_framework.urls":      {{"login/", "django.contrib.auth.views.LoginView"}},
	"django.contrib.auth.urls": {{"login/", "django.contrib.auth.views.LoginView"}},
	"dj_rest_auth.urls":        {{"login/", "dj_rest_auth.views.LoginView"}},
	"rest_auth.urls":           {{"login/", "rest_auth.views.LoginView"}},
	"allauth.urls":             {{"login/", "allauth.account.views.LoginView"}},
	"allauth.account.urls":     {{"login/", "allauth.account.views.LoginView"}},
	"two_factor.urls":          {{"account/login/", "two_factor.views.LoginView"}},
}

// registered adds what a router registers.
func (r *routes) registered(c *pyeval.Call, above Route) {
	prefix, view := c.Arg(0, "prefix"), c.Arg(1, "viewset")
	if prefix == nil || view == nil {
		r.missed(c.At, "something that a router registers can't be told")
		return
	}
	here := above
	if c.Of != nil {
		here.below(c.Of, false)
	}
	here.below(prefix, true)
	if here.Literal && prefix.S != "" {
		here.Pattern += "/"
	}
	here.At, here.View = c.At, viewName(view.Origin())
	r.add(here)
}

// static adds the route that static() makes.
func (r *routes) static(c *pyeval.Call, above Route) {
	if prefix := c.Arg(0, "prefix"); prefix != nil {
		above.below(prefix, false)
		above.Pattern = strings.TrimLeft(above.Pattern, "/")
	}
	above.At, above.View = c.At, "django.views.static.serve"
	r.add(above)
}

// below adds a pattern to what lies above it.
func (x *Route) below(pattern *pyeval.Value, regex bool) {
	text := pattern.S
	switch {
	case pattern.Kind == pyeval.Str:
	case pattern.Kind == pyeval.Unknown && pattern.Of == pyeval.Str:
		x.Literal = false
	default:
		text, x.Literal = "", false
	}
	x.Env = append(slices.Clone(x.Env), pattern.Env...)
	if regex {
		text = strings.TrimPrefix(strings.TrimPrefix(text, `\A`), "^")
		bare := strings.TrimSuffix(strings.TrimSuffix(text, "$"), `\Z`)
		if plainRegex().MatchString(bare) {
			text = bare
		} else {
			x.Regex = true
		}
	}
	x.Pattern += text
}

var plainRegex = lazy(`^[\w/%~ -]*$`)

// viewName is a view by its dotted name, "admin" for the routes of a site.
func viewName(origin string) string {
	base, ok := strings.CutSuffix(origin, ".urls")
	if !ok {
		return origin
	}
	switch base = strings.TrimSuffix(base, "()"); {
	case base == "django.contrib.admin.site", base == "django.contrib.admin.sites.site", base == "django.contrib.gis.admin.site",
		strings.HasSuffix(base, "AdminSite"), strings.HasSuffix(base, "admin_site"):
		return "admin"
	}
	return origin
}
