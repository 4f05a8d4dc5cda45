package scaffold

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/djharden/djharden/internal/django"
)

// overlay is prod.py as it grows: what base.py has decides each line.
type overlay struct {
	*adoption
	used     map[string]bool // names of base.py that prod.py reads
	sections []string

	signs  bool   // a key of its own signs the tokens
	cors   bool   // CORS_ALLOWED_ORIGINS is read
	csrf   bool   // CSRF_TRUSTED_ORIGINS is read
	mail   bool   // EMAIL_HOST and the like are read
	admin  string // the setting that holds the admin's path; "" without an admin
	site   bool   // the admin gets djharden's site: second factor, ratelimit
	csp    bool   // djharden's policy
	table  bool   // counters live in a table of the database
	brake  bool   // token views get a throttle of their own
	tokens bool   // token views tell axes of a success
	static bool   // WhiteNoise serves the static files
}

// prodContext is what prod.py.tmpl is made from.
type prodContext struct {
	Timedelta, Path, CSP bool
	Facts                django.Facts
	Base                 string
	Sections             []string
}

// prod is the text of prod.py.
func (o *overlay) prod() ([]byte, error) {
	o.used = map[string]bool{}
	o.decide()
	o.section("", o.debug())
	o.section("Secrets: `djharden rotate` replaces them", o.secrets())
	o.section("Hosts and origins", o.hosts())
	o.section("HTTPS", o.https())
	o.section("Applications and middleware", o.apps())
	o.section("Passwords and sign-in", o.passwords())
	o.section("API", o.api())
	o.section("Browsers", o.browsers())
	o.section("Uploads", o.uploads())
	o.section("Database, cache and mail", o.services())
	o.section("Static files", o.files())
	o.section("Logging", o.logging())
	text := strings.Join(o.sections, "\n")
	has := func(word string) bool { return regexp.MustCompile(`(^|[^\w.])` + word + `\(`).MatchString(text) }
	return page(adoptTree(), "settings/prod.py", prodContext{
		Timedelta: has("timedelta"), Path: has("Path"), CSP: o.csp, Facts: o.facts,
		Base: fromBase(o.used), Sections: o.sections,
	})
}

// fromBase imports by name what the overlay reads, beside the star.
func fromBase(used map[string]bool) string {
	if len(used) == 0 {
		return ""
	}
	names := make([]string, 0, len(used))
	for n := range used {
		names = append(names, n)
	}
	slices.SortFunc(names, func(a, b string) int { // as ruff: AUTH_X before AUTHENTICATION_Y
		return strings.Compare(strings.ToLower(a), strings.ToLower(b))
	})
	line := "from .base import " + strings.Join(names, ", ")
	if len(line) <= 88 {
		return line
	}
	return "from .base import (\n    " + strings.Join(names, ",\n    ") + ",\n)"
}

// section adds lines under a ruled title; none when there are none.
func (o *overlay) section(title string, lines []string) {
	for len(lines) > 0 && lines[0] == "" {
		lines = lines[1:]
	}
	for len(lines) > 0 && lines[len(lines)-1] == "" {
		lines = lines[:len(lines)-1]
	}
	if len(lines) == 0 {
		return
	}
	text := strings.Join(lines, "\n")
	if title != "" {
		title = "# " + title + " "
		text = title + strings.Repeat("-", max(0, 88-len([]rune(title)))) + "\n\n" + text
	}
	o.sections = append(o.sections, text)
}

// base notes that prod.py reads a name of base.py.
func (o *overlay) base(name string) string {
	o.used[name] = true
	return name
}

// decide settles what several sections depend on.
func (o *overlay) decide() {
	apps, p := o.v("INSTALLED_APPS"), o.p
	o.cors = p.HasCORS || len(o.a.CORSOrigins) > 0
	o.csrf = p.HasAPI && !o.a.JWT && len(o.a.CSRFTrustedOrigins) > 0
	if p.URLs != nil && p.URLs.Admin != nil {
		o.admin = orElse(p.URLs.Setting, "ADMIN_PATH")
	}
	alg := o.v("SIMPLE_JWT").Get("ALGORITHM")
	o.signs = o.a.JWT && (alg == nil || alg.Kind == django.String && strings.HasPrefix(alg.Str, "HS"))
	o.site = (o.a.Admin2FA || o.a.Ratelimit) && p.URLs != nil && p.URLs.Admin != nil
	o.csp = o.a.CSP != "off" && !o.hasCSP()
	o.brake = o.a.JWT
	o.tokens = o.a.JWT && o.a.Lockout && o.ownSerializer() == nil
	o.static = apps.Has("django.contrib.staticfiles")
	o.table = o.a.RedisURL == "" && !o.sharedCache()
	if p.HasAPI {
		o.unbraked()
	}
}

// hasCSP reports whether the project has a policy of its own.
func (o *overlay) hasCSP() bool {
	for name := range o.s.Vars {
		if name == "SECURE_CSP" || name == "SECURE_CSP_REPORT_ONLY" || strings.HasPrefix(name, "CONTENT_SECURITY_POLICY") || strings.HasPrefix(name, "CSP_") {
			return true
		}
	}
	m := o.v("MIDDLEWARE")
	return m.Has("csp.middleware.CSPMiddleware") || m.Has("django.middleware.csp.ContentSecurityPolicyMiddleware")
}

var shared = regexp.MustCompile(`(?i)redis|memcache|PyLibMC|DatabaseCache`)

// sharedCache reports whether the default cache is one for all processes.
func (o *overlay) sharedCache() bool {
	b := o.v("CACHES").Get("default", "BACKEND")
	return b != nil && b.Kind == django.String && shared.MatchString(b.Str)
}

func (o *overlay) debug() []string {
	return []string{"DEBUG = False", fmt.Sprintf("strict.bool(%q, False, validate=checks.debug_off)", o.name("DEBUG"))}
}

// call writes NAME = strict.kind("VAR", args), in brackets' lines where it is long.
func call(setting, kind, variable, args string) []string {
	head := setting + " = strict." + kind + "("
	rest := fmt.Sprintf("%q", variable)
	if args != "" {
		rest += ", " + args
	}
	if len(head)+len(rest)+1 <= 88 {
		return []string{head + rest + ")"}
	}
	return []string{head, "    " + rest, ")"}
}

func (o *overlay) secrets() []string {
	out := call("SECRET_KEY", "str", o.name("SECRET_KEY"), "validate=checks.secret")
	out = append(out, call("SECRET_KEY_FALLBACKS", "list", "SECRET_KEY_FALLBACKS", "[], validate=checks.each(checks.secret, at_least=0)")...)
	if o.signs {
		out = append(out, call("JWT_SIGNING_KEY", "str", o.name("JWT_SIGNING_KEY"), "validate=[checks.secret, checks.unlike(SECRET_KEY)]")...)
		out = append(out, call("JWT_SIGNING_KEY_FALLBACKS", "list", "JWT_SIGNING_KEY_FALLBACKS", "[], validate=checks.each(checks.secret, at_least=0)")...)
	}
	return out
}

func (o *overlay) hosts() []string {
	out := call("ALLOWED_HOSTS", "list", o.name("ALLOWED_HOSTS"), "subcast=str.strip, validate=checks.each(checks.host)")
	if o.cors {
		if len(o.a.CORSOrigins) > 0 {
			out = append(out, call("CORS_ALLOWED_ORIGINS", "list", o.name("CORS_ALLOWED_ORIGINS"), "subcast=str.strip, validate=checks.each(checks.origin)")...)
		} else {
			out = append(out, call("CORS_ALLOWED_ORIGINS", "list", o.name("CORS_ALLOWED_ORIGINS"), "[], validate=checks.each(checks.origin, at_least=0)")...)
		}
		for _, name := range []string{"CORS_ALLOW_ALL_ORIGINS", "CORS_ORIGIN_ALLOW_ALL"} {
			if v := o.v(name); v != nil && !v.False() {
				out = append(out, "CORS_ALLOW_ALL_ORIGINS = False")
				if v.True() {
					o.warn("cors-all", "%s:%d: %s = True let every site call the API; production takes CORS_ALLOWED_ORIGINS from .env", o.s.Path, o.s.LineOf(v), name)
				}
				break
			}
		}
		o.regexes(&out)
	}
	if o.csrf {
		prefix := ""
		if o.s.Has("CSRF_TRUSTED_ORIGINS") && o.env["CSRF_TRUSTED_ORIGINS"] == "" && o.v("CSRF_TRUSTED_ORIGINS").Kind != django.FromEnv {
			prefix = "*" + o.base("CSRF_TRUSTED_ORIGINS")
		}
		read := []string{
			"    *strict.list(",
			fmt.Sprintf("        %q, [], validate=checks.each(checks.origin, at_least=0)", o.name("CSRF_TRUSTED_ORIGINS")),
			"    ),",
		}
		if prefix == "" {
			out = append(out, call("CSRF_TRUSTED_ORIGINS", "list", o.name("CSRF_TRUSTED_ORIGINS"), "[], validate=checks.each(checks.origin, at_least=0)")...)
		} else {
			out = append(out, "CSRF_TRUSTED_ORIGINS = [", "    "+prefix+",")
			out = append(append(out, read...), "]")
		}
	}
	if o.admin != "" {
		out = append(out, call(o.admin, "str", o.name("ADMIN_PATH"), "validate=checks.admin_path")...)
	}
	return out
}

// regexes keeps the user's origin patterns, but for one that takes all.
func (o *overlay) regexes(out *[]string) {
	for _, name := range []string{"CORS_ALLOWED_ORIGIN_REGEXES", "CORS_ORIGIN_REGEX_WHITELIST"} {
		v := o.v(name)
		if v == nil {
			continue
		}
		for _, re := range v.Strings() {
			if c, err := regexp.Compile(re); err == nil && c.MatchString("https://attacker.invalid") {
				*out = append(*out, name+" = []")
				o.warn("cors-all", "%s:%d: %s matches every origin; production drops it", o.s.Path, o.s.LineOf(v), name)
				return
			}
		}
	}
}

func (o *overlay) https() []string {
	out := []string{
		"# How many proxies add to X-Forwarded-For; 0: clients connect to Django directly. The",
		"# client's address and the redirect follow it. No default: a wrong guess is a hole.",
	}
	out = append(out, call("TRUSTED_PROXY_COUNT", "int", "TRUSTED_PROXY_COUNT", "validate=checks.hops")...)
	header := o.v("SECURE_PROXY_SSL_HEADER")
	if header == nil {
		out = append(out,
			"if TRUSTED_PROXY_COUNT:",
			"    # The proxy must set this header on every request, and drop a client's own.",
			`    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")`)
	} else {
		out = append(out,
			"if not TRUSTED_PROXY_COUNT:",
			"    SECURE_PROXY_SSL_HEADER = None  # base.py's header would be a client's own claim")
	}
	if !o.v("SECURE_SSL_REDIRECT").True() {
		out = append(out, "SECURE_SSL_REDIRECT = True")
	}
	out = append(out, o.hsts()...)
	out = append(out, "")
	return append(out, o.cookies()...)
}

// hsts takes the stage that was answered, or what base.py has beyond it.
func (o *overlay) hsts() []string {
	stage := hstsStages[o.a.HSTS]
	var out []string
	seconds := o.v("SECURE_HSTS_SECONDS")
	ours := map[string]int64{"3600": 3600, "86_400": 86400, "2_592_000": 2592000, "31_536_000": 31536000}[stage.Seconds]
	theirs := int64(0)
	if seconds != nil && seconds.Kind == django.Int && !seconds.Cond {
		theirs = seconds.Int
	}
	switch {
	case ours > theirs:
		out = append(out, "", "# HSTS stage "+stage.Stage+" of 1h, 1d, 30d, 1y, subdomains, preload"+nextStage(stage), "SECURE_HSTS_SECONDS = "+stage.Seconds)
	case ours == 0 && theirs == 0:
		out = append(out, "", "# HSTS is off: `djharden sync --hsts 1h` starts it, once HTTPS works.")
		if seconds != nil {
			out = append(out, "SECURE_HSTS_SECONDS = 0")
		}
	default:
		o.warn("hsts-kept", "%s:%d: SECURE_HSTS_SECONDS stays at %d, beyond stage %s", o.s.Path, o.s.LineOf(seconds), theirs, o.a.HSTS)
	}
	sub, pre := o.v("SECURE_HSTS_INCLUDE_SUBDOMAINS").True(), o.v("SECURE_HSTS_PRELOAD").True()
	if stage.Subdomains && !sub {
		out = append(out, "SECURE_HSTS_INCLUDE_SUBDOMAINS = True")
	}
	if stage.Preload && !pre {
		out = append(out, "SECURE_HSTS_PRELOAD = True")
	}
	final := stage
	final.Subdomains, final.Preload = stage.Subdomains || sub, stage.Preload || pre
	if theirs > 0 && final.Seconds == "" {
		final.Seconds = "1"
	}
	return append(out, o.silenced(final)...)
}

func nextStage(s hstsStage) string {
	if s.Next == "" {
		return "."
	}
	return ": `djharden sync --hsts " + s.Next + "`."
}

func (o *overlay) silenced(stage hstsStage) []string {
	have := o.v("SILENCED_SYSTEM_CHECKS")
	var rows []string
	add := func(id, why string) {
		if !have.Has(id) {
			rows = append(rows, fmt.Sprintf("    %q,  # %s", id, why))
		}
	}
	if stage.Seconds == "" {
		add("security.W004", "no HSTS yet")
	} else {
		if !stage.Subdomains {
			add("security.W005", "HSTS stage subdomains")
		}
		if !stage.Preload {
			add("security.W021", "HSTS stage preload")
		}
	}
	if o.a.Ratelimit {
		add("django_ratelimit.W001", "it doesn't know Django's own Redis cache")
	}
	if len(rows) == 0 {
		return nil
	}
	out := []string{"SILENCED_SYSTEM_CHECKS = ["}
	if have != nil {
		out = append(out, "    *"+o.base("SILENCED_SYSTEM_CHECKS")+",")
	}
	return append(append(out, rows...), "]")
}

func (o *overlay) cookies() []string {
	var out []string
	if !o.v("SESSION_COOKIE_SECURE").True() {
		out = append(out, "SESSION_COOKIE_SECURE = True")
	}
	if !o.s.Has("SESSION_COOKIE_NAME") && !o.s.Has("SESSION_COOKIE_DOMAIN") && !o.s.Has("SESSION_COOKIE_PATH") {
		out = append(out, "# A browser takes a __Host- cookie only over HTTPS, and never from a subdomain.", `SESSION_COOKIE_NAME = "__Host-sessionid"`)
	}
	if v := o.v("SESSION_COOKIE_HTTPONLY"); v != nil && !v.True() {
		out = append(out, "SESSION_COOKIE_HTTPONLY = True")
	}
	if !o.v("CSRF_COOKIE_SECURE").True() {
		out = append(out, "CSRF_COOKIE_SECURE = True")
	}
	sessions := o.p.HasAPI && !o.a.JWT
	if !o.s.Has("CSRF_COOKIE_NAME") && !o.s.Has("CSRF_COOKIE_DOMAIN") && !o.s.Has("CSRF_COOKIE_PATH") && !o.p.SeesCSRFCookie && !sessions {
		out = append(out, `CSRF_COOKIE_NAME = "__Host-csrftoken"`)
	}
	for _, name := range []string{"SESSION_COOKIE_SAMESITE", "CSRF_COOKIE_SAMESITE"} {
		if v := o.v(name); v != nil && v.Kind == django.String && v.Str == "None" {
			o.warn("samesite", "%s:%d: %s is 'None', so every site may send the cookie; it stays as it is", o.s.Path, o.s.LineOf(v), name)
		}
	}
	return out
}

// rows is a list of strings over several lines, for between brackets.
func rows(indent string, items ...string) []string {
	var out []string
	for _, it := range items {
		if it != "" {
			out = append(out, indent+it+",")
		}
	}
	return out
}

func quoted(items []string) []string {
	out := slices.Clone(items)
	for i, it := range out {
		out[i] = fmt.Sprintf("%q", it)
	}
	return out
}
