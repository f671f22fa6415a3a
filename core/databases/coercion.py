"""Values of a request, made into values of a column's kind."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from datetime import UTC, date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any

from core.databases.features import Features
from core.errors import InvalidRequest
from core.model.table import Column, Kind

_TRUE = frozenset({"true", "t", "yes", "y", "on", "1"})
_FALSE = frozenset({"false", "f", "no", "n", "off", "0"})
_INT64 = 2**63
_MOST_DIGITS = 1000


def coerce(column: Column, value: Any, features: Features) -> Any:
    """A JSON or Python value as the column's kind has it, ready to be bound.

    A DATETIME column gets a datetime (in UTC where it has a zone, else without zone), or a date
    when the value names a day only. Raises InvalidRequest naming column and value.
    """
    if value is None:
        raise InvalidRequest(f"{column.name}: compare with is_null or is_not_null, not with null")
    try:
        found = _COERCE[column.kind](value, column)
    except (ValueError, TypeError, InvalidOperation, OverflowError) as error:
        raise InvalidRequest(f"{column.name}: {value!r} is not {_WANTED[column.kind]}") from error
    if isinstance(found, str):
        require_storable(column.name, found, features)
    if isinstance(found, Decimal) and not features.enforces_types:
        # SQLite has no decimals: it keeps, and compares, integers and floats.
        whole = found == found.to_integral_value() and -_INT64 <= found < _INT64
        return int(found) if whole else float(found)
    return found


def require_storable(what: str, text: str, features: Features) -> None:
    """Raises InvalidRequest for text that no cell of this database can hold."""
    if "\x00" in text and not features.holds_nul:
        raise InvalidRequest(f"{what}: text with a NUL character cannot be in the database")
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise InvalidRequest(f"{what}: the text holds half a character")


def _text(value: Any, _column: Column) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple | dict):
        raise TypeError
    return str(value)


def _integer(value: Any, _column: Column) -> int:
    if isinstance(value, bool):
        raise TypeError
    number = Decimal(str(value).strip())
    if not -_INT64 <= number < _INT64 or number != number.to_integral_value():
        raise ValueError
    return int(number)


def _number(value: Any, column: Column) -> Decimal | float:
    if isinstance(value, bool):
        raise TypeError
    number = Decimal(str(value).strip())
    # A number of a thousand digits is in no table, and costs as much as it has digits.
    if not number.is_finite() or abs(number.adjusted()) > _MOST_DIGITS:
        raise ValueError
    return number if column.exact else float(number)


def _boolean(value: Any, _column: Column) -> bool:
    word = str(value).strip().lower()
    if word in _TRUE:
        return True
    if word in _FALSE:
        return False
    raise ValueError


def _date(value: Any, _column: Column) -> date:
    if isinstance(value, datetime):
        raise TypeError
    return value if isinstance(value, date) else date.fromisoformat(str(value).strip())


def _datetime(value: Any, column: Column) -> datetime | date:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    text = str(value).strip()
    if re.fullmatch(r"\d{4}-\d\d-\d\d", text):
        return date.fromisoformat(text)
    moment = value if isinstance(value, datetime) else datetime.fromisoformat(text)
    if not column.timezone:
        if moment.tzinfo is not None:
            raise ValueError
        return moment
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _time(value: Any, _column: Column) -> time:
    return value if isinstance(value, time) else time.fromisoformat(str(value).strip())


def _uuid(value: Any, _column: Column) -> str:
    return str(uuid.UUID(str(value).strip()))


def _binary(value: Any, _column: Column) -> bytes:
    if isinstance(value, bytes):
        return value
    text = str(value)
    if not text.startswith("\\x"):
        raise ValueError
    return bytes.fromhex(text[2:])


_COERCE: dict[Kind, Callable[[Any, Column], Any]] = {
    Kind.TEXT: _text,
    Kind.INTEGER: _integer,
    Kind.NUMBER: _number,
    Kind.BOOLEAN: _boolean,
    Kind.DATE: _date,
    Kind.DATETIME: _datetime,
    Kind.TIME: _time,
    Kind.JSON: _text,
    Kind.UUID: _uuid,
    Kind.BINARY: _binary,
    Kind.OTHER: _text,
}
_WANTED = {
    Kind.TEXT: "a text",
    Kind.INTEGER: "a whole number",
    Kind.NUMBER: "a number",
    Kind.BOOLEAN: "true or false",
    Kind.DATE: "a date such as 2026-01-31",
    Kind.DATETIME: "a date or a moment such as 2026-01-31T13:45:00 (with a zone only where "
    "the column has one)",
    Kind.TIME: "a time such as 13:45:00",
    Kind.JSON: "a JSON text",
    Kind.UUID: "a UUID",
    Kind.BINARY: "binary in hex such as \\x0aff",
    Kind.OTHER: "a text",
}
