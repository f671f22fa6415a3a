"""Rights to replace, delete, create and undo, given to one user.

Every row that is there gets the right to undo and no other: whoever may import may take their own
imports back. Nobody may replace, delete or create who might not before.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    undo = sa.text("'[\"undo\"]'")
    more = sa.Column("more_actions", sa.JSON, server_default=undo, nullable=False)
    op.add_column("import_permissions", more)
