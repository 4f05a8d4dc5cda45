"""An API with session cookies: every POST needs the CSRF token."""

from .api import session_token, signed_in
from .cell import PASSWORD
from .report import probe, same


def session(cell):
    return cell.surface.get("csrf")


@probe("session API", when=session)
def login(cell):
    name, visitor = cell.user(), cell.visitor()
    data = {"username": name, "password": PASSWORD}
    path = cell.surface["login"]
    same("without a token", visitor.json(path, data).status_code, 403)
    headers = session_token(cell, visitor)
    wrong = visitor.json(path, data | {"password": "wrong"}, **headers)
    assert wrong.status_code in (401, 403), wrong.status_code
    right = visitor.json(path, data, **headers)
    same("with it", (right.status_code, right.json()), (200, {"username": name}))
    cookie = visitor.client.cookies["__Host-sessionid"]
    assert cookie["secure"] and cookie["httponly"], "session cookie"
    same("me", visitor.get(cell.surface["me"]).status_code, 200)
    out = cell.surface["logout"]
    same("logout without a token", visitor.json(out, {}).status_code, 403)
    headers = session_token(cell, visitor)
    same("logout", visitor.json(out, {}, **headers).status_code, 204)
    same("me after it", visitor.get(cell.surface["me"]).status_code, 403)


@probe("session API origins", when=session)
def origins(cell):
    name = cell.user()
    visitor, _ = signed_in(cell, name)
    out = cell.surface["logout"]
    headers = session_token(cell, visitor)
    for origin in ("https://evil.example", *cell.cors_origins):
        if origin in cell.csrf_trusted_origins or origin == f"https://{cell.host}":
            continue
        answer = visitor.json(out, {}, **headers | {"HTTP_ORIGIN": origin})
        same(f"from {origin}", answer.status_code, 403)
    for origin in cell.csrf_trusted_origins:
        visitor, _ = signed_in(cell, name)
        headers = session_token(cell, visitor) | {"HTTP_ORIGIN": origin}
        answer = visitor.json(out, {}, **headers)
        same(f"from {origin}, trusted", answer.status_code, 204)


@probe("session API and the admin", when=lambda cell: session(cell) and cell.admin_2fa)
def admin(cell):
    """A session by password alone doesn't open the admin."""
    visitor, _ = signed_in(cell, cell.staff())
    same("the admin", visitor.get(cell.admin).status_code, 302)
