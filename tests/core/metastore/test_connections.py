from __future__ import annotations

import pytest

from core.errors import Conflict, NotFound
from core.metastore import connections
from core.metastore.engine import Metastore
from core.model.access import ConnectionInfo

SHOP = ConnectionInfo(name="shop", backend="postgresql", address="postgresql://h/shop")
DESK = ConnectionInfo(name="desk", backend="sqlite", address="desk.db", default=True)
ONCE = ConnectionInfo(name="once", backend="sqlite", address="once.db", ad_hoc=True)


def test_a_connection_and_its_sealed_url_come_back(metastore: Metastore) -> None:
    with metastore.begin() as db:
        connections.put(db, SHOP, "sealed")
        assert connections.get(db, "shop") == SHOP
        assert connections.sealed_url(db, "shop") == "sealed"
        connections.put(db, SHOP, "sealed anew")
        assert connections.sealed_url(db, "shop") == "sealed anew"


def test_screens_are_not_offered_ad_hoc_ones(metastore: Metastore) -> None:
    with metastore.begin() as db:
        for info in (SHOP, DESK, ONCE):
            connections.put(db, info, "sealed")
        assert connections.list_connections(db) == [DESK, SHOP]
        assert connections.list_connections(db, ad_hoc=True) == [DESK, ONCE, SHOP]


def test_one_default(metastore: Metastore) -> None:
    with metastore.begin() as db:
        assert connections.default(db) is None
        for info in (SHOP, DESK):
            connections.put(db, info, "sealed")
        assert connections.default(db) == DESK
        connections.set_default(db, "shop")
        found = connections.default(db)
    assert found is not None
    assert found.name == "shop"


def test_unknown_names(metastore: Metastore) -> None:
    with metastore.begin() as db:
        for act in (
            connections.get,
            connections.sealed_url,
            connections.set_default,
            connections.delete,
        ):
            with pytest.raises(NotFound, match="nowhere"):
                act(db, "nowhere")
        with pytest.raises(NotFound):
            connections.get(db, "no\x00where")


def test_deleting(metastore: Metastore) -> None:
    with metastore.begin() as db:
        connections.put(db, SHOP, "sealed")
        connections.delete(db, "shop")
        assert connections.list_connections(db) == []


def test_the_wildcard_is_not_a_name(metastore: Metastore) -> None:
    info = ConnectionInfo(name="*", backend="sqlite", address="x")
    with metastore.begin() as db, pytest.raises(Conflict):
        connections.put(db, info, "sealed")
