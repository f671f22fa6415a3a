from __future__ import annotations

import pytest

from core.access.limits import Caps, Limits, effective_limits, permissions_document
from core.model.access import Action, Grant, Identity, Role
from core.settings import load

MIB = 1024 * 1024
ANN = Identity(user_id=1, username="ann", role=Role.USER)
LOCAL = Identity(user_id=None, username="local", role=Role.ADMIN, local=True)
CAPS = Caps(
    import_bytes=100 * MIB,
    import_rows=1000,
    import_formats=("csv", "excel", "xml"),
    export_rows=2000,
    export_formats=("csv", "json"),
)


def test_the_settings_give_the_caps() -> None:
    caps = Caps.of(
        load(
            {
                "TABLEPORT_HOME": "/nowhere",
                "IMPORT_MAX_FILE_SIZE": "7MB",
                "IMPORT_MAX_ROWS": "8",
                "IMPORT_ALLOWED_EXTENSIONS": "csv",
                "EXPORT_MAX_ROWS": "9",
                "EXPORT_ALLOWED_FORMATS": "xlsx,json",
            }
        )
    )
    assert caps == Caps(
        import_bytes=7 * MIB,
        import_rows=8,
        import_formats=("csv",),
        export_rows=9,
        export_formats=("excel", "json"),
    )


@pytest.mark.parametrize(
    ("grant", "expected"),
    [
        (
            Grant(),
            Limits(
                import_bytes=100 * MIB,
                import_rows=1000,
                import_formats=("csv", "excel", "xml"),
                export_rows=2000,
                export_formats=("csv", "json"),
            ),
        ),
        (
            Grant(
                max_file_size_mb=50,
                max_rows_per_import=9999,
                import_formats=("json", "excel", "csv"),
                max_rows_per_export=5,
                export_formats=(),
            ),
            Limits(
                import_bytes=50 * MIB,
                import_rows=1000,
                import_formats=("csv", "excel"),
                export_rows=5,
                export_formats=(),
            ),
        ),
    ],
)
def test_the_smaller_one_wins(grant: Grant, expected: Limits) -> None:
    assert effective_limits(ANN, grant, CAPS) == expected


def test_nothing_limits_the_local_administrator() -> None:
    grant = Grant(max_file_size_mb=1, max_rows_per_export=1, import_formats=())
    assert effective_limits(LOCAL, grant, CAPS) == Limits(
        import_bytes=None,
        import_rows=None,
        import_formats=None,
        export_rows=None,
        export_formats=None,
    )


def test_the_guides_document() -> None:
    grant = Grant(
        actions=frozenset({Action.IMPORT, Action.VALIDATE, Action.PREVIEW_EXPORT}),
        max_file_size_mb=50,
        max_rows_per_import=25_000,
        import_formats=("csv", "json", "excel"),
        requires_approval=True,
        allowed_columns=("id", "email", "name"),
    )
    assert permissions_document(grant, CAPS, table_label="users") == {
        "table_name": "users",
        "import_permission": {
            "can_import": True,
            "can_validate": True,
            "can_preview": False,
            "max_file_size_mb": 50,
            "max_rows_per_import": 1000,
            "allowed_formats": ["csv", "excel"],
            "requires_approval": True,
        },
        "export_permission": {
            "can_export": False,
            "can_preview": True,
            "max_rows_per_export": 2000,
            "allowed_formats": ["csv", "json"],
            "allowed_columns": ["id", "email", "name"],
        },
    }


def test_a_size_above_the_cap_is_told_as_the_cap() -> None:
    document = permissions_document(Grant(max_file_size_mb=500), CAPS, table_label="users")
    assert document["import_permission"]["max_file_size_mb"] == 100
