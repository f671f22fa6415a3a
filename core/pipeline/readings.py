"""In which ways the cells of a column can be read, told over every row of a file.

A way is tried with the very transforms and casts an import uses: where it has no miss, a column of
that kind takes every cell that was read. A way that misses one cell in ten is given up.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from core.checks.casting import cast_column
from core.mapping.fitting import could_be
from core.mapping.registry import BLANKS
from core.mapping.transforms import find_transform
from core.model.mapping import Step
from core.model.table import Column, Kind

#: Cells that are glanced at before any is read.
_GLANCED_AT = 50
_MISSES = 0.1  #: the share of misses that gives a way up
_SAMPLES = 3
_TIMED, _ZONED = r"[0-9][T ][0-9]{1,2}:", r"(?:[Zz]|:[0-9.]+ ?[+-][0-9]{2}(?::?[0-9]{2})?)$"
_LEADING_ZERO, _PLUS = r"^[+-]?0[0-9]", r"^\+[0-9]"


@dataclass(frozen=True, kw_only=True, slots=True)
class Way:
    """One way of reading cells."""

    column: Column  #: whose cast tells what can be read
    noun: str
    steps: tuple[Step, ...] = ()
    shape: str = ""  #: what cells must look like besides, where that is told sooner

    def could_read(self, cells: list[str]) -> bool:
        """A glance: False when most of these are sure to be misses."""
        if not self.shape:
            return could_be(cells, self.column.kind)
        return 2 * sum(bool(re.match(self.shape, cell)) for cell in cells) >= len(cells)


def _way(kind: Kind, noun: str, *, shape: str = "", **steps: dict[str, str]) -> Way:
    column = Column(name="", kind=kind, type_text="", timezone=kind is Kind.DATETIME)
    made = tuple(Step(transform=name, options=options) for name, options in steps.items())
    return Way(column=column, noun=noun, steps=made, shape=shape)


_DATES, _NUMBERS = "dates", "numbers"
WAYS: Mapping[str, Way] = {
    "integer": _way(Kind.INTEGER, "whole numbers", shape="^[+-]?[0-9]+$"),
    "boolean": _way(Kind.BOOLEAN, "yes or no", shape="^(?i:true|false|yes|no|t|f|y|n|on|off|1|0)$"),
    "plain": _way(Kind.NUMBER, _NUMBERS),
    "point": _way(Kind.NUMBER, _NUMBERS, number={"decimal": "point"}),
    "comma": _way(Kind.NUMBER, _NUMBERS, number={"decimal": "comma"}),
    "iso": _way(Kind.DATETIME, _DATES, shape="^[0-9]{4}-"),
    "auto": _way(Kind.DATETIME, _DATES, date={"order": "auto"}),
    "dmy": _way(Kind.DATETIME, _DATES, date={"order": "dmy"}),
    "mdy": _way(Kind.DATETIME, _DATES, date={"order": "mdy"}),
    "time": _way(Kind.TIME, "times of day", shape="^[0-9]{2}:[0-9]{2}"),
    "uuid": _way(Kind.UUID, "UUIDs", shape="^[{]?[0-9a-fA-F]{8}-?[0-9a-fA-F]{4}"),
    "json": _way(Kind.JSON, "JSON objects or lists", shape=r"^[{\[]"),
}


class Reading:
    """How one way fares with one column."""

    def __init__(self, way: Way) -> None:
        self.way = way
        self.given_up = False
        self.misses = 0
        self.missed: str | None = None  #: such a cell
        self.whole = self.fraction = 0  #: NUMBER: digits before and after the point, at most
        self.low: int | None = None  #: INTEGER
        self.high: int | None = None
        self.timed = self.zoned = 0  #: DATETIME: cells with a time of day, with a zone
        self._tried = False

    @property
    def reads_all(self) -> bool:
        """Has every cell been read?"""
        return not self.given_up and not self.misses

    def add(self, counted: pl.DataFrame, filled: int) -> None:
        """`counted`: cell, n of a batch; `filled`: how many cells there have been, these too."""
        if not self._tried:
            self._tried = True
            cells = counted["cell"].head(_GLANCED_AT).to_list()
            self.given_up = not self.way.could_read(cells)
        if self.given_up:
            return
        text, values = self._read(counted["cell"])
        wrong = counted.filter(values.is_null())
        if wrong.height:
            self.misses += int(wrong["n"].sum())
            self.missed = self.missed or str(wrong["cell"][0])
        self.given_up = self.misses > _MISSES * filled
        if not self.given_up:
            self._note(text, values, counted["n"])

    def _read(self, cells: pl.Series) -> tuple[pl.Series, pl.Series]:
        """The text after the steps, and what it is then; null where it is nothing."""
        text = cells.to_frame().select(self._expression()).to_series()
        return text, cast_column(text, self.way.column).values

    def _expression(self) -> pl.Expr:
        cell = pl.col("cell")
        if self.way.shape:
            cell = pl.when(cell.str.contains(self.way.shape)).then(cell).alias("cell")
        for step in self.way.steps:
            cell = find_transform(step.transform).expression(cell, step.options)
        return cell

    def _note(self, text: pl.Series, values: pl.Series, counts: pl.Series) -> None:
        match self.way.column.kind:
            case Kind.NUMBER:
                self._note_digits(values)
            case Kind.INTEGER:
                low, high = values.min(), values.max()
                ends = [end for end in (self.low, self.high, low, high) if isinstance(end, int)]
                self.low, self.high = (min(ends), max(ends)) if ends else (None, None)
            case Kind.DATETIME:
                self.timed += int(counts.filter(text.str.contains(_TIMED)).sum())
                self.zoned += int(counts.filter(text.str.contains(_ZONED)).sum())

    def _note_digits(self, values: pl.Series) -> None:
        bare = values.drop_nulls().str.strip_chars_start("-")
        parts = pl.DataFrame(
            {"w": bare.str.extract(r"^0*([0-9]*)"), "f": bare.str.extract(r"\.(.*)")}
        )
        longest = parts.select(pl.all().str.len_bytes().max().fill_null(0)).row(0)
        self.whole, self.fraction = max(self.whole, longest[0]), max(self.fraction, longest[1])


class ColumnReadings:
    """One column of a file, batch by batch."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.rows = 0  #: so far, also those that lack the column
        self.filled = self.padded = self.longest = 0
        self.exponents = 0
        self.samples: list[str] = []
        self.leading_zero: str | None = None  #: a cell such as 007
        self.plus: str | None = None  #: a cell such as +49171
        self.percent: str | None = None
        self.all_differ = True
        self.ways = {name: Reading(way) for name, way in WAYS.items()}
        self._known = pl.Series([], dtype=pl.UInt64)

    @property
    def blanks(self) -> int:
        """Cells that are null or blank."""
        return self.rows - self.filled

    def add(self, cells: pl.Series, shown: pl.Series | None) -> None:
        """The next cells; `shown`: as a program shows them, where the file says so."""
        for text in (cells, shown):
            longest = None if text is None else text.str.len_chars().max()
            self.longest = max(self.longest, longest if isinstance(longest, int) else 0)
        bare = cells.str.strip_chars(BLANKS).alias("cell")
        solid = bare.filter((bare != "").fill_null(value=False))
        if solid.is_empty():
            return
        self.filled += len(solid)
        self.padded += int((bare != cells).sum())
        if len(self.samples) < _SAMPLES:
            first = solid.head(_GLANCED_AT).unique(maintain_order=True).to_list()
            self.samples = list(dict.fromkeys([*self.samples, *first]))[:_SAMPLES]
        counted = solid.value_counts(name="n", sort=False)
        self._note(counted["cell"])
        self._note_repeats(counted)
        for reading in self.ways.values():
            if not reading.given_up:
                reading.add(counted, self.filled)

    def read_by(self, *names: str) -> str | None:
        """The first of these ways that reads every cell."""
        return next((name for name in names if self.filled and self.ways[name].reads_all), None)

    def _note(self, cells: pl.Series) -> None:
        self.leading_zero = self.leading_zero or _first(cells, _LEADING_ZERO)
        self.plus = self.plus or _first(cells, _PLUS)
        self.percent = self.percent or _first(cells, "%$")
        self.exponents += int(cells.str.contains("[0-9][eE][+-]?[0-9]").sum())

    def _note_repeats(self, counted: pl.DataFrame) -> None:
        """Case apart: a key must hold where texts that differ by case alone are one."""
        if not self.all_differ:
            return
        hashes = counted["cell"].str.to_lowercase().hash()
        known = pl.concat([self._known, hashes])
        self.all_differ = counted["n"].max() == 1 and known.n_unique() == len(known)
        self._known = known if self.all_differ else self._known.clear()


def _first(cells: pl.Series, pattern: str) -> str | None:
    found = cells.filter(cells.str.contains(pattern))
    return None if found.is_empty() else str(found[0])
