"""Alembic scripts: how our tables grew. `core.metastore.engine.migrate` runs them."""
