"""The redirect to https, and the headers of every kind of answer."""

import re

from .report import probe, same

HSTS = {
    "off": None,
    "1h": "max-age=3600",
    "1d": "max-age=86400",
    "30d": "max-age=2592000",
    "1y": "max-age=31536000",
    "subdomains": "max-age=31536000; includeSubDomains",
    "preload": "max-age=31536000; includeSubDomains; preload",
}
CSP_HEADERS = {
    "enforce": "Content-Security-Policy",
    "report-only": "Content-Security-Policy-Report-Only",
}
CSP = {
    "default-src": ["'none'"],
    "script-src": ["'self'"],
    "style-src": ["'self'"],
    "img-src": ["'self'", "data:"],
    "font-src": ["'self'"],
    "media-src": ["'self'"],
    "connect-src": ["'self'"],
    "form-action": ["'self'"],
    "base-uri": ["'none'"],
    "frame-ancestors": ["'none'"],
}
FEATURES = ["camera", "geolocation", "microphone", "payment", "usb"]


def parse_csp(text):
    """Return the directives as {name: sources}, without nonces, and the nonces."""
    policy, nonces = {}, []
    for directive in text.split(";"):
        name, *sources = directive.split()
        assert name not in policy, f"{name} twice"
        nonces += [s for s in sources if s.startswith("'nonce-")]
        policy[name] = sorted(s for s in sources if not s.startswith("'nonce-"))
    return policy, nonces


def hsts(cell):
    stricter = cell.expect.get("headers", {}).get("Strict-Transport-Security")
    return stricter or HSTS[cell.hsts]


def want_csp(cell):
    policy = CSP | cell.expect.get("csp", {})
    return {name: sorted(sources) for name, sources in policy.items()}


def check_headers(cell, answer, what, frames=True):
    expect = cell.expect.get("headers", {})
    want = {
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "strict-origin-when-cross-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Strict-Transport-Security": hsts(cell),
    }
    if frames:
        want["X-Frame-Options"] = "DENY"
    for name, value in (want | expect).items():
        same(f"{what}: {name}", answer.headers.get(name), value)
    same(
        f"{what}: Permissions-Policy",
        sorted(re.split(r",\s*", answer.headers.get("Permissions-Policy", ""))),
        [f"{feature}=()" for feature in FEATURES],
    )
    for mode, name in CSP_HEADERS.items():
        header = answer.headers.get(name)
        if mode != cell.csp:
            same(f"{what}: {name}", header, None)
            continue
        assert header, f"{what}: no {name}"
        policy, _ = parse_csp(header)
        same(f"{what}: {name}", policy, want_csp(cell))
    for name in ("X-XSS-Protection", "X-Powered-By", "Server"):
        same(f"{what}: {name}", answer.headers.get(name), None)


@probe("headers of a page")
def page(cell):
    visitor = cell.visitor()
    login = visitor.get(cell.admin + "login/")
    same("status", login.status_code, 200)
    check_headers(cell, login, "admin login")
    if cell.surface.get("page"):
        answer = visitor.get(cell.surface["page"])
        same("status of the page", answer.status_code, 200)
        check_headers(cell, answer, "page")


@probe("headers of errors")
def errors(cell):
    visitor = cell.visitor()
    missing = visitor.get("/no-such-page")
    same("status", missing.status_code, 404)
    check_headers(cell, missing, "404")
    broken = visitor.get("/probe/broken")
    same("status", broken.status_code, 500)
    check_headers(cell, broken, "500")
    for word in (b"hunter2", b"Traceback", b"RuntimeError"):
        assert word not in broken.content, f"the 500 page says {word}"
    stranger = visitor.get("/", host="evil.example")
    same("status", stranger.status_code, 400)
    for word in (b"Traceback", b"ALLOWED_HOSTS", b"evil.example"):
        assert word not in stranger.content, f"the 400 page says {word}"


@probe("redirect to https")
def redirect(cell):
    visitor = cell.visitor()
    path = cell.admin + "login/?next=/x"
    answer = visitor.get(path, scheme="http")
    same("status", answer.status_code, 301)
    same("Location", answer.headers["Location"], f"https://{cell.host}{path}")
    same("https, no loop", visitor.get(path).status_code, 200)
    posted = visitor.post(path, {"a": 1}, scheme="http")
    same("a POST over http", posted.status_code, 301)


@probe("forged proxy header", when=lambda cell: cell.proxy_hops == 0)
def forged_proto(cell):
    answer = cell.visitor().get("/x", scheme="http", HTTP_X_FORWARDED_PROTO="https")
    same("status", answer.status_code, 301)


@probe("proxy header missing", when=lambda cell: cell.proxy_hops > 0)
def no_proto(cell):
    """A request that reached Django around the proxy is not taken for https."""
    from django.test import Client

    answer = Client().get("/x", HTTP_HOST=cell.host)
    same("status", answer.status_code, 301)


@probe("health endpoint", when=lambda cell: cell.surface.get("healthz"))
def healthz(cell):
    for scheme in ("http", "https"):
        answer = cell.visitor().get(cell.surface["healthz"], scheme=scheme)
        same(f"over {scheme}", (answer.status_code, answer.content), (200, b"ok"))
    other = cell.visitor().get(cell.surface["healthz"] + "/x", scheme="http")
    same("a longer path", other.status_code, 301)


@probe("CSP nonce", when=lambda cell: cell.csp != "off")
def nonce(cell):
    paths = [f"/probe/page/{'builtin' if cell.series >= '6.0' else 'django-csp'}"]
    if cell.surface.get("page_nonces"):
        paths.append(cell.surface["page"])
    seen = set()
    for path in [*paths, *paths]:
        answer = cell.visitor().get(path)
        header = answer.headers[CSP_HEADERS[cell.csp]]
        _, nonces = parse_csp(header)
        same("directives with a nonce", len(nonces), 2)
        same("nonces of one answer", len(set(nonces)), 1)
        value = nonces[0].removeprefix("'nonce-").removesuffix("'")
        assert len(value) >= 16, f"a nonce of {len(value)} characters"
        html = answer.content.decode()
        in_page = re.findall(r'nonce="([^"]*)"', html)
        assert in_page and set(in_page) == {value}, f"{in_page}, header {value}"
        inline = re.findall(r"<(?:script|style)(?![^>]*(?:nonce|src)=)", html)
        same("inline code without a nonce", inline, [])
        seen.add(value)
    same("nonces of different answers", len(seen), 2 * len(paths))


@probe("no CSP", when=lambda cell: cell.csp == "off")
def no_csp(cell):
    answer = cell.visitor().get(cell.surface.get("page") or cell.admin + "login/")
    same("nonces", re.findall(r"nonce", answer.content.decode()), [])


@probe("client's address")
def address(cell):
    """What everything else is told: the proxies' word, never the client's own."""
    visitor = cell.visitor()
    for forged in ("", "203.0.113.99", "203.0.113.99, 203.0.113.98", "junk"):
        answer = visitor.get("/probe/address", forged=forged).json()
        want = {"address": visitor.address, "forwarded": None, "secure": True}
        same(f"with {forged!r} forged", answer, want)
    if not cell.proxy_hops:
        return
    for text, want in {
        "203.0.113.7:4711": "203.0.113.7",
        "2001:db8::1": "2001:db8::1",
        "[2001:db8::1]": "2001:db8::1",
        "[2001:db8::1]:4711": "2001:db8::1",
        "unknown": f"10.0.0.{cell.proxy_hops}",
        "": f"10.0.0.{cell.proxy_hops}",
        "1.2.3.4 5.6.7.8": f"10.0.0.{cell.proxy_hops}",
    }.items():
        answer = visitor.get("/probe/address", address=text).json()
        same(f"address for {text!r}", answer["address"], want)
