from __future__ import annotations

from dataclasses import replace

import pytest

from core.metastore import permissions
from core.metastore.engine import Metastore
from core.metastore.grants import grant_of
from core.metastore.permissions import ExportPermission, ImportPermission
from core.model.access import (
    CHANGE_ACTIONS,
    EXPORT_ACTIONS,
    IMPORT_ACTIONS,
    Action,
    Grant,
    Role,
    User,
)


def _grant_role(metastore: Metastore, **fields: object) -> None:
    with metastore.begin() as db:
        permissions.set_role_grant(db, Role.USER, Grant(**fields))  # type: ignore[arg-type]


def _effective(metastore: Metastore, user: User, table: str = "products") -> Grant:
    with metastore.connect() as db:
        return grant_of(db, user.id, user.role, "default", table)


def test_nothing_granted_is_nothing_allowed(metastore: Metastore, ann: User) -> None:
    assert _effective(metastore, ann) == Grant(connection="default", table="products")


def test_an_administrator_may_do_everything(metastore: Metastore) -> None:
    with metastore.connect() as db:
        grant = grant_of(db, None, Role.ADMIN, "default", "products")
    assert grant.actions == frozenset(Action)
    assert grant.allowed_columns == ()


def test_a_role_grants_to_all_its_users(metastore: Metastore, ann: User, bob: User) -> None:
    _grant_role(metastore, actions=IMPORT_ACTIONS, max_file_size_mb=7)
    grant = _effective(metastore, ann)
    assert (grant.actions, grant.max_file_size_mb) == (IMPORT_ACTIONS, 7)
    assert _effective(metastore, bob).actions == frozenset()


@pytest.mark.parametrize(
    ("rows", "chosen"),
    [
        ([("*", "*"), ("default", "*")], ("default", "*")),
        ([("default", "*"), ("*", "products")], ("*", "products")),
        ([("*", "products"), ("default", "products")], ("default", "products")),
        ([("*", "*"), ("other", "products"), ("default", "others")], ("*", "*")),
    ],
)
def test_the_closest_row_wins(
    metastore: Metastore, ann: User, rows: list[tuple[str, str]], chosen: tuple[str, str]
) -> None:
    for number, (connection, table) in enumerate(rows, 1):
        _grant_role(metastore, connection=connection, table=table, max_file_size_mb=number)
    assert _effective(metastore, ann).max_file_size_mb == rows.index(chosen) + 1


def test_a_users_row_overrides_only_its_half(metastore: Metastore, ann: User) -> None:
    _grant_role(
        metastore,
        actions=frozenset({Action.EXPORT, Action.IMPORT, Action.VALIDATE, Action.UNDO}),
        max_rows_per_export=5,
        max_rows_per_import=6,
    )
    row = ImportPermission(
        user_id=ann.id, table="*", can_validate=False, max_rows_per_import=9, requires_approval=True
    )
    with metastore.begin() as db:
        permissions.set_import_permission(db, row)
    grant = _effective(metastore, ann)
    expected = {Action.IMPORT, Action.PREVIEW_IMPORT, Action.EXPORT, Action.UNDO}
    assert grant.actions == expected
    assert (grant.max_rows_per_import, grant.max_rows_per_export) == (9, 5)
    assert grant.requires_approval
    assert grant.import_formats == ("csv", "json", "excel")


def test_a_users_row_for_the_table_beats_his_row_for_any(metastore: Metastore, ann: User) -> None:
    _grant_role(metastore, actions=EXPORT_ACTIONS)
    with metastore.begin() as db:
        permissions.set_export_permission(db, ExportPermission(user_id=ann.id, table="*"))
        permissions.set_export_permission(
            db, ExportPermission(user_id=ann.id, table="salaries", can_export=False)
        )
        permissions.set_export_permission(
            db, ExportPermission(user_id=ann.id, table="users", allowed_columns=("name",))
        )
    assert _effective(metastore, ann).actions == EXPORT_ACTIONS
    assert _effective(metastore, ann, "salaries").actions == {Action.PREVIEW_EXPORT}
    assert _effective(metastore, ann, "users").allowed_columns == ("name",)


def test_who_may_not_import_may_not_change_otherwise(metastore: Metastore, ann: User) -> None:
    _grant_role(metastore, actions=frozenset(Action) - {Action.ADMINISTER})
    with metastore.begin() as db:
        permissions.set_import_permission(
            db,
            ImportPermission(
                user_id=ann.id,
                table="products",
                can_import=False,
                more_actions=tuple(CHANGE_ACTIONS),
            ),
        )
    assert _effective(metastore, ann).actions == {
        Action.VALIDATE,
        Action.PREVIEW_IMPORT,
        Action.EXPORT,
        Action.PREVIEW_EXPORT,
        Action.REVIEW,
    }


def test_a_users_row_adds_ways_of_changing_to_the_roles(metastore: Metastore, ann: User) -> None:
    _grant_role(metastore, actions=frozenset({Action.REPLACE, Action.EXPORT}))
    row = ImportPermission(user_id=ann.id, table="*", more_actions=(Action.CREATE_TABLE,))
    bare = replace(row, table="products", more_actions=())
    with metastore.begin() as db:
        permissions.set_import_permission(db, row)
        permissions.set_import_permission(db, bare)
    roles = IMPORT_ACTIONS | {Action.REPLACE, Action.EXPORT}
    assert _effective(metastore, ann, "orders").actions == roles | {Action.CREATE_TABLE}
    assert _effective(metastore, ann, "products").actions == roles


def test_who_may_import_may_undo(metastore: Metastore, ann: User) -> None:
    with metastore.begin() as db:
        permissions.set_import_permission(db, ImportPermission(user_id=ann.id, table="*"))
    assert _effective(metastore, ann).actions == IMPORT_ACTIONS | {Action.UNDO}


def test_another_users_row_grants_nothing(metastore: Metastore, ann: User, bob: User) -> None:
    with metastore.begin() as db:
        permissions.set_import_permission(db, ImportPermission(user_id=bob.id, table="products"))
    assert _effective(metastore, ann).actions == frozenset()


def test_a_name_no_database_can_hold_is_granted_nothing(metastore: Metastore, ann: User) -> None:
    assert _effective(metastore, ann, "pro\x00ducts").actions == frozenset()
