"""Reading and writing files alone, without a database, against the library that does least."""

from __future__ import annotations

import json
import statistics
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.benchmark import Benchmark, BenchmarkFailed, Result, Table, Wanted
from benchmarks.measuring import run_whole
from benchmarks.one_format import READ_BY
from benchmarks.report import megabytes

#: Rows of each format, as a share of those asked for: 1 for CSV.
_SHARES: Mapping[str, float] = {"csv": 1, "jsonl": 1, "excel": 0.1, "xml": 0.1, "yaml": 0.01}
_ENDINGS = {"excel": ".xlsx"}


@dataclass(frozen=True, kw_only=True, slots=True)
class _Done:
    """One piece of work in a process of its own; the seconds are of the work alone."""

    rows: int
    seconds: float
    cpu_seconds: float
    memory: int | None  #: most bytes of the whole process


def run(wanted: Wanted) -> Result:
    figures: dict[str, Any] = {}
    reading: list[tuple[str, ...]] = []
    writing: list[tuple[str, ...]] = []
    for name, share in _SHARES.items():
        rows = max(100, round(wanted.rows * share))
        file = wanted.folder / f"orders{_ENDINGS.get(name, '.' + name)}"
        words = ("write", name, str(file), str(rows))
        # Ours last: its file is the one that is read afterwards.
        who = ("baseline", "ours") if name == "excel" else ("ours",)
        wrote = _rounds(wanted.rounds, words, who)
        beside = "openpyxl, write-only" if name == "excel" else ""
        writing.append(_row(name, rows, beside, wrote, faster=True))
        read = _rounds(wanted.rounds, ("read", name, str(file)), ("baseline", "ours"))
        if {done.rows for runs in read.values() for done in runs} != {rows}:
            raise BenchmarkFailed(f"{name}: not every reader found {rows:,} rows")
        reading.append(_row(name, rows, READ_BY[name][0], read))
        figures[name] = {"read": _figures(read), "write": _figures(wrote)}
    columns = ("", "rows", "against", "ratio", "seconds", "processor s", "memory", "theirs")
    return Result(
        tables=(
            Table(title="Reading", columns=columns, rows=tuple(reading)),
            Table(title="Writing", columns=columns, rows=tuple(writing)),
        ),
        notes=(
            f"12 columns; the median of {wanted.rounds} rounds, each program in turns. Ratio: ours "
            "to theirs in the same round, seconds of the work alone; when writing, how many times "
            "as fast. Memory: the most of the whole process.",
            "They do less: they keep no line numbers and no number as spelled, "
            "and give up at the first thing that is odd. Polars works on all cores.",
        ),
        figures=figures,
    )


def _rounds(rounds: int, words: Sequence[str], who: Sequence[str]) -> dict[str, list[_Done]]:
    done: dict[str, list[_Done]] = {name: [] for name in who}
    for _ in range(rounds):
        for name in who:
            done[name].append(_once(name, words))
    return done


def _once(who: str, words: Sequence[str]) -> _Done:
    said = Path(words[2]).with_name("said.json")
    run = run_whole((sys.executable, "-m", "benchmarks.one_format", who, *words), output=said)
    found = json.loads(said.read_text(encoding="utf-8"))
    return _Done(
        rows=found["rows"],
        seconds=found["seconds"],
        cpu_seconds=found["cpu_seconds"],
        memory=run.memory,
    )


def _row(
    name: str, rows: int, beside: str, done: Mapping[str, Sequence[_Done]], *, faster: bool = False
) -> tuple[str, ...]:
    ours, theirs = done["ours"], done.get("baseline", ())
    pairs = [(b.seconds, a.seconds) if faster else (a.seconds, b.seconds)
             for a, b in zip(ours, theirs, strict=bool(theirs))]  # fmt: skip
    ratio = statistics.median(x / y for x, y in pairs) if pairs else None
    return (
        name,
        f"{rows:,}",
        beside or "–",
        f"{ratio:.2f}" if ratio else "–",
        f"{statistics.median(d.seconds for d in ours):.2f}",
        f"{statistics.median(d.cpu_seconds for d in ours):.2f}",
        megabytes(max(d.memory or 0 for d in ours)),
        f"{statistics.median(d.seconds for d in theirs):.2f} s" if theirs else "–",
    )


def _figures(done: Mapping[str, Sequence[_Done]]) -> dict[str, list[dict[str, Any]]]:
    return {
        who: [
            {"seconds": d.seconds, "cpu_seconds": d.cpu_seconds, "memory": d.memory} for d in runs
        ]
        for who, runs in done.items()
    }


BENCHMARK = Benchmark(
    name="formats",
    about="files read and written alone, against polars, calamine, openpyxl, lxml and PyYAML",
    run=run,
)
