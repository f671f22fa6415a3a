"""Writing Parquet: typed columns, zstd inside, a row group at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import BinaryIO

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from core.errors import InvalidRequest
from core.formats.base import WriteOptions
from core.formats.column_names import by_position
from core.formats.parquet.types import Typed, typed
from core.model.table import Column

_GROUP_ROWS = 100_000


def write_rows(
    batches: Iterable[pl.DataFrame],
    columns: Sequence[Column],
    file: BinaryIO,
    options: WriteOptions,
) -> int:
    """Write the rows and return how many; see `core.formats.base.Writer`.

    A column whose first row group holds something else than its kind is written as text, and
    `options.warn` is told; what is met later is refused with its row.
    """
    if not columns:
        raise InvalidRequest("columns: choose at least one column to write")
    names = [column.name for column in columns]
    if len(set(names)) < len(names):
        raise InvalidRequest("columns: the columns of a Parquet file need different names")
    groups = _groups(batches, names)
    first = next(groups, pl.DataFrame(schema={f"c{n}": pl.String for n in range(len(names))}))
    types = [_settled(column, first[f"c{n}"], options) for n, column in enumerate(columns)]
    fields = [
        (name, t.arrow if t else pa.large_string()) for name, t in zip(names, types, strict=True)
    ]
    schema = pa.schema(fields)
    written = 0
    with pq.ParquetWriter(pa.PythonFile(_Sink(file), mode="w"), schema, compression="zstd") as out:
        for group in chain([first] if first.height else [], groups):
            arrays = [
                _array(group[f"c{n}"], column, kind, written)
                for n, (column, kind) in enumerate(zip(columns, types, strict=True))
            ]
            out.write_table(pa.Table.from_arrays(arrays, schema=schema))
            written += group.height
    return written


def _groups(batches: Iterable[pl.DataFrame], names: Sequence[str]) -> Iterator[pl.DataFrame]:
    held: list[pl.DataFrame] = []
    for batch in batches:
        if batch.height:
            held.append(by_position(batch, names))
        if sum(frame.height for frame in held) >= _GROUP_ROWS:
            yield pl.concat(held)
            held = []
    if held:
        yield pl.concat(held)


def _settled(column: Column, cells: pl.Series, options: WriteOptions) -> Typed | None:
    kind = typed(column)
    if kind is None or _misfit(cells, _values(cells, kind)) is None:
        return kind
    if options.warn is not None:
        options.warn(
            f"Column {column.name!r} is written as text: it holds more than {column.kind} values."
        )
    return None


def _array(cells: pl.Series, column: Column, kind: Typed | None, written: int) -> pa.Array:
    if kind is None:
        return cells.to_arrow().cast(pa.large_string())
    values = _values(cells, kind)
    index = _misfit(cells, values)
    if index is not None:
        raise InvalidRequest(
            f"Row {written + index + 1:,}, column {column.name!r}: {cells[index][:50]!r} is no "
            f"{column.kind} value, as those before are. Leave the row out, or choose CSV or JSON."
        )
    return values.to_arrow().cast(kind.arrow)


def _values(cells: pl.Series, kind: Typed) -> pl.Series:
    cell = pl.col("cell")
    matching = pl.when(cell.str.contains(kind.pattern)).then(cell)
    frame = cells.to_frame("cell").select(matching.alias("cell"))
    return frame.select(kind.values.alias("value")).to_series()


def _misfit(cells: pl.Series, values: pl.Series) -> int | None:
    found = (cells.is_not_null() & values.is_null()).arg_true()
    return int(found[0]) if len(found) else None


class _Sink:
    """A file that Arrow may write to and not close; it need not know where it stands."""

    closed = False

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._written = 0

    def write(self, data: bytes) -> int:
        self._file.write(data)
        self._written += len(data)
        return len(data)

    def tell(self) -> int:
        return self._written

    def flush(self) -> None:
        """Whoever gave the file flushes it."""

    def close(self) -> None:
        """Whoever gave the file closes it."""
