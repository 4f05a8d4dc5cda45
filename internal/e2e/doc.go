// Package e2e proves djharden on real Django. It is tests only: they build the
// command, let it make and adopt projects, and then use those projects as their
// owners and their visitors would.
//
//   - Every option's every value on every Django series, and every pair of
//     values at least once (a covering array), each project probed under its own
//     production settings on PostgreSQL with verified TLS.
//   - Start-up refused, in words and without values, for each bad environment.
//   - The development site, with and without .env.
//   - gunicorn behind nginx, uvicorn, Chromium: the same answers over real HTTPS.
//   - Rotation on running sites: sessions and tokens of old keys, through the
//     overlap to the prune; the admin's move.
//   - Upgrades from 5.2 to 6.1 with user edits in every file, proved at every
//     step; secrets byte for byte the same, and nowhere else.
//   - Controls: a probe that can't fail proves nothing, so settings are broken
//     on purpose and the probe must say so.
//
// The Python environments live in .cache/venvs of the repository, one per Django
// series, made by uv from the pins of internal/django. Services are started on
// free ports, with data in a temporary folder, and end with the tests. What is
// missing on the machine skips the tests that need it, and fails them when CI is
// set.
package e2e
