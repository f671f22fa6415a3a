"""The transform `expression`: a formula over the columns of the file.

The formula is SQL of one row, kept in bounds by `core.expressions`. The columns of a file hold
text, and an empty cell is NULL to the formula, so that CAST("Price" AS DECIMAL(12, 2)) makes
NULL of nothing and fails for what is no number.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from functools import lru_cache

import polars as pl

from core.errors import InvalidExpression, InvalidMapping
from core.expressions.naming import written
from core.expressions.sql import RowExpression, parse
from core.mapping.canonical import canonical_text
from core.mapping.registry import FAILURES, Given, Made, Options, maker, quote
from core.model.mapping import OptionInfo, OptionKind

_SQL = OptionInfo(
    name="sql",
    title="Expression",
    kind=OptionKind.EXPRESSION,
    required=True,
    hint='CAST("Unit price" AS DECIMAL(12, 2)) * CAST(Quantity AS INT)',
)
#: How many cells a message tells of.
_TOLD = 4


class _AnyColumn(Collection[str]):
    """Stands for the columns of a file that is not at hand: whatever is named is there."""

    def __contains__(self, name: object) -> bool:
        return True

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


@lru_cache(maxsize=256)
def _parsed(sql: str, columns: tuple[str, ...]) -> RowExpression:
    return parse(sql, dict.fromkeys(columns, pl.String))


def expression_fault(sql: str, columns: Collection[str] | None) -> str | None:
    """Why the formula cannot be worked out over these columns, None when it can.

    With `columns` None, whatever it names is taken to be there.
    """
    try:
        _parsed(sql, tuple(_named(sql) if columns is None else columns))
    except InvalidExpression as error:
        return error.detail
    return None


def _named(sql: str, columns: Collection[str] | None = None) -> tuple[str, ...]:
    return written(sql, _AnyColumn() if columns is None else columns).columns


def _reads(options: Options, columns: Collection[str] | None) -> tuple[str, ...]:
    try:
        return _named(options.get("sql", ""), columns)
    except InvalidExpression as error:
        raise InvalidMapping(f"Transform expression: {error.detail}") from error


@maker(title="Expression", aliases=("formula", "sql"), options=(_SQL,), reads=_reads)
def expression(given: Given, options: Options) -> Made:
    """Work out an expression of SQL for every row from the columns of the file."""
    try:
        formula = _parsed(options["sql"], tuple(given.source_columns))
    except InvalidExpression as error:
        raise InvalidMapping(f"Transform expression: {error.detail}") from error
    cells = pl.DataFrame([_with_nulls(given, name) for name in formula.columns])
    if not formula.columns:
        cells = pl.DataFrame({"": [""] * given.batch.height}, schema={"": pl.String})
    outcome = formula.evaluate(cells)
    made = canonical_text(outcome.values)
    failed = outcome.failed.arg_true()
    if failed.is_empty():
        return Made(cells=made)
    made = made.set(outcome.failed, None)
    told = _explained(cells[failed], formula)
    failures = pl.DataFrame({"index": failed, "message": told}, schema=FAILURES)
    return Made(cells=made, failures=failures)


def _with_nulls(given: Given, name: str) -> pl.Series:
    """The column, an empty cell being NULL."""
    cells = given.column(name)
    return cells.set(cells == "", None) if (cells == "").any() else cells


def _explained(cells: pl.DataFrame, formula: RowExpression) -> pl.Series:
    """For every row why it has no value: the cells it had to work with."""
    shown = formula.columns[:_TOLD]
    more = " …" if len(formula.columns) > _TOLD else ""
    rows = zip(*(cells.get_column(name).to_list() for name in shown), strict=True)
    said = [
        "the expression has no result with "
        + ", ".join(
            f"{name} {'empty' if cell is None else quote(cell)}"
            for name, cell in zip(shown, row, strict=True)
        )
        + more
        for row in rows
    ]
    none = ["the expression has no result"] * cells.height
    return pl.Series(said if shown else none, dtype=pl.String)
