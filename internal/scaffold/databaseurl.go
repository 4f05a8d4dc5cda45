package scaffold

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// databaseURL is a PostgreSQL URL taken apart, every part decoded.
type databaseURL struct {
	user, password string
	hasPassword    bool
	host           string // lower case; a path for a Unix socket
	port           string
	name           string
	mode           string // sslmode, "" when the URL names none
	ca             string // sslrootcert
	notes          []string
}

// sslmodes are libpq's, weakest first.
var sslmodes = []string{"disable", "allow", "prefer", "require", "verify-ca", "verify-full"}

// NormalizeDatabaseURL returns a PostgreSQL URL as it goes to .env: every part
// percent-encoded into characters that all readers of .env take alike, at most
// one query parameter, sslmode. tls is the answer database_tls. A URL
// without a mode gets the one chosen, one that asks for less is refused;
// sslrootcert comes back as caFile, because a second parameter would bring an &,
// which ends the line for a shell. The notes say what was changed. No error
// shows any part of the URL but its host and parameter names.
func NormalizeDatabaseURL(raw, tls string) (url, caFile string, notes []string, err error) {
	d, err := parseDatabaseURL(raw)
	if err != nil {
		return "", "", nil, keyed(err, "database_url", "")
	}
	if err := d.raise(tls); err != nil {
		return "", "", nil, keyed(err, "database_url", "")
	}
	return d.String(), d.ca, d.notes, nil
}

// raise brings the URL's mode to the one chosen, or refuses.
func (d *databaseURL) raise(tls string) error {
	rank := slices.Index(sslmodes, d.mode)
	switch tls {
	case "off":
		if !isLoopback(d.host) {
			return bad("take --database-tls verify-full, or require where the host offers no more",
				"--database-tls off is for a database on this machine (localhost, a socket), and %q is another", d.host)
		}
		return nil
	case "require", "verify-full":
	default:
		return bad("", "can't be judged without --database-tls verify-full, require or off")
	}
	if d.mode == "" {
		d.mode = tls
		d.notes = append(d.notes, fmt.Sprintf("sslmode=%s was added to the database URL", tls))
		return nil
	}
	if rank >= slices.Index(sslmodes, tls) {
		return nil
	}
	if rank < slices.Index(sslmodes, "require") {
		hint := fmt.Sprintf("write sslmode=%s, or leave sslmode out", tls)
		if isLoopback(d.host) {
			hint += "; for a database on this machine there is --database-tls off"
		}
		return bad(hint, "asks for sslmode=%s, which a server or anyone on the path can turn into no encryption at all", d.mode)
	}
	return bad("write sslmode=verify-full (with --database-ca for a private authority), or take --database-tls require where the host offers no more",
		"asks for sslmode=%s, less than verify-full: it doesn't check that the server is the one named", d.mode)
}

// String returns the URL in its normal form.
func (d *databaseURL) String() string {
	var b strings.Builder
	b.WriteString("postgres://")
	b.WriteString(userinfo(d.user, d.password, d.hasPassword))
	b.WriteString(escape(d.host))
	if d.port != "" {
		b.WriteString(":" + d.port)
	}
	b.WriteString("/" + escape(d.name))
	if d.mode != "" {
		b.WriteString("?sslmode=" + d.mode)
	}
	return b.String()
}

// userinfo returns "user:password@", or less.
func userinfo(user, password string, hasPassword bool) string {
	switch {
	case hasPassword:
		return escape(user) + ":" + escape(password) + "@"
	case user != "":
		return escape(user) + "@"
	}
	return ""
}

// parseDatabaseURL takes a URL apart as a person wrote it: the user name ends
// at the first colon and the password at the last @, so that a password with
// raw / ? # @ in it is read right and not in part, which is what
// dj_database_url makes of it.
func parseDatabaseURL(raw string) (*databaseURL, error) {
	raw, err := cleanURL(raw)
	if err != nil {
		return nil, err
	}
	scheme, rest, ok := strings.Cut(raw, "://")
	if !ok {
		return nil, bad(databaseForm, "is not a URL")
	}
	d := &databaseURL{}
	if err := d.scheme(strings.ToLower(scheme)); err != nil {
		return nil, err
	}
	place := rest
	if at := strings.LastIndexByte(rest, '@'); at >= 0 {
		place = rest[at+1:]
		if err := d.userinfo(rest[:at]); err != nil {
			return nil, err
		}
	}
	if strings.Contains(place, "#") {
		return nil, bad("write # in a password as %23", "has a # after its host")
	}
	place, query, _ := strings.Cut(place, "?")
	authority, name, ok := strings.Cut(place, "/")
	if !ok || name == "" {
		return nil, bad(databaseForm, "names no database")
	}
	if err := d.query(query, &authority); err != nil {
		return nil, err
	}
	if err := d.place(authority); err != nil {
		return nil, err
	}
	return d, d.database(name)
}

const databaseForm = "write postgres://USER:PASSWORD@HOST:5432/NAME"

// cleanURL drops the blanks around a URL and refuses what no URL holds.
func cleanURL(raw string) (string, error) {
	raw = strings.TrimSpace(raw)
	switch {
	case raw == "":
		return "", bad("", "is empty")
	case !utf8.ValidString(raw):
		return "", bad("", "is not UTF-8 text")
	case len(raw) > 2000:
		return "", bad("", "is longer than 2000 characters")
	case strings.ContainsFunc(raw, isControl):
		return "", bad("", "has a control character or a line break in it")
	case strings.HasPrefix(raw, `"`) || strings.HasPrefix(raw, "'"):
		return "", bad("leave the quotes out", "begins with a quote")
	}
	return raw, nil
}

// isControl is true for C0, C1 and the two separators that end a line.
func isControl(r rune) bool {
	return r < ' ' || r >= 0x7f && r < 0xa0 || r == '\u2028' || r == '\u2029'
}

func (d *databaseURL) scheme(s string) error {
	switch s {
	case "postgres", "postgresql":
		return nil
	case "pgsql", "psql", "postgresql+psycopg", "postgresql+psycopg2":
		d.notes = append(d.notes, fmt.Sprintf("%s:// was written postgres://, which every reader of database URLs knows", s))
		return nil
	case "sqlite", "sqlite3", "spatialite":
		return bad(databaseForm, "is SQLite: it takes one writer at a time and sits in the site's own folder, so production needs PostgreSQL")
	case "postgis", "timescale", "timescalegis", "cockroach", "redshift":
		return bad(databaseForm+"; an ENGINE of your own can go after the generated part of the settings", "has the scheme %s, which djharden can't prove safe: it writes for PostgreSQL", s)
	case "mysql", "mysql2", "mysqlgis", "mysql-connector", "mariadb", "oracle", "oraclegis", "mssql", "mssqlms":
		return bad(databaseForm, "is %s: djharden writes for PostgreSQL, whose TLS it can prove", s)
	}
	return bad(databaseForm, "is not a PostgreSQL URL")
}

func (d *databaseURL) userinfo(s string) error {
	user, password, has := strings.Cut(s, ":")
	if strings.ContainsAny(user, "/?#@[]") {
		return bad("percent-encode what stands before the host: @ is %40, / is %2F, # is %23, ? is %3F", "can't be taken apart: there is more than a name before the colon")
	}
	var err error
	if d.user, err = decode(user, "user name"); err != nil {
		return err
	}
	if d.user == "" {
		return bad(databaseForm, "has no user name")
	}
	d.hasPassword = has && password != ""
	if d.password, err = decode(password, "password"); err != nil {
		return err
	}
	if strings.ContainsAny(password, "/?#@[] ") {
		d.notes = append(d.notes, "the database password was percent-encoded, so that it is read whole")
	}
	return nil
}

// query reads the parameters that djharden has a place for.
func (d *databaseURL) query(query string, authority *string) error {
	seen := map[string]bool{}
	for pair := range strings.SplitSeq(query, "&") {
		if pair == "" {
			continue
		}
		key, value, _ := strings.Cut(pair, "=")
		value, err := decode(value, "query")
		if err != nil {
			return err
		}
		if seen[key] {
			return bad("", "has the parameter %q twice", key)
		}
		seen[key] = true
		switch key {
		case "sslmode":
			d.mode = strings.ToLower(value)
			if !slices.Contains(sslmodes, d.mode) {
				return bad("write sslmode=verify-full", "has a sslmode that PostgreSQL doesn't know")
			}
		case "sslrootcert":
			if value == "system" {
				d.notes = append(d.notes, "sslrootcert=system was left out: the driver's own idea of it is a file that Debian doesn't have; the system's bundle is named instead")
				continue
			}
			if d.ca, err = CheckPath(value); err != nil {
				return bad("give an absolute path in plain characters, or --database-ca", "has a sslrootcert that can't be used")
			}
			d.notes = append(d.notes, "sslrootcert moved to DATABASE_CA_FILE: a second parameter after & would end the line for a shell")
		case "host":
			if *authority != "" {
				return bad("", "names the host twice")
			}
			*authority = escape(value)
		default:
			return bad(`leave it out; options of the connection go in DATABASES["default"]["OPTIONS"], after the generated part of the settings`,
				"has the parameter %q: only sslmode and sslrootcert can be kept, because a second one after & ends the line for a shell", clip(key))
		}
	}
	return nil
}

// place reads host and port.
func (d *databaseURL) place(authority string) error {
	host, port, hasPort := authority, "", false
	if i := strings.LastIndexByte(authority, ':'); i >= 0 {
		host, port, hasPort = authority[:i], authority[i+1:], true
	}
	host, err := decode(host, "host")
	if err != nil {
		return err
	}
	switch {
	case host == "":
		return bad(databaseForm+"; a socket's folder is written %2Fvar%2Frun%2Fpostgresql", "names no host")
	case strings.HasPrefix(host, "/"):
		if d.host, err = CheckPath(host); err != nil {
			return bad("", "has a socket folder that is not a plain absolute path")
		}
	case strings.ContainsAny(host, "[]:"):
		return bad("name the host, or give its IPv4 address; localhost for this machine", "has an IPv6 address, whose brackets .env readers and shells disagree about")
	case strings.Contains(host, ","):
		return bad("name one", "names several hosts")
	case strings.Trim(host, hostAlphabet) != "" || strings.Trim(host, ".") == "" || strings.HasPrefix(host, "-") || len(host) > 253:
		return bad("percent-encode special characters of the password: @ is %40, / is %2F, # is %23, ? is %3F", "has a host that is not a host name")
	default:
		d.host = strings.ToLower(host)
	}
	if hasPort {
		n, err := checkPort(port)
		if err != nil {
			return bad("percent-encode special characters of the password: @ is %40, / is %2F, # is %23, ? is %3F", "has a port that is not a number from 1 to 65535")
		}
		d.port = strconv.Itoa(n)
	}
	return nil
}

const hostAlphabet = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-"

// database reads the name of the database.
func (d *databaseURL) database(name string) (err error) {
	if d.name, err = decode(name, "database name"); err != nil {
		return err
	}
	switch {
	case d.name == "" || strings.Contains(d.name, "/"):
		return bad(databaseForm, "has a database name that is a path")
	case len(d.name) > 63:
		return bad("", "has a database name longer than PostgreSQL's 63 bytes")
	case strings.Contains(d.name, "="):
		// libpq may read such a name as options, sslmode among them.
		return bad("", "has a database name with an = in it, which PostgreSQL's library may read as options")
	}
	return nil
}

// decode undoes percent-encoding as Python's unquote does: a % that begins no
// code stands for itself. part names the place in an error.
func decode(s, part string) (string, error) {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) {
			if n, err := strconv.ParseUint(s[i+1:i+3], 16, 8); err == nil {
				b.WriteByte(byte(n))
				i += 2
				continue
			}
		}
		b.WriteByte(s[i])
	}
	out := b.String()
	if !utf8.ValidString(out) {
		return "", bad("", "has a %s that is not UTF-8 text once decoded", part)
	}
	if strings.ContainsFunc(out, isControl) {
		return "", bad("", "has a control character in its %s", part)
	}
	return out, nil
}

// escape percent-encodes all but letters, digits, dot, hyphen and underscore.
func escape(s string) string {
	const hex = "0123456789ABCDEF"
	var b strings.Builder
	for i := range len(s) {
		c := s[i]
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '.' || c == '-' || c == '_' {
			b.WriteByte(c)
			continue
		}
		b.WriteByte('%')
		b.WriteByte(hex[c>>4])
		b.WriteByte(hex[c&15])
	}
	return b.String()
}

// clip shortens a text for an error.
func clip(s string) string {
	if len(s) <= 40 {
		return s
	}
	return strings.ToValidUTF8(s[:40], "") + "..."
}
