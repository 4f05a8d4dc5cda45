package pyeval

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// urlText is a URL in the parts that urllib.parse.urlsplit gives.
type urlText struct {
	scheme, netloc, path, query, fragment string
}

// splitURL is urllib.parse.urlsplit; false: a ValueError.
func splitURL(s string) (u urlText, ok bool) {
	s = strings.TrimLeftFunc(s, func(r rune) bool { return r <= ' ' })
	s = strings.NewReplacer("\t", "", "\r", "", "\n", "").Replace(s)
	if i := strings.IndexByte(s, ':'); i > 0 && isScheme(s[:i]) {
		u.scheme, s = strings.ToLower(s[:i]), s[i+1:]
	}
	if rest, has := strings.CutPrefix(s, "//"); has {
		i := strings.IndexAny(rest, "/?#")
		if i < 0 {
			i = len(rest)
		}
		u.netloc, s = rest[:i], rest[i:]
		if strings.Contains(u.netloc, "[") != strings.Contains(u.netloc, "]") {
			return u, false
		}
	}
	s, u.fragment, _ = strings.Cut(s, "#")
	u.path, u.query, _ = strings.Cut(s, "?")
	return u, true
}

func isScheme(s string) bool {
	for i := range len(s) {
		c := s[i] | 0x20
		switch {
		case c >= 'a' && c <= 'z':
		case i > 0 && (s[i] >= '0' && s[i] <= '9' || strings.IndexByte("+-.", s[i]) >= 0):
		default:
			return false
		}
	}
	return true
}

// text is urllib.parse.urlunsplit.
func (u urlText) text() string {
	s := u.path
	if u.netloc != "" {
		if s != "" && s[0] != '/' {
			s = "/" + s
		}
		s = "//" + u.netloc + s
	}
	if u.scheme != "" {
		s = u.scheme + ":" + s
	}
	if u.query != "" {
		s += "?" + u.query
	}
	if u.fragment != "" {
		s += "#" + u.fragment
	}
	return s
}

// user and password are as they are written, with their escapes; false: there
// is none.
func (u urlText) user() (string, bool) {
	i := strings.LastIndexByte(u.netloc, '@')
	if i < 0 {
		return "", false
	}
	name, _, _ := strings.Cut(u.netloc[:i], ":")
	return name, true
}

func (u urlText) password() (string, bool) {
	i := strings.LastIndexByte(u.netloc, '@')
	if i < 0 {
		return "", false
	}
	_, password, has := strings.Cut(u.netloc[:i], ":")
	return password, has
}

func (u urlText) hostPort() (host, port string) {
	s := u.netloc[strings.LastIndexByte(u.netloc, '@')+1:]
	if _, bracketed, open := strings.Cut(s, "["); open {
		host, rest, _ := strings.Cut(bracketed, "]")
		_, port, _ := strings.Cut(rest, ":")
		return host, port
	}
	host, port, _ = strings.Cut(s, ":")
	return host, port
}

// host is in lower case, "" where there is none.
func (u urlText) host() string {
	host, _ := u.hostPort()
	name, zone, has := strings.Cut(host, "%")
	if has {
		zone = "%" + zone
	}
	return strings.ToLower(name) + zone
}

// port is -1 where there is none; false: a ValueError.
func (u urlText) port() (int64, bool) {
	_, s := u.hostPort()
	if s == "" {
		return -1, true
	}
	if strings.Trim(s, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.ParseInt(s, 10, 32)
	return n, err == nil && n <= 65535
}

// unquoteText is urllib.parse.unquote; false: bytes that aren't UTF-8, of which
// Python makes something else.
func unquoteText(s string) (string, bool) {
	if !strings.Contains(s, "%") {
		return s, true
	}
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
	return b.String(), utf8.ValidString(b.String())
}

func unplus(s string) (string, bool) { return unquoteText(strings.ReplaceAll(s, "+", " ")) }

// quoteText is urllib.parse.quote.
func quoteText(s, safe string) string {
	const hex = "0123456789ABCDEF"
	var b strings.Builder
	for _, c := range []byte(s) {
		l := c | 0x20
		if l >= 'a' && l <= 'z' || c >= '0' && c <= '9' || strings.IndexByte("_.-~", c) >= 0 || c < utf8.RuneSelf && strings.IndexByte(safe, c) >= 0 {
			b.WriteByte(c)
		} else {
			b.Write([]byte{'%', hex[c>>4], hex[c&15]})
		}
	}
	return b.String()
}

// queryPair is a key of a query, with its values in order.
type queryPair struct {
	key    string
	values []string
}

// pairs are urllib.parse.parse_qs of the query; false: it can't be told.
func (u urlText) pairs() (out []queryPair, ok bool) {
	ok = true
	for _, part := range strings.Split(u.query, "&") {
		k, x, has := strings.Cut(part, "=")
		if !has || x == "" {
			continue
		}
		k, ok1 := unplus(k)
		x, ok2 := unplus(x)
		ok = ok && ok1 && ok2
		i := 0
		for i < len(out) && out[i].key != k {
			i++
		}
		if i == len(out) {
			out = append(out, queryPair{key: k})
		}
		out[i].values = append(out[i].values, x)
	}
	return out, ok
}
