package pyeval

import (
	"bytes"
	"strings"

	"github.com/djharden/djharden/internal/pysrc"
)

// URLs reads URLconfs. It runs the modules that hold routes, and none of the
// views and models that they import: those are known by their dotted names.
type URLs struct {
	in      *interp
	setting func(name string) (*Value, Truth)
	run     map[string]bool // by file
}

// Call is a call that a URLconf consists of, with its arguments: path(),
// include(), a router and what is registered with it.
type Call struct {
	Name  string   // "path", "re_path", "include", "i18n", "router", "register", "site"
	Pos   []*Value // arguments by place
	At    Place
	Open  bool   // there may be more arguments
	Of    *Value // the router that a nested one is below
	Class string // of a site: the dotted path of its class

	kw    []kwarg
	items *Value // of a router: what is registered
}

// Arg is an argument by place or by name, nil when it isn't given.
func (c *Call) Arg(i int, name string) *Value {
	return (&call{pos: c.Pos, kw: c.kw}).arg(i, name)
}

// NewURLs makes a reader of the URLconfs of a project. setting gives Django's
// settings: Yes with a value, No where there is none of that name.
func NewURLs(o Options, setting func(name string) (*Value, Truth)) *URLs {
	if o.Root == "" {
		o.Root = "/project"
	}
	if len(o.Path) == 0 {
		o.Path = []string{"."}
	}
	u := &URLs{setting: setting, run: map[string]bool{}}
	u.in = &interp{
		o: o, fs: o.FS, mods: map[string]*Module{}, sources: map[string]*Source{},
		assumed: map[string]bool{}, missing: map[string]bool{}, urls: u,
	}
	return u
}

// Patterns is what urlpatterns of a module holds, nil when the project has no
// such module or it can't be read; then stop says why, where it is known.
func (u *URLs) Patterns(module string) (v *Value, stop *Stop) {
	in := u.in
	in.stmt = 0
	defer func() {
		switch x := recover().(type) {
		case nil:
		case *pyExc:
			v, stop = nil, &Stop{At: x.at, Why: x.words()}
		case outOfSteps:
			v, stop = nil, &Stop{At: in.now, Why: "it takes too long to work out"}
		default:
			panic(x)
		}
	}()
	if file, _, ok := in.file(module); ok && file != "" {
		u.run[file] = true
	}
	m := in.load(module, Place{})
	if m == nil {
		return nil, nil
	}
	return u.PatternsOf(in.object(Place{}, m)), nil
}

// PatternsOf is urlpatterns of a module that a value holds, nil for others.
func (u *URLs) PatternsOf(v *Value) *Value {
	m, ok := v.Ref.(*Module)
	if !ok || m.ns == nil {
		return nil
	}
	if m.shut { // imported before anybody knew that it holds routes
		delete(u.in.mods, m.Name)
		v, _ := u.Patterns(m.Name)
		return v
	}
	b := m.ns.vars["urlpatterns"]
	if b == nil {
		return nil
	}
	return b.v
}

// Origin is the dotted path of a function, a class or what a class gives
// (X.as_view()), as far as it is known where it comes from; "" elsewhere.
func (v *Value) Origin() string {
	if v == nil {
		return ""
	}
	switch r := v.Ref.(type) {
	case *Native:
		name := r.Name
		for _, end := range []string{"()", ".as_view"} {
			name = strings.TrimSuffix(name, end)
		}
		return name
	case *Func:
		if r.class != nil {
			return r.class.full + "." + r.Name
		}
		return r.scope.mod.Name + "." + r.Name
	case *Class:
		return r.full
	case *Module:
		return r.Name
	}
	return ""
}

// holdsRoutes tells the modules that a URLconf is made of from views: these
// rarely speak of routes. Regular expressions would take most of the time here.
func holdsRoutes(src []byte) bool {
	for _, word := range []string{"urlpatterns", "AdminSite", "Router("} {
		if bytes.Contains(src, []byte(word)) {
			return true
		}
	}
	return callsWith(src, "path(", "_ ([,\n\t=") || callsWith(src, "url(", " ([,\n\t=") || callsWith(src, ".register(", "")
}

// callsWith reports whether a call has a string as its first argument; before
// are the bytes that its name may follow, any where there are none.
func callsWith(src []byte, name, before string) bool {
	for {
		i := bytes.Index(src, []byte(name))
		if i < 0 {
			return false
		}
		arg := bytes.TrimLeft(src[i+len(name):], " \t\r\nrf")
		if len(arg) > 0 && (arg[0] == '"' || arg[0] == '\'') && (before == "" || i > 0 && strings.IndexByte(before, src[i-1]) >= 0) {
			return true
		}
		src = src[i+len(name):]
	}
}

// runs reports whether a module of the project is run.
func (u *URLs) runs(in *interp, file string) bool {
	yes, known := u.run[file]
	if known {
		return yes
	}
	if src, err := readFile(in.fs, file); err == nil {
		yes = holdsRoutes(src)
	}
	u.run[file] = yes
	return yes
}

// namesOf gives a module that isn't run the names it binds at its top level:
// somebody imports them all.
func (in *interp) namesOf(m *Module) {
	file, _, _ := in.file(m.Name)
	src, err := in.source(file)
	if err != nil {
		return
	}
	at := Place{Src: src}
	add := func(name string) {
		if name != "*" && m.ns.vars[name] == nil {
			in.assign(m.ns, name, in.dotted(nil, m.Name+"."+name, at), at, "=")
		}
	}
	for _, s := range src.Mod.Stmts {
		if s.Key == "def" || s.Key == "class" {
			add(s.Name)
		}
		for _, a := range s.Names {
			add(a.Local(s.Kind))
		}
		for _, t := range s.Targets {
			if t.Kind == pysrc.Name {
				add(t.Name)
			}
		}
	}
}

// settingOf is the value of a dotted name that is a setting, nil for others.
func (u *URLs) settingOf(in *interp, name string, at Place) *Value {
	short, ok := strings.CutPrefix(name, "django.conf.settings.")
	if !ok {
		short, ok = strings.CutPrefix(name, in.o.Module+".")
	}
	if !ok || strings.Contains(short, ".") || !isSetting(short) {
		return nil
	}
	v, is := u.setting(short)
	switch is {
	case Yes:
		x := *v
		x.At, x.seq, x.changes = at, in.next(), nil
		return &x
	case No:
		in.fault(at, "AttributeError", "there is no setting "+short)
	}
	return in.unknown(at, Unknown, "the setting "+short+" can't be told", v)
}

// hasAttr is hasAttr, and knows the settings.
func (in *interp) hasAttr(v *Value, name string) Truth {
	if r, ok := v.Ref.(*Native); ok && in.urls != nil && r.Name == "django.conf.settings" {
		_, is := in.urls.setting(name)
		return is
	}
	return hasAttr(v, name)
}

// instance makes a router or an admin site of a class of the project; nil: the
// class is of another kind.
func (u *URLs) instance(in *interp, c *Class, args *call) *Value {
	switch {
	case c.isA("AdminSite", "OTPAdminSite", "AdminSiteOTPRequired", "AdminSiteOTPRequiredMixin"):
		return in.object(args.at, &Call{Name: "site", At: args.at, Class: c.full})
	case c.isA("DefaultRouter", "SimpleRouter", "BaseRouter", "ExtendedDefaultRouter", "ExtendedSimpleRouter"):
		return router(in, args)
	case c.isA("NestedDefaultRouter", "NestedSimpleRouter", "NestedMixin"):
		return nestedRouter(in, args)
	}
	return nil
}

// wrapped is the view that a decorator is applied to: login_required(view),
// cache_page(60)(X.as_view()). nil: no argument is a view.
func wrapped(c *call) *Value {
	for i := len(c.pos) - 1; i >= 0; i-- {
		switch r := c.pos[i].Ref.(type) {
		case *Func:
			return c.pos[i]
		case *Native:
			l := last(strings.TrimSuffix(r.Name, "()"))
			if r.self == nil && (l == "as_view" || strings.HasSuffix(r.Name, ".as_view()") || isView(r.Name)) {
				return c.pos[i]
			}
		}
	}
	return nil
}

// isView tells by its dotted name a function of a views module.
func isView(name string) bool {
	l := last(name)
	return strings.Contains(name, "view") && l != "" && (l[0] == '_' || l[0] >= 'a' && l[0] <= 'z') && !strings.HasSuffix(name, ")")
}
