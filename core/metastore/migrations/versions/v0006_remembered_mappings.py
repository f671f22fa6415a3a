"""How users mapped their files before."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "remembered_mappings",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("user_id", sa.Integer),
        sa.Column("connection", sa.String(100), nullable=False),
        sa.Column("table_name", sa.String(255), nullable=False),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.Column("columns", sa.JSON, server_default=sa.text("'[]'"), nullable=False),
        sa.Column("mappings", sa.JSON, server_default=sa.text("'[]'"), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_remembered_mappings"),
        sa.UniqueConstraint(
            "user_id",
            "connection",
            "table_name",
            "fingerprint",
            name="uq_remembered_mappings_known",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name="fk_remembered_mappings_user_id_users"
        ),
    )
