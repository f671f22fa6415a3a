"""A plan's filters as SQL conditions. Values are coerced by the column's kind first.

An analyst's "not X" includes blanks: `not_equals` and `not_in` keep rows that are NULL.
Text: `equals`, `not_equals`, `in`, `not_in` are exact; `contains`, `starts_with`, `ends_with` and
the search ignore case and take every character as itself, `%` and `_` too. A date compared with
a datetime column stands for its whole day (in UTC where the column has a zone): `equals` is any
time of that day, `between` includes the last day, `greater_than` starts the day after.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql.elements import ColumnElement

from core.databases.cells import compared
from core.databases.coercion import coerce, require_storable
from core.databases.features import Features
from core.databases.names import Source
from core.errors import InvalidColumns, InvalidRequest
from core.model.plan import Filter, Operator
from core.model.table import Column, Kind

Condition = ColumnElement[bool]

_COMPARISONS: dict[Operator, Callable[[Any, Any], Condition]] = {
    Operator.GREATER_THAN: operator.gt,
    Operator.GREATER_OR_EQUAL: operator.ge,
    Operator.LESS_THAN: operator.lt,
    Operator.LESS_OR_EQUAL: operator.le,
}
_LIKE = (Operator.CONTAINS, Operator.STARTS_WITH, Operator.ENDS_WITH)
#: Compared as text: the database has no order or no equality for them that a person means.
_AS_TEXT = (Kind.JSON, Kind.OTHER)


def conditions(
    source: Source,
    *,
    filters: Sequence[Filter] = (),
    search: str | None = None,
    searched: Iterable[str] = (),
) -> list[Condition]:
    """One condition per filter, and one for the search over the text columns of `searched`.

    Raises InvalidColumns for an unknown column and InvalidRequest, naming column and value, for
    a value that is not of the column's kind.
    """
    found = [condition(source, item) for item in filters]
    if search:
        if "\x00" in search:
            raise InvalidRequest("The search text holds a NUL character")
        require_storable("search", search, source.features)
        columns = [source.table.column(name) for name in searched]
        texts = [column for column in columns if column.kind is Kind.TEXT]
        hits = [_like(source, column, Operator.CONTAINS, search) for column in texts]
        found.append(sa.or_(sa.false(), *hits))
    return found


def condition(source: Source, item: Filter) -> Condition:
    if item.column not in source.table.column_names:
        raise InvalidColumns(f"{source.table.label} has no column {item.column!r}")
    column = source.table.column(item.column)
    cell = source.cell(column.name)
    match item.operator:
        case Operator.IS_NULL:
            return cell.is_(None)
        case Operator.IS_NOT_NULL:
            return cell.is_not(None)
        case Operator.CONTAINS | Operator.STARTS_WITH | Operator.ENDS_WITH:
            return _like(source, column, item.operator, _text(column, item.value, source.features))
        case Operator.BETWEEN:
            low, high = _list(column, item, exactly=2)
            return sa.and_(
                _compare(source, column, Operator.GREATER_OR_EQUAL, low),
                _compare(source, column, Operator.LESS_OR_EQUAL, high),
            )
        case Operator.EQUALS | Operator.IN:
            return _any(source, column, item)
        case Operator.NOT_EQUALS | Operator.NOT_IN:
            return sa.or_(cell.is_(None), sa.not_(_any(source, column, item)))
        case _:
            return _compare(source, column, item.operator, item.value)


def _any(source: Source, column: Column, item: Filter) -> Condition:
    """Is the cell one of the values?"""
    one = item.operator in (Operator.EQUALS, Operator.NOT_EQUALS)
    values = [item.value] if one else _list(column, item)
    cell = _cell(source, column)
    days: list[Condition] = []
    plain: list[ColumnElement[Any]] = []
    for value in values:
        wanted = coerce(column, value, source.features)
        if column.kind is Kind.DATETIME and not isinstance(wanted, datetime):
            start, end = _day(source, column, wanted)
            days.append(sa.and_(cell >= start, cell < end))
        else:
            plain.append(_bound(source, column, wanted))
    if not plain:
        return sa.or_(sa.false(), *days)
    found: Condition = cell == plain[0] if len(plain) == 1 else cell.in_(plain)
    alike = column.kind is Kind.TEXT and source.features.alike_texts
    if alike and not days and all(str(part.value).isascii() for part in plain):
        # An index finds the texts that are alike, among which are those that are the same. Only
        # ASCII is in every character set: MySQL does not compare a column with what its lacks.
        found = sa.and_(source.cell(column.name).in_(plain), found)
    return sa.or_(found, *days)


def _compare(source: Source, column: Column, how: Operator, value: Any) -> Condition:
    cell = _cell(source, column)
    wanted = coerce(column, value, source.features)
    if column.kind is Kind.DATETIME and not isinstance(wanted, datetime):
        start, end = _day(source, column, wanted)
        # After a day is from the next day on; up to a day is before the next day.
        if how in (Operator.GREATER_THAN, Operator.LESS_OR_EQUAL):
            return cell >= end if how is Operator.GREATER_THAN else cell < end
        return _COMPARISONS[how](cell, start)
    return _COMPARISONS[how](cell, _bound(source, column, wanted))


def _like(source: Source, column: Column, how: Operator, value: str) -> Condition:
    text = compared(source, column)
    fold = source.features.fold_function
    if fold is None:
        match how:
            case Operator.CONTAINS:
                return text.icontains(value, autoescape=True)
            case Operator.STARTS_WITH:
                return text.istartswith(value, autoescape=True)
            case _:
                return text.iendswith(value, autoescape=True)
    folded: ColumnElement[str] = getattr(sa.func, fold)(text)
    wanted = value.casefold()
    size = len(wanted)
    match how:
        case Operator.CONTAINS:
            return sa.func.instr(folded, wanted) > 0
        case Operator.STARTS_WITH:
            return sa.func.substr(folded, 1, size) == wanted
        case _:
            # substr(x, -n) of a shorter text is the whole text, which then differs.
            return sa.func.substr(folded, -size, size) == wanted if size else sa.true()


def _cell(source: Source, column: Column) -> ColumnElement[Any]:
    """The column, as it must stand in a comparison."""
    cell = source.cell(column.name)
    features = source.features
    own_equality = features.alike_texts and column.kind is Kind.TEXT
    if column.kind in _AS_TEXT or own_equality or (features.enforces_types and column.choices):
        return compared(source, column)
    if column.kind is Kind.DATETIME and features.moment_function:
        moment: ColumnElement[Any] = getattr(sa.func, features.moment_function)(cell)
        return moment
    if column.kind is Kind.UUID and not features.enforces_types:
        return sa.func.replace(sa.func.lower(cell), "-", "")
    return cell


def _bound(source: Source, column: Column, value: Any) -> ColumnElement[Any]:
    """The value, bound, in the spelling `_cell` compares with."""
    if not source.features.enforces_types:
        if isinstance(value, datetime):
            value = value.replace(tzinfo=None).isoformat(sep=" ", timespec="microseconds")
        elif isinstance(value, date | time):
            value = value.isoformat()
        elif column.kind is Kind.UUID:
            value = value.replace("-", "")
    return sa.literal(value)


def _day(
    source: Source, column: Column, day: date
) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
    """The first moment of a day, and of the next."""
    try:
        following = day + timedelta(days=1)
    except OverflowError as error:
        raise InvalidRequest(f"{column.name}: {day} is beyond the last possible day") from error
    starts = [
        coerce(column, f"{d.isoformat()}T00:00:00", source.features) for d in (day, following)
    ]
    return _bound(source, column, starts[0]), _bound(source, column, starts[1])


def _text(column: Column, value: Any, features: Features) -> str:
    if value is None or isinstance(value, list | tuple | dict):
        raise InvalidRequest(f"{column.name}: the filter needs a text, not {value!r}")
    return str(coerce(replace(column, kind=Kind.TEXT), value, features))


def _list(column: Column, item: Filter, exactly: int | None = None) -> list[Any]:
    values = item.value
    if not isinstance(values, list | tuple) or (exactly and len(values) != exactly):
        wanted = f"a list of {exactly} values" if exactly else "a list of values"
        raise InvalidRequest(f"{column.name}: {item.operator} needs {wanted}, not {values!r}")
    return list(values)
