package django

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/rogpeppe/go-internal/txtar"
)

// treeOf is the files of a txtar archive; NAMES stands for a manage.py or
// wsgi.py that names the module after it.
func treeOf(archive string) fstest.MapFS {
	fsys := fstest.MapFS{}
	for _, f := range txtar.Parse([]byte(archive)).Files {
		text := string(f.Data)
		if m, ok := strings.CutPrefix(text, "NAMES "); ok {
			text = "import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', '" + strings.TrimSpace(m) + "')\n"
		}
		fsys[f.Name] = &fstest.MapFile{Data: []byte(text)}
	}
	return fsys
}

const whole = "INSTALLED_APPS = []\nROOT_URLCONF = 'a.urls'\n"

var siteCases = []struct{ name, tree, want string }{
	{"one settings.py", `
-- manage.py --
NAMES school.settings
-- school/settings.py --
INSTALLED_APPS = []
-- school/wsgi.py --
NAMES school.settings
`, ". school.settings school/settings.py: school/wsgi.py names it"},
	{"named for production", `
-- manage.py --
NAMES config.settings.dev
-- config/wsgi.py --
NAMES config.settings.dev
-- config/settings/__init__.py --
-- config/settings/base.py --
INSTALLED_APPS = []
-- config/settings/dev.py --
from .base import *
-- config/settings/production.py --
from .base import *
-- config/settings/production.example.py --
from .base import *
-- config/settings/staging.py --
from .base import *
DEBUG = False
`, ". config.settings.production config/settings/production.py: it is named for production, not config.settings.base config.settings.dev config.settings.staging"},
	{"a part for production is no module", `
-- manage.py --
NAMES config.settings
-- config/settings/__init__.py --
from .base import *
from decouple import config
if config('ENV') == 'production':
    from .production import *
-- config/settings/base.py --
INSTALLED_APPS = []
-- config/settings/production.py --
from decouple import config
DEBUG = False
`, ". config.settings config/settings/__init__.py: manage.py names it, not config.settings.base"},
	{"an empty module for production", `
-- manage.py --
NAMES config.settings.base
-- config/settings/__init__.py --
-- config/settings/base.py --
INSTALLED_APPS = []
-- config/settings/prod.py --
# none yet
`, ". config.settings.base config/settings/base.py: manage.py names it"},
	{"the package that imports it always", `
-- manage.py --
NAMES config.settings
-- config/wsgi.py --
NAMES config.settings
-- config/settings/__init__.py --
from .prod import *
DEBUG = True
-- config/settings/base.py --
INSTALLED_APPS = []
-- config/settings/prod.py --
from .base import *
`, ". config.settings config/settings/__init__.py: config/wsgi.py names it, and it imports config.settings.prod, not config.settings.base config.settings.prod"},
	{"the package that picks by a variable", `
-- manage.py --
NAMES config.settings
-- config/wsgi.py --
NAMES config.settings
-- config/settings/__init__.py --
import os
if os.environ.get('ENV', 'dev') == 'dev':
    from .dev import *
else:
    from .prod import *
-- config/settings/base.py --
INSTALLED_APPS = []
-- config/settings/dev.py --
from .base import *
-- config/settings/prod.py --
from config.settings.base import *
`, ". config.settings.prod config/settings/prod.py: it is named for production, not config.settings config.settings.base config.settings.dev"},
	{"two names for production: the server's", `
-- manage.py --
NAMES p.settings.dev
-- p/wsgi.py --
NAMES p.settings.prod_heroku
-- p/settings/__init__.py --
-- p/settings/dev.py --
INSTALLED_APPS = []
-- p/settings/prod.py --
from .dev import *
-- p/settings/prod_heroku.py --
from .dev import *
`, ". p.settings.prod_heroku p/settings/prod_heroku.py: it is named for production, and the server loads it, not p.settings.dev p.settings.prod"},
	{"two names for production: the deployment's", `
-- manage.py --
NAMES p.settings.dev
-- Dockerfile --
ENV DJANGO_SETTINGS_MODULE=p.settings.prod_docker
-- p/settings/__init__.py --
-- p/settings/dev.py --
INSTALLED_APPS = []
-- p/settings/prod.py --
from .dev import *
-- p/settings/prod_docker.py --
from .dev import *
`, ". p.settings.prod_docker p/settings/prod_docker.py: it is named for production, and Dockerfile names it, not p.settings.dev p.settings.prod"},
	{"flat names", `
-- manage.py --
NAMES p.settings
-- p/wsgi.py --
NAMES p.settings
-- p/settings.py --
INSTALLED_APPS = []
-- p/settings_test.py --
from .settings import *
-- p/prod_settings.py --
from .settings import *
`, ". p.prod_settings p/prod_settings.py: it is named for production, not p.settings p.settings_test"},
	{"a flat production.py beside settings.py", `
-- manage.py --
import os
settings_module = 'az.production' if 'WEBSITE_HOSTNAME' in os.environ else 'az.settings'
os.environ.setdefault('DJANGO_SETTINGS_MODULE', settings_module)
-- az/settings.py --
INSTALLED_APPS = []
-- az/production.py --
from .settings import *
`, ". az.production az/production.py: it is named for production, not az.settings"},
	{"a deployment over wsgi.py", `
-- manage.py --
NAMES p.settings.local
-- p/wsgi.py --
NAMES p.settings.local
-- docker-compose.test.yml --
environment:
  DJANGO_SETTINGS_MODULE: p.settings.base
-- fly.toml --
[env]
  DJANGO_SETTINGS_MODULE = "p.settings.fly"
-- p/settings/__init__.py --
-- p/settings/base.py --
INSTALLED_APPS = []
-- p/settings/local.py --
from .base import *
-- p/settings/fly.py --
from .base import *
`, ". p.settings.fly p/settings/fly.py: fly.toml names it, not p.settings.base p.settings.local"},
	{"a deployment that names the value below", `
-- manage.py --
NAMES p.settings.local
-- render.yaml --
services:
  - type: web
    envVars:
      - key: DJANGO_SETTINGS_MODULE
        value: p.settings.web
      - key: X
        value: p.settings.base
-- p/settings/__init__.py --
-- p/settings/base.py --
INSTALLED_APPS = []
-- p/settings/local.py --
from .base import *
-- p/settings/web.py --
from .base import *
`, ". p.settings.web p/settings/web.py: render.yaml names it, not p.settings.base p.settings.local"},
	{"a workflow that tests is no deployment", `
-- manage.py --
NAMES p.settings.local
-- p/wsgi.py --
NAMES p.settings.aws
-- .github/workflows/ci.yml --
env:
  DJANGO_SETTINGS_MODULE: p.settings.base
-- p/settings/__init__.py --
-- p/settings/base.py --
INSTALLED_APPS = []
-- p/settings/aws.py --
from .base import *
-- p/settings/local.py --
from .base import *
`, ". p.settings.aws p/settings/aws.py: p/wsgi.py names it, not p.settings.base p.settings.local"},
	{"the one that turns DEBUG off", `
-- manage.py --
NAMES p.settings.dev
-- p/settings/__init__.py --
-- p/settings/base.py --
INSTALLED_APPS = []
-- p/settings/dev.py --
from .base import *
-- p/settings/heroku.py --
from .base import *
DEBUG = False
-- p/settings/test.py --
from .base import *
DEBUG = False
`, ". p.settings.heroku p/settings/heroku.py: it imports the others and turns DEBUG off, not p.settings.base p.settings.dev p.settings.test"},
	{"an expression", `
-- manage.py --
import os
os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'core.settings.' + os.environ.get('ENV', 'web'))
-- core/settings/__init__.py --
-- core/settings/web.py --
INSTALLED_APPS = []
-- core/settings/other.py --
INSTALLED_APPS = []
`, ". core.settings.web core/settings/web.py: manage.py names it, not core.settings.other"},
	{"an f-string over two lines of code", `
-- manage.py --
import os
def main():
    env = os.getenv('DJANGO_ENV') or 'web'
    os.environ['DJANGO_SETTINGS_MODULE'] = f'core.settings.{env}'
-- core/settings/__init__.py --
-- core/settings/web.py --
INSTALLED_APPS = []
-- core/settings/other.py --
INSTALLED_APPS = []
`, ". core.settings.web core/settings/web.py: manage.py names it, not core.settings.other"},
	{"tests apart", `
-- manage.py --
import os, sys
if 'test' in sys.argv:
    os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'p.test_settings')
else:
    os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'p.settings')
-- p/settings.py --
INSTALLED_APPS = []
-- p/test_settings.py --
from .settings import *
`, ". p.settings p/settings.py: manage.py names it, not p.test_settings"},
	{"manage.py that hands over", `
-- manage.py --
from site_core.cli import main
main()
-- site_core/cli.py --
NAMES site_core.settings
-- site_core/settings.py --
INSTALLED_APPS = []
`, ". site_core.settings site_core/settings.py: site_core/cli.py names it"},
	{"empty package", `
-- manage.py --
NAMES p.settings
-- p/settings/__init__.py --
-- p/settings/base.py --
INSTALLED_APPS = []
-- p/settings/local.py --
from .base import *
`, ". p.settings.base p/settings/base.py: what manage.py names sets nothing, and this does, not p.settings p.settings.local"},
	{"below", `
-- README.md --
-- backend/manage.py --
NAMES config.settings
-- backend/config/settings.py --
INSTALLED_APPS = []
-- frontend/node_modules/x/manage.py --
NAMES y.settings
`, "backend config.settings backend/config/settings.py: backend/manage.py names it"},
	{"the example beside it", `
-- src/manage.py --
NAMES config.settings
-- src/config/settings.py --
INSTALLED_APPS = []
-- example/manage.py --
NAMES demo.settings
-- example/demo/settings.py --
INSTALLED_APPS = []
`, "src config.settings src/config/settings.py: src/manage.py names it"},
	{"modules in a folder of sys.path", `
-- manage.py --
import os, sys
from pathlib import Path
BASE_DIR = Path(__file__).resolve().parent
sys.path.insert(0, str(BASE_DIR / 'src'))
os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'p.settings')
-- src/p/settings.py --
import os, sys
ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.append(os.path.join(ROOT, 'apps'))
INSTALLED_APPS = []
-- src/apps/x.py --
`, ". p.settings src/p/settings.py [. src src/apps]: manage.py names it"},
	{"sys.path in what the settings import", `
-- manage.py --
NAMES p.settings.prod
-- p/settings/__init__.py --
-- p/settings/base.py --
import environ, sys
ROOT_DIR = environ.Path(__file__) - 3
sys.path.append(str(ROOT_DIR.path('x')))
sys.path.append(str(ROOT_DIR))
sys.path.insert(0, 'apps')
INSTALLED_APPS = []
-- p/settings/prod.py --
from .base import *
-- apps/x.py --
`, ". p.settings.prod p/settings/prod.py [. apps]: it is named for production, not p.settings.base"},
	{"a module that only PYTHONPATH finds", `
-- manage.py --
NAMES p.settings
-- src/p/settings.py --
INSTALLED_APPS = []
`, ". p.settings src/p/settings.py [. src]: manage.py names it"},
	{"no manage.py", `
-- web/site/wsgi.py --
NAMES site.settings
-- web/site/settings.py --
INSTALLED_APPS = []
`, "web site.settings web/site/settings.py: web/site/wsgi.py names it"},
	{"the root is the package", `
-- __init__.py --
-- wsgi.py --
NAMES moocs.settings
-- settings.py --
INSTALLED_APPS = []
ROOT_URLCONF = 'moocs.urls'
-- urls.py --
`, ". settings settings.py as moocs: wsgi.py names it"},
	{"settings alone", `
-- site/settings/base.py --
INSTALLED_APPS = []
ROOT_URLCONF = 'site.urls'
-- site/settings/__init__.py --
-- site/settings/dev.py --
from .base import *
-- site/urls.py --
`, ". site.settings.base site/settings/base.py: nothing names a settings module, and this holds one, not site.settings.dev"},
	{"django-configurations", `
-- manage.py --
import os
os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'p.settings')
os.environ.setdefault('DJANGO_CONFIGURATION', 'Dev')
-- p/settings.py --
from configurations import Configuration
class Base(Configuration):
    INSTALLED_APPS = []
class Dev(Base):
    pass
class Prod(Base):
    pass
class PreProduction(Prod):
    pass
`, ". p.settings p/settings.py Prod: manage.py names it"},
	{"django-configurations, no class for production", `
-- manage.py --
import os
os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'p.settings')
os.environ.setdefault('DJANGO_CONFIGURATION', 'Dev')
-- p/wsgi.py --
import os
os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'p.settings')
os.environ.setdefault('DJANGO_CONFIGURATION', 'Base')
-- p/settings.py --
from configurations import Configuration
class Base(Configuration):
    INSTALLED_APPS = []
class Dev(Base):
    pass
`, ". p.settings p/settings.py Base: p/wsgi.py names it"},
	{"split-settings", `
-- manage.py --
NAMES server.settings
-- server/settings/__init__.py --
from split_settings.tools import include
include('components/common.py', 'environments/production.py')
-- server/settings/components/common.py --
INSTALLED_APPS = []
-- server/settings/environments/production.py --
DEBUG = False
`, ". server.settings server/settings/__init__.py: manage.py names it"},
	{"environments that stand by themselves", `
-- manage.py --
NAMES p.settings.env.dev
-- p/settings/__init__.py --
-- p/settings/base.py --
INSTALLED_APPS = []
-- p/settings/env/__init__.py --
-- p/settings/env/dev.py --
from ..base import *
-- p/settings/env/prod.py --
from ..base import *
`, ". p.settings.env.prod p/settings/env/prod.py: it is named for production, not p.settings.env.dev"},
	{"a package before a module of its name", `
-- manage.py --
NAMES p.settings
-- p/settings.py --
DEBUG = True
INSTALLED_APPS = []
-- p/settings/__init__.py --
INSTALLED_APPS = []
`, ". p.settings p/settings/__init__.py: manage.py names it"},
}

func describeSite(s *Site) string {
	out := s.Dir + " " + s.Module + " " + s.File
	if s.Class != "" {
		out += " " + s.Class
	}
	if s.Package != "" {
		out += " as " + s.Package
	}
	if len(s.Path) != 1 || s.Path[0] != s.Dir {
		out += " [" + strings.Join(s.Path, " ") + "]"
	}
	out += ": " + s.Reason
	if len(s.Others) > 0 {
		out += ", not " + strings.Join(s.Others, " ")
	}
	return out
}

func TestFindSite(t *testing.T) {
	for _, c := range siteCases {
		s, err := FindSite(treeOf(c.tree), ".", "")
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if got := describeSite(s); got != c.want {
			t.Errorf("%s:\ngot  %s\nwant %s", c.name, got, c.want)
		}
		all, err := FindSites(treeOf(c.tree))
		if err != nil || len(all) == 0 {
			t.Errorf("%s: all: %v %v", c.name, all, err)
		}
	}
}

// TestFindSiteNamed takes the module that the user names.
func TestFindSiteNamed(t *testing.T) {
	tree := treeOf(siteCases[1].tree)
	s, err := FindSite(tree, ".", "config.settings.staging")
	if err != nil || s.File != "config/settings/staging.py" || s.Reason != "--settings names it" || len(s.Others) != 3 {
		t.Errorf("%+v %v", s, err)
	}
	_, err = FindSite(tree, ".", "config.settings.none")
	refused(t, err, "there is no settings module config.settings.none below the root")
}

func refused(t *testing.T, err error, reason string) {
	t.Helper()
	var r *Refusal
	if !errors.As(err, &r) || !strings.Contains(r.Reason, reason) || r.Manual == "" {
		t.Errorf("got %v, want a refusal: %s", err, reason)
	}
}

func TestFindSiteRefuses(t *testing.T) {
	for tree, reason := range map[string]string{
		"-- README.md --\n": "no Django project",
		"-- a/manage.py --\nNAMES p.settings\n-- a/p/settings.py --\n-- b/manage.py --\nNAMES p.settings\n-- b/p/settings.py --\n": "2 Django projects: a, b",
		"-- manage.py --\nNAMES p.settings\n":                                                                      "the settings module p.settings isn't below the root",
		"-- manage.py --\nimport os\nos.environ['DJANGO_SETTINGS_MODULE'] = compute()\n":                           "is computed in a way that can't be followed",
		"-- manage.py --\nfrom django.core.management import execute_from_command_line\n":                          "names no settings module",
		"-- manage.py --\nfrom flask_script import Manager\n":                                                      "no Django project",
		"-- {{ cookiecutter.slug }}/manage.py --\nNAMES p.settings\n-- {{ cookiecutter.slug }}/p/settings.py --\n": "no Django project",
		"-- t/manage.py --\nNAMES {{ project_name }}.settings\n":                                                   "no Django project",
		"-- tests/settings.py --\n" + whole + "-- tests/a/urls.py --\n":                                            "no Django project",
	} {
		_, err := FindSite(treeOf(tree), ".", "")
		refused(t, err, reason)
	}
}

// TestFindSites takes every project of a monorepo, and nothing that only looks
// like one.
func TestFindSites(t *testing.T) {
	tree := treeOf(`
-- .gitignore --
scratch/
/lib_env
-- manage.py --
NAMES top.settings
-- top/settings.py --
-- services/a/manage.py --
NAMES p.settings
-- services/a/p/settings.py --
-- services/a/Dockerfile --
-- services/b/manage.py --
NAMES p.settings.dev
-- services/b/p/settings/__init__.py --
-- services/b/p/settings/dev.py --
INSTALLED_APPS = []
-- services/b/p/settings/prod.py --
from .dev import *
-- services/c/c/wsgi.py --
NAMES c.settings
-- services/c/c/settings.py --
-- services/scratch/manage.py --
NAMES p.settings
-- services/scratch/p/settings.py --
-- .venv/lib/manage.py --
NAMES p.settings
-- env/pyvenv.cfg --
-- env/x/manage.py --
NAMES p.settings
-- env/x/p/settings.py --
-- lib_env/manage.py --
NAMES p.settings
-- other_env/lib/python3.8/x/manage.py --
NAMES p.settings
-- win_env/Lib/site-packages/x/manage.py --
NAMES p.settings
-- link/manage.py --
NAMES p.settings
`)
	delete(tree, "link/manage.py")
	tree["link"] = &fstest.MapFile{Data: []byte("services/a"), Mode: fs.ModeSymlink}
	sites, err := FindSites(tree)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, s := range sites {
		got = append(got, s.File)
	}
	if want := "top/settings.py services/a/p/settings.py services/b/p/settings/prod.py services/c/c/settings.py"; strings.Join(got, " ") != want {
		t.Errorf("got  %s\nwant %s", strings.Join(got, " "), want)
	}
	if s, err := FindSite(tree, "services/b", ""); err != nil || s.File != "services/b/p/settings/prod.py" {
		t.Errorf("%+v %v", s, err)
	}
	if s, err := FindSite(tree, ".", ""); err != nil || s.File != "top/settings.py" {
		t.Errorf("%+v %v", s, err)
	}
}

// TestFindSitesBroken names the project that can't be read, beside the others.
func TestFindSitesBroken(t *testing.T) {
	sites, err := FindSites(treeOf("-- a/manage.py --\nNAMES p.settings\n-- b/manage.py --\nNAMES q.settings\n-- b/q/settings.py --\n"))
	if len(sites) != 1 || sites[0].Dir != "b" {
		t.Errorf("%v", sites)
	}
	refused(t, err, "the settings module p.settings isn't below a")
}

// TestFindSitesDeep gives up in words.
func TestFindSitesDeep(t *testing.T) {
	tree := fstest.MapFS{strings.Repeat("d/", maxLevels+1) + "x.py": {}}
	_, err := FindSites(tree)
	refused(t, err, "folders deep")
}

// TestFindSiteLinks doesn't read what a link leads to.
func TestFindSiteLinks(t *testing.T) {
	root := t.TempDir()
	outside := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write(filepath.Join(root, "manage.py"), "import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'p.settings')\n")
	write(filepath.Join(outside, "settings.py"), whole)
	if err := os.Symlink(outside, filepath.Join(root, "p")); err != nil {
		t.Skip("no symbolic links here: ", err)
	}
	_, err := FindSite(os.DirFS(root), ".", "")
	refused(t, err, "isn't below the root")
}

// TestFindSiteNamedAlone takes the named module of a folder that nothing else
// tells to be a project.
func TestFindSiteNamedAlone(t *testing.T) {
	s, err := FindSite(treeOf("-- web/conf.py --\nDEBUG = True\n"), ".", "web.conf")
	if err != nil || s.File != "web/conf.py" || s.Dir != "." {
		t.Errorf("%+v %v", s, err)
	}
}
