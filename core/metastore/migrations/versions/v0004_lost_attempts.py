"""How often a job lost its worker."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("import_jobs", "export_jobs"):
        op.add_column(
            table,
            sa.Column("lost_attempts", sa.Integer, server_default=sa.text("0"), nullable=False),
        )
