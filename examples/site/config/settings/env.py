"""How the environment is read, and what production refuses."""

import re

import dj_database_url
from environs import Env, EnvError, EnvValidationError, ValidationError

env = Env()

# What production can't do without. refuse() names everything that is wrong at once.
strict = Env(eager=False)


def refuse():
    """Stop the start when a variable is missing or unsafe. Shows no value."""
    try:
        strict.seal()
    except EnvValidationError as error:
        lines = ["can't start:"]
        for name, problems in error.error_messages.items():
            words = " ".join(problems) if env.str(name, "") else "Is not set, or empty."
            lines.append(f"  {name}: {words}")
        # Not ImproperlyConfigured: manage.py would swallow it and import again.
        raise EnvError("\n".join(lines)) from None


def debug_off(value):
    if value:
        raise ValidationError("Production never runs with DEBUG on.")


PLACEHOLDER = r"insecure|change.?(me|this|it)|replace|secret|password|example|your.?key"


def secret(value):
    if len(value) < 50:
        raise ValidationError("Needs at least 50 random characters.")
    if len(set(value)) < 10 or value[:8] in value[8:]:
        raise ValidationError("Repeats itself: needs random characters.")
    if re.search(PLACEHOLDER, value, re.IGNORECASE):
        raise ValidationError("Is a placeholder.")


def host(value):
    if not re.fullmatch(r"\.?[a-z0-9-]+(\.[a-z0-9-]+)+", value, re.IGNORECASE):
        raise ValidationError("Takes bare host names: no *, no scheme, no port.")


def admin_path(value):
    taken = ("admin", "api", "healthz", "media", "static")
    if not re.fullmatch(r"([\w-]+/)+", value) or value.lower().split("/")[0] in taken:
        raise ValidationError("Must look like staff-x7/ and not be admin/.")


def database_url(value):
    """Return what dj_database_url makes of value."""
    try:
        database = dj_database_url.parse(value)
    except ValueError:
        raise ValidationError("Is not a database URL.") from None
    if not database.get("NAME"):
        raise ValidationError("Names no database.")
    return database


def development_url(value):
    if value:
        database_url(value)
        if value == env.str("DATABASE_URL", ""):
            raise ValidationError("Is the production database.")


def production_url(value):
    database = database_url(value)
    if not database["ENGINE"].endswith(("postgresql", "postgis")):
        raise ValidationError("Must be PostgreSQL in production.")
    if database.get("OPTIONS", {}).get("sslmode") != "verify-full":
        raise ValidationError("Must end in ?sslmode=verify-full.")


def each(check, at_least=1):
    """Return a validator of a list: check for every item, and at_least so many."""

    def validate(values):
        if len(values) < at_least:
            raise ValidationError("Names nothing.")
        for value in values:
            check(value)

    return validate
