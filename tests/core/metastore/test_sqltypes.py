from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta, timezone

import pytest
import sqlalchemy as sa

from core.metastore.engine import Metastore
from core.metastore.schema import users
from core.metastore.sqltypes import epoch


def test_a_time_comes_back_in_utc(metastore: Metastore) -> None:
    there = datetime(2026, 7, 1, 1, 30, 0, 123456, tzinfo=timezone(timedelta(hours=5, minutes=30)))
    statement = sa.insert(users).values(username="a", username_key="a", last_login_at=there)
    with metastore.begin() as db:
        db.execute(statement)
        back = db.execute(sa.select(users.c.last_login_at)).scalar_one()
    assert back == there
    assert back.tzinfo is UTC


def test_a_naive_time_is_refused(metastore: Metastore) -> None:
    query = sa.select(users.c.id).where(users.c.last_login_at > datetime(2026, 1, 1))
    with metastore.connect() as db, pytest.raises(sa.exc.StatementError, match="time zone"):
        db.execute(query)


def test_the_database_clock_counts_seconds_since_1970(metastore: Metastore) -> None:
    with metastore.connect() as db:
        assert abs(db.execute(sa.select(epoch())).scalar_one() - time.time()) < 60


def test_the_clock_goes_on_within_a_transaction(metastore: Metastore) -> None:
    with metastore.connect() as db:
        first = db.execute(sa.select(epoch())).scalar_one()
        time.sleep(0.01)
        assert db.execute(sa.select(epoch())).scalar_one() > first
