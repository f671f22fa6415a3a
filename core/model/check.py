"""What was found wrong, and where."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    ERROR = "error"  #: the row is rejected
    WARNING = "warning"  #: the row is loaded and remarked upon


@dataclass(frozen=True, kw_only=True, slots=True)
class Violation:
    """One cell, row or file failing one check (the guide's error item, R93, and A10)."""

    row: int | None  #: 1-based data row; None: the whole file
    line: int | None  #: 1-based physical line of the file on which the row starts
    column: str | None  #: the source column
    field: str | None  #: the column of the table
    check: str  #: the name of the check
    message: str  #: what is wrong and what would be right, in a sentence
    value: str | None  #: the cell as the file has it
    severity: Severity = Severity.ERROR


@dataclass(frozen=True, kw_only=True, slots=True)
class ValueCount:
    """A cell's text, and how many violations of its group have it."""

    value: str
    count: int  #: since it was first seen


@dataclass(frozen=True, kw_only=True, slots=True)
class ProblemGroup:
    """All violations of one check on one column by cells of one shape, counted."""

    field: str | None
    column: str | None
    check: str
    severity: Severity
    count: int
    message: str  #: of the first one
    samples: tuple[str, ...] = ()  #: up to five distinct values
    shape: str | None = None  #: of the cells; None: of no cell, or not told
    values: tuple[ValueCount, ...] = ()  #: up to twenty distinct values, the most frequent first


@dataclass(frozen=True, kw_only=True, slots=True)
class CheckReport:
    """What checking a whole file found. total_rows = valid_rows + error_rows."""

    total_rows: int = 0
    valid_rows: int = 0
    error_rows: int = 0
    warning_rows: int = 0
    ignored: int = 0  #: blank, preamble and footer lines
    error_count: int = 0  #: violations of severity error, all of them
    warning_count: int = 0
    groups: tuple[ProblemGroup, ...] = ()
    first: tuple[Violation, ...] = ()  #: the first of all, at most 100

    @property
    def is_valid(self) -> bool:
        return self.error_count == 0


@dataclass(frozen=True, kw_only=True, slots=True)
class CheckInfo:
    """A check, as the docs and the API list it."""

    name: str
    title: str
    description: str
