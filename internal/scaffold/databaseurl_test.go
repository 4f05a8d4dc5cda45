package scaffold

import (
	"errors"
	"strings"
	"testing"
)

// databaseURLs are URLs with the TLS answer and what becomes of them; a want
// that begins with "!" is a part of the refusal.
var databaseURLs = []struct{ raw, tls, want, ca string }{
	{"postgres://u:p@db.example:5432/n", "verify-full", "postgres://u:p@db.example:5432/n?sslmode=verify-full", ""},
	{"postgresql://u:p@DB/n?sslmode=verify-full", "verify-full", "postgres://u:p@db/n?sslmode=verify-full", ""},
	{"psql://u:p@h/n", "require", "postgres://u:p@h/n?sslmode=require", ""},
	{"postgres://u:p@h/n?sslmode=verify-full", "require", "postgres://u:p@h/n?sslmode=verify-full", ""},
	{"postgres://u:p@h/n?sslmode=VERIFY-FULL&sslrootcert=/etc/ca.pem", "verify-full", "postgres://u:p@h/n?sslmode=verify-full", "/etc/ca.pem"},
	{"postgres://u:p@h/n?sslrootcert=%2Fetc%2Fca.pem", "verify-full", "postgres://u:p@h/n?sslmode=verify-full", "/etc/ca.pem"},
	{"postgres://u:p@h/n?sslrootcert=system", "verify-full", "postgres://u:p@h/n?sslmode=verify-full", ""},
	{"postgres://u:p@ss/w#o?rd[@h/n", "verify-full", "postgres://u:p%40ss%2Fw%23o%3Frd%5B@h/n?sslmode=verify-full", ""},
	{"postgres://user:5432#x@h/n", "verify-full", "postgres://user:5432%23x@h/n?sslmode=verify-full", ""},
	{"postgres://u:50%off@h/n", "verify-full", "postgres://u:50%25off@h/n?sslmode=verify-full", ""},
	{"postgres://u:a%40b@h/n", "verify-full", "postgres://u:a%40b@h/n?sslmode=verify-full", ""},
	{"postgres://u:a+b~c@h/n", "verify-full", "postgres://u:a%2Bb%7Ec@h/n?sslmode=verify-full", ""},
	{"postgres://u:pä$@h/n", "verify-full", "postgres://u:p%C3%A4%24@h/n?sslmode=verify-full", ""},
	{"postgres://u@h/n", "verify-full", "postgres://u@h/n?sslmode=verify-full", ""},
	{"postgres://u:@h/n", "verify-full", "postgres://u@h/n?sslmode=verify-full", ""},
	{"postgres://h/n", "verify-full", "postgres://h/n?sslmode=verify-full", ""},
	{" postgres://u:p@h/n\n", "verify-full", "postgres://u:p@h/n?sslmode=verify-full", ""},
	{"postgres://u:p@h/my%20db", "verify-full", "postgres://u:p@h/my%20db?sslmode=verify-full", ""},
	{"postgres://u:p@h/a@b", "verify-full", "!database", ""},
	{"postgres://u:p@%2Fvar%2Frun%2Fpostgresql/n", "off", "postgres://u:p@%2Fvar%2Frun%2Fpostgresql/n", ""},
	{"postgres:///n?host=/var/run/postgresql", "off", "postgres://%2Fvar%2Frun%2Fpostgresql/n", ""},
	{"postgres://u:p@localhost/n", "off", "postgres://u:p@localhost/n", ""},
	{"postgres://u:p@127.0.0.1:5433/n?sslmode=disable", "off", "postgres://u:p@127.0.0.1:5433/n?sslmode=disable", ""},
	{"postgres://u:p@db_1/n", "verify-full", "postgres://u:p@db_1/n?sslmode=verify-full", ""},

	{"postgres://u:p@h/n", "off", "!this machine", ""},
	{"postgres://u:p@h/n?sslmode=disable", "off", "!this machine", ""},
	{"postgres://u:p@h/n", "", "!--database-tls", ""},
	{"postgres://u:p@h/n?sslmode=require", "verify-full", "!less than verify-full", ""},
	{"postgres://u:p@h/n?sslmode=verify-ca", "verify-full", "!less than verify-full", ""},
	{"postgres://u:p@h/n?sslmode=prefer", "verify-full", "!no encryption", ""},
	{"postgres://u:p@h/n?sslmode=disable", "require", "!no encryption", ""},
	{"postgres://u:p@h/n?sslmode=none", "require", "!doesn't know", ""},
	{"postgres://u:p@h/n?sslmode=require&sslmode=verify-full", "require", "!twice", ""},
	{"postgres://u:p@h/n?sslmode=require&channel_binding=require", "require", "!channel_binding", ""},
	{"postgres://u:p@h/n?pool=true", "verify-full", "!pool", ""},
	{"postgres://u:p@h/n?options=-c%20x", "verify-full", "!options", ""},
	{"postgres://u:p@h/n?sslrootcert=ca.pem", "verify-full", "!sslrootcert", ""},
	{"postgres://u:p@h/n?host=/tmp", "verify-full", "!twice", ""},
	{"sqlite:///db.sqlite3", "verify-full", "!SQLite", ""},
	{"mysql://u:p@h/n", "verify-full", "!mysql", ""},
	{"postgis://u:p@h/n", "verify-full", "!postgis", ""},
	{"u:p@h/n", "verify-full", "!not a URL", ""},
	{"jdbc:postgresql://h/n", "verify-full", "!not a PostgreSQL", ""},
	{"", "verify-full", "!empty", ""},
	{"postgres://", "verify-full", "!no database", ""},
	{"postgres://h", "verify-full", "!no database", ""},
	{"postgres://u:p@h/", "verify-full", "!no database", ""},
	{"postgres:///n", "verify-full", "!no host", ""},
	{"postgres://u:p@/n", "verify-full", "!no host", ""},
	{"postgres://u:p@:5432/n", "verify-full", "!no host", ""},
	{"postgres://:p@h/n", "verify-full", "!user name", ""},
	{"postgres://u:p@h:0/n", "verify-full", "!port", ""},
	{"postgres://u:p@h:65536/n", "verify-full", "!port", ""},
	{"postgres://u:p@h:/n", "verify-full", "!port", ""},
	{"postgres://u:p@[::1]/n", "verify-full", "!IPv6", ""},
	{"postgres://u:p@h1,h2/n", "verify-full", "!several", ""},
	{"postgres://u:p@h/a/b", "verify-full", "!path", ""},
	{"postgres://u:p@h/a%2Fb", "verify-full", "!path", ""},
	{"postgres://u:p@h/sslmode%3Ddisable", "verify-full", "!options", ""},
	{"postgres://u:p@h/" + strings.Repeat("n", 64), "verify-full", "!63", ""},
	{"postgres://u:p@h/n#f", "verify-full", "!#", ""},
	{"postgres://u:a\nb@h/n", "verify-full", "!control", ""},
	{"postgres://u:a%0Ab@h/n", "verify-full", "!control", ""},
	{"postgres://u:a%00b@h/n", "verify-full", "!control", ""},
	{"postgres://u:%ff@h/n", "verify-full", "!UTF-8", ""},
	{"postgres://u:\xff@h/n", "verify-full", "!UTF-8", ""},
	{"postgres://a/b:c@h/n", "verify-full", "!taken apart", ""},
	{`"postgres://u:p@h/n"`, "verify-full", "!quote", ""},
	{"postgres://u:p@-h/n", "verify-full", "!host", ""},
	{"postgres://u:p@h$x/n", "verify-full", "!host", ""},
	{"postgres://u:p@%2Fvar%2F..%2Fx/n", "off", "!socket", ""},
}

func TestNormalizeDatabaseURL(t *testing.T) {
	for _, c := range databaseURLs {
		got, ca, _, err := NormalizeDatabaseURL(c.raw, c.tls)
		if part, refused := strings.CutPrefix(c.want, "!"); refused {
			var oe *OptionError
			if !errors.As(err, &oe) {
				t.Errorf("%q, %s: got %q, %v, want a refusal", c.raw, c.tls, got, err)
			} else if oe.Key != "database_url" || !strings.Contains(oe.Msg, part) {
				t.Errorf("%q, %s: %q doesn't say %q", c.raw, c.tls, oe, part)
			}
			continue
		}
		if err != nil || got != c.want || ca != c.ca {
			t.Errorf("%q, %s: got %q, %q, %v, want %q, %q", c.raw, c.tls, got, ca, err, c.want, c.ca)
		}
		if again, ca, notes, err := NormalizeDatabaseURL(got, c.tls); err != nil || again != got || ca != "" || len(notes) > 0 {
			t.Errorf("%q: a second time %q, %q, %v, %v", got, again, ca, notes, err)
		}
	}
}

func TestMaskURL(t *testing.T) {
	for in, want := range map[string]string{
		"":                        "",
		"postgres://u:p@h:5432/n": "postgres://u:***@h:5432/n",
		"postgres://u:p@a/b#c@h/n?sslmode=require": "postgres://u:***@h/n?sslmode=require",
		"postgres://u@h/n":                         "postgres://u@h/n",
		"postgres://h/n":                           "postgres://h/n",
		"postgres://u:secret":                      "postgres://***",
		"postgres://u:pa/ss":                       "postgres://***",
		"hunter2":                                  "***",
		"hunter2@x":                                "***",
		"redis://:pw@h:6379/0":                     "redis://:***@h:6379/0",
		"redis://h/0?password=x":                   "redis://h/0?***",
		"unix://:pw@/run/redis.sock?db=1":          "unix://:***@/run/redis.sock?db=1",
		"postgres://u:p@%2Fvar%2Frun/n":            "postgres://u:***@%2Fvar%2Frun/n",
	} {
		if got := MaskURL(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
		if got := MaskURL(MaskURL(in)); got != MaskURL(in) && in != "redis://h/0?password=x" {
			t.Errorf("%q: masked twice %q", in, got)
		}
	}
}
