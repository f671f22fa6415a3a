"""Which tables there are, and what one of them looks like. Always live: nothing is cached."""

from __future__ import annotations

from types import ModuleType

from sqlalchemy.engine import Engine
from sqlalchemy.exc import NoResultFound

from core.databases.catalogs import mysql, postgresql, sqlite
from core.databases.features import features_of
from core.databases.names import OWN_PREFIX
from core.databases.refusals import translated
from core.errors import InvalidRequest, NotFound
from core.model.table import Table, TableRef

CATALOGS: dict[str, ModuleType] = {
    "sqlite": sqlite,
    "postgresql": postgresql,
    "mysql": mysql,
}
_NOTHING_HIDDEN: frozenset[str] = frozenset()


def list_tables(engine: Engine, *, hidden: frozenset[str] = _NOTHING_HIDDEN) -> list[TableRef]:
    """Every table and view of the user's, the default schema's first.

    Tables of ours (`tableport_…`) are left out, and so are labels in `hidden`.
    Raises TargetDatabaseError when the database cannot be asked.
    """
    catalog = CATALOGS[features_of(engine).backend]
    with translated("The tables cannot be listed"), engine.connect() as connection:
        found: list[TableRef] = catalog.list_tables(connection)
    return [ref for ref in found if not ref.name.startswith(OWN_PREFIX) and ref.label not in hidden]


def find_table(
    engine: Engine, table: TableRef | str, *, hidden: frozenset[str] = _NOTHING_HIDDEN
) -> TableRef:
    """The table of that name among the live ones: an unknown name never reaches SQL.

    A string is a label, `table` or `schema.table`. Raises NotFound, or InvalidRequest when two
    tables answer to the label.
    """
    label = table if isinstance(table, str) else table.label
    matches = [ref for ref in list_tables(engine, hidden=hidden) if ref.label == label]
    if isinstance(table, TableRef):
        matches = [ref for ref in matches if (ref.schema, ref.name) == (table.schema, table.name)]
    if not matches:
        raise NotFound(f"There is no table {label!r} in this database")
    if len(matches) > 1:
        # Grants and jobs know tables by their labels: neither of the two could be told apart.
        raise InvalidRequest(
            f"Two tables are called {label!r}: the one of that name in the default schema, and "
            f"{matches[1].name!r} in the schema {matches[1].schema!r}. Rename one of them"
        )
    return matches[0]


def reflect_table(
    engine: Engine, table: TableRef | str, *, hidden: frozenset[str] = _NOTHING_HIDDEN
) -> Table:
    """Columns, keys and rules of a table as they are now.

    Raises NotFound for a name that is not in the live list, InvalidRequest for one that is
    there twice, and TargetDatabaseError when the table cannot be read, as a view whose table
    is gone.
    """
    ref = find_table(engine, table, hidden=hidden)
    catalog = CATALOGS[features_of(engine).backend]
    with translated(f"{ref.label} cannot be read"), engine.connect() as connection:
        try:
            found: Table = catalog.read_table(connection, ref)
        except NoResultFound as error:  # dropped since it was listed
            raise NotFound(f"There is no table {ref.label!r} in this database") from error
    return found
