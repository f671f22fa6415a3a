"""A table of a connection as it is now, our own tables left out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.databases.connect import normalise_url
from core.databases.reflect import reflect_table
from core.metastore.schema import metadata

if TYPE_CHECKING:
    from core.model.table import Table
    from core.workspace import Workspace


def hidden_tables(ws: Workspace, connection: str) -> frozenset[str]:
    """Labels never offered: our own tables, where they share the database (ruling A5)."""
    ours = normalise_url(ws.settings.metastore_address)
    if ws.connection_url(connection) != ours:
        return frozenset()
    return frozenset(metadata.tables) | {"alembic_version"}


def reflected(ws: Workspace, connection: str, table: str) -> Table:
    """Raises NotFound, for a hidden table too, or TargetDatabaseError."""
    return reflect_table(ws.engine(connection), table, hidden=hidden_tables(ws, connection))
