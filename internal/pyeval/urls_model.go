package pyeval

import (
	"io/fs"
	"strings"
)

func init() {
	keep := func(name string) nativeFunc {
		return func(in *interp, c *call) *Value {
			return in.object(c.at, &Call{Name: name, Pos: c.pos, kw: c.kw, Open: c.open, At: c.at})
		}
	}
	for _, module := range []string{"django.urls", "django.urls.conf", "django.conf.urls", "django.conf.urls.defaults"} {
		register(map[string]nativeFunc{
			module + ".path":     keep("path"),
			module + ".re_path":  keep("re_path"),
			module + ".url":      keep("re_path"),
			module + ".include":  keep("include"),
			module + ".patterns": legacyPatterns,
		})
	}
	register(map[string]nativeFunc{
		"django.conf.urls.i18n.i18n_patterns":                     languagePatterns,
		"django.conf.urls.static.static":                          onlyDebug("static"),
		"debug_toolbar.toolbar.debug_toolbar_urls":                onlyDebug("static"),
		"django.contrib.staticfiles.urls.staticfiles_urlpatterns": onlyDebug("static"),
		"rest_framework.urlpatterns.format_suffix_patterns":       firstOf,
		"rest_framework.routers.DefaultRouter":                    router,
		"rest_framework.routers.SimpleRouter":                     router,
		"rest_framework_extensions.routers.ExtendedDefaultRouter": router,
		"rest_framework_extensions.routers.ExtendedSimpleRouter":  router,
		"rest_framework_nested.routers.DefaultRouter":             router,
		"rest_framework_nested.routers.SimpleRouter":              router,
		"rest_framework_nested.routers.NestedDefaultRouter":       nestedRouter,
		"rest_framework_nested.routers.NestedSimpleRouter":        nestedRouter,
		"django.contrib.admin.AdminSite":                          site,
		"django.contrib.admin.sites.AdminSite":                    site,
		"django_otp.admin.OTPAdminSite":                           site,
	})
	registerMethods(routerMethod)
	registerAttributes(callAttribute)
}

// readFile reads a regular file that isn't larger than a source may be.
func readFile(fsys fs.FS, name string) ([]byte, error) {
	info, err := fs.Stat(fsys, name)
	if err != nil || info.Size() > maxFile {
		return nil, err
	}
	return fs.ReadFile(fsys, name)
}

func firstOf(in *interp, c *call) *Value {
	if v := c.arg(0, "urlpatterns"); v != nil {
		return v
	}
	return in.unknown(c.at, List, "")
}

// legacyPatterns is patterns(prefix, ...) of Django before 1.10.
func legacyPatterns(in *interp, c *call) *Value {
	if len(c.pos) == 0 {
		return in.list(c.at, nil)
	}
	v := in.list(c.at, c.pos[1:])
	v.Open = c.open
	return v
}

// languagePatterns keeps the routes below a language's prefix as one.
func languagePatterns(in *interp, c *call) *Value {
	return in.list(c.at, []*Value{in.object(c.at, &Call{Name: "i18n", Pos: c.pos, kw: c.kw, Open: c.open, At: c.at})})
}

// onlyDebug models helpers that give a route with DEBUG on, and none without.
func onlyDebug(name string) nativeFunc {
	return func(in *interp, c *call) *Value {
		on := Maybe
		if in.urls != nil {
			if v, is := in.urls.setting("DEBUG"); is == Yes {
				on = v.Truth()
			} else if is == No {
				on = No
			}
		}
		switch on {
		case No:
			return in.list(c.at, nil)
		case Maybe:
			return in.choice(c.at, []*Value{in.list(c.at, nil), in.list(c.at, []*Value{in.object(c.at, &Call{Name: name, Pos: c.pos, kw: c.kw, At: c.at})})})
		}
		return in.list(c.at, []*Value{in.object(c.at, &Call{Name: name, Pos: c.pos, kw: c.kw, At: c.at})})
	}
}

func site(in *interp, c *call) *Value {
	return in.object(c.at, &Call{Name: "site", At: c.at, Class: "django.contrib.admin.AdminSite"})
}

func router(in *interp, c *call) *Value {
	return in.object(c.at, &Call{Name: "router", At: c.at, Pos: c.pos, kw: c.kw, items: in.list(c.at, nil)})
}

// nestedRouter is NestedDefaultRouter(parent, prefix, lookup=...).
func nestedRouter(in *interp, c *call) *Value {
	v := router(in, c)
	v.Ref.(*Call).Of = c.arg(0, "parent_router")
	return v
}

// routerMethod notes what is registered with a router.
func routerMethod(in *interp, recv *Value, name string, c *call) (*Value, bool) {
	r, ok := recv.Ref.(*Call)
	if !ok || r.Name != "router" || name != "register" {
		return nil, false
	}
	item := &Call{Name: "register", Pos: c.pos, kw: c.kw, At: c.at}
	if r.Of != nil {
		item.Of = in.nested(r, c.at)
	}
	in.touch(r.items, c.at, name)
	r.items.Items = append(r.items.Items, in.object(c.at, item))
	return recv, true
}

// nested is the path that a nested router stands below, as far as it is known:
// the prefix that it was given, and an identifier.
func (in *interp) nested(r *Call, at Place) *Value {
	prefix := r.Arg(1, "parent_prefix")
	if prefix == nil || prefix.Kind != Str {
		return in.unknown(at, Str, "the prefix of a nested router")
	}
	text := strings.Trim(prefix.S, "^/$") + "/{id}/"
	if outer, ok := r.Of.Ref.(*Call); ok && outer.Of != nil {
		if up := in.nested(outer, at); up.Kind == Str {
			text = up.S + text
		}
	}
	return in.str(at, text)
}

// callAttribute is what routers and admin sites give.
func callAttribute(in *interp, recv *Value, name string, at Place) (*Value, bool) {
	r, ok := recv.Ref.(*Call)
	if !ok {
		return nil, false
	}
	switch {
	case r.Name == "router" && (name == "urls" || name == "get_urls"):
		v := in.list(at, append([]*Value(nil), r.items.Items...))
		v.Open = r.items.Open
		return v, true
	case r.Name == "router" && name == "registry":
		return r.items, true
	case r.Name == "site" && name == "urls":
		return in.object(at, r), true
	}
	return nil, false
}
