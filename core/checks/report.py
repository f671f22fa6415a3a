"""Violations of a whole file, counted and sampled in bounded memory."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import polars as pl
from numpy.typing import NDArray

from core.model.check import CheckReport, ProblemGroup, Severity, Violation

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
SAMPLES = 5  #: distinct values per group
LONGEST = 1000  #: characters of a cell kept in a report; violation files have all of it

_GROUP = ("field", "column", "check", "severity")


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


@dataclass(slots=True)
class _Group:
    message: str
    count: int = 0
    samples: list[str] = field(default_factory=list)


class ReportBuilder:
    """Adds up what is found, in any order and over several passes.

    A row counts once among the error rows however many violations it has and whenever they
    are found.
    """

    def __init__(self) -> None:
        self._rows = self._ignored = 0
        self._counts = {severity.value: 0 for severity in Severity}
        self._bad = {severity.value: _RowSet() for severity in Severity}
        self._groups: dict[tuple[str | None, str | None, str, str], _Group] = {}
        self._first: list[Violation] = []

    def count(self, *, rows: int, ignored: int = 0) -> None:
        """Add data rows read, and lines ignored."""
        self._rows += rows
        self._ignored += ignored

    def add(self, violations: pl.DataFrame) -> None:
        """Add violations: a frame with the columns of VIOLATIONS. `row` may be null."""
        if not violations.height:
            return
        short = (
            pl.when(pl.col("value").str.len_chars() > LONGEST)
            .then(pl.col("value").str.head(LONGEST) + "…")
            .otherwise("value")
        )
        violations = violations.select(list(VIOLATIONS)).with_columns(short.alias("value"))
        for severity, rows in self._bad.items():
            of_it = violations.filter(pl.col("severity") == severity)
            self._counts[severity] += of_it.height
            rows.add(of_it.get_column("row").drop_nulls())
        for missing in violations.head(max(FIRST - len(self._first), 0)).to_dicts():
            severity = Severity(missing.pop("severity"))
            self._first.append(Violation(**missing, severity=severity))
        self._group(violations)

    def _group(self, violations: pl.DataFrame) -> None:
        groups = violations.group_by(_GROUP, maintain_order=True).agg(
            pl.len().alias("count"),
            pl.col("message").first(),
            pl.col("value").drop_nulls().unique(maintain_order=True).head(2 * SAMPLES),
        )
        for found in groups.iter_rows(named=True):
            key = (found["field"], found["column"], found["check"], found["severity"])
            group = self._groups.setdefault(key, _Group(message=found["message"]))
            group.count += found["count"]
            fresh = [value for value in found["value"] if value not in group.samples]
            group.samples += fresh[: SAMPLES - len(group.samples)]

    @property
    def error_rows(self) -> int:
        """Rows with an error so far."""
        return len(self._bad[Severity.ERROR.value])

    def report(self) -> CheckReport:
        """The report of all that was added. Groups: errors first, the most frequent first."""
        groups = [
            ProblemGroup(
                field=name,
                column=column,
                check=check,
                severity=Severity(severity),
                count=group.count,
                message=group.message,
                samples=tuple(group.samples),
            )
            for (name, column, check, severity), group in self._groups.items()
        ]
        groups.sort(key=lambda group: (group.severity is not Severity.ERROR, -group.count))
        return CheckReport(
            total_rows=self._rows,
            valid_rows=self._rows - self.error_rows,
            error_rows=self.error_rows,
            warning_rows=len(self._bad[Severity.WARNING.value]),
            ignored=self._ignored,
            error_count=self._counts[Severity.ERROR.value],
            warning_count=self._counts[Severity.WARNING.value],
            groups=tuple(groups),
            first=tuple(self._first),
        )
