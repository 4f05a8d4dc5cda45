package pyeval

import "strings"

func init() {
	register(map[string]nativeFunc{
		"dj_email_url.parse": lifted(Dict, func(in *interp, c *call) *Value { return in.djangoMail(c, c.pos[0]) }),
		"dj_email_url.config": func(in *interp, c *call) *Value {
			return in.lift(c.at, in.configured(c, "EMAIL_URL"), func(v *Value) *Value {
				if v.Truth() == No {
					return in.derive(c.at, &Value{Kind: Dict}, v)
				}
				return in.djangoMail(c, v)
			})
		},
	})
}

const mailBackends = "django.core.mail.backends."

// djangoMails are dj-email-url's, by scheme.
var djangoMails = map[string]string{
	"smtp": "smtp", "submission": "smtp", "submit": "smtp", "smtps": "smtp", "console": "console", "file": "filebased", "memory": "locmem", "dummy": "dummy",
}

// environMails are django-environ's.
var environMails = map[string]string{
	"smtp": "smtp", "smtps": "smtp", "smtp+tls": "smtp", "smtp+ssl": "smtp", "consolemail": "console", "filemail": "filebased",
	"memorymail": "locmem", "dummymail": "dummy",
}

// mailParts puts what both packages take of a URL into settings; nil: it can't
// be read, and other says so.
func (in *interp) mailParts(c *call, v *Value) (u urlText, out, other *Value) {
	at := c.at
	u, out, other = in.cacheOf(at, v)
	if out == nil {
		return u, nil, other
	}
	if p, ok := v.Ref.(*parsedURL); ok {
		v = p.text
	}
	port, ok := u.port()
	if !ok {
		return u, nil, in.failed(c, "ValueError", "a port that isn't one", Dict, v)
	}
	none := func() *Value { return in.derive(at, &Value{Kind: None}, v) }
	text := func(s string, has bool) *Value {
		d, ok := unquoteText(s)
		switch {
		case !has:
			return none()
		case !ok:
			return in.unknown(at, Str, "bytes that aren't text", v)
		}
		return in.str(at, d, v)
	}
	in.option(out, at, "EMAIL_FILE_PATH", in.str(at, strings.TrimPrefix(u.path, "/"), v))
	in.option(out, at, "EMAIL_HOST_USER", text(u.user()))
	in.option(out, at, "EMAIL_HOST_PASSWORD", text(u.password()))
	host := none()
	if u.host() != "" {
		host = in.str(at, u.host(), v)
	}
	in.option(out, at, "EMAIL_HOST", host)
	if port >= 0 {
		in.option(out, at, "EMAIL_PORT", in.int(at, port, v))
	} else {
		in.option(out, at, "EMAIL_PORT", none())
	}
	return u, out, nil
}

// djangoMail is dj_email_url.parse.
func (in *interp) djangoMail(c *call, v *Value) *Value {
	at := c.at
	u, out, other := in.mailParts(c, v)
	if out == nil {
		return other
	}
	ssl, tls := false, u.scheme == "smtps" || u.scheme == "submission" || u.scheme == "submit"
	if u.scheme == "smtp" && out.Get("EMAIL_HOST").Kind == None {
		in.option(out, at, "EMAIL_HOST", in.str(at, "localhost", v))
	}
	if p := out.Get("EMAIL_PORT"); p.Truth() == No {
		switch u.scheme {
		case "smtp":
			in.option(out, at, "EMAIL_PORT", in.int(at, 25, v))
		case "submission", "submit":
			in.option(out, at, "EMAIL_PORT", in.int(at, 587, v))
		}
	}
	query := map[string]string{}
	pairs, _ := u.pairs()
	for _, p := range pairs {
		query[p.key] = p.values[0]
	}
	yes := func(s string) bool {
		return strings.Contains(" 1 y Y yes Yes YES t T true True TRUE on On ON ", " "+s+" ")
	}
	if x, ok := query["ssl"]; ok {
		if yes(x) {
			ssl, tls = true, false
		}
	} else if yes(query["tls"]) && query["tls"] != "" {
		ssl, tls = false, true
	}
	in.option(out, at, "EMAIL_USE_SSL", in.bool(at, ssl, v))
	in.option(out, at, "EMAIL_USE_TLS", in.bool(at, tls, v))
	in.option(out, at, "EMAIL_TIMEOUT", in.none(at))
	if x, ok := query["timeout"]; ok {
		in.option(out, at, "EMAIL_TIMEOUT", in.wholeNumber(c, in.str(at, x, v), 10))
	}
	if b := djangoMails[u.scheme]; b != "" {
		in.option(out, at, "EMAIL_BACKEND", in.str(at, mailBackends+b+".EmailBackend", v))
	}
	for _, name := range []string{"SERVER_EMAIL", "DEFAULT_FROM_EMAIL"} {
		if x, ok := query["_"+strings.ToLower(name)]; ok {
			in.option(out, at, name, in.str(at, x, v))
		}
	}
	return out
}

// environMail is Env.email_url_config.
func (in *interp) environMail(c *call, v, backend *Value) *Value {
	at := c.at
	u, out, other := in.mailParts(c, v)
	if out == nil {
		return other
	}
	if p, ok := v.Ref.(*parsedURL); ok {
		v = p.text
	}
	if path, ok := unplus(strings.TrimPrefix(u.path, "/")); ok {
		in.option(out, at, "EMAIL_FILE_PATH", in.str(at, path, v))
	}
	switch b := environMails[u.scheme]; {
	case backend != nil && backend.Truth() != No:
		in.option(out, at, "EMAIL_BACKEND", backend)
	case b == "":
		return in.failed(c, "ImproperlyConfigured", "invalid email schema "+u.scheme, Dict, v)
	default:
		in.option(out, at, "EMAIL_BACKEND", in.str(at, mailBackends+b+".EmailBackend", v))
	}
	switch u.scheme {
	case "smtps", "smtp+tls":
		in.option(out, at, "EMAIL_USE_TLS", in.bool(at, true, v))
	case "smtp+ssl":
		in.option(out, at, "EMAIL_USE_SSL", in.bool(at, true, v))
	}
	if u.query == "" {
		return out
	}
	options := in.derive(at, &Value{Kind: Dict}, v)
	pairs, _ := u.pairs()
	for _, p := range pairs {
		key, into := strings.ToUpper(p.key), options
		if key == "EMAIL_USE_TLS" || key == "EMAIL_USE_SSL" {
			into = out
		}
		in.option(into, at, key, in.castInt(at, p.values[0], v))
	}
	in.option(out, at, "OPTIONS", options)
	return out
}
