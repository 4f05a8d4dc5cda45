package audit

import (
	"fmt"
	"strings"

	"github.com/djharden/djharden/internal/pyeval"
)

const (
	sessionMiddleware = "django.contrib.sessions.middleware.SessionMiddleware"
	month             = 31 * 24 * 3600
)

var cookieRules = []*Rule{
	{
		ID: "DH231", Name: "session-cookie-insecure", Title: "the session cookie goes over plain HTTP", Severity: High, Item: 4,
		Why: "One request to http:// (a typed address, an image in a mail) shows the session to whoever is on the way.",
		Fix: `SESSION_COOKIE_SECURE = True`,
		CWE: []int{614}, ASVS: []string{"3.3.1"},
		Refs:   []string{settings + "session-cookie-secure", checks},
		Checks: []string{"security.W010", "security.W011", "security.W012"},
		Bad:    `SESSION_COOKIE_SECURE = False`,
		Good:   `SESSION_COOKIE_SECURE = not DEBUG`,
		check: func(p *Project, r *report) {
			if p.sessions(r) {
				r.ask(p, "SESSION_COOKIE_SECURE", whenOff("SESSION_COOKIE_SECURE is off"))
			}
		},
	},
	{
		ID: "DH232", Name: "csrf-cookie-insecure", Title: "the CSRF cookie goes over plain HTTP", Severity: Medium, Item: 4,
		Why: "Who reads or sets it on the way can send forms in the visitor's name.",
		Fix: `CSRF_COOKIE_SECURE = True`,
		CWE: []int{614}, ASVS: []string{"3.3.1"},
		Refs:   []string{settings + "csrf-cookie-secure", checks},
		Checks: []string{"security.W016"},
		Bad:    `CSRF_COOKIE_SECURE = False`,
		Good:   "CSRF_COOKIE_SECURE = False\nCSRF_USE_SESSIONS = True",
		check: func(p *Project, r *report) {
			switch {
			case p.isOn("CSRF_USE_SESSIONS") == pyeval.Yes:
				r.notApplicable("CSRF_USE_SESSIONS keeps the token in the session: there is no such cookie")
			case p.middleware(csrfMiddleware) == pyeval.No:
				r.notApplicable("CsrfViewMiddleware isn't installed: there is no such cookie")
			default:
				r.ask(p, "CSRF_COOKIE_SECURE", whenOff("CSRF_COOKIE_SECURE is off"))
			}
		},
	},
	{
		ID: "DH233", Name: "session-cookie-readable", Title: "scripts can read the session cookie", Severity: High,
		Why: "One injected script takes the session away, to be used from elsewhere.",
		Fix: `SESSION_COOKIE_HTTPONLY = True`,
		CWE: []int{1004}, ASVS: []string{"3.3.4"},
		Refs:   []string{settings + "session-cookie-httponly", checks},
		Checks: []string{"security.W013", "security.W014", "security.W015"},
		Bad:    `SESSION_COOKIE_HTTPONLY = False`,
		Good:   `CSRF_COOKIE_HTTPONLY = False`,
		check: func(p *Project, r *report) {
			if p.sessions(r) {
				r.ask(p, "SESSION_COOKIE_HTTPONLY", whenOff("SESSION_COOKIE_HTTPONLY is off"))
			}
		},
	},
	{
		ID: "DH234", Name: "cookie-samesite-off", Title: "other sites' requests carry the cookie", Severity: Medium,
		Why: "SameSite is the second line against forged requests, behind the CSRF token; without it every form and link elsewhere acts as the visitor.",
		Fix: `SESSION_COOKIE_SAMESITE = "Lax"`,
		CWE: []int{1275}, ASVS: []string{"3.3.2"},
		Refs: []string{settings + "session-cookie-samesite", settings + "csrf-cookie-samesite"},
		Bad:  `SESSION_COOKIE_SAMESITE = None`,
		Good: `SESSION_COOKIE_SAMESITE = "Strict"`,
		check: func(p *Project, r *report) {
			for _, name := range []string{"SESSION_COOKIE_SAMESITE", "CSRF_COOKIE_SAMESITE"} {
				r.ask(p, name, func(v *pyeval.Value) verdict { return p.sameSite(name, v) })
			}
		},
	},
	{
		ID: "DH235", Name: "cookie-prefix-broken", Title: "browsers refuse the cookie for its name", Severity: Medium,
		Why:   "__Host- asks for Secure, the path / and no domain, __Secure- for Secure. A browser drops a cookie that breaks its promise, and nobody can sign in.",
		Fix:   `SESSION_COOKIE_DOMAIN = None`,
		ASVS:  []string{"3.3.3"},
		Refs:  []string{"https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/Set-Cookie#cookie_prefixes"},
		Bad:   "SESSION_COOKIE_NAME = \"__Host-sessionid\"\nSESSION_COOKIE_DOMAIN = \".example.com\"",
		Good:  "SESSION_COOKIE_NAME = \"__Secure-sessionid\"\nSESSION_COOKIE_DOMAIN = \".example.com\"",
		check: checkPrefixes,
	},
	{
		ID: "DH236", Name: "session-pickles", Title: "sessions are unpickled", Severity: High,
		Why: "Who can write a session (with the key for signed cookies, or in the cache) runs code in the site. Django 5.0 dropped this serializer, so it doesn't start there.",
		Fix: `SESSION_SERIALIZER = "django.contrib.sessions.serializers.JSONSerializer"`,
		CWE: []int{502}, ASVS: []string{"1.5.2"},
		Refs: []string{settings + "session-serializer", docs + "topics/http/sessions/#session-serialization"},
		Bad:  `SESSION_SERIALIZER = "django.contrib.sessions.serializers.PickleSerializer"`,
		Good: `SESSION_SERIALIZER = "django.contrib.sessions.serializers.JSONSerializer"`,
		check: func(p *Project, r *report) {
			r.ask(p, "SESSION_SERIALIZER", func(v *pyeval.Value) verdict {
				if v.Kind == pyeval.Str && strings.HasSuffix(v.S, "PickleSerializer") {
					return wrong("SESSION_SERIALIZER is %s", v.S)
				}
				return right
			})
		},
	},
	{
		ID: "DH237", Name: "session-in-cookie", Title: "the session lives in the visitor's cookie", Severity: Low,
		Why: "Such a session can't be taken back: a copied cookie works after sign-out, and what is stored in it can be read by the visitor.",
		Fix: `SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"`,
		CWE: []int{613}, ASVS: []string{"7.4.1"},
		Refs: []string{docs + "topics/http/sessions/#using-cookie-based-sessions"},
		Bad:  `SESSION_ENGINE = "django.contrib.sessions.backends.signed_cookies"`,
		Good: `SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"`,
		check: func(p *Project, r *report) {
			r.ask(p, "SESSION_ENGINE", func(v *pyeval.Value) verdict {
				if v.IsStr("django.contrib.sessions.backends.signed_cookies") {
					return wrong("SESSION_ENGINE keeps sessions in signed cookies")
				}
				return right
			})
		},
	},
	{
		ID: "DH238", Name: "session-for-months", Title: "a session lasts for months", Severity: Low,
		Why: "A forgotten sign-in on a shared machine, or a stolen cookie, stays good that long.",
		Fix: `SESSION_COOKIE_AGE = 60 * 60 * 24 * 14`,
		CWE: []int{613}, ASVS: []string{"7.3.2"},
		Refs: []string{settings + "session-cookie-age"},
		Bad:  `SESSION_COOKIE_AGE = 60 * 60 * 24 * 365`,
		Good: `SESSION_COOKIE_AGE = 60 * 60 * 24 * 30`,
		check: func(p *Project, r *report) {
			if p.isOn("SESSION_EXPIRE_AT_BROWSER_CLOSE") == pyeval.Yes {
				return
			}
			r.ask(p, "SESSION_COOKIE_AGE", func(v *pyeval.Value) verdict {
				if seconds, ok := number(v); ok && seconds > 3*month {
					return wrong("a session lasts %.0f days", seconds/86400)
				}
				return right
			})
		},
	},
}

// sessions reports whether the project has sessions; where it has none, the
// rule is about nothing.
func (p *Project) sessions(r *report) bool {
	if p.middleware(sessionMiddleware) == pyeval.No && p.has("django.contrib.sessions") == pyeval.No && p.ownMiddleware("SessionMiddleware") == "" {
		r.notApplicable("the project has no sessions")
		return false
	}
	return true
}

// sameSite judges the SameSite of a cookie. A front end on another site needs
// None; it is told from CORS_ALLOW_CREDENTIALS with listed origins.
func (p *Project) sameSite(name string, v *pyeval.Value) verdict {
	secure := strings.TrimSuffix(name, "SAMESITE") + "SECURE"
	switch {
	case v.Kind == pyeval.None, v.Kind == pyeval.Bool && !v.B:
		return wrong("%s is %s: the cookie is sent without SameSite", name, pyText(v))
	case v.Kind != pyeval.Str:
		return right
	}
	switch strings.ToLower(v.S) {
	case "lax", "strict":
		return right
	case "none":
		origins, _ := p.get("CORS_ALLOWED_ORIGINS")
		switch {
		case p.isOn(secure) == pyeval.No:
			return wrong(`%s is "None" and %s is off: browsers refuse the cookie`, name, secure)
		case p.isOn("CORS_ALLOW_CREDENTIALS") == pyeval.Yes && p.isOn("CORS_ALLOW_ALL_ORIGINS") == pyeval.No && origins.Truth() != pyeval.No:
			return right
		}
		return wrong(`%s is "None": requests of every other site carry the cookie`, name)
	}
	return wrong(`%s is %q: Django takes "Lax", "Strict" or "None", and fails when it sets the cookie`, name, v.S)
}

func pyText(v *pyeval.Value) string {
	if v.Kind == pyeval.None {
		return "None"
	}
	return "False"
}

func checkPrefixes(p *Project, r *report) {
	for _, cookie := range []string{"SESSION_COOKIE", "CSRF_COOKIE"} {
		name, _ := p.get(cookie + "_NAME")
		if name == nil || name.Kind != pyeval.Str {
			continue
		}
		host := strings.HasPrefix(name.S, "__Host-")
		domain, _ := p.get(cookie + "_DOMAIN")
		folder, _ := p.get(cookie + "_PATH")
		if host && domain.Truth() == pyeval.Yes {
			r.fail(p, cookie+"_DOMAIN", domain, fmt.Sprintf("a browser refuses %s with a domain", name.S)).fix(cookie + "_DOMAIN = None")
		}
		if host && folder != nil && folder.Kind == pyeval.Str && folder.S != "/" {
			r.fail(p, cookie+"_PATH", folder, fmt.Sprintf("a browser refuses %s with the path %q", name.S, folder.S)).fix(cookie + `_PATH = "/"`)
		}
	}
}
