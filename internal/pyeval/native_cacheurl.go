package pyeval

import (
	"slices"
	"strings"
)

func init() {
	register(map[string]nativeFunc{
		"django_cache_url.parse": lifted(Dict, func(in *interp, c *call) *Value { return in.djangoCache(c, c.pos[0]) }),
		"django_cache_url.config": func(in *interp, c *call) *Value {
			if c.arg(1, "default") == nil {
				c = &call{at: c.at, pos: c.pos, kw: append(slices.Clone(c.kw), kwarg{"default", in.str(c.at, "locmem://")}), open: c.open}
			}
			return in.lift(c.at, in.configured(c, "CACHE_URL"), func(v *Value) *Value {
				if v.Truth() == No {
					return in.derive(c.at, &Value{Kind: Dict}, v)
				}
				return in.djangoCache(c, v)
			})
		},
	})
}

// redisBackends are what a redis:// cache may be: django-redis where that is
// installed, or the version of a package wants it, else Django's own.
func (in *interp) redisBackends(at Place, from *Value) *Value {
	own, other := in.str(at, "django.core.cache.backends.redis.RedisCache", from), in.str(at, "django_redis.cache.RedisCache", from)
	if in.o.Installed != nil {
		switch in.o.Installed("django_redis") {
		case Yes:
			return other
		case No:
			return own
		}
	}
	return in.choice(at, []*Value{other, own})
}

var environCaches = map[string]string{
	"dbcache": "django.core.cache.backends.db.DatabaseCache", "dummycache": "django.core.cache.backends.dummy.DummyCache",
	"filecache": "django.core.cache.backends.filebased.FileBasedCache", "locmemcache": "django.core.cache.backends.locmem.LocMemCache",
	"memcache": "django.core.cache.backends.memcached.MemcachedCache", "pylibmc": "django.core.cache.backends.memcached.PyLibMCCache",
	"pymemcache": "django.core.cache.backends.memcached.PyMemcacheCache",
	"rediscache": "redis", "redis": "redis", "rediss": "redis", "valkey": "redis", "valkeys": "redis",
}

// djangoCaches are django-cache-url's.
var djangoCaches = map[string]string{
	"db": "django.core.cache.backends.db.DatabaseCache", "dummy": "django.core.cache.backends.dummy.DummyCache",
	"elasticache": "django_elasticache.memcached.ElastiCache", "file": "django.core.cache.backends.filebased.FileBasedCache",
	"locmem": "django.core.cache.backends.locmem.LocMemCache", "uwsgicache": "uwsgicache.UWSGICache",
	"djangopylibmc": "django_pylibmc.memcached.PyLibMCCache", "pymemcache": "django.core.cache.backends.memcached.PyMemcacheCache",
}

// cacheOf begins a cache's settings; nil: the URL isn't known, and what to say
// instead is other.
func (in *interp) cacheOf(at Place, v *Value) (u urlText, out, other *Value) {
	if p, ok := v.Ref.(*parsedURL); ok { // django-environ hands a parsed URL over
		v = p.text
	}
	if v.Kind == Unknown && (v.Of == Str || v.Of == Unknown) {
		return u, nil, in.derive(at, &Value{Kind: Dict, Open: true}, v)
	}
	u, ok := splitURL(v.S)
	if v.Kind != Str || !ok {
		return u, nil, in.unknown(at, Dict, "a cache URL that can't be read", v)
	}
	return u, in.derive(at, &Value{Kind: Dict}, v), nil
}

// djangoCache is django_cache_url.parse, whose Redis and memcached back ends
// change with its version.
func (in *interp) djangoCache(c *call, v *Value) *Value {
	at := c.at
	u, out, other := in.cacheOf(at, v)
	if out == nil {
		return other
	}
	backend := djangoCaches[u.scheme]
	if backend == "" || u.query != "" || u.netloc == "" && strings.Contains(u.scheme, "memcache") {
		out.Open = true
		switch {
		case backend != "":
			in.option(out, at, "BACKEND", in.str(at, backend, v))
		case strings.Contains(u.scheme, "redis"):
			in.option(out, at, "BACKEND", in.choice(at, []*Value{
				in.str(at, "django_redis.cache.RedisCache", v), in.str(at, "django.core.cache.backends.redis.RedisCache", v),
			}))
		}
		return out
	}
	in.option(out, at, "BACKEND", in.str(at, backend, v))
	location := u.path
	if u.netloc != "" {
		location = strings.ReplaceAll(u.netloc, ",", ";")
	}
	if location == "" && u.scheme == "uwsgicache" {
		location = "default"
	}
	in.option(out, at, "LOCATION", in.str(at, location, v))
	return out
}

// environCache is Env.cache_url_config.
func (in *interp) environCache(c *call, v, backend *Value) *Value {
	at := c.at
	if v.Kind == None || v.IsStr("") {
		return in.derive(at, &Value{Kind: Dict}, v)
	}
	u, out, other := in.cacheOf(at, v)
	if out == nil {
		if backend != nil && other.Kind == Dict && backend.Truth() == Yes {
			in.option(other, at, "BACKEND", backend)
		}
		return other
	}
	if p, ok := v.Ref.(*parsedURL); ok {
		v = p.text
	}
	b := in.str(at, environCaches[u.scheme], v)
	switch b.S {
	case "":
		return in.failed(c, "ImproperlyConfigured", "invalid cache schema "+u.scheme, Dict, v)
	case "redis":
		b = in.redisBackends(at, v)
	}
	if u.scheme == "pymemcache" && (in.o.Installed == nil || in.o.Installed("pymemcache") != Yes) {
		b = in.choice(at, []*Value{b, in.str(at, environCaches["pylibmc"], v)})
		if in.o.Installed != nil && in.o.Installed("pymemcache") == No {
			b = b.Items[1]
		}
	}
	if backend != nil && backend.Truth() != No {
		b = backend
	}
	in.option(out, at, "BACKEND", b)
	in.option(out, at, "LOCATION", in.location(at, u, v))
	in.cacheOptions(at, u, b, out, v)
	return out
}

// location is where django-environ finds a cache.
func (in *interp) location(at Place, u urlText, v *Value) *Value {
	hosts := strings.Split(u.netloc, ",")
	switch {
	case u.scheme == "filecache":
		hosts = []string{u.netloc + u.path}
	case u.netloc == "" && (u.scheme == "memcache" || u.scheme == "pymemcache"):
		hosts = []string{"unix:" + u.path}
	case strings.HasPrefix(u.scheme, "redis"):
		scheme := "unix"
		if u.host() != "" {
			scheme = strings.ReplaceAll(u.scheme, "cache", "")
		}
		for i, h := range hosts {
			hosts[i] = scheme + "://" + h + u.path
		}
	}
	if len(hosts) == 1 {
		return in.str(at, hosts[0], v)
	}
	var items []*Value
	for _, h := range hosts {
		items = append(items, in.str(at, h, v))
	}
	return in.list(at, items, v)
}

func (in *interp) cacheOptions(at Place, u urlText, backend, out, v *Value) {
	if u.query == "" {
		return
	}
	pairs, _ := u.pairs()
	options := in.derive(at, &Value{Kind: Dict}, v)
	lower := backend.IsStr("django.core.cache.backends.redis.RedisCache")
	if backend.Kind == Choice {
		out.Open, options.Open = true, true
		pairs = nil
	}
	for _, p := range pairs {
		key := strings.ToUpper(p.key)
		into := options
		if slices.Contains([]string{"TIMEOUT", "KEY_PREFIX", "VERSION", "KEY_FUNCTION", "BINARY"}, key) {
			into = out
		}
		if lower {
			key = strings.ToLower(p.key)
		}
		in.option(into, at, key, in.castText(at, p.values[0], v))
	}
	in.option(out, at, "OPTIONS", options)
}

// castText is django-environ's _cast: a literal where the text is one.
func (in *interp) castText(at Place, s string, from *Value) *Value {
	v, class := in.literalText(at, s, from)
	switch {
	case v != nil:
		return v
	case class != "":
		return in.str(at, s, from)
	}
	return in.unknown(at, Unknown, "text that may be a literal", from)
}
