"""Load a project's settings with its own Django and print them as JSON.

usage: settings.py FOLDER MODULE [--class NAME] [--setup] [--deploy]

FOLDER is where modules are found, as manage.py's is. --setup also loads the
apps, --deploy runs what `manage.py check --deploy` would that needs no
database. The environment is that of the caller.
"""
import datetime
import decimal
import json
import os
import pathlib
import sys


iterated = {}


def encode(value, depth=0):
    """A value as [type, content], the form that oracle_test.go compares."""
    if depth > 20:
        return ["object", "too deep"]
    kind = type(value)
    if value is None:
        return ["None", None]
    if kind is bool:
        return ["bool", value]
    if kind is int:
        return ["int", str(value)]
    if kind is float:
        return ["float", repr(value)]
    if isinstance(value, str):
        return ["str", str.__str__(value).encode("utf-8", "backslashreplace").decode("utf-8")]
    if kind is bytes:
        return ["bytes", value.decode("latin-1")]
    if isinstance(value, dict):
        return ["dict", [[encode(k, depth + 1), encode(v, depth + 1)] for k, v in value.items()]]
    if isinstance(value, list):
        return ["list", [encode(x, depth + 1) for x in value]]
    if isinstance(value, tuple):
        return ["tuple", [encode(x, depth + 1) for x in value]]
    if isinstance(value, (set, frozenset)):
        return ["set", [encode(x, depth + 1) for x in sorted(value, key=repr)]]
    if isinstance(value, datetime.timedelta):
        return ["timedelta", repr(value.total_seconds())]
    if isinstance(value, pathlib.PurePath):
        return ["path", str(value)]
    if isinstance(value, decimal.Decimal):
        return ["object", "decimal.Decimal"]
    if kind.__module__.startswith("django.utils.functional"):
        args = getattr(value, "_args", None) or getattr(value, "_proxy____args", None)
        try:
            return ["lazy", str(value)]
        except Exception:  # translations need the apps: the text as it is written
            return ["lazy", args[0] if args and isinstance(args[0], str) else None]
    if kind.__module__ == "csp.constants":
        return ["str", "<CSP_NONCE_SENTINEL>"]  # Django's own for the same
    if kind in (zip, map, filter, range):
        if id(value) not in iterated:  # two settings may hold the same one
            iterated[id(value)] = [encode(x, depth + 1) for x in value]
        return ["list", iterated[id(value)]]
    name = getattr(value, "__qualname__", None) or type(value).__qualname__
    home = getattr(value, "__module__", None) or type(value).__module__
    return ["object", "%s.%s" % (home, name)]


def main(argv):
    folder, module = argv[1:3]
    options = argv[3:]
    sys.path.insert(0, folder)
    os.chdir(folder)
    os.environ["DJANGO_SETTINGS_MODULE"] = module
    out = {"settings": {}, "defaults": [], "checks": [], "silenced": [], "error": ""}
    real, sys.stdout = sys.stdout, sys.stderr
    try:
        if "--class" in options:
            os.environ["DJANGO_CONFIGURATION"] = options[options.index("--class") + 1]
            from configurations import importer  # setup() would also fill DATABASES in

            importer.install()
        import django
        from django.conf import settings

        out["django"] = django.get_version()
        loaded = sys.modules.get(module)
        if loaded is None:
            settings.DEBUG
            loaded = sys.modules[module]
        from django.conf import global_settings

        missing = object()
        for name in dir(loaded):
            if name.isupper():
                value = getattr(loaded, name)
                out["settings"][name] = encode(value)
                if encode(getattr(global_settings, name, missing)) == out["settings"][name]:
                    out["defaults"].append(name)
        if "--setup" in options or "--deploy" in options:
            django.setup()
        if "--deploy" in options:
            from django.core import checks

            tags = checks.registry.registry.tags_available(True) - {"database", "models"}
            try:
                found = checks.run_checks(tags=sorted(tags), include_deployment_checks=True)
            except TypeError:
                found = checks.run_checks(tags=sorted(tags), include_deployment_checks=True, databases=None)
            out["checks"] = sorted({m.id for m in found if m.id and not m.is_silenced()})
            out["silenced"] = sorted({m.id for m in found if m.id and m.is_silenced()})
    except BaseException as e:
        out["error"] = "%s: %s" % (type(e).__name__, e)
        import traceback

        traceback.print_exc()
    json.dump(out, real)


if __name__ == "__main__":
    main(sys.argv)
