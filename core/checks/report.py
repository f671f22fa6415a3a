"""Violations of a whole file, counted and sampled in bounded memory."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from core.checks.groups import Groups
from core.model.check import CheckReport, Severity, Violation

#: A violation as a row: problems with the row, line, source column and cell put to them.
VIOLATIONS = pl.Schema(
    {
        "row": pl.Int64,
        "line": pl.Int64,
        "column": pl.String,
        "field": pl.String,
        "check": pl.String,
        "message": pl.String,
        "value": pl.String,
        "severity": pl.String,
    }
)

FIRST = 100  #: violations reported one by one
LONGEST = 1000  #: characters of a cell kept in a report; violation files have all of it


class _RowSet:
    """A set of row numbers, one bit each."""

    def __init__(self) -> None:
        self._bits: NDArray[np.uint8] = np.zeros(1024, dtype=np.uint8)

    def add(self, rows: pl.Series) -> None:
        if rows.is_empty():
            return
        numbers = rows.to_numpy()
        need = int(numbers.max()) // 8 + 1
        if need > len(self._bits):
            grown = np.zeros(max(need, 2 * len(self._bits)), dtype=np.uint8)
            grown[: len(self._bits)] = self._bits
            self._bits = grown
        np.bitwise_or.at(self._bits, numbers >> 3, np.left_shift(1, numbers & 7).astype(np.uint8))

    def __len__(self) -> int:
        return int(np.bitwise_count(self._bits).sum())


class ReportBuilder:
    """Adds up what is found, in any order and over several passes.

    A row counts once among the error rows however many violations it has and whenever they
    are found.
    """

    def __init__(self) -> None:
        self._rows = self._ignored = 0
        self._counts = {severity.value: 0 for severity in Severity}
        self._bad = {severity.value: _RowSet() for severity in Severity}
        self._groups = Groups()
        self._first: list[Violation] = []

    def count(self, *, rows: int, ignored: int = 0) -> None:
        """Add data rows read, and lines ignored."""
        self._rows += rows
        self._ignored += ignored

    def add(self, violations: pl.DataFrame) -> None:
        """Add violations: a frame with the columns of VIOLATIONS, and maybe `shape` (see
        core.checks.shapes). `row` may be null."""
        if not violations.height:
            return
        short = (
            pl.when(pl.col("value").str.len_chars() > LONGEST)
            .then(pl.col("value").str.head(LONGEST) + "…")
            .otherwise("value")
        )
        violations = violations.with_columns(short.alias("value"))
        for severity, rows in self._bad.items():
            of_it = violations.filter(pl.col("severity") == severity)
            self._counts[severity] += of_it.height
            rows.add(of_it.get_column("row").drop_nulls())
        first = violations.select(list(VIOLATIONS)).head(max(FIRST - len(self._first), 0))
        for missing in first.to_dicts():
            severity = Severity(missing.pop("severity"))
            self._first.append(Violation(**missing, severity=severity))
        self._groups.add(violations)

    @property
    def error_rows(self) -> int:
        """Rows with an error so far."""
        return len(self._bad[Severity.ERROR.value])

    def report(self) -> CheckReport:
        """The report of all that was added. Groups: errors first, the most frequent first."""
        return CheckReport(
            total_rows=self._rows,
            valid_rows=self._rows - self.error_rows,
            error_rows=self.error_rows,
            warning_rows=len(self._bad[Severity.WARNING.value]),
            ignored=self._ignored,
            error_count=self._counts[Severity.ERROR.value],
            warning_count=self._counts[Severity.WARNING.value],
            groups=self._groups.all(),
            first=tuple(self._first),
        )
