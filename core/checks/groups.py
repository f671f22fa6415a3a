"""Violations grouped by column, check and shape of the cell, in bounded memory."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

import polars as pl

from core.checks.shapes import shapes
from core.model.check import ProblemGroup, Severity, ValueCount

#: The shape of a group that holds the rarer shapes of a field and check.
OTHER_SHAPES = "other shapes"
MOST = 500  #: groups of a report, unless there are more fields and checks than that
SAMPLES = 5  #: distinct values per group, in their order
VALUES = 20  #: distinct values per group with their counts
_FEW = 3  #: of either, for groups after the first _FULL ones
_FULL = 50
_KEPT = 4 * MOST  #: groups told apart while counting
_COUNTED = 2 * VALUES  #: distinct values counted per group
_LONGEST = 200  #: characters of a value that is counted by itself


class _Key(NamedTuple):
    field: str | None
    column: str | None
    check: str
    severity: str
    shape: str | None

    @property
    def other(self) -> _Key:
        """Of the group for rarer shapes."""
        return self._replace(shape=OTHER_SHAPES)


@dataclass(slots=True)
class _Group:
    message: str
    count: int = 0
    samples: list[str] = field(default_factory=list)
    values: dict[str, int] = field(default_factory=dict)

    def take(self, count: int, samples: list[str], values: dict[str, int]) -> None:
        self.count += count
        fresh = [value for value in samples if value not in self.samples]
        self.samples += fresh[: SAMPLES - len(self.samples)]
        for value, times in values.items():
            if value in self.values:
                self.values[value] += times
            elif len(self.values) < _COUNTED and len(value) <= _LONGEST:
                self.values[value] = times


class Groups:
    """Counts every violation in one group; only what is said of rare ones is bounded."""

    def __init__(self) -> None:
        self._groups: dict[_Key, _Group] = {}

    def add(self, violations: pl.DataFrame) -> None:
        """Violations with the columns of VIOLATIONS, and maybe their shape already."""
        if "shape" not in violations.columns:
            violations = violations.with_columns(shapes(violations["value"]).alias("shape"))
        by = list(_Key._fields)
        found = violations.group_by(by, maintain_order=True).agg(
            pl.len().alias("count"),
            pl.col("message").first(),
            pl.col("value").drop_nulls().unique(maintain_order=True).head(2 * SAMPLES),
            pl.col("value").drop_nulls().value_counts(sort=True).head(_COUNTED).alias("often"),
        )
        for row in found.iter_rows(named=True):
            group = self._group(_Key(*(row[name] for name in by)), row["message"])
            values = {pair["value"]: pair["count"] for pair in row["often"]}
            group.take(row["count"], row["value"], values)
        if len(self._groups) > _KEPT:
            self._fold(_KEPT // 2)

    def _group(self, key: _Key, message: str) -> _Group:
        return self._groups.setdefault(key, _Group(message=message))

    def _fold(self, most: int) -> None:
        """Let the rarest shapes share the group of the other shapes until `most` are left."""
        shapes_of: dict[_Key, int] = {}
        for key in self._groups:
            shapes_of[key.other] = shapes_of.get(key.other, 0) + 1
        rarest = sorted(self._groups.items(), key=lambda item: item[1].count)
        for key, group in rarest:
            if len(self._groups) <= most:
                return
            other = key.other
            if key == other or shapes_of[other] == 1:
                continue
            shapes_of[other] -= other in self._groups
            del self._groups[key]
            self._group(other, group.message).take(group.count, group.samples, group.values)

    def all(self) -> tuple[ProblemGroup, ...]:
        """Errors first, the most frequent first."""
        self._fold(MOST)
        ordered = sorted(
            self._groups.items(),
            key=lambda item: (item[0].severity != Severity.ERROR.value, -item[1].count),
        )
        return tuple(_group(key, group, full=at < _FULL) for at, (key, group) in enumerate(ordered))


def _group(key: _Key, group: _Group, *, full: bool) -> ProblemGroup:
    often = sorted(group.values.items(), key=lambda pair: -pair[1])
    return ProblemGroup(
        field=key.field,
        column=key.column,
        check=key.check,
        severity=Severity(key.severity),
        count=group.count,
        message=group.message,
        samples=tuple(group.samples[: SAMPLES if full else _FEW]),
        shape=key.shape,
        values=tuple(
            ValueCount(value=value, count=count)
            for value, count in often[: VALUES if full else _FEW]
        ),
    )
