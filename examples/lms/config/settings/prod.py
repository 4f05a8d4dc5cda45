"""Production. Names every problem and stops, rather than start unsafe."""

import dj_database_url
from environs import validate

from . import env as checks
from .base import *
from .base import SIMPLE_JWT
from .env import strict

DEBUG = False
strict.bool("DEBUG", False, validate=checks.debug_off)

# Secrets: `djharden rotate` replaces them ---------------------------------------------

SECRET_KEY = strict.str("SECRET_KEY", validate=checks.secret)
SECRET_KEY_FALLBACKS = strict.list(
    "SECRET_KEY_FALLBACKS", [], validate=checks.each(checks.secret, at_least=0)
)
JWT_SIGNING_KEY = strict.str(
    "JWT_SIGNING_KEY", validate=[checks.secret, checks.unlike(SECRET_KEY)]
)
JWT_SIGNING_KEY_FALLBACKS = strict.list(
    "JWT_SIGNING_KEY_FALLBACKS", [], validate=checks.each(checks.secret, at_least=0)
)
SIMPLE_JWT |= {"SIGNING_KEY": JWT_SIGNING_KEY}

# Hosts and origins --------------------------------------------------------------------

ALLOWED_HOSTS = strict.list(
    "ALLOWED_HOSTS", subcast=str.strip, validate=checks.each(checks.host)
)
CORS_ALLOWED_ORIGINS = strict.list(
    "CORS_ALLOWED_ORIGINS",
    [],
    subcast=str.strip,
    validate=checks.each(checks.origin, at_least=0),
)
ADMIN_PATH = strict.str("ADMIN_PATH", validate=checks.admin_path)

# HTTPS --------------------------------------------------------------------------------

# How many proxies add to X-Forwarded-For; 0: clients connect to Django directly. The
# client's address and the redirect follow it. No default: a wrong guess is a hole.
TRUSTED_PROXY_COUNT = strict.int("TRUSTED_PROXY_COUNT", validate=validate.Range(0, 5))
if TRUSTED_PROXY_COUNT:
    # The proxy must set this header on every request, and drop a client's own.
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_SSL_REDIRECT = True
SECURE_REDIRECT_EXEMPT = [r"^healthz$"]  # probes come over plain HTTP

# HSTS stage 1h; the next is `djharden sync --hsts 1d`.
SECURE_HSTS_SECONDS = 3600
SECURE_HSTS_INCLUDE_SUBDOMAINS = False
SECURE_HSTS_PRELOAD = False
SILENCED_SYSTEM_CHECKS = [
    "security.W005",  # comes with HSTS stage subdomains
    "security.W021",  # comes with HSTS stage preload
    "django_ratelimit.W001",  # it doesn't know Django's own Redis cache
]

SESSION_COOKIE_SECURE = True
# A browser takes a __Host- cookie only over HTTPS, and never from a subdomain.
SESSION_COOKIE_NAME = "__Host-sessionid"
CSRF_COOKIE_SECURE = True
CSRF_COOKIE_NAME = "__Host-csrftoken"

# Database and cache -------------------------------------------------------------------

DATABASE_URL = strict.str("DATABASE_URL", validate=checks.production_url)
DATABASE_CA_FILE = (
    strict.str("DATABASE_CA_FILE", "") or "/etc/ssl/certs/ca-certificates.crt"
)
REDIS_URL = strict.str("REDIS_URL", validate=checks.redis_url)

# Mail ---------------------------------------------------------------------------------

EMAIL_HOST = strict.str("EMAIL_HOST", "") or "localhost"
EMAIL_PORT = strict.int("EMAIL_PORT", 587)
EMAIL_HOST_USER = strict.str("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = strict.str("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS = True

checks.refuse()

DATABASES = {
    "default": dj_database_url.parse(
        DATABASE_URL, conn_max_age=600, conn_health_checks=True
    )
}
DATABASES["default"]["OPTIONS"]["sslrootcert"] = DATABASE_CA_FILE

CACHES = {  # shared, so that throttles count once for all workers
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
    }
}

# Static files -------------------------------------------------------------------------

STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}

# Logging: to stdout, for the platform to keep -----------------------------------------

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "verbose": {"format": "{levelname} {asctime} {name} {message}", "style": "{"},
    },
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": "verbose",
            "stream": "ext://sys.stdout",
        },
        "security": {
            "class": "config.logs.SecurityFileHandler",
            "level": "WARNING",
            "formatter": "verbose",
            "filename": "/var/log/lms/security.log",
            "encoding": "utf-8",
            "delay": True,
        },
    },
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {
        "django.security": {
            "handlers": ["console", "security"],
            "level": "WARNING",
            "propagate": False,
        },
        # At INFO it greets at every start and login; WARNING: failures and lockouts.
        "axes": {"handlers": ["security"], "level": "WARNING"},
    },
}
