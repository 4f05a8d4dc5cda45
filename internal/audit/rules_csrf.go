package audit

import (
	"fmt"
	"slices"
	"strings"

	"github.com/djharden/djharden/internal/pyeval"
	"github.com/djharden/djharden/internal/pysrc"
)

const (
	csrfMiddleware = "django.middleware.csrf.CsrfViewMiddleware"
	asvsCSRF       = "3.5.1"
)

var csrfRules = []*Rule{
	{
		ID: "DH361", Name: "no-csrf-middleware", Title: "forms aren't protected against forged requests", Severity: High,
		Why: "Any page can send a form in the name of a visitor who is signed in here: change the mail address, pay, delete.",
		Fix: `MIDDLEWARE.insert(MIDDLEWARE.index("django.contrib.auth.middleware.AuthenticationMiddleware"), "django.middleware.csrf.CsrfViewMiddleware")`,
		CWE: []int{352}, ASVS: []string{asvsCSRF},
		Refs:   []string{docs + "ref/csrf/", checks},
		Checks: []string{"security.W003"},
		Bad:    `MIDDLEWARE.remove("django.middleware.csrf.CsrfViewMiddleware")`,
		Good: `MIDDLEWARE.remove("django.middleware.csrf.CsrfViewMiddleware")
MIDDLEWARE.insert(6, "django.middleware.csrf." + "CsrfViewMiddleware")`,
		check: func(p *Project, r *report) {
			v, _ := p.get("MIDDLEWARE")
			switch lacking, reason := p.lacks(csrfMiddleware); {
			case lacking == pyeval.No:
			case p.middleware(sessionMiddleware) == pyeval.No && p.ownMiddleware("SessionMiddleware") == "":
				r.notApplicable("the project has no sessions, so no cookie signs anybody in")
			case lacking == pyeval.Maybe:
				r.unknown(p, "MIDDLEWARE", v, reason)
			default:
				r.fail(p, "MIDDLEWARE", v, "MIDDLEWARE is without CsrfViewMiddleware")
			}
		},
	},
	{
		ID: "DH362", Name: "csrf-switched-off", Title: "a middleware of the project switches the CSRF check off", Severity: High,
		Why: "request._dont_enforce_csrf_checks is for tests: with it CsrfViewMiddleware lets every forged request through, and every check still passes.",
		Fix: `# delete the middleware; exempt single views with csrf_exempt where it has to be`,
		CWE: []int{352}, ASVS: []string{asvsCSRF},
		Refs: []string{docs + "howto/csrf/#using-csrf-protection-with-ajax"},
		Bad: `MIDDLEWARE.insert(3, "shop.middleware.NoCsrf")
-- shop/__init__.py --
-- shop/middleware.py --
class NoCsrf:
    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        setattr(request, "_dont_enforce_csrf_checks", True)
        return self.get_response(request)
`,
		Good: `MIDDLEWARE.insert(3, "shop.middleware.Timer")
-- shop/__init__.py --
-- shop/middleware.py --
class Timer:
    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)
`,
		check: checkCSRFOff,
	},
	{
		ID: "DH363", Name: "csrf-trusts-strangers", Title: "CSRF_TRUSTED_ORIGINS covers names that others can register", Severity: High,
		Why: "Forms of a trusted origin are accepted like the site's own, the admin's included.",
		Fix: `CSRF_TRUSTED_ORIGINS = ["https://app.example.com"]`,
		CWE: []int{352, 183}, ASVS: []string{asvsCSRF},
		Refs: []string{settings + "csrf-trusted-origins"},
		Bad:  `CSRF_TRUSTED_ORIGINS = ["https://*.vercel.app"]`,
		Good: `CSRF_TRUSTED_ORIGINS = ["https://*.example.com", "https://shop.vercel.app"]`,
		check: func(p *Project, r *report) {
			v, _ := p.get("CSRF_TRUSTED_ORIGINS")
			r.eachItem(p, "CSRF_TRUSTED_ORIGINS", v, func(s string) string {
				_, host, _ := strings.Cut(s, "://")
				host, _, _ = strings.Cut(host, ":")
				if domain, star := strings.CutPrefix(host, "*."); star && publicSuffix(domain) {
					return "anyone can get a name below " + domain
				}
				return ""
			})
		},
	},
	{
		ID: "DH364", Name: "csrf-trusts-http", Title: "CSRF_TRUSTED_ORIGINS trusts an origin over plain HTTP", Severity: Medium,
		Why: "Anyone on the way can put a page at that origin, and its forms are accepted.",
		Fix: `CSRF_TRUSTED_ORIGINS = ["https://app.example.com"]`,
		CWE: []int{352, 319}, ASVS: []string{asvsCSRF},
		Refs: []string{settings + "csrf-trusted-origins"},
		Bad:  `CSRF_TRUSTED_ORIGINS = ["http://app.example.com"]`,
		Good: `CSRF_TRUSTED_ORIGINS = ["https://app.example.com", "http://127.0.0.1:8000"]`,
		check: func(p *Project, r *report) {
			v, _ := p.get("CSRF_TRUSTED_ORIGINS")
			r.eachItem(p, "CSRF_TRUSTED_ORIGINS", v, func(s string) string {
				if openOrigin(s) {
					return s + " goes over plain HTTP"
				}
				return ""
			})
		},
	},
	{
		ID: "DH365", Name: "csrf-origins-broken", Title: "an entry of CSRF_TRUSTED_ORIGINS is no origin", Severity: Medium,
		Why:    "Without a scheme Django's check stops `manage.py`; with a path, a slash or a blank the entry silently never matches, and forms fail with 403.",
		Fix:    `CSRF_TRUSTED_ORIGINS = ["https://app.example.com"]`,
		Refs:   []string{settings + "csrf-trusted-origins"},
		Checks: []string{"4_0.E001"},
		Bad:    `CSRF_TRUSTED_ORIGINS = ["app.example.com"]`,
		Good:   `CSRF_TRUSTED_ORIGINS = ["https://app.example.com:8443", "https://*.example.com"]`,
		check: func(p *Project, r *report) {
			v, own := p.get("CSRF_TRUSTED_ORIGINS")
			if own && v.Kind == pyeval.Str {
				r.fail(p, "CSRF_TRUSTED_ORIGINS", v, "CSRF_TRUSTED_ORIGINS is a string, not a list: each of its characters is taken for an origin")
				return
			}
			r.eachItem(p, "CSRF_TRUSTED_ORIGINS", v, func(s string) string {
				if _, host, ok := strings.Cut(s, "://"); ok && (host == "*" || strings.Contains(host, "*") && !strings.HasPrefix(host, "*.")) {
					return quoted(s) + " matches no origin: a star stands for subdomains, as in https://*.example.com"
				}
				return deadOrigin(s)
			})
		},
	},
	{
		ID: "DH366", Name: "csrf-failure-view-broken", Title: "the view for CSRF failures can't be called", Severity: Low,
		Why:    "Each refused form becomes a server error: the attack is refused all the same, and what people see is a broken site.",
		Fix:    `def csrf_failure(request, reason=""): ...`,
		Refs:   []string{settings + "csrf-failure-view"},
		Checks: []string{"security.E101", "security.E102"},
		Bad: `CSRF_FAILURE_VIEW = "shop.views.refused"
-- shop/__init__.py --
-- shop/views.py --
def refused(request):
    return None
`,
		Good: `CSRF_FAILURE_VIEW = "shop.views.refused"
-- shop/__init__.py --
-- shop/views.py --
def refused(request, reason="", *, status=403):
    return None
`,
		check: checkFailureView,
	},
}

// checkCSRFOff looks into the project's own middleware for the switch, and for
// an heir of CsrfViewMiddleware that doesn't check. What only some requests get
// to can't be told.
func checkCSRFOff(p *Project, r *report) {
	v, _ := p.get("MIDDLEWARE")
	for _, item := range items(v) {
		if item.Kind != pyeval.Str || p.own(item.S) == "" {
			continue
		}
		words, off := "", pyeval.No
		if m, err := pysrc.Parse([]byte(p.text(p.own(item.S)))); err == nil && strings.Contains(string(m.Src), "_dont_enforce_csrf_checks") {
			words, off = "tells CsrfViewMiddleware to check nothing", switchesOff(m, short(item.S))
		}
		if off == pyeval.No {
			words, off = "stands for CsrfViewMiddleware and doesn't check", p.uncheckedHeir(item.S)
		}
		switch off {
		case pyeval.Yes:
			r.fail(p, "MIDDLEWARE", v, item.S+" "+words).at(ownPlace(item, v))
		case pyeval.Maybe:
			r.unknown(p, "MIDDLEWARE", v, item.S+" switches the CSRF check off for some requests")
		}
	}
}

// uncheckedHeir says whether a class inherits from CsrfViewMiddleware and
// replaces its check, process_view, without asking it.
func (p *Project) uncheckedHeir(name string) pyeval.Truth {
	classes, others := p.lineage(name)
	if !slices.Contains(others, csrfMiddleware) {
		return pyeval.No
	}
	for _, c := range classes {
		for _, s := range c.stmt.Body {
			if s.Key != "def" || s.Name != "process_view" {
				continue
			}
			if strings.Contains(string(c.src.Mod.Src[s.S:s.E]), "super()") {
				return pyeval.Maybe
			}
			return pyeval.Yes
		}
	}
	return pyeval.No
}

// switchesOff says whether a class sets the switch for every request: in the
// body of a method itself, not below an if.
func switchesOff(m *pysrc.Module, class string) pyeval.Truth {
	out := pyeval.No
	for _, s := range m.Stmts {
		if s.Key != "class" && s.Key != "def" || s.Name != class {
			continue
		}
		pysrc.Walk([]*pysrc.Stmt{s}, func(inner *pysrc.Stmt) {
			if inner.Key != "def" || out == pyeval.Yes {
				return
			}
			for _, line := range inner.Body {
				if !strings.Contains(string(m.Src[line.S:line.E]), "_dont_enforce_csrf_checks") || line.Key == "def" {
					continue
				}
				if line.Kind == pysrc.SCompound {
					out = pyeval.Maybe
				} else {
					out = pyeval.Yes
				}
			}
		}, func(*pysrc.Node) {})
	}
	return out
}

func checkFailureView(p *Project, r *report) {
	v, own := p.get("CSRF_FAILURE_VIEW")
	if !own || v.Kind != pyeval.Str {
		return
	}
	file := p.own(v.S)
	module := strings.TrimSuffix(v.S, "."+short(v.S))
	if file == "" || !strings.HasSuffix(strings.TrimSuffix(strings.TrimSuffix(file, ".py"), "/__init__"), strings.ReplaceAll(module, ".", "/")) {
		return // somebody else's, or not where it seems to be
	}
	m, err := pysrc.Parse([]byte(p.text(file)))
	if err != nil {
		return
	}
	name := short(v.S)
	for _, s := range m.Stmts {
		if s.Key == "def" && s.Name == name {
			if words := callable(s); words != "" {
				r.fail(p, "CSRF_FAILURE_VIEW", v, v.S+" "+words)
			}
			return
		}
	}
	if !strings.Contains(string(m.Src), name) && !strings.Contains(string(m.Src), "import *") {
		r.fail(p, "CSRF_FAILURE_VIEW", v, fmt.Sprintf("%s has no %s", file, name))
	}
}

// callable says why a function can't be called as Django does it: with a
// request by place and a reason by name.
func callable(s *pysrc.Stmt) string {
	if len(s.Decorators) > 0 {
		return "" // it may take anything then
	}
	places, reason := 0, false
	for _, param := range s.Params {
		named := param.Name == "reason" && (param.Kind == pysrc.ParamNormal || param.Kind == pysrc.ParamKwOnly)
		switch {
		case named, param.Kind == pysrc.ParamStar2:
			reason = true
		case param.Kind == pysrc.ParamStar:
			places++
		case param.Kind == pysrc.ParamKwOnly:
			if param.Default == nil {
				return "has another parameter that Django doesn't give: " + param.Name
			}
		case param.Default == nil:
			if places++; places > 1 {
				return "has another parameter that Django doesn't give: " + param.Name
			}
		default:
			places = max(places, 1)
		}
	}
	if places == 0 {
		return "takes no request"
	}
	if !reason {
		return "takes no reason"
	}
	return ""
}
