package django

import (
	"errors"
	"io/fs"
	"testing"
	"testing/fstest"
)

// grown is a small project with the lines that a test adds to its settings.
func grown(lines string) fstest.MapFS {
	fsys := fstest.MapFS{}
	for name, text := range map[string]string{
		"manage.py":          "import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'school.settings')\n",
		"requirements.txt":   "Django~=5.2.0\npython-dotenv\n",
		"school/__init__.py": "",
		"school/urls.py":     "from django.contrib import admin\nfrom django.urls import path\n\nurlpatterns = [path('admin/', admin.site.urls)]\n",
		"school/settings.py": `import os
from pathlib import Path

import dotenv

BASE_DIR = Path(__file__).resolve().parent.parent
` + lines + `
SECRET_KEY = os.environ['SECRET_KEY']
DEBUG = True
ALLOWED_HOSTS = []
INSTALLED_APPS = ['django.contrib.admin', 'django.contrib.auth', 'django.contrib.contenttypes', 'django.contrib.sessions', 'django.contrib.messages', 'django.contrib.staticfiles']
MIDDLEWARE = ['django.middleware.security.SecurityMiddleware']
ROOT_URLCONF = 'school.urls'
TEMPLATES = [{'BACKEND': 'django.template.backends.django.DjangoTemplates', 'APP_DIRS': True, 'OPTIONS': {'context_processors': []}}]
DATABASES = {'default': {'ENGINE': 'django.db.backends.sqlite3', 'NAME': BASE_DIR / 'db.sqlite3'}}
STATIC_URL = 'static/'
`,
	} {
		fsys[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return fsys
}

// TestReadDotenvByName follows the path of .env through the name that it has.
func TestReadDotenvByName(t *testing.T) {
	for lines, ok := range map[string]bool{
		"dotenv_file = os.path.join(BASE_DIR, '.env')\nif os.path.isfile(dotenv_file):\n    dotenv.load_dotenv(dotenv_file)\n":  true,
		"env_path = BASE_DIR / '.env'\ndotenv.load_dotenv(dotenv_path=env_path)\n":                                              true,
		"dotenv_file = BASE_DIR / 'deploy' / 'prod.env'\ndotenv.load_dotenv(dotenv_file)\n":                                     false,
		"dotenv_file = BASE_DIR / '.env'\nif os.name == 'nt':\n    dotenv_file = 'C:/x.env'\ndotenv.load_dotenv(dotenv_file)\n": false,
	} {
		p, err := Read(grown(lines), "")
		if (err == nil) != ok {
			t.Errorf("%s%v", lines, err)
		} else if ok && p.Reader != ReadsDotenv {
			t.Errorf("%sreader %q", lines, p.Reader)
		}
	}
}

// TestReadNamedModule takes the module that the user names, also where it is
// the one of manage.py: that is what the refusal advises.
func TestReadNamedModule(t *testing.T) {
	fsys := grown("")
	fsys["school/settings_ci.py"] = &fstest.MapFile{Data: []byte("DEBUG = False\n")}
	if _, err := Read(fsys, ""); err == nil {
		t.Error("two settings modules are taken")
	}
	if _, err := Read(fsys, "school.settings"); err != nil {
		t.Error(err)
	}
}

// TestReadLinks names the symbolic link that stands where a file has to be.
func TestReadLinks(t *testing.T) {
	for _, name := range []string{"school/settings.py", "school/urls.py"} {
		fsys := grown("")
		fsys["elsewhere.txt"] = fsys[name]
		fsys[name] = &fstest.MapFile{Data: []byte("../elsewhere.txt"), Mode: fs.ModeSymlink}
		_, err := Read(fsys, "")
		var r *Refusal
		if !errors.As(err, &r) || r.Path != name || r.Reason != "is a symbolic link" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestReadDecoupleCasts takes what decouple has besides its readers of files.
func TestReadDecoupleCasts(t *testing.T) {
	for lines, ok := range map[string]bool{
		"from decouple import Choices, Csv, config\nLEVEL = config('LEVEL', default='a', cast=Choices(['a', 'b']))\n": true,
		"from decouple import Config, RepositoryEnv\nconfig = Config(RepositoryEnv('/etc/site.env'))\n":               false,
	} {
		if _, err := Read(grown(lines), ""); (err == nil) != ok {
			t.Errorf("%s%v", lines, err)
		}
	}
}

// TestReadCollected doesn't take the scripts that collectstatic copied for the
// project's own.
func TestReadCollected(t *testing.T) {
	script := &fstest.MapFile{Data: []byte("getCookie('csrftoken')\n")}
	for name, want := range map[string]bool{"assets/rest_framework/js/ajax.js": false, "assets/app.js": false, "static/app.js": true} {
		fsys := grown("")
		fsys["assets/admin/js/core.js"] = &fstest.MapFile{}
		fsys[name] = script
		p, err := Read(fsys, "")
		if err != nil {
			t.Fatal(err)
		}
		if p.SeesCSRFCookie != want {
			t.Errorf("%s: the project reads the CSRF cookie: %v", name, p.SeesCSRFCookie)
		}
	}
}
