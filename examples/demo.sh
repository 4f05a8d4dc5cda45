#!/usr/bin/env bash
# Makes the lms example, installs it, and asks the running production site a few things.
# Needs Python 3.10 or newer; with PostgreSQL's server and openssl on the machine it proves more.
set -euo pipefail

bin=$(realpath "${1:-bin/djharden}")
work=$(mktemp -d "${TMPDIR:-/tmp}/djharden-demo.XXXXXX")
site=$work/lms
proved=() left_out=() pids=()
bold='' plain=''
if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then bold=$'\033[1m' plain=$'\033[0m'; fi
say() { printf '\n%s%s%s\n' "$bold" "$*" "$plain"; }
proved() { proved+=("$1"); printf '  ok  %s\n' "$1"; }
die() { printf 'demo: %s\n  everything so far is in %s\n' "$*" "$work" >&2; exit 1; }
as_nobody=()
[ "$(id -u)" != 0 ] || as_nobody=(setpriv --reuid=65534 --regid=65534 --clear-groups)

find_python() {
  local p
  for p in "${PYTHON:-}" python3.12 python3.13 python3.14 python3 "${PYENV_ROOT:-$HOME/.pyenv}"/versions/3.1[0-9]*/bin/python3; do
    [ -n "$p" ] && "$p" -c 'import ensurepip, sys, venv; sys.exit(not (3, 10) <= sys.version_info < (3, 15))' >/dev/null 2>&1 || continue
    "$p" -c 'import sys; print(sys.executable)' && return 0
  done
  return 1
}

stop() {
  local pid
  for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
  [ ! -e "$work/pg/data/postmaster.pid" ] || "${as_nobody[@]}" "$pgbin/pg_ctl" -D "$work/pg/data" -m fast stop >/dev/null 2>&1 || true
}
trap stop EXIT

free_port() { "$python" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

start_postgres() { # a throwaway server that only speaks TLS, with a CA of its own
  local d=$work/pg
  mkdir "$d"
  openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=demo-ca -keyout "$d/ca.key" -out "$d/ca.pem" 2>/dev/null
  openssl req -newkey rsa:2048 -nodes -subj /CN=localhost -keyout "$d/srv.key" -out "$d/srv.csr" 2>/dev/null
  printf 'subjectAltName=DNS:localhost\n' >"$d/ext"
  openssl x509 -req -in "$d/srv.csr" -CA "$d/ca.pem" -CAkey "$d/ca.key" -CAcreateserial -days 2 -extfile "$d/ext" -out "$d/srv.pem" 2>/dev/null
  chmod 600 "$d"/*.key
  chmod 755 "$work"
  printf demopw >"$d/pw"
  [ ${#as_nobody[@]} = 0 ] || chown -R 65534:65534 "$d"
  "${as_nobody[@]}" "$pgbin/initdb" -D "$d/data" -U app --pwfile="$d/pw" -A scram-sha-256 -E UTF8 --no-locale -N >/dev/null
  echo 'hostssl all all 127.0.0.1/32 scram-sha-256' | "${as_nobody[@]}" tee "$d/data/pg_hba.conf" >/dev/null
  "${as_nobody[@]}" "$pgbin/pg_ctl" -D "$d/data" -l "$d/log" -w start \
    -o "-p $1 -h 127.0.0.1 -k '' -c fsync=off -c ssl=on -c ssl_cert_file=$d/srv.pem -c ssl_key_file=$d/srv.key" >/dev/null
}

python=$(find_python) || die 'no Python 3.10 to 3.14 that runs: set PYTHON='
pgbin=$(dirname "$(command -v initdb 2>/dev/null || ls /usr/lib/postgresql/*/bin/initdb 2>/dev/null | tail -1 || true)" 2>/dev/null || true)
database=()
if [ -x "$pgbin/initdb" ] && command -v openssl >/dev/null; then
  say "A throwaway PostgreSQL, TLS only"
  port=$(free_port)
  start_postgres "$port"
  export DJHARDEN_DATABASE_URL="postgres://app:demopw@localhost:$port/postgres"
  database=(--database-ca "$work/pg/ca.pem")
else
  left_out+=("everything under production settings that needs a database: no PostgreSQL server (or openssl) on this machine")
fi

say "\$ djharden init lms --domain lms.example.com --yes"
"$bin" init "$site" --domain lms.example.com --yes "${database[@]}"
cd "$site"
proved "djharden made a project"

say "\$ pip install -r requirements.txt"
"$python" -m venv "$work/venv"
PATH=$work/venv/bin:$PATH
pip install -q --disable-pip-version-check -r requirements.txt
proved "every pinned package installs together ($(python -V))"

say "\$ python manage.py migrate    (development: SQLite)"
env -u DJHARDEN_DATABASE_URL python manage.py migrate -v 0
python manage.py check >/dev/null
proved "the development site is ready: manage.py migrate, manage.py check"

export DJANGO_SETTINGS_MODULE=config.settings.prod
if [ ${#database[@]} = 0 ]; then
  if python manage.py check >"$work/refusal" 2>&1; then die "production started without a database"; fi
  proved "production refuses to start without a database, in words: $(tail -1 "$work/refusal" | sed 's/^ *//')"
  left_out+=("check --deploy, migrate and live requests under production settings")
else
  say "\$ export DJANGO_SETTINGS_MODULE=config.settings.prod; python manage.py migrate; collectstatic; check --deploy"
  python manage.py migrate -v 0
  proved "migrated over TLS with the server's certificate verified (verify-full)"
  python manage.py collectstatic --no-input -v 0
  python manage.py check --deploy --fail-level WARNING
  proved "check --deploy --fail-level WARNING is clean"
  web=$(free_port)
  say "\$ gunicorn config.wsgi"
  gunicorn config.wsgi --workers 2 --bind "127.0.0.1:$web" --no-control-socket >"$work/gunicorn.log" 2>&1 &
  pids+=($!)
  python - "$web" <<'PY' | while IFS= read -r line; do printf '  ok  %s\n' "$line"; done || die "a live request failed; gunicorn's log is $work/gunicorn.log"
import http.client, json, sys, time

port = int(sys.argv[1])


def ask(path, method="GET", body=None, scheme="https", address="203.0.113.7", **headers):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    headers = {"Host": "lms.example.com", "X-Forwarded-Proto": scheme, "X-Forwarded-For": address} | headers
    if body is not None:
        body = json.dumps(body)
        headers["Content-Type"] = "application/json"
    connection.request(method, path, body, headers)
    response = connection.getresponse()
    response.read()
    return response


def expect(words, found, wanted):
    if found != wanted:
        print(f"{words}: {found!r}, not {wanted!r}", file=sys.stderr)
        sys.exit(1)
    print(f"{words}: {found}", flush=True)


for _ in range(100):
    try:
        ask("/healthz")
        break
    except OSError:
        time.sleep(0.1)
expect("GET /healthz", ask("/healthz").status, 200)
expect("GET /api/me/ over plain http", ask("/api/me/", scheme="http").status, 301)
expect("GET /api/me/ without a token", ask("/api/me/").status, 401)
expect("GET /admin/", ask("/admin/").status, 404)
expect("GET / with Host: evil.example", ask("/", Host="evil.example").status, 400)
expect("Strict-Transport-Security", ask("/api/me/").getheader("Strict-Transport-Security"), "max-age=3600")
expect("X-Frame-Options", ask("/api/me/").getheader("X-Frame-Options"), "DENY")
allowed = {"Origin": "https://lms.example.com"}
expect("CORS, own origin", ask("/api/me/", **allowed).getheader("Access-Control-Allow-Origin"), "https://lms.example.com")
expect("CORS, another origin", ask("/api/me/", Origin="https://evil.example").getheader("Access-Control-Allow-Origin"), None)
guesses = [
    ask("/api/token/", "POST", {"username": "ann", "password": f"guess-{i}"}, address=f"198.51.100.{i}, 203.0.113.9").status
    for i in range(21)
]
expect("21 guesses with a forged X-Forwarded-For, the last", guesses[-1], 429)
PY
  proved "live requests under gunicorn, two workers, answered as above"
fi

say "Proved"
printf '  - %s\n' "${proved[@]}"
[ ${#left_out[@]} = 0 ] || { say "Left out on this machine"; printf '  - %s\n' "${left_out[@]}"; }
printf '\nThe project is in %s (its .env holds throwaway secrets).\n' "$site"
