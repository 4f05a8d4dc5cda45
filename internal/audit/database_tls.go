package audit

import (
	"bytes"
	"io/fs"
	"strings"

	"github.com/djharden/djharden/internal/pyeval"
)

// tls is how a database connection is protected.
type tls uint8

const (
	tlsUnknown  tls = iota
	tlsNone         // plain text, or plain text when TLS is refused
	tlsOpen         // encrypted, to whoever answers
	tlsVerified     // the certificate is checked
	tlsNotDone      // the driver doesn't take what it is told
)

// requires is dj_database_url's argument, switched on.
var requires = lazy(`ssl_require\s*=\s*(?:True|not |[a-zA-Z_.]+\()`)

// checkDatabaseTLS, checkDatabaseVerified, checkDatabaseDowngrade and
// checkDatabaseDriver look at one thing from four sides: exactly one of them
// reports.
func checkDatabaseTLS(p *Project, r *report) {
	r.eachDatabase(p, func(d database) verdict {
		return p.protected(d, func(level tls, words string) verdict {
			if level == tlsNone && !d.misplaced() {
				return wrong("the connection to %s isn't encrypted: %s", d.alias, words)
			}
			return right
		})
	})
}

// sure keeps what can't be told to database-tls-off alone.
func (v verdict) sure() verdict {
	if v.wrong == pyeval.Maybe {
		return right
	}
	return v
}

func checkDatabaseVerified(p *Project, r *report) {
	r.eachDatabase(p, func(d database) verdict {
		if d.value.Kind == pyeval.Dict && len(d.value.Items) == 0 && d.value.FromEnv() && requires().MatchString(d.value.At.Text()) {
			return wrong("once %s is set the connection to %s checks no certificate: ssl_require means sslmode=require", variables(d.value), d.alias)
		}
		return p.protected(d, func(level tls, words string) verdict {
			if level == tlsOpen && !p.downgraded(d) {
				return wrong("the connection to %s checks no certificate: %s", d.alias, words)
			}
			return right
		}).sure()
	})
}

func checkDatabaseDowngrade(p *Project, r *report) {
	r.eachDatabase(p, func(d database) verdict {
		if d.value.Kind == pyeval.Dict && d.option("sslmode").IsStr("require") && p.downgraded(d) {
			return wrong("the URL asks for verification, and ssl_require=True overwrites it with sslmode=require").place(asksRequire(d.value.At))
		}
		return right
	})
}

// asksRequire is where a call asks for ssl_require, the zero Place where it
// doesn't.
func asksRequire(call pyeval.Place) pyeval.Place {
	m := requires().FindStringIndex(call.Text())
	if m == nil {
		return pyeval.Place{}
	}
	return pyeval.Place{Src: call.Src, S: call.S + m[0], E: call.S + m[1]}
}

func checkDatabaseDriver(p *Project, r *report) {
	r.eachDatabase(p, func(d database) verdict {
		return p.protected(d, func(level tls, words string) verdict {
			if level == tlsNotDone {
				return wrong("%s", words)
			}
			return right
		}).sure()
	})
}

// protected judges how the connection is protected.
func (p *Project) protected(d database, test func(tls, string) verdict) verdict {
	if d.value.Kind != pyeval.Dict {
		return p.unseenTLS(d.value)
	}
	engine := d.engine()
	sslmode, there := lookup(d.key("OPTIONS", pythonValue(dict{})), "sslmode", pythonValue(nil))
	switch engine {
	case "dummy":
		if d.value.Open || d.value.FromEnv() {
			return p.unseenTLS(d.value)
		}
		return right
	case "sqlite", "mysql":
		if there == pyeval.Yes {
			return test(tlsNotDone, engine+"'s driver raises TypeError for sslmode")
		}
		if engine == "sqlite" || d.local() == pyeval.Yes {
			return right
		}
		return p.mysql(d, test)
	case "postgresql", "":
	default:
		return right // a database whose driver isn't known here
	}
	return over(sslmode, func(v *pyeval.Value) verdict {
		switch {
		case v.Kind == pyeval.None && d.option("service").Kind != pyeval.None:
			return cantTell("the connection is described in a service file")
		case v.Kind == pyeval.None && (d.value.Open || d.key("OPTIONS", pythonValue(dict{})).Open || engine == ""):
			return p.unseenTLS(d.value)
		case v.Kind == pyeval.None:
			return p.away(d, test(tlsNone, "there is no sslmode, and libpq falls back to plain text"))
		case v.Kind != pyeval.Str:
			return p.unseenTLS(v)
		}
		switch v.S {
		case "verify-full", "verify-ca":
			return test(tlsVerified, "")
		case "require":
			if d.option("sslrootcert").Truth() != pyeval.No { // then libpq checks the certificate, as verify-ca does
				return test(tlsVerified, "")
			}
			return p.away(d, test(tlsOpen, "sslmode is require").place(v.At))
		case "disable", "allow", "prefer":
			return p.away(d, test(tlsNone, "sslmode is "+v.S).place(v.At))
		}
		return test(tlsNotDone, "libpq knows no sslmode "+v.S)
	})
}

// unseenTLS is the verdict on a connection that a variable describes: settings
// that speak of verification are taken to ask for it.
func (p *Project) unseenTLS(v *pyeval.Value) verdict {
	for _, name := range p.Result.Files {
		code, err := fs.ReadFile(p.FS, name)
		if err == nil && bytes.Contains(code, []byte("verify-full")) {
			return right
		}
	}
	if v.FromEnv() {
		return cantTell("whether the connection is encrypted depends on " + variables(v))
	}
	return p.opaque(v)
}

// away is the verdict on a server that is reached over a network: a socket
// needs no TLS.
func (p *Project) away(d database, v verdict) verdict {
	if v.wrong != pyeval.Yes {
		return v
	}
	host := d.key("HOST", pythonValue(""))
	switch d.local() {
	case pyeval.Yes:
		return right
	case pyeval.Maybe:
		if host.FromEnv() && host.Kind == pyeval.Unknown {
			return v // a host that has to be named is another machine, or no reason to set it
		}
		return p.opaque(host)
	}
	return v
}

// mysql judges the options of mysqlclient and of MySQL's own connector.
func (p *Project) mysql(d database, test func(tls, string) verdict) verdict {
	options := d.key("OPTIONS", pythonValue(dict{}))
	if options.Open || options.Kind == pyeval.Unknown {
		return p.opaque(options)
	}
	mode, ssl := d.option("ssl_mode"), d.option("ssl")
	if file := d.option("read_default_file"); file.Kind != pyeval.None {
		return cantTell("the connection is described in an option file")
	}
	switch m := strings.ToUpper(mode.S); {
	case mode.Kind == pyeval.Unknown || ssl.Kind == pyeval.Unknown:
		return p.opaque(mode)
	case m == "VERIFY_IDENTITY" || m == "VERIFY_CA":
		return test(tlsVerified, "")
	case m == "REQUIRED":
		return p.away(d, test(tlsOpen, "ssl_mode is REQUIRED"))
	case ssl.Get("ca") != nil || d.option("ssl_ca").Kind != pyeval.None:
		return test(tlsVerified, "")
	case ssl.Truth() == pyeval.Yes:
		return p.away(d, test(tlsOpen, "ssl has no ca"))
	case m != "":
		return p.away(d, test(tlsNone, "ssl_mode is "+mode.S))
	}
	return p.away(d, test(tlsNone, "OPTIONS has neither ssl_mode nor ssl"))
}

// misplaced says whether a sslmode stands where it does nothing.
func (d database) misplaced() bool {
	for _, k := range d.value.Keys {
		if k.Kind == pyeval.Str && strings.HasPrefix(strings.ToLower(k.S), "ssl") {
			return true
		}
	}
	return false
}

// downgraded says whether the settings ask for verification in a URL and take
// it back with ssl_require.
func (p *Project) downgraded(d database) bool {
	s := p.Result.Get(databases)
	if s == nil {
		return false
	}
	var written strings.Builder
	written.WriteString(d.value.At.Text())
	for _, c := range s.Changes {
		written.WriteString(c.Text())
	}
	for _, read := range p.Result.Reads {
		for _, name := range d.value.Env {
			if read.Name == name && read.Default != nil {
				written.WriteString(read.Default.S)
			}
		}
	}
	all := written.String()
	return requires().MatchString(all) && (strings.Contains(all, "sslmode=verify-") || d.option("sslrootcert").Kind != pyeval.None)
}
