from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from core.errors import FileExpired, NotFound
from core.metastore import files
from core.metastore.engine import Metastore
from core.model.access import User
from core.model.file import FilePurpose, StoredFile

NOW = datetime.now(UTC)


def _file(letter: str, **fields: object) -> StoredFile:
    values: dict[str, object] = {
        "file_id": letter * 32,
        "purpose": FilePurpose.UPLOAD,
        "owner_id": None,
        "filename": f"{letter}.csv",
        "size": 100,
        "sha256": "0" * 64,
        "created_at": NOW,
    }
    return StoredFile(**values | fields)  # type: ignore[arg-type]


def test_a_file_comes_back(metastore: Metastore, ann: User) -> None:
    file = _file("a", owner_id=ann.id, expires_at=NOW + timedelta(hours=1), size=5_000_000_000)
    with metastore.begin() as db:
        files.insert(db, file)
        assert files.get(db, "a" * 32) == file
        for wrong in ("b" * 32, "a\x00", ""):
            with pytest.raises(NotFound):
                files.get(db, wrong)


def test_an_expired_file_is_not_handed_out(metastore: Metastore) -> None:
    file = _file("a", expires_at=NOW - timedelta(seconds=1))
    with metastore.begin() as db:
        files.insert(db, file)
        with pytest.raises(FileExpired, match=r"a\.csv"):
            files.get(db, file.file_id)
        assert files.list_expired(db) == [file]
        files.mark_deleted(db, [file.file_id])
        assert files.list_expired(db) == []
        with pytest.raises(FileExpired):
            files.get(db, file.file_id)
        assert files.live_ids(db) == frozenset()


def test_files_that_last_do_not_expire(metastore: Metastore) -> None:
    with metastore.begin() as db:
        files.insert(db, _file("a"))
        files.insert(db, _file("b", expires_at=NOW + timedelta(hours=1)))
        assert files.list_expired(db) == []
        assert files.live_ids(db) == {"a" * 32, "b" * 32}
        files.set_expiry(db, ["b" * 32], NOW - timedelta(hours=1))
        assert [file.file_id for file in files.list_expired(db)] == ["b" * 32]


def test_files_of_a_job(metastore: Metastore) -> None:
    with metastore.begin() as db:
        for letter in "abc":
            files.insert(db, _file(letter))
        files.set_job(db, ["a" * 32, "b" * 32], "job")
        files.mark_deleted(db, ["b" * 32])
        assert [file.file_id for file in files.of_job(db, "job")] == ["a" * 32]


def test_usage_counts_what_is_still_there(metastore: Metastore, ann: User, bob: User) -> None:
    with metastore.begin() as db:
        files.insert(db, _file("a", owner_id=ann.id, size=3_000_000_000))
        files.insert(db, _file("b", owner_id=ann.id, size=3_000_000_000))
        files.insert(db, _file("c", owner_id=ann.id))
        files.mark_deleted(db, ["c" * 32])
        assert files.usage(db, ann.id) == (2, 6_000_000_000)
        assert files.usage(db, bob.id) == (0, 0)
