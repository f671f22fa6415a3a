"""Writing batches into tables: one transaction from open to commit.

    contract     what a loader is told and what it answers
    transaction  TargetTransaction: what one or several loaders write in
    base         Loader: what a batch goes through, whatever the backend
    faults       finding the rows at fault in a batch that was refused
    foresight    what a loader would do, told by reading alone
    side_by_side the rows of the table as text, where it would change them
    merge        insert, skip, update and delete, as set statements from a staging table
    deferral     foreign keys looked at by the commit only
    ledger       the row that says a run was committed
    progress     how far a run has come that is committed part by part
    staged       a table of ours that holds the rows of a run until they go across
    sqlite       executemany
    postgresql   COPY
    binary       … in the server's own form
    families     parents before children, for a database that looks at every row by itself
    mysql        INSERT of many rows at a time

No statement here changes the definition of a table of the user's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from sqlalchemy.engine import Engine

from core.databases.features import features_of
from core.databases.loaders.base import Loader
from core.databases.loaders.contract import (
    Journal,
    Limits,
    Outcome,
    RowFailure,
    RowTaker,
    Target,
)
from core.databases.loaders.ledger import already_committed
from core.databases.loaders.mysql import MysqlLoader, MysqlTransaction
from core.databases.loaders.postgresql import PostgresqlLoader, PostgresqlTransaction
from core.databases.loaders.sqlite import SqliteLoader, SqliteTransaction
from core.databases.loaders.transaction import TargetTransaction
from core.model.mapping import OnUpdate
from core.model.plan import Blanks, OnConflict, OnErrors
from core.model.table import Table

__all__ = [
    "LOADERS",
    "Journal",
    "Limits",
    "Loader",
    "Outcome",
    "RowFailure",
    "RowTaker",
    "TargetTransaction",
    "already_committed",
    "begin",
    "open_loader",
]


class Writing(NamedTuple):
    """How one backend is written to."""

    transaction: type[TargetTransaction]
    loader: type[Loader]


LOADERS: dict[str, Writing] = {
    "sqlite": Writing(SqliteTransaction, SqliteLoader),
    "postgresql": Writing(PostgresqlTransaction, PostgresqlLoader),
    "mysql": Writing(MysqlTransaction, MysqlLoader),
}

_USUAL = Limits()
_NO_BLANKS: Mapping[str, Blanks] = {}
_NO_POLICIES: Mapping[str, OnUpdate] = {}


def begin(
    engine: Engine, *, run_id: str, what: str, limits: Limits = _USUAL, recorded: bool = True
) -> TargetTransaction:
    """A transaction begun; end it with commit(), rollback() or `with`.

    `run_id`: the same for every try at one job. `what` is written to, in words. `recorded`: in
    our ledger; False for one that is rolled back in any case, and makes no ledger.
    Raises TargetDatabaseError when the database cannot be written to now.
    """
    kind = LOADERS[features_of(engine).backend].transaction
    return kind(engine, run_id=run_id, limits=limits, what=what, recorded=recorded)


def open_loader(
    into: Engine | TargetTransaction,
    table: Table,
    columns: Sequence[str],
    *,
    key: tuple[str, ...] = (),
    on_conflict: OnConflict = OnConflict.ERROR,
    run_id: str = "",
    on_row_error: OnErrors = OnErrors.LOAD_VALID,
    limits: Limits = _USUAL,
    blanks: Mapping[str, Blanks] = _NO_BLANKS,
    policies: Mapping[str, OnUpdate] = _NO_POLICIES,
    journal: Journal | None = None,
) -> Loader:
    """A loader in a transaction, or with its own; close it with commit(), rollback() or `with`.

    `columns`: the ones every frame will bring. `key`: what tells whether a row is already
    there; needed for skip, update and sync. `run_id` and `limits` are of an own transaction.
    Raises InvalidMapping when columns or key do not fit the table, InvalidRequest for a view and
    TargetDatabaseError when the database cannot be written to now.
    """
    target = Target(
        table=table,
        columns=tuple(columns),
        key=key,
        on_conflict=on_conflict,
        on_row_error=on_row_error,
        blanks=blanks,
        policies=policies,
        journal=journal,
    )
    target.check()
    if isinstance(into, Engine):
        into = begin(into, run_id=run_id, what=table.label, limits=limits)
    return LOADERS[features_of(into.engine).backend].loader(into, into.staged(target))
