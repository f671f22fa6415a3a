from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from core.errors import NotFound
from core.metastore import remembered
from core.metastore.engine import Metastore
from core.model.access import User
from core.model.mapping import Answer, Decision, FieldMapping, Lookup, Step

NOW = datetime(2026, 5, 12, 10, tzinfo=UTC)
MAPPINGS = (
    FieldMapping(source="Größe", target="size", steps=(Step(transform="trim"),), skip_empty=True),
    FieldMapping(
        source="Genre",
        target="genre_id",
        lookup=Lookup(
            by="name", decisions=(Decision(value="Jaz", answer=Answer.USE, use="2"),)
        ),
    ),
)  # fmt: skip


def put(metastore: Metastore, user: int | None, known: str = "f", table: str = "t", at: int = 0):
    with metastore.begin() as db:
        remembered.put(
            db, user, "shop", table, fingerprint=known, columns=("Größe", "Genre"),
            mappings=MAPPINGS, used_at=NOW + timedelta(hours=at),
        )  # fmt: skip


def test_it_comes_back_whole(metastore: Metastore, ann: User) -> None:
    put(metastore, ann.id)
    with metastore.connect() as db:
        found = remembered.find(db, ann.id, "shop", "t", "f")
        assert found is not None
        assert (found.columns, found.mappings, found.used_at) == (
            ("Größe", "Genre"), MAPPINGS, NOW,
        )  # fmt: skip
        for other in ((ann.id, "x", "t", "f"), (ann.id, "shop", "x", "f"), (ann.id, "shop", "t",
                      "x"), (None, "shop", "t", "f")):  # fmt: skip
            assert remembered.find(db, *other) is None


@pytest.mark.parametrize("local", [True, False])
def test_the_last_one_of_a_kind_is_kept(metastore: Metastore, ann: User, local: bool) -> None:
    user = None if local else ann.id
    put(metastore, user)
    put(metastore, user, at=2)
    put(metastore, user, known="g", at=1)
    with metastore.connect() as db:
        found = remembered.list_remembered(db, user, "shop", "t")
    assert [one.used_at.hour for one in found] == [12, 11]


def test_the_oldest_are_forgotten(
    metastore: Metastore, ann: User, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remembered, "MOST", 2)
    put(metastore, bob.id, known="0")
    put(metastore, ann.id, known="0", table="other")
    for hour in (2, 1, 3):
        put(metastore, ann.id, known=str(hour), at=hour)
    with metastore.connect() as db:
        found = remembered.list_remembered(db, ann.id, "shop", "t")
        assert [one.used_at.hour for one in found] == [13, 12]
        assert len(remembered.list_remembered(db, bob.id, "shop", "t")) == 1
        assert len(remembered.list_remembered(db, ann.id, "shop", "other")) == 1


def test_only_ones_own_is_forgotten(metastore: Metastore, ann: User, bob: User) -> None:
    put(metastore, ann.id)
    with metastore.begin() as db:
        (one,) = remembered.list_remembered(db, ann.id, "shop", "t")
        for user, table in ((bob.id, "t"), (None, "t"), (ann.id, "other")):
            with pytest.raises(NotFound):
                remembered.delete(db, user, "shop", table, one.id)
        remembered.delete(db, ann.id, "shop", "t", one.id)
        assert remembered.list_remembered(db, ann.id, "shop", "t") == []
