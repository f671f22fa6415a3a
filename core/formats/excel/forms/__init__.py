"""Workbooks that people fill in or mend, with help in them: blank templates, rejected rows.

    columns     what a form is made of
    texts       what a cell can hold, as XML
    cells       rows as XML, in the few styles a form has, and comments
    entries     how each column is entered: formats, lists, warnings
    book        the archive, written in one pass

openpyxl makes all but the rows, for it knows lists, comments and properties; whole tables go
through `core.formats.excel.writing`, which has none of these.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import BinaryIO

from openpyxl.workbook import Workbook

from core.errors import InvalidRequest
from core.formats.excel.forms.book import save
from core.formats.excel.forms.cells import Cells
from core.formats.excel.forms.columns import Form, FormColumn, FormRow
from core.formats.excel.forms.entries import prepare
from core.formats.excel.forms.texts import shown
from core.formats.excel.writing.sheets import MAX_COLUMNS

__all__ = ["Form", "FormColumn", "FormRow", "write_form"]

#: Sheets besides the form; its own name must be another.
GUIDE, CHOICES = "How to", "choices"
_GUIDE_WIDTH = 110  # characters
_LONGEST_NAME = 31


def write_form(
    form: Form,
    rows: Iterable[FormRow],
    file: BinaryIO,
    *,
    marker: str | None = None,
    made_at: datetime,
) -> int:
    """Write a form with rows, none for a blank one, and return how many.

    Args:
        form: its columns, its title and the lines of its second sheet.
        rows: cells by place; what is wrong with a cell, by the cell's place.
        file: is only written forward.
        marker: the job whose rows these are, kept as the document's property `tableport_job`.
        made_at: what the document says of its age; the same form with the same rows and the same
            moment gives the same bytes.

    Raises:
        InvalidRequest: more columns than a sheet has, or a text that a cell cannot hold.
    """
    if len(form.columns) > MAX_COLUMNS:
        raise InvalidRequest(
            f"There are {len(form.columns):,} columns, and a sheet has {MAX_COLUMNS:,} at most. "
            "Choose CSV."
        )
    book = Workbook()
    data = book.active
    data.title = sheet_title(form.title)
    data.freeze_panes = "A2"
    listed = prepare(data, form.columns, lists_on=CHOICES)
    cells = Cells(data, form.columns)
    body = _Body(cells, rows)
    guide = book.create_sheet(GUIDE)
    guide.column_dimensions["A"].width = _GUIDE_WIDTH
    bodies: list[Iterable[bytes]] = [body, cells.guide(form.guide)]
    if listed:
        choices = book.create_sheet(CHOICES)
        choices.sheet_state = "hidden"
        bodies.append(cells.lists(listed))
    save(book, bodies, file, title=shown(form.title, 200), marker=marker, made_at=made_at)
    return body.written


def sheet_title(wanted: str) -> str:
    """A name that a sheet can have, as near to the wanted one as may be."""
    kept = "".join("_" if c in r"[]:*?/\\" or ord(c) < 32 else c for c in wanted).strip("' ")
    while len(kept.encode("utf-16-le")) // 2 > _LONGEST_NAME:
        kept = kept[:-1].rstrip("' ")
    taken = {"", "history", GUIDE.lower(), CHOICES}
    return f"{kept} rows".strip() if kept.lower() in taken else kept


class _Body:
    """The rows of the form itself: its header, then what is given."""

    def __init__(self, cells: Cells, rows: Iterable[FormRow]) -> None:
        self._cells, self._rows = cells, rows
        self.written = 0

    def __iter__(self) -> Iterator[bytes]:
        yield self._cells.header()
        for row in self._rows:
            self.written += 1
            yield self._cells.row(row, self.written + 1)
