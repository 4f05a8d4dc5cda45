package e2e

import (
	"slices"
	"strings"
	"testing"
)

// control is a line broken on purpose, and the probe that must see it.
type control struct{ file, old, new, probe string }

const (
	baseFile = "config/settings/base.py"
	prodFile = "config/settings/prod.py"
)

// controls break one protection each.
var controls = []control{
	{prodFile, "SECURE_SSL_REDIRECT = True", "SECURE_SSL_REDIRECT = False", "redirect to https"},
	{prodFile, `"HTTP_X_FORWARDED_PROTO"`, `"HTTP_X_FORWARDED_SCHEME"`, "redirect to https"},
	{prodFile, `r"^healthz$"`, `r"^healthz"`, "health endpoint"},
	{prodFile, "SECURE_HSTS_SECONDS = 3600", "SECURE_HSTS_SECONDS = 360", "headers of a page"},
	{prodFile, "SESSION_COOKIE_SECURE = True", "SESSION_COOKIE_SECURE = False", "cookies"},
	{prodFile, `"__Host-csrftoken"`, `"csrftoken"`, "cookies"},
	{prodFile, "django.core.cache.backends.redis.RedisCache", "django.core.cache.backends.locmem.LocMemCache", "cache is shared"},
	{prodFile, "whitenoise.storage.CompressedManifestStaticFilesStorage", "whitenoise.storage.CompressedStaticFilesStorage", "static files"},
	{prodFile, `{"SIGNING_KEY": JWT_SIGNING_KEY}`, `{"SIGNING_KEY": SECRET_KEY}`, "token expires"},
	{prodFile, "LOGGING = {", "LOGGING_CONFIG = None\nLOGGING = {", "bad host is logged"},
	{prodFile, "CORS_ALLOWED_ORIGINS =", "CORS_ALLOW_ALL_ORIGINS = True\nCORS_ALLOWED_ORIGINS =", "CORS"},
	{prodFile, "conn_max_age=600", "conn_max_age=0", "database"},
	{prodFile, `    "security.W021",`, `    "security.W004", "security.W021",`, "check --deploy"},
	{baseFile, `    "config.middleware.TrustedProxyMiddleware",`, "", "client's address"},
	{baseFile, `    "config.middleware.TrustedProxyMiddleware",`, "", "login throttle"},
	{baseFile, `    "config.middleware.TrustedProxyMiddleware",`, "", "lockout"},
	{baseFile, `    "csp.middleware.CSPMiddleware",`, "", "headers of a page"},
	{baseFile, `    "django_permissions_policy.PermissionsPolicyMiddleware",`, "", "headers of errors"},
	{baseFile, `X_FRAME_OPTIONS = "DENY"`, `X_FRAME_OPTIONS = "SAMEORIGIN"`, "headers of a page"},
	{baseFile, `"script-src": [SELF, NONCE]`, `"script-src": [SELF]`, "CSP nonce"},
	{baseFile, `"base-uri": [NONE]`, `"base-uri": [SELF]`, "headers of a page"},
	{baseFile, `CORS_URLS_REGEX = r"^/api/"`, `CORS_URLS_REGEX = r"^/"`, "CORS outside the API"},
	{baseFile, `"rest_framework.permissions.IsAuthenticated"`, `"rest_framework.permissions.AllowAny"`, "anonymous"},
	{baseFile, `"login": "20/min"`, `"login": "25/min"`, "login throttle"},
	{baseFile, `"anon": "60/min"`, `"anon": "100/day"`, "anonymous throttle"},
	{baseFile, `"refresh": "60/min"`, `"refresh": "30/min"`, "refresh throttle"},
	{baseFile, "timedelta(minutes=15),\n    \"REFRESH", "timedelta(minutes=5),\n    \"REFRESH", "token lifetimes"},
	{baseFile, `"ROTATE_REFRESH_TOKENS": True`, `"ROTATE_REFRESH_TOKENS": False`, "token rotation"},
	{baseFile, `"BLACKLIST_AFTER_ROTATION": True`, `"BLACKLIST_AFTER_ROTATION": False`, "token rotation"},
	{baseFile, "AXES_FAILURE_LIMIT = 5", "AXES_FAILURE_LIMIT = 6", "lockout"},
	{baseFile, "AXES_FAILURE_LIMIT = 5", "AXES_FAILURE_LIMIT = 4", "lockout comes one too late"},
	{baseFile, `[["username", "ip_address"]]`, `["ip_address"]`, "lockout"},
	{baseFile, `[["username", "ip_address"]]`, `["username"]`, "lockout"},
	{baseFile, "AXES_RESET_ON_SUCCESS = True", "AXES_RESET_ON_SUCCESS = False", "lockout comes one too late"},
	{baseFile, "timedelta(minutes=15)  #", "timedelta(minutes=5)  #", "lockout ends"},
	{baseFile, `"min_length": 12`, `"min_length": 11`, "weak passwords"},
	{baseFile, `    "django.contrib.auth.hashers.Argon2PasswordHasher",`, "", "Argon2 at full cost"},
	{baseFile, `    "config.uploads.LimitedUploadHandler",`, "", "upload limit"},
	{baseFile, "DATA_UPLOAD_MAX_NUMBER_FILES = 20", "DATA_UPLOAD_MAX_NUMBER_FILES = 100", "number of files"},
	{"config/apps.py", "config.admin.AdminSite", "django.contrib.admin.sites.AdminSite", "second factor"},
	{"config/admin.py", `rate="10/m"`, `rate="12/m"`, "admin login limit"},
	{"config/urls.py", "settings.ADMIN_PATH", `"admin/"`, "admin path"},
	{"config/api.py", `throttle_scope = "login"`, `throttle_scope = "refresh"`, "login throttle"},
	{"config/api.py", "user_logged_in.send(", "str(", "lockout comes one too late"},
	{"config/api.py", "@method_decorator(never_cache, name=\"dispatch\")\nclass TokenObtain", "class TokenObtain", "token lifetimes"},
	{"requirements.txt", "whitenoise", "# whitenoise", "static files"},
	{"requirements.txt", "django-axes", "# django-axes", "starts"},
}

// startControls break a check of the environment, each with a case that must
// see it.
var startControls = []control{
	{prodFile, `"SECRET_KEY", validate=checks.secret`, `"SECRET_KEY"`, "refuses: a short SECRET_KEY"},
	{prodFile, `[checks.secret, checks.unlike(SECRET_KEY)]`, `checks.secret`, "refuses: JWT key equal to SECRET_KEY"},
	{prodFile, `validate=checks.each(checks.host)`, `validate=checks.each(str)`, "refuses: hosts '*'"},
	{prodFile, `"TRUSTED_PROXY_COUNT", validate`, `"TRUSTED_PROXY_COUNT", 1, validate`, "refuses: proxy count None"},
	{prodFile, `validate=checks.debug_off`, `validate=bool`, "refuses: DEBUG=1"},
	{"config/settings/env.py", `!= "verify-full"`, `== "disable"`, "refuses: sslmode require"},
	{"config/settings/env.py", `"Is a placeholder."`, `f"{value} is a placeholder."`, "refuses: a placeholder SECRET_KEY"},
	{"config/settings/env.py", `"Must be PostgreSQL in production."`, `value`, "refuses: database mysql"},
	{"config/settings/env.py", "strict = Env(eager=False)", "strict = Env()", "refuses: all at once"},
}

// TestStartControls does for refuse.py what TestControls does for probe.py.
func TestStartControls(t *testing.T) {
	long(t)
	t.Parallel()
	c := project(t, "5.2", row{"redis": "redis"})
	env := c.read(t, ".env")
	for _, k := range startControls {
		t.Run(k.probe+": "+k.new, func(t *testing.T) {
			defer c.mutate(t, k)()
			results, out := c.probe(t, "refuse.py")
			c.write(t, ".env", env)
			c.sees(t, k, results, out)
		})
	}
}

// mutate breaks the line, and returns what mends it.
func (c *cell) mutate(t *testing.T, k control) func() {
	t.Helper()
	whole := c.read(t, k.file)
	if !strings.Contains(whole, k.old) {
		t.Fatalf("%s doesn't say %q any more", k.file, k.old)
	}
	c.write(t, k.file, strings.Replace(whole, k.old, k.new, 1))
	return func() { c.write(t, k.file, whole) }
}

// sees fails the test when the probe passed all the same.
func (c *cell) sees(t *testing.T, k control, results []result, out string) {
	t.Helper()
	i := slices.IndexFunc(results, func(r result) bool { return r.Name == k.probe })
	if i < 0 {
		t.Fatalf("%q didn't run: %v\n%s", k.probe, results, out)
	}
	if results[i].Status != "fail" {
		t.Errorf("%s: %q instead of %q, and %q is a %s", k.file, k.new, k.old, k.probe, results[i].Status)
	}
}

// TestControls breaks one protection after the other: a probe that doesn't
// notice proves nothing.
func TestControls(t *testing.T) {
	long(t)
	t.Parallel()
	c := project(t, "5.2", row{"redis": "redis", "ratelimit": "true", "admin-2fa": "true", "hsts": "1h", "security-log": "file"})
	results, out := c.probe(t, "probe.py")
	if len(results) < 40 {
		t.Fatalf("only %d results\n%s", len(results), out)
	}
	c.report(t, results)
	ran := map[string]bool{}
	for _, r := range results {
		ran[r.Name] = r.Status == "pass"
	}
	for _, k := range controls {
		t.Run(k.probe+": "+strings.TrimSpace(k.new), func(t *testing.T) {
			if !ran[k.probe] {
				t.Fatalf("%q doesn't pass unbroken", k.probe)
			}
			defer c.mutate(t, k)()
			c.Only = []string{k.probe}
			results, out := c.probe(t, "probe.py")
			c.sees(t, k, results, out)
		})
	}
}
