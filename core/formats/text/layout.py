"""What comes before the data rows of delimited text: skipped lines, and the names of columns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from core.errors import InvalidFormat
from core.formats.column_names import name_columns
from core.formats.text.encoding import MARKS
from core.formats.text.header import join_header
from core.formats.text.mending import Mender
from core.formats.text.rows import SEP_LINE, TextRows
from core.formats.text.splitting import LINE_END, Record
from core.model.dialect import Dialect

BODY_ROWS = 100  #: rows after the header that decide how many columns there are


class Layout(NamedTuple):
    """What comes before the first data row, and how the first rows look."""

    names: list[str]
    warnings: list[str]
    ignored: int  #: lines skipped before the header
    header: list[str]  #: cells of the header's first row; none without a header
    sample: list[list[str]]  #: cells of the first rows


class _Named(NamedTuple):
    record: Record
    line: str


def read_layout(rows: TextRows, dialect: Dialect) -> Layout:
    """Pass over preamble and header and name the columns, looking at the rows that follow.

    Leaves `rows` before the first data row. Raises InvalidFormat when nothing is there.
    """
    ignored = _skip(rows, dialect)
    header: list[_Named] = []
    while dialect.header and len(header) < dialect.header_rows and not rows.ended():
        start = rows.position
        record = rows.next()
        ignored += record.blank
        if not record.blank:
            header.append(_Named(record, _line(rows.text, start, record.end)))
    place = rows.position, rows.line
    sample = [
        record.cells
        for record in islice(_peek(rows), BODY_ROWS + dialect.skip_footer)
        if not (record.blank and dialect.skip_blank_rows)
    ]
    if dialect.skip_footer and rows.ended():
        sample = sample[: -dialect.skip_footer]
    del sample[BODY_ROWS:]
    rows.position, rows.line = place
    if not header and not sample:
        raise InvalidFormat(
            "The file holds no rows."
            if not dialect.skip_rows
            else f"Nothing is left of the file after skipping {dialect.skip_rows} lines."
        )
    cells, mended = _header_cells(header, sample, dialect)
    names, warnings = name_columns(cells, [len(row) for row in sample])
    flaws = [named.record.flaw for named in header if named.record.flaw]
    if mended:
        warnings.append(f"The header is irregular, so {mended}.")
    elif flaws:
        warnings.append(f"The header is irregular: {flaws[0]}.")
    return Layout(
        [MARKS.sub("\ufffd", name) for name in names],
        warnings,
        ignored,
        [MARKS.sub("\ufffd", cell) for cell in header[0].record.cells] if header else [],
        sample,
    )


def _skip(rows: TextRows, dialect: Dialect) -> int:
    """Pass over the lines before the header; how many there were."""
    skipped = 0
    if not dialect.skip_rows and not rows.ended() and SEP_LINE.match(rows.text):
        rows.skip_line()
        skipped += 1
    while skipped < dialect.skip_rows and not rows.ended():
        rows.skip_line()
        skipped += 1
    return skipped


def _header_cells(
    header: list[_Named], sample: list[list[str]], dialect: Dialect
) -> tuple[list[str] | None, str | None]:
    """The names as the file has them (None: it has none), and how they were mended if so."""
    if not header:
        return None, None
    if len(header) > 1:
        return join_header([named.record.cells for named in header]), None
    (record, line), mended = header[0], None
    if sample:
        width = Counter(map(len, sample)).most_common(1)[0][0]
        mended = Mender(dialect, width, sample).header(line, record)
    return (mended.cells, mended.how) if mended else (record.cells, None)


def _line(text: str, start: int, end: int) -> str:
    """The text of a row without its line end."""
    found = LINE_END.search(text, start, end)
    return text[start : found.start() if found else end]


def _peek(rows: TextRows) -> Iterator[Record]:
    while not rows.ended():
        yield rows.next()
