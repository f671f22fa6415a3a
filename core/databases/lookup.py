"""Which keys are already in a table, which references lead nowhere: one query per batch."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import polars as pl
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from core.databases.binding import as_text, sqlite_values
from core.databases.catalogs.mysql import Stored, stored_as
from core.databases.catalogs.postgresql import base_types
from core.databases.features import features_of
from core.databases.mysql_binding import json_rows
from core.databases.names import picked, quote, quote_ref, sql_table
from core.databases.refusals import translated
from core.model.table import Column, ForeignKey, Kind, Table, TableRef

_AT = "tableport_at"
_JSON_BYTES = 4_000_000  # of keys in one question to MySQL, which by default takes 16 MB or more


def existing_keys(
    bind: Engine | Connection, table: Table, key: tuple[str, ...], frame: pl.DataFrame
) -> pl.Series:
    """Per row of a typed frame: is this key in the table? A key with a null part is not.

    Boolean, as long as the frame. A connection is asked within its own transaction.
    Raises TargetDatabaseError.
    """
    columns = [table.column(name) for name in key]
    with _connected(bind, table.label) as connection:
        return _present(connection, table.ref, key, columns, picked(frame, key))


def missing_references(
    bind: Engine | Connection,
    table: Table,
    reference: ForeignKey,
    frame: pl.DataFrame,
    also: pl.DataFrame | None = None,
) -> pl.Series:
    """Per row: has the reference a value in every part, and no such parent (MATCH SIMPLE)?

    `also`: typed rows that count as parents although they are not in the table yet, such as the
    rest of the file when a table refers to itself; it holds the reference's target columns.
    Boolean, as long as the frame. Raises TargetDatabaseError.
    """
    parts = picked(frame, reference.columns)
    columns = [table.column(name) for name in reference.columns]
    target = TableRef(name=reference.target_table, schema=reference.target_schema)
    with _connected(bind, target.label) as connection:
        found = _present(connection, target, reference.target_columns, columns, parts)
    if also is not None:
        found |= _among(parts, picked(also, reference.target_columns))
    whole = parts.select(pl.all_horizontal(pl.all().is_not_null())).to_series()
    return (whole & ~found).alias("missing")


def is_empty(bind: Engine | Connection, table: Table) -> bool:
    """Has the table no row? Raises TargetDatabaseError."""
    with _connected(bind, table.label) as connection:
        return _is_empty(connection, table.ref)


@contextmanager
def _connected(bind: Engine | Connection, label: str) -> Iterator[Connection]:
    with translated(f"{label} cannot be read"):
        if isinstance(bind, Connection):
            yield bind
        else:
            with bind.connect() as connection:
                yield connection


def _among(parts: pl.DataFrame, others: pl.DataFrame) -> pl.Series:
    """Is each row of `parts` among `others`? Compared by their text, so that dtypes may differ."""
    names = [f"p{n}" for n in range(parts.width)]
    left, right = (
        pl.DataFrame([c.cast(pl.String).alias(n) for n, c in zip(names, side, strict=True)])
        for side in (parts, others)
    )
    hits = left.with_row_index(_AT).join(right.unique(), on=names, how="semi")
    return _mask(parts.height, hits[_AT].to_list())


def _mask(height: int, positions: Sequence[int]) -> pl.Series:
    found = pl.Series("existing", [False], dtype=pl.Boolean).new_from_index(0, height)
    return found.scatter(positions, True) if positions else found


def _present(
    connection: Connection,
    ref: TableRef,
    names: tuple[str, ...],
    columns: Sequence[Column],
    parts: pl.DataFrame,
) -> pl.Series:
    """Per row of `parts`: is there a row in `ref` whose `names` have these values?

    `columns` describe `parts`, which may be another table's.
    """
    height = parts.height
    # Numbered: a column of the table may be called as ours are.
    numbered = [parts.get_column(c.name).alias(f"p{n}") for n, c in enumerate(columns)]
    whole = pl.DataFrame(numbered).with_row_index(_AT).drop_nulls()
    if whole.is_empty() or _is_empty(connection, ref):
        return _mask(height, ())
    hits = _ASK[features_of(connection).backend](connection, ref, names, columns, whole)
    return _mask(height, hits)


def _is_empty(connection: Connection, ref: TableRef) -> bool:
    """Asked anew for every batch: others may write meanwhile, and so may we."""
    rows = sa.exists().select_from(sql_table(ref, ()))
    return not connection.execute(sa.select(rows)).scalar()


def _ask_postgresql(
    connection: Connection,
    ref: TableRef,
    names: tuple[str, ...],
    columns: Sequence[Column],
    whole: pl.DataFrame,
) -> list[int]:
    """Arrays of text, unnested and cast to the key's own types so that its index is used."""
    bases = base_types(connection, ref)
    texts = {f"p{i}": as_text(whole[f"p{i}"], c).cast(pl.String) for i, c in enumerate(columns)}
    # Text with a NUL cannot be in a PostgreSQL database, nor be sent to one.
    rows = pl.DataFrame({_AT: whole[_AT], **texts}).filter(
        ~pl.any_horizontal(pl.col(list(texts)).str.contains("\x00", literal=True))
    )
    casts, matches = [], []
    for i, (name, column) in enumerate(zip(names, columns, strict=True)):
        cell, base = f"t.{quote(name)}", bases[name]
        if column.kind is Kind.INTEGER and base in ("smallint", "integer"):
            base = "bigint"  # a number out of range is simply not there
        if base == "text" or column.kind is Kind.OTHER:
            cell, base = f"{cell}::text", "text"
        casts.append(f"CAST(p{i} AS {base}) AS p{i}")
        matches.append(f"{cell} = s.p{i}")
    arrays = ", ".join(f"CAST(%({name})s AS text[])" for name in texts)
    # Names are reflected and quoted, for they cannot be bound; every value is.
    sql = (
        f"SELECT s.at FROM (SELECT at, {_safe(', '.join(casts))} FROM "  # noqa: S608
        f"unnest(CAST(%(at)s AS bigint[]), {arrays}) AS u(at, {', '.join(texts)})) AS s "
        f"WHERE EXISTS (SELECT 1 FROM {_safe(quote_ref(ref))} AS t "
        f"WHERE {_safe(' AND '.join(matches))})"
    )
    values = {"at": rows[_AT].to_list(), **{name: rows[name].to_list() for name in texts}}
    return [row[0] for row in connection.exec_driver_sql(sql, values)]


def _safe(sql: str) -> str:
    """Percent signs doubled: the driver would take them for parameters."""
    return sql.replace("%", "%%")


def _ask_sqlite(
    connection: Connection,
    ref: TableRef,
    names: tuple[str, ...],
    columns: Sequence[Column],
    whole: pl.DataFrame,
) -> list[int]:
    """A list of VALUES joined to the table, as many rows at a time as may be bound."""
    bound = [sqlite_values(whole[f"p{n}"], column) for n, column in enumerate(columns)]
    # What SQLite would not store as it is cannot be there either.
    bent = {at for part in bound for at in part.bent}
    cells = zip(whole[_AT].to_list(), *(part.values for part in bound), strict=True)
    rows = [row for at, row in enumerate(cells) if at not in bent]
    parts = [f"p{i}" for i in range(len(names))]
    matches = [f"t.{quote(n)} = s.{p}" for n, p in zip(names, parts, strict=True)]
    step = features_of(connection).parameter_limit // (len(names) + 1)
    hits: list[int] = []
    for start in range(0, len(rows), step):
        chunk = rows[start : start + step]
        row = f"({', '.join('?' * (len(names) + 1))})"
        wanted = ", ".join([row] * len(chunk))
        # Names are reflected and quoted, for they cannot be bound; every value is.
        sql = (
            f"WITH tableport_wanted(at, {', '.join(parts)}) AS (VALUES {wanted}) "  # noqa: S608
            f"SELECT DISTINCT s.at FROM tableport_wanted AS s JOIN {quote_ref(ref)} AS t "
            f"ON {' AND '.join(matches)}"
        )
        values = tuple(value for part in chunk for value in part)
        hits.extend(found[0] for found in connection.exec_driver_sql(sql, values))
    return hits


def _ask_mysql(
    connection: Connection,
    ref: TableRef,
    names: tuple[str, ...],
    columns: Sequence[Column],
    whole: pl.DataFrame,
) -> list[int]:
    """A JSON array, unnested with the key's own types and collations so that its index is used."""
    stored = stored_as(connection, ref)
    made, matches = [f"{_AT} BIGINT PATH '$[0]'"], []
    for n, (name, column) in enumerate(zip(names, columns, strict=True)):
        kind, match = _matched(f"t.{quote(name)}", f"s.p{n}", column, stored[name])
        made.append(f"p{n} {kind} PATH '$[{n + 1}]'")
        matches.append(match)
    # Names are reflected and quoted, for they cannot be bound; every value is.
    sql = (
        f"SELECT s.{_AT} FROM JSON_TABLE(%(rows)s, '$[*]' COLUMNS ({', '.join(made)})) AS s "  # noqa: S608
        f"WHERE EXISTS (SELECT 1 FROM {_safe(quote_ref(ref))} AS t "
        f"WHERE {_safe(' AND '.join(matches))})"
    )
    step = max(1, whole.height * _JSON_BYTES // max(1, int(whole.estimated_size())))
    return [
        row[0]
        for chunk in whole.iter_slices(step)
        for row in connection.exec_driver_sql(sql, {"rows": json_rows(chunk.get_columns())})
    ]


def _matched(cell: str, part: str, column: Column, stored: Stored) -> tuple[str, str]:
    """The type to read a part of a key as, and the condition that the cell equals it."""
    if stored.collation is not None:
        same = f"{cell} = {part}"
        if stored.charset != "utf8mb4":
            # What that character set lacks would become a question mark.
            same = (
                f"{cell} = CONVERT({part} USING {stored.charset}) COLLATE {stored.collation} AND "
                f"CONVERT(CONVERT({part} USING {stored.charset}) USING utf8mb4) = {part}"
            )
            return "LONGTEXT CHARACTER SET utf8mb4", same
        return f"LONGTEXT CHARACTER SET utf8mb4 COLLATE {stored.collation}", same
    match column.kind:
        case Kind.NUMBER if column.exact:
            whole = (column.precision or 65) - (column.scale or 0)
            return f"DECIMAL(65,{min(30, 65 - whole)})", f"{cell} = {part}"
        case Kind.BINARY:
            return "LONGTEXT CHARACTER SET utf8mb4", f"{cell} = UNHEX({part})"
        case Kind.UUID:
            return "LONGTEXT CHARACTER SET utf8mb4", f"{cell} = CAST({part} AS UUID)"
    known = _MYSQL_TYPES.get(column.kind)
    return known or "LONGTEXT CHARACTER SET utf8mb4", (
        f"{cell} = {part}" if known else f"CAST({cell} AS CHAR) = {part}"
    )


_MYSQL_TYPES = {
    Kind.INTEGER: "BIGINT",  # a number out of range is simply not there
    Kind.BOOLEAN: "BIGINT",
    Kind.NUMBER: "DOUBLE",
    Kind.DATE: "DATE",
    Kind.DATETIME: "DATETIME(6)",
    Kind.TIME: "TIME(6)",
}
_ASK = {"sqlite": _ask_sqlite, "postgresql": _ask_postgresql, "mysql": _ask_mysql}
