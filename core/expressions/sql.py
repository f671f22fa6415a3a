"""A formula, read once and evaluated batch by batch."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from core.errors import InvalidExpression
from core.expressions.naming import written
from core.expressions.steps import Builder, Step, run, unsuitable

#: The kinds a formula may come to.
_RESULTS = (pl.String, pl.Int64, pl.Float64, pl.Decimal, pl.Boolean, pl.Date, pl.Datetime, pl.Time)

#: How often Polars may stop over one batch.
MOST_STOPS = 1_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """A formula worked out for every row of a frame."""

    values: pl.Series  #: of the formula's kind
    failed: pl.Series  #: Boolean: the row has no value, as a cell would not go or a number not fit


@dataclass(frozen=True, kw_only=True, slots=True)
class RowExpression:
    """A formula of one row. Made by `parse`; may be used for any number of frames."""

    text: str
    columns: tuple[str, ...]  #: the columns it names, each once
    kind: pl.DataType  #: of its values: String, Int64, Float64, Decimal, Boolean, Date, Datetime…
    _steps: tuple[Step, ...]
    _value: pl.Expr
    _fails: pl.Expr

    def evaluate(self, frame: pl.DataFrame) -> Outcome:
        """`frame` has the columns named, of the kinds `parse` was told.

        Never raises for a cell, but InvalidExpression when Polars stops at more than MOST_STOPS.
        """
        parts = [frame.get_column(c).alias(f"c{n}") for n, c in enumerate(self.columns)]
        rows = pl.int_range(frame.height, eager=True).alias("row")
        found = self._worked_out(pl.DataFrame([rows, *parts]), [MOST_STOPS])
        return Outcome(values=found.get_column("value"), failed=found.get_column("failed"))

    def _worked_out(self, frame: pl.DataFrame, stops: list[int]) -> pl.DataFrame:
        """`stops`: how often Polars may still stop."""
        try:
            return run(frame, self._steps).select(
                pl.col("row"), self._value.alias("value"), self._fails.alias("failed")
            )
        except (pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
            # Polars stops a whole batch for one cell: that cell is looked for.
            stops[0] -= 1
            if stops[0] < 0:
                raise unsuitable(error) from error
            if frame.height == 1:
                nothing = pl.lit(None, dtype=self.kind).alias("value")
                return frame.select("row", nothing, pl.lit(value=True).alias("failed"))
            half = frame.height // 2
            halves = (frame[:half], frame[half:])
            return pl.concat([self._worked_out(part, stops) for part in halves])


def parse(text: str, columns: Mapping[str, pl.DataType | type[pl.DataType]]) -> RowExpression:
    """Read a formula over columns of these names and kinds.

    A column is named as it is, in any case when that is clear; in "double quotes" when it is not
    one word. Raises InvalidExpression saying what is wrong.
    """
    formula = written(text, columns)
    builder = Builder(_probe([columns[name] for name in formula.columns]))
    try:
        result = builder.build(_tree(formula.sql))
    except RecursionError as error:
        raise InvalidExpression("the expression is too long: leave some of it out") from error
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
        # A type or a number that there is not, such as DECIMAL(500, 2) or 1e999.
        raise unsuitable(error) from error
    kind = result.kind
    if kind == pl.Null:
        kind = pl.String()
    if not isinstance(kind, _RESULTS):
        raise InvalidExpression(f"the expression gives a {kind}, which no column takes")
    never = pl.lit(value=False)
    return RowExpression(
        text=text,
        columns=formula.columns,
        kind=kind,
        _steps=tuple(builder.steps),
        _value=result.value.cast(kind),
        _fails=never if result.fails is None else result.fails.fill_null(value=False),
    )


def _tree(sql: str) -> Any:
    """The nodes that Polars makes of a formula."""
    try:
        return json.loads(pl.sql_expr(sql).meta.serialize(format="json"))
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
        said = str(error).splitlines()[0] if str(error) else "it is not SQL"
        raise InvalidExpression(f"the expression cannot be read: {said}") from error


def _probe(kinds: list[pl.DataType | type[pl.DataType]]) -> pl.DataFrame:
    """A row of nothing and a row of ones, to try a formula on."""
    rows = pl.Series("row", [0, 1])
    cells = [
        pl.Series(f"c{n}", [None, "1"] if kind == pl.String else [None, 1]).cast(kind)
        for n, kind in enumerate(kinds)
    ]
    return pl.DataFrame([rows, *cells])
