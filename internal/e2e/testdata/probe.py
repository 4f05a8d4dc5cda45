"""Prove one generated project under its own production settings, in one process.

usage: probe.py CELL.json RESULT.json, from the project's folder. The first file says
which answers the project was made from, the second gets a list of named results.
"""

import json
import os
import sys
import traceback
import warnings
from pathlib import Path

sys.path.insert(1, os.getcwd())  # the project, as manage.py and gunicorn have it

from probes.cell import Cell
from probes.fence import Fence
from probes.report import Report, Tee


def main():
    cell = Cell(json.loads(Path(sys.argv[1]).read_text()))
    report = Report(cell, Path(sys.argv[2]))
    with report.saved():
        prove(cell, report)


def prove(cell, report):
    cell.stdout, cell.stderr = Tee(sys.stdout), Tee(sys.stderr)
    sys.stdout, sys.stderr = cell.stdout, cell.stderr
    os.environ["DJANGO_SETTINGS_MODULE"] = cell.settings
    fence = Fence(cell.requirements)
    with warnings.catch_warnings(record=True) as cell.warnings:
        warnings.simplefilter("always")
        try:
            with fence:
                import django

                django.setup()
        except BaseException:  # noqa: BLE001  a refusal to start is not an Exception
            report.add("starts", traceback.format_exc())
            return
    report.add("starts", "")
    with fence:
        from probes import (  # noqa: F401  each registers its probes
            accounts,
            admin,
            api,
            cors,
            files,
            headers,
            limits,
            logs,
            project,
            session,
            tokens,
        )
        from probes.report import registered

        only = cell.data.get("only")  # of a project that was proved before
        if not only and not report.run_first(project.FIRST):
            return
        cell.open()
        for probe in registered:
            if probe.probe in cell.data.get("skip", {}):
                continue
            if probe.probe in only if only else probe not in project.FIRST:
                report.run(probe)


if __name__ == "__main__":
    main()
