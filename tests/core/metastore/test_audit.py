"""Edit, delete, reorder, truncate are found."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from core.metastore import audit
from core.metastore.engine import Metastore
from core.metastore.schema import audit_head, audit_log
from core.model.audit import AuditEvent

KEY = b"k" * 32
EVENT = AuditEvent(
    timestamp=datetime(2026, 3, 1, 12, 0, 0, 5, tzinfo=UTC),
    user_id=7,
    username="ann",
    operation="import_started",
    table_name="products",
    job_id="j1",
    details={"rows": 3, "rate": 0.1, "name": "é\x00", "nested": [None, {"a": 1}]},
    ip_address="::1",
    user_agent="curl",
)


def _write(metastore: Metastore, number: int) -> None:
    for index in range(number):
        with metastore.begin() as db:
            audit.append(db, KEY, replace(EVENT, operation=f"op{index + 1}"))


def _verify(metastore: Metastore, key: bytes = KEY) -> list[str]:
    with metastore.connect() as db:
        return audit.verify_chain(db, key)


def _tamper(metastore: Metastore, *statements: str) -> None:
    """What an intruder with all rights in the database would do."""
    with metastore.begin() as db:
        if metastore.is_sqlite:
            db.exec_driver_sql("DROP TRIGGER audit_log_no_update")
            db.exec_driver_sql("DROP TRIGGER audit_log_no_delete")
        else:
            db.exec_driver_sql("ALTER TABLE audit_log DISABLE TRIGGER ALL")
        for statement in statements:
            db.exec_driver_sql(statement)


def test_an_event_comes_back(metastore: Metastore) -> None:
    with metastore.begin() as db:
        assert audit.append(db, KEY, EVENT) == 1
        assert audit.list_events(db) == [EVENT]
    assert _verify(metastore) == []


def test_an_empty_log_is_sound(metastore: Metastore) -> None:
    assert _verify(metastore) == []
    with metastore.connect() as db:
        assert audit.head(db) == (0, "0" * 64)


def test_hostile_words_are_made_fit(metastore: Metastore) -> None:
    hostile = replace(
        EVENT,
        timestamp=EVENT.timestamp.astimezone(),
        username="a\x00\ud800" + "x" * 10_000,
        user_agent="y" * 10_000,
        table_name="\x00" * 999,
        details={"when": EVENT.timestamp, "who": "\ud800"},
    )
    with metastore.begin() as db:
        audit.append(db, KEY, hostile)
    assert _verify(metastore) == []


@pytest.mark.parametrize(
    "statement", ["UPDATE audit_log SET username = 'x'", "DELETE FROM audit_log"]
)
def test_the_log_is_append_only(metastore: Metastore, statement: str) -> None:
    _write(metastore, 1)
    with pytest.raises(sa.exc.DBAPIError, match="append-only"), metastore.begin() as db:
        db.exec_driver_sql(statement)
    assert _verify(metastore) == []


@pytest.mark.postgres
@pytest.mark.parametrize("metastore", ["postgresql"], indirect=True)  # SQLite has no TRUNCATE
def test_postgresql_refuses_truncate(metastore: Metastore) -> None:
    assert not metastore.is_sqlite
    with pytest.raises(sa.exc.DBAPIError, match="append-only"), metastore.begin() as db:
        db.exec_driver_sql("TRUNCATE audit_log")


@pytest.mark.parametrize(
    ("statements", "words"),
    [
        (["UPDATE audit_log SET username = 'eve' WHERE seq = 2"], "Entry 2 was changed"),
        (["UPDATE audit_log SET details = '{}' WHERE seq = 2"], "Entry 2 was changed"),
        (["UPDATE audit_log SET timestamp = '2020-01-01' WHERE seq = 2"], "Entry 2 was changed"),
        (["DELETE FROM audit_log WHERE seq = 2"], "Between entries 1 and 3"),
        (["DELETE FROM audit_log WHERE seq = 1"], "Between entries 0 and 2"),
        (["DELETE FROM audit_log WHERE seq = 4"], "ends at entry 3; its head says 4"),
        (["DELETE FROM audit_log"], "ends at entry 0; its head says 4"),
        (
            [
                "UPDATE audit_log SET seq = 99 WHERE seq = 2",
                "UPDATE audit_log SET seq = 2 WHERE seq = 3",
                "UPDATE audit_log SET seq = 3 WHERE seq = 99",
            ],
            "Entry 2 does not follow",
        ),
        (
            [
                "DELETE FROM audit_log WHERE seq = 4",
                "UPDATE audit_head SET seq = 3, hash = (SELECT hash FROM audit_log WHERE seq = 3)",
            ],
            "The head of the audit log was changed",
        ),
        (["DELETE FROM audit_head"], "head of the audit log is missing"),
        (
            [
                "INSERT INTO audit_log (seq, timestamp, username, operation, prev, hash)"
                " SELECT 5, timestamp, 'eve', 'op', hash, hash FROM audit_log WHERE seq = 4"
            ],
            "Entry 5 was changed",
        ),
    ],
)
def test_tampering_is_found_also_after_more_entries(
    metastore: Metastore, statements: list[str], words: str
) -> None:
    _write(metastore, 4)
    _tamper(metastore, *statements)
    assert any(words in problem for problem in _verify(metastore))


@pytest.mark.parametrize(
    "statements",
    [
        ["DELETE FROM audit_log WHERE seq > 2", "DELETE FROM audit_head"],
        ["DELETE FROM audit_log WHERE seq > 2", f"UPDATE audit_head SET seq = 0, hash = '{0:064}'"],
        [
            "DELETE FROM audit_log WHERE seq > 2",
            "UPDATE audit_head SET seq = 2, hash = (SELECT hash FROM audit_log WHERE seq = 2)",
        ],
        ["DELETE FROM audit_log WHERE seq > 2"],
    ],
)
def test_going_on_writing_does_not_hide_a_cut_tail(
    metastore: Metastore, statements: list[str]
) -> None:
    _write(metastore, 4)
    _tamper(metastore, *statements)
    _write(metastore, 2)
    assert _verify(metastore) != []


def test_another_key_does_not_verify(metastore: Metastore) -> None:
    _write(metastore, 2)
    assert len(_verify(metastore, b"x" * 32)) == 3


def test_writers_at_once_make_one_chain(metastore: Metastore) -> None:
    threads = [threading.Thread(target=_write, args=(metastore, 10)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert _verify(metastore) == []
    with metastore.connect() as db:
        assert audit.head(db)[0] == 40


def test_a_rolled_back_event_was_never_there(metastore: Metastore) -> None:
    def write_and_fail() -> None:
        with metastore.begin() as db:
            audit.append(db, KEY, EVENT)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        write_and_fail()
    _write(metastore, 1)
    assert _verify(metastore) == []


def test_filters_and_pages(metastore: Metastore) -> None:
    with metastore.begin() as db:
        for number in range(6):
            event = replace(
                EVENT,
                timestamp=EVENT.timestamp + timedelta(days=number),
                user_id=number % 2,
                operation="login" if number % 3 == 0 else "export_created",
                table_name=None if number == 5 else "t",
            )
            audit.append(db, KEY, event)

        def days(**wanted: object) -> list[int]:
            events = audit.list_events(db, **wanted)  # type: ignore[arg-type]
            return [(event.timestamp - EVENT.timestamp).days for event in events]

        assert days() == [5, 4, 3, 2, 1, 0]
        assert days(limit=2, offset=1) == [4, 3]
        assert days(user_id=1) == [5, 3, 1]
        assert days(user_id=0, operation="login") == [0]
        assert days(table="t", limit=2) == [4, 3]
        assert days(username="bob") == []
        assert days(job_id="j1", since=EVENT.timestamp + timedelta(days=4)) == [5, 4]
        assert days(until=EVENT.timestamp + timedelta(days=2)) == [1, 0]
        assert audit.count_events(db, operation="login") == 2
        assert db.execute(sa.select(sa.func.count()).select_from(audit_log)).scalar_one() == 6
        assert db.execute(sa.select(audit_head.c.seq)).scalar_one() == 6
