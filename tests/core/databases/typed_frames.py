"""Typed frames for the tests of loaders and look-ups."""

from __future__ import annotations

from typing import Any

import polars as pl

BOOK_TYPES: dict[str, Any] = {
    "id": pl.Int64,
    "isbn": pl.String,
    "title": pl.String,
    "genre": pl.String,
    "pages": pl.Int64,
    "shelf": pl.Int64,
    "price": pl.String,
    "mass": pl.Float64,
    "used": pl.Boolean,
    "printed": pl.Date,
    "seen": pl.Datetime("us"),
    "heard": pl.Datetime("us", "UTC"),
    "opens": pl.Time,
    "extra": pl.String,
    "code": pl.String,
    "cover": pl.Binary,
    "ranks": pl.String,
    "publisher_id": pl.Int64,
    # other tables
    "name": pl.String,
    "boss": pl.Int64,
    "store": pl.Int64,
    "number": pl.Int64,
    "note": pl.String,
    "stars": pl.Int64,
    "words": pl.String,
    "select": pl.Int64,
    "p_id": pl.Int64,
}


def typed(first_row: int = 1, **columns: list[Any]) -> pl.DataFrame:
    """A typed frame with `__row__` from `first_row` and `__line__` one more."""
    height = len(next(iter(columns.values())))
    rows = list(range(first_row, first_row + height))
    return pl.DataFrame(
        {"__row__": rows, "__line__": [row + 1 for row in rows]},
        schema={"__row__": pl.Int64, "__line__": pl.Int64},
    ).with_columns(
        pl.Series(name, values, dtype=BOOK_TYPES.get(name, pl.String))
        for name, values in columns.items()
    )
