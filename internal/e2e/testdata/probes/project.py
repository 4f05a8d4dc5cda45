"""What must hold before the site is visited at all."""

import io
import os
from pathlib import Path

from django.core.management import call_command

from .accounts import argon2
from .fence import Fence
from .report import probe, same


@probe("compiles")
def compiles(cell):
    count = 0
    for file in Path.cwd().rglob("*.py"):
        compile(file.read_bytes(), file, "exec")
        count += 1
    assert count > 5, f"only {count} Python files"


@probe("requirements")
def requirements(cell):
    same(
        "requirements that the environment doesn't meet",
        Fence(cell.requirements).unmet,
        [],
    )


@probe("no warnings")
def no_warnings(cell):
    """Settings that Django is about to drop, and lines of the project that warn."""
    bad = []
    for w in cell.warnings:
        ours = w.filename.startswith(str(Path.cwd()))
        about_settings = "django/conf/" in w.filename
        if ours or about_settings and w.category.__name__.startswith("RemovedIn"):
            bad.append(f"{w.filename}:{w.lineno}: {w.category.__name__}: {w.message}")
    same("warnings", bad, [])


@probe("makemigrations --check")
def makemigrations(cell):
    out = io.StringIO()
    try:
        call_command("makemigrations", check=True, dry_run=True, stdout=out)
    except SystemExit:
        raise AssertionError(out.getvalue()) from None


@probe("migrate")
def migrate(cell):
    call_command("migrate", verbosity=0, interactive=False)


@probe("check --deploy")
def check_deploy(cell):
    from django.conf import settings

    err = io.StringIO()
    call_command(
        "check", deploy=True, fail_level="WARNING", databases=["default"], stderr=err
    )
    same("what check --deploy says", err.getvalue(), "")
    silenced = {
        "off": ["security.W004"],
        "subdomains": ["security.W021"],
        "preload": [],
    }.get(cell.hsts, ["security.W005", "security.W021"])
    silenced = cell.expect.get("silenced", silenced)
    if cell.ratelimit:
        silenced = [*silenced, "django_ratelimit.W001"]
    same("silenced checks", sorted(settings.SILENCED_SYSTEM_CHECKS), sorted(silenced))


@probe("collectstatic")
def collectstatic(cell):
    call_command("collectstatic", verbosity=0, interactive=False)


FIRST = [
    compiles,
    requirements,
    no_warnings,
    makemigrations,
    migrate,
    collectstatic,
    argon2,
]


@probe("database")
def database(cell):
    """The connection is the one that was asked for, with TLS that is really on."""
    from django.conf import settings
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT ssl, version FROM pg_stat_ssl WHERE pid = pg_backend_pid()"
        )
        tls, version = cursor.fetchone()
    options = settings.DATABASES["default"].get("OPTIONS", {})
    if cell.database_tls == "off":
        return
    assert tls, "the connection has no TLS"
    assert version >= "TLSv1.2", version
    same("sslmode", options.get("sslmode"), cell.database_tls)
    if cell.database_tls == "verify-full":
        assert options.get("sslrootcert"), "no sslrootcert"
    same("CONN_MAX_AGE", connection.settings_dict["CONN_MAX_AGE"], 600)
    same("CONN_HEALTH_CHECKS", connection.settings_dict["CONN_HEALTH_CHECKS"], True)


@probe("cache is shared")
def shared_cache(cell):
    from django.conf import settings
    from django.core.cache import cache

    want = "RedisCache" if cell.redis else "DatabaseCache"
    for name, options in settings.CACHES.items():
        same(f"cache {name}", options["BACKEND"].rpartition(".")[2], want)
    cache.set("probe", 1)
    same("a value", cache.get("probe"), 1)


@probe("settings")
def plain_settings(cell):
    from django.conf import settings

    same("DEBUG", settings.DEBUG, False)
    same("ALLOWED_HOSTS", settings.ALLOWED_HOSTS, cell.domains)
    assert len(settings.SECRET_KEY) >= 50, "short SECRET_KEY"
    same("SECRET_KEY_FALLBACKS", settings.SECRET_KEY_FALLBACKS, [])
    if cell.jwt:
        signing = settings.SIMPLE_JWT["SIGNING_KEY"]
        assert signing != settings.SECRET_KEY, "JWT key is SECRET_KEY"
        assert len(signing) >= 50, "short JWT key"


@probe("what the user had", when=lambda cell: cell.expect.get("holds"))
def holds(cell):
    from django.conf import settings

    names = {"settings": settings, "os": os}
    wrong = [text for text in cell.expect["holds"] if not eval(text, names)]
    same("what doesn't hold", wrong, [])


@probe("mail", when=lambda cell: cell.kind == "new")
def mail(cell):
    """The mail backend can be made from the settings, and speaks STARTTLS."""
    from django.core import mail

    if cell.series >= "6.1":
        connection = mail.mailers.default
    else:
        connection = mail.get_connection()
    same("backend", type(connection).__module__, "django.core.mail.backends.smtp")
    same("TLS", connection.use_tls, True)
