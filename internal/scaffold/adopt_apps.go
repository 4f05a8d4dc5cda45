package scaffold

import (
	"fmt"
	"strings"

	"github.com/djharden/djharden/internal/django"
)

const (
	security   = "django.middleware.security.SecurityMiddleware"
	whitenoise = "whitenoise.middleware.WhiteNoiseMiddleware"
	corsMW     = "corsheaders.middleware.CorsMiddleware"
	authMW     = "django.contrib.auth.middleware.AuthenticationMiddleware"
	axesMW     = "axes.middleware.AxesMiddleware"
	xframe     = "django.middleware.clickjacking.XFrameOptionsMiddleware"
	csrfMW     = "django.middleware.csrf.CsrfViewMiddleware"
	commonMW   = "django.middleware.common.CommonMiddleware"
)

// apps extends INSTALLED_APPS, MIDDLEWARE and TEMPLATES.
func (o *overlay) apps() []string {
	out := o.installed()
	out = append(out, "")
	out = append(out, o.middleware()...)
	if lines := o.templates(); len(lines) > 0 {
		out = append(append(out, ""), lines...)
	}
	return out
}

func (o *overlay) installed() []string {
	have := o.v("INSTALLED_APPS")
	var add []string
	want := func(when bool, app string) {
		if when && !have.Has(app) && !have.MayHold(app) {
			add = append(add, app)
		}
	}
	want(o.table, o.own+".apps.HardeningConfig")
	want(o.a.Admin2FA && o.site, "django_otp")
	want(o.a.Admin2FA && o.site, "django_otp.plugins.otp_totp")
	want(o.a.Admin2FA && o.site, "django_otp.plugins.otp_static")
	want(o.a.Lockout, "axes")
	want(o.csp && !o.facts.BuiltinCSP, "csp")
	want(o.cors, "corsheaders")
	want(o.a.JWT, "rest_framework_simplejwt.token_blacklist")
	want(o.a.Ratelimit, "django_ratelimit")
	name := o.base("INSTALLED_APPS")
	if o.site {
		out := []string{
			"INSTALLED_APPS = [",
			fmt.Sprintf("    %q if app == %q else app", o.own+".apps.AdminConfig", "django.contrib.admin"),
			"    for app in INSTALLED_APPS",
			"]",
		}
		if line := out[1]; len(line) > 88 {
			out = []string{
				"INSTALLED_APPS = [",
				fmt.Sprintf("    %q", o.own+".apps.AdminConfig"),
				`    if app == "django.contrib.admin"`,
				"    else app",
				"    for app in INSTALLED_APPS",
				"]",
			}
		}
		if len(add) > 0 {
			out = append(append(append(out, "INSTALLED_APPS += ["), rows("    ", quoted(add)...)...), "]")
		}
		return out
	}
	if len(add) == 0 {
		delete(o.used, name)
		return nil
	}
	out := []string{"INSTALLED_APPS = [", "    *INSTALLED_APPS,"}
	return append(append(out, rows("    ", quoted(add)...)...), "]")
}

// middleware puts djharden's in at their places and moves none of the user's.
func (o *overlay) middleware() []string {
	have := o.v("MIDDLEWARE")
	o.base("MIDDLEWARE")
	absent := func(name string) bool { return !have.Has(name) && !have.MayHold(name) }
	var early []string // right after SecurityMiddleware
	add := func(when bool, name string) {
		if when && absent(name) {
			early = append(early, name)
		}
	}
	if o.csp {
		if o.facts.BuiltinCSP {
			add(true, "django.middleware.csp.ContentSecurityPolicyMiddleware")
		} else {
			add(true, "csp.middleware.CSPMiddleware")
		}
	}
	add(true, "django_permissions_policy.PermissionsPolicyMiddleware")
	add(o.cors, corsMW)
	add(o.static, whitenoise)
	first := []string{o.own + ".middleware.TrustedProxyMiddleware"}
	hasSecurity := !absent(security)
	if !hasSecurity {
		first = append(first, security)
		o.warn("security-middleware", "%s:%d: MIDDLEWARE lacks SecurityMiddleware, without which no SECURE_ setting works; production adds it", o.s.Path, o.s.LineOf(have))
	}
	var last []string
	if absent(csrfMW) {
		last = append(last, csrfMW)
		o.warn("csrf-middleware", "%s:%d: MIDDLEWARE lacks CsrfViewMiddleware; production adds it, and forms must carry {%% csrf_token %%}", o.s.Path, o.s.LineOf(have))
	}
	if absent(xframe) {
		last = append(last, xframe)
	}
	if o.a.Lockout && absent(axesMW) {
		last = append(last, axesMW)
	}
	otp := o.a.Admin2FA && o.site && absent("django_otp.middleware.OTPMiddleware")
	var out, body []string
	body = append(body, rows("    ", quoted(first)...)...)
	switch {
	case hasSecurity && otp:
		out = append(out, at("_secure", security), at("_signed_in", authMW))
		body = append(body, "    *MIDDLEWARE[:_secure],")
		body = append(body, rows("    ", quoted(early)...)...)
		body = append(body, "    *MIDDLEWARE[_secure:_signed_in],", `    "django_otp.middleware.OTPMiddleware",`, "    *MIDDLEWARE[_signed_in:],")
	case hasSecurity && len(early) > 0:
		out = append(out, at("_secure", security))
		body = append(body, "    *MIDDLEWARE[:_secure],")
		body = append(body, rows("    ", quoted(early)...)...)
		body = append(body, "    *MIDDLEWARE[_secure:],")
	case otp:
		out = append(out, at("_signed_in", authMW))
		body = append(body, rows("    ", quoted(early)...)...)
		body = append(body, "    *MIDDLEWARE[:_signed_in],", `    "django_otp.middleware.OTPMiddleware",`, "    *MIDDLEWARE[_signed_in:],")
	default:
		body = append(body, rows("    ", quoted(early)...)...)
		body = append(body, "    *MIDDLEWARE,")
	}
	body = append(body, rows("    ", quoted(last)...)...)
	for i, line := range body {
		switch {
		case strings.Contains(line, "TrustedProxy"):
			body[i] = line + "  # first: all others believe REMOTE_ADDR"
		case strings.Contains(line, axesMW):
			body[i] = line + "  # last: it turns a lockout into the response"
		}
		if len(body[i]) > 88 {
			body[i] = line
		}
	}
	return append(append(append(out, "MIDDLEWARE = ["), body...), "]")
}

// at is the place right after a middleware of base.py.
func at(name, middleware string) string {
	line := fmt.Sprintf("%s = MIDDLEWARE.index(%q) + 1", name, middleware)
	if len(line) <= 88 {
		return line
	}
	return fmt.Sprintf("%s = (\n    MIDDLEWARE.index(%q) + 1\n)", name, middleware)
}

// templates hands the nonce to templates: without the processor it is an empty
// attribute, and from 6.1 check warns.
func (o *overlay) templates() []string {
	if !o.csp {
		return nil
	}
	processor := "csp.context_processors.nonce"
	if o.facts.BuiltinCSP {
		processor = "django.template.context_processors.csp"
	}
	i, engine := o.engine()
	if engine == nil {
		return nil
	}
	have := engine.Get("OPTIONS", "context_processors")
	o.base("TEMPLATES")
	place := fmt.Sprintf("TEMPLATES[%d]", i)
	switch {
	case have.Has(processor):
		delete(o.used, "TEMPLATES")
		return nil
	case engine.Get("OPTIONS") == nil:
		return []string{place + `["OPTIONS"] = {"context_processors": [` + fmt.Sprintf("%q", processor) + "]}"}
	case have == nil:
		return []string{place + `["OPTIONS"]["context_processors"] = [` + fmt.Sprintf("%q", processor) + "]"}
	}
	key := place + `["OPTIONS"]["context_processors"]`
	return []string{key + " = [", "    *" + key + ",", fmt.Sprintf("    %q,", processor), "]"}
}

// engine finds the Django engine in TEMPLATES.
func (o *overlay) engine() (int, *django.Value) {
	v := o.v("TEMPLATES")
	if v == nil || v.Kind != django.List {
		return 0, nil
	}
	for i, e := range v.Items {
		if b := e.Get("BACKEND"); b != nil && b.Str == "django.template.backends.django.DjangoTemplates" {
			return i, e
		}
	}
	return 0, nil
}

// nonces reports whether the policy may use a nonce: a template must be able
// to carry it.
func (o *overlay) nonces() bool {
	_, e := o.engine()
	return e != nil
}
