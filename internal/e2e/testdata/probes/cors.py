"""Which pages may call the API."""

from .api import signed_in
from .report import probe, same

ALLOW = "Access-Control-Allow-Origin"
CREDENTIALS = "Access-Control-Allow-Credentials"


def preflight(cell, path, origin, **options):
    return cell.visitor().request(
        "OPTIONS",
        path,
        HTTP_ORIGIN=origin,
        HTTP_ACCESS_CONTROL_REQUEST_METHOD="POST",
        HTTP_ACCESS_CONTROL_REQUEST_HEADERS="authorization,content-type",
        **options,
    )


@probe("CORS", when=lambda cell: cell.surface.get("login"))
def cors(cell):
    path = cell.surface["login"]
    name = cell.user()
    for origin in cell.cors_origins:
        answer = preflight(cell, path, origin)
        same(f"preflight from {origin}", answer.status_code, 200)
        same(ALLOW, answer.headers.get(ALLOW), origin)
        credentials = cell.expect.get("credentials", "true")
        same(CREDENTIALS, answer.headers.get(CREDENTIALS), credentials)
        allowed = answer.headers["Access-Control-Allow-Headers"]
        assert "authorization" in allowed, allowed
        visitor, headers = signed_in(cell, name)
        me = visitor.get(cell.surface["me"], HTTP_ORIGIN=origin, **headers)
        same(f"me from {origin}", me.headers.get(ALLOW), origin)
        assert "origin" in me.headers.get("Vary", "").lower(), "no Vary: origin"
        refused = cell.visitor().get(cell.surface["me"], HTTP_ORIGIN=origin)
        same("401 or 403", refused.headers.get(ALLOW), origin)
    others = ["https://evil.example", "null", f"http://{cell.host}"]
    others += [f"https://evil.{cell.host}:444", f"https://{cell.host}.evil.example"]
    for origin in others:
        answer = preflight(cell, path, origin)
        same(f"{ALLOW} for {origin}", answer.headers.get(ALLOW), None)
        me = cell.visitor().get(cell.surface["me"], HTTP_ORIGIN=origin)
        same(f"{ALLOW} of me for {origin}", me.headers.get(ALLOW), None)


@probe(
    "CORS outside the API", when=lambda cell: cell.cors_origins and cell.kind == "new"
)
def outside(cell):
    origin = cell.cors_origins[0]
    for path in (cell.admin + "login/", cell.surface.get("healthz")):
        if path:
            answer = cell.visitor().get(path, HTTP_ORIGIN=origin)
            same(f"{ALLOW} of {path}", answer.headers.get(ALLOW), None)
    if cell.lockout:
        from django.conf import settings

        same("axes' own", settings.AXES_ALLOWED_CORS_ORIGINS, "")


@probe("no CORS", when=lambda cell: not cell.cors_origins)
def none(cell):
    origin = f"https://{cell.host}"
    for path in filter(None, [cell.surface.get("me"), cell.admin + "login/"]):
        answer = cell.visitor().get(path, HTTP_ORIGIN=origin)
        same(ALLOW, answer.headers.get(ALLOW), None)
