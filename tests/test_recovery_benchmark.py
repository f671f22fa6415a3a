"""The benchmark of recovery kills where it says, and a row too few or too many fails it."""

from __future__ import annotations

import csv
import random
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from benchmarks.benchmark import BenchmarkFailed
from benchmarks.orders import TABLE, write_orders
from benchmarks.recovery import compared, moments
from benchmarks.targets import Sqlite

ROWS = 50


def test_a_seed_gives_the_same_moments_in_every_phase() -> None:
    drawn = moments(random.Random("7"), 5)
    assert drawn == moments(random.Random("7"), 5) != moments(random.Random("8"), 5)
    assert {m.phase for m in drawn} == {"Parsing", "Checking", "Loading", "Committing"}


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        ("SELECT 1", None),
        ("DELETE FROM orders WHERE id = '7'", "1 rows lost, 0 doubled"),
        ("INSERT INTO orders SELECT * FROM orders WHERE id = '7'", "0 rows lost, 1 doubled"),
        ("UPDATE orders SET region = 'west' WHERE id = '8'", "cells differ"),
    ],
)
def test_what_is_lost_doubled_or_other_fails(tmp_path: Path, spoil: str, words: str | None) -> None:
    source = tmp_path / "orders.csv"
    write_orders(source, ROWS)
    target = Sqlite(tmp_path)
    with closing(sqlite3.connect(target.address)) as db:
        with source.open(newline="", encoding="utf-8") as file:
            header, *rows = csv.reader(file)
        db.execute(f"CREATE TABLE {TABLE} ({', '.join(header)})")
        db.executemany(f"INSERT INTO {TABLE} VALUES ({', '.join('?' * len(header))})", rows)
        db.execute(spoil)
        db.commit()
    if words is None:
        assert compared(target, source, tmp_path / "dump.csv") == (ROWS, 0, 0)
    else:
        with pytest.raises(BenchmarkFailed, match=words):
            compared(target, source, tmp_path / "dump.csv")
