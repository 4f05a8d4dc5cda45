#!/bin/sh
# Make the Python environments of the tests, in .cache/venvs of the repository.
set -eu
cd "$(dirname "$0")/../.."
exec go test -count=1 -run '^TestVenvs$' ./internal/e2e
