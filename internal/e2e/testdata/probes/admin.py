"""The admin: where it is, its cookies, its second factor, the brake on its login."""

from .cell import PASSWORD
from .report import probe, same
from .visitor import second_factor


@probe("admin path")
def admin_path(cell):
    visitor = cell.visitor()
    for path in ("/admin/", "/admin/login/", "/admin"):
        same(path, visitor.get(path).status_code, 404)
    index = visitor.get(cell.admin)
    same("index", index.status_code, 302)
    same("to", index.headers["Location"], f"{cell.admin}login/?next={cell.admin}")
    login = visitor.get(cell.admin + "login/")
    same("login", login.status_code, 200)
    assert b'name="password"' in login.content, "no login form"
    assert "no-store" in login.headers["Cache-Control"], "the login may be cached"


@probe("admin title")
def title(cell):
    html = cell.visitor().get(cell.admin + "login/").content.decode()
    assert "Django administration" not in html, "the stock header"
    want = cell.expect.get("admin_header", "administration")
    assert want in html, f"no {want!r}"


@probe("cookies")
def cookies(cell):
    visitor = cell.visitor()
    name = cell.staff()
    visitor.get(cell.admin + "login/")
    csrf_name = cell.expect.get("csrf_cookie", "__Host-csrftoken")
    csrf = visitor.client.cookies.get(csrf_name)
    assert csrf, f"cookies: {list(visitor.client.cookies)}"
    flags(csrf, "csrf", httponly="", max_age=31449600)
    visitor.enter_admin(name)
    session = visitor.client.cookies.get("__Host-sessionid")
    assert session, f"cookies: {list(visitor.client.cookies)}"
    samesite = cell.expect.get("samesite", "Lax")
    flags(session, "session", httponly=True, max_age=1209600, samesite=samesite)
    same(
        "cookies",
        sorted(n for n, c in visitor.client.cookies.items() if c.value),
        sorted([csrf_name, "__Host-sessionid"]),
    )


def flags(cookie, what, **want):
    want = {"secure": True, "samesite": "Lax", "path": "/", "domain": ""} | want
    for name, value in want.items():
        same(f"{what} cookie: {name}", cookie[name.replace("_", "-")], value)


@probe("admin login and logout")
def login(cell):
    visitor, name = cell.visitor(), cell.staff()
    visitor.enter_admin(name)
    users = cell.expect.get("user", "auth/user") + "/"
    for path in ("", users, users + "add/", "password_change/"):
        same(f"admin/{path}", visitor.get(cell.admin + path).status_code, 200)
    before = visitor.client.cookies["__Host-sessionid"].value
    visitor.submit(cell.admin + "password_change/", {})  # any form with a token
    page = visitor.get(cell.admin)
    token = page.content.decode().split('csrfmiddlewaretoken" value="')[1].split('"')[0]
    out = visitor.post(
        cell.admin + "logout/",
        {"csrfmiddlewaretoken": token},
        HTTP_ORIGIN=f"https://{cell.host}",
    )
    same("logout", out.status_code, 200)
    visitor.client.cookies["__Host-sessionid"] = before
    same("the old session", visitor.get(cell.admin).status_code, 302)


@probe("admin CSRF")
def csrf(cell):
    path = cell.admin + "login/"
    data = {"username": "x", "password": "y"}
    visitor = cell.visitor()
    for origin in ("https://evil.example", "null", f"http://{cell.host}"):
        answer = visitor.submit(path, data, HTTP_ORIGIN=origin)
        same(f"from {origin}", answer.status_code, 403)
    trusted = {o.removeprefix("https://") for o in cell.csrf_trusted_origins}
    for origin in cell.cors_origins:
        if origin in cell.csrf_trusted_origins or origin == f"https://{cell.host}":
            continue
        answer = visitor.submit(path, data, HTTP_ORIGIN=origin)
        same(f"from the CORS origin {origin}", answer.status_code, 403)
    same("without a token", visitor.post(path, data).status_code, 403)
    same("with it", visitor.submit(path, data).status_code, 200)
    from django.conf import settings

    same(
        "CSRF_TRUSTED_ORIGINS",
        {o.removeprefix("https://") for o in settings.CSRF_TRUSTED_ORIGINS},
        trusted,
    )


@probe("second factor", when=lambda cell: cell.admin_2fa)
def second(cell):
    name = cell.staff()
    visitor = cell.visitor()
    data = second_factor(name)
    answer = visitor.admin_login(name)
    same("a password alone", answer.status_code, 200)
    assert b"errornote" in answer.content, "no word of the second factor"
    same("the index after it", visitor.get(cell.admin).status_code, 302)
    wrong = visitor.admin_login(name, **data | {"otp_token": "aaaaaaaa"})
    same("a wrong token", wrong.status_code, 200)
    # Django's own session, made by a password somewhere else on the site.
    visitor.client.force_login(user_named(name), MODEL_BACKEND)
    same("a session by password", visitor.get(cell.admin).status_code, 302)
    visitor = cell.visitor()
    reset_token_throttle(name)
    right = visitor.admin_login(name, **data)
    same("the bootstrap token", right.status_code, 302)
    same("the index after it", visitor.get(cell.admin).status_code, 200)
    again = cell.visitor()
    same("the token again", again.admin_login(name, **data).status_code, 200)


@probe("TOTP device", when=lambda cell: cell.admin_2fa)
def totp(cell):
    """A device added in the admin shows its QR code, and its digits open the admin."""
    from django_otp.oath import TOTP
    from django_otp.plugins.otp_totp.models import TOTPDevice

    name = cell.staff()
    visitor = cell.visitor()
    visitor.enter_admin(name)
    user = user_named(name)
    add = visitor.get(cell.admin + "otp_totp/totpdevice/add/")
    same("the form", add.status_code, 200)
    device = TOTPDevice.objects.create(user=user, name="app", confirmed=True)
    code = visitor.get(f"{cell.admin}otp_totp/totpdevice/{device.pk}/config/")
    same("the QR page", code.status_code, 200)
    image = visitor.get(f"{cell.admin}otp_totp/totpdevice/{device.pk}/qrcode/")
    same("the QR image", image.status_code, 200)
    same("its type", image.headers["Content-Type"], "image/svg+xml")
    totp = TOTP(device.bin_key, device.step, device.t0, device.digits, device.drift)
    answer = cell.visitor().admin_login(
        name, otp_device=device.persistent_id, otp_token=f"{totp.token():06}"
    )
    same("six digits", answer.status_code, 302)


@probe("no second factor", when=lambda cell: not cell.admin_2fa)
def no_second(cell):
    visitor = cell.visitor()
    same("a password", visitor.admin_login(cell.staff()).status_code, 302)


@probe("admin login limit", when=lambda cell: cell.ratelimit)
def ratelimit(cell):
    """The 11th POST of a minute from one address, whatever names it tries."""
    for _attempt in range(2):  # the minute may end on the way; not twice
        visitor = cell.visitor()
        path = cell.admin + "login/"
        page = visitor.get(path)
        token = page.content.decode().split('csrfmiddlewaretoken" value="')[1]
        token = token.split('"')[0]
        codes = []
        for n in range(11):
            data = {"username": f"nobody{n}", "password": "", "otp_token": ""}
            data |= {"csrfmiddlewaretoken": token}
            forged = f"203.0.113.{n}" if n % 2 else ""
            origin = f"https://{cell.host}"
            answer = visitor.post(path, data, forged=forged, HTTP_ORIGIN=origin)
            codes.append(answer.status_code)
        if codes == [200] * 10 + [403]:
            break
    same("POSTs", codes, [200] * 10 + [403])
    same("the form", visitor.get(path).status_code, 200)
    other = cell.visitor().submit(path, {"username": "nobody", "password": ""})
    same("another address", other.status_code, 200)


@probe("no admin login limit", when=lambda cell: not cell.ratelimit)
def no_ratelimit(cell):
    visitor, path = cell.visitor(), cell.admin + "login/"
    for n in range(12):
        data = {"username": f"nobody{n}", "password": ""}
        same("POST", visitor.submit(path, data).status_code, 200)


@probe("weak passwords")
def weak_passwords(cell):
    visitor, name = cell.visitor(), cell.staff()
    visitor.enter_admin(name)
    path = cell.admin + cell.expect.get("user", "auth/user") + "/add/"
    new = "longusername" + cell.series.replace(".", "")  # a project may be upgraded
    weak = {
        "short": "Xk9-vQ2mLpZ",  # 11 characters
        "common": "international",
        "digits": "918273645564738",
        "like the name": "longusername1",
    }
    for why, password in weak.items():
        data = {"username": new, "usable_password": "true"}
        data |= {"password1": password, "password2": password}
        answer = visitor.submit(path, data)
        same(f"{why}: {password}", answer.status_code, 200)
        assert user_named(new) is None, f"{password} was taken"
    data |= {"password1": PASSWORD, "password2": PASSWORD}
    same("a good one", visitor.submit(path, data).status_code, 302)
    assert user_named(new), "no user"


MODEL_BACKEND = "django.contrib.auth.backends.ModelBackend"


def user_named(name):
    from django.contrib.auth import get_user_model

    return get_user_model().objects.filter(username=name).first()


def reset_token_throttle(name):
    """Forget the wrong token: the device waits a second longer for each."""
    from django_otp.plugins.otp_static.models import StaticDevice

    StaticDevice.objects.get(user__username=name).throttle_reset()
