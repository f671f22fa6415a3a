"""Reading YAML: find the records, settle the columns, batch the rows."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import BinaryIO

from core.errors import InvalidFormat
from core.formats.base import Batch, ReadLimits
from core.formats.batching import batched
from core.formats.json.columns import CellMaker, columns_for
from core.formats.json.records import Records, along, split_path
from core.formats.json.settling import Settled, settle_columns, until_cut
from core.formats.text.encoding import DecodedText
from core.formats.text.rows import TextSource
from core.formats.yaml.cursor import YamlText
from core.formats.yaml.events import Events
from core.model.dialect import Dialect


def read_rows(
    file: BinaryIO, dialect: Dialect, *, rows: int, limits: ReadLimits
) -> Iterator[Batch]:
    """Batches of the records of a YAML file; see `core.formats.base.Reader.read`."""
    settled = settled_rows(DecodedText(file, dialect.encoding), dialect, limits)
    yield from batched(settled.pieces, settled.columns.names, rows=rows, limits=limits)


def settled_rows(
    source: TextSource, dialect: Dialect, limits: ReadLimits, *, complete: bool = True
) -> Settled:
    """Columns and rows. Raises InvalidFormat and UnsafeContent with line and column.

    `complete`: the source is the whole file; else it may end anywhere.
    """
    text = YamlText(Events(source, dialect.encoding, complete=complete))
    found = _find_records(text, split_path(dialect.record_path))
    if not complete:
        found = until_cut(found)
    cells = CellMaker(limits=limits, encoding=dialect.encoding)
    return settle_columns(found, text, cells, partial(columns_for, header=dialect.header))


def _find_records(text: YamlText, path: tuple[str, ...]) -> Iterator[Records]:
    """The records of every document, to the very end of the file, in pieces of bounded size."""
    documents = 0
    while text.next_document():
        documents += 1
        yield from along(text, path, 0)
    if not documents:
        raise InvalidFormat("The file is empty. Upload a file that holds at least one record.")
