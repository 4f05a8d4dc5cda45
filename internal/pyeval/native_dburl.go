package pyeval

import (
	"strconv"
	"strings"
)

func init() {
	register(map[string]nativeFunc{
		"dj_database_url.parse":  databaseURL,
		"dj_database_url.config": databaseConfig,
	})
}

// engines are dj_database_url's, by scheme.
var engines = map[string]string{
	"postgres": "django.db.backends.postgresql", "postgresql": "django.db.backends.postgresql", "pgsql": "django.db.backends.postgresql",
	"postgis": "django.contrib.gis.db.backends.postgis", "mysql": "django.db.backends.mysql", "mysql2": "django.db.backends.mysql",
	"mysqlgis": "django.contrib.gis.db.backends.mysql", "mysql-connector": "mysql.connector.django",
	"sqlite": "django.db.backends.sqlite3", "spatialite": "django.contrib.gis.db.backends.spatialite",
	"oracle": "django.db.backends.oracle", "oraclegis": "django.contrib.gis.db.backends.oracle", "mssql": "sql_server.pyodbc", "mssqlms": "mssql",
	"redshift": "django_redshift_backend", "cockroach": "django_cockroachdb",
	"timescale": "timescale.db.backends.postgresql", "timescalegis": "timescale.db.backends.postgis",
}

// configured is the value that config(env=, default=) of the URL packages looks
// at: None where there is none.
func (in *interp) configured(c *call, env string) *Value {
	if s, ok := c.strArg(0, "env"); ok {
		env = s
	}
	def := c.arg(1, "default")
	if def == nil {
		def = in.none(c.at)
	}
	return in.variable(c.at, env, def)
}

func databaseConfig(in *interp, c *call) *Value {
	v := in.configured(c, "DATABASE_URL")
	return in.lift(c.at, v, func(v *Value) *Value {
		if v.Truth() == No {
			return in.derive(c.at, &Value{Kind: Dict}, v)
		}
		d := &call{at: c.at, pos: []*Value{v}, kw: c.kw}
		if len(c.pos) > 2 {
			d.pos = append(d.pos, c.pos[2:]...)
		}
		return databaseURL(in, d)
	})
}

// databaseURL is dj_database_url.parse.
func databaseURL(in *interp, c *call) *Value {
	if len(c.pos) == 0 {
		if v := c.arg(-1, "url"); v != nil {
			c = &call{at: c.at, pos: []*Value{v}, kw: c.kw}
		} else {
			return in.unknown(c.at, Dict, "")
		}
	}
	return in.lift(c.at, c.pos[0], func(v *Value) *Value { return in.databaseURL(c, v) })
}

// option sets a key of a dict of the model's own.
func (in *interp) option(d *Value, at Place, key string, v *Value) { d.put(in.str(at, key), v) }

// databaseURL is dj_database_url.parse of one URL.
func (in *interp) databaseURL(c *call, v *Value) *Value {
	at := c.at
	out := in.derive(at, &Value{Kind: Dict}, c.all(v)...)
	options := in.derive(at, &Value{Kind: Dict}, v)
	switch {
	case v.Kind == Str && v.S == "sqlite://:memory:":
		in.option(out, at, "ENGINE", in.str(at, engines["sqlite"]))
		in.option(out, at, "NAME", in.str(at, ":memory:"))
		return out
	case v.Kind == Str:
		if class := in.databaseParts(at, v, out, options); class != "" {
			return in.failed(c, class, "not a database URL that dj_database_url knows", Dict, v)
		}
	case v.Kind == Unknown && (v.Of == Str || v.Of == Unknown || v.Of == Dict):
		out.Open, options.Open = true, true
		if i := strings.Index(v.S, "://"); i > 0 && engines[v.S[:i]] != "" {
			in.option(out, at, "ENGINE", in.str(at, engines[v.S[:i]], v))
		}
	default:
		return in.unknown(at, Dict, "", v)
	}
	in.databaseOptions(c, out, options)
	return out
}

// databaseOptions puts what is passed explicitly into a database's settings.
func (in *interp) databaseOptions(c *call, out, options *Value) {
	at := c.at
	if require := c.arg(5, "ssl_require"); require != nil {
		switch require.Truth() {
		case Yes:
			in.option(options, at, "sslmode", in.str(at, "require", require))
		case Maybe:
			options.Open = true
		}
	}
	if len(options.Items) > 0 || options.Open {
		in.option(out, at, "OPTIONS", options)
	}
	get := func(i int, name string, def *Value) {
		x := c.arg(i, name)
		if x == nil {
			x = def
		}
		in.option(out, at, strings.ToUpper(name), x)
	}
	get(2, "conn_max_age", in.int(at, 0))
	get(3, "conn_health_checks", in.bool(at, false))
	get(4, "disable_server_side_cursors", in.bool(at, false))
	if e := c.arg(1, "engine"); e != nil && e.Truth() != No {
		in.option(out, at, "ENGINE", e)
	}
	if t := c.arg(6, "test_options"); t != nil && t.Truth() != No {
		in.option(out, at, "TEST", t)
	}
}

// databaseParts puts the parts of a URL into a database's settings and its
// options; else it gives the exception.
func (in *interp) databaseParts(at Place, v, out, options *Value) (class string) {
	u, ok := splitURL(v.S)
	if !ok {
		return "ParseError"
	}
	engine := engines[u.scheme]
	if engine == "" {
		return "UnknownSchemeError"
	}
	n, ok := u.port()
	if !ok {
		return "ParseError"
	}
	port := in.str(at, "", v)
	if n > 0 {
		port = in.int(at, n, v)
	}
	plain := func(s string) *Value {
		if d, ok := unquoteText(s); ok {
			return in.str(at, d, v)
		}
		return in.unknown(at, Str, "bytes that aren't text", v)
	}
	user, _ := u.user()
	password, _ := u.password()
	in.option(out, at, "ENGINE", in.str(at, engine, v))
	in.option(out, at, "USER", plain(user))
	in.option(out, at, "PASSWORD", plain(password))
	in.option(out, at, "HOST", plain(u.host()))
	in.option(out, at, "PORT", port)
	in.option(out, at, "NAME", plain(strings.TrimPrefix(u.path, "/")))
	pairs, _ := u.pairs()
	for _, p := range pairs {
		var values []*Value
		for _, s := range p.values {
			values = append(values, in.urlValue(at, s, v))
		}
		if len(values) == 1 {
			in.option(options, at, p.key, values[0])
		} else {
			in.option(options, at, p.key, in.list(at, values, v))
		}
	}
	in.databaseQuirks(at, u.scheme, out, options)
	return ""
}

// databaseQuirks is what dj_database_url does for one kind of database.
func (in *interp) databaseQuirks(at Place, scheme string, out, options *Value) {
	take := func(key string) *Value {
		v := options.Get(key)
		if v != nil {
			options.drop(options.find(key))
		}
		if v != nil && v.Truth() == No {
			return nil
		}
		return v
	}
	switch scheme {
	case "sqlite":
		if n := out.Get("NAME"); n.IsStr("") {
			in.option(out, at, "NAME", in.str(at, ":memory:", n))
		}
	case "oracle", "mssql", "mssqlms":
		if p := out.Get("PORT"); p.Kind == Int {
			in.option(out, at, "PORT", in.str(at, strconv.FormatInt(p.N, 10), p))
		}
	case "mysql", "mysql2":
		if ca := take("ssl-ca"); ca != nil {
			ssl := in.derive(at, &Value{Kind: Dict}, ca)
			in.option(ssl, at, "ca", ca)
			in.option(options, at, "ssl", ssl)
		}
	case "postgres", "postgresql", "pgsql", "postgis", "redshift", "timescale", "timescalegis":
		if schema := take("currentSchema"); schema != nil {
			in.option(options, at, "options", in.binary(at, "+", in.str(at, "-c search_path="), in.native("builtins.str", &call{at: at, pos: []*Value{schema}})))
		}
	}
}

// urlValue is how dj_database_url reads a value of the query.
func (in *interp) urlValue(at Place, s string, v *Value) *Value {
	if s != "" && strings.Trim(s, "0123456789") == "" {
		return in.wholeNumber(&call{at: at}, in.str(at, s, v), 10)
	}
	if l := strings.ToLower(s); l == "true" || l == "false" {
		return in.bool(at, l == "true", v)
	}
	return in.str(at, s, v)
}
