package audit

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/djharden/djharden/internal/pyeval"
)

// transportRules are about HTTPS, the proxy in front, and cookies.
var transportRules = slices.Concat(httpsRules, cookieRules)

const (
	securityMiddleware = "django.middleware.security.SecurityMiddleware"
	year               = 31536000 // what the preload list asks for, in seconds
	hstspreload        = "https://hstspreload.org/"
	asvsHSTS           = "3.4.1"
)

var httpsRules = []*Rule{
	{
		ID: "DH201", Name: "no-https-redirect", Title: "plain HTTP is answered", Severity: High, Item: 4,
		Why: "Whoever is on the way (a Wi-Fi, a provider) reads and changes what is sent, passwords and session cookies included.",
		Fix: `SECURE_SSL_REDIRECT = True`,
		CWE: []int{319}, ASVS: []string{"12.2.1"},
		Refs:   []string{settings + "secure-ssl-redirect", checks},
		Checks: []string{"security.W008"},
		Bad:    `SECURE_SSL_REDIRECT = False`,
		Good:   `SECURE_SSL_REDIRECT = True`,
		check: func(p *Project, r *report) {
			if behindSecurity(p, r) {
				r.ask(p, "SECURE_SSL_REDIRECT", whenOff("SECURE_SSL_REDIRECT is off: http:// is answered, not redirected"))
			}
		},
	},
	{
		ID: "DH202", Name: "redirect-loop", Title: "behind the proxy every page redirects to itself", Severity: Medium, Item: 4,
		Why:  "The proxy speaks plain HTTP to Django, so without a trusted header every request looks insecure: an endless redirect, no HSTS, and failing CSRF checks.",
		Fix:  `SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")  # the proxy must set it, and drop a client's own`,
		Refs: []string{settings + "secure-proxy-ssl-header"},
		Bad: `SECURE_PROXY_SSL_HEADER = None
-- nginx/default.conf --
upstream app { server web:8000; }
server {
    listen 443 ssl;
    location / { proxy_pass http://app; }
}
`,
		Good: `SECURE_PROXY_SSL_HEADER = None
-- nginx/default.conf --
server {
    listen 443 ssl;
    location / { proxy_pass http://127.0.0.1:8000; }
}
`,
		check: func(p *Project, r *report) {
			v, _ := p.get("SECURE_PROXY_SSL_HEADER")
			if v == nil || v.Kind != pyeval.None || p.isOn("SECURE_SSL_REDIRECT") != pyeval.Yes {
				return
			}
			where, settled := p.plainProxy()
			switch {
			case settled || p.answer("proxy_hops") == "0":
			case where != "":
				r.fail(p, "SECURE_PROXY_SSL_HEADER", v, "SECURE_SSL_REDIRECT is on and SECURE_PROXY_SSL_HEADER isn't set, but "+where)
			case p.proxy() != "":
				r.unknown(p, "SECURE_PROXY_SSL_HEADER", v, p.proxy()+"; whether the server takes its X-Forwarded-Proto can't be seen from here")
			}
		},
	},
	{
		ID: "DH203", Name: "proxy-header-broken", Title: "SECURE_PROXY_SSL_HEADER names a header that can't be right", Severity: High, Item: 4,
		Why: "Django looks the name up in request.META, as HTTP_X_FORWARDED_PROTO. With another name or value no request is secure (an endless redirect), or all are.",
		Fix: `SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")`,
		CWE: []int{348}, ASVS: []string{"4.1.3"},
		Refs: []string{settings + "secure-proxy-ssl-header"},
		Bad:  `SECURE_PROXY_SSL_HEADER = ("X-Forwarded-Proto", "https")`,
		Good: `SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_SSL", "on")`,
		check: func(p *Project, r *report) {
			r.ask(p, "SECURE_PROXY_SSL_HEADER", func(v *pyeval.Value) verdict {
				if words := brokenProxyHeader(v); words != "" {
					return wrong("%s", words)
				}
				return right
			})
		},
	},
	{
		ID: "DH204", Name: "proxy-header-without-proxy", Title: "a header of the client is trusted as the proxy's", Severity: High, Item: 4,
		Why: "With no proxy to overwrite it, a client that sends the header makes its plain request look secure, or chooses the host in links.",
		Fix: `SECURE_PROXY_SSL_HEADER = None`,
		CWE: []int{348}, ASVS: []string{"4.1.3"},
		Refs:  []string{settings + "secure-proxy-ssl-header", settings + "use-x-forwarded-host"},
		Bad:   "SECURE_PROXY_SSL_HEADER = (\"HTTP_X_FORWARDED_PROTO\", \"https\")\n-- djharden.toml --\nproxy_hops = 0\n",
		Good:  "SECURE_PROXY_SSL_HEADER = (\"HTTP_X_FORWARDED_PROTO\", \"https\")\n-- djharden.toml --\nproxy_hops = 1\n",
		check: checkNoProxy,
	},
	{
		ID: "DH205", Name: "redirect-exempts-all", Title: "SECURE_REDIRECT_EXEMPT lets every path stay on plain HTTP", Severity: High, Item: 4,
		Why: "An expression is looked for anywhere in the path, so one that matches too much takes the redirect away from sign-in too.",
		Fix: `SECURE_REDIRECT_EXEMPT = [r"^healthz$"]`,
		CWE: []int{319, 625}, ASVS: []string{"12.2.1"},
		Refs: []string{settings + "secure-redirect-exempt"},
		Bad:  `SECURE_REDIRECT_EXEMPT = [r".*"]`,
		Good: `SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^\.well-known/acme-challenge/"]`,
		check: func(p *Project, r *report) {
			v, _ := p.get("SECURE_REDIRECT_EXEMPT")
			if v != nil && v.Kind == pyeval.Str && v.S != "" {
				r.fail(p, "SECURE_REDIRECT_EXEMPT", v, "SECURE_REDIRECT_EXEMPT is a string: each of its characters is an expression, and matches nearly every path")
				return
			}
			r.eachItem(p, "SECURE_REDIRECT_EXEMPT", v, func(s string) string {
				if matchesAny(s) {
					return fmt.Sprintf("%q matches every path", s)
				}
				return ""
			})
		},
	},
	{
		ID: "DH206", Name: "ssl-host-broken", Title: "SECURE_SSL_HOST is no host name", Severity: Medium, Item: 4,
		Why:  "The redirect goes to https:// and this text: with a scheme or a path in it no visitor arrives.",
		Fix:  `SECURE_SSL_HOST = "example.com"`,
		Refs: []string{settings + "secure-ssl-host"},
		Bad:  `SECURE_SSL_HOST = "https://example.com"`,
		Good: `SECURE_SSL_HOST = "example.com:8443"`,
		check: func(p *Project, r *report) {
			r.ask(p, "SECURE_SSL_HOST", func(v *pyeval.Value) verdict {
				if v.Kind == pyeval.Str && strings.ContainsAny(v.S, "/ *") {
					return wrong("every redirect goes to https://%s/", v.S)
				}
				return right
			})
		},
	},
	{
		ID: "DH211", Name: "no-hsts", Title: "browsers aren't told to stay on HTTPS", Severity: Medium, Item: 4,
		Why: "Each visit that begins with http:// can be taken over before the redirect; with HSTS a browser doesn't begin there again.",
		Fix: `SECURE_HSTS_SECONDS = 3600  # then a day, a month, a year`,
		CWE: []int{319}, ASVS: []string{asvsHSTS},
		Refs:   []string{settings + "secure-hsts-seconds", checks},
		Checks: []string{"security.W004"},
		Bad:    `SECURE_HSTS_SECONDS = 0`,
		Good:   `SECURE_HSTS_SECONDS = 60`,
		check: func(p *Project, r *report) {
			if behindSecurity(p, r) {
				r.ask(p, "SECURE_HSTS_SECONDS", whenOff("SECURE_HSTS_SECONDS is 0: no Strict-Transport-Security header"))
			}
		},
	},
	{
		ID: "DH212", Name: "hsts-without-subdomains", Title: "HSTS has its year, and leaves the subdomains out", Severity: Low, Item: 4,
		Why: "A subdomain over plain HTTP can set cookies for the whole domain, and be used for a copy of the site.",
		Fix: `SECURE_HSTS_INCLUDE_SUBDOMAINS = True  # when every subdomain answers over HTTPS`,
		CWE: []int{319}, ASVS: []string{asvsHSTS},
		Refs:   []string{settings + "secure-hsts-include-subdomains", checks},
		Checks: []string{"security.W005"},
		Bad:    "SECURE_HSTS_SECONDS = 31536000\nSECURE_HSTS_INCLUDE_SUBDOMAINS = False\nSECURE_HSTS_PRELOAD = False\nSILENCED_SYSTEM_CHECKS = []",
		Good:   "SECURE_HSTS_SECONDS = 60 * 60 * 24 * 30\nSECURE_HSTS_INCLUDE_SUBDOMAINS = False\nSECURE_HSTS_PRELOAD = False",
		check:  checkSubdomains,
	},
	{
		ID: "DH213", Name: "hsts-preload-refused", Title: "HSTS asks for preloading and doesn't meet its terms", Severity: Medium, Item: 4,
		Why: "The preload list takes a year or more with subdomains. Anything less is refused, and the word in the header lets anyone hand the domain in later.",
		Fix: `SECURE_HSTS_PRELOAD = False  # or a year, with subdomains`,
		CWE: []int{319}, ASVS: []string{asvsHSTS},
		Refs:  []string{settings + "secure-hsts-preload", hstspreload},
		Bad:   "SECURE_HSTS_SECONDS = 3600\nSECURE_HSTS_INCLUDE_SUBDOMAINS = True\nSECURE_HSTS_PRELOAD = True",
		Good:  "SECURE_HSTS_SECONDS = 31536000\nSECURE_HSTS_INCLUDE_SUBDOMAINS = True\nSECURE_HSTS_PRELOAD = True",
		check: checkPreload,
	},
	{
		ID: "DH214", Name: "no-security-middleware", Title: "SecurityMiddleware isn't installed", Severity: High, Item: 4,
		Why: "The redirect to HTTPS, HSTS, nosniff, Referrer-Policy and Cross-Origin-Opener-Policy are all its work: without it their settings do nothing.",
		Fix: `MIDDLEWARE.insert(0, "django.middleware.security.SecurityMiddleware")`,
		CWE: []int{319}, ASVS: []string{asvsHSTS, "3.4.4", "3.4.5"},
		Refs:   []string{docs + "ref/middleware/#module-django.middleware.security", checks},
		Checks: []string{"security.W001"},
		Bad:    `MIDDLEWARE.remove("django.middleware.security.SecurityMiddleware")`,
		Good:   `MIDDLEWARE = ["django.middleware.security.SecurityMiddleware", *[m for m in MIDDLEWARE if "security" not in m]]`,
		check: func(p *Project, r *report) {
			v, _ := p.get("MIDDLEWARE")
			switch lacking, reason := p.lacks(securityMiddleware); lacking {
			case pyeval.Yes:
				r.fail(p, "MIDDLEWARE", v, "MIDDLEWARE is without SecurityMiddleware")
			case pyeval.Maybe:
				r.unknown(p, "MIDDLEWARE", v, reason)
			}
		},
	},
}

// behindSecurity reports whether SecurityMiddleware does what the rule is
// about; where it doesn't, that has a rule of its own.
func behindSecurity(p *Project, r *report) bool {
	if lacking, _ := p.lacks(securityMiddleware); lacking == pyeval.Yes {
		r.notApplicable("SecurityMiddleware isn't installed")
		return false
	}
	return true
}

// brokenProxyHeader says what is wrong with SECURE_PROXY_SSL_HEADER.
func brokenProxyHeader(v *pyeval.Value) string {
	if v.Kind == pyeval.None {
		return ""
	}
	if v.Kind != pyeval.Tuple && v.Kind != pyeval.List || len(v.Items) != 2 && !v.Open {
		return "SECURE_PROXY_SSL_HEADER isn't a pair of a name and a value: Django doesn't answer"
	}
	if len(v.Items) < 2 || v.Items[0].Kind != pyeval.Str || v.Items[1].Kind != pyeval.Str {
		return ""
	}
	name, value := v.Items[0].S, v.Items[1].S
	switch {
	case !strings.HasPrefix(name, "HTTP_"), name != strings.ToUpper(name), strings.Contains(name, "-"):
		meta := "HTTP_" + strings.TrimPrefix(strings.ToUpper(strings.ReplaceAll(name, "-", "_")), "HTTP_")
		return fmt.Sprintf("%q is never in request.META; the header is %q there", name, meta)
	case value == "http":
		return "a request that says \"http\" counts as secure"
	case strings.HasSuffix(name, "_PROTO") && value != "https":
		return fmt.Sprintf("proxies put \"https\" into %s, not %q: no request counts as secure", name, value)
	case strings.HasSuffix(name, "_SSL") && value != "on" && value != "1" && value != "true" && value != "https":
		return fmt.Sprintf("proxies put \"on\" into %s, not %q: no request counts as secure", name, value)
	case value == "":
		return "the value is empty: no request counts as secure"
	}
	return ""
}

func checkNoProxy(p *Project, r *report) {
	reason := p.noProxy()
	if reason == "" {
		return
	}
	for _, name := range []string{"SECURE_PROXY_SSL_HEADER", "USE_X_FORWARDED_HOST", "USE_X_FORWARDED_PORT"} {
		if v, own := p.get(name); own && v.Truth() == pyeval.Yes {
			r.fail(p, name, v, name+" trusts a header that any client can send: "+reason)
		}
	}
}

// somePaths are as unlike as paths are: what matches all of them matches
// everything, and what matches the first leaves sign-in on plain HTTP.
var somePaths = []string{"accounts/login/", "admin/login/", "api/token/", "x7", "A-1/b_2.c"}

// matchesAny reports whether an expression of Python matches every path; one
// that Go can't compile isn't judged.
func matchesAny(pattern string) bool {
	re, err := regexp.Compile(pattern)
	if err != nil {
		return false
	}
	return !slices.ContainsFunc(somePaths, func(s string) bool { return !re.MatchString(s) })
}

func checkSubdomains(p *Project, r *report) {
	seconds, _ := p.get("SECURE_HSTS_SECONDS")
	if !behindSecurity(p, r) || seconds == nil || seconds.Kind != pyeval.Int || seconds.N <= 0 {
		return // off, or not to be told: DH211
	}
	silenced, _ := p.get("SILENCED_SYSTEM_CHECKS")
	v, _ := p.get("SECURE_HSTS_INCLUDE_SUBDOMAINS")
	switch v.Truth() {
	case pyeval.Maybe:
		if !p.required(v) {
			r.unknown(p, "SECURE_HSTS_INCLUDE_SUBDOMAINS", v, why(v))
		}
	case pyeval.No:
		switch {
		case seconds.N < year:
			r.notApplicable(fmt.Sprintf("HSTS is on its ramp, at %d seconds: subdomains come with a year", seconds.N))
		case silenced.Has("security.W005") == pyeval.Yes:
			r.notApplicable("the project has silenced security.W005: its subdomains stay out on purpose")
		default:
			r.fail(p, "SECURE_HSTS_INCLUDE_SUBDOMAINS", v, fmt.Sprintf("SECURE_HSTS_SECONDS is %d, and the subdomains aren't in it", seconds.N))
		}
	}
}

func checkPreload(p *Project, r *report) {
	seconds, _ := p.get("SECURE_HSTS_SECONDS")
	preload, _ := p.get("SECURE_HSTS_PRELOAD")
	subdomains, _ := p.get("SECURE_HSTS_INCLUDE_SUBDOMAINS")
	if preload.Truth() != pyeval.Yes {
		return
	}
	switch {
	case seconds != nil && seconds.Kind == pyeval.Int && seconds.N > 0 && seconds.N < year:
		r.fail(p, "SECURE_HSTS_PRELOAD", preload, fmt.Sprintf("the preload list takes %d seconds or more, and SECURE_HSTS_SECONDS is %d", year, seconds.N))
	case seconds.Truth() != pyeval.No && subdomains.Truth() == pyeval.No:
		r.fail(p, "SECURE_HSTS_PRELOAD", preload, "the preload list takes no domain without its subdomains, and SECURE_HSTS_INCLUDE_SUBDOMAINS is off")
	}
}
