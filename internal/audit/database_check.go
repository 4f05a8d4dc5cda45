package audit

import (
	"slices"
	"strings"

	"github.com/djharden/djharden/internal/pyeval"
)

// database is one entry of DATABASES, as far as it can be seen.
type database struct {
	alias   string
	value   *pyeval.Value // the dict
	setting string        // DATABASES["default"]
}

// key is a value of the entry, else def.
func (d database) key(name string, def *pyeval.Value) *pyeval.Value {
	v, _ := lookup(d.value, name, def)
	if v == nil {
		return pythonValue(nil)
	}
	return v
}

// option is what the driver is given.
func (d database) option(name string) *pyeval.Value {
	v, _ := lookup(d.key("OPTIONS", pythonValue(dict{})), name, pythonValue(nil))
	return v
}

// engine is the kind of the database: "postgresql", "mysql", "sqlite", "dummy",
// another's last name, or "" where it can't be told.
func (d database) engine() string {
	v := d.key("ENGINE", pythonValue(""))
	if v.Kind != pyeval.Str {
		return ""
	}
	name := v.S
	switch {
	case name == "":
		return "dummy"
	case strings.Contains(name, "postg") || strings.Contains(name, "timescale") || strings.Contains(name, "tenant_schemas") || strings.Contains(name, "django_tenants"):
		return "postgresql"
	case strings.Contains(name, "mysql") || strings.Contains(name, "mariadb"):
		return "mysql"
	case strings.Contains(name, "sqlite") || strings.Contains(name, "spatialite"):
		return "sqlite"
	}
	return lastName(name)
}

// local says whether the server is this machine.
func (d database) local() pyeval.Truth {
	return d.key("HOST", pythonValue("")).All(func(v *pyeval.Value) pyeval.Truth {
		switch {
		case v.Kind == pyeval.Str || v.Kind == pyeval.Path:
			return is(near(v.S))
		case v.Kind == pyeval.None:
			return pyeval.Yes
		case v.Kind == pyeval.Unknown && v.S != "":
			return is(strings.HasPrefix(v.S, "/"))
		}
		return pyeval.Maybe
	})
}

// eachDatabase judges the entries of DATABASES: every case of a branch that
// can't be decided has to fail.
func (r *report) eachDatabase(p *Project, test func(database) verdict) {
	v, own := p.get(databases)
	if !own {
		r.notApplicable("DATABASES is unset")
		return
	}
	if v.Kind == pyeval.Choice {
		r.take(p, databases, v, over(v, func(v *pyeval.Value) verdict { return p.entries(v, test) }))
		return
	}
	if v.Kind != pyeval.Dict {
		r.take(p, databases, v, p.opaque(v))
		return
	}
	for i, k := range v.Keys {
		if k.Kind != pyeval.Str {
			continue
		}
		setting := sub(databases, k.S)
		r.take(p, setting, v.Items[i], over(v.Items[i], func(x *pyeval.Value) verdict {
			return test(database{k.S, x, setting})
		}))
	}
}

// seen keeps a test from an entry that can't be seen into.
func (p *Project) seen(test func(database) verdict) func(database) verdict {
	return func(d database) verdict {
		if d.value.Kind != pyeval.Dict {
			return p.opaque(d.value)
		}
		return test(d)
	}
}

func (p *Project) entries(v *pyeval.Value, test func(database) verdict) verdict {
	if v.Kind != pyeval.Dict {
		return p.opaque(v)
	}
	var all []verdict
	for i, k := range v.Keys {
		if k.Kind == pyeval.Str {
			all = append(all, over(v.Items[i], func(x *pyeval.Value) verdict {
				return test(database{k.S, x, sub(databases, k.S)})
			}))
		}
	}
	return worst(all...)
}

func checkSQLite(p *Project, r *report) {
	r.eachDatabase(p, p.seen(func(d database) verdict {
		return over(d.key("ENGINE", pythonValue("")), func(v *pyeval.Value) verdict {
			switch {
			case v.Kind == pyeval.Str && strings.Contains(v.S, "sqlite"):
				if len(d.value.Env) > 0 || len(v.Env) > 0 {
					return wrong("production uses SQLite when %s is unset", variables(d.value, v))
				}
				return wrong("production uses SQLite")
			case v.Kind == pyeval.Str:
				return right
			}
			return p.opaque(v)
		})
	}))
}

// variables names the environment variables that values depend on.
func variables(list ...*pyeval.Value) string {
	var out []string
	for _, v := range list {
		for _, name := range v.Env {
			if !slices.Contains(out, name) {
				out = append(out, name)
			}
		}
	}
	return strings.Join(out, " and ")
}

// needing are apps that don't work without a database.
var needing = []string{"django.contrib.auth", "django.contrib.sessions", "django.contrib.admin"}

func checkNoDatabase(p *Project, r *report) {
	stores := pyeval.No
	for _, app := range needing {
		stores = any3(stores, p.has(app))
	}
	if !r.needs(p, stores, "INSTALLED_APPS", "app that stores anything") {
		return
	}
	v, own := p.get(databases)
	if !own {
		r.fail(p, databases, v, "DATABASES is unset: every query ends in ImproperlyConfigured")
		return
	}
	r.weigh(p, databases, v, func(v *pyeval.Value) verdict {
		x, there := v.Lookup("default")
		switch {
		case there == pyeval.Maybe:
			return p.opaque(v)
		case there == pyeval.No:
			return wrong("DATABASES has no default: every query ends in ImproperlyConfigured")
		}
		return over(x, func(x *pyeval.Value) verdict {
			if x.Kind != pyeval.Dict {
				return p.opaque(x)
			}
			d := database{"default", x, ""}
			switch {
			case d.engine() != "dummy" || x.Open:
				return right
			case x.FromEnv() && !strings.HasPrefix(x.At.Text(), "{"): // what production does then is to answer with errors, not to run on less
				return cantTell("without " + variables(x) + " there is no database")
			}
			return wrong("the default database has no ENGINE: every query ends in ImproperlyConfigured")
		})
	})
}

// topKeys are what Django itself reads of an entry of DATABASES.
var topKeys = strings.Fields("ENGINE NAME USER PASSWORD HOST PORT OPTIONS TEST TIME_ZONE ATOMIC_REQUESTS AUTOCOMMIT CONN_MAX_AGE CONN_HEALTH_CHECKS DISABLE_SERVER_SIDE_CURSORS")

// driverKeys belong to the driver, so below OPTIONS.
var driverKeys = strings.Fields("sslmode sslrootcert sslcert sslkey ssl ssl_mode ssl_ca connect_timeout options pool charset init_command sql_mode timeout service passfile target_session_attrs application_name isolation_level read_default_file")

func checkDatabaseKeys(p *Project, r *report) {
	r.eachDatabase(p, p.seen(func(d database) verdict {
		for _, k := range d.value.Keys {
			if k.Kind != pyeval.Str || slices.Contains(topKeys, k.S) {
				continue
			}
			low := strings.ReplaceAll(strings.ToLower(k.S), "-", "_")
			if slices.Contains(driverKeys, low) {
				return wrong("%s does nothing beside ENGINE: it belongs below OPTIONS", k.S).place(k.At)
			}
			if like := resembles(k.S, topKeys); like != "" {
				return wrong("Django ignores %s: it reads %s", k.S, like).place(k.At)
			}
		}
		return right
	}))
}

func checkPool(p *Project, r *report) {
	r.eachDatabase(p, p.seen(func(d database) verdict {
		pool, age := d.option("pool"), d.key("CONN_MAX_AGE", pythonValue(0))
		if d.engine() != "postgresql" || pool.Truth() != pyeval.Yes {
			return right
		}
		n, ok := number(age)
		switch {
		case age.Kind == pyeval.None:
			return wrong("OPTIONS has a pool, and CONN_MAX_AGE is None: Django refuses to connect")
		case ok && n != 0:
			return wrong("OPTIONS has a pool, and CONN_MAX_AGE is %g: Django refuses to connect", n)
		case ok:
			return right
		}
		return p.opaque(age)
	}))
}

func checkSuperuser(p *Project, r *report) {
	super := map[string][]string{"postgresql": {"postgres"}, "mysql": {"root"}, "mssql": {"sa"}, "oracle": {"system", "sys"}}
	r.eachDatabase(p, p.seen(func(d database) verdict {
		return over(d.key("USER", pythonValue("")), func(v *pyeval.Value) verdict {
			if v.Kind == pyeval.Str && slices.Contains(super[d.engine()], strings.ToLower(v.S)) {
				return wrong("Django connects as %s", v.S)
			}
			return right
		})
	}))
}

func checkHealth(p *Project, r *report) {
	r.eachDatabase(p, p.seen(func(d database) verdict {
		age, checks := d.key("CONN_MAX_AGE", pythonValue(0)), d.key("CONN_HEALTH_CHECKS", pythonValue(false))
		n, ok := number(age)
		switch {
		case d.engine() == "sqlite" || d.engine() == "dummy":
			return right
		case !ok && age.Kind != pyeval.None, ok && n == 0, checks.Truth() != pyeval.No:
			return right
		case d.option("pool").Truth() != pyeval.No: // database-pool-conflict judges that
			return right
		}
		return wrong("connections are kept (CONN_MAX_AGE), and CONN_HEALTH_CHECKS is off")
	}))
}
