package audit

import (
	"strings"

	"github.com/djharden/djharden/internal/pyeval"
)

var ratelimitRules = []*Rule{
	{
		ID: "DH451", Name: "ratelimit-off", Severity: Medium,
		Title: "django-ratelimit is switched off",
		Why:   "With RATELIMIT_ENABLE off every @ratelimit lets everything through.",
		Fix:   `RATELIMIT_ENABLE = True`,
		CWE:   []int{307, 799},
		ASVS:  []string{"2.4.1", "6.3.1"},
		Refs:  []string{ratelimitDocs + "settings.html"},
		Bad:   `RATELIMIT_ENABLE = False`,
		Good:  "DEBUG = False\nRATELIMIT_ENABLE = not DEBUG",
		check: checkRatelimitOff,
	},
	{
		ID: "DH452", Name: "ratelimit-cache", Severity: Medium,
		Title:  "django-ratelimit counts in a cache that isn't there",
		Why:    "RATELIMIT_USE_CACHE names an entry of CACHES. One that doesn't exist raises an exception in every view that is limited.",
		Fix:    `RATELIMIT_USE_CACHE = "default"`,
		ASVS:   []string{"2.4.1"},
		Checks: []string{"django_ratelimit.E002"},
		Refs:   []string{ratelimitDocs + "settings.html"},
		Bad:    "INSTALLED_APPS += [\"django_ratelimit\"]\nRATELIMIT_USE_CACHE = \"ratelimits\"",
		Good:   "INSTALLED_APPS += [\"django_ratelimit\"]\nRATELIMIT_USE_CACHE = \"default\"",
		check:  checkRatelimitCache,
	},
	{
		ID: "DH453", Name: "ratelimit-address", Severity: Medium,
		Title: "django-ratelimit takes the client's word for its address",
		Why:   "X-Forwarded-For begins with what the client sent. Taken whole it is another address with every request, so no limit is ever reached, and with two entries it is no address at all and the view fails.",
		Fix:   `RATELIMIT_IP_META_KEY = "config.network.client_ip"  # from X-Forwarded-For, counted from the right`,
		CWE:   []int{348},
		ASVS:  []string{"4.1.3", "15.3.4"},
		Refs:  []string{ratelimitDocs + "security.html#client-ip-address"},
		Bad:   `RATELIMIT_IP_META_KEY = "HTTP_X_FORWARDED_FOR"`,
		Good:  `RATELIMIT_IP_META_KEY = "HTTP_X_REAL_IP"`,
		check: checkRatelimitAddress,
	},
}

// ratelimited says whether django-ratelimit is there. It works without being an
// app: the dependencies and its settings tell too.
func (p *Project) ratelimited() pyeval.Truth {
	for _, name := range []string{"django-ratelimit", "django-smart-ratelimit"} {
		if _, listed := p.Deps[name]; listed {
			return pyeval.Yes
		}
	}
	for name := range p.Result.Settings {
		if strings.HasPrefix(name, "RATELIMIT_") {
			return pyeval.Yes
		}
	}
	return p.has("django_ratelimit")
}

func (r *report) needsRatelimit(p *Project) bool {
	return r.needs(p, p.ratelimited(), "INSTALLED_APPS", "django-ratelimit")
}

func checkRatelimitOff(p *Project, r *report) {
	if !r.needsRatelimit(p) {
		return
	}
	v := p.setting("RATELIMIT_ENABLE", pythonValue(true))
	r.weigh(p, "RATELIMIT_ENABLE", v, func(v *pyeval.Value) verdict {
		switch v.Truth() {
		case pyeval.No:
			return wrong("RATELIMIT_ENABLE is off: nothing is limited")
		case pyeval.Maybe:
			return p.opaque(v)
		}
		return right
	})
}

func checkRatelimitCache(p *Project, r *report) {
	v, own := p.get("RATELIMIT_USE_CACHE")
	if !r.needsRatelimit(p) || !own {
		return
	}
	caches, _ := p.get("CACHES")
	r.weigh(p, "RATELIMIT_USE_CACHE", v, func(v *pyeval.Value) verdict {
		if v.Kind != pyeval.Str {
			return p.opaque(v)
		}
		switch caches.Has(v.S) {
		case pyeval.No:
			return wrong("CACHES has no %q", v.S)
		case pyeval.Maybe:
			return cantTell("CACHES can't be read")
		}
		return right
	})
}

func checkRatelimitAddress(p *Project, r *report) {
	v, own := p.get("RATELIMIT_IP_META_KEY")
	if !r.needsRatelimit(p) || !own {
		return
	}
	r.weigh(p, "RATELIMIT_IP_META_KEY", v, func(v *pyeval.Value) verdict {
		switch {
		case v.IsStr("HTTP_X_FORWARDED_FOR") && p.settlesAddress() == pyeval.Yes:
			return cantTell("a middleware of the project may have rewritten X-Forwarded-For")
		case v.IsStr("HTTP_X_FORWARDED_FOR"):
			return wrong("limits count by X-Forwarded-For as the client sent it")
		case v.Kind == pyeval.Unknown:
			return p.opaque(v)
		}
		return right
	})
}
