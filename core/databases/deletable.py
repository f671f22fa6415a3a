"""May rows of a table go without taking anything along that nobody asked about?"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from core.databases.features import features_of
from core.databases.names import quote_ref, sql_table
from core.databases.referring import Referring, referring_to
from core.databases.refusals import translated
from core.errors import Conflict
from core.model.table import Table

#: What the database would do to rows of other tables, in words.
_TAKES_ALONG = {
    "CASCADE": "delete rows of",
    "SET NULL": "empty {columns} in",
    "SET DEFAULT": "reset {columns} in",
}
_HEIRS = sa.text("""
    SELECT EXISTS (
        SELECT 1 FROM pg_catalog.pg_inherits i JOIN pg_catalog.pg_class c ON c.oid = i.inhrelid
        WHERE i.inhparent = CAST(:name AS regclass) AND NOT c.relispartition)
""")


def require_deletable(engine: Engine, table: Table) -> None:
    """Replacing or syncing a table deletes rows: of this table only, or not at all.

    Raises Conflict where the database would delete or change rows of other tables on its own, or
    where tables inherit from this one; TargetDatabaseError.
    """
    with translated(f"{table.label} cannot be read"), engine.connect() as connection:
        for reference in referring_to(connection, table):
            words = _TAKES_ALONG.get(reference.on_delete)
            if words and reference.child != table.ref and _is_used(connection, reference):
                said = words.format(columns=" and ".join(reference.columns))
                raise Conflict(
                    f"To delete rows of {table.label} would {said} {reference.child.label}, where "
                    f"a foreign key says ON DELETE {reference.on_delete}. Use update instead."
                )
        if features_of(connection).tables_inherit:
            name = {"name": quote_ref(table.ref)}
            if connection.execute(_HEIRS, name).scalar():
                raise Conflict(
                    f"Other tables inherit from {table.label}: to delete its rows would delete "
                    "theirs. Use update instead."
                )


def _is_used(connection: Connection, reference: Referring) -> bool:
    child = sql_table(reference.child, reference.columns)
    filled = (child.c[name].is_not(None) for name in reference.columns)
    rows = sa.select(sa.literal(1)).select_from(child).where(*filled).limit(1)
    return connection.execute(rows).first() is not None
