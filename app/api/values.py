"""Canonical text becomes JSON values that mean the same.

A JSON number is read as a double by most clients. So a number is sent as a JSON number when it
survives that, and as a string when it would not: 12.50 → 12.5, 12345678901234567890.01 → a string.
Money is never bent.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from core.model.preview import Row
from core.model.table import Column, Kind


def typed(text: str | None, kind: Kind) -> Any:
    """One cell as a JSON value of its kind; its own text when it is not of that kind."""
    if text is None:
        return None
    if kind in (Kind.INTEGER, Kind.NUMBER):
        return _number(text)
    if kind is Kind.BOOLEAN:
        return {"true": True, "false": False}.get(text, text)
    if kind is Kind.JSON:
        return _document(text)
    return text


def typed_rows(rows: Iterable[Row], columns: Iterable[Column]) -> list[dict[str, Any]]:
    """Rows of a table as JSON objects."""
    kinds: Mapping[str, Kind] = {column.name: column.kind for column in columns}
    return [
        {name: typed(text, kinds.get(name, Kind.TEXT)) for name, text in row.items()}
        for row in rows
    ]


def _number(text: str) -> int | float | str:
    try:
        exact = Decimal(text)
        near = float(text)
    except (InvalidOperation, ValueError, OverflowError):
        return text
    if not math.isfinite(near) or Decimal(repr(near)) != exact:
        return text
    return int(exact) if text.lstrip("-").isdigit() else near


def _document(text: str) -> Any:
    try:
        return json.loads(text, parse_constant=_refused, parse_float=_number, parse_int=_number)
    except (ValueError, RecursionError):
        return text


def _refused(word: str) -> float:
    raise ValueError(word)  # NaN and Infinity are not JSON
