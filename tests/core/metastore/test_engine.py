from __future__ import annotations

import os
import stat
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy as sa

from core.errors import ConfigurationError
from core.metastore import users
from core.metastore.engine import Metastore, migrate, open_metastore
from core.metastore.schema import users as users_table
from core.model.access import Role


def test_migrate_twice_changes_nothing(empty_url: str) -> None:
    store = open_metastore(empty_url)
    migrate(store)
    with store.begin() as db:
        users.create(db, username="ann", password_hash=None, role=Role.USER)
    migrate(store)
    with store.connect() as db:
        assert users.count(db) == 1
        assert db.execute(sa.text("SELECT count(*) FROM audit_head")).scalar_one() == 1
    store.close()


def test_processes_that_start_at_once_all_succeed(empty_url: str) -> None:
    together = threading.Barrier(4)

    def start() -> None:
        store = open_metastore(empty_url)
        together.wait()
        migrate(store)
        store.close()

    with ThreadPoolExecutor(4) as pool:
        for started in [pool.submit(start) for _ in range(4)]:
            started.result()
    store = open_metastore(empty_url)
    with store.connect() as db:
        assert db.execute(sa.text("SELECT count(*) FROM role_grants")).scalar_one() == 1
    store.close()


def test_a_newer_metastore_is_refused(metastore: Metastore) -> None:
    with metastore.begin() as db:
        db.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(ConfigurationError, match="newer version"):
        migrate(metastore)


def test_a_failed_write_leaves_nothing(metastore: Metastore) -> None:
    def write_and_fail() -> None:
        with metastore.begin() as db:
            users.create(db, username="ann", password_hash=None, role=Role.USER)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        write_and_fail()
    with metastore.connect() as db:
        assert users.count(db) == 0


def test_the_reading_side_cannot_write(metastore: Metastore) -> None:
    statement = sa.insert(users_table).values(username="x", username_key="x")
    with metastore.connect() as db, pytest.raises(sa.exc.DBAPIError):
        db.execute(statement)


def test_reading_does_not_wait_for_a_writer(metastore: Metastore) -> None:
    with metastore.begin() as writing:
        users.create(writing, username="ann", password_hash=None, role=Role.USER)
        with metastore.connect() as reading:
            assert users.count(reading) == 0


def test_sqlite_settings(tmp_path: Path) -> None:
    file = tmp_path / "new" / "metastore.db"
    store = open_metastore(f"sqlite:///{file}")
    with store.connect() as db:
        pragmas = {
            name: db.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("journal_mode", "busy_timeout", "foreign_keys", "synchronous")
        }
    store.close()
    full = 2
    assert pragmas == {
        "journal_mode": "wal",
        "busy_timeout": 15000,
        "foreign_keys": 1,
        "synchronous": full,
    }
    assert stat.S_IMODE(os.stat(file).st_mode) == 0o600
    assert stat.S_IMODE(os.stat(file.parent).st_mode) == 0o700


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("not a url", "not a database URL"),
        ("mysql://u:p@h/d", "only sqlite and postgresql"),
        ("sqlite://", "must name a file"),
        ("sqlite:///:memory:", "must name a file"),
        ("sqlite:////proc/nowhere/x.db", "cannot be opened"),
    ],
)
def test_what_cannot_be_a_metastore(url: str, words: str) -> None:
    with pytest.raises(ConfigurationError, match=words):
        open_metastore(url)


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg2"])
def test_every_spelling_of_postgresql_means_psycopg2(scheme: str) -> None:
    store = open_metastore(f"{scheme}://u@h/d")
    assert store.write.url.drivername == "postgresql+psycopg2"
    store.close()


def test_an_unreachable_server_is_named_without_its_password() -> None:
    store = open_metastore("postgresql://u:hush@127.0.0.1:1/d")
    with pytest.raises(ConfigurationError) as caught:
        migrate(store)
    assert "127.0.0.1:1" in caught.value.detail
    assert "hush" not in caught.value.detail
    store.close()
