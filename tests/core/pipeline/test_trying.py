"""Rules held against rows that are there."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from core.databases.reflect import reflect_table
from core.model.rule import Rule
from core.pipeline.trying import try_rule


@pytest.mark.parametrize("name", ["^.*$", "index", "literal", "*", "__x__"])
def test_columns_are_never_taken_for_patterns(tmp_path: Path, name: str) -> None:
    engine = sa.create_engine(f"sqlite:///{tmp_path / 'odd.db'}")
    with engine.begin() as db:
        db.exec_driver_sql(f'CREATE TABLE t (id INTEGER PRIMARY KEY, "{name}" INTEGER, other TEXT)')
        db.exec_driver_sql("INSERT INTO t VALUES (1, 5, 'a'), (2, 50, 'b')")
    rule = Rule(
        connection="x", table="t", name="few", kind="range", columns=(name,), options={"max": "10"}
    )
    trial = try_rule(
        engine,
        reflect_table(engine, "t"),
        rule,
        now=datetime.now(UTC),
        shown=frozenset({"id", name}),
    )
    engine.dispose()
    assert (trial.rows, trial.broken) == (2, 1)
    (sample,) = trial.samples
    assert (sample.cells, sample.message) == ({"id": "2", name: "50"}, "'50' must be at most 10")
