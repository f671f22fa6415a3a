"""An SQLite file of the demo, and the connection to it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from core.databases.connect import normalise_url, open_engine
from core.errors import ConfigurationError
from core.usecases.connections import add_connection, list_connections
from core.usecases.demo.once import make_once
from core.usecases.local import local_identity

if TYPE_CHECKING:
    from core.model.access import ConnectionInfo
    from core.workspace import Workspace

Rows = Iterable[Mapping[str, Any]]


def write_database(path: Path, schema: sa.MetaData, tables: Mapping[str, Rows]) -> None:
    """Make every table of the schema, and fill them in the order given, in one transaction."""
    engine = open_engine(normalise_url(f"sqlite:///{path}"), create=True)
    try:
        with engine.begin() as db:
            schema.create_all(db)
            for name, rows in tables.items():
                db.execute(schema.tables[name].insert(), list(rows))
    finally:
        engine.dispose()


def connect_demo(
    ws: Workspace, name: str, file: str, make: Callable[[Path], None]
) -> ConnectionInfo:
    """Make the database in that file, and the connection of that name.

    It becomes the default where there is none.
    Raises ConfigurationError when there is a connection of that name to something else.
    """
    path = ws.settings.home / "demo" / file
    make_once(path, make)
    who, url = local_identity(), normalise_url(f"sqlite:///{path}")
    known = list_connections(ws, who)
    if name not in {c.name for c in known}:
        # Another process may have written the same row just now.
        with suppress(sa.exc.IntegrityError):
            default = not any(c.default for c in known)
            return add_connection(ws, who, name=name, url=url, default=default)
    if ws.connection_url(name) != url:
        raise ConfigurationError(
            f"The connection {name} does not lead to the demo's {path}: remove it with "
            f"`tableport connection remove {name}`, or choose another TABLEPORT_HOME"
        )
    return next(c for c in list_connections(ws, who) if c.name == name)
