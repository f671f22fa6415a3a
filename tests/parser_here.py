"""The readers without the process that confines them, for tests of everything else."""

from __future__ import annotations

import io
from collections.abc import Callable, Generator, Iterator

from core.formats import detect_file, read_file
from core.formats.base import Batch, ReadLimits
from core.formats.confinement.parser import ParserLimits
from core.model.dialect import Detection, Dialect, Given


def detect_and_read_here(
    chunks: Iterator[bytes],
    *,
    filename: str,
    given: Given,
    detected: Callable[[Detection], None],
    rows: int,
    limits: ReadLimits,
    parser: ParserLimits,
) -> Generator[Batch, None, None]:
    data = b"".join(chunks)
    found = detect_file(io.BytesIO(data), filename=filename, given=given)
    detected(found)
    yield from read_here(iter([data]), found.dialect, rows=rows, limits=limits, parser=parser)


def read_here(
    chunks: Iterator[bytes],
    dialect: Dialect,
    *,
    rows: int,
    limits: ReadLimits,
    parser: ParserLimits,
) -> Generator[Batch, None, None]:
    assert parser.memory_mb
    yield from read_file(io.BytesIO(b"".join(chunks)), dialect, rows=rows, limits=limits)
