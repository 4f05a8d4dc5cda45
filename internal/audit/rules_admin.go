package audit

import (
	"slices"
	"strings"

	"github.com/djharden/djharden/internal/pyeval"
)

const otpDocs = "https://django-otp-official.readthedocs.io/en/stable/"

var adminRules = []*Rule{
	{
		ID: "DH471", Name: "admin-default-path", Severity: Low, Item: 10,
		Title: "the admin is at /admin/",
		Why:   "Every scanner tries /admin/ first. Another path keeps the noise out of the logs; it hides the form and protects nothing by itself.",
		Fix:   `path(settings.ADMIN_PATH, admin.site.urls)  # from the environment: not in the repository`,
		ASVS:  []string{"13.4.5"},
		Refs:  []string{"https://docs.djangoproject.com/en/stable/ref/contrib/admin/#hooking-adminsite-instances-into-your-urlconf"},
		Bad: `-- config/urls.py --
from django.contrib import admin
from django.urls import path

urlpatterns = [path("admin/", admin.site.urls)]
`,
		Good: `-- config/urls.py --
from django.contrib import admin
from django.urls import path

urlpatterns = [path("admin-x7/", admin.site.urls)]
`,
		check: checkAdminPath,
	},
	{
		ID: "DH472", Name: "admin-otp-optional", Severity: Medium,
		Title: "a second factor is installed, but the admin doesn't ask for it",
		Why:   "django-otp changes nothing by itself: as long as the admin is Django's own AdminSite a password alone gets in.",
		Fix:   `admin.site.__class__ = OTPAdminSite  # from django_otp.admin, in urls.py; or default_site in an AdminConfig`,
		CWE:   []int{308},
		ASVS:  []string{"6.3.3", "6.3.4"},
		Refs:  []string{otpDocs + "auth.html#the-admin-site"},
		Bad: `INSTALLED_APPS += ["django_otp", "django_otp.plugins.otp_totp"]
MIDDLEWARE += ["django_otp.middleware.OTPMiddleware"]
-- config/urls.py --
from django.contrib import admin
from django.urls import path

urlpatterns = [path("staff/", admin.site.urls)]
`,
		Good: `INSTALLED_APPS += ["django_otp", "django_otp.plugins.otp_totp"]
MIDDLEWARE += ["django_otp.middleware.OTPMiddleware"]
-- config/urls.py --
from django.contrib import admin
from django.urls import path
from django_otp.admin import OTPAdminSite

admin.site.__class__ = OTPAdminSite
urlpatterns = [path("staff/", admin.site.urls)]
`,
		check: checkAdminOTP,
	},
	{
		ID: "DH473", Name: "otp-middleware", Severity: Medium,
		Title: "django-otp is installed without its middleware",
		Why:   "OTPMiddleware gives each user is_verified(). Without it views that ask for the second factor end in an exception.",
		Fix:   `MIDDLEWARE.insert(MIDDLEWARE.index("django.contrib.auth.middleware.AuthenticationMiddleware") + 1, "django_otp.middleware.OTPMiddleware")`,
		CWE:   []int{308},
		ASVS:  []string{"6.3.3"},
		Refs:  []string{otpDocs + "overview.html#installation"},
		Bad: `INSTALLED_APPS += ["django_otp", "django_otp.plugins.otp_totp"]
MIDDLEWARE = [m for m in MIDDLEWARE if "otp" not in m]
-- config/urls.py --
from django.urls import path
from django_otp.admin import OTPAdminSite

site = OTPAdminSite()
urlpatterns = [path("staff/", site.urls)]
`,
		Good: `INSTALLED_APPS += ["django_otp", "django_otp.plugins.otp_totp"]
MIDDLEWARE = [m for m in MIDDLEWARE if "otp" not in m]
MIDDLEWARE.insert(MIDDLEWARE.index("django.contrib.auth.middleware.AuthenticationMiddleware") + 1, "django_otp.middleware.OTPMiddleware")
-- config/urls.py --
from django.urls import path
from django_otp.admin import OTPAdminSite

site = OTPAdminSite()
urlpatterns = [path("staff/", site.urls)]
`,
		check: checkOTPMiddleware,
	},
	{
		ID: "DH474", Name: "debug-tools", Severity: Medium,
		Title: "a debugging tool is part of production",
		Why:   "Toolbars and profilers show settings, queries, headers and sessions, some of them store every request with its body. One wrong INTERNAL_IPS behind a proxy, and every visitor sees them.",
		Fix:   `INSTALLED_APPS.remove("debug_toolbar")  # add it in the development settings`,
		CWE:   []int{489},
		ASVS:  []string{"13.4.2", "15.2.3"},
		Refs:  []string{"https://django-debug-toolbar.readthedocs.io/en/latest/installation.html"},
		Bad:   `INSTALLED_APPS += ["silk"]`,
		Good:  "DEBUG = False\nif DEBUG:\n    INSTALLED_APPS += [\"debug_toolbar\"]",
		check: checkDebugTools,
	},
}

func checkAdminPath(p *Project, r *report) {
	found := false
	for _, route := range p.Routes {
		if route.View != "admin" {
			continue
		}
		found = true
		if !route.Literal && len(route.Env) > 0 {
			continue // a variable without a default: production chooses
		}
		if !route.Literal {
			r.take(p, "", nil, cantTell("the path of the admin can't be worked out").place(route.At))
			continue
		}
		switch {
		case !strings.EqualFold(barePattern(route.Pattern), "admin"):
		case route.Maybe:
			r.take(p, "", nil, cantTell("the admin is at /admin/ under a condition that can't be decided").place(route.At))
		default:
			r.fail(p, "", nil, "the admin is at /admin/").at(route.At).Value = route.Pattern
		}
	}
	switch installed := p.has("django.contrib.admin"); {
	case found:
	case p.NoRoutes != nil && installed != pyeval.No:
		r.unknown(p, "ROOT_URLCONF", p.setting("ROOT_URLCONF", nil), "not all URLs can be read, so it can't be told where the admin is: "+p.NoRoutes.Why)
	default:
		r.notApplicable("the admin isn't in the URLs")
	}
}

// barePattern is a route's pattern without what a regular expression adds to it.
func barePattern(pattern string) string {
	pattern = strings.TrimPrefix(strings.TrimPrefix(pattern, `\A`), "^")
	pattern = strings.TrimSuffix(strings.TrimSuffix(pattern, "$"), "/?")
	return strings.Trim(pattern, "/")
}

func (r *report) needsOTP(p *Project) bool {
	return r.needs(p, p.has("django_otp"), "INSTALLED_APPS", "django-otp")
}

// otpSites are the admin sites that ask for a second factor.
var otpSites = []string{"django_otp.admin.OTPAdminSite", "two_factor.admin.AdminSiteOTPRequired", "two_factor.admin.AdminSiteOTPRequiredMixin"}

func isOTPSite(list []string) bool {
	return slices.ContainsFunc(list, func(s string) bool { return slices.Contains(otpSites, s) })
}

func checkAdminOTP(p *Project, r *report) {
	if !r.needsOTP(p) {
		return
	}
	if !slices.ContainsFunc(p.Routes, func(route Route) bool { return route.View == "admin" || strings.HasPrefix(route.View, "admin.") }) {
		r.notApplicable("the admin isn't in the URLs")
		return
	}
	apps, _ := p.get("INSTALLED_APPS")
	list, whole := paths(apps)
	for _, name := range list {
		c := p.class(name)
		if c == nil || c.own("default_site") == nil {
			continue
		}
		site, ok := c.src.Mod.StrValue(c.own("default_site"))
		if _, others := p.lineage(site); !ok || isOTPSite(others) {
			return
		}
	}
	switch t := p.otpSites(); {
	case t == pyeval.Yes:
	case t == pyeval.Maybe || !whole:
		r.unknown(p, "INSTALLED_APPS", apps, "the project speaks of a second factor: whether the admin asks for it can't be told")
	default:
		r.fail(p, "INSTALLED_APPS", apps, "django_otp is installed, but the admin is Django's own: a password alone signs in")
	}
}

var (
	otpWords          = []string{"__class__ = OTPAdminSite", "__class__=OTPAdminSite", "__class__ = AdminSiteOTPRequired", "= OTPAdminSite(", "= AdminSiteOTPRequired("}
	secondFactorWords = []string{"otp_required", "is_verified(", "OTPRequiredMixin"}
)

var otpSubclass = lazy(`(?m)^class\s+(\w+)\s*\([^)]*(?:OTPAdminSite|AdminSiteOTPRequired)`)

// otpSites says whether the project's code puts a site that asks for a second
// factor in the admin's place: Maybe where it looks as if it did.
func (p *Project) otpSites() pyeval.Truth {
	uses := p.codeSays(otpWords...)
	if uses != pyeval.No {
		return uses
	}
	var own []string
	p.eachFile(p.dir(), p.isCode, func(text []byte) bool {
		for _, m := range otpSubclass().FindAllSubmatch(text, -1) {
			own = append(own, string(m[1]))
		}
		return true
	})
	for _, name := range own {
		if p.filesSay(p.dir(), p.isCode, "= "+name+"(", "="+name+"(", "__class__ = "+name, "."+name+`"`, "."+name+"'") != pyeval.No {
			return pyeval.Maybe
		}
	}
	if p.codeSays(secondFactorWords...) != pyeval.No {
		return pyeval.Maybe
	}
	return pyeval.No
}

func checkOTPMiddleware(p *Project, r *report) {
	if !r.needsOTP(p) {
		return
	}
	const otp = "django_otp.middleware.OTPMiddleware"
	v, _ := p.get("MIDDLEWARE")
	switch p.holdsLike("MIDDLEWARE", otp) {
	case pyeval.No:
		r.fail(p, "MIDDLEWARE", v, otp+" isn't in MIDDLEWARE")
	case pyeval.Maybe:
		r.take(p, "MIDDLEWARE", v, p.opaque(v))
	}
}

// debugTools are apps and middleware that belong to development.
var debugTools = map[string]string{
	"debug_toolbar":         "django-debug-toolbar",
	"silk":                  "django-silk",
	"django_browser_reload": "django-browser-reload",
	"querycount":            "django-querycount",
	"pyinstrument":          "pyinstrument",
	"nplusone":              "nplusone",
	"devserver":             "django-devserver",
	"django_watchfiles":     "django-watchfiles",
}

func checkDebugTools(p *Project, r *report) {
	for _, setting := range []string{"INSTALLED_APPS", "MIDDLEWARE"} {
		v, _ := p.get(setting)
		r.weigh(p, setting, v, func(v *pyeval.Value) verdict {
			list, whole := paths(v)
			for i, name := range list {
				top, _, _ := strings.Cut(name, ".")
				if tool := debugTools[top]; tool != "" {
					d := wrong("%s is on in production (%s)", tool, name)
					if len(list) == len(v.Items) {
						d.at = v.Items[i].At
					}
					return d
				}
			}
			if !whole {
				return p.opaque(v)
			}
			return right
		})
	}
}
