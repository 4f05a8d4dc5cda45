"""JSON web tokens: how long they live, who signs them, and when they are dead."""

import base64
import json

from .api import signed_in
from .cell import PASSWORD
from .report import probe, same


def jwt(cell):
    return cell.jwt


def obtain(cell, visitor=None, name=None):
    visitor = visitor or cell.visitor()
    data = {"username": name or cell.user(), "password": PASSWORD}
    answer = visitor.json(cell.surface["login"], data)
    same("login", answer.status_code, 200)
    return visitor, answer


def part(token, n):
    text = token.split(".")[n]
    return json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))


def bearer(token):
    return {"HTTP_AUTHORIZATION": f"Bearer {token}"}


@probe("token lifetimes", when=jwt)
def lifetimes(cell):
    _, answer = obtain(cell)
    same("keys", sorted(answer.json()), ["access", "refresh"])
    if cell.kind == "new":
        cached = answer.headers.get("Cache-Control", "")
        assert "no-store" in cached, f"Cache-Control: {cached!r}"
    for kind, seconds in (("access", 900), ("refresh", 86400)):
        token = answer.json()[kind]
        same("header", part(token, 0), {"alg": "HS256", "typ": "JWT"})
        claims = part(token, 1)
        same(f"life of {kind}", claims["exp"] - claims["iat"], seconds)
        same("token_type", claims["token_type"], kind)
        assert "password" not in json.dumps(claims), claims


@probe("token expires", when=jwt)
def expires(cell):
    import jwt as pyjwt
    from django.conf import settings

    visitor, answer = obtain(cell)
    claims = part(answer.json()["access"], 1)
    me = cell.surface["me"]
    key = settings.SIMPLE_JWT["SIGNING_KEY"]
    good = pyjwt.encode(claims, key, "HS256")
    same("signed by the key", visitor.get(me, **bearer(good)).status_code, 200)
    old = pyjwt.encode(claims | {"exp": claims["iat"] - 1}, key, "HS256")
    forged = {
        "expired": old,
        "signed with SECRET_KEY": pyjwt.encode(claims, settings.SECRET_KEY, "HS256"),
        "with another algorithm": pyjwt.encode(claims, key, "HS512"),
        "unsigned": pyjwt.encode(claims, None, "none"),
        "tampered": good[:-4] + ("AAAA" if good[-4:] != "AAAA" else "BBBB"),
        "a refresh token": answer.json()["refresh"],
    }
    for what, token in forged.items():
        same(what, visitor.get(me, **bearer(token)).status_code, 401)
    lower = {"HTTP_AUTHORIZATION": f"Token {good}"}
    same("another scheme", visitor.get(me, **lower).status_code, 401)


@probe("token rotation", when=jwt)
def rotation(cell):
    visitor, answer = obtain(cell)
    first = answer.json()["refresh"]
    path = cell.surface["refresh"]
    second = visitor.json(path, {"refresh": first})
    same("refresh", second.status_code, 200)
    same("keys", sorted(second.json()), ["access", "refresh"])
    assert second.json()["refresh"] != first, "the same refresh token"
    if cell.kind == "new":
        assert "no-store" in second.headers.get("Cache-Control", ""), "may be cached"
    me = visitor.get(cell.surface["me"], **bearer(second.json()["access"]))
    same("the new access token", me.status_code, 200)
    reused = visitor.json(path, {"refresh": first})
    same("the old one again", reused.status_code, 401)
    same("its code", reused.json()["code"], "token_not_valid")


@probe("token blacklist", when=lambda cell: cell.jwt and cell.surface.get("blacklist"))
def blacklist(cell):
    visitor, answer = obtain(cell)
    refresh = {"refresh": answer.json()["refresh"]}
    same("out", visitor.json(cell.surface["blacklist"], refresh).status_code, 200)
    after = visitor.json(cell.surface["refresh"], refresh)
    same("refresh after it", after.status_code, 401)
    twice = visitor.json(cell.surface["blacklist"], refresh)
    same("out again", twice.status_code, 401)


@probe("refresh throttle", when=lambda cell: cell.jwt and cell.kind == "new")
def refresh_throttle(cell):
    visitor, path = cell.visitor(), cell.surface["refresh"]
    codes = [visitor.json(path, {}).status_code for _ in range(61)]
    same("61 requests", codes, [400] * 60 + [429])


@probe("inactive user", when=jwt)
def inactive(cell):
    from django.contrib.auth import get_user_model

    name = cell.user()
    visitor, headers = signed_in(cell, name)
    get_user_model().objects.filter(username=name).update(is_active=False)
    answer = visitor.get(cell.surface["me"], **headers)
    same("its token", answer.status_code, 401)
    data = {"username": name, "password": PASSWORD}
    same("login", visitor.json(cell.surface["login"], data).status_code, 401)
