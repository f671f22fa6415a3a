"""The pipeline alone against the databases' own shells, and against an upsert by SQLAlchemy."""

from __future__ import annotations

import statistics
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.benchmark import Benchmark, BenchmarkFailed, Result, Table, Wanted
from benchmarks.measuring import Run, median_seconds, most_memory, ratios, run_whole
from benchmarks.orders import COLUMNS, contents, order_rows, write_rows
from benchmarks.report import megabytes
from benchmarks.targets import Target, opened
from core.model.plan import OnConflict

_NOTE, _QUANTITY = COLUMNS.index("note"), COLUMNS.index("quantity")
_HEADINGS = ("", "baseline", "seconds", "its seconds", "ratio", "ratios", "processor s", "memory")
_SHELL, _UPSERT = "the shell, clean file, empty table", "SQLAlchemy's upsert"


@dataclass(frozen=True, kw_only=True, slots=True)
class Case:
    """One piece of work, and what it is held against."""

    name: str
    bad: int = 0  #: every so many rows one is bad
    there: int = 0  #: every so many rows one is in the table already, with another note
    on_conflict: OnConflict = OnConflict.ERROR
    baseline: str = _SHELL


CASES = (
    Case(name="clean"),
    Case(name="10 % bad rows", bad=10),
    Case(name="10 % of the keys there: skip", there=10, on_conflict=OnConflict.SKIP),
    Case(name="10 % of the keys there: update", there=10, on_conflict=OnConflict.UPDATE),
    Case(
        name="half of the keys there: update",
        there=2,
        on_conflict=OnConflict.UPDATE,
        baseline=_UPSERT,
    ),
)
Row = tuple[object, ...]


def run(wanted: Wanted) -> Result:
    tables, figures = [], {}
    for name in wanted.databases:
        with opened(name, wanted.folder) as target:
            if target.shell is None:
                raise BenchmarkFailed(f"{target.program} is not installed")
            found = {case.name: _held(target, case, wanted) for case in CASES}
        rows = tuple(_row(case, *found[case.name]) for case in CASES)
        tables.append(Table(title=f"Pipeline, {target.version}", columns=_HEADINGS, rows=rows))
        figures[name] = {
            case: {"pipeline": [asdict(r) for r in ours], "baseline": [asdict(r) for r in base]}
            for case, (ours, base) in found.items()
        }
    notes = (
        f"{wanted.rows:,} rows of {len(COLUMNS)} columns; {wanted.rounds} rounds, each in turns "
        "with its baseline.",
        "The pipeline reads, maps, checks with Pandera and writes in one process of its own, start "
        "of the interpreter and all; there is no upload, no encryption and no job.",
        "SQLite keeps a write-ahead log, and both have foreign keys on and as large a cache.",
        "After every run the table had the cells it should have.",
    )
    return Result(tables=tuple(tables), notes=notes, figures=figures)


def _held(target: Target, case: Case, wanted: Wanted) -> tuple[list[Run], list[Run]]:
    """Raises BenchmarkFailed, also when cells were lost or bent."""
    files = {name: wanted.folder / f"{name}.csv" for name in ("file", "there", "expected", "out")}
    write_rows(files["file"], _file(case, wanted.rows))
    write_rows(files["there"], _there(case, wanted.rows))
    write_rows(files["expected"], _expected(case, wanted.rows))
    clean = wanted.folder / "clean.csv"
    write_rows(clean, order_rows(wanted.rows))
    found: tuple[list[Run], list[Run]] = [], []
    for number in range(wanted.rounds):
        # Whoever goes second finds warmer caches: take turns at that too.
        for who in (0, 1) if number % 2 else (1, 0):
            shell = who == 1 and case.baseline == _SHELL
            _prepare(target, None if shell or not case.there else files["there"])
            if shell:
                words: Sequence[str | Path] = target.import_command(clean)
            else:
                module = "benchmarks.one_upsert" if who else "benchmarks.one_pipeline"
                more = () if who else (case.on_conflict,)
                words = (sys.executable, "-m", module, target.address, files["file"], *more)
            found[who].append(run_whole(words))
            target.dump(files["out"])
            wanted_cells = contents(clean if shell else files["expected"])
            if contents(files["out"]) != wanted_cells:
                raise BenchmarkFailed(f"{case.name}: the table has other cells than it should")
            print(f"{target.name}: {case.name}, {found[who][-1].seconds:.1f} s", file=sys.stderr)
    return found


def _prepare(target: Target, there: Path | None) -> None:
    target.make_table()
    target.keep_log()
    if there is not None:
        run_whole(target.import_command(there))


def _file(case: Case, rows: int) -> Iterable[Row]:
    for n, row in enumerate(order_rows(rows), start=1):
        bad = case.bad and n % case.bad == 0
        yield _changed(row, _QUANTITY, "a few") if bad else row


def _there(case: Case, rows: int) -> Iterable[Row]:
    for n, row in enumerate(order_rows(rows), start=1):
        if case.there and n % case.there == 0:
            yield _changed(row, _NOTE, "as it was")


def _expected(case: Case, rows: int) -> Iterable[Row]:
    for n, row in enumerate(order_rows(rows), start=1):
        if case.bad and n % case.bad == 0:
            continue
        kept = case.on_conflict is OnConflict.SKIP and n % case.there == 0
        yield _changed(row, _NOTE, "as it was") if kept else row


def _changed(row: Row, at: int, cell: object) -> Row:
    return (*row[:at], cell, *row[at + 1 :])


def _row(case: Case, ours: Sequence[Run], base: Sequence[Run]) -> tuple[str, ...]:
    found = ratios(ours, base)
    return (
        case.name,
        case.baseline,
        f"{median_seconds(ours):.2f}",
        f"{median_seconds(base):.2f}",
        f"{statistics.median(found):.2f}",
        f"{min(found):.2f}–{max(found):.2f}",
        f"{sum(r.cpu_seconds for r in ours) / len(ours):.2f}",
        megabytes(most_memory(ours)),
    )


BENCHMARK = Benchmark(
    name="pipeline",
    about="reading, checking and writing alone, against the shells and an upsert by SQLAlchemy",
    run=run,
)
