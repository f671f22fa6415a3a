"""The rules that keepers of tables set."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "table_rules",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("connection", sa.String(100), nullable=False),
        sa.Column("table_name", sa.String(255), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("kind", sa.String(50), nullable=False),
        sa.Column("columns", sa.JSON, server_default=sa.text("'[]'"), nullable=False),
        sa.Column("options", sa.JSON, server_default=sa.text("'{}'"), nullable=False),
        sa.Column("severity", sa.String(10), server_default="error", nullable=False),
        sa.Column("message", sa.String(500), server_default="", nullable=False),
        sa.Column("enabled", sa.Boolean, server_default=sa.true(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.func.now()),
        sa.Column("updated_at", sa.DateTime(timezone=True)),
        sa.Column("created_by", sa.Integer),
        sa.PrimaryKeyConstraint("id", name="pk_table_rules"),
        sa.UniqueConstraint(
            "connection", "table_name", "name", name="uq_table_rules_connection_table_name_name"
        ),
        sa.ForeignKeyConstraint(
            ["created_by"], ["users.id"], name="fk_table_rules_created_by_users"
        ),
    )
