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
	want(o.table || o.signs, o.own+".apps.HardeningConfig")
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
	o.base("MIDDLEWARE")
	first, early, last := o.placed()
	secure := o.v("MIDDLEWARE").Has(security)
	otp := o.a.Admin2FA && o.site && o.lacks("django_otp.middleware.OTPMiddleware")
	row := func(names ...string) []string { return rows("    ", quoted(names)...) }
	var out []string
	body := row(first...)
	from := ""
	if secure && len(early) > 0 {
		out = append(out, at("_secure", security))
		body = append(body, "    *MIDDLEWARE[:_secure],")
		from = "_secure"
	}
	body = append(body, row(early...)...)
	if otp {
		out = append(out, at("_signed_in", authMW))
		body = append(body, "    *MIDDLEWARE["+from+":_signed_in],")
		body = append(body, row("django_otp.middleware.OTPMiddleware")...)
		from = "_signed_in"
	}
	if from == "" {
		body = append(body, "    *MIDDLEWARE,")
	} else {
		body = append(body, "    *MIDDLEWARE["+from+":],")
	}
	body = append(body, row(last...)...)
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

// lacks reports whether a middleware is neither in base.py nor added by a
// branch of it.
func (o *overlay) lacks(name string) bool {
	have := o.v("MIDDLEWARE")
	return !have.Has(name) && !have.MayHold(name)
}

// placed are the middleware to add: before all others, right after
// SecurityMiddleware, and after all others.
func (o *overlay) placed() (first, early, last []string) {
	have := o.v("MIDDLEWARE")
	add := func(list *[]string, when bool, name string) bool {
		when = when && o.lacks(name)
		if when {
			*list = append(*list, name)
		}
		return when
	}
	first = []string{o.own + ".middleware.TrustedProxyMiddleware"}
	if add(&first, true, security) {
		o.warn("security-middleware", "%s:%d: MIDDLEWARE lacks SecurityMiddleware, without which no SECURE_ setting works; production adds it", o.s.Path, o.s.LineOf(have))
	}
	add(&early, o.csp && o.facts.BuiltinCSP, "django.middleware.csp.ContentSecurityPolicyMiddleware")
	add(&early, o.csp && !o.facts.BuiltinCSP, "csp.middleware.CSPMiddleware")
	add(&early, true, "django_permissions_policy.PermissionsPolicyMiddleware")
	add(&early, o.cors, corsMW)
	add(&early, o.static, whitenoise)
	if add(&last, true, csrfMW) {
		o.warn("csrf-middleware", "%s:%d: MIDDLEWARE lacks CsrfViewMiddleware; production adds it, and forms must carry {%% csrf_token %%}", o.s.Path, o.s.LineOf(have))
	}
	add(&last, true, xframe)
	add(&last, o.a.Lockout, axesMW)
	return first, early, last
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
