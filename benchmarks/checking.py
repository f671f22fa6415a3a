"""What a bad file costs to check, group and profile, against the same file without faults."""

from __future__ import annotations

import csv
import json
import os
import statistics
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.benchmark import Benchmark, BenchmarkFailed, Result, Table, Wanted
from benchmarks.measuring import run_whole
from benchmarks.orders import COLUMNS, order_rows
from benchmarks.report import megabytes
from benchmarks.targets import Target, opened

_EVERY = 10  #: one row in so many is bad
_LARGER = 3  #: memory is flat when a file so much larger needs as much
_HEADINGS = (
    "", "violations", "groups", "seconds", "ratio", "ratios", "rows/s", "processor s", "memory",
    f"memory at {_LARGER} ×",
)  # fmt: skip

Row = list[object]
_AT = {name: position for position, name in enumerate(COLUMNS)}


def _with(column: str, text: Callable[[int], str]) -> Callable[[Row, int], Row]:
    def spoil(row: Row, number: int) -> Row:
        row[_AT[column]] = text(number)
        return row

    return spoil


#: One fault of every kind a check finds in this table; `number` makes every bad cell another.
_FAULTS: tuple[Callable[[Row, int], Row], ...] = (
    _with("quantity", lambda n: f"{n} pieces"),
    _with("quantity", lambda n: f"-{n}"),
    _with("price", lambda n: f"{n}.125"),
    _with("discount", lambda n: f"{n}.5"),
    _with("ordered_on", lambda n: f"{n % 28 + 1:02}/{n % 12 + 1:02}/2024"),
    _with("ordered_on", lambda n: f"20{n % 100:02}-02-30"),
    _with("shipped_at", lambda n: f"yesterday {n}"),
    _with("paid", lambda n: f"perhaps {n % 50}"),
    _with("reference", lambda n: f"{n:x}-no-uuid"),
    _with("region", lambda n: f"region {n % 200}"),
    _with("customer", lambda n: ""),
    _with("code", lambda n: f"ORD-{n:020}"),
    _with("id", lambda n: f"no {n}"),
)
#: Rows that cannot be taken apart as the header says.
_FLAWS: tuple[Callable[[Row, int], Row], ...] = (
    lambda row, number: row[:-2],
    lambda row, number: [*row[:3], f"too {number}", "many", *row[3:]],
)
#: The columns in which the bad rows of the worst file are bad.
_ALL_BAD = (0, 2, 3, 4, 6, 7, 8, 9, 10, 11, 12)


def _clean(row: Row, number: int) -> Row:
    return row


def _a_fault_or_two(row: Row, number: int) -> Row:
    bad = number // _EVERY
    row = _FAULTS[bad % len(_FAULTS)](row, number)
    return _FAULTS[bad // 2 % 10](row, number) if bad % 2 else row


def _also_irregular(row: Row, number: int) -> Row:
    row = _a_fault_or_two(row, number)
    bad = number // _EVERY
    return row if bad % _EVERY else _FLAWS[bad // _EVERY % 2](row, number)


def _ten_faults(row: Row, number: int) -> Row:
    for fault in _ALL_BAD:
        row = _FAULTS[fault](row, number)
    return row


#: What every tenth row is like, and the least number of violations for each row of the file.
_CASES: dict[str, tuple[Callable[[Row, int], Row], float]] = {
    "clean": (_clean, 0),
    "every tenth row bad": (_a_fault_or_two, 0.1),
    "every tenth row bad in ten cells": (_ten_faults, 1),
    "every tenth row bad, one in a hundred irregular": (_also_irregular, 0.1),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Check:
    """One check."""

    seconds: float
    cpu_seconds: float
    violations: int
    groups: int
    memory: int | None  #: most bytes of all its processes


def run(wanted: Wanted) -> Result:
    tables, figures = [], {}
    for name in wanted.databases:
        with opened(name, wanted.folder) as target:
            target.make_table()
            found: dict[str, list[Check]] = {case: [] for case in _CASES}
            for _ in range(wanted.rounds):
                for case, checks in found.items():
                    checks.append(_check(target, wanted, case))
            larger = {case: _check(target, wanted, case, times=_LARGER) for case in _CASES}
            tables.append(_table(target, wanted.rows, found, larger))
            figures[name] = {
                case: [_figures(check) for check in checks] for case, checks in found.items()
            }
    notes = (
        f"{wanted.rows:,} rows of {len(COLUMNS)} columns against an empty table; {wanted.rounds} "
        "rounds. Seconds: of the check alone, the median; nothing is written to the target.",
        "Ratio: to the clean file in the same round, the median over the rounds.",
        "Irregular rows have too many or too few cells: they alone are taken apart one by one.",
        "Every check counted all violations, kept every rejected row with its reasons, and "
        "profiled every column.",
        "Memory: most of all processes at one moment, the parser's among them; "
        f"at {_LARGER} ×: with {_LARGER * wanted.rows:,} rows. The keys kept take 24 bytes for "
        "each row and unique key, of which the table has two.",
    )
    return Result(tables=tuple(tables), notes=notes, figures=figures)


def write_file(file: Path, rows: int, spoil: Callable[[Row, int], Row]) -> None:
    """Orders, every tenth row of them spoilt."""
    with file.open("w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(_spoilt(rows, spoil))


def _spoilt(rows: int, spoil: Callable[[Row, int], Row]) -> Iterator[Row]:
    for number, row in enumerate(order_rows(rows), start=1):
        yield spoil(list(row), number) if number % _EVERY == 0 else list(row)


def _file(wanted: Wanted, case: str, times: int) -> Path:
    file = wanted.folder / f"{case.replace(' ', '-')}-{times}.csv"
    if not file.exists():
        write_file(file, times * wanted.rows, _CASES[case][0])
    return file


def _check(target: Target, wanted: Wanted, case: str, *, times: int = 1) -> Check:
    file, rows = _file(wanted, case, times), times * wanted.rows
    home, out = wanted.folder / f"home-{target.name}", wanted.folder / "found.json"
    environment = os.environ | {"TABLEPORT_HOME": str(home), "TABLEPORT_LOG_LEVEL": "WARNING"}
    program = (sys.executable, "-m", "benchmarks.one_check", target.address, file)
    whole = run_whole(program, environment=environment, output=out)
    found: dict[str, Any] = json.loads(out.read_text(encoding="utf-8"))
    _require_right(case, found, rows)
    print(f"{target.name}: {case}, {rows:,} rows {found['seconds']:.1f} s", file=sys.stderr)
    return Check(
        seconds=found["seconds"],
        cpu_seconds=found["cpu_seconds"],
        violations=found["violations"],
        groups=found["groups"],
        memory=whole.memory,
    )


def _require_right(case: str, found: dict[str, Any], rows: int) -> None:
    """A check that missed something measured something else."""
    bad = 0 if case == "clean" else rows // _EVERY
    right = (
        found["status"] == "VALIDATED"
        and (found["rows"], found["error_rows"]) == (rows, bad)
        and found["violations"] >= bad * _CASES[case][1] * _EVERY
        and found["columns"] == len(COLUMNS)
    )
    if not right:
        raise BenchmarkFailed(f"{case}: of {rows:,} rows, {bad:,} of them bad, it found {found}")


def _table(
    target: Target, rows: int, found: dict[str, list[Check]], larger: dict[str, Check]
) -> Table:
    clean = found["clean"]
    lines = []
    for case, checks in found.items():
        ratios = [a.seconds / b.seconds for a, b in zip(checks, clean, strict=True)]
        seconds = statistics.median(check.seconds for check in checks)
        memory = max((c.memory for c in checks if c.memory is not None), default=None)
        lines.append(
            (
                case,
                f"{checks[0].violations:,}",
                f"{checks[0].groups:,}",
                f"{seconds:.2f}",
                f"{statistics.median(ratios):.2f}",
                f"{min(ratios):.2f}–{max(ratios):.2f}",
                f"{rows / seconds:,.0f}",
                f"{statistics.mean(c.cpu_seconds for c in checks):.2f}",
                megabytes(memory),
                megabytes(larger[case].memory),
            )
        )
    return Table(title=f"Checking, {target.version}", columns=_HEADINGS, rows=tuple(lines))


def _figures(check: Check) -> dict[str, float | int | None]:
    return {name: getattr(check, name) for name in Check.__slots__}


BENCHMARK = Benchmark(
    name="checking",
    about="the check of a file with 10 % bad rows, against the same file without faults",
    run=run,
)
