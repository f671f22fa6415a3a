"""The append-only audit log, and what an administrator may do."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _append_only()
    _empty_chain()
    _administrators()


def _append_only() -> None:
    """Refuse every UPDATE and DELETE of audit_log (and TRUNCATE, where there is one)."""
    if op.get_context().dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER audit_log_no_{verb.lower()} BEFORE {verb} ON audit_log"
                " BEGIN SELECT RAISE(ABORT, 'audit_log is append-only'); END"
            )
        return
    op.execute(
        "CREATE FUNCTION audit_log_append_only() RETURNS trigger LANGUAGE plpgsql AS"
        " $$BEGIN RAISE EXCEPTION 'audit_log is append-only'; END$$"
    )
    op.execute(
        "CREATE TRIGGER audit_log_no_change BEFORE UPDATE OR DELETE ON audit_log"
        " FOR EACH ROW EXECUTE FUNCTION audit_log_append_only()"
    )
    op.execute(
        "CREATE TRIGGER audit_log_no_truncate BEFORE TRUNCATE ON audit_log"
        " FOR EACH STATEMENT EXECUTE FUNCTION audit_log_append_only()"
    )


def _empty_chain() -> None:
    head = sa.table("audit_head", *map(sa.column, ("id", "seq", "hash", "seal")))
    op.execute(sa.insert(head).values(id=1, seq=0, hash="0" * 64, seal=""))


def _administrators() -> None:
    """Administrators may do everything everywhere; no other role may do anything yet."""
    op.execute(
        "INSERT INTO role_grants (role, connection, table_name, actions) VALUES ('admin', '*', '*',"
        ' \'["import", "validate", "preview_import", "export", "preview_export", "replace",'
        ' "delete", "create_table", "review", "undo", "administer"]\')'
    )
