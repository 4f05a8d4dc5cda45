"""Named probes, and what came of each."""

import contextlib
import functools
import io
import json
import time
import traceback

registered = []


def probe(name, when=lambda cell: True):
    """Register a function of the cell. It fails by raising, AssertionError mostly."""

    def register(function):
        @functools.wraps(function)
        def run(cell):
            return function(cell)

        run.probe, run.when = name, when
        registered.append(run)
        return run

    return register


def same(what, got, want):
    """Fail unless both are equal, showing both."""
    if got != want:
        raise AssertionError(f"{what}: got {got!r}, want {want!r}")


class Report:
    def __init__(self, cell, path):
        self.cell, self.path, self.results = cell, path, []

    def add(self, name, failure, seconds=0.0):
        status = "fail" if failure else "pass"
        self._append(name, status, failure, seconds)

    def _append(self, name, status, text, seconds):
        row = {"name": name, "status": status, "text": text}
        self.results.append(row | {"seconds": round(seconds, 2)})

    def run(self, probe):
        if not probe.when(self.cell):
            self._append(probe.probe, "not-applicable", "", 0)
            return True
        start, failure = time.monotonic(), ""
        try:
            probe(self.cell)
        except AssertionError as error:
            frames = traceback.extract_tb(error.__traceback__)
            lines = [f.lineno for f in frames if "/probes/" in f.filename]
            failure = f"{error} (lines {', '.join(map(str, lines))})"
        except Exception:  # noqa: BLE001
            failure = traceback.format_exc()
        except SystemExit as error:
            failure = f"exit {error.code}\n{traceback.format_exc()}"
        self.add(probe.probe, failure, time.monotonic() - start)
        return not failure

    def run_first(self, probes):
        """Run what all others stand on, in order, and stop at the first failure."""
        return all(self.run(probe) for probe in probes)

    @contextlib.contextmanager
    def saved(self):
        """Write the results, whatever happens."""
        try:
            yield
        finally:
            self.path.write_text(json.dumps(self.results, indent=1))


class Tee(io.TextIOBase):
    """A stream that remembers what went through it."""

    def __init__(self, stream):
        self.stream, self.text = stream, ""

    def writable(self):
        return True

    def write(self, text):
        self.text += text
        return self.stream.write(text)

    def flush(self):
        self.stream.flush()

    def fileno(self):
        return self.stream.fileno()

    @contextlib.contextmanager
    def heard(self):
        """Yield a list that holds, at the end, what was written meanwhile."""
        start, lines = len(self.text), []
        yield lines
        lines[:] = self.text[start:].splitlines()
