"""What `export --filter` understands: `column operator value`, or the API's JSON."""

from __future__ import annotations

import csv
import json
import re
from typing import Any

import click

from core.model.plan import Filter, Operator

_SIGNS = {
    "=": Operator.EQUALS,
    "==": Operator.EQUALS,
    "!=": Operator.NOT_EQUALS,
    "<>": Operator.NOT_EQUALS,
    ">": Operator.GREATER_THAN,
    ">=": Operator.GREATER_OR_EQUAL,
    "<": Operator.LESS_THAN,
    "<=": Operator.LESS_OR_EQUAL,
}
_LISTS = frozenset({Operator.BETWEEN, Operator.IN, Operator.NOT_IN})
_ALONE = frozenset({Operator.IS_NULL, Operator.IS_NOT_NULL})
#: A column with blanks stands in double quotes.
_FILTER = re.compile(r'\s*(?:"(?P<quoted>[^"]+)"|(?P<plain>\S+))\s+(?P<operator>\S+)(?P<value>.*)')


def read_filters(
    _context: click.Context, _parameter: click.Parameter, texts: tuple[str, ...]
) -> tuple[Filter, ...]:
    """A click callback: every `--filter` as a condition; all of them must hold."""
    return tuple(parse_filter(text) for text in texts)


def parse_filter(text: str) -> Filter:
    """One condition. Lists (in, not_in, between) are separated by commas, quoted as in CSV.

    Raises click.BadParameter saying what is wrong.
    """
    column, word, value = _from_json(text) if text.lstrip().startswith("{") else _from_words(text)
    try:
        operator = _SIGNS.get(word) or Operator(word.lower())
    except ValueError:
        known = ", ".join([*Operator, *_SIGNS])
        raise click.BadParameter(f"{word!r} is not an operator; known are {known}") from None
    if operator in _ALONE:
        if value not in (None, ""):
            raise click.BadParameter(f"{operator} takes no value")
        return Filter(column=column, operator=operator)
    if value is None:
        raise click.BadParameter(f"{text!r}: {operator} needs a value")
    if operator in _LISTS and isinstance(value, str):
        value = next(csv.reader([value], skipinitialspace=True), [])
    return Filter(column=column, operator=operator, value=value)


def _from_words(text: str) -> tuple[str, str, str | None]:
    found = _FILTER.fullmatch(text)
    if not found:
        raise click.BadParameter(f"{text!r} is not of the form 'column operator value'")
    return (
        found["quoted"] or found["plain"],
        found["operator"],
        found["value"].strip() or None,
    )


def _from_json(text: str) -> tuple[str, str, Any]:
    try:
        document = json.loads(text)
    except json.JSONDecodeError as error:
        raise click.BadParameter(f"{text!r} is not JSON: {error}") from None
    column, operator = document.get("column"), document.get("operator")
    if not isinstance(column, str) or not isinstance(operator, str):
        raise click.BadParameter('a JSON filter needs the texts "column" and "operator"')
    return column, operator, document.get("value")
