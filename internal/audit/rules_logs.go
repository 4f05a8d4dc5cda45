package audit

import "slices"

const logDocs = "https://docs.djangoproject.com/en/stable/topics/logging/"

// logRules are about logging, mail and what is told about errors.
var logRules = slices.Concat(loggingRules, mailRules)

var loggingRules = []*Rule{
	{
		ID: "DH541", Name: "security-log", Severity: Medium, Item: 12,
		Title: "security events are logged nowhere",
		Why:   "Django reports forged hosts, bad CSRF tokens and suspicious requests to the logger django.security. Its own console handler is silent with DEBUG off, so unless LOGGING gives the logger a handler an attack leaves no trace.",
		Fix: `LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "loggers": {"django.security": {"handlers": ["console"], "level": "WARNING", "propagate": False}},
}`,
		CWE:  []int{778, 223},
		ASVS: []string{"16.3.3"},
		Refs: []string{logDocs, "https://docs.djangoproject.com/en/stable/ref/logging/#django-security"},
		Bad: `LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"require_debug_true": {"()": "django.utils.log.RequireDebugTrue"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "filters": ["require_debug_true"]}},
    "loggers": {"django.security": {"handlers": ["console"], "level": "WARNING", "propagate": False}},
}`,
		Good: `LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": "INFO"},
}`,
		check: checkSecurityLog,
	},
	{
		ID: "DH542", Name: "log-folder", Severity: Low,
		Title: "a missing folder stops the site from starting",
		Why:   "A file handler opens its file when logging is set up. Without the folder, or the right to write in it, every command and every worker ends in ValueError: Unable to configure handler.",
		Fix:   `"security": {"class": "logging.StreamHandler"}  # the platform keeps what is written to standard output`,
		ASVS:  []string{"16.5.3"},
		Refs:  []string{"https://docs.python.org/3/library/logging.handlers.html#filehandler"},
		Bad: `LOGGING["handlers"]["file"] = {"class": "logging.FileHandler", "filename": "/var/log/lms/security.log"}
LOGGING["loggers"]["django.security"]["handlers"] = ["console", "file"]`,
		Good: `LOGGING["handlers"]["file"] = {"class": "logging.FileHandler", "filename": "/var/log/lms/security.log", "delay": True}
LOGGING["loggers"]["django.security"]["handlers"] = ["console", "file"]`,
		check: checkLogFolder,
	},
	{
		ID: "DH543", Name: "logging-broken", Severity: Medium, Item: 12,
		Title: "LOGGING names something that it doesn't define",
		Why:   "A handler, filter or formatter that isn't there makes logging refuse the whole configuration: Django raises ValueError at start.",
		Fix:   `define the handler below LOGGING["handlers"], or take its name out`,
		ASVS:  []string{"16.3.3"},
		Refs:  []string{"https://docs.python.org/3/library/logging.config.html#logging-config-dictschema"},
		Bad:   `LOGGING["loggers"]["django.security"]["handlers"] = ["console", "sentry"]`,
		Good:  `LOGGING["loggers"]["django.security"]["handlers"] = list(LOGGING["handlers"])`,
		check: checkLoggingBroken,
	},
	{
		ID: "DH544", Name: "loggers-disabled", Severity: Medium,
		Title: "LOGGING switches off loggers that it doesn't name",
		Why:   "Unless disable_existing_loggers is False, and it is True when it is left out, every logger that exists by then and isn't named falls silent: django.request, which reports each 500, is one.",
		Fix:   `LOGGING["disable_existing_loggers"] = False`,
		CWE:   []int{778},
		ASVS:  []string{"16.3.4"},
		Refs:  []string{logDocs + "#configuring-logging"},
		Bad:   `LOGGING["disable_existing_loggers"] = True`,
		Good: `LOGGING["disable_existing_loggers"] = True
LOGGING["loggers"]["django"] = {"handlers": ["console"], "level": "INFO"}`,
		check: checkLoggersDisabled,
	},
	{
		ID: "DH545", Name: "log-debug", Severity: Low,
		Title: "production logs at level DEBUG",
		Why:   "At DEBUG libraries write down what they send and receive: tokens, personal data, whole answers of other services. It is also most of the volume, in which the warnings drown.",
		Fix:   `"root": {"handlers": ["console"], "level": "INFO"}`,
		CWE:   []int{532},
		ASVS:  []string{"16.2.5"},
		Refs:  []string{logDocs + "#security-implications"},
		Bad:   `LOGGING["root"] = {"handlers": ["console"], "level": "DEBUG"}`,
		Good:  "import os\nLOGGING[\"root\"] = {\"handlers\": [\"console\"], \"level\": os.environ.get(\"LOG_LEVEL\", \"INFO\")}",
		check: checkLogDebug,
	},
	{
		ID: "DH546", Name: "admins-missing", Severity: Low,
		Title: "errors are to be mailed to nobody",
		Why:   "AdminEmailHandler writes to ADMINS, which is empty: the handler does nothing, without a word.",
		Fix:   `ADMINS = ["ops@example.com"]  # before Django 6.0: [("Ops", "ops@example.com")]`,
		CWE:   []int{778},
		ASVS:  []string{"16.3.4"},
		Refs:  []string{"https://docs.djangoproject.com/en/stable/ref/settings/#admins"},
		Bad: `LOGGING["handlers"]["mail"] = {"class": "django.utils.log.AdminEmailHandler", "level": "ERROR"}
LOGGING["root"]["handlers"] = ["console", "mail"]`,
		Good: `ADMINS = [("Ops", "ops@example.com")]
LOGGING["handlers"]["mail"] = {"class": "django.utils.log.AdminEmailHandler", "level": "ERROR"}
LOGGING["root"]["handlers"] = ["console", "mail"]`,
		check: checkAdmins,
	},
	{
		ID: "DH547", Name: "exceptions-propagate", Severity: Medium,
		Title: "exceptions are passed on to the server",
		Why:   "With DEBUG_PROPAGATE_EXCEPTIONS Django handles no exception: no 500 page, no log record, and what the visitor sees is up to the server, a traceback in the worst case.",
		Fix:   `DEBUG_PROPAGATE_EXCEPTIONS = False`,
		CWE:   []int{209},
		ASVS:  []string{"16.5.1", "16.5.4"},
		Refs:  []string{"https://docs.djangoproject.com/en/stable/ref/settings/#debug-propagate-exceptions"},
		Bad:   `DEBUG_PROPAGATE_EXCEPTIONS = True`,
		Good:  "DEBUG = False\nDEBUG_PROPAGATE_EXCEPTIONS = DEBUG",
		check: checkPropagate,
	},
	{
		ID: "DH548", Name: "sentry-personal-data", Severity: Low,
		Title: "error reports carry personal data",
		Why:   "send_default_pii makes Sentry's client send cookies, addresses, user names and request bodies with every error.",
		Fix:   `sentry_sdk.init(dsn=..., send_default_pii=False)`,
		CWE:   []int{359},
		ASVS:  []string{"16.2.5"},
		Refs:  []string{"https://docs.sentry.io/platforms/python/data-management/data-collected/"},
		Bad:   "import sentry_sdk\nsentry_sdk.init(dsn=\"https://key@sentry.example.com/1\", send_default_pii=True)",
		Good:  "import sentry_sdk\nsentry_sdk.init(dsn=\"https://key@sentry.example.com/1\", send_default_pii=False)",
		check: checkSentry,
	},
}
