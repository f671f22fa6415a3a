"""A table of a connection as it is now, our own tables left out."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy.engine import make_url

from core.databases.connect import normalise_url
from core.databases.reflect import reflect_table
from core.errors import ImportDenied, InvalidMapping
from core.mapping.validate import validate_mappings
from core.metastore.schema import metadata
from core.model.mapping import Circumstances
from core.model.plan import OnConflict
from core.pipeline.judging import Terms

if TYPE_CHECKING:
    from core.model.access import Identity
    from core.model.plan import ImportPlan
    from core.model.table import Table
    from core.workspace import Workspace


def hidden_tables(ws: Workspace, connection: str) -> frozenset[str]:
    """Labels never offered: our own tables, where they share the database (ruling A5)."""
    ours = normalise_url(ws.settings.metastore_address)
    if not _same_database(ws.connection_url(connection), ours):
        return frozenset()
    return frozenset(metadata.tables) | {"alembic_version"}


def _same_database(one: str, other: str) -> bool:
    """The same address, or the same SQLite file by another path."""
    scheme = "sqlite:///"
    if one == other or not (one.startswith(scheme) and other.startswith(scheme)):
        return one == other
    paths = [Path(make_url(url).database or "") for url in (one, other)]
    return all(path.exists() for path in paths) and paths[0].samefile(paths[1])


def require_fitting(plan: ImportPlan, table: Table) -> None:
    """The table may have changed since the plan was made. Raises InvalidMapping or ImportDenied."""
    if table.ref.is_view:
        raise ImportDenied(f"{table.label} is a view: rows can be imported into tables only.")
    validate_mappings(plan.mappings, [m.source for m in plan.mappings], table)
    targets = tuple(m.target for m in plan.mappings)
    key = table.conflict_key(targets, plan.key)
    if strange := [name for name in key if name not in targets]:
        raise InvalidMapping(
            f"The key column {strange[0]!r} is not mapped: map it, or choose another key."
        )
    if not key and plan.on_conflict is not OnConflict.ERROR:
        raise InvalidMapping(
            f"To {plan.on_conflict} rows that are already in {table.label}, map the columns of "
            "one of its keys, or choose the key columns."
        )


def reflected(ws: Workspace, connection: str, table: str) -> Table:
    """Raises NotFound, for a hidden table too, or TargetDatabaseError."""
    return reflect_table(ws.engine(connection), table, hidden=hidden_tables(ws, connection))


def terms_of(ws: Workspace, who: Identity, plan: ImportPlan) -> Terms:
    """What the plan's file is held against, as it is now. Raises as `reflected` does."""
    return Terms(
        table=reflected(ws, plan.connection, plan.table),
        engine=ws.engine(plan.connection),
        circumstances=Circumstances(
            now=datetime.now(UTC), user=who.username, filename=plan.filename
        ),
    )
