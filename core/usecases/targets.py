"""A table of a connection as it is now, our own tables left out."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy.engine import make_url

from core.access.authorise import visible_columns
from core.databases.connect import normalise_url
from core.databases.making.tables import drafted_table, require_makeable
from core.databases.reflect import reflect_table
from core.errors import (
    ExportDenied,
    ImportDenied,
    InvalidColumns,
    InvalidMapping,
    InvalidRequest,
    NotFound,
)
from core.mapping.sources import sources_of
from core.mapping.validate import validate_mappings
from core.metastore import rules
from core.metastore.schema import metadata
from core.model.access import EXPORT_ACTIONS, Action
from core.model.mapping import Circumstances
from core.model.plan import OnConflict, OnErrors, WriteMode
from core.model.reference import NAMING_KINDS, Parent
from core.pipeline.judging import Terms
from core.usecases.patches import patches_of
from core.usecases.rights import grant_for, require

if TYPE_CHECKING:
    from collections.abc import Iterable

    from core.model.access import Identity
    from core.model.mapping import FieldMapping
    from core.model.new_table import NewTable
    from core.model.plan import ImportPlan
    from core.model.rule import Rule
    from core.model.table import ForeignKey, Table
    from core.workspace import Workspace


_SQLITE = "sqlite:///"


def hidden_tables(ws: Workspace, connection: str) -> frozenset[str]:
    """Labels never offered: our own tables, where they share the database (ruling A5)."""
    ours = normalise_url(ws.settings.metastore_address)
    if not _same_database(ws.connection_url(connection), ours):
        return frozenset()
    return frozenset(metadata.tables) | {"alembic_version"}


def require_own_file(ws: Workspace, connection: str) -> None:
    """An import writes to our tables while it writes to its own, and SQLite lets only one of them
    do so. Raises InvalidRequest where both lie in one file."""
    url = ws.connection_url(connection)
    ours = normalise_url(ws.settings.metastore_address)
    if url.startswith(_SQLITE) and _same_database(url, ours):
        raise InvalidRequest(
            f"{connection} is the SQLite file in which Tableport keeps its own tables: nothing can "
            "be imported into it. Put the table into a file of its own, or set "
            "TABLEPORT_METASTORE_URL."
        )


def _same_database(one: str, other: str) -> bool:
    """The same address, or the same SQLite file by another path."""
    if one == other or not (one.startswith(_SQLITE) and other.startswith(_SQLITE)):
        return one == other
    paths = [Path(make_url(url).database or "") for url in (one, other)]
    return all(path.exists() for path in paths) and paths[0].samefile(paths[1])


def require_fitting(plan: ImportPlan, table: Table) -> None:
    """The table may have changed since the plan was made.

    Raises InvalidMapping or InvalidRequest.
    """
    read = [name for m in plan.mappings for name in sources_of(m)]
    validate_mappings(plan.mappings, read, table)
    targets = tuple(m.target for m in plan.mappings)
    key = table.conflict_key(targets, plan.key)
    if strange := [name for name in key if name not in targets]:
        raise InvalidMapping(
            f"The key column {strange[0]!r} is not mapped: map it, or choose another key."
        )
    _require_fitting_mode(plan, table)
    keyless = plan.on_conflict in (OnConflict.ERROR, OnConflict.REPLACE)
    if plan.on_conflict.deletes and plan.on_errors is not OnErrors.STOP:
        raise InvalidRequest(
            f"on_errors: to {plan.on_conflict} the rows of {table.label}, stop on errors: the table"
            " would lose what the file's rejected rows stand for."
        )
    if plan.on_conflict.deletes and (plan.max_rows is not None or plan.rows_of is not None):
        raise InvalidRequest(
            f"on_conflict: to {plan.on_conflict} the rows of {table.label} takes the whole file, "
            "and this import reads a part of one: choose update."
        )
    if not key and not keyless:
        raise InvalidMapping(
            f"To {plan.on_conflict} rows that are already in {table.label}, map the columns of "
            "one of its keys, or choose the key columns."
        )


def _require_fitting_mode(plan: ImportPlan, table: Table) -> None:
    """In resume what is committed stays, whatever comes after it. Raises InvalidRequest."""
    if plan.creates is not None and plan.mode is not WriteMode.DIRECT:
        raise InvalidRequest(
            "mode: a new table is made and filled in one transaction, so that a failure leaves "
            "none: choose direct."
        )
    if plan.mode is not WriteMode.RESUME:
        return
    if plan.on_conflict.deletes:
        raise InvalidRequest(
            f"mode: resume commits batch by batch, and others would see {table.label} half "
            f"emptied: to {plan.on_conflict} its rows choose staged or direct."
        )
    if plan.on_errors is OnErrors.STOP:
        raise InvalidRequest(
            "mode: resume commits batch by batch, so that a row that is refused later could not "
            "stop what is written already: choose on_errors load_valid, or staged or direct."
        )


def reflected(ws: Workspace, connection: str, table: str) -> Table:
    """Raises NotFound, for a hidden table too, or TargetDatabaseError."""
    return reflect_table(ws.engine(connection), table, hidden=hidden_tables(ws, connection))


def named_table(
    ws: Workspace, who: Identity, connection: str, table: str, creates: NewTable | None
) -> Table:
    """The table of that label; where it is to be made, for those who may, as it will be.

    Raises as `reflected`, ImportDenied or InvalidRequest.
    """
    if creates is None:
        return reflected(ws, connection, table)
    require(ws, who, Action.CREATE_TABLE, connection, creates.label)
    return drafted_table(ws.engine(connection), creates)


def target_of(ws: Workspace, plan: ImportPlan) -> Table:
    """The table a plan's rows go into, as it is now; one that it makes as it will be.

    Raises as `reflected`, ImportDenied.
    """
    try:
        table = reflected(ws, plan.connection, plan.table)
    except NotFound:
        if plan.creates is None:
            raise
        table = drafted_table(ws.engine(plan.connection), plan.creates)
    return writable(table, keep_identity=plan.keep_identity)


def require_unmade(ws: Workspace, plan: ImportPlan) -> None:
    """Can the table that the plan makes, if it makes one, still be made?

    Raises Conflict when there is one of that name by now, or TargetDatabaseError.
    """
    if plan.creates is not None:
        require_makeable(ws.engine(plan.connection), plan.creates)


def writable(table: Table, *, keep_identity: bool = False) -> Table:
    """The table as an import sees it. Raises ImportDenied for a view."""
    if table.ref.is_view:
        raise ImportDenied(f"{table.label} is a view: rows can be imported into tables only.")
    return table.with_identity() if keep_identity else table


def reference_of(table: Table, column: str) -> ForeignKey:
    """Where the values of one column lead. Raises InvalidMapping when they lead nowhere."""
    for reference in table.foreign_keys:
        if reference.columns == (column,):
            return reference
    raise InvalidMapping(
        f"{table.label}.{column} cannot be looked up: no foreign key of that column alone leads "
        "to another table"
    )


def parent_of(
    ws: Workspace,
    who: Identity,
    connection: str,
    reference: ForeignKey,
    by: str | None = None,
) -> Parent:
    """The table a column refers to, for those who may know its rows by column `by`.

    Looking a value up tells whether it is there: this asks for a preview of the parent, and for
    both columns. Who may preview imports only is not told other values of it. Raises ImportDenied
    naming the parent, InvalidMapping for a column that cannot be gone by, and as `reflected`.
    """
    label, key = reference.target_label, reference.target_columns[0]
    shown = Action.PREVIEW_EXPORT in grant_for(ws, who, connection, label).actions
    action = Action.PREVIEW_EXPORT if shown else Action.PREVIEW_IMPORT
    try:
        require(ws, who, action, connection, label, columns=[key] if by is None else [by, key])
    except (ExportDenied, ImportDenied, InvalidColumns) as refused:
        raise ImportDenied(f"You may not look up values in {label}. {refused}") from refused
    table = reflected(ws, connection, label)
    if by is not None:
        if by not in table.column_names:
            raise InvalidMapping(f"{label} has no column {by!r} to look values up by.")
        if table.column(by).kind not in NAMING_KINDS:
            raise InvalidMapping(
                f"{label}.{by} cannot be looked up by: choose a column of text, whole numbers or "
                "UUIDs."
            )
    return Parent(table=table, key=key, shown=shown)


def parents_of(
    ws: Workspace,
    who: Identity,
    connection: str,
    table: Table,
    mappings: Iterable[FieldMapping],
) -> dict[str, Parent]:
    """The parents that lookups read, by target column. Raises as `parent_of` does."""
    return {
        m.target: parent_of(ws, who, connection, reference_of(table, m.target), m.lookup.by)
        for m in mappings
        if m.lookup is not None
    }


def _rules_of(ws: Workspace, connection: str, table: Table) -> tuple[Rule, ...]:
    """The rules in force for a table, whoever imports."""
    with ws.metastore.connect() as db:
        return tuple(r for r in rules.list_rules(db, connection, table.label) if r.enabled)


def shown_columns(ws: Workspace, who: Identity, connection: str, table: Table) -> frozenset[str]:
    """Columns of the table whose present values this person may be told of."""
    grant = grant_for(ws, who, connection, table.label)
    if not grant.actions & EXPORT_ACTIONS:
        return frozenset()
    return frozenset(visible_columns(grant, table))


def terms_of(ws: Workspace, who: Identity, plan: ImportPlan) -> Terms:
    """What the plan's file is held against, as it is now.

    Raises as `reflected` and, where it looks values up, as `parent_of` do.
    """
    table = target_of(ws, plan)
    return Terms(
        table=table,
        parents=parents_of(ws, who, plan.connection, table, plan.mappings),
        patches=patches_of(ws, plan),
        engine=ws.engine(plan.connection),
        rules=_rules_of(ws, plan.connection, table),
        shown=shown_columns(ws, who, plan.connection, table),
        circumstances=Circumstances(
            now=datetime.now(UTC), user=who.username, filename=plan.filename
        ),
    )
