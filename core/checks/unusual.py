"""Values far from all that the table holds so far, told with their evidence."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import polars as pl

from core.checks.casting import cast_column
from core.checks.problems import Fault, positions
from core.model.check import Severity
from core.model.table import Column, Kind

FEWEST = 30  #: values that a column must hold before anything is called unusual
FENCE = 3.0  #: interquartile ranges: Tukey's outer fence
EARLIEST = 1900  #: years that dates seldom lie before,
YEARS_AHEAD = 100  #: … or so far after today

_MOMENTS = frozenset({Kind.DATE, Kind.DATETIME})
KINDS = _MOMENTS | {Kind.INTEGER, Kind.NUMBER}


@dataclass(frozen=True, kw_only=True, slots=True)
class Usual:
    """What one column of the table holds so far, and how to tell it."""

    least: float  #: values below it, …
    most: float  #: … or above it are unusual
    low: str  #: the smallest value, as text
    high: str
    subject: str  #: "the table's {} age", where {} is smallest or largest
    told: bool = True  #: may the person see these figures?

    def faults(self, values: pl.Series) -> Iterator[Fault]:
        """`values`: typed, of the column these figures are of."""
        numbers = as_numbers(values)
        sides = (
            (numbers < self.least, "smallest", "earliest", self.low),
            (numbers.is_not_nan() & (numbers > self.most), "largest", "latest", self.high),
        )
        for far, of_numbers, of_moments, figure in sides:
            index = positions(far)
            if len(index):
                end = of_moments if values.dtype.is_temporal() else of_numbers
                yield Fault(
                    check="unusual",
                    index=index,
                    says=self._says(end, figure),
                    severity=Severity.WARNING,
                )

    def _says(self, end: str, figure: str) -> str:
        if not self.told:
            return "is unusual for this column"
        if not figure:
            return "is unusual: it is far from today"
        return f"is unusual: {self.subject.replace('{}', end)} is {figure}"


def as_numbers(values: pl.Series) -> pl.Series:
    """Numbers as they are, dates as days, moments as microseconds; null where that cannot be."""
    if values.dtype.is_temporal():
        return values.cast(pl.Int64).cast(pl.Float64)
    return values.cast(pl.Float64, strict=False)


def usual_of(
    column: Column, cells: pl.Series, *, today: date, whole: bool = True, told: bool = True
) -> Usual | None:
    """What is usual in a column that holds `cells`, canonical text; None when nothing can be told.

    `whole`: the cells are all of the table's, not some of them.
    """
    if column.kind not in KINDS:
        return None
    values = cast_column(cells, column).values.drop_nulls()
    values = values.filter(as_numbers(values).is_finite())
    numbers = as_numbers(values)
    fences = _fences(numbers)
    if column.kind in _MOMENTS:
        fences = _with_calendar(fences, numbers, values.dtype, today)
    if fences is None:
        return None
    low, high = "", ""
    if fences.by_table:
        low, high = (_shown(values, at) for at in (numbers.arg_min(), numbers.arg_max()))
    seen = "the table's {} " if whole else f"of the {len(cells):,} rows looked at the {{}} "
    return Usual(
        least=fences.least,
        most=fences.most,
        low=low,
        high=high,
        subject=seen + column.name.replace("{}", ""),
        told=told,
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class _Fences:
    least: float
    most: float
    by_table: bool  #: they come from the table's values, not from the calendar


def _fences(numbers: pl.Series) -> _Fences | None:
    if len(numbers) < FEWEST:
        return None
    first, third, low, high = (
        float(numbers.quantile(share, "linear") or 0.0) for share in (0.25, 0.75, 0.0, 1.0)
    )
    width = third - first
    if not width:
        return None  # most values are one and the same: nothing is far from them
    return _Fences(
        least=min(low - width, first - FENCE * width),
        most=max(high + width, third + FENCE * width),
        by_table=True,
    )


def _with_calendar(
    fences: _Fences | None, numbers: pl.Series, dtype: pl.DataType, today: date
) -> _Fences | None:
    """A column with too few dates to tell by has the calendar to be held against."""
    if fences is not None:
        return fences
    ends = [date(EARLIEST, 1, 1), date(today.year + YEARS_AHEAD, 12, 31)]
    bounds = as_numbers(pl.Series(ends).cast(dtype))
    least, most = float(bounds[0]), float(bounds[1])
    held = (numbers < least).any() or (numbers > most).any()
    return None if held else _Fences(least=least, most=most, by_table=False)


def _shown(values: pl.Series, at: int | None) -> str:
    return "" if at is None else str(values[at]).removesuffix("+00:00")
