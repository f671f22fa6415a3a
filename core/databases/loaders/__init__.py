"""Writing batches into a table: one transaction from open to commit.

    contract    what a loader is told and what it answers
    base        Loader: what a batch goes through, whatever the backend
    faults      finding the rows at fault in a batch that was refused
    merge       skip and update, as set statements from a staging table
    ledger      the row that says a run was committed
    sqlite      executemany
    postgresql  COPY

No statement here changes the definition of a table of the user's.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.engine import Engine

from core.databases.features import features_of
from core.databases.loaders.base import Loader
from core.databases.loaders.contract import Limits, Outcome, RowFailure, Target
from core.databases.loaders.ledger import already_committed
from core.databases.loaders.postgresql import PostgresqlLoader
from core.databases.loaders.sqlite import SqliteLoader
from core.model.plan import OnConflict, OnErrors
from core.model.table import Table

__all__ = [
    "LOADERS",
    "Limits",
    "Loader",
    "Outcome",
    "RowFailure",
    "already_committed",
    "open_loader",
]

USUAL_LIMITS = Limits()
LOADERS: dict[str, type[Loader]] = {"sqlite": SqliteLoader, "postgresql": PostgresqlLoader}


def open_loader(
    engine: Engine,
    table: Table,
    columns: Sequence[str],
    *,
    key: tuple[str, ...] = (),
    on_conflict: OnConflict = OnConflict.ERROR,
    run_id: str,
    on_row_error: OnErrors = OnErrors.LOAD_VALID,
    limits: Limits = USUAL_LIMITS,
) -> Loader:
    """A loader with its transaction begun; close it with commit(), rollback() or `with`.

    `columns`: the ones every frame will bring. `key`: what tells whether a row is already
    there; needed for skip and update. `run_id`: the same for every try at one job.
    Raises InvalidMapping when columns or key do not fit the table, InvalidRequest for a view and
    TargetDatabaseError when the database cannot be written to now.
    """
    target = Target(
        table=table,
        columns=tuple(columns),
        key=key,
        on_conflict=on_conflict,
        run_id=run_id,
        on_row_error=on_row_error,
        limits=limits,
    )
    target.check()
    return LOADERS[features_of(engine).backend](engine, target)
