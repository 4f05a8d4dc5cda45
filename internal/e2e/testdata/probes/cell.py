"""The project under proof: its answers, where things are, and who visits it."""

import itertools
import re


class Cell:
    def __init__(self, data):
        self.data = data
        self.kind = data["kind"]  # new or adopted
        self.series = data["series"]
        self.settings = data["settings"]
        self.requirements = data["requirements"]
        self.surface = data["surface"]
        self.expect = data.get("expect", {})
        self.answers = data["answers"]
        self._addresses = itertools.count(1)
        self._users = itertools.count(1)

    def __getattr__(self, name):
        try:
            return self.__dict__["answers"][name]
        except KeyError:
            raise AttributeError(name) from None

    @property
    def host(self):
        return self.domains[0].removeprefix(".")

    def open(self):
        """Put a few views of the probes beside the project's own."""
        from django.conf import settings

        from . import pages

        cheapen()
        pages.include(settings.ROOT_URLCONF, "me" in self.surface)
        settings.ROOT_URLCONF = pages.__name__
        self.admin = "/" + settings.ADMIN_PATH

    def address(self):
        """Return a client address that no other probe uses.

        Nor does one of another series, on a project that was upgraded.
        """
        n = next(self._addresses)
        return f"198.{self.series.replace('.', '')}.{100 + n // 250}.{1 + n % 250}"

    def visitor(self, address=None):
        from .visitor import Visitor

        return Visitor(self, address or self.address())

    def user(self, **fields):
        """Make a user, and return the name; the password is PASSWORD."""
        from django.contrib.auth import get_user_model

        name = f"user{next(self._users)}_{self.series}"
        get_user_model().objects.create_user(name, password=PASSWORD, **fields)
        return name

    def staff(self):
        return self.user(is_staff=True, is_superuser=True)


def cheapen():
    """Make hashing quick: the same algorithm, at the least cost. See accounts.py."""
    from django.contrib.auth.hashers import Argon2PasswordHasher

    Argon2PasswordHasher.time_cost = 1
    Argon2PasswordHasher.memory_cost = 8
    Argon2PasswordHasher.parallelism = 1


PASSWORD = "Correct-horse-battery-9"


def csrf_token(html):
    found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', html)
    if not found:
        raise AssertionError("no CSRF token in the form")
    return found[1]
