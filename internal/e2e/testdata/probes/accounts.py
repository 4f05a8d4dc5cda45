"""Passwords as they are kept."""

from .cell import PASSWORD
from .report import probe, same


@probe("Argon2 at full cost")
def argon2(cell):
    """The hasher and its cost are Django's own, before the probes make it cheap."""
    from django.contrib.auth.hashers import get_hasher

    hasher = get_hasher()
    same("hasher", type(hasher).__qualname__, "Argon2PasswordHasher")
    same("module", type(hasher).__module__, "django.contrib.auth.hashers")
    encoded = hasher.encode("x", hasher.salt())
    assert encoded.startswith("argon2$argon2id$v=19$m=102400,t=2,p=8$"), encoded[:40]


@probe("password hashes")
def hashes(cell):
    from django.contrib.auth import get_user_model
    from django.contrib.auth.hashers import make_password

    users = get_user_model().objects
    user = users.get(username=cell.user())
    assert user.password.startswith("argon2$argon2id$"), user.password[:16]
    old = make_password(PASSWORD, hasher="pbkdf2_sha256")
    users.filter(pk=user.pk).update(password=old)
    user.refresh_from_db()
    assert user.check_password(PASSWORD), "an older hash doesn't work"
    user.refresh_from_db()
    assert user.password.startswith("argon2$"), "an older hash stays"
    same("a wrong password", user.check_password("wrong"), False)
