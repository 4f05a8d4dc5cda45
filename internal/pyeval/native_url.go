package pyeval

import (
	"net/url"
	"strings"
)

// parsedURL is what urllib.parse.urlparse gives.
type parsedURL struct{ text *Value }

func init() {
	register(map[string]nativeFunc{
		"urllib.parse.quote":        lifted(Str, func(in *interp, c *call) *Value { return in.quoted(c, "/", false) }),
		"urllib.parse.quote_plus":   lifted(Str, func(in *interp, c *call) *Value { return in.quoted(c, "", true) }),
		"urllib.parse.unquote":      lifted(Str, func(in *interp, c *call) *Value { return in.unquoted(c, unquoteText) }),
		"urllib.parse.unquote_plus": lifted(Str, func(in *interp, c *call) *Value { return in.unquoted(c, unplus) }),
		"urllib.parse.urlparse":     lifted(Unknown, parseURL),
		"urllib.parse.urlsplit":     lifted(Unknown, parseURL),
		"urllib.parse.urljoin":      urlJoin,
		"urllib.parse.urlencode":    urlEncode,
	})
	registerMethods(urlMethod)
	registerAttributes(urlAttribute)
}

func (in *interp) quoted(c *call, safe string, plus bool) *Value {
	v := c.pos[0]
	if s := c.arg(1, "safe"); s != nil {
		if s.Kind != Str {
			return in.unknown(c.at, Str, "", c.all()...)
		}
		safe = s.S
	}
	if v.Kind != Str && v.Kind != Bytes || len(c.pos) > 2 || c.arg(-1, "encoding") != nil {
		return in.unknown(c.at, Str, "", c.all()...)
	}
	if !plus || !strings.Contains(v.S, " ") {
		return in.str(c.at, quoteText(v.S, safe), c.all()...)
	}
	return in.str(c.at, strings.ReplaceAll(quoteText(v.S, safe+" "), " ", "+"), c.all()...)
}

func (in *interp) unquoted(c *call, f func(string) (string, bool)) *Value {
	if v := c.pos[0]; v.Kind == Str && len(c.pos) == 1 && len(c.kw) == 0 {
		if s, ok := f(v.S); ok {
			return in.str(c.at, s, v)
		}
	}
	return in.unknown(c.at, Str, "", c.all()...)
}

func parseURL(in *interp, c *call) *Value {
	if v := c.pos[0]; v.Kind == Str {
		if _, ok := splitURL(v.S); !ok {
			return in.failed(c, "ValueError", "invalid URL", Unknown)
		}
	}
	v := in.object(c.at, &parsedURL{c.pos[0]})
	v.Env = c.pos[0].Env
	return v
}

func urlJoin(in *interp, c *call) *Value {
	if len(c.pos) == 2 && c.pos[0].Kind == Str && c.pos[1].Kind == Str {
		base, err1 := url.Parse(c.pos[0].S)
		ref, err2 := url.Parse(c.pos[1].S)
		if err1 == nil && err2 == nil && strings.HasPrefix(base.Scheme, "http") && isASCII(c.pos[0].S+c.pos[1].S) {
			return in.str(c.at, base.ResolveReference(ref).String(), c.pos...)
		}
	}
	return in.unknown(c.at, Str, "", c.all()...)
}

func urlEncode(in *interp, c *call) *Value {
	d := c.arg(0, "query")
	if len(c.pos) != 1 || len(c.kw) > 0 || d.Kind != Dict || !d.Known() {
		return in.unknown(c.at, Str, "", c.all()...)
	}
	var parts []string
	for i, k := range d.Keys {
		pair := [2]string{}
		for j, x := range []*Value{k, d.Items[i]} {
			s, ok := text(x)
			if !ok || x.IsList() || x.Kind == Dict || x.Kind == Bytes {
				return in.refused(c.at, cant, d)
			}
			pair[j] = strings.ReplaceAll(quoteText(s, " "), " ", "+")
		}
		parts = append(parts, pair[0]+"="+pair[1])
	}
	return in.str(c.at, strings.Join(parts, "&"), d)
}

func urlMethod(in *interp, recv *Value, name string, c *call) (*Value, bool) {
	r, ok := recv.Ref.(*parsedURL)
	if !ok {
		return nil, false
	}
	u, good := splitURL(r.text.S)
	if name == "geturl" && r.text.Kind == Str && good {
		return in.str(c.at, u.text(), r.text), true
	}
	return in.unknown(c.at, Unknown, "", r.text), true
}

// urlAttribute is a part of a parsed URL.
func urlAttribute(in *interp, recv *Value, name string, at Place) (*Value, bool) {
	r, ok := recv.Ref.(*parsedURL)
	if !ok {
		return nil, false
	}
	v := r.text
	u, good := splitURL(v.S)
	if v.Kind != Str || !good {
		return in.unknown(at, Unknown, "", v), true
	}
	some := func(s string, has bool) (*Value, bool) {
		if has {
			return in.str(at, s, v), true
		}
		return in.derive(at, &Value{Kind: None}, v), true
	}
	switch name {
	case "scheme":
		return some(u.scheme, true)
	case "netloc":
		return some(u.netloc, true)
	case "path":
		if strings.Contains(u.path, ";") { // urlparse splits parameters off
			return in.unknown(at, Str, "a path with parameters", v), true
		}
		return some(u.path, true)
	case "query":
		return some(u.query, true)
	case "fragment":
		return some(u.fragment, true)
	case "hostname":
		return some(u.host(), u.host() != "")
	case "username":
		return some(u.user())
	case "password":
		return some(u.password())
	case "port":
		n, ok := u.port()
		switch {
		case !ok:
			return in.failed(&call{at: at}, "ValueError", "a port that isn't one", Int, v), true
		case n < 0:
			return some("", false)
		}
		return in.int(at, n, v), true
	case "geturl":
		return nil, false
	}
	return in.unknown(at, Unknown, "an attribute of a URL", v), true
}
