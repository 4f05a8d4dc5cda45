package django

import (
	"fmt"
	"strings"
	"testing"

	"github.com/djharden/djharden/internal/pysrc"
)

const routeHead = "from django.contrib import admin\nfrom django.urls import path, re_path, include\n"

var routeCases = []struct {
	name, src string
	want      string // func value site certain depth ; joined by |
}{
	{"plain", routeHead + "urlpatterns = [\n    path('admin/', admin.site.urls),\n]\n", "path:admin/:django.contrib.admin.site:true:0"},
	{"double quotes no trailing comma", routeHead + "urlpatterns = [path(\"admin/\", admin.site.urls)]\n", "path:admin/:django.contrib.admin.site:true:0"},
	{"re_path raw", routeHead + "urlpatterns = [\n    re_path(r'^admin/', admin.site.urls),\n]\n", "re_path:^admin/:django.contrib.admin.site:true:0"},
	{"url + include", "from django.conf.urls import url, include\nfrom django.contrib import admin\nurlpatterns = [\n    url(r'^admin/', include(admin.site.urls)),\n]\n", "url:^admin/:django.contrib.admin.site:true:0"},
	{"patterns() call, legacy", "from django.conf.urls import patterns, url, include\nfrom django.contrib import admin\nurlpatterns = patterns('',\n    url(r'^admin/', include(admin.site.urls)),\n)\n", "url:^admin/:django.contrib.admin.site:true:0"},
	{"multi line with comments", routeHead + "urlpatterns = [\n    path(  # the admin\n        'admin/',  # path('old/', admin.site.urls)\n        admin.site.urls,\n        name=\"x\",\n    ),\n]\n", "path:admin/:django.contrib.admin.site:true:0"},
	{"commented out", routeHead + "urlpatterns = [\n    # path('admin/', admin.site.urls),\n]\n", ""},
	{"in a string", routeHead + "X = \"\"\"\nurlpatterns = [path('admin/', admin.site.urls)]\n\"\"\"\n", ""},
	{"i18n_patterns", routeHead + "from django.conf.urls.i18n import i18n_patterns\nurlpatterns = i18n_patterns(\n    path('admin/', admin.site.urls),\n    prefix_default_language=False,\n)\n", "path:admin/:django.contrib.admin.site:true:0"},
	{"+= in if", routeHead + "urlpatterns = []\nif settings.ADMIN_ENABLED:\n\turlpatterns += [path('admin/', admin.site.urls)]\n", "path:admin/:django.contrib.admin.site:true:1"},
	{"append", routeHead + "urlpatterns = []\nurlpatterns.append(path('admin/', admin.site.urls))\n", "path:admin/:django.contrib.admin.site:true:0"},
	{"list concat", routeHead + "urlpatterns = [path('a/', a)] + [path('admin/', admin.site.urls)] + static('x')\n", "path:admin/:django.contrib.admin.site:true:0"},
	{"tuple + starred", routeHead + "urlpatterns = (*base, path('admin/', admin.site.urls))\n", "path:admin/:django.contrib.admin.site:true:0"},
	{"alias path as p", "from django.urls import path as p\nfrom django.contrib import admin as dj\nurlpatterns = [p('admin/', dj.site.urls)]\n", "path:admin/:django.contrib.admin.site:true:0"},
	{"module alias", "import django.urls as u\nimport django.contrib.admin as adm\nurlpatterns = [u.path('admin/', adm.site.urls)]\n", "path:admin/:django.contrib.admin.site:true:0"},
	{"full names", "import django.urls\nimport django.contrib.admin\nurlpatterns = [django.urls.path('admin/', django.contrib.admin.site.urls)]\n", "path:admin/:django.contrib.admin.site:true:0"},
	{"site imported", "from django.urls import path\nfrom django.contrib.admin import site\nurlpatterns = [path('admin/', site.urls)]\n", "path:admin/:django.contrib.admin.site:true:0"},
	{"star import", "from django.urls import *\nfrom django.contrib import admin\nurlpatterns = [path('admin/', admin.site.urls)]\n", "path:admin/:django.contrib.admin.site:true:0"},
	{"custom site, same file", routeHead + "class My(admin.AdminSite):\n    pass\nms = admin.AdminSite(name='x')\nurlpatterns = [path('panel/', ms.urls)]\n", "path:panel/:django.contrib.admin.AdminSite:true:0"},
	{"custom site, imported", "from django.urls import path\nfrom .admin import my_site\nurlpatterns = [path('panel/', my_site.urls)]\n", "path:panel/:.admin.my_site:false:0"},
	{"keywords", routeHead + "urlpatterns = [path(route='admin/', view=admin.site.urls)]\n", "path:admin/:django.contrib.admin.site:true:0"},
	{"f-string route", routeHead + "urlpatterns = [path(f'{settings.ADMIN}/', admin.site.urls)]\n", "path::django.contrib.admin.site:true:0"},
	{"variable route", routeHead + "urlpatterns = [path(settings.ADMIN_URL, admin.site.urls)]\n", "path::django.contrib.admin.site:true:0"},
	{"concat route", routeHead + "urlpatterns = [path('ad' 'min/', admin.site.urls)]\n", "path:admin/:django.contrib.admin.site:true:0"},
	{"env route", routeHead + "urlpatterns = [path(env('ADMIN', default='admin/'), admin.site.urls)]\n", "path::django.contrib.admin.site:true:0"},
	{"nested include", routeHead + "urlpatterns = [path('x/', include([path('admin/', admin.site.urls), path('y/', v)]))]\n", "path:admin/:django.contrib.admin.site:true:0"},
	{"conditional expr", routeHead + "urlpatterns = [*([path('admin/', admin.site.urls)] if settings.DEBUG else [])]\n", "path:admin/:django.contrib.admin.site:true:0"},
	{"type hint", routeHead + "from typing import Final\nurlpatterns: list[URLPattern | URLResolver] = [\n    path('admin/', admin.site.urls),\n]\n", "path:admin/:django.contrib.admin.site:true:0"},
	{"walrus", routeHead + "urlpatterns = [(a := path('admin/', admin.site.urls)), a]\n", "path:admin/:django.contrib.admin.site:true:0"},
	{"match", routeHead + "match settings.MODE:\n    case 'a' | 'b' if x > 1:\n        urlpatterns = [path('admin/', admin.site.urls)]\n    case {'k': [1, *rest]}:\n        urlpatterns = []\n    case _:\n        match = case = type = 1\n", "path:admin/:django.contrib.admin.site:true:1"},
	{"async def + decorators", routeHead + "@dec(1)\nasync def v(r):\n    async with a as b, c:\n        await x\n    return [i async for i in y]\nurlpatterns = [path('admin/', admin.site.urls)]\n", "path:admin/:django.contrib.admin.site:true:0"},
	{"two sites", routeHead + "urlpatterns = [\n    path('admin/', admin.site.urls),\n    path('ops/', ops.urls),\n]\n", "path:admin/:django.contrib.admin.site:true:0|path:ops/:ops:false:0"},
	{"backslash continuation", routeHead + "urlpatterns = base + \\\n    [path('admin/', \\\n          admin.site.urls)]\n", "path:admin/:django.contrib.admin.site:true:0"},
	{"semicolons", routeHead + "a = 1; urlpatterns = [path('admin/', admin.site.urls)]; b = 2\n", "path:admin/:django.contrib.admin.site:true:0"},
	{"PEP 701 f-string before", routeHead + "x = f\"{d[\"a\"]!r:>{w}} {f'{y}'} {{}}\"\nurlpatterns = [path('admin/', admin.site.urls)]\n", "path:admin/:django.contrib.admin.site:true:0"},
	{"no newline at end", routeHead + "urlpatterns = [path('admin/', admin.site.urls)]", "path:admin/:django.contrib.admin.site:true:0"},
	{"nonascii", routeHead + "# é ü 漢字 \U0001F600\nnaïve = 'ß'\nurlpatterns = [path('ädmin/', admin.site.urls)]\n", "path:ädmin/:django.contrib.admin.site:true:0"},
	{"lookalike", "from foo import path\nfrom django.contrib import admin\nurlpatterns = [path('admin/', admin.site.urls)]\n", ""},
	{"router.urls is not admin but flagged uncertain", "from django.urls import path\nurlpatterns = [path('api/', router.urls)]\n", "path:api/:router:false:0"},
}

func describe(rs []Route) string {
	var o []string
	for _, r := range rs {
		o = append(o, fmt.Sprintf("%s:%s:%s:%v:%d", r.Func, r.Value, r.Site, r.Certain, r.Depth))
	}
	return strings.Join(o, "|")
}

func TestAdminRoutes(t *testing.T) {
	for _, c := range routeCases {
		for _, v := range []string{"lf", "crlf", "cr", "bom", "bom+crlf", "tabs"} {
			s := c.src
			if strings.Contains(v, "crlf") {
				s = strings.ReplaceAll(s, "\n", "\r\n")
			} else if v == "cr" {
				s = strings.ReplaceAll(s, "\n", "\r")
			}
			if v == "tabs" {
				s = strings.ReplaceAll(s, "    ", "\t")
			}
			if strings.HasPrefix(v, "bom") {
				s = "\xef\xbb\xbf" + s
			}
			m, err := pysrc.Parse([]byte(s))
			if err != nil {
				t.Errorf("%s/%s: %v", c.name, v, err)
				continue
			}
			rs := AdminRoutes(m)
			if got := describe(rs); got != c.want {
				t.Errorf("%s/%s: got %q want %q", c.name, v, got, c.want)
			}
			for _, r := range rs {
				ins := m.InsertBefore(r.Call, "path('trap/', trap)")
				edits := []pysrc.Edit{ins}
				if e, err := m.SetString(r.Pattern, "secret-x7/"); err == nil {
					edits = append(edits, e)
				}
				if r.Call.Kids[0].S < ins.S {
					t.Fatal("order")
				}
				_, err := m.Apply(edits...)
				if err != nil && c.name != "walrus" && c.name != "append" {
					t.Errorf("%s/%s: apply %v", c.name, v, err)
					continue
				}
				break
			}
		}
	}
}
