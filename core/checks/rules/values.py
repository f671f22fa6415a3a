"""Kinds on values: required, date, range, allowed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import polars as pl

from core.checks.across import same_spelling
from core.checks.casting import cast_column
from core.checks.comparing import compared
from core.checks.rules.forms import CellTest
from core.checks.rules.options import texts
from core.checks.rules.registry import Asked, rule
from core.errors import InvalidRequest
from core.model.mapping import OptionInfo, OptionKind
from core.model.table import Column, Kind

Bound = Decimal | date | float | str
_ORDERED = frozenset({Kind.INTEGER, Kind.NUMBER, Kind.DATE, Kind.DATETIME, Kind.TIME})
_DATES = frozenset({Kind.TEXT, Kind.DATE, Kind.DATETIME})
_ANY_BLANK = r"^\s*$"


@rule("required", "Required", "There is a value: not NULL, and not an empty or blank text.")
def required(asked: Asked) -> CellTest:
    is_text = asked.column.kind in {Kind.TEXT, Kind.OTHER}

    def holds(values: pl.Series) -> pl.Series:
        given = values.is_not_null()
        return given & ~values.str.contains(_ANY_BLANK).fill_null(value=True) if is_text else given

    name = asked.column.name
    return CellTest(
        column=name, holds=holds, says=lambda _: f"{name} must have a value", demands=True
    )


@rule(
    "date",
    "Date",
    "The value is a date, not too early and not too late.",
    fits=_DATES,
    options=(
        OptionInfo(
            name="format",
            title="Format",
            hint="Of texts: as %d.%m.%Y; ISO dates when left out.",
        ),
        OptionInfo(name="not_before", title="Not before", hint="As 1990-01-31."),
        OptionInfo(name="not_after", title="Not after", hint="As 2030-12-31, or today."),
    ),
)
def date_(asked: Asked) -> CellTest:
    column, given = asked.column, asked.options
    if given["format"] and column.kind is not Kind.TEXT:
        raise InvalidRequest(f"{column.name} holds dates already: it has no format.")
    style = given["format"] or "%Y-%m-%d"
    days = _days(style, column.kind is Kind.TEXT)
    early = _day("not_before", given["not_before"], asked.now)
    late = _day("not_after", given["not_after"], asked.now)

    def holds(values: pl.Series) -> pl.Series:
        found = days(values)
        good = found.is_not_null() | values.is_null()
        if early is not None:
            good &= (found >= early).fill_null(value=True)
        if late is not None:
            good &= (found <= late).fill_null(value=True)
        return good

    parts = [f"a date written as {style}"] * (column.kind is Kind.TEXT)
    parts += [f"not before {early}"] * (early is not None)
    parts += [f"not after {late}"] * (late is not None)
    if not parts:
        raise InvalidRequest("Give not_before, not_after or both.")
    return CellTest(column=column.name, holds=holds, says=f"must be {', '.join(parts)}")


def _days(style: str, is_text: bool) -> Callable[[pl.Series], pl.Series]:
    if not is_text:
        return lambda values: values.cast(pl.Date)
    try:
        pl.Series(["2026-01-31"]).str.to_date(style, strict=False)
    except pl.exceptions.PolarsError as error:
        raise InvalidRequest(f"format: {style!r} is no format of dates, as %d.%m.%Y is.") from error
    return lambda values: values.str.to_date(style, strict=False)


def _day(name: str, text: str, now: datetime) -> date | None:
    if not text:
        return None
    if text == "today":
        # It may be tomorrow already where the file comes from.
        return now.date() + timedelta(days=1) if name == "not_after" else now.date()
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise InvalidRequest(f"{name}: {text!r} is not a date as 2026-01-31.") from error


@rule(
    "range",
    "Range",
    "The number, date or time lies between two bounds, both included.",
    fits=_ORDERED,
    options=(
        OptionInfo(name="min", title="At least", kind=OptionKind.TEXT, hint="As 0 or 2020-01-01."),
        OptionInfo(name="max", title="At most", kind=OptionKind.TEXT, hint="As 100."),
    ),
)
def range_(asked: Asked) -> CellTest:
    column = asked.column
    bounds = {name: bound_of(column, name, asked.options[name]) for name in ("min", "max")}
    low, high = bounds["min"], bounds["max"]
    if low is None and high is None:
        raise InvalidRequest("Give min, max or both.")
    if low is not None and high is not None and low > high:
        raise InvalidRequest(f"min {low} is more than max {high}.")

    def holds(values: pl.Series) -> pl.Series:
        good = values.is_not_null()
        for bound, operator in ((low, ">="), (high, "<=")):
            if bound is not None:
                good &= compared(values, operator, bound)
        return good | values.is_null()

    said = [f"at least {low}"] * (low is not None) + [f"at most {high}"] * (high is not None)
    return CellTest(column=column.name, holds=holds, says=f"must be {' and '.join(said)}")


def bound_of(column: Column, name: str, text: str) -> Any:
    """A value of the column's kind, ready to be compared; None for an empty text.

    Raises InvalidRequest when it is none.
    """
    if not text:
        return None
    cast = cast_column(pl.Series([text], dtype=pl.String), column)
    if cast.faults or cast.values.null_count():
        raise InvalidRequest(f"{name}: {text!r} is not a {column.kind} as {column.name} holds it.")
    value = cast.values.item()
    if column.kind is Kind.INTEGER or (column.kind is Kind.NUMBER and column.exact):
        return Decimal(str(value))
    return value


@rule(
    "allowed",
    "Allowed values",
    "The value is one of a list.",
    options=(
        OptionInfo(
            name="values",
            title="Values",
            kind=OptionKind.LIST,
            required=True,
            hint='As ["new", "paid", "sent"].',
        ),
        OptionInfo(name="ignore_case", title="In any case", kind=OptionKind.FLAG, default="false"),
    ),
)
def allowed(asked: Asked) -> CellTest:
    column, given = asked.column, texts("values", asked.options["values"])
    lower = asked.flag("ignore_case") and column.kind in {Kind.TEXT, Kind.OTHER}
    cast = cast_column(pl.Series(given, dtype=pl.String), column)
    if cast.values.null_count():
        odd = given[cast.values.is_null().arg_true()[0]]
        raise InvalidRequest(f"values: {odd!r} is not a {column.kind} as {column.name} holds it.")
    exact = column.kind is Kind.NUMBER and column.exact

    def alike(values: pl.Series) -> pl.Series:
        values = same_spelling(values, exact)
        return values.str.to_lowercase() if lower else values

    wanted = alike(cast.values).implode()
    listed = ", ".join(f"'{value}'" for value in given[:10]) + (", …" if len(given) > 10 else "")
    return CellTest(
        column=column.name,
        holds=lambda values: alike(values).is_in(wanted),
        says=f"is not one of {listed}",
    )
