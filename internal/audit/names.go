package audit

import (
	"path"
	"slices"
	"strings"

	"github.com/djharden/djharden/internal/pyeval"
)

// otherNames are settings that Django, its contrib apps and common packages
// read and that global_settings.py doesn't list. They matter where they are
// near a name of Django's: those would be called misspelt.
var otherNames = []string{
	"ROOT_URLCONF", "SITE_ID", "ASGI_APPLICATION", "SETTINGS_MODULE", "BASE_DIR", "EMAIL_FILE_PATH", "POSTGIS_VERSION",
	"GDAL_LIBRARY_PATH", "GEOS_LIBRARY_PATH", "SPATIALITE_LIBRARY_PATH", "GEOIP_PATH", "CHANNEL_LAYERS", "ROOT_HOSTCONF", "DEFAULT_HOST",
	"REST_FRAMEWORK", "SIMPLE_JWT", "SPECTACULAR_SETTINGS", "PERMISSIONS_POLICY", "PERMISSIONS_POLICY_REPORT_ONLY",
	"CONTENT_SECURITY_POLICY", "CONTENT_SECURITY_POLICY_REPORT_ONLY", "MEDIAFILES_LOCATION", "STATICFILES_LOCATION",
	"SESSION_COOKIE_AGE_KIOSK_MODE", "SESSION_REDIS", "SESSION_TIMEOUT_REDIRECT", "SESSION_EXPIRE_SECONDS", "LOCAL_APPS",
	"LOGIN_EXEMPT_URLS", "LOGIN_REQUIRED", "LOGIN_ERROR_URL", "LOGOUT_URL", "REDIS_URL", "ADMIN_URL", "ADMIN_SITE_HEADER",
}

// otherPrefixes begin the settings of packages.
var otherPrefixes = []string{
	"ACCOUNT_", "SOCIALACCOUNT_", "SOCIAL_AUTH_", "AUTH_LDAP_", "ANYMAIL", "AWS_", "AZURE_", "GS_", "DROPBOX_", "AXES_", "CELERY_", "CACHEOPS",
	"CHANNEL_", "CKEDITOR_", "COMPRESS_", "CONSTANCE_", "CORS_", "CRISPY_", "CSP_", "DEBUG_TOOLBAR_", "DJOSER", "DJANGO_", "EL_PAGINATION_", "GRAPHENE",
	"HAYSTACK_", "HEALTH_CHECK", "HIJACK_", "IMPORT_EXPORT_", "JAZZMIN_", "JWT_", "OAUTH2_PROVIDER", "OTP_", "PHONENUMBER_", "PIPELINE", "Q_CLUSTER",
	"RATELIMIT_", "RAVEN_", "RECAPTCHA_", "REST_", "RQ_", "SENTRY_", "SHELL_PLUS", "SILKY_", "STRIPE_", "SWAGGER_", "TAGGIT_", "THUMBNAIL_",
	"TINYMCE_", "TWO_FACTOR_", "UNFOLD", "WAGTAIL", "WEBPACK_", "WHITENOISE_", "CMS_", "MODELTRANSLATION_", "PARLER_", "GUARDIAN_", "DEFENDER_",
}

// corsNames are all that django-cors-headers reads.
var corsNames = []string{
	"CORS_ALLOW_ALL_ORIGINS", "CORS_ALLOWED_ORIGINS", "CORS_ALLOWED_ORIGIN_REGEXES", "CORS_ALLOW_CREDENTIALS", "CORS_ALLOW_HEADERS",
	"CORS_ALLOW_METHODS", "CORS_ALLOW_PRIVATE_NETWORK", "CORS_EXPOSE_HEADERS", "CORS_PREFLIGHT_MAX_AGE", "CORS_URLS_REGEX",
	"CORS_ORIGIN_ALLOW_ALL", "CORS_ORIGIN_WHITELIST", "CORS_ORIGIN_REGEX_WHITELIST", "CORS_MODEL", "CORS_REPLACE_HTTPS_REFERER",
}

// axesNames are what django-axes 8 reads, and what it once did.
var axesNames = []string{
	"AXES_ACCESS_FAILURE_LOG_PER_USER_LIMIT", "AXES_ALLOWED_CORS_ORIGINS", "AXES_CACHE", "AXES_CLIENT_IP_CALLABLE", "AXES_CLIENT_STR_CALLABLE",
	"AXES_COOLOFF_MESSAGE", "AXES_COOLOFF_TIME", "AXES_DISABLE_ACCESS_LOG", "AXES_ENABLED", "AXES_ENABLE_ACCESS_FAILURE_LOG", "AXES_ENABLE_ADMIN",
	"AXES_FAILURE_LIMIT", "AXES_HANDLER", "AXES_HTTP_RESPONSE_CODE", "AXES_IPWARE_META_PRECEDENCE_ORDER", "AXES_IPWARE_PROXY_COUNT",
	"AXES_IPWARE_PROXY_ORDER", "AXES_IPWARE_PROXY_TRUSTED_IPS", "AXES_IP_BLACKLIST", "AXES_IP_WHITELIST", "AXES_LOCKOUT_CALLABLE",
	"AXES_LOCKOUT_PARAMETERS", "AXES_LOCKOUT_TEMPLATE", "AXES_LOCKOUT_URL", "AXES_LOCK_OUT_AT_FAILURE", "AXES_LOCK_OUT_BY_COMBINATION_USER_AND_IP",
	"AXES_LOCK_OUT_BY_USER_OR_IP", "AXES_META_PRECEDENCE_ORDER", "AXES_NEVER_LOCKOUT_GET", "AXES_NEVER_LOCKOUT_WHITELIST", "AXES_ONLY_ADMIN_SITE",
	"AXES_ONLY_USER_FAILURES", "AXES_ONLY_WHITELIST", "AXES_PASSWORD_FORM_FIELD", "AXES_PERMALOCK_MESSAGE", "AXES_PROXY_COUNT", "AXES_PROXY_ORDER",
	"AXES_PROXY_TRUSTED_IPS", "AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT", "AXES_RESET_ON_SUCCESS", "AXES_SENSITIVE_PARAMETERS",
	"AXES_USERNAME_CALLABLE", "AXES_USERNAME_FORM_FIELD", "AXES_USE_ATTEMPT_EXPIRATION", "AXES_USE_USER_AGENT", "AXES_VERBOSE", "AXES_WHITELIST_CALLABLE",
}

// wished are names that seem right and that nothing reads, with what was meant.
var wished = map[string]string{
	"X_CONTENT_TYPE_OPTIONS": "SECURE_CONTENT_TYPE_NOSNIFF", "X_CONTENT_TYPE_NOSNIFF": "SECURE_CONTENT_TYPE_NOSNIFF", "CONTENT_TYPE_NOSNIFF": "SECURE_CONTENT_TYPE_NOSNIFF",
	"X_XSS_PROTECTION": "CONTENT_SECURITY_POLICY", "SECURE_XSS_FILTER": "CONTENT_SECURITY_POLICY", "SECURE_FRAME_DENY": "X_FRAME_OPTIONS",
	"SECURE_X_FRAME_OPTIONS": "X_FRAME_OPTIONS", "REFERRER_POLICY": "SECURE_REFERRER_POLICY", "HSTS_SECONDS": "SECURE_HSTS_SECONDS",
	"SECURE_HSTS": "SECURE_HSTS_SECONDS", "SECURE_HSTS_MAX_AGE": "SECURE_HSTS_SECONDS", "SECURE_HSTS_SUBDOMAINS": "SECURE_HSTS_INCLUDE_SUBDOMAINS",
	"HSTS_INCLUDE_SUBDOMAINS": "SECURE_HSTS_INCLUDE_SUBDOMAINS", "HSTS_PRELOAD": "SECURE_HSTS_PRELOAD", "SSL_REDIRECT": "SECURE_SSL_REDIRECT",
	"SECURE_REDIRECT": "SECURE_SSL_REDIRECT", "SECURE_HTTPS_REDIRECT": "SECURE_SSL_REDIRECT", "SECURE_COOKIES": "SESSION_COOKIE_SECURE",
	"COOKIE_SECURE": "SESSION_COOKIE_SECURE", "SECURE_SESSION_COOKIE": "SESSION_COOKIE_SECURE", "SECURE_CSRF_COOKIE": "CSRF_COOKIE_SECURE",
	"SESSION_SECURE": "SESSION_COOKIE_SECURE", "CSRF_SECURE": "CSRF_COOKIE_SECURE", "SESSION_HTTPONLY": "SESSION_COOKIE_HTTPONLY",
	"SESSION_SAMESITE": "SESSION_COOKIE_SAMESITE", "SESSION_COOKIE_SAME_SITE": "SESSION_COOKIE_SAMESITE", "CSRF_COOKIE_SAME_SITE": "CSRF_COOKIE_SAMESITE",
	"SESSION_COOKIE_HTTP_ONLY": "SESSION_COOKIE_HTTPONLY", "CSRF_COOKIE_HTTP_ONLY": "CSRF_COOKIE_HTTPONLY", "USE_X_FORWARDED_PROTO": "SECURE_PROXY_SSL_HEADER",
	"SECURE_SSL_PROXY_HEADER": "SECURE_PROXY_SSL_HEADER", "SECURE_CONTENT_SECURITY_POLICY": "SECURE_CSP", "SECURE_COOP": "SECURE_CROSS_ORIGIN_OPENER_POLICY",
	"CSRF_TRUSTED_HOSTS": "CSRF_TRUSTED_ORIGINS", "CSRF_ALLOWED_ORIGINS": "CSRF_TRUSTED_ORIGINS", "PASSWORD_VALIDATORS": "AUTH_PASSWORD_VALIDATORS",
	"SESSION_TIMEOUT": "SESSION_COOKIE_AGE", "CORS_ALLOW_ALL": "CORS_ALLOW_ALL_ORIGINS", "CORS_WHITELIST": "CORS_ALLOWED_ORIGINS",
	"CORS_ALLOWED_HOSTS": "CORS_ALLOWED_ORIGINS", "CORS_ORIGINS": "CORS_ALLOWED_ORIGINS", "CORS_ORIGIN_ALLOWED": "CORS_ALLOWED_ORIGINS",
}

// isKnown reports whether somebody reads a setting of this name.
func isKnown(name string) bool {
	if KnownToDjango(name) || slices.Contains(otherNames, name) || slices.Contains(corsNames, name) || slices.Contains(axesNames, name) {
		return true
	}
	_, removed := removedSettings[name]
	return removed
}

// meant is the setting that a name was meant to be, "" when it is a name of its
// own.
func (p *Project) meant(name string) string {
	if isKnown(name) {
		return ""
	}
	if real := wished[name]; real != "" && !p.reader(name) {
		return real
	}
	candidates := p.familyOf(name)
	if candidates == nil {
		return ""
	}
	best, least := "", 3
	if len(name) < 8 {
		least = 2
	}
	for _, real := range candidates {
		if d := len(name) - len(real); d >= least || -d >= least {
			continue
		}
		if d := distance(name, real); d < least {
			best, least = real, d
		}
	}
	if best == "" {
		best = reordered(name, candidates)
	}
	return best
}

// readers are packages, long gone for most, that did read a name of wished.
var readers = map[string]string{"REFERRER_POLICY": "referrer_policy", "SECURE_FRAME_DENY": "djangosecure", "SESSION_TIMEOUT": "session"}

// reader reports whether such a package is, or may be, installed.
func (p *Project) reader(name string) bool {
	word, ok := readers[name]
	if !ok {
		return false
	}
	for _, setting := range []string{"INSTALLED_APPS", "MIDDLEWARE", "MIDDLEWARE_CLASSES"} {
		v, _ := p.get(setting)
		for _, s := range v.Strings() {
			if strings.Contains(s, word) && !strings.HasPrefix(s, "django.") {
				return true
			}
		}
	}
	return false
}

// familyOf are the names that a name may be meant for; nil when it is a
// package's whose names aren't all known.
func (p *Project) familyOf(name string) []string {
	switch {
	case len(name) < 5:
		return nil
	case strings.HasPrefix(name, "CORS_"):
		return corsNames[:10]
	case strings.HasPrefix(name, "AXES_"):
		return axesNames
	}
	for _, prefix := range otherPrefixes {
		if strings.HasPrefix(name, prefix) {
			return nil
		}
	}
	var out []string
	for _, s := range djangoSettings {
		if s.on(p.Facts.Series) {
			out = append(out, s.name)
		}
	}
	return out
}

// reordered finds the name that has the same words, in another order.
func reordered(name string, candidates []string) string {
	sorted := func(s string) string {
		words := strings.Split(s, "_")
		for i, w := range words {
			words[i] = strings.TrimSuffix(w, "S")
		}
		slices.Sort(words)
		return strings.Join(words, "_")
	}
	key := sorted(name)
	if strings.Count(name, "_") < 1 {
		return ""
	}
	for _, real := range candidates {
		if sorted(real) == key {
			return real
		}
	}
	return ""
}

// unread keeps of some settings those that no Python of the project reads: a
// name of the project's own isn't a misspelt one.
func (p *Project) unread(names []string) []string {
	left := p.unreadHere(names)
	if len(left) == 0 {
		return nil
	}
	python := func(name string) bool { return path.Ext(name) == ".py" }
	whole := p.eachFile(p.dir(), python, func(text []byte) bool {
		left = slices.DeleteFunc(left, func(n string) bool { return reads(string(text), n) })
		return len(left) > 0
	})
	if !whole && len(left) > 0 {
		return nil
	}
	return left
}

// unreadHere keeps those that the settings themselves don't read.
func (p *Project) unreadHere(names []string) []string {
	left := slices.Clone(names)
	for _, file := range p.Result.Files {
		if len(left) == 0 {
			return nil
		}
		text := p.text(file)
		left = slices.DeleteFunc(left, func(n string) bool { return reads(text, n) })
	}
	return left
}

// reads reports whether a source uses a name otherwise than to set it. In
// quotes it counts only where attributes are asked for by name: a variable of
// the environment is often called the same.
func reads(text, name string) bool {
	if !strings.Contains(text, name) {
		return false
	}
	for line := range strings.Lines(text) {
		rest, at := line, 0
		for {
			i := strings.Index(rest, name)
			if i < 0 {
				break
			}
			s, e := at+i, at+i+len(name)
			if wholeWord(line, s, e) && !commented(line, s) && usesAt(line, s, e) {
				return true
			}
			rest, at = line[e:], e
		}
	}
	return false
}

func wholeWord(line string, s, e int) bool {
	return (s == 0 || !nameByte(line[s-1])) && (e == len(line) || !nameByte(line[e]))
}

func nameByte(c byte) bool {
	return c == '_' || '0' <= c && c <= '9' || 'A' <= c && c <= 'Z' || 'a' <= c && c <= 'z'
}

func commented(line string, s int) bool {
	i := strings.IndexByte(line[:s], '#')
	return i >= 0 && !strings.ContainsAny(line[:i], `"'`)
}

var (
	keyword    = lazy(`^\s*=[^=]`)
	setsName   = lazy(`^\s*(?:=[^=]|[-+|]=|:[^=]*=|\.(?:append|extend|insert|update|remove|add)\(|\[[^\]]*\]\s*=[^=])`)
	byItsName  = lazy(`(?:getattr|hasattr)\(|\bsettings\b|config\.`)
	startsLine = lazy(`^\s*(?:del\s+|global\s+)?$`)
)

func usesAt(line string, s, e int) bool {
	before, after := line[:s], line[e:]
	if s > 0 && (line[s-1] == '"' || line[s-1] == '\'') {
		return byItsName().MatchString(before)
	}
	if strings.HasSuffix(before, ".") {
		return true
	}
	if keyword().MatchString(after) {
		return false
	}
	return !(startsLine().MatchString(before) && (setsName().MatchString(after) || strings.HasPrefix(strings.TrimSpace(before), "del")))
}

// unknownNames are the settings of the project that seem to be misspelt, with
// what was meant.
func (p *Project) unknownNames() map[string]string {
	meant := map[string]string{}
	var names []string
	for _, name := range p.Result.Order {
		if real := p.meant(name); real != "" && p.Result.Settings[name].Value.Kind != pyeval.Object {
			meant[name] = real
			names = append(names, name)
		}
	}
	left := p.unread(names)
	for name := range meant {
		if !slices.Contains(left, name) {
			delete(meant, name)
		}
	}
	return meant
}
