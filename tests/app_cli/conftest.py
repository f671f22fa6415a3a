"""A terminal in a home of its own, and databases with the order tables."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.order_lines import create_order_tables
from tests.terminal import Terminal


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    return Terminal(tmp_path / "home")


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def shop(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a database with orders, products and an empty order_lines."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'shop.db'}"
        engine = sa.create_engine(url)
    else:
        url = request.getfixturevalue("postgres_database")
        engine = sa.create_engine(url)
        with engine.begin() as connection:
            for table in ("order_lines", "orders", "products"):
                connection.execute(sa.text(f"DROP TABLE IF EXISTS {table} CASCADE"))
    create_order_tables(engine)
    engine.dispose()
    return engine.url.render_as_string(hide_password=False)
