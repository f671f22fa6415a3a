"""The command line as it is measured: a whole process, with a home of its own."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from benchmarks.measuring import Run, run_whole
from benchmarks.orders import TABLE
from benchmarks.targets import Target

#: What `tableport` runs, without having to be installed.
TABLEPORT = (sys.executable, "-c", "from app.cli import main; main()")


def run_tableport(
    target: Target, folder: Path, *words: str | Path, program: tuple[str, ...] = TABLEPORT
) -> Run:
    """`tableport import FILE` or `tableport export -o FILE` on the target's table."""
    home = folder / f"home-{target.name}"
    environment = os.environ | {"TABLEPORT_HOME": str(home), "TABLEPORT_LOG_LEVEL": "WARNING"}
    where = ("--connection", target.address, "--table", TABLE, "--json")
    return run_whole((*program, *words, *where), environment=environment)
