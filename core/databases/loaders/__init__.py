"""Writing batches into tables: one transaction from open to commit.

    contract     what a loader is told and what it answers
    transaction  TargetTransaction: what one or several loaders write in
    base         Loader: what a batch goes through, whatever the backend
    faults       finding the rows at fault in a batch that was refused
    merge        insert, skip, update and delete, as set statements from a staging table
    ledger       the row that says a run was committed
    sqlite       executemany
    postgresql   COPY
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
from core.databases.loaders.contract import Journal, Limits, Outcome, RowFailure, Target
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


def begin(engine: Engine, *, run_id: str, what: str, limits: Limits = _USUAL) -> TargetTransaction:
    """A transaction begun; end it with commit(), rollback() or `with`.

    `run_id`: the same for every try at one job. `what` is written to, in words.
    Raises TargetDatabaseError when the database cannot be written to now.
    """
    kind = LOADERS[features_of(engine).backend].transaction
    return kind(engine, run_id=run_id, limits=limits, what=what)


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
    keep_identity: bool = False,
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
        keep_identity=keep_identity,
        journal=journal,
    )
    target.check()
    if isinstance(into, Engine):
        into = begin(into, run_id=run_id, what=table.label, limits=limits)
    return LOADERS[features_of(into.engine).backend].loader(into, into.staged(target))
