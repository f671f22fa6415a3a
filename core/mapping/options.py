"""What options hold: read from text, and checked by their kind."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection
from decimal import Decimal, InvalidOperation
from typing import Any

from core.errors import InvalidExpression
from core.expressions.patterns import require_pattern
from core.mapping.registry import Options
from core.model.mapping import OptionInfo, OptionKind

#: The longest text of one option, and of one that holds many texts, in characters.
MAX_TEXT, MAX_TEXTS = 10_000, 500_000

_INTEGER = re.compile(r"[+-]?[0-9]{1,6}")

_MANY = (OptionKind.LIST, OptionKind.COLUMNS)

#: The choices of options that say what becomes of a cell that something does not apply to.
OTHERWISE = ("fail", "blank", "keep")


def texts_of(value: str) -> tuple[str, ...]:
    """The texts of a list: a JSON array of texts, or any other text, which is a list of one."""
    if value.lstrip().startswith("["):
        try:
            found = json.loads(value)
        except (ValueError, RecursionError):
            return (value,)
        if isinstance(found, list) and all(isinstance(text, str) for text in found):
            return tuple(found)
    return (value,) if value else ()


def pairs_of(value: str) -> dict[str, str | None]:
    """The pairs of a JSON object from text to text, null for NULL. Raises ValueError."""
    try:
        found = json.loads(value or "{}", object_pairs_hook=_no_key_twice)
    except RecursionError as error:
        raise ValueError("it is nested too deep") from error
    if not isinstance(found, dict):
        raise ValueError("it is not a JSON object")
    for text in found.values():
        if not (text is None or isinstance(text, str)):
            raise ValueError(f"{json.dumps(text)[:40]} is not a text")
    return found


def _no_key_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("it names a value twice")
    return found


def flag(options: Options, name: str, *, default: bool) -> bool:
    """A FLAG option that has been checked."""
    value = options.get(name)
    return value == "true" if value else default


def integer(options: Options, name: str, default: int) -> int:
    """An INTEGER option that has been checked."""
    value = options.get(name)
    return int(value) if value else default


def fault(info: OptionInfo, value: str, columns: Collection[str] | None) -> str | None:
    """What is wrong with an option's value, as the end of a sentence; None when nothing is.

    `columns`: the source columns there are, None where they are not known.
    """
    most = MAX_TEXTS if info.kind in (OptionKind.PAIRS, OptionKind.LIST) else MAX_TEXT
    if len(value) > most:
        return f"is longer than {most:,} characters"
    if not value or (info.kind in _MANY and not texts_of(value)) or _no_pairs(info, value):
        return "is missing" if info.required else None
    if info.choices and value not in info.choices:
        return f"has no choice {value!r}; choose one of {', '.join(info.choices)}"
    check = _FAULTS.get(info.kind)
    return check(value, columns) if check else None


def _no_pairs(info: OptionInfo, value: str) -> bool:
    return info.kind is OptionKind.PAIRS and value.replace(" ", "") == "{}"


def _integer(value: str, columns: Collection[str] | None) -> str | None:
    return None if _INTEGER.fullmatch(value) else f"must be a whole number, not {value!r}"


def _number(value: str, columns: Collection[str] | None) -> str | None:
    try:
        fine = Decimal(value).is_finite()
    except InvalidOperation:
        fine = False
    return None if fine else f"must be a number, not {value!r}"


def _flag(value: str, columns: Collection[str] | None) -> str | None:
    return None if value in ("true", "false") else f"must be true or false, not {value!r}"


def _pairs(value: str, columns: Collection[str] | None) -> str | None:
    try:
        pairs_of(value)
    except ValueError as error:
        return f"must be a JSON object from text to text: {error}"
    return None


def _columns(value: str, columns: Collection[str] | None) -> str | None:
    names = texts_of(value)
    if len(set(names)) < len(names):
        return "names a column twice"
    strange = None if columns is None else next((n for n in names if n not in columns), None)
    return None if strange is None else f"names {strange!r}, which is no column of the file"


def _pattern(value: str, columns: Collection[str] | None) -> str | None:
    try:
        require_pattern(value)
    except InvalidExpression as error:
        return f"cannot be used: {error.detail}"
    return None


_FAULTS: dict[OptionKind, Callable[[str, Collection[str] | None], str | None]] = {
    OptionKind.INTEGER: _integer,
    OptionKind.NUMBER: _number,
    OptionKind.FLAG: _flag,
    OptionKind.PAIRS: _pairs,
    OptionKind.COLUMNS: _columns,
    OptionKind.PATTERN: _pattern,
}
