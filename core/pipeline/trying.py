"""A rule held against rows that are in its table already."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

import polars as pl

from core.checks.problems import no_problems, positions
from core.checks.rules.forms import CellTest
from core.checks.rules.kept import as_test, keep
from core.checks.rules.keys import RepeatsByRule
from core.checks.run import Checker
from core.databases.names import LINE, ROW
from core.databases.select import page_rows
from core.model.rule import BrokenRow, RuleTrial

if TYPE_CHECKING:
    from sqlalchemy.engine import Engine

    from core.model.rule import Rule
    from core.model.table import Table

ROWS = 10_000  #: present rows a rule is tried on
SAMPLES = 5  #: rows that break it, shown


def columns_of(rule: Rule, table: Table, *, now: datetime) -> tuple[str, ...]:
    """The columns a rule looks at. Raises InvalidRequest when it does not fit the table."""
    test = as_test(rule, table, now=now)
    return (test.column,) if isinstance(test, CellTest) else test.columns


def try_rule(
    engine: Engine, table: Table, rule: Rule, *, now: datetime, shown: frozenset[str] = frozenset()
) -> RuleTrial:
    """How many of the first rows break the rule, and a few of those.

    `shown`: columns whose values may be told. Of a rule that looks at others too no row is told:
    which rows break it says something of their values. Raises InvalidRequest,
    TargetDatabaseError.
    """
    names = columns_of(rule, table, now=now)
    keys = [name for name in table.primary_key if name in shown and name not in names]
    told = page_rows(engine, table, (*keys, *names), limit=ROWS)
    numbers = pl.int_range(1, told.height + 1, dtype=pl.Int64, eager=True)
    # Columns themselves: Polars takes a name such as ^.*$ for a pattern.
    frame = pl.DataFrame([numbers.alias(ROW), numbers.alias(LINE), *(told[n] for n in names)])
    kept = keep([replace(rule, enabled=True)], table, names, now=now)
    checked = Checker(table, names, kept=kept).check(frame, no_problems())
    repeats = RepeatsByRule(kept.keys, table)
    found = [checked.problems, repeats.check(checked.accepted, positions(~checked.rejected))]
    broken = pl.concat(found).filter(pl.col("check") == rule.name)
    broken = broken.unique("index", keep="first").sort("index")
    samples = _samples(told, broken.head(SAMPLES)) if shown.issuperset(names) else ()
    return RuleTrial(rows=told.height, broken=broken.height, samples=samples)


def _samples(rows: pl.DataFrame, broken: pl.DataFrame) -> tuple[BrokenRow, ...]:
    return tuple(
        BrokenRow(cells=rows.row(index, named=True), message=message)
        for index, message in broken.select("index", "message").iter_rows()
    )
