package audit

import (
	"slices"
	"strings"

	"github.com/djharden/djharden/internal/pyeval"
)

const backends = "AUTHENTICATION_BACKENDS"

// axes says whether django-axes is an app of the project.
func (p *Project) axes() pyeval.Truth { return p.has("axes") }

func (r *report) needsAxes(p *Project) bool {
	return r.needs(p, p.axes(), "INSTALLED_APPS", "django-axes")
}

// isAxes says whether a backend is axes' own, or inherits from it.
func (p *Project) isAxes(name string) pyeval.Truth {
	_, others := p.lineage(name)
	for _, o := range others {
		if strings.HasPrefix(o, "axes.backends.") {
			return pyeval.Yes
		}
	}
	return is(false)
}

// axesBackend is where axes stands among the backends, -1 when it doesn't.
func (p *Project) axesBackend() (at int, whole bool) {
	v, _ := p.get(backends)
	list, whole := paths(v)
	return slices.IndexFunc(list, func(s string) bool { return p.isAxes(s) == pyeval.Yes }), whole
}

// setting is the value of a setting, else def.
func (p *Project) setting(name string, def *pyeval.Value) *pyeval.Value {
	if v, _ := p.get(name); v != nil {
		return v
	}
	return def
}

// locksOut says whether django-axes counts every sign-in.
func (p *Project) locksOut() pyeval.Truth {
	at, whole := p.axesBackend()
	backend := is(at >= 0)
	if at < 0 && !whole {
		backend = pyeval.Maybe
	}
	for _, t := range []pyeval.Truth{
		p.axes(), backend,
		p.setting("AXES_ENABLED", pythonValue(true)).Truth(),
		p.setting("AXES_LOCK_OUT_AT_FAILURE", pythonValue(true)).Truth(),
		p.setting("AXES_ONLY_ADMIN_SITE", pythonValue(false)).Truth().Not(),
	} {
		if t != pyeval.Yes {
			return t
		}
	}
	return pyeval.Yes
}

// brakes are apps and middleware that count failed logins.
var brakes = []string{"axes", "defender", "allauth", "allauth.account", "lockout", "django_lockout", "login_failure_blocker", "two_factor", "django_ratelimit", "brutebuster", "django_fail2ban"}

var brakeWords = []string{"axes", "ratelimit", "throttle", "RateLimit", "rate_limit", "defender", "captcha"}

func checkNoBrake(p *Project, r *report) {
	if !r.needs(p, p.has("django.contrib.auth"), "INSTALLED_APPS", "users") {
		return
	}
	apps, _ := p.get("INSTALLED_APPS")
	brake := any3(p.throttled(), p.ratelimited())
	for _, app := range brakes {
		brake = any3(brake, p.has(app))
	}
	if v, _ := p.get("MIDDLEWARE"); brake == pyeval.No {
		for _, m := range v.Strings() {
			low := strings.ToLower(m)
			if strings.Contains(low, "ratelimit") || strings.Contains(low, "rate_limit") || strings.Contains(low, "throttl") || strings.Contains(low, "lockout") || strings.Contains(low, "defender") {
				return
			}
		}
	}
	switch {
	case brake == pyeval.Yes:
	case brake == pyeval.Maybe:
		r.take(p, "INSTALLED_APPS", apps, p.opaque(apps))
	case !p.signsIn():
		r.notApplicable("no login was found in the URLs")
	case p.codeSays(brakeWords...) != pyeval.No:
		r.unknown(p, "INSTALLED_APPS", apps, "the project's own code speaks of limits: whether they guard the logins can't be told")
	default:
		r.fail(p, "INSTALLED_APPS", apps, "no lockout, no throttle and no rate limit was found: passwords can be guessed without end")
	}
}

// signsIn says whether a login was found in the URLs.
func (p *Project) signsIn() bool {
	return slices.ContainsFunc(p.Routes, func(route Route) bool {
		if route.View == "admin" || slices.Contains(signIns, route.View) || slices.Contains(unthrottled, route.View) {
			return true
		}
		return route.View == "django.contrib.auth.views.LoginView" || strings.Contains(strings.ToLower(lastName(route.View)), "login")
	})
}

func checkAxesWiring(p *Project, r *report) {
	at, whole := p.axesBackend()
	v, _ := p.get(backends)
	if p.axes() == pyeval.No && at >= 0 {
		r.fail(p, "INSTALLED_APPS", nil, "axes' backend is in AUTHENTICATION_BACKENDS, but axes isn't in INSTALLED_APPS: Django doesn't start").fix(`INSTALLED_APPS += ["axes"]`)
		return
	}
	if !r.needsAxes(p) {
		return
	}
	switch list, _ := paths(v); {
	case at < 0 && whole:
		r.fail(p, backends, v, "axes.backends.AxesStandaloneBackend isn't in AUTHENTICATION_BACKENDS: a locked account signs in as before")
	case at < 0:
		r.take(p, backends, v, p.opaque(v))
	case at > 0 && slices.ContainsFunc(list[:at], takesPassword):
		r.fail(p, backends, v, "axes' backend comes after "+lastName(list[0])+", which lets a locked account in before axes is asked")
	}
	m, _ := p.get("MIDDLEWARE")
	const middleware = "axes.middleware.AxesMiddleware"
	switch p.holdsLike("MIDDLEWARE", middleware) {
	case pyeval.No:
		r.fail(p, "MIDDLEWARE", m, middleware+" isn't in MIDDLEWARE: who is locked out sees the login form again, as if the password were wrong").fix(`MIDDLEWARE += ["` + middleware + `"]`)
	case pyeval.Maybe:
		r.take(p, "MIDDLEWARE", m, p.opaque(m))
	}
}

// holdsLike says whether a list setting holds a class, or one of the project
// that inherits from it.
func (p *Project) holdsLike(setting, path string) pyeval.Truth {
	v, own := p.get(setting)
	if _, old := p.get("MIDDLEWARE_CLASSES"); !own && old && setting == "MIDDLEWARE" { // Django 1
		return pyeval.Maybe
	}
	if t := p.holds(setting, path); t != pyeval.No {
		return t
	}
	for _, name := range v.Strings() {
		if _, others := p.lineage(name); slices.Contains(others, path) {
			return pyeval.Yes
		}
	}
	return pyeval.No
}

// takesPassword says whether a backend checks a password by itself.
func takesPassword(name string) bool {
	return strings.HasPrefix(name, "django.contrib.auth.backends.") && strings.HasSuffix(name, "ModelBackend")
}

// Failures beyond which a limit is none.
const mostFailures = 50

func checkAxesOff(p *Project, r *report) {
	if !r.needsAxes(p) {
		return
	}
	for _, name := range []string{"AXES_ENABLED", "AXES_LOCK_OUT_AT_FAILURE"} {
		if v, own := p.get(name); own {
			r.weigh(p, name, v, func(v *pyeval.Value) verdict {
				switch v.Truth() {
				case pyeval.No:
					return wrong("%s is off: failed logins lock nobody out", name)
				case pyeval.Maybe:
					return p.opaque(v)
				}
				return right
			})
		}
	}
	if v, own := p.get("AXES_FAILURE_LIMIT"); own {
		r.weigh(p, "AXES_FAILURE_LIMIT", v, func(v *pyeval.Value) verdict {
			n, ok := number(v)
			switch {
			case ok && n > mostFailures:
				return wrong("%g wrong passwords are let through before a lockout", n)
			case ok:
				return right
			}
			return p.opaque(v)
		})
	}
}

func checkAxesCooloff(p *Project, r *report) {
	if !r.needsAxes(p) {
		return
	}
	v, own := p.get("AXES_COOLOFF_TIME")
	if !own {
		r.fail(p, "AXES_COOLOFF_TIME", nil, "AXES_COOLOFF_TIME is unset: who is locked out stays so until an administrator helps")
		return
	}
	r.weigh(p, "AXES_COOLOFF_TIME", v, func(v *pyeval.Value) verdict {
		switch v.Kind {
		case pyeval.None:
			return wrong("AXES_COOLOFF_TIME is None: who is locked out stays so until an administrator helps")
		case pyeval.Unknown:
			return p.opaque(v)
		}
		return right
	})
}

func checkAxesProxy(p *Project, r *report) {
	if !r.needsAxes(p) || p.setting("AXES_CLIENT_IP_CALLABLE", pythonValue(nil)).Truth() != pyeval.No {
		return
	}
	count, name := p.setting("AXES_IPWARE_PROXY_COUNT", pythonValue(nil)), "AXES_IPWARE_PROXY_COUNT"
	if count.Kind == pyeval.None {
		count, name = p.setting("AXES_PROXY_COUNT", pythonValue(nil)), "AXES_PROXY_COUNT"
	}
	settled := p.settlesAddress()
	if settled == pyeval.Yes {
		return
	}
	if n, ok := number(count); ok && n > 0 {
		r.fail(p, name, count, name+" counts the proxies inside X-Forwarded-For, without the one that Django sees: with one proxy the address is None for everybody, and so is the lockout")
		return
	}
	v := p.setting("AXES_LOCKOUT_PARAMETERS", p.oldParameters())
	alone := addressAlone(v)
	order, own := p.get("AXES_IPWARE_META_PRECEDENCE_ORDER")
	switch {
	case alone == pyeval.No || p.proxied() == pyeval.No:
	case own && !(order.IsList() && len(order.Items) == 1 && order.Has("REMOTE_ADDR") == pyeval.Yes): // axes-address judges that
	case alone == pyeval.Maybe:
		r.take(p, "AXES_LOCKOUT_PARAMETERS", v, p.opaque(v))
	case p.proxied() == pyeval.Maybe || settled == pyeval.Maybe:
		r.unknown(p, "AXES_LOCKOUT_PARAMETERS", v, "whether a proxy stands in front, and who settles the address, can't be told")
	default:
		r.fail(p, "AXES_LOCKOUT_PARAMETERS", v, "axes locks by REMOTE_ADDR, which is the proxy's for every visitor: "+p.proxyReason())
	}
}

// oldParameters are what axes makes of its older settings.
func (p *Project) oldParameters() *pyeval.Value {
	switch {
	case p.setting("AXES_ONLY_USER_FAILURES", pythonValue(false)).Truth() == pyeval.Yes:
		return pythonValue(list{"username"})
	case p.setting("AXES_LOCK_OUT_BY_COMBINATION_USER_AND_IP", pythonValue(false)).Truth() == pyeval.Yes:
		return &pyeval.Value{Kind: pyeval.List, Items: []*pyeval.Value{pythonValue(list{"username", "ip_address"})}}
	}
	return pythonValue(list{"ip_address"})
}

// addressAlone says whether an address by itself is locked out.
func addressAlone(v *pyeval.Value) pyeval.Truth {
	return v.All(func(v *pyeval.Value) pyeval.Truth {
		if v.Kind == pyeval.None {
			return pyeval.Yes // axes takes its default
		}
		if !v.IsList() {
			return pyeval.Maybe
		}
		return v.Has("ip_address")
	})
}

func checkAxesAddress(p *Project, r *report) {
	if !r.needsAxes(p) || p.setting("AXES_CLIENT_IP_CALLABLE", pythonValue(nil)).Truth() != pyeval.No || p.settlesAddress() == pyeval.Yes {
		return
	}
	for _, name := range []string{"AXES_IPWARE_META_PRECEDENCE_ORDER", "AXES_META_PRECEDENCE_ORDER", "IPWARE_META_PRECEDENCE_ORDER"} {
		v, own := p.get(name)
		if !own {
			continue
		}
		order := p.setting("AXES_IPWARE_PROXY_ORDER", pythonValue("left-most"))
		count := p.setting("AXES_IPWARE_PROXY_COUNT", pythonValue(nil))
		trusted := p.setting("AXES_IPWARE_PROXY_TRUSTED_IPS", pythonValue(nil))
		r.weigh(p, name, v, func(v *pyeval.Value) verdict {
			list, whole := paths(v)
			at := slices.IndexFunc(list, func(s string) bool { return s != "REMOTE_ADDR" })
			switch {
			case at < 0 && whole:
				return right
			case at < 0:
				return p.opaque(v)
			case !order.IsStr("left-most") || count.Kind != pyeval.None || trusted.Truth() != pyeval.No:
				return right
			case list[at] == "HTTP_X_REAL_IP" || list[at] == "X_REAL_IP":
				return right // set by the proxy where there is one; not a list
			}
			return wrong("axes takes the left-most address of %s, which the client writes", list[at])
		})
		return
	}
}

func checkAxesParameters(p *Project, r *report) {
	if !r.needsAxes(p) {
		return
	}
	v, own := p.get("AXES_LOCKOUT_PARAMETERS")
	if !own {
		if old, set := p.get("AXES_ONLY_USER_FAILURES"); set && old.Truth() == pyeval.Yes {
			r.fail(p, "AXES_ONLY_USER_FAILURES", old, "accounts are locked by user name alone: anybody locks anybody out")
		}
		return
	}
	r.weigh(p, "AXES_LOCKOUT_PARAMETERS", v, func(v *pyeval.Value) verdict {
		switch {
		case v.Kind == pyeval.None || v.Kind == pyeval.Str: // the default, or a function
			return right
		case !v.IsList():
			return p.opaque(v)
		}
		has := v.Has("ip_address")
		for _, x := range v.Items {
			if x.IsList() {
				has = any3(has, x.Has("ip_address"))
			}
		}
		switch has {
		case pyeval.Yes:
			return right
		case pyeval.Maybe:
			return p.opaque(v)
		}
		return wrong("AXES_LOCKOUT_PARAMETERS has no ip_address")
	})
}

// axesRemoved are the settings that axes' own check calls deprecated, and those
// that left before, each with what stands for it.
var axesRemoved = [][2]string{
	{"AXES_DISABLE_SUCCESS_ACCESS_LOG", "AXES_DISABLE_ACCESS_LOG"},
	{"AXES_LOGGER", "the logger \"axes\" in LOGGING"},
	{"AXES_PROXY_ORDER", "AXES_IPWARE_PROXY_ORDER"},
	{"AXES_PROXY_COUNT", "AXES_CLIENT_IP_CALLABLE"},
	{"AXES_PROXY_TRUSTED_IPS", "AXES_IPWARE_PROXY_TRUSTED_IPS"},
	{"AXES_META_PRECEDENCE_ORDER", "AXES_IPWARE_META_PRECEDENCE_ORDER"},
	{"AXES_ONLY_USER_FAILURES", "AXES_LOCKOUT_PARAMETERS"},
	{"AXES_LOCK_OUT_BY_USER_OR_IP", "AXES_LOCKOUT_PARAMETERS"},
	{"AXES_LOCK_OUT_BY_COMBINATION_USER_AND_IP", "AXES_LOCKOUT_PARAMETERS"},
	{"AXES_USE_USER_AGENT", "AXES_LOCKOUT_PARAMETERS"},
	{"AXES_BEHIND_REVERSE_PROXY", "AXES_CLIENT_IP_CALLABLE"},
	{"AXES_REVERSE_PROXY_HEADER", "AXES_CLIENT_IP_CALLABLE"},
	{"AXES_NUM_PROXIES", "AXES_CLIENT_IP_CALLABLE"},
}

func checkAxesRemoved(p *Project, r *report) {
	if !r.needsAxes(p) {
		return
	}
	if major, ok := pinned(p.Deps["django-axes"]); ok && major < 6 {
		return
	}
	for _, pair := range axesRemoved {
		if v, own := p.get(pair[0]); own {
			r.fail(p, pair[0], v, pair[0]+" belongs to an older django-axes: use "+pair[1])
		}
	}
}

func checkAxesLog(p *Project, r *report) {
	if !r.needsAxes(p) {
		return
	}
	v, own := p.get("AXES_SENSITIVE_PARAMETERS")
	if !own {
		return
	}
	r.weigh(p, "AXES_SENSITIVE_PARAMETERS", v, func(v *pyeval.Value) verdict {
		switch v.Truth() {
		case pyeval.No:
			return wrong("AXES_SENSITIVE_PARAMETERS is empty: user names are logged as they were typed")
		case pyeval.Maybe:
			return p.opaque(v)
		}
		return right
	})
}
