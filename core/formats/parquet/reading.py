"""Reading Parquet: the file is held whole, its rows a batch at a time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from core.errors import InvalidFormat
from core.formats.base import FLAW, LINE, Batch, ReadLimits
from core.formats.batching import Piece, batched
from core.formats.column_names import name_columns
from core.formats.parquet.texts import text_column
from core.model.dialect import Detection, Dialect, Finding

_FIRST_ROWS = 10
_LONGEST_SHOWN = 500  # characters of a line


def detect(data: bytes, dialect: Dialect) -> Detection:
    """The columns of a file, with their types. Raises InvalidFormat when it is damaged."""
    with _arrow():
        file = _opened(data)
        names, warnings = _names(file, ReadLimits())
        first = next(file.iter_batches(_FIRST_ROWS), None)
        rows = first.to_pylist() if first is not None else []
        types = ", ".join(f"{field.name} {field.type}" for field in file.schema_arrow)
        evidence = f"The file says so: {file.metadata.num_rows:,} rows of {types}."
    finding = Finding(name="format", value="Parquet", confidence=1.0, evidence=evidence)
    return Detection(
        dialect=dialect,
        columns=tuple(names),
        findings=(finding,),
        warnings=tuple(warnings),
        first_lines=tuple(str(row)[:_LONGEST_SHOWN] for row in rows),
    )


def read_rows(data: bytes, *, rows: int, limits: ReadLimits) -> Iterator[Batch]:
    """Batches of the rows; see `core.formats.base.Reader.read`. A row's line is its number."""
    with _arrow():
        file = _opened(data)
        names, _ = _names(file, limits)
    yield from batched(
        _pieces(file, names, rows, limits, len(data)), names, rows=rows, limits=limits
    )


def _pieces(
    file: pq.ParquetFile, names: list[str], rows: int, limits: ReadLimits, size: int
) -> Iterator[Piece]:
    done, total = 0, max(1, file.metadata.num_rows)
    with _arrow():
        for batch in file.iter_batches(rows):
            batch.validate(full=True)  # texts that are no UTF-8 would break what comes next
            count = batch.num_rows
            lines = pl.int_range(done + 1, done + count + 1, dtype=pl.Int64, eager=True)
            columns = [lines.alias(LINE), pl.Series(FLAW, [None] * count, dtype=pl.String)]
            for name, column in zip(names, batch.columns, strict=True):
                cells = text_column(column, name)
                _check_size(cells, done, limits)
                columns.append(cells)
            done += count
            yield Piece(pl.DataFrame(columns), 0, size * done // total)


def _check_size(cells: pl.Series, done: int, limits: ReadLimits) -> None:
    long = (cells.str.len_bytes() > limits.max_cell_bytes).arg_true()
    if len(long):
        raise InvalidFormat(
            f"Row {done + long[0] + 1:,}: the cell of {cells.name} is longer than "
            f"{limits.max_cell_bytes:,} bytes. Shorten it."
        )


def _opened(data: bytes) -> pq.ParquetFile:
    return pq.ParquetFile(pa.BufferReader(data), arrow_extensions_enabled=True)


def _names(file: pq.ParquetFile, limits: ReadLimits) -> tuple[list[str], list[str]]:
    header = file.schema_arrow.names
    if not header:
        raise InvalidFormat("The Parquet file has no columns.")
    if len(header) > limits.max_columns:
        raise InvalidFormat(
            f"The file has {len(header):,} columns, and at most {limits.max_columns:,} are read. "
            "Split the file."
        )
    return name_columns(header, [])


@contextmanager
def _arrow() -> Iterator[None]:
    """The seam to Arrow: what it raises becomes InvalidFormat."""
    try:
        yield
    except (pa.ArrowException, OSError, ValueError, OverflowError) as error:
        reason = str(error).split("\n")[0].rstrip(".")[:200]
        raise InvalidFormat(
            f"The Parquet file cannot be read ({reason}). Write it again with the program it "
            "comes from, or save the table as CSV."
        ) from error
