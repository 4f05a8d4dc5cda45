"""Import production settings under one bad environment after the other.

usage: refuse.py CELL.json RESULT.json, from the project's folder. Each row of CASES must
be refused in words that name the variable and show no value of any.
"""

import importlib
import json
import os
import sys
import traceback
from pathlib import Path

sys.path.insert(1, os.getcwd())

from dotenv import dotenv_values

GOOD = "kQ7vN2xW9pZ4mT8rB3yL6dF1hJ5sG0aC-uEiOqXwRtYzPnMbVcKjHgDfSlA_9e8r"
SHORT = "kQ7vN2xW9pZ4mT8rB3yL6dF1hJ5sG0aCuEiOqXwRtYzPnMbV"
REPETITIVE = "abcabcabcabc" * 6
FEW = "ab" * 40
INSECURE = "django-insecure-" + GOOD
CHANGE = "CHANGE-ME-" + GOOD
SECRET = "My-SECRET-" + GOOD
DATABASE = "postgres://scott:t1gerPw@localhost:5432/shop"


def cases(cell, good):
    """Yield (name, changes, variables to be named). None unsets a variable."""
    answers = cell["answers"]
    for name in ("SECRET_KEY", "JWT_SIGNING_KEY"):
        if name not in good:
            continue
        for what, value in {
            "no": None,
            "an empty": "",
            "a short": SHORT,
            "a repetitive": REPETITIVE,
            "a two-letter": FEW,
            "an insecure": INSECURE,
            "an upper-case placeholder": CHANGE,
            "a placeholder": SECRET,
        }.items():
            yield f"{what} {name}", {name: value}, [name]
    if "JWT_SIGNING_KEY" in good:
        same = {"JWT_SIGNING_KEY": good["SECRET_KEY"]}
        yield "JWT key equal to SECRET_KEY", same, ["JWT_SIGNING_KEY"]
    for what, value in {
        "a weak": SHORT,
        "an empty": GOOD + ",",
        "a weak second": f"{GOOD},{REPETITIVE}",
    }.items():
        change = {"SECRET_KEY_FALLBACKS": value}
        yield f"{what} fallback", change, ["SECRET_KEY_FALLBACKS"]
    for value in ("*", "", ".com", "https://www.shop.example", "www.shop.example:443"):
        change = {"ALLOWED_HOSTS": value}
        yield f"hosts {value!r}", change, ["ALLOWED_HOSTS"]
    change = {"ALLOWED_HOSTS": "www.shop.example,*"}
    yield "a star beside a host", change, ["ALLOWED_HOSTS"]
    yield "no hosts", {"ALLOWED_HOSTS": None}, ["ALLOWED_HOSTS"]
    for name in ("CORS_ALLOWED_ORIGINS", "CSRF_TRUSTED_ORIGINS"):
        if name in good:
            for value in (
                "https://shop.example/path",
                "https://shop.example/",
                "http://shop.example",
                "shop.example",
                "*",
                "https://shop.example,null",
            ):
                yield f"{name} {value!r}", {name: value}, [name]
    yield "no database", {"DATABASE_URL": None}, ["DATABASE_URL"]
    yield "an empty database", {"DATABASE_URL": ""}, ["DATABASE_URL"]
    for value in ("sqlite:////tmp/shop.sqlite3", "mysql://a:t1gerPw@h/n", "t1gerPw"):
        change = {"DATABASE_URL": value}
        yield f"database {value.split(':')[0]}", change, ["DATABASE_URL"]
    weaker = {
        "verify-full": ["require", "prefer", "disable", "verify-ca", ""],
        "require": ["prefer", "disable", "allow", ""],
        "off": [],
    }[answers["database_tls"]]
    for mode in weaker:
        url = DATABASE + (f"?sslmode={mode}" if mode else "")
        change = {"DATABASE_URL": url}
        yield f"sslmode {mode or 'unsaid'}", change, ["DATABASE_URL"]
    if answers["database_tls"] == "off":
        far = DATABASE.replace("localhost", "db.shop.example")
        yield "a far database without TLS", {"DATABASE_URL": far}, ["DATABASE_URL"]
    if answers["redis"]:
        for value in (None, "", "memcached://r3disPw@cache/0", "r3disPw", "redis://"):
            yield f"redis {value!r}", {"REDIS_URL": value}, ["REDIS_URL"]
    for value in (None, "", "admin/", "ADMIN/", "staff", "/staff/", "st aff/", "api/"):
        yield f"admin path {value!r}", {"ADMIN_PATH": value}, ["ADMIN_PATH"]
    for value in (None, "", "one", "-1", "1.5", "99"):
        change = {"TRUSTED_PROXY_COUNT": value}
        yield f"proxy count {value!r}", change, ["TRUSTED_PROXY_COUNT"]
    for value in ("1", "True", "yes", "on"):
        yield f"DEBUG={value}", {"DEBUG": value}, ["DEBUG"]
    yield "DEBUG=ye", {"DEBUG": "ye"}, ["DEBUG"]
    many = {
        "SECRET_KEY": SHORT,
        "ALLOWED_HOSTS": "*",
        "DATABASE_URL": DATABASE.replace("localhost", "db.shop.example"),
        "ADMIN_PATH": "admin/",
        "TRUSTED_PROXY_COUNT": "one",
        "DEBUG": "1",
    }
    if "JWT_SIGNING_KEY" in good:
        many["JWT_SIGNING_KEY"] = REPETITIVE
    if answers["redis"]:
        many["REDIS_URL"] = "r3disPw"
    yield "all at once", many, list(many)
    yield "nothing set", dict.fromkeys(good), ["SECRET_KEY", "DATABASE_URL"]


def accepted(cell, good):
    """Yield (name, changes) that must start."""
    yield "as made", {}
    yield "good fallbacks", {"SECRET_KEY_FALLBACKS": f"{GOOD},{GOOD[::-1]}"}
    yield "no fallbacks", {"SECRET_KEY_FALLBACKS": None}
    yield "blanks in a list", {"ALLOWED_HOSTS": "www.shop.example, .shop.example"}
    yield "DEBUG=false", {"DEBUG": "false"}
    yield "DEBUG unset", {"DEBUG": None}
    yield "no mail", {k: None for k in good if k.startswith("EMAIL_")}
    yield "no CA file", {"DATABASE_CA_FILE": None}
    if cell["answers"]["database_tls"] == "require":
        yield "more TLS", {"DATABASE_URL": DATABASE + "?sslmode=verify-full"}
    if "CORS_ALLOWED_ORIGINS" in good:
        both = "https://shop.example,https://other.shop.example:8443"
        yield "two origins", {"CORS_ALLOWED_ORIGINS": both}


def start(settings, good, changes):
    """Import the settings afresh. Return what a person sees, or "" if it starts."""
    top = settings.split(".")[0]
    for name in [n for n in sys.modules if n == top or n.startswith(top + ".")]:
        del sys.modules[name]
    environ = {**original, **good, **changes}
    os.environ.clear()
    os.environ.update({k: v for k, v in environ.items() if v is not None})
    try:
        importlib.import_module(settings)
    except BaseException:  # noqa: BLE001  also SystemExit
        return traceback.format_exc()
    return ""


def judge(said, changes, names, good):
    if not said:
        return "it starts"
    message = said[said.rindex("\nTraceback") :] if "\nTraceback" in said else said
    message = message.split('File "')[-1]
    for name in names:
        if name not in message:
            return f"{name} isn't named in: {message}"
    shown = [v for v in changes.values() if v and len(v) > 8]
    shown += [v for k, v in good.items() if v and ("KEY" in k or "URL" in k)]
    shown += ["t1gerPw", "r3disPw"]
    for value in shown:
        if value in said:
            return f"the value {value!r} is shown in: {said}"
    for word in ("KeyError", "TypeError", "IndexError", "AttributeError"):
        if word in said:
            return f"no words: {said}"
    return ""


def main():
    cell = json.loads(Path(sys.argv[1]).read_text())
    good = {k: v or "" for k, v in dotenv_values(".env", interpolate=False).items()}
    Path(".env").unlink()  # what a variable isn't set to must come from nowhere
    results = []

    def add(name, failure):
        status = "fail" if failure else "pass"
        results.append({"name": name, "status": status, "text": failure})

    for name, changes in accepted(cell, good):
        add(f"starts: {name}", start(cell["settings"], good, changes))
    for name, changes, names in cases(cell, good):
        said = start(cell["settings"], good, changes)
        add(f"refuses: {name}", judge(said, changes, names, good))
    Path(sys.argv[2]).write_text(json.dumps(results))


original = {k: v for k, v in os.environ.items() if k != "DJANGO_SETTINGS_MODULE"}

if __name__ == "__main__":
    main()
