"""Samples are bounded, and say whether they are the whole table."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from core.databases.connect import normalise_url, open_engine
from core.databases.reflect import reflect_table
from core.databases.sampling import sample_rows


@pytest.mark.parametrize(
    ("rows", "key", "whole", "values"),
    [
        (0, "INTEGER PRIMARY KEY", True, []),
        (6, "INTEGER PRIMARY KEY", True, ["1", "2", "3", "4", "5", "6"]),
        (9, "INTEGER PRIMARY KEY", False, ["1", "2", "3", "7", "8", "9"]),
        (9, "INTEGER NOT NULL UNIQUE", False, ["1", "2", "3", "7", "8", "9"]),
        (9, "INTEGER UNIQUE", None, None),
    ],
)
def test_a_sample(
    tmp_path: Path, rows: int, key: str, whole: bool | None, values: list[str] | None
) -> None:
    engine = open_engine(normalise_url(f"sqlite:///{tmp_path / 'x.db'}"), create=True)
    with engine.begin() as db:
        db.exec_driver_sql(f"CREATE TABLE t (k {key}, v INTEGER)")
        for n in range(1, rows + 1):
            db.execute(sa.text("INSERT INTO t VALUES (:n, :n)"), {"n": n})
    sample = sample_rows(engine, reflect_table(engine, "t"), ["v"], most=6)
    engine.dispose()
    if whole is None:
        assert sample is None
        return
    assert sample is not None
    assert (sample.whole, sorted(sample.frame["v"].to_list())) == (whole, values)
