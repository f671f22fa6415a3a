"""What the cells of a file are like, column by column, as read and with the edits of its plan."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class CellKind(StrEnum):
    """What the cells of a column look like, whatever the table makes of them."""

    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    DATE = "date"
    DATETIME = "datetime"
    UUID = "uuid"
    JSON = "json"
    EMAIL = "email"
    URL = "url"
    TEXT = "text"
    EMPTY = "empty"  #: no cell of the sample holds anything


@dataclass(frozen=True, kw_only=True, slots=True)
class TopValue:
    """A value and how many cells hold it."""

    value: str  #: its first 100 characters
    count: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Bar:
    """One bar of a histogram: the cells of the sample from `low` up to the next bar."""

    low: str
    high: str  #: the largest the bar may hold
    count: int


@dataclass(frozen=True, kw_only=True, slots=True)
class ColumnProfile:
    """One source column over all rows; `kind` and `bars` are of the sample of `Profile`."""

    name: str
    rows: int
    nulls: int
    blanks: int  #: cells with nothing but white space, nulls not counted
    padded: int  #: other cells with white space at an end
    leading_zeros: int  #: of a column of whole numbers: cells that begin with a zero, as 007
    distinct: int  #: different values
    distinct_exact: bool  #: else estimated, within 3 % as a rule
    shortest: int | None = None  #: characters; None when every cell is null
    longest: int | None = None
    longest_value: str | None = None  #: its first 100 characters
    least: str | None = None  #: the first value in the order of texts, its first 100 characters
    greatest: str | None = None
    lowest: str | None = None  #: the cell of the smallest number or earliest date
    highest: str | None = None
    range_exact: bool = True  #: else the two are of the sample
    top: tuple[TopValue, ...] = ()  #: up to ten, the most frequent first
    top_exact: bool = True  #: else the counts are at least these, and a rarer value may be missing
    samples: tuple[str, ...] = ()  #: the first values of the file, up to ten
    kind: CellKind = CellKind.EMPTY
    detail: str = ""  #: "decimal comma", "day first"; empty when there is nothing to tell
    share: float = 0.0  #: of the cells that hold something: those of this kind, 0…1
    evidence: str = ""  #: a sentence
    remarks: tuple[str, ...] = ()  #: sentences about what may go wrong with these cells
    bars: tuple[Bar, ...] = ()
    bars_of: str = ""  #: values, lengths; empty without bars


@dataclass(frozen=True, kw_only=True, slots=True)
class Profile:
    """Every column of a file."""

    rows: int = 0
    sample_rows: int = 0  #: rows kinds and histograms were told from; all of them when equal
    columns: tuple[ColumnProfile, ...] = ()
    left_out: int = 0  #: columns beyond the first 300

    @property
    def sampled(self) -> bool:
        """Are kinds and histograms of a part of the rows?"""
        return self.sample_rows < self.rows
