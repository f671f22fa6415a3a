"""An import with a journal, and its undoing, for the tests of undo."""

from __future__ import annotations

from typing import Any

import polars as pl
from sqlalchemy.engine import Engine

from core.databases.loaders import begin, open_loader
from core.databases.reflect import reflect_table
from core.databases.undo import KeptRow, TakingBack, Tally, UndoJournal
from core.model.job import Counts
from core.model.plan import OnConflict

JOB = "6f9619ff-8b86-d011-b42d-00c04fc964ff"


def imported(
    engine: Engine,
    table: str,
    *frames: pl.DataFrame,
    on_conflict: OnConflict = OnConflict.ERROR,
    job_id: str = JOB,
    **options: Any,
) -> UndoJournal:
    """Load the frames as one import that can be undone; its journal."""
    reflected = reflect_table(engine, table)
    journal = UndoJournal(reflected, job_id)
    columns = [name for name in frames[0].columns if not name.startswith("__")]
    loader = open_loader(
        engine, reflected, columns,
        run_id=job_id, on_conflict=on_conflict, journal=journal, **options,
    )  # fmt: skip
    with loader:
        if on_conflict is OnConflict.REPLACE:
            loader.clear()
        for frame in frames:
            assert not loader.load(frame).failures
        if on_conflict is OnConflict.SYNC:
            loader.delete_others()
        loader.commit(Counts())
    return journal


def undone(engine: Engine, table: str, job_id: str = JOB) -> tuple[Tally, list[KeptRow]]:
    """Undo it; what became of the rows, and those that were kept. What was foreseen comes true."""
    reflected = reflect_table(engine, table)
    foreseen = foreseen_tally(engine, table, job_id)
    with begin(engine, run_id=f"undo {job_id}", what=table) as transaction:
        work = TakingBack(transaction, reflected, job_id)
        taken = sum(work.take_back(step, kind) for step, kind in work.steps)
        tally = work.tally()
        kept = [row for page in work.listed(kept=True) for row in page]
        work.forget()
        transaction.commit(table, Counts())
    assert taken == tally.taken_back
    assert len(kept) == tally.kept
    assert foreseen.rows == tally.rows
    return tally, kept


def foreseen_tally(engine: Engine, table: str, job_id: str = JOB) -> Tally:
    """What undoing would do; nothing is done."""
    with begin(engine, run_id="foreseen", what=table) as transaction:
        work = TakingBack(transaction, reflect_table(engine, table), job_id, foreseen=True)
        for step, kind in work.steps:
            assert work.take_back(step, kind) == 0
        return work.tally()
