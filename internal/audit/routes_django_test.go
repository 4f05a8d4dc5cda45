package audit

import (
	"cmp"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/djharden/djharden/internal/django"
	"github.com/djharden/djharden/internal/pyeval"
)

// resolver prints what Django's own resolver holds: of each route the pattern
// and the view. Of what a router makes it takes the lists.
const resolver = `
import json, sys
import django
django.setup()
from django.urls import get_resolver
from django.urls.resolvers import RegexPattern

out = []

def text(p, above):
    p = p.pattern
    if isinstance(p, RegexPattern):
        s = str(p._regex)
        return above + s.removeprefix("^").removesuffix("$")
    if hasattr(p, "prefix_default_language"):
        return above
    return above + str(p._route)

def name(view):
    for attr in ("cls", "view_class"):
        if hasattr(view, attr):
            c = getattr(view, attr)
            return c.__module__ + "." + c.__name__  # @api_view gives its class the function's name
    return view.__module__ + "." + view.__name__

def walk(patterns, above):
    for p in patterns:
        here = text(p, above)
        if hasattr(p, "url_patterns"):
            if getattr(p, "app_name", None) == "admin":
                out.append([here, "admin"])
            else:
                walk(p.url_patterns, here)
        elif "format" not in here and not (hasattr(p.callback, "cls") and p.callback.initkwargs.get("detail") is not None and p.callback.initkwargs.get("detail")):
            if name(p.callback) != "rest_framework.routers.APIRootView":
                out.append([here, name(p.callback)])

walk(get_resolver().url_patterns, "")
json.dump(out, sys.stdout)
`

// trickyURLs is a project whose URLconfs are written in many ways.
const trickyURLs = `
-- manage.py --
import os
os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'config.settings')
-- config/__init__.py --
-- config/settings.py --
import os
DEBUG = False
SECRET_KEY = 'x'
ROOT_URLCONF = 'config.urls'
INSTALLED_APPS = ['django.contrib.admin', 'django.contrib.auth', 'django.contrib.contenttypes', 'django.contrib.sessions', 'django.contrib.messages', 'rest_framework']
MIDDLEWARE = ['django.contrib.sessions.middleware.SessionMiddleware', 'django.contrib.auth.middleware.AuthenticationMiddleware', 'django.contrib.messages.middleware.MessageMiddleware']
TEMPLATES = [{'BACKEND': 'django.template.backends.django.DjangoTemplates', 'APP_DIRS': True, 'OPTIONS': {'context_processors': ['django.template.context_processors.request', 'django.contrib.auth.context_processors.auth', 'django.contrib.messages.context_processors.messages']}}]
MEDIA_URL = '/media/'
STATIC_URL = '/static/'
ADMIN = os.environ.get('ADMIN', 'boss')
FEATURES = {'reports': True, 'beta': False}
-- config/api.py --
from rest_framework import routers
from school.views import CourseViewSet, UserViewSet
router = routers.DefaultRouter()
router.register('courses', CourseViewSet, basename='course')
more = routers.SimpleRouter()
more.register(r'users', UserViewSet, basename='user')
router.registry.extend(more.registry)
-- config/urls.py --
from functools import partial
from django.conf import settings
from django.conf.urls.i18n import i18n_patterns
from django.conf.urls.static import static
from django.contrib import admin
from django.contrib.auth.decorators import login_required
from django.urls import include, path, re_path
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import cache_page
from django.views.generic.base import TemplateView
from rest_framework.urlpatterns import format_suffix_patterns
from rest_framework_simplejwt import views as jwt
from config.api import router
from school import views
from school.views import *

PREFIX = 'v%d/' % 2
api = [
    path('token/', jwt.TokenObtainPairView.as_view()),
    path('token/refresh/', jwt.TokenRefreshView.as_view()),
    path('', include(router.urls)),
]
urlpatterns = [
    path(f'{settings.ADMIN}/', admin.site.urls),
    path('', TemplateView.as_view(template_name='x.html')),
    path('api/' + PREFIX, include((api, 'api'), namespace='v2')),
    re_path(r'^courses/', include('school.urls', namespace='c1')),
    path('units/', include(('school.urls', 'school'), namespace='c2')),
    path('secret/', login_required(views.Secret.as_view())),
    path('cached/', cache_page(60)(views.page)),
    path('home/', home),
    *[path(f'{x}/', views.page) for x in ('red', 'green')],
] + static(settings.MEDIA_URL, document_root='media')
if settings.FEATURES['reports']:
    urlpatterns += [path('reports/', views.page)]
if settings.FEATURES.get('beta'):
    urlpatterns += [path('beta/', views.page)]
if getattr(settings, 'EXTRA', None):
    urlpatterns.append(path('extra/', views.page))
else:
    urlpatterns.insert(0, path('plain/', views.page))
if settings.DEBUG:
    import debug_toolbar
    urlpatterns = [path('__debug__/', include(debug_toolbar.urls))] + urlpatterns
urlpatterns += i18n_patterns(path(_('about/'), views.page), path('help/', include([path('me/', views.page)])))
urlpatterns += format_suffix_patterns([path('suffix/', views.Api.as_view())])
-- school/__init__.py --
-- school/views.py --
from django.views import View
from django.http import HttpResponse
from rest_framework.views import APIView
from rest_framework.viewsets import ViewSet
def page(request): return HttpResponse()
def home(request): return HttpResponse()
class Secret(View): pass
class Api(APIView): pass
class CourseViewSet(ViewSet):
    def list(self, request): pass
    def retrieve(self, request, pk=None): pass
class UserViewSet(ViewSet):
    def list(self, request): pass
-- school/urls.py --
from django.urls import path, re_path
from . import views
app_name = 'school'
urlpatterns = [path('all/', views.page), re_path(r'^(?P<year>[0-9]{4})/$', views.Secret.as_view())]
`

// TestRoutesAsDjango compares the routes with those of Django's own resolver.
func TestRoutesAsDjango(t *testing.T) {
	tricky := t.TempDir()
	for _, f := range txtar.Parse([]byte(trickyURLs)).Files {
		name := filepath.Join(tricky, filepath.FromSlash(f.Name))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, f.Data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for dir, module := range map[string]string{
		tricky:                "config.settings",
		"../../examples/lms":  "config.settings.dev",
		"../../examples/api":  "config.settings.dev",
		"../../examples/site": "config.settings.dev",
	} {
		cmd := exec.Command(pythonOf(t, dir), "-c", resolver)
		cmd.Dir = dir
		cmd.Env = []string{"DJANGO_SETTINGS_MODULE=" + module, "PYTHONDONTWRITEBYTECODE=1", "PATH=" + os.Getenv("PATH")}
		out, err := cmd.Output()
		if err != nil {
			stderr := ""
			if e, ok := err.(*exec.ExitError); ok {
				stderr = string(e.Stderr)
			}
			t.Fatalf("%s: %v\n%s", dir, err, stderr)
		}
		var theirs [][2]string
		if err := json.Unmarshal(out, &theirs); err != nil {
			t.Fatal(err)
		}
		var want []string
		for _, r := range theirs {
			want = append(want, r[0]+" -> "+r[1])
		}
		if got := strings.Join(ours(t, dir, module), "\n"); got != strings.Join(want, "\n") {
			t.Errorf("%s:\ngot\n%s\nwant\n%s", dir, got, strings.Join(want, "\n"))
		}
	}
}

// ours are the routes as they are read here.
func ours(t *testing.T, dir, module string) []string {
	t.Helper()
	fsys := os.DirFS(dir)
	site, err := django.FindSite(fsys, ".", module)
	if err != nil {
		t.Fatal(err)
	}
	o := pyeval.Options{FS: fsys, Path: site.Path, Module: module}
	result, err := pyeval.Load(o)
	if err != nil {
		t.Fatal(err)
	}
	list, stop := (&Project{FS: fsys, Site: site, Result: result}).readRoutes(o)
	if stop != nil {
		t.Errorf("%s: %+v", dir, stop.Why)
	}
	var out []string
	for _, r := range list {
		view := r.View
		if r.Maybe || !r.Literal {
			view += " ?"
		}
		pattern := strings.TrimSuffix(r.Pattern, "$")
		out = append(out, pattern+" -> "+view)
	}
	return out
}

// pythonOf is a Python of the tests' environments that has the Django of a
// project, any where the project doesn't say.
func pythonOf(t *testing.T, dir string) string {
	t.Helper()
	p, err := django.ReadPackages(os.DirFS(dir), ".")
	if err != nil {
		t.Fatal(err)
	}
	series, _ := p.Series()
	found, _ := filepath.Glob("../../.cache/venvs/" + cmp.Or(series, "[0-9]") + "*/bin/python")
	if len(found) > 0 {
		if python, err := filepath.Abs(found[len(found)-1]); err == nil && exec.Command(python, "-c", "import django").Run() == nil {
			return python
		}
	}
	if os.Getenv("CI") != "" {
		t.Fatal("CI is set, and there is no Python with Django " + series + ": make venvs")
	}
	t.Skip("there is no Python with Django " + series + ": make venvs")
	return ""
}
