"""Lockout after failed logins: of one name at one address, and for a while."""

from datetime import timedelta

from .api import session_token
from .cell import PASSWORD
from .report import probe, same


def attempt(cell, visitor, name, password=PASSWORD, **options):
    """Try to sign in, at the API where there is one; say whether it worked."""
    if cell.surface.get("login"):
        data = {"username": name, "password": password}
        headers = session_token(cell, visitor) | options
        answer = visitor.json(cell.surface["login"], data, **headers)
        return answer.status_code == 200
    return admin_attempt(cell, visitor, name, password, **options)


def admin_attempt(cell, visitor, name, password=PASSWORD, **options):
    from .visitor import second_factor

    visitor.client.cookies.clear()  # whoever is signed in sees no form
    data = {"username": name, "password": password}
    if cell.admin_2fa and password == PASSWORD:
        data |= second_factor(name)
    answer = visitor.submit(cell.admin + "login/", data, **options)
    return answer.status_code == 302


def fail(cell, visitor, name, times, how=attempt):
    for _ in range(times):
        same("a wrong password", how(cell, visitor, name, "wrong"), False)


@probe("lockout", when=lambda cell: cell.lockout)
def lockout(cell):
    name, other = cell.staff(), cell.staff()
    visitor = cell.visitor()
    fail(cell, visitor, name, 5)
    same("the right password", attempt(cell, visitor, name), False)
    same("with a forged header", attempt(cell, visitor, name, forged="1.2.3.4"), False)
    same("another user here", attempt(cell, visitor, other), True)
    same("the user elsewhere", attempt(cell, cell.visitor(), name), True)
    if cell.proxy_hops:
        port = {"address": f"{visitor.address}:999"}
        same("with a port", attempt(cell, visitor, name, **port), False)


@probe("lockout of the admin", when=lambda cell: cell.lockout)
def lockout_admin(cell):
    name, visitor = cell.staff(), cell.visitor()
    fail(cell, visitor, name, 5, admin_attempt)
    same("the right password", admin_attempt(cell, visitor, name), False)
    same("elsewhere", admin_attempt(cell, cell.visitor(), name), True)


@probe("lockout comes one too late", when=lambda cell: cell.lockout)
def four(cell):
    name, visitor = cell.staff(), cell.visitor()
    fail(cell, visitor, name, 4)
    same("after four", attempt(cell, visitor, name), True)
    fail(cell, visitor, name, 4)
    same("four more, after a success", attempt(cell, visitor, name), True)


@probe("lockout ends", when=lambda cell: cell.lockout)
def ends(cell):
    from axes.models import AccessAttempt

    name, visitor = cell.staff(), cell.visitor()
    fail(cell, visitor, name, 5)
    attempts = AccessAttempt.objects.filter(username=name)
    row = attempts.get()
    same("address on record", row.ip_address, visitor.address)
    moved = row.attempt_time - timedelta(minutes=14)
    attempts.update(attempt_time=moved)
    same("after 14 minutes", attempt(cell, visitor, name), False)
    row = attempts.get()
    attempts.update(attempt_time=row.attempt_time - timedelta(minutes=16))
    same("after 16 minutes", attempt(cell, visitor, name), True)


@probe("failed logins in the admin", when=lambda cell: cell.lockout)
def seen(cell):
    visitor, name = cell.visitor(), cell.staff()
    fail(cell, visitor, name, 1)
    visitor = cell.visitor()
    visitor.enter_admin(cell.staff())
    page = visitor.get(cell.admin + "axes/accessattempt/")
    same("status", page.status_code, 200)
    assert name.encode() in page.content, "the failure isn't listed"


@probe("no lockout", when=lambda cell: not cell.lockout)
def no_lockout(cell):
    name, visitor = cell.staff(), cell.visitor()
    fail(cell, visitor, name, 6)
    same("the right password", attempt(cell, visitor, name), True)
