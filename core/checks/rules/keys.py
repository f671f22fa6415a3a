"""The kind that only the whole file can tell: unique."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from core.checks.across import UniqueTracker
from core.checks.problems import PROBLEMS, gather, quote, whole_rows
from core.checks.rules.forms import KeyTest
from core.checks.rules.registry import Asked, rule
from core.model.mapping import OptionInfo, OptionKind
from core.model.rule import Rule
from core.model.table import Kind, Table


@rule(
    "unique",
    "No repeats",
    "No two rows of a file have the same values in these columns. A row without a value in one of"
    " them passes.",
    columns="many",
    options=(
        OptionInfo(name="ignore_case", title="In any case", kind=OptionKind.FLAG, default="false"),
    ),
)
def unique(asked: Asked) -> KeyTest:
    return KeyTest(
        columns=tuple(column.name for column in asked.columns),
        ignore_case=asked.flag("ignore_case"),
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class KeyRule:
    """A rule on keys, ready for a file."""

    rule: Rule
    test: KeyTest


class RepeatsByRule:
    """Which rows of a file repeat what a rule wants to differ; built once for each file."""

    def __init__(self, rules: Sequence[KeyRule], table: Table) -> None:
        self._rules = tuple(rules)
        self._trackers = [UniqueTracker([one.test.columns], table=table) for one in self._rules]
        self._texts = {c.name for c in table.columns if c.kind in {Kind.TEXT, Kind.OTHER}}

    def check(self, accepted: pl.DataFrame, position: pl.Series) -> pl.DataFrame:
        """Problems of the good rows of the next batch; `position`: each row's place in it."""
        found = [
            self._repeats(one, tracker, accepted)
            for one, tracker in zip(self._rules, self._trackers, strict=True)
        ]
        problems = gather(found)
        if problems.is_empty():
            return pl.DataFrame(schema=PROBLEMS)
        placed = position.gather(problems["index"]).cast(pl.UInt32)
        return problems.with_columns(placed.alias("index"))

    def _repeats(self, one: KeyRule, tracker: UniqueTracker, rows: pl.DataFrame) -> pl.DataFrame:
        names = one.test.columns
        cells = [rows.get_column("__row__"), *(rows.get_column(name) for name in names)]
        if one.test.ignore_case:
            cells = [_lower(c) if c.name in self._texts else c for c in cells]
        found = [
            whole_rows(
                repeats.index,
                one.rule.name,
                _messages(one.rule, rows, repeats.index, repeats.earlier_row),
                one.rule.severity,
            ).with_columns(pl.lit(names[0]).alias("field"))
            for repeats in tracker.feed(pl.DataFrame(cells))
        ]
        return gather(found)


def _lower(cells: pl.Series) -> pl.Series:
    return cells.alias("cell").str.to_lowercase().alias(cells.name)


def _messages(rule: Rule, rows: pl.DataFrame, index: pl.Series, earlier: pl.Series) -> pl.Series:
    values = zip(
        *(rows.get_column(name).alias("cell").gather(index).to_list() for name in rule.columns),
        strict=True,
    )
    said = []
    for parts, row in zip(values, earlier.to_list(), strict=True):
        if rule.message:
            said.append(rule.message.replace("{value}", quote(str(parts[0]))[1:-1]))
            continue
        named = [f"{n} {quote(str(v))}" for n, v in zip(rule.columns, parts, strict=True)]
        said.append(f"{', '.join(named)} is already in row {row} of the file")
    return pl.Series(said, dtype=pl.String)
