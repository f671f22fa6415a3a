"""XML read from bytes at hand: what the tests of its reader share."""

from __future__ import annotations

import io
from typing import Any

import polars as pl

from core.formats import detect_file, read_file
from core.formats.base import META, Batch, ReadLimits
from core.model.dialect import Detection, Dialect

Rows = list[dict[str, str | None]]


def raw(data: bytes | str) -> bytes:
    return data.encode() if isinstance(data, str) else data


def detect(data: bytes | str, filename: str = "x.xml", **options: Any) -> Detection:
    return detect_file(io.BytesIO(raw(data)), filename=filename, **options)


def batches(
    data: bytes | str, *, rows: int = 1000, limits: ReadLimits | None = None, **dialect: Any
) -> list[Batch]:
    chosen = Dialect(format="xml", **dialect)
    return list(read_file(io.BytesIO(raw(data)), chosen, rows=rows, limits=limits or ReadLimits()))


def frame(data: bytes | str, **options: Any) -> pl.DataFrame:
    return pl.concat(batch.frame for batch in batches(data, **options))


def cells(data: bytes | str, **options: Any) -> Rows:
    return frame(data, **options).drop(META).to_dicts()
