"""What an operator sees of an attack."""

import os
import re
from pathlib import Path

from .limits import fail
from .report import probe, same


@probe("bad host is logged")
def bad_host(cell):
    with cell.stdout.heard() as lines:
        answer = cell.visitor().get("/", host="evil.example")
    same("status", answer.status_code, 400)
    pattern = r"ERROR \d{4}-\d\d-\d\d .* django\.security\.DisallowedHost Invalid "
    found = [line for line in lines if re.match(pattern, line)]
    same("lines on stdout", (len(found), "evil.example" in str(found)), (1, True))


@probe("failed login is logged", when=lambda cell: cell.lockout)
def failed_login(cell):
    visitor = cell.visitor()
    with cell.stdout.heard() as lines:
        fail(cell, visitor, cell.staff(), 1)
    found = [line for line in lines if "AXES: New login failure" in line]
    same("lines", len(found), 1)
    assert visitor.address in found[0], found[0]
    assert "wrong" not in found[0], "the password is in the log"


@probe("errors are logged")
def errors(cell):
    with cell.stdout.heard() as lines:
        cell.visitor().get("/probe/broken")
    text = "\n".join(lines)
    assert "RuntimeError" in text, "no traceback on stdout"
    assert "django.request" in text, text[:200]


def log_file(cell):
    return Path(cell.security_log) if cell.security_log else None


@probe(
    "security log file",
    when=lambda cell: cell.security_log and Path(cell.security_log).parent.is_dir(),
)
def in_file(cell):
    file = log_file(cell)
    before = file.read_text() if file.exists() else ""
    cell.visitor().get("/", host="evil.example")
    added = file.read_text().removeprefix(before)
    assert "django.security.DisallowedHost" in added, f"not in the file: {added!r}"
    os.rename(file, file.with_suffix(".1"))  # as logrotate does
    cell.visitor().get("/", host="evil.example")
    assert "DisallowedHost" in file.read_text(), "nothing after a rotation"
    if cell.lockout:
        fail(cell, cell.visitor(), cell.staff(), 1)
        assert "AXES: New login failure" in file.read_text(), "no failed login"


@probe(
    "security log without its folder",
    when=lambda cell: cell.security_log and not Path(cell.security_log).parent.is_dir(),
)
def no_folder(cell):
    """The site has started, or nothing would be here; and it says what is wrong."""
    with cell.stdout.heard() as lines:
        answer = cell.visitor().get("/", host="evil.example")
    same("status", answer.status_code, 400)
    assert any("DisallowedHost" in line for line in lines), "not on stdout"
    said = [x for x in cell.stderr.text.splitlines() if cell.security_log in x]
    assert said, "stderr doesn't name the file"
    assert len(said) == 1, f"said {len(said)} times"
