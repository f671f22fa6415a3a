"""Fixtures of the formats room."""

from __future__ import annotations

import io
from collections.abc import Callable

import polars as pl
import pytest

from core.formats.base import Batch, ReadLimits
from core.formats.csv.reading import read_rows
from core.model.dialect import Dialect

Read = Callable[..., list[Batch]]


class Pipe(io.RawIOBase):
    """A binary stream that can only be read forward, in small pieces."""

    def __init__(self, data: bytes) -> None:
        self._data = io.BytesIO(data)

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return False

    def read(self, size: int = -1) -> bytes:
        return self._data.read(min(size, 7) if size > 0 else 7)


@pytest.fixture
def read() -> Read:
    """All batches of some bytes; keywords go into the dialect, `limits` and `rows` apart."""

    def run(
        data: bytes, *, rows: int = 1000, limits: ReadLimits | None = None, **dialect: object
    ) -> list[Batch]:
        chosen = Dialect(**dialect)  # type: ignore[arg-type]
        return list(read_rows(io.BytesIO(data), chosen, rows=rows, limits=limits or ReadLimits()))

    return run


@pytest.fixture
def frame(read: Read) -> Callable[..., pl.DataFrame]:
    """All rows of some bytes as one frame, meta columns included."""

    def run(data: bytes, **options: object) -> pl.DataFrame:
        return pl.concat(batch.frame for batch in read(data, **options))

    return run


@pytest.fixture
def pipe() -> type[Pipe]:
    return Pipe
