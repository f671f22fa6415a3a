"""Reading XML: find the records, settle the columns, batch the rows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from core.formats.base import HEAD_BYTES, Batch, ReadLimits
from core.formats.batching import batched
from core.formats.json.columns import CellMaker, ObjectColumns
from core.formats.json.settling import Settled, settle_columns
from core.formats.text.encoding import DecodedText
from core.formats.text.rows import HeadText, TextSource
from core.formats.xml.names import column_name, path_of
from core.formats.xml.outline import outline_of, propose
from core.formats.xml.parsing import XmlText
from core.formats.xml.records import find_records
from core.model.dialect import Dialect


def read_rows(
    file: BinaryIO, dialect: Dialect, *, rows: int, limits: ReadLimits
) -> Iterator[Batch]:
    """Batches of the records of an XML file; see `core.formats.base.Reader.read`.

    Without a record path the records are those that detection would propose.
    """
    source: TextSource = DecodedText(file, dialect.encoding)
    path = path_of(dialect.record_path)
    if not path:
        source = begun = _Begun(source)
        root = outline_of(HeadText(begun.head), dialect.encoding, complete=begun.complete)
        records = propose(root).records
        path = records.path if records else ()
    settled = settled_rows(source, dialect.encoding, path, limits)
    yield from batched(settled.pieces, settled.columns.names, rows=rows, limits=limits)


def settled_rows(
    source: TextSource,
    encoding: str,
    path: tuple[str, ...],
    limits: ReadLimits,
    *,
    complete: bool = True,
) -> Settled:
    """Columns and rows of the elements at the path. Raises InvalidFormat and UnsafeContent.

    `complete`: the source is the whole file; else it may end anywhere.
    """
    xml = XmlText(source, encoding, complete=complete)
    found = find_records(xml, path, complete=complete)
    cells = CellMaker(limits=limits, encoding=encoding)
    return settle_columns(found, xml, cells, lambda _, cells: ObjectColumns(cells, column_name))


class _Begun:
    """A source whose first characters have been looked at."""

    def __init__(self, source: TextSource) -> None:
        self._source = source
        parts: list[str] = []
        while sum(map(len, parts)) < HEAD_BYTES and (part := source.read()):
            parts.append(part)
        self.head = self._held = "".join(parts)
        self.complete = len(self.head) < HEAD_BYTES
        self.bytes_read = source.bytes_read
        self.ended = False

    def read(self) -> str:
        text, self._held = self._held or self._source.read(), ""
        self.bytes_read = self._source.bytes_read
        self.ended = not text
        return text
