"""The XML of a sheet in blocks of whole rows, spelled plainly, and how far the sheet reaches."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from core.errors import InvalidFormat
from core.formats.excel.parts.notes import column_index, column_letters

_BLOCK = 1 << 20  # bytes
_LONGEST_ROW = 1 << 26  # bytes
_FILLED_SIGNS = (b"<v>", b"<is>", b"<v ", b"<f>", b"<f ")
_ROW = re.compile(rb'<row\b[^>]*? r="(\d+)"')
_WIDE = re.compile(rb' r="([A-Z]{2,3})\d')
_FILLED = re.compile(rb'<c\b[^>]*?\br="([A-Z]{1,3})(\d{1,7})"[^>]*(?<!/)>\s*<(?!/c>)')
_PREFIX = re.compile(rb"<([^\s<>/:]+):worksheet\b")
_SINGLE_QUOTED = re.compile(rb"<(?:c|row)\b[^>]*'[^>]*>")
_VERBATIM = re.compile(rb"<!--.*?-->|<!\[CDATA\[(.*?)\]\]>", re.DOTALL)
_UNNAMED = re.compile(rb"<c(?![^>]*\sr=)[\s/>]")
_TAG = re.compile(rb"<row\b(?:[^>]*?\sr=\"(\d+)\")?|<c\b(?:[^>]*?\sr=\"([A-Z]+)\d+\")?")


@dataclass(kw_only=True, slots=True)
class SheetSize:
    """How far a sheet reaches."""

    rows: int = 0  #: the last row that is there, from 1; it may hold nothing
    columns: int = 26  #: an upper bound of the last column that is there, from 1
    filled: bool = False  #: is there any cell that holds something?


def measure_sheet(xml: Iterable[bytes]) -> SheetSize:
    """What can be said of a sheet, given in blocks, without looking at each cell."""
    found = SheetSize()
    for block in xml:
        # Rows stand in their order.
        if (last := block.rfind(b"<row ")) >= 0 and (row := _ROW.match(block, last)):
            found.rows = max(found.rows, int(row.group(1)))
        letters = set(_WIDE.findall(block))
        found.columns = max(found.columns, *(column_index(one.decode()) + 1 for one in letters), 0)
        found.filled = found.filled or any(sign in block for sign in _FILLED_SIGNS)
    return found


def filled_extent(chunks: Iterable[bytes]) -> tuple[int, int]:
    """The last row and column, from 1, in which a cell holds something."""
    rows = columns = 0
    for block in blocks(chunks):
        for letters, number in _FILLED.findall(block):
            rows = max(rows, int(number))
            columns = max(columns, column_index(letters.decode()) + 1)
    return rows, columns


def blocks(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The XML in UTF-8, in blocks of whole rows.

    In plain spelling: no prefixes, comments or CDATA, double quotes, every cell with its place.
    Raises InvalidFormat when a row is too large to be one.
    """
    spelling = _Spelling()
    held = bytearray()
    for chunk in _utf_8(chunks):
        held += chunk
        if len(held) < _BLOCK:
            continue
        end = held.rfind(b"</row>")
        end = end if end > 0 else held.rfind(b":row>")
        end = end if end > 0 else held.rfind(b"<c ")  # a cell is never parted
        if end > 0:
            yield spelling.plain(bytes(memoryview(held)[:end]))
            del held[:end]
        elif len(held) > _LONGEST_ROW:
            raise InvalidFormat(f"A row of the sheet is larger than {_LONGEST_ROW >> 20} MB.")
    yield spelling.plain(bytes(held))


def _utf_8(chunks: Iterable[bytes]) -> Iterator[bytes]:
    decoder = None
    for n, chunk in enumerate(chunks):
        if not n and chunk.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            decoder = codecs.getincrementaldecoder("utf-16")("replace")
        yield chunk if decoder is None else decoder.decode(chunk).encode()


class _Spelling:
    """One way to write the same sheet."""

    def __init__(self) -> None:
        self._prefix: bytes | None = None
        self._unnamed: bool | None = None
        self._row = self._column = 0

    def plain(self, block: bytes) -> bytes:
        if b"!" in block and b"<!" in block:  # the first is rare, and found faster
            block = _VERBATIM.sub(_escaped, block)
        if self._prefix is None:
            found = _PREFIX.search(block)
            self._prefix = found.group(1) if found else b""
        if self._prefix:
            block = block.replace(b"<%b:" % self._prefix, b"<")
            block = block.replace(b"</%b:" % self._prefix, b"</")
        if _has_single_quoted(block):
            block = _SINGLE_QUOTED.sub(lambda tag: tag.group().replace(b"'", b'"'), block)
        if self._unnamed is None and b"<c" in block:
            self._unnamed = _UNNAMED.search(block) is not None
        return _TAG.sub(self._named, block) if self._unnamed else block

    def _named(self, tag: re.Match[bytes]) -> bytes:
        """A cell without a place stands right of the one before it."""
        text = tag.group()
        if text.startswith(b"<row"):
            self._row = int(tag.group(1)) if tag.group(1) else self._row + 1
            self._column = 0
            return text if tag.group(1) else b'<row r="%d"' % self._row
        if tag.group(2):
            self._column = column_index(tag.group(2).decode()) + 1
            return text
        self._column += 1
        return b'<c r="%b%d"' % (column_letters(self._column - 1).encode(), self._row)


def _has_single_quoted(block: bytes) -> bool:
    """Is there ='? To find the ' alone is many times faster, and it is rare."""
    place = block.find(b"'")
    while place >= 0:
        if block[place - 1 : place] == b"=":
            return True
        place = block.find(b"'", place + 1)
    return False


def _escaped(verbatim: re.Match[bytes]) -> bytes:
    return (verbatim.group(1) or b"").replace(b"&", b"&amp;").replace(b"<", b"&lt;")
