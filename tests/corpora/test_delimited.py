"""Delimited files of other projects' tests: each is read whole or refused in words."""

from __future__ import annotations

import io
from pathlib import Path

import polars as pl
import pytest

from core.errors import TableportError
from core.formats.base import META, Head, ReadLimits
from core.formats.csv import CSV
from core.formats.text.encoding import decode_head
from core.formats.text.splitting import LINE_END

_LARGEST = 1 << 20  # bytes


def lines_of(text: str) -> int:
    return len(LINE_END.findall(text)) + (not text.endswith(("\n", "\r")))


@pytest.mark.parametrize("folder", ["duckdb_csv", "frictionless"])
def test_every_physical_line_is_accounted_for(corpora: Path, folder: str) -> None:
    reader = CSV.reader
    assert reader is not None
    read, unaccounted = 0, []
    files = [f for f in sorted((corpora / folder).rglob("*.csv")) if f.is_file()]
    for file in files:
        data = file.read_bytes()
        if len(data) > _LARGEST:
            continue
        try:
            found = reader.detect(Head(io.BytesIO(data), file.name), given={})
            assert found is not None
            batches = [
                *reader.read(io.BytesIO(data), found.dialect, rows=5_000, limits=ReadLimits())
            ]
        except TableportError as error:
            assert error.code == "IMPORT_002"  # noqa: PT017  anything else escapes
            continue
        read += 1
        frame = pl.concat(batch.frame for batch in batches)
        dialect = found.dialect
        cells = frame.drop(META).select(pl.all().str.count_matches(r"\r\n|\r|\n").sum())
        inside = sum(count or 0 for count in cells.row(0))
        header = dialect.header_rows if dialect.header else 0
        accounted = frame.height + sum(batch.ignored for batch in batches) + header + inside
        text = decode_head(data, dialect.encoding, complete=True)
        # Rows of the header and of the footer may hold line ends too; nothing else may.
        if accounted != lines_of(text) and '"' not in text:
            unaccounted.append(file.name)
    assert read > 0.8 * len(files)
    assert unaccounted == []
