"""Import and export by the command line, against the databases' own shells, in turns."""

from __future__ import annotations

import statistics
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks.benchmark import Benchmark, BenchmarkFailed, Result, Table, Wanted
from benchmarks.command import run_tableport
from benchmarks.measuring import Run, median_seconds, most_memory, ratios, run_whole, spread
from benchmarks.orders import COLUMNS, contents, write_orders
from benchmarks.report import megabytes
from benchmarks.targets import Target, opened

#: Memory is flat when a file so much smaller needs as much; one of less than a batch tells nothing.
_SMALLER = 5
_BATCH = 20_000
_HEADINGS = (
    "", "seconds", "spread", "ratio", "ratios", "rows/s", "processor s", "memory",
    f"memory at 1/{_SMALLER}",
)  # fmt: skip


def run(wanted: Wanted) -> Result:
    file, small = wanted.folder / "orders.csv", wanted.folder / "fewer.csv"
    write_orders(file, wanted.rows)
    if wanted.rows // _SMALLER >= _BATCH:
        write_orders(small, wanted.rows // _SMALLER)
    tables, notes, figures = [], [], {}
    for name in wanted.databases:
        with opened(name, wanted.folder) as target:
            contest = Contest(target, wanted.folder, file, small)
            contest.hold(wanted.rounds)
        if target.shell is None:
            notes.append(f"{target.program} is not installed: {name} has no baseline")
        tables += [contest.table(act) for act in ("import", "export")]
        figures[name] = contest.figures()
    size = megabytes(file.stat().st_size)
    notes += [
        f"{wanted.rows:,} rows of {len(COLUMNS)} columns, {size} of CSV; {wanted.rounds} rounds.",
        "Seconds and rows/s are medians; spread is slowest minus fastest, to the median.",
        "Ratio: seconds to the shell's in the same round, the median over the rounds; ratios: from "
        "the lowest to the highest.",
        "Every table and every file had the cells of the source.",
        "Memory: most of all processes of the command at one moment. Neither it nor processor s "
        "has the database server's.",
    ]
    return Result(tables=tuple(tables), notes=tuple(notes), figures=figures)


class Contest:
    """Tableport and the shell on one database, round by round."""

    def __init__(self, target: Target, folder: Path, file: Path, small: Path) -> None:
        self._target, self._file, self._small = target, file, small
        self._folder, self._out = folder, folder / "out.csv"
        self._rows = 0
        self._runs: dict[tuple[str, str], list[Run]] = {}
        self._smaller: dict[str, Run] = {}

    def hold(self, rounds: int) -> None:
        """Fill the results. Raises BenchmarkFailed, also when cells were lost or bent."""
        if self._small.exists():
            self._run_smaller()
        wanted = contents(self._file)
        self._rows = wanted[0]
        for number in range(rounds):
            # Whoever goes second finds warmer caches: take turns at that too.
            acts = self._acts() if number % 2 else tuple(reversed(self._acts()))
            for who, load, save in acts:
                self._target.make_table()
                self._note("import", who, load(self._file))
                self._target.dump(self._out)
                _require_equal(f"{who} import", contents(self._out), wanted)
                self._note("export", who, save(self._out))
                _require_equal(f"{who} export", contents(self._out), wanted)

    def _run_smaller(self) -> None:
        """For its memory; it also makes the home, which later runs find made."""
        self._target.make_table()
        self._smaller["import"] = self._import(self._small)
        self._smaller["export"] = self._export(self._out)

    def _acts(self) -> tuple[tuple[str, Callable[[Path], Run], Callable[[Path], Run]], ...]:
        ours = ("tableport", self._import, self._export)
        if self._target.shell is None:
            return (ours,)
        shell = (
            self._target.program,
            lambda file: run_whole(self._target.import_command(file)),
            lambda file: run_whole(self._target.export_command(file)),
        )
        return (shell, ours)

    def _import(self, file: Path) -> Run:
        return run_tableport(self._target, self._folder, "import", file)

    def _export(self, file: Path) -> Run:
        return run_tableport(self._target, self._folder, "export", "-o", file)

    def _note(self, act: str, who: str, result: Run) -> None:
        self._runs.setdefault((act, who), []).append(result)
        # A million rows take a while: whoever waits sees that something happens.
        print(f"{self._target.name}: {who} {act} {result.seconds:.1f} s", file=sys.stderr)

    # ------------------------------------------------------------ results
    def table(self, act: str) -> Table:
        rows = [self._row(act, who) for who, *_ in self._acts()]
        title = f"{act.capitalize()}, {self._target.version}"
        return Table(title=title, columns=_HEADINGS, rows=tuple(rows))

    def _row(self, act: str, who: str) -> tuple[str, ...]:
        runs = self._runs[act, who]
        base = self._runs.get((act, self._target.program))
        found = ratios(runs, base) if base else []
        seconds = median_seconds(runs)
        smaller = [self._smaller[act]] if who == "tableport" and self._smaller else []
        return (
            who,
            f"{seconds:.2f}",
            f"{spread(runs):.0%}" if len(runs) > 1 else "–",
            f"{statistics.median(found):.2f}" if found else "–",
            f"{min(found):.2f}–{max(found):.2f}" if runs is not base and found else "–",
            f"{self._rows / seconds:,.0f}",
            f"{sum(r.cpu_seconds for r in runs) / len(runs):.2f}",
            megabytes(most_memory(runs)),
            megabytes(most_memory(smaller)),
        )

    def figures(self) -> Mapping[str, Any]:
        found: dict[str, Any] = {"server": self._target.version}
        for (act, who), runs in self._runs.items():
            found.setdefault(act, {})[who] = [asdict(run) for run in runs]
        for act, run in self._smaller.items():
            found[act]["tableport_smaller"] = asdict(run)
        return found


def _require_equal(what: str, found: Sequence[int], wanted: Sequence[int]) -> None:
    if found != wanted:
        raise BenchmarkFailed(
            f"{what}: {found[0]:,} rows, checksum {found[1]}; "
            f"the source has {wanted[0]:,} rows, checksum {wanted[1]}"
        )


BENCHMARK = Benchmark(
    name="loading",
    about="import and export of a CSV on each database, against psql \\copy and the sqlite3 shell",
    run=run,
)
