"""The API: nobody without a token or a session, and not too often."""

import time

from .report import probe, same


@probe("anonymous", when=lambda cell: cell.surface.get("me"))
def anonymous(cell):
    visitor = cell.visitor()
    answer = visitor.get(cell.surface["me"])
    status = 401 if cell.jwt else 403  # a session has no WWW-Authenticate
    same("status", answer.status_code, status)
    if cell.jwt:
        challenge = answer.headers["WWW-Authenticate"]
        same("WWW-Authenticate", challenge, 'Bearer realm="api"')
    same("type", answer.headers["Content-Type"], "application/json")
    if cell.kind == "adopted":
        return  # the browsable API is the user's own decision
    html = visitor.get(cell.surface["me"], HTTP_ACCEPT="text/html")
    same("type for a browser", html.headers["Content-Type"], "application/json")


@probe("login throttle", when=lambda cell: cell.surface.get("login"))
def login_throttle(cell):
    """The 21st of a minute from one address, over any forged header."""
    path, visitor = cell.surface["login"], cell.visitor()
    token = session_token(cell, visitor)

    def knock(**options):
        options |= token
        return visitor.json(path, {"username": "x"}, **options).status_code

    codes = [knock() for _ in range(18)]
    codes += [knock(forged="203.0.113.50"), knock(forged="203.0.113.51, 203.0.113.52")]
    same("20 attempts", codes, [400] * 20)
    answer = visitor.json(path, {"username": "x"}, **token)
    same("the 21st", answer.status_code, 429)
    wait = int(answer.headers["Retry-After"])
    assert 0 < wait <= 60, f"Retry-After: {wait}"
    same("with a forged address", knock(forged="203.0.113.53"), 429)
    if cell.proxy_hops:
        for port in (1024, 65535):
            with_port = f"{visitor.address}:{port}"
            same(f"as {with_port}", knock(address=with_port), 429)
    other = cell.visitor()
    answer = other.json(path, {"username": "x"}, **session_token(cell, other))
    same("another address", answer.status_code, 400)


@probe(
    "throttle with ip:port",
    when=lambda cell: cell.surface.get("login") and cell.proxy_hops,
)
def port_throttle(cell):
    """A load balancer that writes the port, another one each time."""
    path, visitor = cell.surface["login"], cell.visitor()
    token = session_token(cell, visitor)
    codes = []
    for port in range(2000, 2021):
        address = f"{visitor.address}:{port}"
        data = {"username": "x"}
        codes.append(visitor.json(path, data, address=address, **token).status_code)
    same("21 attempts", codes, [400] * 20 + [429])


@probe("anonymous throttle", when=lambda cell: cell.surface.get("blacklist"))
def anon_throttle(cell):
    path, visitor = cell.surface["blacklist"], cell.visitor()
    codes = []
    for n in range(61):
        forged = f"203.0.113.{n}" if n % 2 else ""
        codes.append(visitor.json(path, {}, forged=forged).status_code)
    same("61 requests", codes, [400] * 60 + [429])


@probe("user throttle", when=lambda cell: cell.surface.get("me"))
def user_throttle(cell):
    """The 601st of a minute; the first 599 are put into the shared cache."""
    from django.contrib.auth import get_user_model
    from django.core.cache import cache

    name = cell.user()
    pk = get_user_model().objects.get(username=name).pk
    visitor, headers = signed_in(cell, name)
    me = cell.surface["me"]
    same("first", visitor.get(me, **headers).status_code, 200)
    key = f"throttle_user_{pk}"
    assert cache.get(key), "the count isn't in the cache"
    cache.set(key, [time.time()] * 599, 60)
    same("600th", visitor.get(me, **headers).status_code, 200)
    same("601st", visitor.get(me, **headers).status_code, 429)


@probe("who is signed in", when=lambda cell: cell.surface.get("me"))
def me(cell):
    name = cell.user()
    visitor, headers = signed_in(cell, name)
    answer = visitor.get(cell.surface["me"], **headers)
    same("me", (answer.status_code, answer.json()), (200, {"username": name}))


@probe("body limit", when=lambda cell: cell.surface.get("login"))
def body(cell):
    """A JSON body over DATA_UPLOAD_MAX_MEMORY_SIZE."""
    limit = 2621440
    if cell.upload_limit and cell.upload_limit < limit:
        limit = cell.upload_limit
    visitor = cell.visitor()
    token = session_token(cell, visitor)
    data = {"username": "x" * (limit + 1)}
    answer = visitor.json(cell.surface["login"], data, **token)
    same("status", answer.status_code, 400)
    assert b"username" not in answer.content, "the body was read"


def session_token(cell, visitor):
    """Return the headers that a POST needs besides its body."""
    if cell.jwt:
        return {}
    token = visitor.get(cell.surface["csrf"]).json()["token"]
    return {"HTTP_X_CSRFTOKEN": token, "HTTP_ORIGIN": f"https://{cell.host}"}


def signed_in(cell, name, visitor=None):
    """Return a visitor that is signed in to the API, and the headers it sends."""
    from .cell import PASSWORD

    visitor = visitor or cell.visitor()
    data = {"username": name, "password": PASSWORD}
    headers = session_token(cell, visitor)
    answer = visitor.json(cell.surface["login"], data, **headers)
    if answer.status_code != 200:
        raise AssertionError(f"login: {answer.status_code} {answer.content[:200]}")
    if not cell.jwt:
        return visitor, {}
    return visitor, {"HTTP_AUTHORIZATION": f"Bearer {answer.json()['access']}"}
