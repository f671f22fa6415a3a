from __future__ import annotations

import pytest

from core.errors import InvalidRequest
from core.metastore import permissions
from core.metastore.engine import Metastore
from core.metastore.permissions import ExportPermission, ImportPermission
from core.model.access import Action, Grant, Role, User


def test_an_import_permission_comes_back(metastore: Metastore, ann: User) -> None:
    given = ImportPermission(
        user_id=ann.id,
        table="products",
        can_validate=False,
        max_file_size_mb=50,
        max_rows_per_import=25_000,
        allowed_formats=("csv",),
        requires_approval=True,
        more_actions=(Action.DELETE, Action.CREATE_TABLE),
    )
    with metastore.begin() as db:
        permissions.set_import_permission(db, given)
        assert permissions.import_permission(db, ann.id, "default", "products") == given
        assert permissions.import_permission(db, ann.id, "other", "products") is None


def test_setting_again_replaces(metastore: Metastore, ann: User) -> None:
    first = ExportPermission(user_id=ann.id, table="users", allowed_columns=("name",))
    second = ExportPermission(user_id=ann.id, table="users", can_export=False)
    with metastore.begin() as db:
        permissions.set_export_permission(db, first)
        permissions.set_export_permission(db, second)
        assert permissions.list_export_permissions(db) == [second]


def test_lists_are_of_one_user_or_all(metastore: Metastore, ann: User, bob: User) -> None:
    hers = ImportPermission(user_id=ann.id, table="a")
    his = ImportPermission(user_id=bob.id, table="a")
    with metastore.begin() as db:
        permissions.set_import_permission(db, his)
        permissions.set_import_permission(db, hers)
        assert permissions.list_import_permissions(db) == [hers, his]
        assert permissions.list_import_permissions(db, user_id=bob.id) == [his]


def test_deleting_says_whether_there_was_one(metastore: Metastore, ann: User) -> None:
    with metastore.begin() as db:
        permissions.set_import_permission(db, ImportPermission(user_id=ann.id, table="a"))
        permissions.set_export_permission(db, ExportPermission(user_id=ann.id, table="a"))
        assert permissions.delete_import_permission(db, ann.id, "default", "a")
        assert not permissions.delete_import_permission(db, ann.id, "default", "a")
        assert permissions.delete_export_permission(db, ann.id, "default", "a")
        assert not permissions.delete_export_permission(db, ann.id, "default", "a")


def test_a_role_grant_comes_back_and_is_replaced(metastore: Metastore) -> None:
    grant = Grant(
        connection="shop",
        table="products",
        actions=frozenset({Action.IMPORT, Action.UNDO}),
        max_file_size_mb=5,
        import_formats=("csv", "json"),
        requires_approval=True,
        max_rows_per_export=10,
        allowed_columns=("id",),
    )
    wider = Grant(connection="shop", table="products", actions=frozenset(Action))
    with metastore.begin() as db:
        permissions.set_role_grant(db, Role.USER, grant)
        assert permissions.role_grant(db, Role.USER, "shop", "products") == grant
        permissions.set_role_grant(db, Role.USER, wider)
        listed = permissions.list_role_grants(db, role=Role.USER)
        assert [row.grant for row in listed] == [wider]
        assert permissions.delete_role_grant(db, Role.USER, "shop", "products")
        assert permissions.role_grant(db, Role.USER, "shop", "products") is None


def test_only_administrators_are_granted_anything_at_first(metastore: Metastore) -> None:
    with metastore.connect() as db:
        rows = permissions.list_role_grants(db)
    assert [row.role for row in rows] == [Role.ADMIN]
    assert rows[0].grant == Grant(connection="*", table="*", actions=frozenset(Action))


def test_a_name_that_cannot_be_kept_is_refused(metastore: Metastore, ann: User) -> None:
    with metastore.begin() as db, pytest.raises(InvalidRequest):
        permissions.set_import_permission(db, ImportPermission(user_id=ann.id, table="t" * 256))
