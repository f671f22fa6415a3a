"""The profile of a file's columns, gathered batch by batch in bounded memory.

Counts, lengths, least and greatest are of every cell. Kinds, remarks and histograms are of a sample
of the rows, which is all of them up to 10,000. A cell is read as a number or date over the whole
file once the first batch has shown what the column holds.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import polars as pl

from core.checks.bars import bars
from core.checks.cells import BLANKS
from core.checks.kinds import ISO, Detected, detect_kind, measures, reading
from core.checks.sketches import DistinctCount, Frequent, RowSample
from core.model.profile import CellKind, ColumnProfile, Profile, TopValue

COLUMNS = 300  #: profiled; a file may have thousands
LONGEST = 100  #: characters of a value kept
_TOP = _SAMPLES = 10
_FIRST_LOOK = 2_000  #: cells of the first batch that tell how to read a column over the whole file
#: Values counted at once, over all columns of a file.
_COUNTERS, _FEWEST = 60_000, 50
#: Cells of the sample, over all columns.
_CELLS = 400_000


_DIGITS = re.compile("[0-9]")
_VALUE, _COUNT = pl.col("value"), pl.col("count")
_LENGTH = _VALUE.str.len_chars()
#: What one look at the distinct cells of a batch tells; one query costs less than ten.
_SUMMARY = [
    _COUNT.filter(pl.col("bare") == 0).sum().alias("blanks"),
    _COUNT.filter(pl.col("bare").is_between(1, _VALUE.str.len_bytes() - 1)).sum().alias("padded"),
    _LENGTH.min().alias("shortest"),
    _LENGTH.max().alias("longest"),
    _VALUE.get(_LENGTH.arg_max()).str.head(LONGEST).alias("longest_value"),
    _VALUE.min().alias("least"),
    _VALUE.max().alias("greatest"),
]


class ProfileBuilder:
    """Gathers the profile of one file."""

    def __init__(self) -> None:
        self._columns: dict[str, _Column] = {}
        self._left_out: set[str] = set()
        self._sample: RowSample | None = None
        self._rows = 0

    def add(self, frame: pl.DataFrame, columns: Sequence[str]) -> None:
        """The next rows of the file; `columns` names those that are the file's own, all text."""
        if self._sample is None:
            self._begin(columns)
        for name in columns:
            if name not in self._columns and name not in self._left_out:
                self._take_up(name)
        known = [name for name in columns if name in self._columns]
        self._rows += frame.height
        for name in known:
            self._columns[name].add(frame.get_column(name).alias("cell"))
        assert self._sample is not None
        # By position: a header may be anything, also a pattern that Polars would expand.
        cells = {self._columns[name].key: frame.get_column(name) for name in known}
        self._sample.add(pl.DataFrame(cells))

    def _begin(self, columns: Sequence[str]) -> None:
        width = min(max(len(columns), 1), COLUMNS)
        self._counters = max(_FEWEST, min(2_000, _COUNTERS // width))
        self._sample = RowSample(rows=max(1_000, min(10_000, _CELLS // width)))

    def _take_up(self, name: str) -> None:
        if len(self._columns) >= COLUMNS:
            self._left_out.add(name)
            return
        self._columns[name] = _Column(f"c{len(self._columns)}", self._counters)

    def profile(self) -> Profile:
        """What was gathered so far."""
        sample = self._sample.frame() if self._sample else pl.DataFrame()
        columns = []
        for name, column in self._columns.items():
            # A column that came up late, or of which nothing was drawn, may not be in the sample.
            held = column.key in sample.columns
            cells = sample.get_column(column.key) if held else pl.Series([], dtype=pl.String)
            columns.append(column.profile(name, self._rows, cells.alias("cell")))
        return Profile(
            rows=self._rows,
            sample_rows=min(sample.height, self._rows),
            columns=tuple(columns),
            left_out=len(self._left_out),
        )


class _Column:
    """One column so far."""

    def __init__(self, key: str, counters: int) -> None:
        self.key = key
        self._cells = self._blanks = self._padded = self._zeros = 0
        self._distinct, self._frequent = DistinctCount(), Frequent(counters)
        self._samples: list[str] = []
        self._texts = _Extremes()
        self._measured = _Extremes()
        self._lengths: list[int] = []  #: shortest and longest so far
        self._longest_value = ""
        self._first_look: Detected | None = None
        self._seen, self._reading = CellKind.EMPTY, ""

    def add(self, cells: pl.Series) -> None:
        solid = cells.drop_nulls()
        if solid.is_empty():
            return
        counted = solid.alias("value").value_counts(name="count", sort=False)
        value = counted["value"]
        self._cells += len(solid)
        self._distinct.add(value)
        self._look(solid)
        # How long a cell is without white space tells as much as what is left, and sooner.
        bare = value.str.strip_chars(BLANKS).str.len_bytes().alias("bare")
        (told,) = counted.with_columns(bare).select(_SUMMARY).iter_rows(named=True)
        self._blanks += told["blanks"]
        self._padded += told["padded"]
        if self._seen is CellKind.INTEGER:
            self._note_zeros(counted)
        self._texts.note_ends(told["least"], told["greatest"])
        if not self._lengths or told["longest"] > self._lengths[1]:
            self._longest_value = told["longest_value"]
        known = [*self._lengths, told["shortest"], told["longest"]]
        self._lengths = [min(known), max(known)]
        if len(self._samples) < _SAMPLES:
            self._note_samples(solid)
        self._count_values(counted)
        if self._reading == ISO and told["shortest"] == told["longest"]:
            ends = pl.Series([told["least"], told["greatest"]])
            value = ends if len({_DIGITS.sub("0", end) for end in ends}) == 1 else value
        self._measure(value)

    def _note_zeros(self, counted: pl.DataFrame) -> None:
        few = counted.filter(_VALUE.str.starts_with("0"))
        if few.height:
            digits = few["value"].str.contains("^0[0-9]+$")
            self._zeros += int(few["count"].filter(digits).sum())

    def _note_samples(self, solid: pl.Series) -> None:
        first = solid.head(_FIRST_LOOK).unique(maintain_order=True).to_list()
        fresh = (str(cell)[:LONGEST] for cell in first if str(cell).strip(BLANKS))
        self._samples = list(dict.fromkeys([*self._samples, *fresh]))[:_SAMPLES]

    def _count_values(self, counted: pl.DataFrame) -> None:
        if self._lengths[1] > LONGEST:
            # Long texts that begin alike count as one: they would be shown alike too.
            short = counted.with_columns(pl.col("value").str.head(LONGEST))
            counted = short.group_by("value").sum()
        self._frequent.add(counted)

    def _look(self, solid: pl.Series) -> None:
        if self._first_look is None:
            every = max(1, len(solid) // _FIRST_LOOK)
            found = detect_kind(solid.gather_every(every), "")
            if found.kind is not CellKind.EMPTY:
                self._first_look = found
                self._seen, self._reading = found.kind, reading(found.kind, found.detail)

    def _measure(self, value: pl.Series) -> None:
        """Moments that are spelt alike, year first, come in the order of texts: then the first and
        the last of a batch are enough."""
        look = self._first_look
        if look is None or not self._reading:
            return
        measured = measures(value, look.kind, look.detail)
        if measured is not None:
            self._measured.note(value, measured)

    # ------------------------------------------------------------ results
    def profile(self, name: str, rows: int, sample: pl.Series) -> ColumnProfile:
        """`sample`: cells of this column from all over the file."""
        found = detect_kind(sample, name)
        measured = measures(sample, found.kind, found.detail)
        lengths = measured is None or found.kind is CellKind.EMPTY
        shown = sample.str.len_chars() if lengths else measured
        assert shown is not None
        drawn = bars(shown, CellKind.INTEGER if lengths else found.kind)
        extremes, exact = self._range(found, sample, measured)
        return ColumnProfile(
            name=name,
            rows=rows,
            nulls=rows - self._cells,
            blanks=self._blanks,
            padded=self._padded,
            leading_zeros=self._zeros,
            distinct=len(self._distinct),
            distinct_exact=self._distinct.exact,
            shortest=self._lengths[0] if self._lengths else None,
            longest=self._lengths[1] if self._lengths else None,
            longest_value=self._longest_value if self._lengths else None,
            least=self._texts.least,
            greatest=self._texts.greatest,
            lowest=extremes.least,
            highest=extremes.greatest,
            range_exact=exact,
            top=tuple(TopValue(value=v, count=n) for v, n in self._frequent.top(_TOP)),
            top_exact=self._frequent.exact,
            samples=tuple(self._samples),
            kind=found.kind,
            detail=found.detail,
            share=found.share,
            evidence=found.evidence,
            remarks=found.remarks,
            bars=drawn,
            bars_of=("lengths" if lengths else "values") if drawn else "",
        )

    def _range(
        self, found: Detected, sample: pl.Series, measured: pl.Series | None
    ) -> tuple[_Extremes, bool]:
        """Of the whole file where the first look saw what the sample shows; else of the sample."""
        look = self._first_look
        wanted = reading(found.kind, found.detail)
        if measured is None or not wanted:
            return _Extremes(), True
        if look is not None and reading(look.kind, look.detail) == wanted:
            return self._measured, True
        extremes = _Extremes()
        extremes.note(sample, measured)
        return extremes, False


class _Extremes:
    """The cells that come first and last by some measure."""

    def __init__(self) -> None:
        self.least: str | None = None
        self.greatest: str | None = None
        self._low: Any = None
        self._high: Any = None

    def note_ends(self, least: str, greatest: str) -> None:
        """The first and the last of some texts, in the order of texts."""
        for text in (least, greatest):
            if self._low is None or text < self._low:
                self._low, self.least = text, text[:LONGEST]
            if self._high is None or text > self._high:
                self._high, self.greatest = text, text[:LONGEST]

    def note(self, cells: pl.Series, measure: pl.Series) -> None:
        """`measure`: something comparable for each cell, null for none."""
        low, high = measure.arg_min(), measure.arg_max()
        if low is None or high is None or measure[low] is None:
            return
        if self._low is None or measure[low] < self._low:
            self._low, self.least = measure[low], str(cells[low])[:LONGEST]
        if self._high is None or measure[high] > self._high:
            self._high, self.greatest = measure[high], str(cells[high])[:LONGEST]
