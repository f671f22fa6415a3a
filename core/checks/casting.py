"""Text → typed values (docs/architecture.md, "Typed frames"), column by column.

A cell that cannot be of its column's kind becomes null and is a problem: nothing is rounded,
cut, wrapped around or guessed. Null stays null. Outside text columns blanks around a value
are tolerated and an empty cell is null; in text columns every character counts, and '' is ''.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

from core.checks import figures, moments
from core.checks.cells import BLANKS, Cast, settle
from core.checks.problems import Fault, positions, quote
from core.model.table import Column, Kind

TRUE_WORDS = ("true", "t", "1", "yes", "y", "on")
FALSE_WORDS = ("false", "f", "0", "no", "n", "off")
_MEANING = dict.fromkeys(TRUE_WORDS, True) | dict.fromkeys(FALSE_WORDS, False)

_PLAIN_UUID = "^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"
_UUID = r"^\{?([0-9a-f]{8})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{12})\}?$"


@dataclass(frozen=True, kw_only=True, slots=True)
class CastOptions:
    """What the backend at hand can hold."""

    nan: bool = False  #: a floating column may hold NaN (PostgreSQL; SQLite would store NULL)


def typed(column: Column) -> pl.DataType:
    """The type the column's values have in a typed frame."""
    if column.kind is Kind.NUMBER:
        return pl.String() if column.exact else pl.Float64()
    if column.kind is Kind.DATETIME:
        return pl.Datetime("us", "UTC" if column.timezone else None)
    return _TYPES.get(column.kind, pl.String())


_TYPES: dict[Kind, pl.DataType] = {
    Kind.INTEGER: pl.Int64(),
    Kind.BOOLEAN: pl.Boolean(),
    Kind.DATE: pl.Date(),
    Kind.TIME: pl.Time(),
    Kind.BINARY: pl.Binary(),
}


def cast_column(text: pl.Series, column: Column, options: CastOptions | None = None) -> Cast:
    """The column's typed values, and the cells that could not be cast, as faults.

    `text` is a String series; the values have the dtype `typed(column)` and its length.
    """
    if column.kind is Kind.NUMBER and not column.exact:
        return figures.cast_floating(text, nan=(options or CastOptions()).nan)
    return _CASTERS[column.kind](text, column)


def _keep(text: pl.Series, column: Column) -> Cast:
    return Cast(values=text)


def _cast_boolean(text: pl.Series, column: Column) -> Cast:
    def slow(cells: pl.Series) -> Cast:
        values = cells.str.to_lowercase().replace_strict(
            _MEANING, default=None, return_dtype=pl.Boolean
        )
        return Cast(
            values=values,
            faults=(
                Fault(
                    check="type",
                    index=positions(values.is_null()),
                    says="is neither true nor false",
                ),
            ),
        )

    fast = text.replace_strict(
        {"true": True, "false": False}, default=None, return_dtype=pl.Boolean
    )
    return settle(text, fast, slow)


def _cast_uuid(text: pl.Series, column: Column) -> Cast:
    def slow(cells: pl.Series) -> Cast:
        lower = cells.str.to_lowercase()
        values = lower.to_frame("cell").select(
            pl.when(pl.col("cell").str.contains(_UUID)).then(
                pl.col("cell").str.replace(_UUID, "$1-$2-$3-$4-$5")
            )
        )
        series = values.to_series()
        says = "is not a UUID, such as 123e4567-e89b-12d3-a456-426614174000"
        return Cast(
            values=series,
            faults=(Fault(check="type", index=positions(series.is_null()), says=says),),
        )

    plain = pl.when(pl.col("cell").str.contains(_PLAIN_UUID)).then("cell")
    return settle(text, text.to_frame("cell").select(plain).to_series(), slow)


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _json_fault(cell: str) -> str | None:
    """What keeps the text from being JSON (RFC 8259), None when nothing does."""
    try:
        json.loads(cell, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        return f"{error.msg} at character {error.pos + 1}"
    except ValueError as error:
        return str(error)
    except RecursionError:
        return "it is nested too deeply"
    return None


def _cast_json(text: pl.Series, column: Column) -> Cast:
    blank = text.str.strip_chars(BLANKS) == ""
    values = text.to_frame("cell").select(pl.when(~blank).then("cell")).to_series()
    distinct = values.drop_nulls().unique()
    bad = {cell: flaw for cell in distinct.to_list() if (flaw := _json_fault(cell))}
    if not bad:
        return Cast(values=values)
    failed = values.is_in(list(bad)).fill_null(value=False)
    fault = Fault(
        check="type",
        index=positions(failed),
        says=lambda cell: f"{quote(cell)} is not JSON: {bad.get(cell, 'it cannot be read')}",
    )
    kept = values.to_frame("cell").select(pl.when(~failed).then("cell")).to_series()
    return Cast(values=kept, faults=(fault,))


def _cast_binary(text: pl.Series, column: Column) -> Cast:
    def slow(cells: pl.Series) -> Cast:
        hexed = cells.str.contains(r"^\\x(?:[0-9a-fA-F]{2})*$")
        digits = cells.to_frame("cell").select(pl.when(hexed).then(pl.col("cell").str.slice(2)))
        values = digits.to_series().str.decode("hex", strict=False)
        says = r"is not binary data; expected \x and two hexadecimal digits for each byte"
        return Cast(
            values=values,
            faults=(Fault(check="type", index=positions(values.is_null()), says=says),),
        )

    return settle(text, pl.Series([None], dtype=pl.Binary).new_from_index(0, len(text)), slow)


_CASTERS: dict[Kind, Callable[[pl.Series, Column], Cast]] = {
    Kind.TEXT: _keep,
    Kind.OTHER: _keep,
    Kind.INTEGER: figures.cast_integer,
    Kind.NUMBER: figures.cast_exact,
    Kind.BOOLEAN: _cast_boolean,
    Kind.DATE: moments.cast_date,
    Kind.DATETIME: moments.cast_datetime,
    Kind.TIME: moments.cast_time,
    Kind.JSON: _cast_json,
    Kind.UUID: _cast_uuid,
    Kind.BINARY: _cast_binary,
}
