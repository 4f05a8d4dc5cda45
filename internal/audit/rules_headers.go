package audit

import (
	"fmt"
	"slices"
	"strings"

	"github.com/djharden/djharden/internal/pyeval"
)

// headerRules are about what browsers are told: framing, types, referrers,
// scripts, and other origins.
var headerRules = slices.Concat(frameRules, cspRules, corsRules, csrfRules)

const (
	frameMiddleware       = "django.middleware.clickjacking.XFrameOptionsMiddleware"
	permissionsMiddleware = "django_permissions_policy.PermissionsPolicyMiddleware"
	headersCheatSheet     = "https://cheatsheetseries.owasp.org/cheatsheets/HTTP_Headers_Cheat_Sheet.html"
)

var frameRules = []*Rule{
	{
		ID: "DH301", Name: "no-frame-middleware", Title: "other sites can show the pages in a frame", Severity: Medium,
		Why: "Under a transparent frame the visitor clicks on buttons of this site and believes to click on another's.",
		Fix: `MIDDLEWARE += ["django.middleware.clickjacking.XFrameOptionsMiddleware"]`,
		CWE: []int{1021}, ASVS: []string{"3.4.6"},
		Refs:   []string{docs + "ref/clickjacking/", checks},
		Checks: []string{"security.W002"},
		Bad:    `MIDDLEWARE.remove("django.middleware.clickjacking.XFrameOptionsMiddleware")`,
		Good: `MIDDLEWARE.remove("django.middleware.clickjacking.XFrameOptionsMiddleware")
MIDDLEWARE.insert(-1, "django.middleware.clickjacking." + "XFrameOptionsMiddleware")`,
		check: func(p *Project, r *report) {
			v, _ := p.get("MIDDLEWARE")
			switch lacking, reason := p.lacks(frameMiddleware); {
			case lacking == pyeval.Maybe:
				r.unknown(p, "MIDDLEWARE", v, reason)
			case lacking == pyeval.Yes && p.framesRestricted():
				r.fail(p, "MIDDLEWARE", v, "MIDDLEWARE is without XFrameOptionsMiddleware; only browsers that know frame-ancestors of the CSP refuse to frame the pages")
			case lacking == pyeval.Yes:
				r.fail(p, "MIDDLEWARE", v, "MIDDLEWARE is without XFrameOptionsMiddleware")
			}
		},
	},
	{
		ID: "DH302", Name: "frame-options-broken", Title: "X-Frame-Options has a value that browsers ignore", Severity: Medium,
		Why: "Browsers know DENY and SAMEORIGIN. With anything else, ALLOW-FROM included, everybody can frame the pages.",
		Fix: `X_FRAME_OPTIONS = "DENY"`,
		CWE: []int{1021}, ASVS: []string{"3.4.6"},
		Refs:   []string{settings + "x-frame-options", docs + "ref/clickjacking/"},
		Checks: []string{"security.W019"},
		Bad:    `X_FRAME_OPTIONS = "ALLOW-FROM https://partner.example"`,
		Good:   `X_FRAME_OPTIONS = "deny".upper()`,
		check: func(p *Project, r *report) {
			if p.framing(r) {
				r.ask(p, "X_FRAME_OPTIONS", func(v *pyeval.Value) verdict {
					if s := strings.ToUpper(v.S); v.Kind == pyeval.Str && (s == "DENY" || s == "SAMEORIGIN") {
						return right
					}
					return wrong("X_FRAME_OPTIONS is neither \"DENY\" nor \"SAMEORIGIN\": browsers ignore it")
				})
			}
		},
	},
	{
		ID: "DH303", Name: "frame-options-sameorigin", Title: "pages may frame each other", Severity: Low,
		Why: "A page of the same origin that an attacker has a hand in (an upload, a script injected elsewhere) can frame all others.",
		Fix: `X_FRAME_OPTIONS = "DENY"  # and xframe_options_sameorigin on the views that need it`,
		CWE: []int{1021}, ASVS: []string{"3.4.6"},
		Refs:   []string{settings + "x-frame-options", checks},
		Checks: []string{"security.W019"},
		Bad:    `X_FRAME_OPTIONS = "SAMEORIGIN"`,
		Good:   "X_FRAME_OPTIONS = \"SAMEORIGIN\"\nX_FRAME_OPTIONS = \"DENY\"",
		check: func(p *Project, r *report) {
			if !p.framing(r) {
				return
			}
			if v, _ := p.get("X_FRAME_OPTIONS"); v != nil && v.Kind == pyeval.Str && v.S != "DENY" && strings.EqualFold(v.S, "DENY") {
				r.notApplicable("Django sends " + v.S + " in capitals; only its check W019 wants them here")
				return
			}
			r.ask(p, "X_FRAME_OPTIONS", func(v *pyeval.Value) verdict {
				if v.Kind == pyeval.Str && strings.EqualFold(v.S, "SAMEORIGIN") {
					return wrong("X_FRAME_OPTIONS is %q; the default is DENY", v.S)
				}
				return right
			})
		},
	},
	{
		ID: "DH304", Name: "sniffing-allowed", Title: "browsers may guess the type of what they get", Severity: Medium,
		Why: "An uploaded text or image that looks like HTML or a script is run as one, in the site's name.",
		Fix: `SECURE_CONTENT_TYPE_NOSNIFF = True`,
		CWE: []int{436}, ASVS: []string{"3.4.4"},
		Refs:   []string{settings + "secure-content-type-nosniff", checks},
		Checks: []string{"security.W006"},
		Bad:    `SECURE_CONTENT_TYPE_NOSNIFF = False`,
		Good:   `SECURE_CONTENT_TYPE_NOSNIFF = True`,
		check: func(p *Project, r *report) {
			if behindSecurity(p, r) {
				r.ask(p, "SECURE_CONTENT_TYPE_NOSNIFF", whenOff("SECURE_CONTENT_TYPE_NOSNIFF is off"))
			}
		},
	},
	{
		ID: "DH305", Name: "referrer-policy-invalid", Title: "there is no Referrer-Policy that browsers know", Severity: Low,
		Why: "Without one each browser decides how much of the address (reset tokens, searches) other sites see.",
		Fix: `SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"`,
		CWE: []int{201}, ASVS: []string{"3.4.5"},
		Refs:   []string{settings + "secure-referrer-policy", checks},
		Checks: []string{"security.W022", "security.E023"},
		Bad:    `SECURE_REFERRER_POLICY = "strict-origin-when-crossorigin"`,
		Good:   `SECURE_REFERRER_POLICY = ("no-referrer", "strict-origin-when-cross-origin")`,
		check: func(p *Project, r *report) {
			if behindSecurity(p, r) {
				r.ask(p, "SECURE_REFERRER_POLICY", invalidReferrer)
			}
		},
	},
	{
		ID: "DH306", Name: "referrer-policy-leaks", Title: "other sites see the whole address", Severity: Medium,
		Why: "Paths and queries with reset tokens, invitations and searches are sent to every site that a page links to or loads from.",
		Fix: `SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"`,
		CWE: []int{201}, ASVS: []string{"3.4.5"},
		Refs: []string{settings + "secure-referrer-policy", headersCheatSheet},
		Bad:  `SECURE_REFERRER_POLICY = "unsafe-url"`,
		Good: `SECURE_REFERRER_POLICY = ["unsafe-url", "same-origin"]`,
		check: func(p *Project, r *report) {
			if !behindSecurity(p, r) {
				return
			}
			r.ask(p, "SECURE_REFERRER_POLICY", func(v *pyeval.Value) verdict {
				policies := referrerPolicies(v)
				if n := len(policies); n > 0 && !v.Open && (policies[n-1] == "unsafe-url" || policies[n-1] == "no-referrer-when-downgrade") {
					return wrong("%s sends path and query to other sites", policies[n-1]) // browsers take the last that they know
				}
				return right
			})
		},
	},
	{
		ID: "DH307", Name: "opener-policy-off", Title: "pages opened from here, or that open these, keep a hold on the window", Severity: Low,
		Why: "A page of another site that shares the browsing context can navigate this one to a copy of the sign-in page, and count frames.",
		Fix: `SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"`,
		CWE: []int{1022}, ASVS: []string{"3.4.8"},
		Refs:   []string{settings + "secure-cross-origin-opener-policy", checks},
		Checks: []string{"security.E024"},
		Bad:    `SECURE_CROSS_ORIGIN_OPENER_POLICY = None`,
		Good:   `SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin-allow-popups"`,
		check: func(p *Project, r *report) {
			if !behindSecurity(p, r) {
				return
			}
			r.ask(p, "SECURE_CROSS_ORIGIN_OPENER_POLICY", func(v *pyeval.Value) verdict {
				switch {
				case v.IsStr("same-origin"), v.IsStr("same-origin-allow-popups"):
					return right
				case v.Kind == pyeval.None:
					return wrong("SECURE_CROSS_ORIGIN_OPENER_POLICY is None: no such header")
				case v.IsStr("unsafe-none"):
					return wrong("SECURE_CROSS_ORIGIN_OPENER_POLICY is \"unsafe-none\"")
				}
				return wrong("SECURE_CROSS_ORIGIN_OPENER_POLICY is neither \"same-origin\" nor \"same-origin-allow-popups\": Django's check fails")
			})
		},
	},
	{
		ID: "DH308", Name: "permissions-policy-unknown", Title: "PERMISSIONS_POLICY names a feature that doesn't exist", Severity: Medium,
		Why:  "The middleware refuses an unknown name when it is built: the site doesn't start, and `check` says nothing before.",
		Fix:  `PERMISSIONS_POLICY = {"camera": [], "geolocation": [], "microphone": []}`,
		Refs: []string{"https://github.com/adamchainz/django-permissions-policy#readme"},
		Bad:  "MIDDLEWARE.insert(1, \"django_permissions_policy.PermissionsPolicyMiddleware\")\nPERMISSIONS_POLICY = {\"camera\": [], \"geo-location\": []}",
		Good: "MIDDLEWARE.insert(1, \"django_permissions_policy.PermissionsPolicyMiddleware\")\nPERMISSIONS_POLICY = {name: [] for name in [\"camera\", \"geolocation\"]}",
		check: func(p *Project, r *report) {
			if p.middleware(permissionsMiddleware) == pyeval.No {
				r.notApplicable("django-permissions-policy isn't installed")
				return
			}
			for _, setting := range []string{"PERMISSIONS_POLICY", "PERMISSIONS_POLICY_REPORT_ONLY"} {
				v, _ := p.get(setting)
				if v == nil || v.Kind != pyeval.Dict {
					continue
				}
				for _, k := range v.Keys {
					switch {
					case k.Kind != pyeval.Str:
					case !slices.Contains(permissionNames, k.S):
						r.fail(p, setting, v, fmt.Sprintf("django-permissions-policy knows no %q: the site doesn't start", k.S)).at(ownPlace(k, v))
					case slices.Contains(permissionsGone, k.S) && p.newestPermissions():
						r.fail(p, setting, v, fmt.Sprintf("django-permissions-policy 4.34 has dropped %q: the site doesn't start", k.S)).at(ownPlace(k, v))
					}
				}
			}
		},
	},
	{
		ID: "DH309", Name: "middleware-order", Title: "middleware stands in an order in which it doesn't work", Severity: Medium,
		Why:   "Middleware sees what those before it let through, and adds to what those behind it answer: out of order a header is missing, or a user isn't there yet.",
		Fix:   `# move the entry of MIDDLEWARE to where the message says`,
		Refs:  []string{docs + "ref/middleware/#middleware-ordering", "https://github.com/adamchainz/django-cors-headers#setup", "https://whitenoise.readthedocs.io/en/stable/django.html#enable-whitenoise"},
		Bad:   "MIDDLEWARE.remove(\"django.middleware.security.SecurityMiddleware\")\nMIDDLEWARE.append(\"django.middleware.security.SecurityMiddleware\")",
		Good:  "MIDDLEWARE.insert(0, \"hardened.FirstMiddleware\")",
		check: checkOrder,
	},
}

var oldPermissions = lazy(`(?:==|~=)\s*(?:[0-3]|4\.(?:[0-2]?\d|3[0-3]))(?:\.|$)|<\s*4\.(?:[0-2]?\d|3[0-4])`)

// newestPermissions reports whether the dependencies get the release of
// django-permissions-policy that dropped names; on Django 4.2 there is none.
func (p *Project) newestPermissions() bool {
	spec, ok := p.Deps["django-permissions-policy"]
	return ok && !oldPermissions().MatchString(spec) && p.Series != "" && !seriesLess(p.Series, "5.2")
}

// framing reports whether X-Frame-Options is sent.
func (p *Project) framing(r *report) bool {
	if p.middleware(frameMiddleware) == pyeval.No {
		r.notApplicable("XFrameOptionsMiddleware isn't installed")
		return false
	}
	return true
}

// referrerPolicies are the values of SECURE_REFERRER_POLICY, a string with
// commas or a list.
func referrerPolicies(v *pyeval.Value) []string {
	var out []string
	for _, s := range v.Strings() {
		for part := range strings.SplitSeq(s, ",") {
			out = append(out, strings.TrimSpace(part))
		}
	}
	return out
}

var knownReferrerPolicies = []string{"no-referrer", "no-referrer-when-downgrade", "origin", "origin-when-cross-origin", "same-origin", "strict-origin", "strict-origin-when-cross-origin", "unsafe-url"}

func invalidReferrer(v *pyeval.Value) verdict {
	if v.Kind == pyeval.None {
		return wrong("SECURE_REFERRER_POLICY is None: no such header")
	}
	for _, s := range referrerPolicies(v) {
		if !slices.Contains(knownReferrerPolicies, s) {
			return wrong("SECURE_REFERRER_POLICY: browsers know no %q, and Django's check fails", s)
		}
	}
	return right
}

// order is a pair of middleware that has to stand in this order.
type order struct{ first, then, reason string }

const (
	commonMiddleware = "django.middleware.common.CommonMiddleware"
	authMiddleware   = "django.contrib.auth.middleware.AuthenticationMiddleware"
	corsMiddleware   = "corsheaders.middleware.CorsMiddleware"
	whitenoise       = "whitenoise.middleware.WhiteNoiseMiddleware"
	updateCache      = "django.middleware.cache.UpdateCacheMiddleware"
	fetchCache       = "django.middleware.cache.FetchFromCacheMiddleware"
)

// orders are those whose breach is a hole or a failure; each is from the
// documentation of the one or the other.
var orders = []order{
	{securityMiddleware, whitenoise, "static files are served without the redirect to HTTPS, HSTS and nosniff"},
	{securityMiddleware, sessionMiddleware, "what stands before it answers without the redirect to HTTPS"},
	{securityMiddleware, commonMiddleware, "what stands before it answers without the redirect to HTTPS"},
	{securityMiddleware, csrfMiddleware, "a CSRF failure is answered over plain HTTP"},
	{corsMiddleware, commonMiddleware, "a redirect of CommonMiddleware has no CORS headers, and the browser refuses it"},
	{whitenoise, sessionMiddleware, "each static file goes through the sessions and what else stands before it"},
	{sessionMiddleware, authMiddleware, "there is no session yet when the user is asked for: Django doesn't answer"},
	{sessionMiddleware, "django.contrib.messages.middleware.MessageMiddleware", "there is no session yet to keep messages in"},
	{authMiddleware, "django_otp.middleware.OTPMiddleware", "there is no user yet whose second factor could be looked up"},
	{authMiddleware, "django.contrib.auth.middleware.LoginRequiredMiddleware", "there is no user yet who could be required"},
	{authMiddleware, "axes.middleware.AxesMiddleware", "axes has to stand last, to turn a lockout into its answer"},
	{updateCache, sessionMiddleware, "pages are cached before Vary: Cookie is on them, so one visitor gets another's page"},
	{updateCache, fetchCache, "UpdateCacheMiddleware stands first and FetchFromCacheMiddleware last"},
	{sessionMiddleware, fetchCache, "FetchFromCacheMiddleware stands last, else pages are looked up without what they vary on"},
}

func checkOrder(p *Project, r *report) {
	v, _ := p.get("MIDDLEWARE")
	reported := map[string]bool{}
	for _, o := range orders {
		first, then := v.Index(o.first), v.Index(o.then)
		if first < 0 || then < 0 || first < then || reported[o.first] {
			continue
		}
		reported[o.first] = true
		r.fail(p, "MIDDLEWARE", v, fmt.Sprintf("%s comes after %s: %s", short(o.first), short(o.then), o.reason)).
			at(ownPlace(v.Items[first], v)).fix(fmt.Sprintf("# in MIDDLEWARE: %q before %q", o.first, o.then))
	}
	if p.isOn("CSRF_USE_SESSIONS") == pyeval.Yes {
		if session, csrf := v.Index(sessionMiddleware), v.Index(csrfMiddleware); csrf >= 0 && session > csrf {
			r.fail(p, "MIDDLEWARE", v, "SessionMiddleware comes after CsrfViewMiddleware, which keeps its token in the session (CSRF_USE_SESSIONS): Django doesn't answer")
		}
	}
}

// short is the last part of a dotted path.
func short(dotted string) string { return dotted[strings.LastIndex(dotted, ".")+1:] }
