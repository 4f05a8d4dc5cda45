package django

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// grow writes n projects of the usual shape, with what is beside them.
func grow(tb testing.TB, n int) string {
	tb.Helper()
	root := tb.TempDir()
	write := func(name, text string) {
		tb.Helper()
		file := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			tb.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			tb.Fatal(err)
		}
	}
	write(".gitignore", "*.pyc\n__pycache__/\nvenv/\n.env\n/media/\n*.log\n")
	for i := range n {
		dir := fmt.Sprintf("team%02d/p%04d/", i%20, i)
		write(dir+"manage.py", "import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'config.settings.dev')\n")
		write(dir+"Dockerfile", "FROM python\nENV DJANGO_SETTINGS_MODULE=config.settings.prod\n")
		write(dir+"requirements.txt", "Django~=5.2.0\n")
		for _, f := range []string{"__init__", "urls"} {
			write(dir+"config/"+f+".py", "")
		}
		for _, f := range []string{"wsgi", "asgi"} {
			write(dir+"config/"+f+".py", "import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'config.settings.prod')\n")
		}
		write(dir+"config/settings/__init__.py", "")
		write(dir+"config/settings/base.py", "INSTALLED_APPS = []\nROOT_URLCONF = 'config.urls'\n")
		write(dir+"config/settings/dev.py", "from .base import *\nDEBUG = True\n")
		write(dir+"config/settings/prod.py", "from .base import *\nDEBUG = False\n")
		for _, app := range []string{"users", "courses", "api"} {
			for _, f := range []string{"__init__", "models", "views", "urls", "admin", "migrations/__init__", "migrations/0001_initial"} {
				write(dir+app+"/"+f+".py", "")
			}
		}
		write(dir+"venv/pyvenv.cfg", "")
		write(dir+"venv/lib/python3.13/site-packages/django/conf/global_settings.py", "")
	}
	return root
}

// BenchmarkFindSites finds the projects of a monorepo; one project is what a
// single check pays.
func BenchmarkFindSites(b *testing.B) {
	for _, n := range []int{1, 100, 1000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			fsys := os.DirFS(grow(b, n))
			b.ReportAllocs()
			for b.Loop() {
				sites, err := FindSites(fsys)
				if err != nil || len(sites) != n || sites[0].Module != "config.settings.prod" {
					b.Fatal(len(sites), err)
				}
			}
		})
	}
}
