package audit

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/djharden/djharden/internal/pyeval"
)

const whiteNoise = "whitenoise.middleware.WhiteNoiseMiddleware"

func (r *report) needsStatic(p *Project) bool {
	return r.needs(p, p.has("django.contrib.staticfiles"), "INSTALLED_APPS", "static files")
}

// staticBackend is the storage of static files: of STORAGES, or of
// STATICFILES_STORAGE before Django 5.1.
func (p *Project) staticBackend() *pyeval.Value {
	def := pythonValue("django.contrib.staticfiles.storage.StaticFilesStorage")
	if v, own := p.get("STATICFILES_STORAGE"); own && p.Series != "" && seriesLess(p.Series, "5.1") {
		return v
	}
	storages, own := p.get("STORAGES")
	if !own {
		return def
	}
	entry, _ := lookup(storages, "staticfiles", pythonValue(dict{}))
	v, _ := lookup(entry, "BACKEND", def)
	return v
}

// localStorages are packages whose storages keep static files on this machine.
var localStorages = []string{"django", "whitenoise", "servestatic", "pipeline", "compressor", "builtins"}

// remote says whether static files are kept and served somewhere else.
func (p *Project) remote() pyeval.Truth {
	return p.staticBackend().All(func(v *pyeval.Value) pyeval.Truth {
		name, ok := dotted(v)
		if !ok {
			return pyeval.Maybe
		}
		_, others := p.lineage(name)
		return is(slices.ContainsFunc(others, func(s string) bool {
			top, _, _ := strings.Cut(s, ".")
			return !slices.Contains(localStorages, top)
		}))
	})
}

func checkStaticRoot(p *Project, r *report) {
	if !r.needsStatic(p) {
		return
	}
	v, own := p.get("STATIC_ROOT")
	if p.remote() != pyeval.No {
		return
	}
	r.weigh(p, "STATIC_ROOT", v, func(v *pyeval.Value) verdict {
		switch {
		case !own || v == nil:
			return wrong("STATIC_ROOT is unset: collectstatic refuses to run")
		case v.Truth() == pyeval.No:
			return wrong("STATIC_ROOT is empty: collectstatic refuses to run")
		case v.Truth() == pyeval.Maybe:
			return p.opaque(v)
		}
		return right
	})
}

func checkStaticServed(p *Project, r *report) {
	if !r.needsStatic(p) {
		return
	}
	v, _ := p.get("MIDDLEWARE")
	backend := p.staticBackend()
	name, _ := dotted(backend)
	switch served := any3(p.holdsLike("MIDDLEWARE", whiteNoise), p.holdsLike("MIDDLEWARE", "servestatic.middleware.ServeStaticMiddleware")); {
	case served == pyeval.Yes:
	case served == pyeval.Maybe:
		r.take(p, "MIDDLEWARE", v, p.opaque(v))
	case strings.HasPrefix(name, "whitenoise."):
		r.fail(p, "MIDDLEWARE", v, "the storage is WhiteNoise's, but WhiteNoiseMiddleware isn't in MIDDLEWARE: nothing serves what it stores")
	case p.remote() == pyeval.Yes:
	case p.serverSays("static") != pyeval.No: // nginx, Caddy ... in front
	case p.filesSay(p.dir(), isWSGI, "whitenoise", "WhiteNoise", "Cling", "dj_static", "StaticFiles") != pyeval.No:
	case p.remote() == pyeval.Maybe:
		r.take(p, "STORAGES", backend, p.opaque(backend))
	default:
		r.fail(p, "MIDDLEWARE", v, "neither WhiteNoise nor a storage elsewhere nor a server in front was found to serve the static files")
	}
}

func isWSGI(name string) bool {
	return slices.Contains([]string{"wsgi.py", "asgi.py"}, path.Base(name))
}

// storageClasses are the storages of Django and of WhiteNoise, by module.
var storageClasses = map[string][]string{
	"whitenoise.storage.":                 {"CompressedStaticFilesStorage", "CompressedManifestStaticFilesStorage"},
	"django.contrib.staticfiles.storage.": {"StaticFilesStorage", "ManifestStaticFilesStorage", "ManifestFilesMixin", "HashedFilesMixin"},
	"django.core.files.storage.":          {"Storage", "FileSystemStorage", "InMemoryStorage", "filesystem.FileSystemStorage", "memory.InMemoryStorage"},
}

func checkStorages(p *Project, r *report) {
	v, own := p.get("STORAGES")
	if !own {
		return
	}
	r.weigh(p, "STORAGES", v, func(v *pyeval.Value) verdict {
		if v.Kind != pyeval.Dict {
			return p.opaque(v)
		}
		for _, key := range []string{"default", "staticfiles"} {
			if key == "staticfiles" && p.has("django.contrib.staticfiles") != pyeval.Yes {
				continue
			}
			switch v.Has(key) {
			case pyeval.No:
				return wrong("STORAGES has no %q, and Django's own is gone with it", key)
			case pyeval.Maybe:
				return p.opaque(v)
			}
		}
		for i, k := range v.Keys {
			backend, own := lookup(v.Items[i], "BACKEND", pythonValue(nil))
			if own == pyeval.No && v.Items[i].Kind == pyeval.Dict {
				return wrong("the storage %q has no BACKEND", k.S).place(v.Items[i].At)
			}
			name, _ := dotted(backend)
			for module, classes := range storageClasses {
				if short, ok := strings.CutPrefix(name, module); ok && !slices.Contains(classes, short) {
					return wrong("there is no %s", name).place(backend.At)
				}
			}
			if strings.HasPrefix(name, "whitenoise.django.") {
				return wrong("%s left WhiteNoise with version 4", name).place(backend.At)
			}
		}
		return right
	})
}

func checkWhiteNoiseMode(p *Project, r *report) {
	if !r.needs(p, p.holdsLike("MIDDLEWARE", whiteNoise), "MIDDLEWARE", "WhiteNoise") {
		return
	}
	for _, name := range []string{"WHITENOISE_AUTOREFRESH", "WHITENOISE_USE_FINDERS"} {
		if v, own := p.get(name); own {
			r.weigh(p, name, v, func(v *pyeval.Value) verdict {
				switch v.Truth() {
				case pyeval.Yes:
					return wrong("%s is on", name)
				case pyeval.Maybe:
					return p.opaque(v)
				}
				return right
			})
		}
	}
}

// helper is a call of django.conf.urls.static.static().
var helper = lazy(`^[\w.]*static(?:_?\w*)\(`)

func checkServeView(p *Project, r *report) {
	for _, route := range p.Routes {
		if route.View != "django.views.static.serve" && route.View != "django.contrib.staticfiles.views.serve" || helper().MatchString(route.At.Text()) {
			continue // static() serves with DEBUG on alone, which has a rule of its own
		}
		where := "/" + strings.TrimLeft(route.Pattern, "^/")
		if route.Maybe {
			r.take(p, "", nil, cantTell("files are served at "+where+" under a condition that can't be decided").place(route.At))
			continue
		}
		r.fail(p, "", nil, "django.views.static.serve serves files at "+where).at(route.At).Value = route.View
	}
}

func checkOverlap(p *Project, r *report) {
	media, static := p.setting("MEDIA_ROOT", pythonValue("")), p.setting("STATIC_ROOT", pythonValue(nil))
	switch {
	case !isPath(media) || !isPath(static):
		return
	case within(media.S, static.S):
		r.fail(p, "MEDIA_ROOT", media, fmt.Sprintf("MEDIA_ROOT (%s) lies in STATIC_ROOT (%s)", media.S, static.S))
	case within(static.S, media.S):
		r.fail(p, "STATIC_ROOT", static, fmt.Sprintf("STATIC_ROOT (%s) lies in MEDIA_ROOT (%s), where uploads can replace it", static.S, media.S))
	}
}

// sourceRoot is the absolute path of the folder that holds manage.py, as the
// settings see it: what BASE_DIR is.
func (p *Project) sourceRoot() string {
	for _, name := range []string{"BASE_DIR", "PROJECT_ROOT", "ROOT_DIR", "BASE_PATH"} {
		if v, _ := p.get(name); isPath(v) && strings.HasPrefix(v.S, "/") {
			return v.S
		}
	}
	return ""
}

func checkSourcePublished(p *Project, r *report) {
	root := p.sourceRoot()
	holds := func(v *pyeval.Value) bool {
		return isPath(v) && root != "" && within(root, v.S)
	}
	for _, name := range []string{"STATIC_ROOT", "MEDIA_ROOT", "WHITENOISE_ROOT"} {
		if v, own := p.get(name); own && holds(v) {
			r.fail(p, name, v, name+" holds the project itself: its source, and .env beside it, can be read by everybody")
		}
	}
	v, own := p.get("STATICFILES_DIRS")
	if !own || !v.IsList() {
		return
	}
	for _, dir := range v.Items {
		if dir.Kind == pyeval.Tuple && len(dir.Items) == 2 { // (prefix, folder)
			dir = dir.Items[1]
		}
		if holds(dir) {
			r.fail(p, "STATICFILES_DIRS", v, "STATICFILES_DIRS holds the project itself: collectstatic publishes its source, and .env beside it").at(dir.At)
		}
	}
}

func checkUploadModes(p *Project, r *report) {
	for _, name := range []string{"FILE_UPLOAD_PERMISSIONS", "FILE_UPLOAD_DIRECTORY_PERMISSIONS"} {
		v, own := p.get(name)
		if !own {
			continue
		}
		dir := name != "FILE_UPLOAD_PERMISSIONS"
		r.weigh(p, name, v, func(v *pyeval.Value) verdict {
			switch {
			case v.Kind == pyeval.None:
				return right
			case v.Kind == pyeval.Str:
				return wrong("%s is a string: os.chmod takes a number, such as 0o644", name)
			case v.Kind != pyeval.Int:
				return p.opaque(v)
			case v.N >= 400 && strings.TrimSpace(v.At.Text()) == fmt.Sprint(v.N):
				return wrong("%s is the decimal number %d, which is 0o%o: write 0o%d", name, v.N, v.N, v.N)
			case v.N&0o002 != 0:
				return wrong("%s is 0o%o: everybody may write", name, v.N)
			case !dir && v.N&0o111 != 0:
				return wrong("%s is 0o%o: uploaded files can be run", name, v.N)
			}
			return right
		})
	}
}

// requestLimits are what a request may take, with the most that is sensible.
var requestLimits = []struct {
	name string
	most float64
	unit string
}{
	{"DATA_UPLOAD_MAX_MEMORY_SIZE", 100 << 20, "bytes of a body"},
	{"DATA_UPLOAD_MAX_NUMBER_FIELDS", 100_000, "fields"},
	{"DATA_UPLOAD_MAX_NUMBER_FILES", 10_000, "files"},
	{"FILE_UPLOAD_MAX_MEMORY_SIZE", 100 << 20, "bytes of each file in memory"},
}

func checkRequestLimits(p *Project, r *report) {
	for _, limit := range requestLimits {
		v, own := p.get(limit.name)
		if !own {
			continue
		}
		r.weigh(p, limit.name, v, func(v *pyeval.Value) verdict {
			n, ok := number(v)
			switch {
			case v.Kind == pyeval.None && limit.name != "FILE_UPLOAD_MAX_MEMORY_SIZE":
				return wrong("%s is None: there is no limit", limit.name)
			case ok && n > limit.most:
				return wrong("%s allows %.0f %s", limit.name, n, limit.unit)
			case ok || v.Kind == pyeval.None:
				return right
			}
			return p.opaque(v)
		})
	}
}
