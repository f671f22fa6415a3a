"""What an import would change, who took it back, and imports carried out as one."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    changes = sa.Column("changes", sa.JSON, server_default=sa.text("'{}'"), nullable=False)
    op.add_column("import_jobs", sa.Column("changes_file", sa.String(32)))
    op.add_column("import_jobs", changes)
    op.add_column("import_jobs", sa.Column("undone_by", sa.String(36)))
    op.add_column("import_jobs", sa.Column("set_id", sa.String(36)))
