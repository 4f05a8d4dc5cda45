"""Hide installed packages that a project's requirements don't bring.

The environments of the tests hold what any project may need, so a package missing from
one project's requirements would not be missed.
"""

import importlib.abc
import importlib.metadata
import re
import sys
from pathlib import Path

from packaging.requirements import Requirement


class Fence(importlib.abc.MetaPathFinder):
    def __init__(self, files):
        self.unmet = []
        inside = {"packaging"}  # the fence's own
        for file in files:
            for requirement in _requirements(Path(file)):
                self._admit(requirement, inside)
        self.hidden = {}
        for package, owners in importlib.metadata.packages_distributions().items():
            if not inside.intersection(map(_normal, owners)):
                self.hidden[package] = owners[0]

    def _admit(self, requirement, inside, done=None):
        done = set() if done is None else done
        key = (_normal(requirement.name), frozenset(requirement.extras))
        if key in done:
            return
        done.add(key)
        try:
            installed = importlib.metadata.distribution(requirement.name)
        except importlib.metadata.PackageNotFoundError:
            self.unmet.append(f"{requirement}: not installed")
            return
        if not requirement.specifier.contains(installed.version, prereleases=True):
            self.unmet.append(f"{requirement}: {installed.version} is installed")
        inside.add(_normal(requirement.name))
        for text in installed.requires or []:
            needed = Requirement(text)
            extras = requirement.extras or {""}
            if needed.marker and not any(
                needed.marker.evaluate({"extra": extra}) for extra in extras
            ):
                continue
            self._admit(needed, inside, done)

    def find_spec(self, name, path=None, target=None):
        owner = self.hidden.get(name)
        if owner:
            raise ModuleNotFoundError(
                f"No module named {name!r} ({owner} is not in the requirements)",
                name=name,
            )

    def __enter__(self):
        sys.meta_path.insert(0, self)

    def __exit__(self, *exception):
        sys.meta_path.remove(self)


def _requirements(file):
    for line in file.read_text().splitlines():
        line = line.split(" #")[0].strip()
        if line.startswith("-r "):
            yield from _requirements(file.parent / line[3:].strip())
        elif line and not line.startswith(("#", "-")):
            yield Requirement(line)


def _normal(name):
    return re.sub(r"[-_.]+", "-", name).lower()
