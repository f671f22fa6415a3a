"""JSON read from bytes at hand: what the tests of its reader share."""

from __future__ import annotations

import io
from typing import Any

import polars as pl

from core.formats.base import META, Batch, ReadLimits
from core.formats.json.reading import read_rows
from core.model.dialect import Dialect

Rows = list[dict[str, str | None]]


def batches(
    data: bytes | str,
    *,
    rows: int = 1000,
    limits: ReadLimits | None = None,
    format: str = "json",
    **dialect: Any,
) -> list[Batch]:
    raw = data.encode() if isinstance(data, str) else data
    chosen = Dialect(format=format, **dialect)
    return list(read_rows(io.BytesIO(raw), chosen, rows=rows, limits=limits or ReadLimits()))


def frame(data: bytes | str, **options: Any) -> pl.DataFrame:
    return pl.concat(batch.frame for batch in batches(data, **options))


def cells(data: bytes | str, **options: Any) -> Rows:
    return frame(data, **options).drop(META).to_dicts()
