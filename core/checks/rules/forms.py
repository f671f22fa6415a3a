"""What a rule becomes: a test of cells, of rows or of keys."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

from core.checks.problems import Says
from core.expressions.sql import Outcome


@dataclass(frozen=True, kw_only=True, slots=True)
class CellTest:
    """A test of the typed values of one column."""

    column: str
    holds: Callable[[pl.Series], pl.Series]  #: Boolean per value; null passes
    says: Says
    demands: bool = False  #: it is about values that are missing


#: For every row true, false or null, which passes; and whether it could be told at all.
Holds = Callable[[pl.DataFrame], Outcome]


@dataclass(frozen=True, kw_only=True, slots=True)
class RowTest:
    """A test of rows, by typed columns under their own names."""

    columns: tuple[str, ...]  #: those it looks at; the first is where it is reported
    holds: Holds
    says: Says


@dataclass(frozen=True, kw_only=True, slots=True)
class KeyTest:
    """Rows of a file that must differ in these columns; a row with a null in one passes."""

    columns: tuple[str, ...]
    ignore_case: bool = False


Test = CellTest | RowTest | KeyTest


def decided(met: pl.Series) -> Outcome:
    """The outcome of a test that can always be told."""
    return Outcome(values=met, failed=pl.Series([False]).new_from_index(0, len(met)))
