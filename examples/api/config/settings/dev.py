"""Development: DEBUG on, SQLite, mail on the console."""

import dj_database_url

from . import env as checks
from .base import *
from .base import BASE_DIR, SIMPLE_JWT
from .env import env

DEBUG = True
SECRET_KEY = env.str("SECRET_KEY", "") or "django-insecure-for-development-only"
SIMPLE_JWT |= {"SIGNING_KEY": SECRET_KEY}
ADMIN_PATH = env.str("ADMIN_PATH", "") or "admin/"
TRUSTED_PROXY_COUNT = 0
CORS_ALLOWED_ORIGINS = ["http://localhost:3000", "http://localhost:5173"]
AXES_ENABLED = False  # the tests' client.login() has no request to judge
WHITENOISE_AUTOREFRESH = True  # in tests, too, which turn DEBUG off: no collectstatic

DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": BASE_DIR / "db.sqlite3",
    }
}
if url := env.str("DEV_DATABASE_URL", "", validate=checks.development_url):
    DATABASES = {"default": dj_database_url.parse(url)}

EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
