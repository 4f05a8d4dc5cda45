package pyeval

import (
	"slices"
	"strconv"
	"strings"
)

// environEngines are django-environ's, by scheme.
var environEngines = map[string]string{
	"postgres": "django.db.backends.postgresql", "postgresql": "django.db.backends.postgresql", "psql": "django.db.backends.postgresql",
	"pgsql": "django.db.backends.postgresql", "postgis": "django.contrib.gis.db.backends.postgis",
	"prometheus_postgresql": "django_prometheus.db.backends.postgresql", "prometheus_postgis": "django_prometheus.db.backends.postgis",
	"cockroachdb": "django_cockroachdb", "mysql": "django.db.backends.mysql", "mysql2": "django.db.backends.mysql",
	"mysql-connector": "mysql.connector.django", "mysqlgis": "django.contrib.gis.db.backends.mysql",
	"prometheus_mysql": "django_prometheus.db.backends.mysql", "mssql": "mssql", "oracle": "django.db.backends.oracle", "pyodbc": "sql_server.pyodbc",
	"redshift": "django_redshift_backend", "spatialite": "django.contrib.gis.db.backends.spatialite",
	"prometheus_spatialite": "django_prometheus.db.backends.spatialite", "sqlite": "django.db.backends.sqlite3",
	"prometheus_sqlite": "django_prometheus.db.backends.sqlite3", "ldap": "ldapdb.backends.ldap",
}

var postgresFamily = []string{"postgres", "postgresql", "psql", "pgsql", "postgis", "prometheus_postgresql", "prometheus_postgis"}

// environDB is Env.db_url_config.
func (in *interp) environDB(c *call, v, engine *Value) *Value {
	at := c.at
	return in.lift(at, v, func(v *Value) *Value {
		out := in.derive(at, &Value{Kind: Dict}, v)
		switch {
		case v.Kind == Unknown && (v.Of == Str || v.Of == Unknown):
			out.Open = true
			if i := strings.Index(v.S, "://"); i > 0 && environEngines[v.S[:i]] != "" {
				in.option(out, at, "ENGINE", in.str(at, environEngines[v.S[:i]], v))
			}
			return out
		case v.Kind != Str:
			return in.unknown(at, Dict, "", v)
		case v.S == "sqlite://:memory:":
			in.option(out, at, "ENGINE", in.str(at, environEngines["sqlite"]))
			in.option(out, at, "NAME", in.str(at, ":memory:"))
			return out
		}
		return in.environParts(c, v, out, engine)
	})
}

func (in *interp) environParts(c *call, v, out, engine *Value) *Value {
	at := c.at
	u, ok := splitURL(v.S)
	if !ok {
		u, ok = splitURL(quoteText(v.S, ":/?&=@"))
	}
	if ok && u.path == "" { // a password with special characters
		u, ok = splitURL(quoteText(u.text(), ":/?&=@"))
	}
	family := slices.Contains(postgresFamily, u.scheme)
	port, good := u.port()
	path, plain := unplus(strings.SplitN(strings.TrimPrefix(u.path, "/"), "?", 2)[0])
	if !ok || !plain || family && strings.Contains(u.netloc, ",") || strings.Contains(u.path, ";") {
		return in.unknown(at, Dict, "a database URL that can't be read", v)
	}
	if !good {
		return in.failed(c, "ValueError", "a port that isn't one", Dict, v)
	}
	host := u.host()
	switch {
	case u.scheme == "sqlite" && path == "":
		path = ":memory:"
	case u.scheme == "ldap":
		path = u.scheme + "://" + host
		if port > 0 {
			path += ":" + strconv.FormatInt(port, 10)
		}
	}
	if strings.HasPrefix(path, "/") && (family || strings.Contains(path, "cloudsql")) {
		i := strings.LastIndexByte(path, '/')
		host, path = path[:i], path[i+1:]
	}
	if u.scheme == "oracle" && path == "" {
		path, host = host, ""
	}
	user, _ := u.user()
	password, _ := u.password()
	text := func(key, s string) {
		if d, ok := unquoteText(s); ok {
			in.option(out, at, key, in.str(at, d, v))
		} else {
			in.option(out, at, key, in.unknown(at, Str, "bytes that aren't text", v))
		}
	}
	in.option(out, at, "NAME", in.str(at, path, v))
	text("USER", user)
	text("PASSWORD", password)
	in.option(out, at, "HOST", in.str(at, host, v))
	switch {
	case port > 0 && u.scheme == "oracle":
		in.option(out, at, "PORT", in.str(at, strconv.FormatInt(port, 10), v))
	case port > 0:
		in.option(out, at, "PORT", in.int(at, port, v))
	case u.scheme != "oracle":
		in.option(out, at, "PORT", in.str(at, "", v))
	}
	in.environOptions(at, u, out, v)
	return in.environEngine(at, u.scheme, engine, out, v)
}

func (in *interp) environOptions(at Place, u urlText, out, v *Value) {
	if u.query == "" {
		return
	}
	pairs, _ := u.pairs()
	options := in.derive(at, &Value{Kind: Dict}, v)
	for _, p := range pairs {
		up := strings.ToUpper(p.key)
		if slices.Contains([]string{"CONN_MAX_AGE", "ATOMIC_REQUESTS", "AUTOCOMMIT", "DISABLE_SERVER_SIDE_CURSORS", "CONN_HEALTH_CHECKS"}, up) {
			in.option(out, at, up, in.castText(at, p.values[0], v))
			continue
		}
		in.option(options, at, p.key, in.castInt(at, p.values[0], v))
	}
	in.option(out, at, "OPTIONS", options)
}

// castInt is django-environ's _cast_int.
func (in *interp) castInt(at Place, s string, v *Value) *Value {
	if s != "" && strings.Trim(s, "0123456789") == "" {
		return in.wholeNumber(&call{at: at}, in.str(at, s, v), 10)
	}
	return in.str(at, s, v)
}

func (in *interp) environEngine(at Place, scheme string, engine, out, v *Value) *Value {
	e := in.str(at, scheme, v)
	if engine != nil && engine.Truth() != No {
		e = engine
	}
	if full := environEngines[e.S]; e.Kind == Str && full != "" {
		e = in.str(at, full, e)
	}
	if e.IsStr("") { // it warns, and the default database is then the dummy
		return in.derive(at, &Value{Kind: Dict}, v)
	}
	in.option(out, at, "ENGINE", e)
	return out
}
