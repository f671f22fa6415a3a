"""Our own tables, as they are now.

import_jobs, export_jobs, import_permissions and export_permissions are the guide's four
tables with all its columns, types and server defaults (rows R36 to R39), so that a raw INSERT
of what it inserts works. To them are added the columns of the queue and of rulings A32 and
A34. Two types are wider than the guide's: table_name is VARCHAR(255) and file_size BIGINT.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from core.metastore.sqltypes import UtcDateTime

metadata = sa.MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)

_FORMATS = '["csv", "json", "excel"]'
_MORE_ACTIONS = '["undo"]'  # whoever may import may take their own imports back


def _text(name: str, length: int, default: str | None = None) -> sa.Column[str]:
    """A VARCHAR that is never NULL."""
    return sa.Column(name, sa.String(length), nullable=False, server_default=default)


def _json(name: str, default: str) -> sa.Column[Any]:
    return sa.Column(name, sa.JSON(), nullable=False, server_default=sa.text(f"'{default}'"))


def _number(name: str, default: int, kind: type[sa.Integer] = sa.Integer) -> sa.Column[int]:
    return sa.Column(name, kind, nullable=False, server_default=sa.text(str(default)))


def _flag(name: str, *, default: bool = False) -> sa.Column[bool]:
    value = sa.true() if default else sa.false()
    return sa.Column(name, sa.Boolean, nullable=False, server_default=value)


def _time(name: str, *, nullable: bool = True) -> sa.Column[Any]:
    return sa.Column(name, UtcDateTime, nullable=nullable)


def _created() -> sa.Column[Any]:
    return sa.Column("created_at", UtcDateTime, server_default=sa.func.now())


def _user(name: str, *, nullable: bool = True) -> sa.Column[int]:
    return sa.Column(name, sa.Integer, sa.ForeignKey("users.id"), nullable=nullable)


def _job_columns() -> list[sa.Column[Any]]:
    """What both job tables have beyond the guide's: the plan, and the job as a queue item."""
    return [
        _text("connection", 100, "default"),
        sa.Column("plan", sa.JSON(none_as_null=True)),  # NULL: a row that is not ours
        sa.Column("plan_hash", sa.String(64)),
        _json("counts", "{}"),
        _text("phase", 100, ""),
        sa.Column("error_code", sa.String(30)),
        # The queue. run_after, lease_until: seconds since 1970 by the database's clock.
        _text("task", 20, "none"),
        _number("priority", 0),  # the higher, the sooner
        sa.Column("run_after", sa.Double),  # NULL: not asked for, or ended
        sa.Column("lease_owner", sa.String(200)),
        sa.Column("lease_until", sa.Double),
        _number("attempt", 0),  # only ever grows: it is what fences a lost worker out
        _number("max_attempts", 3),  # the last attempt there may be
        _number("lost_attempts", 0),  # how many of them ended with the death of their worker
        _flag("cancel_requested"),
        _number("checkpoint_rows", 0, sa.BigInteger),
        sa.Column("idempotency_key", sa.String(200), unique=True),
        sa.Column("schedule_id", sa.Integer),
        _time("fire_time"),
    ]


def _job_indexes() -> list[sa.schema.SchemaItem]:
    return [
        sa.UniqueConstraint("schedule_id", "fire_time"),
        sa.Index(None, "run_after"),
        sa.Index(None, "created_at"),
        sa.Index(None, "created_by", "created_at"),
        sa.Index(None, "connection", "table_name"),
    ]


users = sa.Table(
    "users",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    _text("username", 150),
    # Case-folded by us: lower() of SQLite knows ASCII only.
    sa.Column("username_key", sa.String(300), nullable=False, unique=True),
    _text("name", 200, ""),
    _text("email", 320, ""),
    sa.Column("password_hash", sa.String(200)),  # NULL: cannot sign in with a password
    _text("role", 20, "user"),
    _flag("disabled"),
    _flag("must_change_password"),
    _number("failed_logins", 0),
    _time("locked_until"),
    _time("last_login_at"),
    _created(),
    _time("updated_at"),
)

sessions = sa.Table(
    "sessions",
    metadata,
    sa.Column("sid_hash", sa.String(64), primary_key=True),
    _user("user_id", nullable=False),
    _time("created_at", nullable=False),
    _time("expires_at", nullable=False),
    _time("last_seen_at", nullable=False),
    sa.Column("ip_address", sa.String(100)),
    sa.Column("user_agent", sa.String(500)),
    sa.Index(None, "user_id"),
    sa.Index(None, "expires_at"),
)

login_tickets = sa.Table(
    "login_tickets",
    metadata,
    sa.Column("ticket_hash", sa.String(64), primary_key=True),
    _user("user_id", nullable=False),
    _time("expires_at", nullable=False),
)

import_jobs = sa.Table(
    "import_jobs",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("job_id", sa.String(36), nullable=False, unique=True),
    _text("table_name", 255),
    _text("status", 20, "PENDING"),
    _text("original_filename", 500),
    sa.Column("file_size", sa.BigInteger),
    _text("file_format", 20),
    _json("import_options", "{}"),
    _json("field_mappings", "{}"),
    sa.Column("progress_percent", sa.Float, nullable=False, server_default=sa.text("0.0")),
    sa.Column("total_rows", sa.Integer),
    _number("processed_rows", 0),
    _number("valid_rows", 0),
    _number("error_rows", 0),
    _json("validation_results", "{}"),
    _json("import_results", "{}"),
    _time("started_at"),
    _time("completed_at"),
    sa.Column("error_message", sa.Text),
    _flag("requires_approval"),
    _created(),
    _time("updated_at"),
    _user("created_by"),
    *_job_columns(),
    sa.Column("upload_file", sa.String(32)),
    sa.Column("spool_file", sa.String(32)),
    sa.Column("rejects_file", sa.String(32)),
    sa.Column("violations_file", sa.String(32)),
    sa.Column("changes_file", sa.String(32)),
    _json("changes", "{}"),
    sa.Column("undone_by", sa.String(36)),
    sa.Column("set_id", sa.String(36)),
    _time("approved_at"),
    _user("approved_by"),
    sa.Column("approved_hash", sa.String(64)),  # the plan_hash that was approved
    sa.Column("notes", sa.Text),
    *_job_indexes(),
)

export_jobs = sa.Table(
    "export_jobs",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("job_id", sa.String(36), nullable=False, unique=True),
    _text("table_name", 255),
    _text("status", 20, "PENDING"),
    _text("export_format", 20),
    _json("export_options", "{}"),
    _json("selected_columns", "[]"),
    _json("filters", "[]"),
    sa.Column("filename", sa.String(500)),
    sa.Column("file_path", sa.String(1000)),
    sa.Column("file_size", sa.BigInteger),
    sa.Column("download_url", sa.String(1000)),
    sa.Column("progress_percent", sa.Float, nullable=False, server_default=sa.text("0.0")),
    sa.Column("estimated_rows", sa.Integer),
    _number("processed_rows", 0),
    _time("started_at"),
    _time("completed_at"),
    sa.Column("error_message", sa.Text),
    _created(),
    _time("updated_at"),
    _user("created_by"),
    *_job_columns(),
    sa.Column("artifact_file", sa.String(32)),
    _time("expires_at"),
    *_job_indexes(),
)

import_permissions = sa.Table(
    "import_permissions",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    _user("user_id", nullable=False),
    _text("connection", 100, "default"),
    _text("table_name", 255),
    _flag("can_import", default=True),
    _flag("can_validate", default=True),
    _flag("can_preview", default=True),
    _number("max_file_size_mb", 10),
    _number("max_rows_per_import", 10_000),
    _json("allowed_formats", _FORMATS),
    _flag("requires_approval"),
    _json("more_actions", _MORE_ACTIONS),
    _created(),
    _time("updated_at"),
    sa.UniqueConstraint("user_id", "connection", "table_name"),
)

export_permissions = sa.Table(
    "export_permissions",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    _user("user_id", nullable=False),
    _text("connection", 100, "default"),
    _text("table_name", 255),
    _flag("can_export", default=True),
    _flag("can_preview", default=True),
    _number("max_rows_per_export", 100_000),
    _json("allowed_formats", _FORMATS),
    _json("allowed_columns", "[]"),
    _created(),
    _time("updated_at"),
    sa.UniqueConstraint("user_id", "connection", "table_name"),
)

#: What a role may do by default; a NULL limit leaves only the global setting (ruling A35).
role_grants = sa.Table(
    "role_grants",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    _text("role", 20),
    _text("connection", 100, "*"),
    _text("table_name", 255, "*"),
    _json("actions", "[]"),
    sa.Column("max_file_size_mb", sa.Integer),
    sa.Column("max_rows_per_import", sa.Integer),
    sa.Column("import_formats", sa.JSON(none_as_null=True)),
    _flag("requires_approval"),
    sa.Column("max_rows_per_export", sa.Integer),
    sa.Column("export_formats", sa.JSON(none_as_null=True)),
    _json("allowed_columns", "[]"),
    _created(),
    _time("updated_at"),
    sa.UniqueConstraint("role", "connection", "table_name"),
)

connections = sa.Table(
    "connections",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("name", sa.String(100), nullable=False, unique=True),
    _text("backend", 30),
    sa.Column("url_encrypted", sa.Text, nullable=False),
    sa.Column("address", sa.Text, nullable=False),
    _flag("is_default"),
    _flag("ad_hoc"),
    _created(),
    _time("updated_at"),
)

files = sa.Table(
    "files",
    metadata,
    sa.Column("file_id", sa.CHAR(32), primary_key=True),
    _text("purpose", 20),
    _user("owner_id"),
    _text("filename", 500),
    sa.Column("size", sa.BigInteger, nullable=False),
    _text("sha256", 64),
    sa.Column("job_id", sa.String(36)),
    _created(),
    _time("expires_at"),
    _time("deleted_at"),
    sa.Index(None, "expires_at"),
    sa.Index(None, "owner_id"),
    sa.Index(None, "job_id"),
)

#: Uploads that come in parts and are not all here; a finished one is a row of files alone.
partial_uploads = sa.Table(
    "partial_uploads",
    metadata,
    sa.Column("upload_id", sa.CHAR(32), primary_key=True),
    _user("owner_id"),
    _text("filename", 500),
    sa.Column("size", sa.BigInteger, nullable=False),  # as announced
    _number("received", 0, sa.BigInteger),  # the sum of its parts: only ever grows
    _created(),
    _time("expires_at", nullable=False),
    sa.Index(None, "expires_at"),
    sa.Index(None, "owner_id"),
)

upload_parts = sa.Table(
    "upload_parts",
    metadata,
    sa.Column(
        "upload_id", sa.CHAR(32), sa.ForeignKey("partial_uploads.upload_id"), primary_key=True
    ),
    sa.Column("start", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("size", sa.BigInteger, nullable=False),
    sa.Column("file_id", sa.CHAR(32), nullable=False, unique=True),
)

audit_log = sa.Table(
    "audit_log",
    metadata,
    sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False),
    _time("timestamp", nullable=False),
    sa.Column("user_id", sa.Integer),  # no foreign key: the log outlives what it speaks of
    _text("username", 150),
    _text("operation", 50),
    sa.Column("table_name", sa.String(255)),
    sa.Column("job_id", sa.String(36)),
    _json("details", "{}"),
    sa.Column("ip_address", sa.String(100)),
    sa.Column("user_agent", sa.String(500)),
    _text("prev", 64),
    _text("hash", 64),
    sa.Index(None, "timestamp"),
    sa.Index(None, "user_id"),
    sa.Index(None, "job_id"),
)

#: One row, id 1: the end of the chain, sealed by itself so that a cut tail shows.
audit_head = sa.Table(
    "audit_head",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("seq", sa.BigInteger, nullable=False),
    _text("hash", 64),
    _text("seal", 64),
)

#: What keepers of tables ask of their rows beyond what the database demands.
table_rules = sa.Table(
    "table_rules",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    _text("connection", 100),
    _text("table_name", 255),
    _text("name", 100),
    _text("kind", 50),
    _json("columns", "[]"),
    _json("options", "{}"),
    _text("severity", 10, "error"),
    _text("message", 500, ""),
    _flag("enabled", default=True),
    _created(),
    _time("updated_at"),
    _user("created_by"),
    sa.UniqueConstraint("connection", "table_name", "name"),
)

#: How each user last mapped files with certain column names; user_id is NULL for the local user.
remembered_mappings = sa.Table(
    "remembered_mappings",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    _user("user_id"),
    _text("connection", 100),
    _text("table_name", 255),
    _text("fingerprint", 64),
    _json("columns", "[]"),
    _json("mappings", "[]"),
    _time("used_at", nullable=False),
    sa.UniqueConstraint(
        "user_id", "connection", "table_name", "fingerprint", name="uq_remembered_mappings_known"
    ),
)

worker_heartbeats = sa.Table(
    "worker_heartbeats",
    metadata,
    sa.Column("owner", sa.String(200), primary_key=True),
    sa.Column("started_at", sa.Double, nullable=False),
    sa.Column("beat_at", sa.Double, nullable=False),
)
