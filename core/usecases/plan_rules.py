"""What one import asks of its rows, in the words of the guide's clients (REQUIREMENTS §3.2).

A mapping may carry `validation_rules`, a list of objects with a rule type, a value and a message.
They are held beside the rules kept for the table, and can only add to them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from core.checks.rules.kept import as_test
from core.errors import InvalidRequest
from core.model.rule import Rule
from core.model.table import Kind

if TYPE_CHECKING:
    from core.model.table import Column, Table

KEYS = ("validation_rules", "validationRules")
MOST = 100  #: rules of one import
_TARGETS = ("targetColumn", "target_column", "targetField", "target_field", "target")
_NUMBERS = frozenset({Kind.INTEGER, Kind.NUMBER, Kind.DATE, Kind.DATETIME, Kind.TIME})

Made = tuple[str, dict[str, str]]  #: kind and options


def plan_rules(mappings: Any, connection: str, table: Table) -> tuple[Rule, ...]:
    """The rules in a list of mappings; none where it is no such list.

    Raises InvalidRequest naming the column and the rule that is not understood.
    """
    found: list[Rule] = []
    for mapping in _entries(mappings):
        given = next((mapping[key] for key in KEYS if mapping.get(key)), ())
        target = next((str(mapping[key]) for key in _TARGETS if mapping.get(key)), "")
        if given:
            found += _of_column(given, target, connection, table)
    if len(found) > MOST:
        raise InvalidRequest(f"validation_rules: more than {MOST}.")
    return tuple(found)


def _entries(mappings: Any) -> Iterator[Mapping[str, Any]]:
    """The mappings of every form that core.mapping.document reads."""
    if isinstance(mappings, Mapping):
        listed = next((v for v in mappings.values() if isinstance(v, list)), None)
        mappings = list(mappings.values()) if listed is None else listed
    yield from (one for one in mappings or () if isinstance(one, Mapping))


def _of_column(given: Any, target: str, connection: str, table: Table) -> list[Rule]:
    where = f"validation_rules of {target}"
    if target not in table.column_names:
        raise InvalidRequest(f"{where}: {table.label} has no such column.")
    if not isinstance(given, list) or not all(isinstance(one, Mapping) for one in given):
        raise InvalidRequest(f"{where}: a list of objects is expected.")
    found = []
    for number, one in enumerate(given, 1):
        word = str(one.get("rule_type") or one.get("ruleType") or one.get("type") or "")
        if word not in _READ:
            raise InvalidRequest(f"{where}: {word!r} is not one of {', '.join(_READ)}.")
        value = one.get("value", one.get("validator"))
        kind, options = _READ[word](table.column(target), value)
        rule = Rule(
            connection=connection,
            table=table.label,
            name=f"{target}: {word} {number}"[:100],
            kind=kind,
            columns=() if kind == "expression" else (target,),
            options=options,
            message=str(one.get("message") or "")[:500],
        )
        as_test(rule, table, now=datetime.now(UTC))
        found.append(rule)
    return found


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    return "" if value is None else json.dumps(value)


def _plain(kind: str) -> Callable[[Column, Any], Made]:
    return lambda _column, _value: (kind, {})


def _length(end: str) -> Callable[[Column, Any], Made]:
    return lambda _column, value: ("length", {end: _text(value)})


def _end(end: str) -> Callable[[Column, Any], Made]:
    """min and max mean the length of texts, the value of the rest."""

    def made(column: Column, value: Any) -> Made:
        return ("range" if column.kind in _NUMBERS else "length"), {end: _text(value)}

    return made


def _range(_column: Column, value: Any) -> Made:
    if isinstance(value, Mapping):
        return "range", {end: _text(value[end]) for end in ("min", "max") if end in value}
    if isinstance(value, list) and len(value) == 2:
        return "range", {"min": _text(value[0]), "max": _text(value[1])}
    raise InvalidRequest("validation_rules: a range has a value as [1, 10] or {min, max}.")


def _pattern(_column: Column, value: Any) -> Made:
    # What regular expressions of browsers do: a part of the cell is enough.
    return "pattern", {"pattern": _text(value), "whole": "false"}


_READ: dict[str, Callable[[Column, Any], Made]] = {
    "min_length": _length("min"),
    "max_length": _length("max"),
    "regex": _pattern,
    "pattern": _pattern,
    "range": _range,
    "unique": _plain("unique"),
    "not_null": _plain("required"),
    "required": _plain("required"),
    "email": _plain("email"),
    "url": _plain("url"),
    "min": _end("min"),
    "max": _end("max"),
    "custom": lambda _column, value: ("expression", {"expression": _text(value)}),
}
