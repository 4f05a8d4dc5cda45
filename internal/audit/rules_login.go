package audit

import "slices"

const (
	axesDocs      = "https://django-axes.readthedocs.io/en/latest/"
	ratelimitDocs = "https://django-ratelimit.readthedocs.io/en/stable/"
)

// loginRules are about signing in: guessing, passwords, the admin.
var loginRules = slices.Concat(lockoutRules, ratelimitRules, passwordRules, adminRules)

var lockoutRules = []*Rule{
	{
		ID: "DH441", Name: "login-no-brake", Severity: Medium, Item: 6,
		Title: "nothing slows down the guessing of passwords",
		Why:   "Django checks as many passwords as it is sent. Lists of leaked passwords are tried against every login form that doesn't count.",
		Fix:   `add django-axes: "axes" in INSTALLED_APPS, "axes.middleware.AxesMiddleware" last in MIDDLEWARE, "axes.backends.AxesStandaloneBackend" first in AUTHENTICATION_BACKENDS`,
		CWE:   []int{307},
		ASVS:  []string{"6.3.1"},
		Refs:  []string{axesDocs + "2_installation.html", "https://docs.djangoproject.com/en/stable/topics/auth/default/"},
		Bad: `INSTALLED_APPS = [a for a in INSTALLED_APPS if a != "axes" and not a.startswith("rest_framework")]
MIDDLEWARE = [m for m in MIDDLEWARE if not m.startswith("axes.")]
AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend"]
del AXES_FAILURE_LIMIT, AXES_COOLOFF_TIME, AXES_LOCKOUT_PARAMETERS, AXES_ALLOWED_CORS_ORIGINS
del AXES_RESET_ON_SUCCESS, AXES_CLIENT_IP_CALLABLE, REST_FRAMEWORK, SIMPLE_JWT
-- config/urls.py --
from django.contrib import admin
from django.urls import path

urlpatterns = [path("staff/", admin.site.urls)]
`,
		Good: `INSTALLED_APPS += ["defender"]
-- config/urls.py --
from django.contrib import admin
from django.urls import path

urlpatterns = [path("staff/", admin.site.urls)]
`,
		check: checkNoBrake,
	},
	{
		ID: "DH442", Name: "axes-wiring", Severity: High, Item: 6,
		Title:  "django-axes is installed, but doesn't lock anybody out",
		Why:    "axes needs all three: the app counts failed logins, the backend refuses a locked one (and has to come first, before a backend that accepts the password), the middleware tells the visitor. With one missing the settings look like a lockout and aren't.",
		Fix:    `AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]`,
		CWE:    []int{307},
		ASVS:   []string{"6.3.1"},
		Checks: []string{"axes.W002", "axes.W003"},
		Refs:   []string{axesDocs + "2_installation.html"},
		Bad:    `AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend"]`,
		Good:   `AUTHENTICATION_BACKENDS = ("axes.backends.AxesBackend", "django.contrib.auth.backends.ModelBackend")`,
		check:  checkAxesWiring,
	},
	{
		ID: "DH443", Name: "axes-off", Severity: Medium,
		Title: "django-axes is installed, but switched off",
		Why:   "With AXES_ENABLED or AXES_LOCK_OUT_AT_FAILURE off, or a limit in the hundreds, passwords can be guessed as if axes weren't there.",
		Fix:   `AXES_FAILURE_LIMIT = 5`,
		CWE:   []int{307},
		ASVS:  []string{"6.3.1"},
		Refs:  []string{axesDocs + "4_configuration.html"},
		Bad:   `AXES_ENABLED = False`,
		Good:  "import os\nAXES_ENABLED = os.environ.get(\"AXES\", \"1\") == \"1\"",
		check: checkAxesOff,
	},
	{
		ID: "DH444", Name: "axes-permanent", Severity: Medium,
		Title: "a lockout never ends",
		Why:   "AXES_COOLOFF_TIME is None by default: who is locked out stays locked out until somebody runs axes_reset. Anyone can lock any account for good with a few wrong passwords.",
		Fix:   `AXES_COOLOFF_TIME = timedelta(minutes=15)`,
		CWE:   []int{645},
		ASVS:  []string{"6.1.1", "6.3.1"},
		Refs:  []string{axesDocs + "4_configuration.html"},
		Bad:   `AXES_COOLOFF_TIME = None`,
		Good:  "from datetime import timedelta\nAXES_COOLOFF_TIME = timedelta(hours=1)",
		check: checkAxesCooloff,
	},
	{
		ID: "DH445", Name: "axes-locks-proxy", Severity: High,
		Title: "one attacker locks out everybody",
		Why:   "axes counts by address, and behind a proxy every visitor has the proxy's, unless axes is told how to find the client's. AXES_IPWARE_PROXY_COUNT counts the proxies inside X-Forwarded-For: with one proxy and a count of 1 the address is None for everybody.",
		Fix:   `AXES_CLIENT_IP_CALLABLE = "config.network.client_ip"  # from X-Forwarded-For, counted from the right`,
		CWE:   []int{645},
		ASVS:  []string{"6.1.1", "15.3.4"},
		Refs:  []string{axesDocs + "4_configuration.html", axesDocs + "6_integration.html"},
		Bad: `MIDDLEWARE = [m for m in MIDDLEWARE if "Proxy" not in m]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
AXES_CLIENT_IP_CALLABLE = None
AXES_LOCKOUT_PARAMETERS = ["ip_address"]`,
		Good: `MIDDLEWARE = [m for m in MIDDLEWARE if "Proxy" not in m]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
AXES_CLIENT_IP_CALLABLE = "config.network.client_ip"`,
		check: checkAxesProxy,
	},
	{
		ID: "DH446", Name: "axes-address", Severity: Medium,
		Title: "the client chooses the address that axes counts",
		Why:   "axes takes the left-most entry of X-Forwarded-For, which is what the client sent: another one with every guess, and nobody is ever locked out; the address of somebody else, and that one is.",
		Fix:   `AXES_CLIENT_IP_CALLABLE = "config.network.client_ip"  # from X-Forwarded-For, counted from the right`,
		CWE:   []int{348},
		ASVS:  []string{"4.1.3", "15.3.4"},
		Refs:  []string{axesDocs + "4_configuration.html"},
		Bad:   "AXES_CLIENT_IP_CALLABLE = None\nAXES_IPWARE_META_PRECEDENCE_ORDER = [\"HTTP_X_FORWARDED_FOR\", \"REMOTE_ADDR\"]",
		Good:  "AXES_CLIENT_IP_CALLABLE = None\nAXES_IPWARE_META_PRECEDENCE_ORDER = [\"REMOTE_ADDR\"]",
		check: checkAxesAddress,
	},
	{
		ID: "DH447", Name: "axes-parameters", Severity: Medium,
		Title:  "axes doesn't look at the address",
		Why:    "Without ip_address among AXES_LOCKOUT_PARAMETERS anybody locks out any user by name, and a guess with another user agent or cookie counts as somebody else's.",
		Fix:    `AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]`,
		CWE:    []int{307, 645},
		ASVS:   []string{"6.3.1"},
		Checks: []string{"axes.W006"},
		Refs:   []string{axesDocs + "4_configuration.html"},
		Bad:    `AXES_LOCKOUT_PARAMETERS = ["username"]`,
		Good:   `AXES_LOCKOUT_PARAMETERS = ["username", ("ip_address", "user_agent")]`,
		check:  checkAxesParameters,
	},
	{
		ID: "DH448", Name: "axes-removed-setting", Severity: Low,
		Title:  "a setting of an older django-axes",
		Why:    "axes 6 replaced these names: some do nothing now, the others only as long as the new ones are unset.",
		Fix:    `AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]`,
		Checks: []string{"axes.W004"},
		Refs:   []string{axesDocs + "1_requirements.html", "https://github.com/jazzband/django-axes/blob/master/CHANGES.rst"},
		Bad:    `AXES_LOCK_OUT_BY_COMBINATION_USER_AND_IP = True`,
		Good:   `AXES_LOCK_OUT_AT_FAILURE = True`,
		check:  checkAxesRemoved,
	},
	{
		ID: "DH449", Name: "axes-log-injection", Severity: Low,
		Title: "axes logs user names as they were typed",
		Why:   "With AXES_SENSITIVE_PARAMETERS empty the name from the login form goes into the log raw, line breaks included: a visitor writes log lines of his own, and passwords typed into the wrong field are kept.",
		Fix:   `AXES_SENSITIVE_PARAMETERS = ["username"]`,
		CWE:   []int{117, 532},
		ASVS:  []string{"16.4.1"},
		Refs:  []string{axesDocs + "4_configuration.html"},
		Bad:   `AXES_SENSITIVE_PARAMETERS = []`,
		Good:  `AXES_SENSITIVE_PARAMETERS = ["username"]`,
		check: checkAxesLog,
	},
}
