"""What a backend can do, as data: code asks for a feature, never for a backend's name."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.engine import Connection, Engine


@dataclass(frozen=True, kw_only=True, slots=True)
class Features:
    backend: str
    title: str  #: for people
    schemas: bool  #: tables live in named schemas
    supports_copy: bool  #: a bulk protocol of its own
    enforces_types: bool  #: refuses a value that does not fit its column's type
    parameter_limit: int  #: bound values in one statement
    row_address: tuple[str, ...]  #: pseudo-columns that tell rows of a keyless table apart
    fold_function: str | None  #: SQL function that folds case; None: the backend has ILIKE
    moment_function: str | None  #: SQL function that spells stored datetimes alike; None: typed
    probe: str = "SELECT 1"  #: what a database that answers can be asked
    prints_kinds: bool = True  #: a cast to text spells zones, booleans and bytes as we read them
    alike_texts: bool = False  #: a text column may hold different texts to be equal (É, e)
    nulls_last: bool = True  #: knows ORDER BY … NULLS LAST
    holds_nul: bool = False  #: text may have the character NUL in it
    rereads_temporary: bool = True  #: a temporary table may stand twice in one statement
    ddl_commits: bool = False  #: making or dropping a table ends the transaction
    reads_to_end: bool = False  #: of a stream that is left early the rest comes all the same
    tables_inherit: bool = False  #: rows of one table may belong to another as well
    readers_wait: bool = False  #: while others write, unless it keeps a write-ahead log


FEATURES: dict[str, Features] = {
    "sqlite": Features(
        backend="sqlite",
        title="SQLite",
        schemas=False,
        supports_copy=False,
        enforces_types=False,
        parameter_limit=32_000,  # SQLITE_MAX_VARIABLE_NUMBER is 32,766 since 3.32
        row_address=("rowid", "_rowid_", "oid"),
        fold_function="tableport_fold",
        moment_function="tableport_moment",
        # A file that is no database is only noticed when its first page is read.
        probe="PRAGMA schema_version",
        holds_nul=True,
        readers_wait=True,
    ),
    "postgresql": Features(
        backend="postgresql",
        title="PostgreSQL",
        schemas=True,
        supports_copy=True,
        enforces_types=True,
        parameter_limit=65_000,  # the wire protocol counts them in 16 bits
        row_address=("ctid",),
        fold_function=None,
        moment_function=None,
        tables_inherit=True,
    ),
    "mysql": Features(
        backend="mysql",
        title="MySQL or MariaDB",
        schemas=False,  # what it calls a schema is a database, and an address names one
        supports_copy=False,
        enforces_types=True,
        parameter_limit=65_000,  # the driver writes values into the statement: its size counts
        row_address=(),
        fold_function=None,
        moment_function=None,
        prints_kinds=False,
        alike_texts=True,
        nulls_last=False,
        holds_nul=True,
        rereads_temporary=False,  # MariaDB does, MySQL does not
        ddl_commits=True,
        reads_to_end=True,
    ),
}


def features_of(bind: Engine | Connection) -> Features:
    """The features of the backend behind an engine or connection made by `open_engine`."""
    return FEATURES[bind.dialect.name]
