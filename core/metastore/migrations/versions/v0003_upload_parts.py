"""Uploads that come in parts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _partial_uploads()
    _upload_parts()
    for column in ("expires_at", "owner_id"):
        op.create_index(f"ix_partial_uploads_{column}", "partial_uploads", [column])


def _partial_uploads() -> None:
    op.create_table(
        "partial_uploads",
        sa.Column("upload_id", sa.CHAR(32), nullable=False),
        sa.Column("owner_id", sa.Integer),
        sa.Column("filename", sa.String(500), nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("received", sa.BigInteger, server_default=sa.text("0"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.func.now()),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["users.id"], name=op.f("fk_partial_uploads_owner_id")
        ),
        sa.PrimaryKeyConstraint("upload_id", name=op.f("pk_partial_uploads")),
    )


def _upload_parts() -> None:
    op.create_table(
        "upload_parts",
        sa.Column("upload_id", sa.CHAR(32), nullable=False),
        sa.Column("start", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("file_id", sa.CHAR(32), nullable=False),
        sa.ForeignKeyConstraint(
            ["upload_id"],
            ["partial_uploads.upload_id"],
            name=op.f("fk_upload_parts_upload_id"),
        ),
        sa.PrimaryKeyConstraint("upload_id", "start", name=op.f("pk_upload_parts")),
        sa.UniqueConstraint("file_id", name=op.f("uq_upload_parts_file_id")),
    )
