"""The options of a rule, read and refused."""

from __future__ import annotations

import json
from collections.abc import Mapping

from core.errors import InvalidExpression, InvalidRequest
from core.expressions.patterns import require_pattern
from core.model.mapping import OptionInfo, OptionKind

MOST_LISTED = 10_000  #: values of an allowed set


def complete(given: Mapping[str, str], infos: tuple[OptionInfo, ...]) -> dict[str, str]:
    """Every option with its value, the default where none is given.

    Raises InvalidRequest for an option that the kind has not, or a value it cannot be.
    """
    known = {info.name: info for info in infos}
    if strange := [name for name in given if name not in known]:
        listed = ", ".join(known) or "none"
        raise InvalidRequest(f"There is no option {strange[0]!r}; this kind of rule has {listed}.")
    return {name: _read(info, given.get(name, "")) for name, info in known.items()}


def _read(info: OptionInfo, value: str) -> str:
    value = value or info.default
    if not value:
        if info.required:
            raise InvalidRequest(f"{info.name}: a value is needed. {info.hint}".strip())
        return ""
    if info.choices and value not in info.choices:
        raise InvalidRequest(f"{info.name}: {value!r} is not one of {', '.join(info.choices)}.")
    match info.kind:
        case OptionKind.FLAG if value not in ("true", "false"):
            raise InvalidRequest(f"{info.name}: {value!r} is neither true nor false.")
        case OptionKind.INTEGER:
            return _integer(info.name, value)
        case OptionKind.LIST:
            texts(info.name, value)
        case OptionKind.PATTERN:
            _pattern(info.name, value)
    return value


def _integer(name: str, value: str) -> str:
    if not (value.isascii() and value.isdigit() and len(value) <= 9):
        raise InvalidRequest(f"{name}: {value!r} is not a whole number of at most nine digits.")
    return value


def _pattern(name: str, value: str) -> None:
    try:
        require_pattern(value)
    except InvalidExpression as error:
        raise InvalidRequest(f"{name}: {error}") from error


def texts(name: str, value: str) -> list[str]:
    """The texts of a JSON list. Raises InvalidRequest."""
    try:
        found = json.loads(value)
    except (ValueError, RecursionError) as error:
        raise InvalidRequest(f'{name}: a JSON list is expected, as ["new", "old"].') from error
    if not isinstance(found, list) or not found or not all(isinstance(v, str) for v in found):
        raise InvalidRequest(f'{name}: a JSON list of texts is expected, as ["new", "old"].')
    if len(found) > MOST_LISTED:
        raise InvalidRequest(f"{name}: more than {MOST_LISTED:,} values.")
    return found
