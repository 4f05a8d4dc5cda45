package scaffold

import (
	"fmt"
	"strconv"
	"strings"
)

// passwordMask stands for a password in djharden.toml and on the screen.
const passwordMask = "***"

const redisForm = "write redis://HOST:6379/0, rediss://:PASSWORD@HOST:6379/0 or unix:///run/redis/redis.sock"

// CheckRedisURL takes a Redis URL and returns it as it goes to .env, every part
// percent-encoded. A password of *** stays as it is: it stands for one that
// djharden.toml doesn't hold (see RedisMasked). Errors show no part of it.
func CheckRedisURL(raw string) (string, error) {
	raw, err := cleanURL(raw)
	if err != nil {
		return "", err
	}
	scheme, rest, ok := strings.Cut(raw, "://")
	scheme = strings.ToLower(scheme)
	switch {
	case !ok:
		return "", bad(redisForm, "is not a URL")
	case scheme != "redis" && scheme != "rediss" && scheme != "unix":
		return "", bad(redisForm, "is not a redis://, rediss:// or unix:// URL")
	}
	auth := ""
	if at := strings.LastIndexByte(rest, '@'); at >= 0 {
		if auth, err = redisAuth(rest[:at]); err != nil {
			return "", err
		}
		rest = rest[at+1:]
	}
	if strings.Contains(rest, "#") {
		return "", bad("write # in a password as %23", "has a # after its host")
	}
	place, query, _ := strings.Cut(rest, "?")
	db, ca, err := redisQuery(query, scheme)
	if err != nil {
		return "", err
	}
	if scheme == "unix" {
		return redisSocket(auth, place, db)
	}
	return redisHost(scheme, auth, place, db, ca)
}

// RedisMasked reports whether the Redis URL came from djharden.toml without
// its password. There is nothing to write to .env then.
func RedisMasked(a Answers) bool { return strings.Contains(a.RedisURL, ":"+passwordMask+"@") }

func redisAuth(s string) (string, error) {
	user, password, has := strings.Cut(s, ":")
	if strings.ContainsAny(user, "/?#@[]") {
		return "", bad("percent-encode what stands before the host: @ is %40, / is %2F, # is %23, ? is %3F", "can't be taken apart: there is more than a name before the colon")
	}
	u, err := decode(user, "user name")
	if err != nil {
		return "", err
	}
	p, err := decode(password, "password")
	if err != nil {
		return "", err
	}
	if p == passwordMask {
		return escape(u) + ":" + passwordMask + "@", nil
	}
	return userinfo(u, p, has && p != ""), nil
}

// redisQuery takes what a URL may say beside its place: the database and, with
// TLS, the file of authorities.
func redisQuery(query, scheme string) (db, ca string, err error) {
	for pair := range strings.SplitSeq(query, "&") {
		if pair == "" {
			continue
		}
		key, value, _ := strings.Cut(pair, "=")
		value, err := decode(value, "query")
		if err != nil {
			return "", "", err
		}
		switch {
		case key == "db" && db == "":
			if db, err = redisDB(value); err != nil {
				return "", "", err
			}
		case key == "ssl_ca_certs" && scheme == "rediss" && ca == "":
			if ca, err = CheckPath(value); err != nil {
				return "", "", bad("give an absolute path in plain characters", "has a ssl_ca_certs that can't be used")
			}
		case key == "ssl_cert_reqs" && scheme == "rediss" && strings.EqualFold(strings.TrimPrefix(strings.ToUpper(value), "CERT_"), "required"):
			// The driver's own default.
		case key == "ssl_cert_reqs" || key == "ssl_check_hostname":
			return "", "", bad("leave it out; ssl_ca_certs=/path names a private authority", "has %s, which lets anyone on the path pass for the Redis server", key)
		default:
			return "", "", bad("leave it out", "has the parameter %q: only db and (with rediss://) ssl_ca_certs can be kept", clip(key))
		}
	}
	return db, ca, nil
}

func redisDB(s string) (string, error) {
	n, err := strconv.Atoi(s)
	if err != nil || !allDigits(s) || n > 65535 {
		return "", bad(redisForm, "has a database that is not a number")
	}
	return strconv.Itoa(n), nil
}

func redisSocket(auth, place, db string) (string, error) {
	p, err := decode(place, "socket")
	if err != nil {
		return "", err
	}
	if p, err = CheckPath(p); err != nil {
		return "", bad(redisForm, "has a socket that is not a plain absolute path")
	}
	u := "unix://" + auth + p
	if db != "" {
		u += "?db=" + db
	}
	return u, nil
}

func redisHost(scheme, auth, place, db, ca string) (string, error) {
	authority, path, _ := strings.Cut(place, "/")
	host, port, hasPort := strings.Cut(authority, ":")
	switch {
	case host == "":
		return "", bad(redisForm, "names no host")
	case strings.HasPrefix(host, "["):
		return "", bad("name the host, or give its IPv4 address", "has an IPv6 address, whose brackets .env readers and shells disagree about")
	case strings.Trim(host, hostAlphabet) != "" || strings.Trim(host, ".") == "" || strings.HasPrefix(host, "-") || len(host) > 253:
		return "", bad("percent-encode special characters of the password: @ is %40, / is %2F, # is %23, ? is %3F", "has a host that is not a host name")
	}
	u := scheme + "://" + auth + strings.ToLower(host)
	if hasPort {
		n, err := checkPort(port)
		if err != nil {
			return "", bad("percent-encode special characters of the password: @ is %40, / is %2F, # is %23, ? is %3F", "has a port that is not a number from 1 to 65535")
		}
		u += fmt.Sprintf(":%d", n)
	}
	if path = strings.TrimSuffix(path, "/"); path != "" {
		n, err := redisDB(path)
		if err != nil {
			return "", err
		}
		if db != "" && db != n {
			return "", bad("", "names two databases")
		}
		db = n
	}
	if db != "" {
		u += "/" + db
	}
	if ca != "" {
		u += "?ssl_ca_certs=" + ca
	}
	return u, nil
}

// hostOfURL returns the host of a URL in its normal form; "" for a socket.
func hostOfURL(u string) string {
	_, rest, _ := strings.Cut(u, "://")
	if at := strings.LastIndexByte(rest, '@'); at >= 0 {
		rest = rest[at+1:]
	}
	if i := strings.IndexAny(rest, ":/?"); i >= 0 {
		rest = rest[:i]
	}
	return rest
}

// MaskURL returns a URL for people to see, its password as ***. What can't be
// taken apart with certainty is masked whole.
func MaskURL(u string) string {
	if u == "" {
		return ""
	}
	scheme, rest, ok := strings.Cut(u, "://")
	if !ok || strings.Trim(scheme, hostAlphabet+"+") != "" {
		return passwordMask
	}
	place, auth := rest, ""
	if at := strings.LastIndexByte(rest, '@'); at >= 0 {
		place = rest[at+1:]
		user, _, has := strings.Cut(rest[:at], ":")
		if strings.Trim(user, hostAlphabet+"%") != "" {
			user = passwordMask
		}
		auth = user + "@"
		if has {
			auth = user + ":" + passwordMask + "@"
		}
	}
	bare, query, hasQuery := strings.Cut(place, "?")
	authority, path, hasPath := strings.Cut(bare, "/")
	host, port, hasPort := strings.Cut(authority, ":")
	if strings.Trim(host, hostAlphabet+"%") != "" || hasPort && !allDigits(port) || strings.Trim(path, hostAlphabet+"/%+@,=") != "" {
		return scheme + "://" + passwordMask
	}
	out := scheme + "://" + auth + authority
	if hasPath {
		out += "/" + path
	}
	if hasQuery {
		out += "?" + maskQuery(query)
	}
	return out
}

// maskQuery keeps the parameters that are known to hold no secret.
func maskQuery(query string) string {
	pairs := strings.Split(query, "&")
	for i, p := range pairs {
		key, _, _ := strings.Cut(p, "=")
		switch key {
		case "sslmode", "sslrootcert", "db", "ssl_ca_certs", "host":
		default:
			pairs[i] = passwordMask
		}
	}
	return strings.Join(pairs, "&")
}
