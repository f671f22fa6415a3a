"""Cells as canonical text: one spelling per value, whatever the backend (docs/architecture.md)."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

import polars as pl

from core.model.table import Column, Kind

_DAY = r"(\d{4,}-\d\d-\d\d)"
_CLOCK = r"(\d\d:\d\d:\d\d)"
_FRACTION = r"(?:\.(\d{1,6}))?"
_MOMENT = rf"^{_DAY}[ T]{_CLOCK}{_FRACTION}$"
_ZONED = rf"^{_DAY}[ T]{_CLOCK}{_FRACTION}(?:Z|\+00(?::?00)?)$"
_TIME = rf"^{_CLOCK}{_FRACTION}$"
#: Strings are matched first and kept, so that only the blanks between tokens go.
_JSON_BLANKS = r'("(?:[^"\\]|\\.)*")|[ \t\r\n]+'
_NOT_FINITE = {"inf": "Infinity", "-inf": "-Infinity", "nan": "NaN"}


def canonical(values: pl.Series, column: Column) -> pl.Series:
    """Values as their database prints them, respelled: String in, String out, nulls kept.

    What is not of the column's kind (SQLite allows that) stays as it is.
    """
    match column.kind:
        case Kind.DATETIME:
            return _moments(values, zoned=column.timezone)
        case Kind.TIME:
            return _with_fraction(values, _TIME, clock=1, fraction=2)
        case Kind.JSON:
            return values.str.replace_all(_JSON_BLANKS, "${1}")
        case Kind.NUMBER if not column.exact:
            return pl.Series(values.name, [_float_text(v) for v in values], dtype=pl.String)
        case _:
            return values


def _moments(values: pl.Series, *, zoned: bool) -> pl.Series:
    pattern = _ZONED if zoned else _MOMENT
    text = _with_fraction(values, pattern, day=1, clock=2, fraction=3, zone=zoned)
    if not zoned:
        return text
    # SQLite may hold other offsets than UTC's, which PostgreSQL never prints.
    return pl.Series(values.name, [_in_utc(v) for v in text], dtype=pl.String)


def _in_utc(text: str | None) -> str | None:
    if text is None or text.endswith("+00:00") or not re.search(r"[+-]\d\d:?\d\d$", text):
        return text
    try:
        return _isoformat(datetime.fromisoformat(text).astimezone(UTC))
    except (ValueError, OverflowError):
        return text


def _isoformat(moment: datetime) -> str:
    return moment.isoformat(timespec="microseconds" if moment.microsecond else "seconds")


def _with_fraction(
    values: pl.Series,
    pattern: str,
    *,
    clock: int,
    fraction: int,
    day: int = 0,
    zone: bool = False,
) -> pl.Series:
    """The parts of `pattern` joined canonically: a fraction has six digits or is left out."""
    cell = pl.col("cell")
    digits = cell.str.extract(pattern, fraction).str.pad_end(6, "0")
    parts = [
        cell.str.extract(pattern, clock),
        pl.when(digits.is_null() | (digits == "000000"))
        .then(pl.lit(""))
        .otherwise(pl.lit(".") + digits),
    ]
    if day:
        parts = [cell.str.extract(pattern, day), pl.lit("T"), *parts]
    if zone:
        parts.append(pl.lit("+00:00"))
    spelled = (
        pl.when(cell.str.contains(pattern))
        .then(pl.concat_str(parts, ignore_nulls=True))
        .otherwise(cell)
    )
    return values.to_frame("cell").select(spelled.alias(values.name)).to_series()


def _float_text(text: str | None) -> str | None:
    if text is None:
        return None
    try:
        shortest = repr(float(text))
    except ValueError:
        return text
    return _NOT_FINITE.get(shortest, shortest)


# ---------------------------------------------------------------- SQLite's cells
#: What sqlite3 hands over: every cell has a type of its own, whatever its column says.
Cell = None | int | float | str | bytes


def text_of_cells(cells: Sequence[Cell], column: Column) -> pl.Series:
    """SQLite's cells as canonical text of the column's kind, or as their own text."""
    spell = _SPELLERS.get(column.kind, _plain)
    if column.kind is Kind.NUMBER:
        spell = _exact_speller(column.scale) if column.exact else _plain
    texts = [v if v is None else spell(v) for v in cells]
    return canonical(pl.Series(column.name, texts, dtype=pl.String), column)


def _plain(value: Any) -> str:
    if isinstance(value, bytes):
        return "\\x" + value.hex()
    if isinstance(value, float):
        return _float_text(repr(value)) or ""
    return str(value)


def _boolean(value: Any) -> str:
    if value in (0, 1) and not isinstance(value, str):
        return "true" if value else "false"
    return _plain(value)


def _uuid(value: Any) -> str:
    """SQLAlchemy stores 32 digits without hyphens, other programs 36 characters or 16 bytes."""
    text = value.hex() if isinstance(value, bytes) else _plain(value)
    bare = text.replace("-", "").lower()
    if not re.fullmatch(r"[0-9a-f]{32}", bare):
        return _plain(value)
    return f"{bare[:8]}-{bare[8:12]}-{bare[12:16]}-{bare[16:20]}-{bare[20:]}"


def _exact_speller(scale: int | None) -> Callable[[Any], str]:
    """Numbers of a NUMERIC column: SQLite keeps 12.50 as 12.5 and 12.00 as 12."""
    step = None if scale is None else Decimal(1).scaleb(-scale)

    def spell(value: Any) -> str:
        if not isinstance(value, int | float) or not math.isfinite(value):
            return _plain(value)
        number = Decimal(repr(value))
        if step is None:
            return f"{number.normalize() if number % 1 else number.quantize(Decimal(1)):f}"
        try:
            padded = number.quantize(step)
        except InvalidOperation:
            return f"{number:f}"
        # More digits than the column declares are shown, not cut.
        return f"{padded if padded == number else number:f}"

    return spell


_SPELLERS: dict[Kind, Callable[[Any], str]] = {Kind.BOOLEAN: _boolean, Kind.UUID: _uuid}
