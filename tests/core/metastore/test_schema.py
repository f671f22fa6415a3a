"""The migrated tables are exactly schema.py, and hold the guide's tables."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from core.metastore.engine import Metastore
from core.metastore.schema import (
    export_jobs,
    export_permissions,
    import_jobs,
    import_permissions,
    metadata,
)
from core.model.access import User

GUIDE = {
    "import_jobs": "id job_id table_name status original_filename file_size file_format"
    " import_options field_mappings progress_percent total_rows processed_rows valid_rows"
    " error_rows validation_results import_results started_at completed_at error_message"
    " requires_approval created_at updated_at created_by",
    "export_jobs": "id job_id table_name status export_format export_options selected_columns"
    " filters filename file_path file_size download_url progress_percent estimated_rows"
    " processed_rows started_at completed_at error_message created_at updated_at created_by",
    "import_permissions": "id user_id table_name can_import can_validate can_preview"
    " max_file_size_mb max_rows_per_import allowed_formats requires_approval created_at"
    " updated_at",
    "export_permissions": "id user_id table_name can_export can_preview max_rows_per_export"
    " allowed_formats allowed_columns created_at updated_at",
}


def _default_differs(
    _context: Any, _seen: Any, column: sa.Column[Any], found: str | None, _d: Any, made: str | None
) -> bool | None:
    """Compare JSON and text defaults as the text they are: PostgreSQL cannot compare JSON."""
    if not isinstance(column.type, sa.JSON | sa.String):
        return None
    return (found or "").split("::")[0].strip("()'") != (made or "").strip("'")


def test_migrations_make_exactly_the_schema(metastore: Metastore) -> None:
    options = {"compare_type": True, "compare_server_default": _default_differs}
    with metastore.connect() as db:
        context = MigrationContext.configure(db, opts=options)
        assert compare_metadata(context, metadata) == []


@pytest.mark.parametrize("table", GUIDE)
def test_the_guides_columns_are_all_there(metastore: Metastore, table: str) -> None:
    found = {column["name"] for column in sa.inspect(metastore.read).get_columns(table)}
    assert set(GUIDE[table].split()) <= found


def test_a_raw_import_job_has_the_guides_defaults(metastore: Metastore) -> None:
    sql = (
        "INSERT INTO import_jobs (job_id, table_name, original_filename, file_format)"
        " VALUES ('j1', 'products', 'p.csv', 'csv')"
    )
    row = _insert(metastore, sql, import_jobs)
    assert row["status"] == "PENDING"
    assert (row["import_options"], row["field_mappings"]) == ({}, {})
    assert (row["validation_results"], row["import_results"]) == ({}, {})
    assert (row["progress_percent"], row["processed_rows"]) == (0.0, 0)
    assert (row["valid_rows"], row["error_rows"]) == (0, 0)
    assert row["requires_approval"] is False
    assert row["connection"] == "default"
    assert (row["task"], row["run_after"]) == ("none", None)
    assert (row["attempt"], row["max_attempts"], row["counts"]) == (0, 3, {})
    _is_now(row["created_at"])


def test_a_raw_export_job_has_the_guides_defaults(metastore: Metastore) -> None:
    sql = (
        "INSERT INTO export_jobs (job_id, table_name, export_format)"
        " VALUES ('j1', 'products', 'csv')"
    )
    row = _insert(metastore, sql, export_jobs)
    assert row["status"] == "PENDING"
    assert (row["export_options"], row["selected_columns"], row["filters"]) == ({}, [], [])
    assert (row["progress_percent"], row["processed_rows"]) == (0.0, 0)
    _is_now(row["created_at"])


def test_raw_permissions_have_the_guides_defaults(metastore: Metastore, ann: User) -> None:
    formats = ["csv", "json", "excel"]
    sql = f"INSERT INTO import_permissions (user_id, table_name) VALUES ({ann.id}, 'products')"
    row = _insert(metastore, sql, import_permissions)
    assert (row["can_import"], row["can_validate"], row["can_preview"]) == (True, True, True)
    assert (row["max_file_size_mb"], row["max_rows_per_import"]) == (10, 10_000)
    assert (row["allowed_formats"], row["requires_approval"]) == (formats, False)
    assert row["more_actions"] == ["undo"]
    sql = f"INSERT INTO export_permissions (user_id, table_name) VALUES ({ann.id}, 'products')"
    row = _insert(metastore, sql, export_permissions)
    assert (row["can_export"], row["can_preview"]) == (True, True)
    assert row["max_rows_per_export"] == 100_000
    assert (row["allowed_formats"], row["allowed_columns"]) == (formats, [])


def test_one_permission_for_a_user_and_table(metastore: Metastore, ann: User) -> None:
    sql = f"INSERT INTO import_permissions (user_id, table_name) VALUES ({ann.id}, 'products')"
    _insert(metastore, sql, import_permissions)
    with pytest.raises(sa.exc.IntegrityError):
        _insert(metastore, sql, import_permissions)


def test_files_larger_than_two_gigabytes_can_be_told(metastore: Metastore) -> None:
    sql = (
        "INSERT INTO import_jobs (job_id, table_name, original_filename, file_format, file_size)"
        " VALUES ('j1', 't', 'f', 'csv', 5000000000)"
    )
    assert _insert(metastore, sql, import_jobs)["file_size"] == 5_000_000_000


def _insert(metastore: Metastore, sql: str, table: sa.Table) -> sa.RowMapping:
    with metastore.begin() as db:
        db.execute(sa.text(sql))
    with metastore.connect() as db:
        return db.execute(sa.select(table)).mappings().one()


def _is_now(moment: datetime) -> None:
    assert moment.utcoffset() == timedelta(0)
    assert abs(datetime.now(UTC) - moment) < timedelta(minutes=5)
