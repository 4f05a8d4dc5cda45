#!/bin/sh
# Install what the tests run beside Python: PostgreSQL, Redis, nginx, Chromium, zsh, fish.
# Where that can't be done it says what is missing; the tests then skip, or fail when CI is set.
set -eu
PATH=$PATH:/usr/sbin:/sbin

has() { command -v "$1" >/dev/null 2>&1; }
missing=
{ has initdb || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1; } || missing="$missing postgresql"
has redis-server || missing="$missing redis-server"
has nginx || missing="$missing nginx-light"
has chromium || has chromium-browser || has google-chrome || [ -x "${CHROMIUM:-}" ] || missing="$missing chromium"
for shell in zsh fish; do # completion is tried in them
	has $shell || missing="$missing $shell"
done
[ -n "$missing" ] || exit 0

as_root=
[ "$(id -u)" = 0 ] || as_root="sudo -n"
if ! has apt-get || ! $as_root true 2>/dev/null; then
	echo "not here, and not installed (that takes apt and root):$missing" >&2
	exit 0
fi

# The packages' own services stay down: the tests start theirs.
policy=/usr/sbin/policy-rc.d
if [ ! -e $policy ]; then
	printf '#!/bin/sh\nexit 101\n' | $as_root tee $policy >/dev/null
	$as_root chmod 755 $policy
	trap '$as_root rm -f $policy' EXIT
fi
echo "installing$missing"
export DEBIAN_FRONTEND=noninteractive
# shellcheck disable=SC2086
install="$as_root apt-get -qq -o Dpkg::Use-Pty=0 install -y --no-install-recommends $missing"
$install >/dev/null 2>&1 || { $as_root apt-get -qq update && $install >/dev/null; }
