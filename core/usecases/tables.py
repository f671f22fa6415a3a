"""The tables of a connection: which there are, what they look like, what is in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from core.access.authorise import visible_columns
from core.databases.reflect import list_tables as live_tables
from core.databases.select import count_rows, page_rows
from core.errors import NotFound, TargetDatabaseError
from core.model.access import EXPORT_ACTIONS, IMPORT_ACTIONS, Action
from core.model.preview import RowPage, TableDescription
from core.usecases.rights import connection_name, grant_for, import_seen, require
from core.usecases.targets import hidden_tables, reflected, target_of

if TYPE_CHECKING:
    from core.model.access import Identity
    from core.model.plan import Filter, Sort
    from core.model.table import Table, TableRef
    from core.workspace import Workspace


def list_tables(
    ws: Workspace,
    who: Identity,
    connection: str | None = None,
    *,
    action: Action | None = None,
) -> list[TableRef]:
    """Tables the caller may import or export, or on which they may do `action`; live."""
    name = connection_name(ws, connection)
    wanted = {action} if action else IMPORT_ACTIONS | EXPORT_ACTIONS
    refs = live_tables(ws.engine(name), hidden=hidden_tables(ws, name))
    if action in IMPORT_ACTIONS:
        refs = [r for r in refs if not r.is_view]
    return [r for r in refs if wanted & grant_for(ws, who, name, r.label).actions]


def describe_table(
    ws: Workspace,
    who: Identity,
    table: str,
    connection: str | None = None,
    *,
    sample_rows: int = 5,
    for_import: bool = False,
) -> TableDescription:
    """A table as the caller may see it: columns they may not see are nowhere in it.

    Rows that cannot be read, as of a materialised view without any yet, take nothing from its
    description but the sample.

    `for_import`: every column by name, since a file is mapped to them, but no row; only for
    those who may import.
    """
    name = connection_name(ws, connection)
    grant = grant_for(ws, who, name, table)
    if not grant.actions & (IMPORT_ACTIONS | EXPORT_ACTIONS):
        raise NotFound(f"There is no table {table!r}.")
    engine = ws.engine(name)
    found = reflected(ws, name, table)
    if for_import and grant.actions & IMPORT_ACTIONS:
        return TableDescription(connection=name, table=found, grant=grant)
    visible = visible_columns(grant, found)
    may_read = bool(grant.actions & EXPORT_ACTIONS)
    sample: tuple[dict[str, str | None], ...] = ()
    no_sample: str | None = None
    if may_read and sample_rows and visible:
        try:
            frame = page_rows(engine, found, visible, limit=sample_rows)
            sample = tuple(frame.iter_rows(named=True))
        except TargetDatabaseError as error:
            no_sample = str(error)
    # Who may only import must see every column to map to it, but no row.
    shown = restricted(found, visible) if may_read else found
    return TableDescription(
        connection=name, table=shown, sample=sample, no_sample=no_sample, grant=grant
    )


def describe_target(ws: Workspace, who: Identity, job_id: str) -> TableDescription:
    """The table an import goes into, with every column; one that it makes, as it will be.

    Raises NotFound, ImportDenied or TargetDatabaseError.
    """
    job, plan = import_seen(ws, who, job_id)
    grant = grant_for(ws, who, job.connection, job.table)
    return TableDescription(connection=job.connection, table=target_of(ws, plan), grant=grant)


def restricted(table: Table, visible: Sequence[str]) -> Table:
    """The table without the columns a user may not see, nor keys and rules that name them."""
    seen = set(visible)
    if seen.issuperset(table.column_names):
        return table
    return replace(
        table,
        columns=tuple(c for c in table.columns if c.name in seen),
        keys=tuple(k for k in table.keys if seen.issuperset(k.columns)),
        foreign_keys=tuple(f for f in table.foreign_keys if seen.issuperset(f.columns)),
        indexes=tuple(i for i in table.indexes if seen.issuperset(i.columns)),
        checks=(),
    )


def browse_table(
    ws: Workspace,
    who: Identity,
    table: str,
    connection: str | None = None,
    *,
    columns: Sequence[str] = (),
    filters: Sequence[Filter] = (),
    search: str | None = None,
    sort: Sequence[Sort] = (),
    limit: int = 100,
    offset: int = 0,
) -> RowPage:
    """One page of rows. Raises ExportDenied, or InvalidColumns for a column not to be seen."""
    name = connection_name(ws, connection)
    named = [*columns, *(f.column for f in filters), *(s.column for s in sort)]
    grant = require(ws, who, Action.PREVIEW_EXPORT, name, table, columns=named)
    engine = ws.engine(name)
    found = reflected(ws, name, table)
    visible = visible_columns(grant, found)
    shown = tuple(columns) or visible
    frame = page_rows(
        engine,
        found,
        shown,
        filters=filters,
        search=search,
        sort=sort,
        limit=limit,
        offset=offset,
    )
    total = count_rows(engine, found, shown, filters=filters, search=search)
    return RowPage(
        columns=shown,
        rows=tuple(frame.iter_rows(named=True)),
        total_rows=total,
        offset=offset,
        limit=limit,
    )
