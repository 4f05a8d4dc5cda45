#!/usr/bin/env python
"""Django's command-line utility for administrative tasks."""

import os
import sys

from django.core.management import execute_from_command_line
from environs import EnvError


def main():
    try:
        if not os.environ.get("DJANGO_SETTINGS_MODULE"):
            os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings.dev"
            say_which_database()
        execute_from_command_line(sys.argv)
    except EnvError as error:
        sys.exit(f"manage.py: {error}")


def say_which_database():
    """Speak up where production is at hand: a bare migrate is for development."""
    quiet = {"runserver", "test", "check"}.intersection(sys.argv[1:2])
    if quiet or any(arg.startswith("--settings") for arg in sys.argv):
        return
    from config.settings import dev

    if dev.env.str("DATABASE_URL", ""):
        name = dev.DATABASES["default"]["NAME"]
        print(
            f"manage.py: this is config.settings.dev on {name}, not DATABASE_URL. "
            "A server says: export DJANGO_SETTINGS_MODULE=config.settings.prod",
            file=sys.stderr,
        )


if __name__ == "__main__":
    main()
