package django

import (
	"path"
	"regexp"
	"strings"

	"github.com/djharden/djharden/internal/pysrc"
)

// URLs is the root URLconf as far as the admin goes.
type URLs struct {
	Path  string
	Src   *pysrc.Module
	Scope *Scope
	Admin *Route // nil: no admin is mounted

	DefaultSite bool   // Admin mounts django.contrib.admin's own site
	Setting     string // the admin's path is settings.<Setting> already; "" when it is a literal
	Old         string // the literal path as a prefix: "admin/"
	Under       []int  // lines of other routes below the admin's path
	StaticMedia int    // line of static(settings.MEDIA_URL, ...), 0 when there is none
}

// readURLs finds the admin's route and refuses one that can't be moved.
func (p *Project) readURLs(t *tree) error {
	conf := p.Settings.Vars["ROOT_URLCONF"].Str
	file := strings.ReplaceAll(conf, ".", "/") + ".py"
	if err := t.link(file); err != nil {
		return err
	}
	if !t.files[file] {
		if pkg := strings.ReplaceAll(conf, ".", "/") + "/__init__.py"; t.files[pkg] {
			file = pkg
		} else {
			return p.Settings.refusal(p.Settings.Vars["ROOT_URLCONF"], "ROOT_URLCONF names "+conf+", which isn't at "+file, "Make it name the module that holds urlpatterns.")
		}
	}
	src, err := p.file(t, file)
	if err != nil {
		return err
	}
	m, err := parse(file, src)
	if err != nil {
		return err
	}
	u := &URLs{Path: file, Src: m, Scope: NewScope(m)}
	p.URLs = u
	if err := u.admin(); err != nil {
		return err
	}
	if u.Admin == nil {
		return p.adminElsewhere(t)
	}
	u.look()
	if u.Setting != "" && p.Settings.Vars[u.Setting] == nil && p.Kind != Made { // there prod.py and dev.py set it
		return u.refusal(u.Admin.Pattern, "the admin's path is settings."+u.Setting+", which "+p.Path+" doesn't set", "Set it there: "+u.Setting+" = 'admin/'.")
	}
	return nil
}

func (u *URLs) refusal(n *pysrc.Node, reason, manual string) error {
	return &Refusal{Path: u.Path, Line: Line(u.Src.Src, n.S), Reason: reason, Manual: manual}
}

const moveAdmin = "Write path('admin/', admin.site.urls) in the list of urlpatterns; djharden puts the path from the environment there."

// isAdmin tells an admin site from a router and whatever else has urls.
func isAdmin(r Route) bool {
	return r.Certain || strings.Contains(strings.ToLower(r.Site), "admin")
}

func (u *URLs) admin() error {
	var found []Route
	for _, r := range AdminRoutes(u.Src) {
		if isAdmin(r) {
			found = append(found, r)
		}
	}
	switch len(found) {
	case 0:
		return nil
	case 1:
	default:
		return u.refusal(found[1].Call, "the admin is mounted more than once", "Keep one route to an admin site; mount the others after djharden init.")
	}
	r := found[0]
	u.DefaultSite = strings.HasSuffix(r.Site, "admin.site") || strings.HasSuffix(r.Site, "admin.sites.site")
	if r.Depth > 0 || conditional(r) {
		return u.refusal(r.Call, "the admin is mounted under a condition", moveAdmin)
	}
	if r.Stmt.Kind != pysrc.SAssign && r.Stmt.Kind != pysrc.SAnn && r.Stmt.Kind != pysrc.SAug && r.Stmt.Kind != pysrc.SExpr {
		return u.refusal(r.Call, "the admin is mounted in a way that can't be followed", moveAdmin)
	}
	if !r.Literal {
		pat := r.Pattern
		for pat.Kind == pysrc.Paren {
			pat = pat.Kids[0]
		}
		if pat.Kind == pysrc.Attr && u.Scope.Resolve(pat.Kids[0]) == "django.conf.settings" && r.Func == "path" {
			u.Admin, u.Setting = &r, pat.Name
			return nil
		}
		if m := settingPattern.FindStringSubmatch(u.Src.Text(pat)); m != nil && u.Scope.Alias[m[1]] == "django.conf.settings" && r.Func != "path" {
			u.Admin, u.Setting = &r, m[2]
			return nil
		}
		return u.refusal(r.Pattern, "the admin's path is computed", moveAdmin)
	}
	u.Old = strings.TrimSuffix(strings.TrimPrefix(r.Value, "^"), "$")
	if r.Func != "path" && regexp.QuoteMeta(u.Old) != u.Old {
		return u.refusal(r.Pattern, "the admin's path is a pattern", moveAdmin)
	}
	if strings.Trim(u.Old, "/") == "" {
		return u.refusal(r.Pattern, "the admin is at the root of the site", moveAdmin)
	}
	if !strings.HasSuffix(u.Old, "/") {
		u.Old += "/"
	}
	u.Admin = &r
	return nil
}

// settingPattern is the admin's path as a pattern made of a setting.
var settingPattern = regexp.MustCompile(`^[fF]["']\^\{(\w+)\.(\w+)\}["']$`)

// conditional reports whether something between the statement and the route
// decides if it is there.
func conditional(r Route) bool {
	up := parents([]*pysrc.Stmt{r.Stmt})
	for n := up[r.Call]; n != nil; n = up[n] {
		switch n.Kind {
		case pysrc.List, pysrc.Tuple, pysrc.Call, pysrc.Paren, pysrc.Star, pysrc.KwArg, pysrc.Walrus:
		case pysrc.Bin:
			if n.Name != "+" {
				return true
			}
		default:
			return true
		}
	}
	return false
}

// look notes what else in the file goes with the admin, or with DEBUG off.
func (u *URLs) look() {
	pysrc.Walk(u.Src.Stmts, func(*pysrc.Stmt) {}, func(n *pysrc.Node) {
		if n.Kind != pysrc.Call {
			return
		}
		if strings.HasSuffix(u.Scope.Resolve(n.Kids[0]), "static.static") && u.StaticMedia == 0 && strings.Contains(string(u.Src.Src[n.S:n.E]), "MEDIA") {
			u.StaticMedia = Line(u.Src.Src, n.S)
		}
		if u.Old == "" || n == u.Admin.Call || routeFunc(u.Scope, n.Kids[0]) == "" {
			return
		}
		if pat, _ := routeArgs(n); pat != nil {
			if v, ok := u.Src.StrValue(pat); ok && strings.HasPrefix(strings.TrimPrefix(v, "^"), u.Old) {
				u.Under = append(u.Under, Line(u.Src.Src, n.S))
			}
		}
	})
}

// adminElsewhere refuses an admin that is mounted in another file.
func (p *Project) adminElsewhere(t *tree) error {
	if !p.Settings.Vars["INSTALLED_APPS"].Has("django.contrib.admin") {
		return nil
	}
	for _, name := range t.sorted() {
		if !strings.Contains(path.Base(name), "url") || path.Ext(name) != ".py" || name == p.URLs.Path {
			continue
		}
		src, err := t.read(name)
		if err != nil || !strings.Contains(string(src), ".urls") {
			continue
		}
		m, err := pysrc.Parse(src)
		if err != nil {
			continue
		}
		for _, r := range AdminRoutes(m) {
			if r.Certain {
				return &Refusal{Path: name, Line: Line(src, r.Call.S), Reason: "the admin is mounted in another file than " + p.URLs.Path, Manual: "Move the route there: path('admin/', admin.site.urls)."}
			}
		}
	}
	return nil
}
