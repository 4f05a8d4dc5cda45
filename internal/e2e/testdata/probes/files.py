"""Static files, and uploads that are too large."""

import io
import re

from .headers import hsts
from .report import probe, same


@probe("static files")
def static(cell):
    from django.contrib.staticfiles.storage import staticfiles_storage

    visitor = cell.visitor()
    url = staticfiles_storage.url("admin/css/base.css")
    assert re.search(r"/base\.[0-9a-f]{12}\.css$", url), f"not hashed: {url}"
    answer = visitor.get(url)
    same("status", answer.status_code, 200)
    same(
        "Cache-Control",
        answer.headers["Cache-Control"],
        "max-age=315360000, public, immutable",
    )
    same("HSTS", answer.headers.get("Strict-Transport-Security"), hsts(cell))
    same("nosniff", answer.headers.get("X-Content-Type-Options"), "nosniff")
    packed = visitor.get(url, HTTP_ACCEPT_ENCODING="gzip")
    same("Content-Encoding", packed.headers.get("Content-Encoding"), "gzip")
    same("over http", visitor.get(url, scheme="http").status_code, 301)
    html = visitor.get(cell.admin + "login/").content.decode()
    assert url in html, "the login page names another file"
    missing = visitor.get(url.replace("base.", "nobase."))
    same("a missing file", missing.status_code, 404)


@probe("uploads are not served")
def media(cell):
    """Django serves nothing of MEDIA_ROOT in production."""
    from django.conf import settings
    from django.core.files.base import ContentFile
    from django.core.files.storage import default_storage

    name = default_storage.save("probe.html", ContentFile(b"<script>1</script>"))
    try:
        url = "/" + settings.MEDIA_URL.lstrip("/") + name
        if not cell.expect.get("media_served"):
            same("status", cell.visitor().get(url).status_code, 404)
    finally:
        default_storage.delete(name)


def csrf(cell, visitor):
    """Return the token of the admin's login form, good for any POST."""
    html = visitor.get(cell.admin + "login/").content.decode()
    token = html.split('csrfmiddlewaretoken" value="')[1].split('"')[0]
    return {"HTTP_X_CSRFTOKEN": token, "HTTP_ORIGIN": f"https://{cell.host}"}


def send(cell, sizes):
    visitor = cell.visitor()
    headers = csrf(cell, visitor)
    data = {}
    for n, size in enumerate(sizes):
        data[f"f{n}"] = file = io.BytesIO(b"x" * size)
        file.name = f"f{n}.bin"
    return visitor.post("/probe/upload", data, **headers)


@probe("upload limit", when=lambda cell: cell.upload_limit)
def upload(cell):
    limit = cell.upload_limit
    fits = send(cell, [limit])
    same("a file of the limit", (fits.status_code, fits.content), (200, sizes([limit])))
    same("one byte more", send(cell, [limit + 1]).status_code, 400)
    same("the second file", send(cell, [1, limit + 1]).status_code, 400)
    visitor = cell.visitor()  # a form of the project's own, not of the probes
    data = {"username": "x", "password": "y"}
    data["f"] = file = io.BytesIO(b"x" * (limit + 1))
    file.name = "f"
    same("to the admin", visitor.submit(cell.admin + "login/", data).status_code, 400)


def sizes(numbers):
    return f'{{"sizes": {numbers}, "fields": 0}}'.encode()


@probe("no upload limit", when=lambda cell: not cell.upload_limit)
def unlimited(cell):
    same("a file of 11 MB", send(cell, [11 << 20]).status_code, 200)


@probe("number of files", when=lambda cell: cell.kind == "new")
def number(cell):
    same("20 files", send(cell, [1] * 20).status_code, 200)
    same("21 files", send(cell, [1] * 21).status_code, 400)
