"""The benchmark of faults deals out its kills, and tells a row too few from one too many."""

from __future__ import annotations

import csv
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from benchmarks.faults import CASES, compared, shares
from benchmarks.orders import TABLE, write_orders
from benchmarks.targets import Sqlite

ROWS = 50


def test_kills_are_dealt_out_over_every_mode_and_place() -> None:
    dealt = shares(320, list(CASES))
    assert sum(dealt.values()) == 320
    assert max(dealt.values()) - min(dealt.values()) <= 1
    across = sum(n for case, n in dealt.items() if case.endswith("postgresql, two databases"))
    assert across >= 50


@pytest.mark.parametrize(
    ("spoil", "found"),
    [
        ("SELECT 1", (ROWS, 0, 0, False)),
        ("DELETE FROM orders WHERE id = '7'", (ROWS - 1, 1, 0, True)),
        ("INSERT INTO orders SELECT * FROM orders WHERE id = '7'", (ROWS + 1, 0, 1, True)),
        ("UPDATE orders SET region = 'west' WHERE id = '8'", (ROWS, 0, 0, True)),
    ],
)
def test_what_is_lost_doubled_or_other_is_found(
    tmp_path: Path, spoil: str, found: tuple[int, int, int, bool]
) -> None:
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
    assert compared(target, source, tmp_path / "dump.csv") == found
