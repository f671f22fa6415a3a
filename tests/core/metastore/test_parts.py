"""Uploads on their way: parts follow each other, whoever appends at the same moment."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from core.metastore import parts
from core.metastore.engine import Metastore
from core.metastore.parts import PartialUpload
from core.model.access import User

LATER = datetime(2100, 1, 1, tzinfo=UTC)


def announce(store: Metastore, upload_id: str, owner: User | None, **given: object) -> None:
    fields = {"filename": "big.csv", "size": 1000, "received": 0, "expires_at": LATER} | given
    with store.begin() as db:
        parts.insert(
            db,
            PartialUpload(
                upload_id=upload_id,
                owner_id=owner.id if owner else None,
                **fields,  # type: ignore[arg-type]
            ),
        )


def append(
    store: Metastore, start: int, size: int, file_id: str, upload_id: str = "u" * 32
) -> bool:
    with store.begin() as db:
        return parts.append(
            db, upload_id, start=start, size=size, file_id=file_id, expires_at=LATER
        )


def test_what_was_announced_is_found(metastore: Metastore, ann: User) -> None:
    announce(metastore, "u" * 32, ann, size=5_000_000_000)
    with metastore.connect() as db:
        found = parts.find(db, "u" * 32)
        assert found == PartialUpload(
            upload_id="u" * 32,
            owner_id=ann.id,
            filename="big.csv",
            size=5_000_000_000,
            received=0,
            expires_at=LATER,
        )
        assert parts.find(db, "x" * 32) is None
        assert parts.find(db, "x" * 99) is None
        assert (parts.file_ids(db, "u" * 32), parts.count_parts(db, "u" * 32)) == ([], 0)


def test_parts_follow_each_other(metastore: Metastore, ann: User) -> None:
    announce(metastore, "u" * 32, ann)
    later = LATER + timedelta(days=1)
    with metastore.begin() as db:
        assert parts.append(db, "u" * 32, start=0, size=10, file_id="a" * 32, expires_at=later)
    assert not append(metastore, 0, 10, "b" * 32)
    assert not append(metastore, 11, 10, "b" * 32)
    assert not append(metastore, 10, 10, "b" * 32, upload_id="x" * 32)
    assert append(metastore, 10, 5, "c" * 32)
    with metastore.connect() as db:
        found = parts.find(db, "u" * 32)
        assert found is not None
        assert (found.received, found.expires_at) == (15, LATER)
        assert parts.file_ids(db, "u" * 32) == ["a" * 32, "c" * 32]
        assert parts.live_ids(db) == {"a" * 32, "c" * 32}
        assert parts.count_parts(db, "u" * 32) == 2


def test_of_many_who_append_at_once_one_does(metastore: Metastore, ann: User) -> None:
    announce(metastore, "u" * 32, ann)
    together = threading.Barrier(4)

    def one(letter: str) -> bool:
        together.wait()
        return append(metastore, 0, 10, letter * 32)

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(one, "abcd")) == [False, False, False, True]
    with metastore.connect() as db:
        assert parts.count_parts(db, "u" * 32) == 1


def test_removing_hands_over_the_files_once(metastore: Metastore, ann: User) -> None:
    announce(metastore, "u" * 32, ann)
    announce(metastore, "v" * 32, ann)
    append(metastore, 0, 10, "a" * 32)
    append(metastore, 10, 10, "b" * 32)
    append(metastore, 0, 10, "c" * 32, upload_id="v" * 32)
    with metastore.begin() as db:
        assert parts.remove(db, "u" * 32) == ["a" * 32, "b" * 32]
    with metastore.begin() as db:
        assert parts.remove(db, "u" * 32) is None
        assert parts.find(db, "u" * 32) is None
        assert parts.live_ids(db) == {"c" * 32}
    assert not append(metastore, 20, 10, "d" * 32)


def test_what_has_expired(metastore: Metastore, ann: User) -> None:
    announce(metastore, "u" * 32, ann, expires_at=datetime.now(UTC) - timedelta(seconds=1))
    announce(metastore, "v" * 32, ann)
    with metastore.connect() as db:
        assert parts.list_expired(db) == ["u" * 32]
        assert parts.find(db, "u" * 32) is None
        assert parts.count_of(db, ann.id) == 1


@pytest.mark.parametrize("local", [True, False])
def test_counting_those_of_one_person(
    metastore: Metastore, ann: User, bob: User, *, local: bool
) -> None:
    announce(metastore, "u" * 32, None if local else ann)
    announce(metastore, "v" * 32, bob)
    with metastore.connect() as db:
        assert parts.count_of(db, None if local else ann.id) == 1
        assert parts.count_of(db, ann.id if local else None) == 0
