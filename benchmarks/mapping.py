"""How well columns are put where they belong, on files with known right mappings.

The public databases are others' and are not kept here: TABLEPORT_CORPORA names a folder with
them; without it, tables of our own are measured alone.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from benchmarks.benchmark import Benchmark, Result, Table, Wanted
from benchmarks.mapping_cases import Case, copied_cases, made_cases
from benchmarks.mapping_public import CALLED
from benchmarks.mapping_tables import HELD_OUT, TUNING
from core.mapping.suggest import suggest

_SEEDS_TUNING, _SEEDS_HELD_OUT, _SEED_PUBLIC = (1, 2), (11, 12), 21


@dataclass(slots=True)
class Tally:
    """Columns of files, counted."""

    belonging: int = 0  #: that belong somewhere
    proposed: int = 0
    right: int = 0
    auto: int = 0
    auto_right: int = 0

    def add(self, case: Case) -> None:
        for found, truth in zip(
            suggest(case.columns, case.table, case.known), case.truths, strict=True
        ):
            self.belonging += truth.target is not None
            if found.target is None:
                continue
            right = found.target == truth.target and (found.lookup is not None) == truth.by_name
            self.proposed += 1
            self.right += right
            self.auto += found.auto
            self.auto_right += found.auto and right

    @property
    def figures(self) -> dict[str, float]:
        """Shares, 0 to 1; a precision of nothing is 1."""
        return {
            "columns": self.belonging,
            "auto_precision": self.auto_right / self.auto if self.auto else 1.0,
            "auto_recall": self.auto_right / max(1, self.belonging),
            "precision": self.right / self.proposed if self.proposed else 1.0,
            "recall": self.right / max(1, self.belonging),
        }


def tallied(cases: Iterable[Case]) -> dict[str, Tally]:
    """By variant of headers, in the order they come, and all together last."""
    tallies: dict[str, Tally] = {}
    everything = Tally()
    for case in cases:
        tallies.setdefault(case.variant, Tally()).add(case)
        everything.add(case)
    return tallies | {"all together": everything}


def run(wanted: Wanted) -> Result:
    tuning = tallied(
        case
        for seed in _SEEDS_TUNING
        for case in made_cases(TUNING, wanted.folder, held_out=False, seed=seed)
    )
    public = _public(wanted.folder)
    held_out = tallied(
        case
        for source in (
            *(made_cases(HELD_OUT, wanted.folder, held_out=True, seed=s) for s in _SEEDS_HELD_OUT),
            public,
        )
        for case in source
    )
    notes = () if os.environ.get("TABLEPORT_CORPORA") else (
        "Without the public databases: TABLEPORT_CORPORA is not set.",
    )  # fmt: skip
    return Result(
        tables=(
            _table("Files that nothing was tuned on", held_out),
            _table("Files for tuning", {"all together": tuning["all together"]}),
        ),
        notes=notes,
        figures={
            "held_out": {name: tally.figures for name, tally in held_out.items()},
            "tuning": {name: tally.figures for name, tally in tuning.items()},
        },
    )


def _public(folder: Path) -> Iterator[Case]:
    given = os.environ.get("TABLEPORT_CORPORA")
    for at, (name, called) in enumerate(CALLED.items()):
        path = Path(given or "") / name
        if not given or not path.is_file():
            continue
        if path.suffix == ".sql":
            script, path = path.read_text(encoding="utf-8"), folder / f"public-{at}.db"
            with closing(sqlite3.connect(path)) as db:
                db.executescript(script)
        yield from copied_cases(path, folder, called, seed=_SEED_PUBLIC)


def _table(title: str, tallies: dict[str, Tally]) -> Table:
    rows = []
    for name, tally in tallies.items():
        figures = tally.figures
        shares = (figures[key] for key in ("auto_precision", "auto_recall", "precision", "recall"))
        count = (f"{tally.belonging:,}", f"{tally.auto:,}")
        rows.append((name, *count, *(f"{100 * share:.1f} %" for share in shares)))
    return Table(
        title=title,
        columns=("headers", "columns", "taken", "right", "of all", "proposed right", "of all"),
        rows=tuple(rows),
    )  # fmt: skip


BENCHMARK = Benchmark(
    name="mapping",
    about="columns of files put where they belong: how many, and how many of them right",
    run=run,
)
