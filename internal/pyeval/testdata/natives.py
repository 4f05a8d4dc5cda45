"""Evaluate expressions, for the models of this package to be compared with.

Standard input: a list of {"setup", "env", "exprs"}. Standard output: for each
a list of what the expressions give, or {"raises": class} where they do.
"""

import collections.abc
import contextlib
import datetime
import io
import json
import logging
import os
import pathlib
import struct
import sys
import types
import warnings
from decimal import Decimal

from configurations import importer
from django.conf import settings

ROOT = sys.argv[1]


def bits(kind, v):
    """A float, exactly."""
    return {kind: struct.pack(">d", float(v)).hex()}


def plain(v):
    if v is None or isinstance(v, bool):
        return v
    if isinstance(v, (int, float, Decimal)):
        return bits("n", v) if isinstance(v, (float, Decimal)) else int(v)
    if isinstance(v, str):
        return str(v)
    if isinstance(v, bytes):
        return {"b": v.decode("latin1")}
    if isinstance(v, pathlib.PurePath):
        return {"p": str(v)}
    if isinstance(v, datetime.timedelta):
        return bits("td", v.total_seconds())
    if isinstance(v, tuple) and type(v).__name__ in ("tuple", "Tuple"):
        return {"t": [plain(x) for x in v]}
    if isinstance(v, (set, frozenset)):
        return {"s": sorted((plain(x) for x in v), key=json.dumps)}
    if isinstance(v, collections.abc.Mapping) and not isinstance(v, os._Environ):
        return {"d": sorted(([plain(k), plain(x)] for k, x in v.items()), key=json.dumps)}
    if isinstance(v, (list, range, types.GeneratorType, map, filter, zip, enumerate, reversed)) or (
        isinstance(v, (collections.abc.MappingView, collections.abc.Iterator))
    ):
        return [plain(x) for x in v]
    if type(v).__name__ == "__proxy__":
        return str(v)
    return {"o": 1}


def answer(block):
    os.environ.clear()
    os.environ.update(block["env"])
    ns = {"__file__": ROOT + "/config/settings.py", "__name__": "config.settings"}
    exec(block["setup"], ns)
    out = []
    for expr in block["exprs"]:
        os.environ.clear()
        os.environ.update(block["env"])
        try:
            with contextlib.redirect_stdout(io.StringIO()):
                out.append(plain(eval(expr, ns)))
        except Exception as e:
            out.append({"raises": type(e).__module__ + "." + type(e).__name__})
    return out


warnings.simplefilter("ignore")
logging.disable()
settings.configure(USE_I18N=False)
importer.installed = True
os.chdir(ROOT)
sys.path.insert(0, ROOT)
json.dump([answer(b) for b in json.load(sys.stdin)], sys.stdout)
