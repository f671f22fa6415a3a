"""Writing workbooks (.xlsx, ECMA-376 Part 1), streamed.

    faces       what a column is in the workbook: number, date, text; its number format
    dates       number formats of dates
    cells       the XML of cells, made a column at a time
    sheets      the XML around them, and when a sheet is full
    package     the other parts of the archive

The XML is made by string expressions of Polars, with texts inside the cells ("inline strings"),
so memory holds one batch only. That is several times faster than any library that takes a cell
at a time (`make bench`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain
from typing import BinaryIO

import polars as pl

from core.errors import InvalidRequest
from core.formats.base import WriteOptions
from core.formats.column_names import by_position
from core.formats.date_formats import date_pattern
from core.formats.excel.writing.cells import Columns
from core.formats.excel.writing.faces import face_of
from core.formats.excel.writing.package import Book
from core.formats.excel.writing.sheets import MAX_COLUMNS, Sheets, sheet_name
from core.model.table import Column

_CHUNK_ROWS = 10_000


def write_rows(
    batches: Iterable[pl.DataFrame],
    columns: Sequence[Column],
    file: BinaryIO,
    options: WriteOptions,
) -> int:
    """Write the rows and return how many; see `core.formats.base.Writer`.

    When a sheet is full, the next one begins with the header again.
    """
    if not columns:
        raise InvalidRequest("columns: choose at least one column to write")
    if len(columns) > MAX_COLUMNS:
        raise InvalidRequest(
            f"columns: a sheet has {MAX_COLUMNS:,} columns at most, not {len(columns):,}"
        )
    date_pattern(options.date_format)
    name = sheet_name(options.dialect.sheet)
    names = [column.name for column in columns]
    chunks = (
        by_position(frame, names)
        for batch in batches
        for frame in batch.iter_slices(_CHUNK_ROWS)
        if frame.height
    )
    first = next(chunks, pl.DataFrame(schema={f"c{n}": pl.String for n in range(len(names))}))
    faces = [
        face_of(column, first[f"c{n}"], options.date_format) for n, column in enumerate(columns)
    ]
    written = 0
    with Book(file, [face.code for face in faces], sheet=name) as book:
        sheets = Sheets(book, names, first, faces, options)
        cells = Columns(names, faces, book.styles)
        for chunk in chain([first] if first.height else [], chunks):
            for part in sheets.parts(chunk):
                sheets.write(cells.rows(part, sheets.next_row, written))
                written += part.height
        sheets.close()
    return written
