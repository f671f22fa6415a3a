"""Workbooks: .xlsx and .xlsm, .xlsb, .xls, .ods. Values by calamine, what it leaves out by us.

workbook        opening any kind; its sheets
parts           the insides of the file, checked before anything parses it
numbers         number formats, and the texts they show
cells           a column of values as canonical text
grid            a whole sheet as text
layout          from the sheet to named columns and rows
surroundings    notes, totals and other tables around a table
detection       which sheet, which rows
reading         the reader that joins them
writing         the writer, of .xlsx
forms           templates and rejected rows, to be filled in or mended by people
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import BinaryIO

import polars as pl

from core.formats.base import Batch, Format, Head, ReadLimits, WriteOptions
from core.formats.excel import detection, reading
from core.formats.excel.detection import EXCEL as NAME
from core.formats.excel.detection import EXTENSIONS
from core.formats.excel.writing import write_rows
from core.model.dialect import Detection, Dialect, FormatInfo, Given
from core.model.table import Column

INFO = FormatInfo(
    name=NAME,
    title="Excel",
    extensions=EXTENSIONS,
    media_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    description="Workbooks of Excel and LibreOffice: one sheet, its values, as data only",
    readable=True,
    writable=True,
    max_rows=1_048_576,
    options=(
        "date_format",
        "sheet_name",
        "include_headers",
        "auto_fit_columns",
        "freeze_headers",
    ),
    read_options=("sheet", "skip_rows", "header", "header_rows", "skip_footer", "skip_blank_rows"),
)


class ExcelReader:
    info = INFO

    def detect(self, head: Head, *, given: Given) -> Detection | None:
        """See `core.formats.base.Reader`."""
        if given.get("format", INFO.name) != INFO.name:
            return None
        return detection.detect(head, given=given)

    def read(
        self, file: BinaryIO, dialect: Dialect, *, rows: int, limits: ReadLimits
    ) -> Iterator[Batch]:
        """See `core.formats.base.Reader`."""
        return reading.read_rows(file, dialect, rows=rows, limits=limits)


class ExcelWriter:
    info = INFO

    def write(
        self,
        batches: Iterable[pl.DataFrame],
        columns: Sequence[Column],
        file: BinaryIO,
        options: WriteOptions,
    ) -> int:
        """See `core.formats.base.Writer`."""
        return write_rows(batches, columns, file, options)


EXCEL = Format(info=INFO, reader=ExcelReader(), writer=ExcelWriter())
