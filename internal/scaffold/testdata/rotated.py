"""Read .env files as the project's own readers do.

usage: rotated.py FOLDER > {"file": {reader: {"values": {name: value}, "old": [key]}}}
"old" is SECRET_KEY_FALLBACKS as settings take it apart.
"""

import json
import logging
import os
import pathlib
import sys

import decouple
import dotenv
import environ
import environs

logging.disable(logging.CRITICAL)
NAMES = ("SECRET_KEY", "SECRET_KEY_FALLBACKS")
clean = dict(os.environ)


def by_dotenv(path):
    values = dotenv.dotenv_values(path)
    old = values.get(NAMES[1]) or ""
    return values, [key for key in old.split(",") if key]


def by_environs(path):
    env = environs.Env()
    env.read_env(path, recurse=False)
    values = {k: env.str(k, None) for k in dotenv.dotenv_values(path)}
    return values, env.list(NAMES[1], [])


def by_environ(path):
    class Env(environ.Env):
        ENVIRON = {}

    Env.read_env(path)
    return dict(Env.ENVIRON), Env().list(NAMES[1], default=[])


def by_decouple(path):
    repository = decouple.RepositoryEnv(path)
    config = decouple.Config(repository)
    return dict(repository.data), config(NAMES[1], default="", cast=decouple.Csv())


out = {}
for path in sorted(pathlib.Path(sys.argv[1]).iterdir()):
    out[path.name] = {}
    for reader in (by_dotenv, by_environs, by_environ, by_decouple):
        if "by" in path.name and not path.name.endswith(reader.__name__):
            continue
        os.environ.clear()
        os.environ.update(clean)
        try:
            values, old = reader(path)
        except Exception as error:  # that reader doesn't take the file, or the value
            out[path.name][reader.__name__] = {"error": repr(error)}
            continue
        out[path.name][reader.__name__] = {"values": values, "old": old}
json.dump(out, sys.stdout)
