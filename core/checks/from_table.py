"""A Pandera schema from the reflected table.

The schema is for typed frames whose columns are named by position, `c0`, `c1`, … in the
order of the targets: names of database columns may be anything, also patterns that Polars
would expand. It neither coerces nor tests uniqueness: Pandera's coercion leaves every
column uncast when one cell is bad, and its uniqueness sees one batch and calls nulls equal.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import polars as pl

from core.checks.casting import typed
from core.checks.constraints import Condition, simple_conditions
from core.checks.nearness import Nearest, did_you_mean
from core.checks.problems import Says, quote
from core.checks.rules.kept import CellRuleOf
from core.model.check import Severity
from core.model.table import Column, Kind, Table

if TYPE_CHECKING:
    from pandera.polars import Check, DataFrameSchema

_LISTED = 10  #: choices named in a message
_INT64 = (-(2**63), 2**63 - 1)


@dataclass(frozen=True, kw_only=True, slots=True)
class CellRule:
    """One rule on the cells of one column; null passes, unless it is about missing values."""

    check: str
    says: Says
    make: Callable[[], Check]
    severity: Severity = Severity.ERROR


def position_name(position: int) -> str:
    return f"c{position}"


def is_nullable(column: Column, skip_empty: Collection[str]) -> bool:
    """May the cells of a mapped column be null?

    A column that is NOT NULL with a default is not: a given null is not a missing value.
    Where empty cells are skipped, the default stands in for them.
    """
    skipped = column.name in skip_empty and not column.required
    return column.nullable or column.filled_by_trigger or skipped


def build_schema(
    table: Table,
    targets: Sequence[str],
    *,
    skip_empty: Collection[str] = frozenset(),
    kept: Sequence[CellRuleOf] = (),
) -> DataFrameSchema:
    """The schema of the typed frame that carries `targets`. KeyError: no such column.

    The n-th check of a column is made by the n-th of its `rules`, so that a failure's
    check_number tells the rule. `kept`: those of the table's keepers.
    """
    import pandera.polars as pa

    columns = {}
    for position, name in enumerate(targets):
        column = table.column(name)
        columns[position_name(position)] = pa.Column(
            typed(column),
            [rule.make() for rule in rules(table, name, kept)],
            nullable=is_nullable(column, skip_empty),
        )
    return pa.DataFrameSchema(columns)


def rules(table: Table, name: str, kept: Sequence[CellRuleOf] = ()) -> tuple[CellRule, ...]:
    """The rules of one column: its length, range, choices, the table's simple checks, and those
    kept for it."""
    column = table.column(name)
    choices = list(_choices(column))
    found = [*_length(column), *_range(column), *choices]
    conditions = (c for c in simple_conditions(table) if c.column == name)
    # A CHECK … IN that gave the column its choices would say the same thing twice.
    found += [_from_condition(c) for c in conditions if not _said(c, column, choices)]
    return (*found, *(_from_kept(one) for one in kept if one.test.column == name))


def _said(condition: Condition, column: Column, choices: list[CellRule]) -> bool:
    one_of = condition.operator == "in" and not condition.length
    return bool(choices) and one_of and set(condition.operands) >= set(column.choices)


def _length(column: Column) -> Iterator[CellRule]:
    longest = column.max_length
    if longest is None or column.kind not in {Kind.TEXT, Kind.BINARY}:
        return
    unit = "characters" if column.kind is Kind.TEXT else "bytes"
    unit = unit[:-1] if longest == 1 else unit

    def make() -> Check:
        import pandera.polars as pa

        if column.kind is Kind.TEXT:
            return pa.Check.str_length(max_value=longest)
        return pa.Check(_on_series(lambda values: values.bin.size() <= longest))

    yield CellRule(
        check="length", says=f"is longer than the {longest} {unit} the column holds", make=make
    )


def _range(column: Column) -> Iterator[CellRule]:
    if column.kind is not Kind.INTEGER or (column.minimum is None and column.maximum is None):
        return
    low = column.minimum if column.minimum is not None else _INT64[0]
    high = column.maximum if column.maximum is not None else _INT64[1]
    # Values beyond 64 bits never get here: the cast has refused them.
    least, most = max(low, _INT64[0]), min(high, _INT64[1])

    def make() -> Check:
        import pandera.polars as pa

        return pa.Check.in_range(least, most)

    yield CellRule(check="range", says=f"does not lie between {low} and {high}", make=make)


def _choices(column: Column) -> Iterator[CellRule]:
    choices = column.choices
    if not choices or column.kind not in {Kind.TEXT, Kind.OTHER}:
        return

    def make() -> Check:
        import pandera.polars as pa

        return pa.Check.isin(list(choices))

    listed = ", ".join(f"'{choice}'" for choice in choices[:_LISTED])
    listed += ", …" if len(choices) > _LISTED else ""
    nearest = Nearest(choices)

    def says(cell: str) -> str:
        return f"{quote(cell)} is not one of {listed}{did_you_mean(nearest.of(cell))}"

    yield CellRule(check="choice", says=says, make=make)


def _from_condition(condition: Condition) -> CellRule:
    def make() -> Check:
        import pandera.polars as pa

        return pa.Check(_on_series(condition.holds))

    return CellRule(check="constraint", says=condition.says, make=make)


def _from_kept(one: CellRuleOf) -> CellRule:
    def make() -> Check:
        import pandera.polars as pa

        return pa.Check(_on_series(one.test.holds), ignore_na=not one.test.demands)

    return CellRule(check=one.rule.name, says=one.says, make=make, severity=one.rule.severity)


def _on_series(holds: Callable[[pl.Series], pl.Series]) -> Callable[[Any], pl.LazyFrame]:
    """A Pandera check function from a test of a whole series; null passes."""

    def check(data: Any) -> pl.LazyFrame:
        values = data.lazyframe.select(data.key).collect().to_series()
        met: pl.Series = holds(values).fill_null(value=True)
        return met.alias(data.key).to_frame().lazy()

    return check
