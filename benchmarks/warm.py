"""An import job in a worker that has its programs loaded, against the databases' own shells."""

from __future__ import annotations

import json
import os
import statistics
import sys
from typing import Any

from benchmarks.benchmark import Benchmark, BenchmarkFailed, Result, Table, Wanted
from benchmarks.measuring import run_whole
from benchmarks.orders import COLUMNS, contents, write_orders
from benchmarks.targets import Target, opened

_HEADINGS = ("", "seconds", "the shell's", "ratio", "ratios", "processor s")


def run(wanted: Wanted) -> Result:
    write_orders(wanted.folder / "orders.csv", wanted.rows)
    rows, figures = [], {}
    for name in wanted.databases:
        with opened(name, wanted.folder) as target:
            if target.shell is None:
                raise BenchmarkFailed(f"{target.program} is not installed")
            found = [_round(target, wanted) for _ in range(wanted.rounds)]
            rows.append(_row(target.version, found))
        figures[name] = found
    notes = (
        f"{wanted.rows:,} rows of {len(COLUMNS)} columns; {wanted.rounds} rounds.",
        "The whole of a job, from the queue to its end: the file is decrypted, read in a confined "
        "parser, checked, loaded with a row of the ledger, and its evidence kept. Nothing is kept "
        "for undo.",
        "The shell's seconds are those of its process.",
    )
    table = Table(title="A job in a warm worker", columns=_HEADINGS, rows=tuple(rows))
    return Result(tables=(table,), notes=notes, figures=figures)


def _round(target: Target, wanted: Wanted) -> dict[str, Any]:
    """Raises BenchmarkFailed, also when cells were lost or bent."""
    file, said = wanted.folder / "orders.csv", wanted.folder / "said.json"
    target.make_table()
    target.keep_log()
    shell = run_whole(target.import_command(file))
    target.make_table()
    target.keep_log()
    home = wanted.folder / f"home-{target.name}"
    environment = os.environ | {"TABLEPORT_HOME": str(home), "TABLEPORT_LOG_LEVEL": "WARNING"}
    words = (sys.executable, "-m", "benchmarks.one_warm", target.address, file)
    run_whole(words, environment=environment, output=said)
    found: dict[str, Any] = json.loads(said.read_text(encoding="utf-8"))
    out = wanted.folder / "out.csv"
    target.dump(out)
    if contents(out) != contents(file):
        raise BenchmarkFailed(f"{target.name}: the table has other cells than the file: {found}")
    return found | {"shell_seconds": shell.seconds}


def _row(version: str, found: list[dict[str, Any]]) -> tuple[str, ...]:
    ratios = [one["seconds"] / one["shell_seconds"] for one in found]
    return (
        version,
        f"{statistics.median(one['seconds'] for one in found):.2f}",
        f"{statistics.median(one['shell_seconds'] for one in found):.2f}",
        f"{statistics.median(ratios):.2f}",
        f"{min(ratios):.2f}–{max(ratios):.2f}",
        f"{statistics.mean(one['cpu_seconds'] for one in found):.2f}",
    )


BENCHMARK = Benchmark(
    name="warm",
    about="an import job in a worker that is warm, against psql \\copy and the sqlite3 shell",
    run=run,
)
