"""Read a .env file as each of its readers does; print {reader: {name: value}}.

usage: readers.py FILE NAMES.json
NAMES.json maps a name to what it holds: "database", "redis" or "". The URLs are
also taken apart as Django will: {"dj_database_url": {name: [..]}, ...}.
"""

import json
import os
import shutil
import subprocess
import sys

import decouple
import dj_database_url
import dotenv
import environ
import environs
import redis

path, names = sys.argv[1], json.load(open(sys.argv[2]))
out = {"python-dotenv": dict(dotenv.dotenv_values(path))}

reader = decouple.Config(decouple.RepositoryEnv(path))
out["python-decouple"] = {k: reader(k, default=None) for k in names}

for shell in ("dash", "bash", "zsh"):
    if exe := shutil.which(shell):
        done = subprocess.run(
            [exe, "-c", 'set -a; . "$1"; exec env -0', shell, path],
            env={"PATH": os.environ["PATH"], "HOME": "/home/nobody"},
            capture_output=True,
        )
        if done.returncode or done.stderr:
            sys.exit(f"{shell}: {done.stderr.decode()}")
        pairs = [p.split("=", 1) for p in done.stdout.decode().split("\0") if p]
        out[shell] = {k: v for k, v in pairs if k in names}

env = environs.Env()
env.read_env(path, override=True)
out["environs"] = {k: env.str(k, None) for k in names}
for k in names:
    os.environ.pop(k, None)

env = environ.Env()
env.read_env(path, overwrite=True)
out["django-environ"] = {k: env(k, default=None) for k in names}


def database(url):
    d = dj_database_url.parse(url)
    return [d["USER"], d["PASSWORD"], d["HOST"], str(d["PORT"]), d["NAME"], d.get("OPTIONS", {}).get("sslmode", ""), d["ENGINE"]]


def database_environ(url):
    d = environ.Env.db_url_config(url)
    return [d["USER"], d["PASSWORD"], d["HOST"], str(d["PORT"]), d["NAME"], d.get("OPTIONS", {}).get("sslmode", ""), d["ENGINE"]]


def redis_parts(url):
    d = redis.connection.parse_url(url)
    tls = d.get("connection_class") is redis.connection.SSLConnection
    return [d.get("username", ""), d.get("password", ""), d.get("host", d.get("path", "")), str(d.get("port", "")), str(d.get("db", "")), str(tls), d.get("ssl_ca_certs", "")]


values = out["python-dotenv"]
out["dj_database_url"] = {k: database(values[k]) for k, v in names.items() if v == "database"}
out["environ.db"] = {k: database_environ(values[k]) for k, v in names.items() if v == "database"}
out["redis-py"] = {k: redis_parts(values[k]) for k, v in names.items() if v == "redis"}
json.dump(out, sys.stdout)
