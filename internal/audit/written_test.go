package audit

import (
	"fmt"
	"testing"
)

// written are settings that one expression decides, wrong and right, with what
// else the settings have to hold.
var written = []struct{ rule, setting, bad, good, more string }{
	{"DH101", "DEBUG", `True`, `False`, ""},
	{"DH101", "DEBUG", `"False"`, `""`, ""},
	{"DH101", "DEBUG", `1`, `0`, ""},
	{"DH111", "SECRET_KEY", `"change-me"`, `os.environ["KEY"]`, ""},
	{"DH111", "SECRET_KEY", `"ab" * 30`, `os.environ["KEY"]`, ""},
	{"DH112", "SECRET_KEY", `"kq8Zt3vXy1Rb7Wn5Lp9Ds2Fg6Hj4Mc0QaUeIoTzVxBnKlPrSdGwY"`, `os.environ["KEY"]`, ""},
	{"DH112", "SECRET_KEY", `"kq8Zt3vXy1Rb7Wn5" + "Lp9Ds2Fg6Hj4Mc0QaUeIoTzVxBnKlPrSdGwY"`, `os.environ["KEY"]`, ""},
	{"DH114", "SECRET_KEY_FALLBACKS", `["short"]`, `[]`, ""},
	{"DH115", "SECRET_KEY_FALLBACKS", `["kq8Zt3vXy1Rb7Wn5Lp9Ds2Fg6Hj4Mc0QaUeIoTzVxBnKlPrSdGwY"]`, `[os.environ["OLD"]]`, ""},
	{"DH116", "AWS_SECRET_ACCESS_KEY", `"wJalrXUtnFEMI7K7MDENGbPxRfiCYzzKEY12345"`, `os.environ["AWS"]`, ""},
	{"DH116", "CELERY_BROKER_URL", `"redis://:p4ssw0rd@broker.example.com:6379/0"`, `"redis://broker.example.com:6379/0"`, ""},
	{"DH116", "STRIPE_API", `"sk_live_" + "4eC39HqLyjWDarjtT1zdp7dc"`, `"pk_live_4eC39HqLyjWDarjtT1zdp7dc"`, ""},
	{"DH121", "ALLOWED_HOSTS", `["*"]`, `["example.com"]`, ""},
	{"DH121", "ALLOWED_HOSTS", `"www.example.com,*".split(",")`, `"www.example.com,.example.com".split(",")`, ""},
	{"DH123", "ALLOWED_HOSTS", `[".com"]`, `[".example.com"]`, ""},
	{"DH123", "ALLOWED_HOSTS", `[".co.uk"]`, `[".example.co.uk", ".cluster.local", ".internal"]`, ""},
	{"DH124", "ALLOWED_HOSTS", `["https://example.com"]`, `["example.com", "[::1]"]`, ""},
	{"DH124", "ALLOWED_HOSTS", `["example.com:443"]`, `["example.com"]`, ""},
	{"DH124", "ALLOWED_HOSTS", `["*.example.com"]`, `[".example.com"]`, ""},
	{"DH124", "ALLOWED_HOSTS", `"a.example, b.example".split(",")`, `"a.example,b.example".split(",")`, ""},
	{"DH124", "ALLOWED_HOSTS", `"example.com"`, `("example.com",)`, ""},
	{"DH201", "SECURE_SSL_REDIRECT", `False`, `True`, ""},
	{"DH201", "SECURE_SSL_REDIRECT", `None`, `True`, ""},
	{"DH203", "SECURE_PROXY_SSL_HEADER", `("HTTP_X_FORWARDED_PROTO", "on")`, `("HTTP_X_FORWARDED_PROTO", "https")`, ""},
	{"DH203", "SECURE_PROXY_SSL_HEADER", `"HTTP_X_FORWARDED_PROTO"`, `None`, ""},
	{"DH203", "SECURE_PROXY_SSL_HEADER", `("HTTP_X_FORWARDED_PROTO", "http")`, `["HTTP_X_FORWARDED_PROTO", "https"]`, ""},
	{"DH205", "SECURE_REDIRECT_EXEMPT", `[r""]`, `[r"^health/?$"]`, ""},
	{"DH205", "SECURE_REDIRECT_EXEMPT", `["^healthz$", "^"]`, `["^healthz$", "^status/"]`, ""},
	{"DH206", "SECURE_SSL_HOST", `"example.com/"`, `"example.com"`, ""},
	{"DH211", "SECURE_HSTS_SECONDS", `0`, `3600`, ""},
	{"DH211", "SECURE_HSTS_SECONDS", `None`, `3600`, ""},
	{"DH212", "SECURE_HSTS_INCLUDE_SUBDOMAINS", `False`, `True`, ""},
	{"DH213", "SECURE_HSTS_PRELOAD", `True`, `False`, "SECURE_HSTS_SECONDS = 3600"},
	{"DH214", "MIDDLEWARE", `[m for m in hardened.MIDDLEWARE if "Security" not in m]`, `[m for m in hardened.MIDDLEWARE if "Nothing" not in m]`, "import hardened"},
	{"DH231", "SESSION_COOKIE_SECURE", `False`, `True`, ""},
	{"DH232", "CSRF_COOKIE_SECURE", `False`, `True`, ""},
	{"DH233", "SESSION_COOKIE_HTTPONLY", `False`, `True`, ""},
	{"DH234", "SESSION_COOKIE_SAMESITE", `False`, `"Lax"`, ""},
	{"DH234", "CSRF_COOKIE_SAMESITE", `"lose"`, `"Strict"`, ""},
	{"DH234", "SESSION_COOKIE_SAMESITE", `"None"`, `"Lax"`, "CORS_ALLOW_CREDENTIALS = False"},
	{"DH235", "SESSION_COOKIE_DOMAIN", `".example.com"`, `None`, `SESSION_COOKIE_NAME = "__Host-id"`},
	{"DH235", "CSRF_COOKIE_PATH", `"/app/"`, `"/"`, `CSRF_COOKIE_NAME = "__Host-csrf"`},
	{"DH236", "SESSION_SERIALIZER", `"django.contrib.sessions.serializers.PickleSerializer"`, `"django.contrib.sessions.serializers.JSONSerializer"`, ""},
	{"DH237", "SESSION_ENGINE", `"django.contrib.sessions.backends.signed_cookies"`, `"django.contrib.sessions.backends.cache"`, ""},
	{"DH238", "SESSION_COOKIE_AGE", `365 * 24 * 60 * 60`, `14 * 24 * 60 * 60`, ""},
	{"DH301", "MIDDLEWARE", `[m for m in hardened.MIDDLEWARE if "clickjacking" not in m]`, `list(hardened.MIDDLEWARE)`, `import hardened; del CONTENT_SECURITY_POLICY["DIRECTIVES"]["frame-ancestors"]`},
	{"DH302", "X_FRAME_OPTIONS", `"ALLOWALL"`, `"DENY"`, ""},
	{"DH303", "X_FRAME_OPTIONS", `"SAMEORIGIN"`, `"DENY"`, `CONTENT_SECURITY_POLICY["DIRECTIVES"].pop("frame-ancestors")`},
	{"DH304", "SECURE_CONTENT_TYPE_NOSNIFF", `False`, `True`, ""},
	{"DH305", "SECURE_REFERRER_POLICY", `None`, `"same-origin"`, ""},
	{"DH305", "SECURE_REFERRER_POLICY", `"no-referer"`, `"no-referrer, strict-origin"`, ""},
	{"DH306", "SECURE_REFERRER_POLICY", `"no-referrer-when-downgrade"`, `"strict-origin"`, ""},
	{"DH307", "SECURE_CROSS_ORIGIN_OPENER_POLICY", `"unsafe-none"`, `"same-origin"`, ""},
	{"DH307", "SECURE_CROSS_ORIGIN_OPENER_POLICY", `"same_origin"`, `"same-origin-allow-popups"`, ""},
	{"DH308", "PERMISSIONS_POLICY", `{"microfone": []}`, `{"microphone": []}`, `MIDDLEWARE.append("django_permissions_policy.PermissionsPolicyMiddleware")`},
	{"DH309", "MIDDLEWARE", `[*hardened.MIDDLEWARE[1:-1], hardened.MIDDLEWARE[0], hardened.MIDDLEWARE[-1]]`, `hardened.MIDDLEWARE[:]`, "import hardened"},
	{"DH326", "CONTENT_SECURITY_POLICY", `{}`, `CONTENT_SECURITY_POLICY_REPORT_ONLY`, `CONTENT_SECURITY_POLICY_REPORT_ONLY = CONTENT_SECURITY_POLICY`},
	{"DH332", "CONTENT_SECURITY_POLICY", `CONTENT_SECURITY_POLICY | {"EXCLUDE_URL_PREFIXES": [""]}`, `CONTENT_SECURITY_POLICY | {"EXCLUDE_URL_PREFIXES": ["/x/"]}`, ""},
	{"DH341", "CORS_ALLOW_ALL_ORIGINS", `True`, `False`, "CORS_ALLOW_CREDENTIALS = False"},
	{"DH341", "CORS_ORIGIN_ALLOW_ALL", `True`, `False`, "CORS_ALLOW_CREDENTIALS = False"},
	{"DH342", "CORS_ALLOW_ALL_ORIGINS", `True`, `False`, ""},
	{"DH343", "CORS_ALLOWED_ORIGIN_REGEXES", `[r".*"]`, `[r"^https://[a-z]+\.example\.com$"]`, ""},
	{"DH343", "CORS_ALLOWED_ORIGIN_REGEXES", `[r"^https://\w+\.example\.com"]`, `[r"^https://\w+\.example\.com$"]`, ""},
	{"DH343", "CORS_ALLOWED_ORIGIN_REGEXES", `[r"^https://www.example\.com$"]`, `[r"^https://www\.example\.com$"]`, ""},
	{"DH343", "CORS_ALLOWED_ORIGIN_REGEXES", `[re.compile(r"^https://.*\.vercel\.app$")]`, `[re.compile(r"^https://lms\.vercel\.app$")]`, "import re"},
	{"DH344", "CORS_ALLOWED_ORIGINS", `["null"]`, `["https://example.com"]`, ""},
	{"DH345", "CORS_ALLOWED_ORIGINS", `["https://example.com/"]`, `["https://example.com"]`, ""},
	{"DH345", "CORS_ALLOWED_ORIGINS", `"https://example.com"`, `("https://example.com",)`, ""},
	{"DH345", "CORS_ORIGIN_WHITELIST", `["example.com"]`, `["https://example.com"]`, "del CORS_ALLOWED_ORIGINS"},
	{"DH361", "MIDDLEWARE", `[m for m in hardened.MIDDLEWARE if "csrf" not in m.lower()]`, `[m for m in hardened.MIDDLEWARE if "CSRF" not in m]`, "import hardened"},
	{"DH363", "CSRF_TRUSTED_ORIGINS", `["https://*.com"]`, `["https://*.example.com"]`, ""},
	{"DH364", "CSRF_TRUSTED_ORIGINS", `["http://*.example.com"]`, `["https://*.example.com", "http://localhost:3000"]`, ""},
	{"DH365", "CSRF_TRUSTED_ORIGINS", `["https://example.com/"]`, `["https://example.com"]`, ""},
	{"DH365", "CSRF_TRUSTED_ORIGINS", `"".split(",")`, `[o for o in "".split(",") if o]`, ""},
	{"DH365", "CSRF_TRUSTED_ORIGINS", `["https://*"]`, `[]`, ""},
	{"DH611", "SESSION_COOKIE_SECURE", `"True"`, `True`, ""},
	{"DH611", "CSRF_COOKIE_SECURE", `1`, `bool(1)`, ""},
	{"DH611", "CORS_ALLOW_CREDENTIALS", `"true"`, `True`, ""},
}

// waysToWrite put an expression into the settings: overridden in production,
// through the environment, by a helper, in globals(), in a branch, and each
// with the twin that puts the other one last.
var waysToWrite = []struct{ name, text string }{
	{"set in base, overridden in production", "%[2]s = %[4]s\n-- base.py --\nimport os\nfrom hardened import *\n%[1]s\n%[2]s = %[3]s\n-- settings.py --\nimport os\nfrom base import *\n%[2]s = %[4]s\n"},
	{"chosen by a variable that isn't set", "import os\n%[1]s\n%[2]s = %[3]s if os.environ.get(\"DJH_OTHER\") == \"yes\" else %[4]s\n"},
	{"given back by a helper", "import os\n%[1]s\ndef choose(right=False):\n    if right:\n        return %[3]s\n    return %[4]s\n\n%[2]s = choose()\n"},
	{"through globals()", "import os\n%[1]s\n%[2]s = %[3]s\nglobals().update({\"%[2]s\": %[4]s})\n"},
	{"in a branch on DEBUG", "import os\n%[1]s\nif os.environ.get(\"DJH_DEV\"):\n    %[2]s = %[3]s\nelse:\n    %[2]s = %[4]s\n"},
}

// TestWritten: however the expression gets there, the rule finds the wrong one
// and is silent about the right one, the wrong one standing before it.
func TestWritten(t *testing.T) {
	for _, w := range written {
		for _, way := range waysToWrite {
			t.Run(w.rule+" "+w.setting+" "+way.name, func(t *testing.T) {
				failsOnly(t, w.rule, fmt.Sprintf(way.text, w.more, w.setting, w.good, w.bad))
				failsOnly(t, "", fmt.Sprintf(way.text, w.more, w.setting, w.bad, w.good))
			})
		}
	}
}

// failsOnly holds an example to the one rule that fails with it, or to none.
func failsOnly(t *testing.T, id, text string) {
	t.Helper()
	found := false
	list := auditText(t, allRules, text)
	for _, f := range list {
		if f.Status != Fail {
			continue
		}
		found = found || f.Rule.ID == id
		if f.Rule.ID != id {
			t.Errorf("%s\nin:\n%s", describe(f), text)
		}
	}
	if id != "" && !found {
		t.Errorf("%s isn't found in:\n%s", id, text)
		for _, f := range list {
			if f.Rule.ID == id {
				t.Log(describe(f))
			}
		}
	}
}
