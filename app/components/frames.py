"""Rows of canonical text as data frames for st.dataframe and AgGrid."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from core.model.preview import Row


def of_rows(rows: Sequence[Row], columns: Sequence[str]) -> pl.DataFrame:
    """One text column per name, in that order; a missing cell is null."""
    return pl.DataFrame(
        {name: [row.get(name) for row in rows] for name in columns},
        schema=dict.fromkeys(columns, pl.String),
    )


def height(rows: int, *, most: int = 12) -> int:
    """Pixels that show so many rows and the header without a scroll bar inside."""
    return 34 + 32 * max(1, min(rows, most))
