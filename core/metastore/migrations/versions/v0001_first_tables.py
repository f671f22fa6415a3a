"""The first tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    _users()
    _audit_head()
    _audit_log()
    _connections()
    _role_grants()
    _worker_heartbeats()
    _export_jobs()
    _export_permissions()
    _files()
    _import_jobs()
    _import_permissions()
    _login_tickets()
    _sessions()
    _indexes()


def _users() -> None:
    op.create_table(
        "users",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("username", sa.String(150), nullable=False),
        sa.Column("username_key", sa.String(300), nullable=False),
        sa.Column("name", sa.String(200), server_default="", nullable=False),
        sa.Column("email", sa.String(320), server_default="", nullable=False),
        sa.Column("password_hash", sa.String(200)),
        sa.Column("role", sa.String(20), server_default="user", nullable=False),
        sa.Column("disabled", sa.Boolean, server_default=sa.false(), nullable=False),
        sa.Column("must_change_password", sa.Boolean, server_default=sa.false(), nullable=False),
        sa.Column("failed_logins", sa.Integer, server_default=sa.text("0"), nullable=False),
        sa.Column("locked_until", sa.DateTime(timezone=True)),
        sa.Column("last_login_at", sa.DateTime(timezone=True)),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.func.now()),
        sa.Column("updated_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
        sa.UniqueConstraint("username_key", name=op.f("uq_users_username_key")),
    )


def _audit_head() -> None:
    op.create_table(
        "audit_head",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("seal", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_head")),
    )


def _audit_log() -> None:
    op.create_table(
        "audit_log",
        sa.Column("seq", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("timestamp", sa.DateTime(timezone=True), nullable=False),
        sa.Column("user_id", sa.Integer),
        sa.Column("username", sa.String(150), nullable=False),
        sa.Column("operation", sa.String(50), nullable=False),
        sa.Column("table_name", sa.String(255)),
        sa.Column("job_id", sa.String(36)),
        sa.Column("details", sa.JSON(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("ip_address", sa.String(100)),
        sa.Column("user_agent", sa.String(500)),
        sa.Column("prev", sa.String(64), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_audit_log")),
    )


def _connections() -> None:
    op.create_table(
        "connections",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("backend", sa.String(30), nullable=False),
        sa.Column("url_encrypted", sa.Text, nullable=False),
        sa.Column("address", sa.Text, nullable=False),
        sa.Column("is_default", sa.Boolean, server_default=sa.false(), nullable=False),
        sa.Column("ad_hoc", sa.Boolean, server_default=sa.false(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.func.now()),
        sa.Column("updated_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_connections")),
        sa.UniqueConstraint("name", name=op.f("uq_connections_name")),
    )


def _role_grants() -> None:
    op.create_table(
        "role_grants",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("connection", sa.String(100), server_default="*", nullable=False),
        sa.Column("table_name", sa.String(255), server_default="*", nullable=False),
        sa.Column("actions", sa.JSON(), server_default=sa.text("'[]'"), nullable=False),
        sa.Column("max_file_size_mb", sa.Integer),
        sa.Column("max_rows_per_import", sa.Integer),
        sa.Column("import_formats", sa.JSON(none_as_null=True)),
        sa.Column("requires_approval", sa.Boolean, server_default=sa.false(), nullable=False),
        sa.Column("max_rows_per_export", sa.Integer),
        sa.Column("export_formats", sa.JSON(none_as_null=True)),
        sa.Column("allowed_columns", sa.JSON(), server_default=sa.text("'[]'"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.func.now()),
        sa.Column("updated_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_role_grants")),
        sa.UniqueConstraint(
            "role",
            "connection",
            "table_name",
            name=op.f("uq_role_grants_role_connection_table_name"),
        ),
    )


def _worker_heartbeats() -> None:
    op.create_table(
        "worker_heartbeats",
        sa.Column("owner", sa.String(200), nullable=False),
        sa.Column("started_at", sa.Double, nullable=False),
        sa.Column("beat_at", sa.Double, nullable=False),
        sa.PrimaryKeyConstraint("owner", name=op.f("pk_worker_heartbeats")),
    )


def _export_jobs() -> None:
    op.create_table(
        "export_jobs",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("job_id", sa.String(36), nullable=False),
        sa.Column("table_name", sa.String(255), nullable=False),
        sa.Column("status", sa.String(20), server_default="PENDING", nullable=False),
        sa.Column("export_format", sa.String(20), nullable=False),
        sa.Column("export_options", sa.JSON(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("selected_columns", sa.JSON(), server_default=sa.text("'[]'"), nullable=False),
        sa.Column("filters", sa.JSON(), server_default=sa.text("'[]'"), nullable=False),
        sa.Column("filename", sa.String(500)),
        sa.Column("file_path", sa.String(1000)),
        sa.Column("file_size", sa.BigInteger),
        sa.Column("download_url", sa.String(1000)),
        sa.Column("progress_percent", sa.Float, server_default=sa.text("0.0"), nullable=False),
        sa.Column("estimated_rows", sa.Integer),
        sa.Column("processed_rows", sa.Integer, server_default=sa.text("0"), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True)),
        sa.Column("completed_at", sa.DateTime(timezone=True)),
        sa.Column("error_message", sa.Text),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.func.now()),
        sa.Column("updated_at", sa.DateTime(timezone=True)),
        sa.Column("created_by", sa.Integer),
        sa.Column("connection", sa.String(100), server_default="default", nullable=False),
        sa.Column("plan", sa.JSON(none_as_null=True)),
        sa.Column("plan_hash", sa.String(64)),
        sa.Column("counts", sa.JSON(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("phase", sa.String(100), server_default="", nullable=False),
        sa.Column("error_code", sa.String(30)),
        sa.Column("task", sa.String(20), server_default="none", nullable=False),
        sa.Column("priority", sa.Integer, server_default=sa.text("0"), nullable=False),
        sa.Column("run_after", sa.Double),
        sa.Column("lease_owner", sa.String(200)),
        sa.Column("lease_until", sa.Double),
        sa.Column("attempt", sa.Integer, server_default=sa.text("0"), nullable=False),
        sa.Column("max_attempts", sa.Integer, server_default=sa.text("3"), nullable=False),
        sa.Column("cancel_requested", sa.Boolean, server_default=sa.false(), nullable=False),
        sa.Column("checkpoint_rows", sa.BigInteger, server_default=sa.text("0"), nullable=False),
        sa.Column("idempotency_key", sa.String(200)),
        sa.Column("schedule_id", sa.Integer),
        sa.Column("fire_time", sa.DateTime(timezone=True)),
        sa.Column("artifact_file", sa.String(32)),
        sa.Column("expires_at", sa.DateTime(timezone=True)),
        sa.ForeignKeyConstraint(
            ["created_by"], ["users.id"], name=op.f("fk_export_jobs_created_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_export_jobs")),
        sa.UniqueConstraint("idempotency_key", name=op.f("uq_export_jobs_idempotency_key")),
        sa.UniqueConstraint("job_id", name=op.f("uq_export_jobs_job_id")),
        sa.UniqueConstraint(
            "schedule_id", "fire_time", name=op.f("uq_export_jobs_schedule_id_fire_time")
        ),
    )


def _export_permissions() -> None:
    op.create_table(
        "export_permissions",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("user_id", sa.Integer, nullable=False),
        sa.Column("connection", sa.String(100), server_default="default", nullable=False),
        sa.Column("table_name", sa.String(255), nullable=False),
        sa.Column("can_export", sa.Boolean, server_default=sa.true(), nullable=False),
        sa.Column("can_preview", sa.Boolean, server_default=sa.true(), nullable=False),
        sa.Column(
            "max_rows_per_export", sa.Integer, server_default=sa.text("100000"), nullable=False
        ),
        sa.Column(
            "allowed_formats",
            sa.JSON(),
            server_default=sa.text('\'["csv", "json", "excel"]\''),
            nullable=False,
        ),
        sa.Column("allowed_columns", sa.JSON(), server_default=sa.text("'[]'"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.func.now()),
        sa.Column("updated_at", sa.DateTime(timezone=True)),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_export_permissions_user_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_export_permissions")),
        sa.UniqueConstraint(
            "user_id",
            "connection",
            "table_name",
            name=op.f("uq_export_permissions_user_id_connection_table_name"),
        ),
    )


def _files() -> None:
    op.create_table(
        "files",
        sa.Column("file_id", sa.CHAR(32), nullable=False),
        sa.Column("purpose", sa.String(20), nullable=False),
        sa.Column("owner_id", sa.Integer),
        sa.Column("filename", sa.String(500), nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("job_id", sa.String(36)),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.func.now()),
        sa.Column("expires_at", sa.DateTime(timezone=True)),
        sa.Column("deleted_at", sa.DateTime(timezone=True)),
        sa.ForeignKeyConstraint(["owner_id"], ["users.id"], name=op.f("fk_files_owner_id")),
        sa.PrimaryKeyConstraint("file_id", name=op.f("pk_files")),
    )


def _import_jobs() -> None:
    op.create_table(
        "import_jobs",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("job_id", sa.String(36), nullable=False),
        sa.Column("table_name", sa.String(255), nullable=False),
        sa.Column("status", sa.String(20), server_default="PENDING", nullable=False),
        sa.Column("original_filename", sa.String(500), nullable=False),
        sa.Column("file_size", sa.BigInteger),
        sa.Column("file_format", sa.String(20), nullable=False),
        sa.Column("import_options", sa.JSON(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("field_mappings", sa.JSON(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("progress_percent", sa.Float, server_default=sa.text("0.0"), nullable=False),
        sa.Column("total_rows", sa.Integer),
        sa.Column("processed_rows", sa.Integer, server_default=sa.text("0"), nullable=False),
        sa.Column("valid_rows", sa.Integer, server_default=sa.text("0"), nullable=False),
        sa.Column("error_rows", sa.Integer, server_default=sa.text("0"), nullable=False),
        sa.Column("validation_results", sa.JSON(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("import_results", sa.JSON(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True)),
        sa.Column("completed_at", sa.DateTime(timezone=True)),
        sa.Column("error_message", sa.Text),
        sa.Column("requires_approval", sa.Boolean, server_default=sa.false(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.func.now()),
        sa.Column("updated_at", sa.DateTime(timezone=True)),
        sa.Column("created_by", sa.Integer),
        sa.Column("connection", sa.String(100), server_default="default", nullable=False),
        sa.Column("plan", sa.JSON(none_as_null=True)),
        sa.Column("plan_hash", sa.String(64)),
        sa.Column("counts", sa.JSON(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("phase", sa.String(100), server_default="", nullable=False),
        sa.Column("error_code", sa.String(30)),
        sa.Column("task", sa.String(20), server_default="none", nullable=False),
        sa.Column("priority", sa.Integer, server_default=sa.text("0"), nullable=False),
        sa.Column("run_after", sa.Double),
        sa.Column("lease_owner", sa.String(200)),
        sa.Column("lease_until", sa.Double),
        sa.Column("attempt", sa.Integer, server_default=sa.text("0"), nullable=False),
        sa.Column("max_attempts", sa.Integer, server_default=sa.text("3"), nullable=False),
        sa.Column("cancel_requested", sa.Boolean, server_default=sa.false(), nullable=False),
        sa.Column("checkpoint_rows", sa.BigInteger, server_default=sa.text("0"), nullable=False),
        sa.Column("idempotency_key", sa.String(200)),
        sa.Column("schedule_id", sa.Integer),
        sa.Column("fire_time", sa.DateTime(timezone=True)),
        sa.Column("upload_file", sa.String(32)),
        sa.Column("spool_file", sa.String(32)),
        sa.Column("rejects_file", sa.String(32)),
        sa.Column("violations_file", sa.String(32)),
        sa.Column("approved_at", sa.DateTime(timezone=True)),
        sa.Column("approved_by", sa.Integer),
        sa.Column("approved_hash", sa.String(64)),
        sa.Column("notes", sa.Text),
        sa.ForeignKeyConstraint(
            ["approved_by"], ["users.id"], name=op.f("fk_import_jobs_approved_by")
        ),
        sa.ForeignKeyConstraint(
            ["created_by"], ["users.id"], name=op.f("fk_import_jobs_created_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_jobs")),
        sa.UniqueConstraint("idempotency_key", name=op.f("uq_import_jobs_idempotency_key")),
        sa.UniqueConstraint("job_id", name=op.f("uq_import_jobs_job_id")),
        sa.UniqueConstraint(
            "schedule_id", "fire_time", name=op.f("uq_import_jobs_schedule_id_fire_time")
        ),
    )


def _import_permissions() -> None:
    op.create_table(
        "import_permissions",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("user_id", sa.Integer, nullable=False),
        sa.Column("connection", sa.String(100), server_default="default", nullable=False),
        sa.Column("table_name", sa.String(255), nullable=False),
        sa.Column("can_import", sa.Boolean, server_default=sa.true(), nullable=False),
        sa.Column("can_validate", sa.Boolean, server_default=sa.true(), nullable=False),
        sa.Column("can_preview", sa.Boolean, server_default=sa.true(), nullable=False),
        sa.Column("max_file_size_mb", sa.Integer, server_default=sa.text("10"), nullable=False),
        sa.Column(
            "max_rows_per_import", sa.Integer, server_default=sa.text("10000"), nullable=False
        ),
        sa.Column(
            "allowed_formats",
            sa.JSON(),
            server_default=sa.text('\'["csv", "json", "excel"]\''),
            nullable=False,
        ),
        sa.Column("requires_approval", sa.Boolean, server_default=sa.false(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.func.now()),
        sa.Column("updated_at", sa.DateTime(timezone=True)),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_import_permissions_user_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_permissions")),
        sa.UniqueConstraint(
            "user_id",
            "connection",
            "table_name",
            name=op.f("uq_import_permissions_user_id_connection_table_name"),
        ),
    )


def _login_tickets() -> None:
    op.create_table(
        "login_tickets",
        sa.Column("ticket_hash", sa.String(64), nullable=False),
        sa.Column("user_id", sa.Integer, nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_login_tickets_user_id")),
        sa.PrimaryKeyConstraint("ticket_hash", name=op.f("pk_login_tickets")),
    )


def _sessions() -> None:
    op.create_table(
        "sessions",
        sa.Column("sid_hash", sa.String(64), nullable=False),
        sa.Column("user_id", sa.Integer, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ip_address", sa.String(100)),
        sa.Column("user_agent", sa.String(500)),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_sessions_user_id")),
        sa.PrimaryKeyConstraint("sid_hash", name=op.f("pk_sessions")),
    )


def _indexes() -> None:
    for table, *columns in (
        ("audit_log", "job_id"),
        ("audit_log", "timestamp"),
        ("audit_log", "user_id"),
        ("export_jobs", "connection", "table_name"),
        ("export_jobs", "created_at"),
        ("export_jobs", "created_by", "created_at"),
        ("export_jobs", "run_after"),
        ("files", "expires_at"),
        ("files", "job_id"),
        ("files", "owner_id"),
        ("import_jobs", "connection", "table_name"),
        ("import_jobs", "created_at"),
        ("import_jobs", "created_by", "created_at"),
        ("import_jobs", "run_after"),
        ("sessions", "expires_at"),
        ("sessions", "user_id"),
    ):
        op.create_index(f"ix_{table}_{'_'.join(columns)}", table, columns)
