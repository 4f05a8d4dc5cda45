package audit

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"golang.org/x/tools/txtar"

	"github.com/djharden/djharden/internal/django"
	"github.com/djharden/djharden/internal/pyeval"
)

// routesOf reads the routes of a project whose settings are config/settings.py
// and whose URLs are config/urls.py.
func routesOf(t *testing.T, archive string) string {
	t.Helper()
	fsys := fstest.MapFS{"config/__init__.py": {}}
	for _, f := range txtar.Parse([]byte(archive)).Files {
		fsys[f.Name] = &fstest.MapFile{Data: f.Data}
	}
	if fsys["config/settings.py"] == nil {
		fsys["config/settings.py"] = &fstest.MapFile{}
	}
	settings := fsys["config/settings.py"].Data
	fsys["config/settings.py"] = &fstest.MapFile{Data: []byte("ROOT_URLCONF = 'config.urls'\nDEBUG = False\n" + string(settings))}
	o := pyeval.Options{FS: fsys, Path: []string{"."}, Module: "config.settings"}
	result, err := pyeval.Load(o)
	if err != nil {
		t.Fatal(err)
	}
	p := &Project{FS: fsys, Site: &django.Site{Path: o.Path}, Result: result}
	list, stop := p.readRoutes(o)
	var b strings.Builder
	for _, r := range list {
		fmt.Fprintf(&b, "%s -> %s%s\n", r.Pattern, r.View, flags(r))
	}
	if stop != nil {
		line, _ := stop.At.Position()
		fmt.Fprintf(&b, "%s:%d: %s\n", stop.At.Path(), line, stop.Why)
	}
	return b.String()
}

func flags(r Route) string {
	out := ""
	if !r.Literal {
		out += " open"
	}
	if r.Regex {
		out += " regex"
	}
	if r.I18n {
		out += " i18n"
	}
	if r.Maybe {
		out += " maybe"
	}
	if r.Package {
		out += " package"
	}
	if len(r.Env) > 0 {
		out += " $" + strings.Join(r.Env, " $")
	}
	return out
}

const urlsHead = "-- config/urls.py --\nfrom django.contrib import admin\nfrom django.urls import include, path, re_path\n"

var routesCases = []struct{ name, tree, want string }{
	{"plain", urlsHead + `
from school import views
from school.views import Home
from rest_framework_simplejwt.views import TokenObtainPairView
urlpatterns = [
    path('admin/', admin.site.urls),
    path('', Home.as_view(), name='home'),
    path('about/', views.about),
    path('api/token/', TokenObtainPairView.as_view()),
    re_path(r'^old/$', views.Old.as_view(x=1)),
    re_path(r'^p/(?P<pk>\d+)/$', views.page),
]
-- school/views.py --
raise Exception('views are not run')
`, `admin/ -> admin
 -> school.views.Home
about/ -> school.views.about
api/token/ -> rest_framework_simplejwt.views.TokenObtainPairView
old/ -> school.views.Old
p/(?P<pk>\d+)/$ -> school.views.page regex
`},
	{"includes", urlsHead + `
from school import urls as school_urls
urlpatterns = [
    path('a/', include('school.urls')),
    path('b/', include(school_urls)),
    path('c/', include(('school.urls', 'school'), namespace='c')),
    path('d/', include([path('x/', include('school.urls')), path('y/', admin.site.urls)])),
    path('e/', include((school_urls.urlpatterns, 'school'))),
    path('f/', include('gone.urls')),
    path('api/', include('djoser.urls.jwt')),
    re_path(r'^g/', include(admin.site.urls)),
]
-- school/__init__.py --
raise Exception('packages are not run')
-- school/urls.py --
from django.urls import path
from .views import V
urlpatterns = [path('v/', V.as_view())]
`, `a/v/ -> school.views.V
b/v/ -> school.views.V
c/v/ -> school.views.V
d/x/v/ -> school.views.V
d/y/ -> admin
e/v/ -> school.views.V
f/ -> gone.urls package
api/jwt/create/ -> rest_framework_simplejwt.views.TokenObtainPairView
api/jwt/refresh/ -> rest_framework_simplejwt.views.TokenRefreshView
api/jwt/verify/ -> rest_framework_simplejwt.views.TokenVerifyView
api/ -> djoser.urls.jwt package
g/ -> admin
`},
	{"a cycle", urlsHead + "urlpatterns = [path('x/', include('config.urls')), path('y/', include('config.more'))]\n-- config/more.py --\nfrom django.urls import include, path\nurlpatterns = [path('z/', include('config.urls')), path('end/', lambda r: r)]\n",
		"y/end/ -> config.more.<lambda>\n"},
	{"grown", urlsHead + `
from django.conf import settings
from django.conf.urls.static import static
from school import views as v
urlpatterns = [path('a/', v.a)]
urlpatterns += [path('b/', v.b)]
urlpatterns.append(path('c/', v.c))
urlpatterns.extend([path('d/', v.d)])
urlpatterns.insert(0, path('first/', v.first))
urlpatterns = [*urlpatterns, path('e/', v.e)] + static(settings.MEDIA_URL, document_root='x')
if settings.DEBUG:
    import debug_toolbar
    urlpatterns += [path('__debug__/', include(debug_toolbar.urls))]
for name in ['x', 'y']:
    urlpatterns.append(path(f'loop/{name}/', v.loop))
def more():
    return [path('more/', v.more)]
urlpatterns += more()
-- school/views.py --
-- config/settings.py --
MEDIA_URL = '/media/'
`, `first/ -> school.views.first
a/ -> school.views.a
b/ -> school.views.b
c/ -> school.views.c
d/ -> school.views.d
e/ -> school.views.e
loop/x/ -> school.views.loop
loop/y/ -> school.views.loop
more/ -> school.views.more
`},
	{"DEBUG on", urlsHead + `
from django.conf import settings
from django.conf.urls.static import static
urlpatterns = static(settings.MEDIA_URL)
if settings.DEBUG:
    import debug_toolbar
    urlpatterns += [path('__debug__/', include(debug_toolbar.urls))]
-- config/settings.py --
DEBUG = True
MEDIA_URL = '/media/'
`, `media/ -> django.views.static.serve
__debug__/ -> debug_toolbar.urls package
`},
	{"paths from settings and the environment", urlsHead + `
import os
from django.conf import settings
from django.utils.translation import gettext_lazy as _
urlpatterns = [
    path(settings.ADMIN_URL, admin.site.urls),
    path(f'{settings.PREFIX}x/', admin.site.urls),
    path(getattr(settings, 'NONE', 'fallback/'), admin.site.urls),
    path(os.environ.get('P', 'p/'), admin.site.urls),
    path(settings.SECRET_ADMIN + '/', admin.site.urls),
    path('pre/' + settings.SECRET_ADMIN, admin.site.urls),
    path(_('translated/'), admin.site.urls),
    re_path('^' + settings.PREFIX.strip('/') + '/', admin.site.urls),
]
-- config/settings.py --
import os
ADMIN_URL = os.getenv('ADMIN_URL', 'boss/')
PREFIX = 'pre/'
SECRET_ADMIN = os.environ['SECRET_ADMIN']
`, `boss/ -> admin $ADMIN_URL
pre/x/ -> admin
fallback/ -> admin
p/ -> admin $P
 -> admin open $SECRET_ADMIN
pre/ -> admin open $SECRET_ADMIN
translated/ -> admin
pre/ -> admin
`},
	{"conditions", urlsHead + `
from django.conf import settings
from school import views as v
urlpatterns = [path('a/', v.a)]
if settings.ADMIN_ENABLED:
    urlpatterns += [path('admin/', admin.site.urls)]
if settings.SOMETHING:
    urlpatterns += [path('some/', v.some)]
if getattr(settings, 'NEVER', False):
    urlpatterns += [path('never/', v.never)]
if hasattr(settings, 'ADMIN_ENABLED'):
    urlpatterns += [path('has/', v.has)]
try:
    import debug_toolbar
except ImportError:
    pass
-- config/settings.py --
import os, random
ADMIN_ENABLED = os.environ.get('ADMIN_ENABLED', 'yes') == 'yes'
SOMETHING = random.getrandbits(1)
`, `a/ -> school.views.a
admin/ -> admin
some/ -> school.views.some maybe
has/ -> school.views.has
`},
	{"routers", urlsHead + `
from rest_framework.routers import DefaultRouter
from rest_framework_nested import routers
from config.api_router import router as other
from school.views import CourseViewSet, UnitViewSet
router = DefaultRouter()
router.register(r'courses', CourseViewSet, basename='course')
router.registry.extend(other.registry)
units = routers.NestedSimpleRouter(router, r'courses', lookup='course')
units.register('units', UnitViewSet)
urlpatterns = [path('api/', include(router.urls)), path('api/', include(units.urls))]
urlpatterns += router.urls
-- config/api_router.py --
from rest_framework.routers import SimpleRouter
class Mine(SimpleRouter):
    pass
router = Mine(trailing_slash=False)
router.register('users', UserViewSet)
`, `api/courses/ -> school.views.CourseViewSet
api/users/ -> 
api/courses/{id}/units/ -> school.views.UnitViewSet
courses/ -> school.views.CourseViewSet
users/ -> 
`},
	{"decorated views", urlsHead + `
from django.contrib.auth.decorators import login_required
from django.views.decorators.cache import cache_page
from django_ratelimit.decorators import ratelimit
from school.views import V, f
from school import views
@login_required
def own(request): pass
class Own(V): pass
urlpatterns = [
    path('a/', login_required(V.as_view())),
    path('b/', cache_page(60 * 15)(views.page)),
    path('c/', ratelimit(key='ip', rate='5/m')(V.as_view())),
    path('d/', own),
    path('e/', Own.as_view()),
    path('f/', f),
    path('g/', views.Feed()),
]
`, `a/ -> school.views.V
b/ -> school.views.page
c/ -> school.views.V
d/ -> config.urls.own
e/ -> config.urls.Own
f/ -> school.views.f
g/ -> school.views.Feed
`},
	{"i18n", urlsHead + `
from django.conf.urls.i18n import i18n_patterns
urlpatterns = [path('x/', include('none.urls'))]
urlpatterns += i18n_patterns(path('admin/', admin.site.urls), path('y/', include('school.urls')), prefix_default_language=False)
-- school/urls.py --
from django.urls import path
from . import views
urlpatterns = [path('z/', views.z)]
`, `x/ -> none.urls package
admin/ -> admin i18n
y/z/ -> school.views.z i18n
`},
	{"admin sites", urlsHead + `
from school.admin import my_site
from two.admin import admin_site
from django_otp.admin import OTPAdminSite
otp = OTPAdminSite(name='otp')
class Local(admin.AdminSite):
    site_header = 'x'
local = Local()
urlpatterns = [path('one/', my_site.urls), path('two/', admin_site.urls), path('three/', otp.urls), path('four/', local.urls)]
-- school/admin.py --
from django.contrib.admin import AdminSite
from .models import Course
class MySite(AdminSite):
    pass
my_site = MySite(name='mine')
my_site.register(Course)
`, "one/ -> admin\ntwo/ -> admin\nthree/ -> admin\nfour/ -> admin\n"},
	{"old Django", `
-- config/urls.py --
from django.conf.urls import include, patterns, url
from django.contrib import admin
admin.autodiscover()
urlpatterns = patterns('school.views',
    url(r'^$', 'index'),
    url(r'^admin/', include(admin.site.urls)),
    url(r'^s/', include('school.urls', namespace='s')),
)
-- school/urls.py --
from django.conf.urls import *
urlpatterns = [url(r'^a/', 'school.views.a')]
`, " -> index\nadmin/ -> admin\ns/a/ -> school.views.a\n"},
	{"star imports", urlsHead + `
from school.views import *
from config.more import *
urlpatterns += [path('home/', home), path('v/', V.as_view())]
-- school/views.py --
from other import V
def home(request): pass
-- config/more.py --
from django.urls import path
from . import views
urlpatterns = [path('more/', views.more)]
`, "more/ -> config.views.more\nhome/ -> school.views.home\nv/ -> school.views.V\n"},
	{"what can't be followed", urlsHead + `
from lib import build
urlpatterns = [path('a/', build.view)] + build.patterns()
`, "a/ -> lib.build.view\nconfig/urls.py:5: a part of the URLs can't be followed\n"},
	{"no URLconf", "-- config/settings.py --\nROOT_URLCONF = 'gone.urls'\n", "config/settings.py:3: there is no module gone.urls\n"},
	{"broken", "-- config/urls.py --\nurlpatterns = [\n", ":0: config/urls.py can't be read as Python: line 1, column 15: bracket never closed\n"},
}

// TestRoutesBounded gives up on URLconfs that include each other twice, level
// below level.
func TestRoutesBounded(t *testing.T) {
	var b strings.Builder
	for i := range 40 {
		fmt.Fprintf(&b, "-- config/u%d.py --\nimport random\nfrom django.urls import include, path\nurlpatterns = [path('a', include('config.u%d')), path('b', include('config.u%d'))]\nif random.random() > 0.5:\n    urlpatterns = [path('c', include('config.u%d'))]\n", i, i+1, i+1, i+1)
	}
	got := routesOf(t, b.String()+"-- config/u40.py --\nurlpatterns = []\n-- config/urls.py --\nfrom config.u0 import urlpatterns\n")
	if !strings.Contains(got, "the URLs are too many") {
		t.Errorf("got %s", got)
	}
}

func TestRoutes(t *testing.T) {
	for _, c := range routesCases {
		if got := routesOf(t, c.tree); got != c.want {
			t.Errorf("%s:\ngot\n%s\nwant\n%s", c.name, got, c.want)
		}
	}
}
