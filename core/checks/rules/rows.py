"""Kinds on whole rows: compare, expression."""

from __future__ import annotations

from functools import reduce
from operator import or_

import polars as pl

from core.checks.casting import typed
from core.checks.comparing import COMPARISONS, compared, signed, signs_of_numbers
from core.checks.rules.forms import Holds, RowTest, decided
from core.checks.rules.registry import Asked, rule
from core.checks.rules.values import bound_of
from core.errors import InvalidExpression, InvalidRequest
from core.expressions.sql import Outcome, parse
from core.model.mapping import OptionInfo, OptionKind
from core.model.table import Column, Kind

_WORDS = {
    "<": "less than", "<=": "at most", ">": "greater than", ">=": "at least", "=": "the same as",
    "<>": "other than",
}  # fmt: skip
_NUMBERS = frozenset({Kind.INTEGER, Kind.NUMBER})
_DAYS = frozenset({Kind.DATE, Kind.DATETIME})
_ALIKE = (_NUMBERS, _DAYS, frozenset({Kind.TEXT}), frozenset({Kind.TIME}), frozenset({Kind.UUID}))
_DIGITS = 38  #: of a decimal in an expression
_DECIMALS = 10  #: of one whose column does not tell


@rule(
    "compare",
    "Comparison",
    "The value is less than, the same as or more than that of another column, or a constant.",
    fits=frozenset().union(*_ALIKE),
    options=(
        OptionInfo(
            name="operator", title="Must be", choices=tuple(sorted(COMPARISONS)), required=True
        ),
        OptionInfo(name="column", title="Other column"),
        OptionInfo(name="value", title="Constant"),
    ),
)
def compare(asked: Asked) -> RowTest:
    column, operator = asked.column, asked.options["operator"]
    name, value = asked.options["column"], asked.options["value"]
    if bool(name) == bool(value):
        raise InvalidRequest("Give either the other column or a constant.")
    if value:
        bound = bound_of(column, "value", value)
        return RowTest(
            columns=(column.name,),
            holds=lambda rows: decided(compared(_cells(rows, column.name), operator, bound)),
            says=f"must be {_WORDS[operator]} {value}",
        )
    if name not in asked.table:
        raise InvalidRequest(f"column: the table has no column {name!r}.")
    if name == column.name:
        raise InvalidRequest(f"column: {name} is compared with another column than itself.")
    other = asked.table[name]
    if not any({column.kind, other.kind} <= kinds for kinds in _ALIKE):
        raise InvalidRequest(
            f"{column.name} ({column.kind}) and {other.name} ({other.kind}) cannot be compared."
        )
    return RowTest(
        columns=(column.name, other.name),
        holds=_against(column, other, operator),
        says=f"must be {_WORDS[operator]} {other.name}",
    )


def _against(column: Column, other: Column, operator: str) -> Holds:
    def holds(rows: pl.DataFrame) -> Outcome:
        left, right = _cells(rows, column.name), _cells(rows, other.name)
        if column.kind in _NUMBERS and left.dtype == right.dtype == pl.Int64:
            sign = (left > right).cast(pl.Int8) - (left < right)
        elif column.kind in _NUMBERS:
            sign = signs_of_numbers(left, right)
        else:
            left, right = (_moment(side) for side in (left, right))
            sign = (left > right).cast(pl.Int8) - (left < right)
        return decided(signed(sign, operator))

    return holds


def _moment(values: pl.Series) -> pl.Series:
    """Days and moments, with or without zone, as one type; others as they are."""
    if values.dtype == pl.Date:
        return values.cast(pl.Datetime("us"))
    if isinstance(values.dtype, pl.Datetime):
        return values.dt.replace_time_zone(None)
    return values


@rule(
    "expression",
    "Expression",
    "A formula over the row's columns that must be true; one that comes to NULL passes.",
    columns="none",
    options=(
        OptionInfo(
            name="expression",
            title="Expression",
            kind=OptionKind.EXPRESSION,
            required=True,
            hint="As end_date IS NULL OR end_date > start_date.",
        ),
    ),
)
def expression(asked: Asked) -> RowTest:
    text = asked.options["expression"]
    kinds = {name: _reckoned(column) for name, column in asked.table.items()}
    try:
        formula = parse(text, {name: kind for name, kind in kinds.items() if kind is not None})
    except InvalidExpression as error:
        raise InvalidRequest(f"expression: {error}") from error
    if formula.kind != pl.Boolean:
        raise InvalidRequest("expression: it must come to true or false, as amount > 0 does.")
    if not formula.columns:
        raise InvalidRequest("expression: it names no column.")

    def worked_out(rows: pl.DataFrame) -> Outcome:
        cells = [_cells(rows, name) for name in formula.columns]
        held = [_held(values, kinds[n]) for values, n in zip(cells, formula.columns, strict=True)]
        pairs = zip(formula.columns, held, strict=True)
        outcome = formula.evaluate(pl.DataFrame([values.alias(name) for name, values in pairs]))
        lost = [h.is_null() & c.is_not_null() for h, c in zip(held, cells, strict=True)]
        failed = reduce(or_, lost, outcome.failed)
        return Outcome(values=outcome.values, failed=failed)

    return RowTest(
        columns=formula.columns,
        holds=worked_out,
        says=lambda _: f"the row breaks the rule {text}",
    )


def _reckoned(column: Column) -> pl.DataType | None:
    """What a formula sees of a column, None when nothing."""
    if column.kind is Kind.BINARY:
        return None
    if column.kind is Kind.NUMBER and column.exact:
        return pl.Decimal(_DIGITS, _DECIMALS if column.scale is None else max(column.scale, 0))
    return typed(column)


def _held(values: pl.Series, kind: pl.DataType | None) -> pl.Series:
    """Exact numbers, held as text, as decimals; null where one has more digits than fit."""
    if not isinstance(kind, pl.Decimal):
        return values
    fits = values.str.extract(r"\.([0-9]*?)0*$", 1).str.len_chars().fill_null(0) <= kind.scale
    return values.set(~fits, None).cast(kind, strict=False)


def _cells(rows: pl.DataFrame, name: str) -> pl.Series:
    """A column under a name that Polars cannot take for a pattern, as its own may be."""
    return rows.get_column(name).alias("cell")
