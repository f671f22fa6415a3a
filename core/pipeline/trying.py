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
from core.model.rule import RuleTrial

if TYPE_CHECKING:
    from sqlalchemy.engine import Engine

    from core.model.rule import Rule
    from core.model.table import Table

ROWS = 10_000  #: present rows a rule is tried on


def columns_of(rule: Rule, table: Table, *, now: datetime) -> tuple[str, ...]:
    """The columns a rule looks at. Raises InvalidRequest when it does not fit the table."""
    test = as_test(rule, table, now=now)
    return (test.column,) if isinstance(test, CellTest) else test.columns


def try_rule(engine: Engine, table: Table, rule: Rule, *, now: datetime) -> RuleTrial:
    """How many of the first rows break the rule. Raises InvalidRequest, TargetDatabaseError."""
    names = columns_of(rule, table, now=now)
    frame = page_rows(engine, table, names, limit=ROWS)
    numbers = pl.int_range(1, frame.height + 1, dtype=pl.Int64, eager=True)
    frame = frame.insert_column(0, numbers.alias(ROW)).insert_column(1, numbers.alias(LINE))
    kept = keep([replace(rule, enabled=True)], table, names, now=now)
    checked = Checker(table, names, kept=kept).check(frame, no_problems())
    repeats = RepeatsByRule(kept.keys, table)
    found = [checked.problems, repeats.check(checked.accepted, positions(~checked.rejected))]
    broken = pl.concat(found).filter(pl.col("check") == rule.name)["index"].n_unique()
    return RuleTrial(rows=frame.height, broken=broken)
