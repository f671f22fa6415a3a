"""The music shop: a catalogue and its sales, more than 100,000 rows with real constraints."""

from __future__ import annotations

import random
from pathlib import Path

import sqlalchemy as sa

from core.usecases.demo import catalogue, sales
from core.usecases.demo.databases import write_database

CONNECTION, FILE = "music", "music.db"
_SEED = 20_260_315


def make(path: Path) -> None:
    """Write the music shop into an SQLite file."""
    chance = random.Random(_SEED)  # noqa: S311  made-up rows, no secrets
    goods = catalogue.rows(chance)
    write_database(path, schema(), goods | sales.rows(goods["tracks"], chance))


def schema() -> sa.MetaData:
    shop = sa.MetaData()
    catalogue.add_tables(shop)
    sales.add_tables(shop)
    return shop
