"""Where the time of one import and one export goes, part by part."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from benchmarks.benchmark import Benchmark, Result, Table, Wanted
from benchmarks.command import run_tableport
from benchmarks.orders import write_orders
from benchmarks.report import megabytes
from benchmarks.targets import Target, opened

_ACTS = ("import", "export")
#: Parts below this share of the whole are put together.
_SMALL = 0.01
_SMALL_PARTS = "parts below 1 %"


def run(wanted: Wanted) -> Result:
    file = wanted.folder / "orders.csv"
    write_orders(file, wanted.rows)
    tables: list[Table] = []
    figures: dict[str, Any] = {}
    for name in wanted.databases:
        with opened(name, wanted.folder) as target:
            target.make_table()
            figures[name] = {act: _watched(target, act, file) for act in _ACTS}
            tables += [_table(target, act, figures[name][act]) for act in _ACTS]
    notes = (
        f"{wanted.rows:,} rows, {megabytes(file.stat().st_size)} of CSV; one run each.",
        "Processor s: of the process and its threads. The parser is a process of its own, which "
        "works while the others do: waiting for it is what it costs.",
    )
    return Result(tables=tuple(tables), notes=notes, figures=figures)


def _watched(target: Target, act: str, file: Path) -> dict[str, dict[str, float]]:
    """Seconds, processor seconds and calls by part."""
    report = file.with_name("parts.json")
    words = (act, file) if act == "import" else (act, "-o", file.with_name("out.csv"))
    program = (sys.executable, "-m", "benchmarks.stopwatch", str(report))
    run_tableport(target, file.parent, *words, program=program)
    found: dict[str, dict[str, float]] = json.loads(report.read_text(encoding="utf-8"))
    return found


def _table(target: Target, act: str, found: dict[str, dict[str, float]]) -> Table:
    seconds, cpu, calls = found["seconds"], found["cpu_seconds"], found["calls"]
    whole = sum(seconds.values())
    large = [part for part in seconds if seconds[part] >= _SMALL * whole]
    rows = [
        _row(part, seconds[part], whole, cpu[part], f"{calls[part]:,.0f}")
        for part in sorted(large, key=lambda part: -seconds[part])
    ]
    small = [part for part in seconds if part not in large]
    rows.append(
        _row(_SMALL_PARTS, sum(seconds[p] for p in small), whole, sum(cpu[p] for p in small), "")
    )
    rows.append(_row("all", whole, whole, sum(cpu.values()), ""))
    title = f"Parts of the {act}, {target.version}"
    return Table(
        title=title, columns=("", "seconds", "share", "processor s", "calls"), rows=tuple(rows)
    )


def _row(part: str, seconds: float, whole: float, cpu: float, calls: str) -> tuple[str, ...]:
    return (part, f"{seconds:.2f}", f"{seconds / whole:.0%}", f"{cpu:.2f}", calls)


BENCHMARK = Benchmark(
    name="phases",
    about="where the time of one import and one export goes",
    run=run,
)
