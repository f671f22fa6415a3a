"""Alembic's entry: run the migrations on the connection handed over, in its transaction."""

from __future__ import annotations

from alembic import context

from core.metastore.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,  # SQLite cannot ALTER most things
)
context.run_migrations()
