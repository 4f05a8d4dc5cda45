package audit

import (
	"net/url"
	"path"
	"slices"
	"strings"

	"github.com/djharden/djharden/internal/pyeval"
)

const (
	cacheDocs    = "https://docs.djangoproject.com/en/stable/topics/cache/"
	djangoCaches = "django.core.cache.backends."
)

var cacheRules = []*Rule{
	{
		ID: "DH511", Name: "counters-not-shared", Severity: Medium, Item: 6,
		Title:  "requests and failed logins are counted where the count is lost",
		Why:    "The default cache lives in the memory of one process: every worker counts for itself and a restart forgets all, so the real limit is the written one times the workers. A dummy cache counts nothing; files and database tables don't count atomically, which django-ratelimit refuses.",
		Fix:    `CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": os.environ["REDIS_URL"]}}`,
		CWE:    []int{307, 799},
		ASVS:   []string{"2.4.1", "6.3.1"},
		Checks: []string{"axes.W001", "django_ratelimit.E003"},
		Refs:   []string{cacheDocs + "#local-memory-caching", restThrottle + "#setting-up-the-cache"},
		Bad: `INSTALLED_APPS += ["django_ratelimit"]
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}`,
		Good: `INSTALLED_APPS += ["django_ratelimit"]
CACHES = {"default": {"BACKEND": "django_redis.cache.RedisCache", "LOCATION": "redis://127.0.0.1:6379/1"}}`,
		check: checkCounters,
	},
	{
		ID: "DH512", Name: "cache-open", Severity: Low,
		Title: "the cache is reached over a network without encryption",
		Why:   "What Django takes from Redis it unpickles: whoever can write there runs code here. Sessions and counters travel with it.",
		Fix:   `"LOCATION": "rediss://:password@cache.example.com:6379/0"`,
		CWE:   []int{306, 319},
		ASVS:  []string{"12.3.1", "13.2.1"},
		Refs:  []string{cacheDocs + "#redis"},
		Bad:   `CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": "redis://cache.example.com:6379/0"}}`,
		Good:  `CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": ["unix:///run/redis.sock"]}}`,
		check: checkCacheOpen,
	},
	{
		ID: "DH513", Name: "cache-files-served", Severity: High,
		Title:  "the cache's files lie where uploads or static files are served from",
		Why:    "The file cache unpickles what it reads. In a folder that takes uploads anybody can put a file there that runs code, and in a served one anybody can read what is cached.",
		Fix:    `CACHES = {"default": {"BACKEND": "django.core.cache.backends.filebased.FileBasedCache", "LOCATION": "/var/cache/lms"}}`,
		CWE:    []int{502, 552},
		ASVS:   []string{"5.3.1"},
		Checks: []string{"caches.W002"},
		Refs:   []string{cacheDocs + "#filesystem-caching"},
		Bad: `MEDIA_ROOT = "/srv/lms/media"
CACHES["files"] = {"BACKEND": "django.core.cache.backends.filebased.FileBasedCache", "LOCATION": "/srv/lms/media/cache"}`,
		Good: `MEDIA_ROOT = "/srv/lms/media"
CACHES["files"] = {"BACKEND": "django.core.cache.backends.filebased.FileBasedCache", "LOCATION": "/srv/lms/media-cache"}`,
		check: checkCacheFiles,
	},
}

// counter is something that counts in a cache.
type counter struct {
	name, alias string
	lost        []string // the backends that lose its counts
}

// counters are what counts requests or failed logins here.
func (p *Project) counters() []counter {
	process := []string{"dummy.DummyCache", "locmem.LocMemCache"}
	files := append(slices.Clone(process), "filebased.FileBasedCache")
	var list []counter
	if p.throttled() == pyeval.Yes {
		list = append(list, counter{"REST framework", "default", process})
	}
	if p.ratelimited() == pyeval.Yes && p.setting("RATELIMIT_ENABLE", pythonValue(true)).Truth() != pyeval.No {
		if v := p.setting("RATELIMIT_USE_CACHE", pythonValue("default")); v.Kind == pyeval.Str {
			list = append(list, counter{"django-ratelimit", v.S, append(slices.Clone(files), "db.DatabaseCache")})
		}
	}
	if p.axes() == pyeval.Yes && p.setting("AXES_HANDLER", pythonValue("")).IsStr("axes.handlers.cache.AxesCacheHandler") {
		if v := p.setting("AXES_CACHE", pythonValue("default")); v.Kind == pyeval.Str {
			list = append(list, counter{"django-axes", v.S, files})
		}
	}
	if p.has("allauth.account") == pyeval.Yes {
		list = append(list, counter{"django-allauth", "default", process})
	}
	return list
}

// caches is the value of CACHES.
func (p *Project) caches() *pyeval.Value {
	return p.setting("CACHES", pythonValue(dict{{"default", dict{{"BACKEND", djangoCaches + "locmem.LocMemCache"}}}}))
}

func checkCounters(p *Project, r *report) {
	list := p.counters()
	if len(list) == 0 {
		r.notApplicable("nothing was found that counts in a cache")
		return
	}
	v := p.caches()
	_, own := p.get("CACHES")
	r.weigh(p, "CACHES", v, func(v *pyeval.Value) verdict {
		var all []verdict
		for _, c := range list {
			x, there := v.Lookup(c.alias)
			if there == pyeval.No { // ratelimit-cache judges that, or the package refuses
				continue
			}
			if there == pyeval.Maybe {
				all = append(all, p.opaque(v))
				continue
			}
			all = append(all, over(x, func(x *pyeval.Value) verdict { return p.keeps(c, x, own).place(x.KeyPlace("BACKEND")) }))
		}
		return worst(all...)
	})
}

// keeps says whether a cache keeps the counts.
func (p *Project) keeps(c counter, cache *pyeval.Value, own bool) verdict {
	backend, _ := lookup(cache, "BACKEND", pythonValue(""))
	return over(backend, func(b *pyeval.Value) verdict {
		name, ok := dotted(b)
		short := strings.TrimPrefix(name, djangoCaches)
		switch {
		case !ok:
			return p.opaque(b)
		case !slices.Contains(c.lost, short):
			return right
		case !own:
			return wrong("%s counts in Django's default cache, which is per process: CACHES is unset", c.name)
		case len(cache.Env) > 0:
			return wrong("%s counts in %s when %s is unset", c.name, lastName(name), variables(cache))
		}
		return wrong("%s counts in %s (%s)", c.name, lastName(name), c.alias)
	})
}

// eachCache judges the entries of CACHES that can be seen.
func (r *report) eachCache(p *Project, test func(alias string, cache *pyeval.Value) verdict) {
	v, own := p.get("CACHES")
	if !own {
		r.notApplicable("CACHES is unset")
		return
	}
	r.weigh(p, "CACHES", v, func(v *pyeval.Value) verdict {
		if v.Kind != pyeval.Dict {
			return p.opaque(v)
		}
		var all []verdict
		for i, k := range v.Keys {
			all = append(all, over(v.Items[i], func(x *pyeval.Value) verdict {
				if x.Kind != pyeval.Dict {
					return right
				}
				return test(k.S, x)
			}))
		}
		return worst(all...)
	})
}

func checkCacheOpen(p *Project, r *report) {
	r.eachCache(p, func(alias string, cache *pyeval.Value) verdict {
		location, _ := lookup(cache, "LOCATION", pythonValue(""))
		options, _ := lookup(cache, "OPTIONS", pythonValue(dict{}))
		secret, _ := lookup(options, "PASSWORD", pythonValue(nil))
		if location == nil {
			return right
		}
		for _, s := range location.Strings() {
			u, err := url.Parse(s)
			if err != nil || u.Scheme != "redis" || !far(u.Hostname()) {
				continue
			}
			if _, set := u.User.Password(); !set && secret.Truth() == pyeval.No {
				return wrong("the cache %q on %s asks for no password, and the connection isn't encrypted", alias, u.Hostname())
			}
			return wrong("the connection to the cache %q on %s isn't encrypted: rediss:// is", alias, u.Hostname())
		}
		return right
	})
}

func checkCacheFiles(p *Project, r *report) {
	r.eachCache(p, func(alias string, cache *pyeval.Value) verdict {
		backend, _ := lookup(cache, "BACKEND", pythonValue(""))
		location, _ := lookup(cache, "LOCATION", pythonValue(""))
		if !backend.IsStr(djangoCaches+"filebased.FileBasedCache") || !isPath(location) {
			return right
		}
		for _, name := range []string{"MEDIA_ROOT", "STATIC_ROOT"} {
			root := p.setting(name, pythonValue(""))
			if isPath(root) && overlaps(location.S, root.S) {
				return wrong("the cache %q keeps its files in %s, which overlaps %s", alias, location.S, name)
			}
		}
		return right
	})
}

func isPath(v *pyeval.Value) bool {
	return v != nil && (v.Kind == pyeval.Str || v.Kind == pyeval.Path) && v.S != ""
}

// within says whether a folder is root, or in it.
func within(dir, root string) bool {
	dir, root = path.Clean(dir), path.Clean(root)
	return dir == root || strings.HasPrefix(dir, strings.TrimSuffix(root, "/")+"/")
}

func overlaps(a, b string) bool { return within(a, b) || within(b, a) }
