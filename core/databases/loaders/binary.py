"""Typed frames as PostgreSQL's binary COPY, which its server takes in with a third less work."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping

import pgpq
import polars as pl

from core.model.table import Column

#: From the cells of a column to what the type's own receiving function reads.
Form = Callable[[pl.Expr], pl.Expr]
_MOST_DIGITS = 38  # of Arrow's decimals
_UUID_BYTES = 16
_JSONB_VERSION = "\x01"


def unchanged(cell: pl.Expr) -> pl.Expr:
    """A form for what is sent as it is."""
    return cell


_FORMS: dict[str, Form] = {
    "smallint": lambda cell: cell.cast(pl.Int16),
    "integer": lambda cell: cell.cast(pl.Int32),
    "bigint": lambda cell: cell.cast(pl.Int64),
    "double precision": lambda cell: cell.cast(pl.Float64),
    "boolean": unchanged,
    "date": unchanged,
    "timestamp without time zone": unchanged,
    "timestamp with time zone": unchanged,
    "time without time zone": lambda cell: cell.cast(pl.Int64) // 1000,  # Polars has nanoseconds
    "text": unchanged,  # base_types calls enumerations so
    "character varying": unchanged,
    "bpchar": unchanged,
    "json": unchanged,
    "jsonb": lambda cell: pl.concat_str(pl.lit(_JSONB_VERSION), cell),
    "bytea": unchanged,
    "uuid": lambda cell: cell.str.replace_all("-", "", literal=True).str.decode("hex"),
}


def forms_of(columns: tuple[Column, ...], bases: Mapping[str, str]) -> dict[str, Form]:
    """How each column is sent, by name; those that only text can bring have none.

    `bases`: what the columns are to the database, without length and domain. A `real` is left
    to the server: to round twice, by way of a double, may give another number. So is a number
    without a scale: its cells would all be given as many decimals.
    """
    found: dict[str, Form] = {}
    for column in columns:
        base = bases.get(column.name, "")
        form = _decimal(column) if base == "numeric" else _FORMS.get(base)
        if form is not None:
            found[column.name] = form
    return found


def _decimal(column: Column) -> Form | None:
    if column.precision is None or column.scale is None:
        return None
    if column.precision > _MOST_DIGITS or column.scale < 0:
        return None
    kind = pl.Decimal(_MOST_DIGITS, column.scale)
    return lambda cell: cell.cast(kind)


def encoded(frame: pl.DataFrame, forms: Mapping[str, Form]) -> io.BytesIO | None:
    """The frame, with a form for each of its columns; None when text has to bring it.

    Text does for cells that are not what their column is: the database says what is wrong.
    """
    parts = [forms[c.name](pl.col(f"c{n}")) for n, c in enumerate(frame.get_columns())]
    cells = pl.DataFrame([c.alias(f"c{n}") for n, c in enumerate(frame.get_columns())])
    try:
        sent = cells.select(parts)
    except (pl.exceptions.InvalidOperationError, pl.exceptions.ComputeError):
        return None
    if not all(_faithful(*pair) for pair in zip(cells, sent, strict=True)):
        return None
    out = io.BytesIO()
    table = sent.rechunk().to_arrow(compat_level=pl.CompatLevel.oldest())
    encoder = pgpq.ArrowToPostgresBinaryEncoder(table.schema)
    out.write(encoder.write_header())
    for batch in table.to_batches():
        out.write(encoder.write_batch(batch))
    out.write(encoder.finish())
    out.seek(0)
    return out


def _faithful(cells: pl.Series, sent: pl.Series) -> bool:
    """Has no decimal lost a digit, and is every UUID whole?"""
    if cells.dtype != pl.String:
        return True
    if isinstance(sent.dtype, pl.Decimal):
        finer = rf"\.[0-9]{{{sent.dtype.scale}}}[0-9]*[1-9]"
        return not cells.str.contains(finer).any()
    return sent.dtype != pl.Binary or bool((sent.bin.size() == _UUID_BYTES).all())
