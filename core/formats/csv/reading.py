"""Reading delimited text: decode, find the columns, split, number the rows, batch them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import BinaryIO, NamedTuple

import polars as pl

from core.formats.base import FLAW, LINE, Batch, ReadLimits
from core.formats.batching import Piece, batched
from core.formats.csv.blocks import RegularBlock, parse_block, suits
from core.formats.csv.endings import with_headers_flagged, with_total_flagged, without_footer
from core.formats.csv.lookahead import Lookahead
from core.formats.csv.proof import Proof
from core.formats.csv.ragged import OddRow, part
from core.formats.text.encoding import MARK
from core.formats.text.held import HeldText
from core.formats.text.layout import Layout, read_layout
from core.formats.text.mending import Mender
from core.formats.text.rows import TextRows
from core.formats.text.splitting import LOOK_AHEAD, Record, Splitter
from core.model.dialect import Dialect

_ODD_BLOCK = 1 << 16  # characters left to the splitter before Polars is tried again
_PIECE_ROWS = 5_000
_SUSPECT = re.compile("[\0\udc00-\udcff]")


def read_rows(
    file: BinaryIO, dialect: Dialect, *, rows: int, limits: ReadLimits
) -> Iterator[Batch]:
    """Batches of the rows of delimited text; see `core.formats.base.Reader.read`."""
    look_ahead = max(LOOK_AHEAD, limits.max_cell_bytes)
    source = HeldText(file, dialect.encoding)
    text_rows = TextRows(source, Splitter(dialect, look_ahead=look_ahead), limits)
    layout = read_layout(text_rows, dialect)
    text_rows.splitter = Splitter(dialect, width=len(layout.names), look_ahead=look_ahead)
    if suits(dialect):
        pieces = _pieces(source, text_rows, dialect, layout, limits)
    else:
        pieces = _split(text_rows, dialect, layout)
    pieces = with_headers_flagged(pieces, layout.header)
    if dialect.skip_footer:
        pieces = without_footer(pieces, dialect.skip_footer)
    else:
        pieces = with_total_flagged(pieces)
    yield from batched(pieces, layout.names, rows=rows, limits=limits, ignored=layout.ignored)


def _split(rows: TextRows, dialect: Dialect, layout: Layout) -> Iterator[Piece]:
    """Row by row, what Polars cannot be told to read."""
    mender = Mender(dialect, len(layout.names), layout.sample)
    while not rows.ended():
        rows.drop_read()
        yield from _tolerant(rows, len(rows.text), dialect, layout.names, mender)


def _pieces(
    source: HeldText, rows: TextRows, dialect: Dialect, layout: Layout, limits: ReadLimits
) -> Iterator[Piece]:
    """Block by block; after an irregular one the next are small until they are regular again."""
    mender = Mender(dialect, len(layout.names), layout.sample)
    blocks = _Blocks(rows, dialect, layout.names, mender, limits)
    source.give_back(rows.rest())
    with Lookahead(source, dialect, blocks.read) as ahead:
        while looked := ahead.take():
            found = looked.parsing.result() if looked.parsing else None
            if found is not None:
                yield blocks.piece(found)._replace(bytes_read=looked.bytes_read)
                continue
            ahead.give_back(looked)
            rows.fill()
            end = min(len(rows.text), _ODD_BLOCK)
            yield from _tolerant(rows, end, dialect, layout.names, mender)
            source.give_back(rows.rest())


class _Block(NamedTuple):
    """What a proven block holds."""

    regular: RegularBlock
    odd: list[OddRow]  #: rows of another width
    lines: int


class _Blocks:
    """Whole blocks as pieces: regular rows by Polars, rows of another width by the splitter."""

    def __init__(
        self,
        rows: TextRows,
        dialect: Dialect,
        names: Sequence[str],
        mender: Mender,
        limits: ReadLimits,
    ) -> None:
        self._rows = rows
        self._splitter = rows.splitter
        self._dialect = dialect
        self._names = names
        self._mender = mender
        self._limits = limits
        # Was a block, lately? The next is likely to be. Only the order of attempts hangs on it.
        self._ragged = False

    def read(self, proof: Proof) -> _Block | None:
        """The rows of a block; None when it must be split all through.

        May be called in several threads at once, in any order of the blocks.
        """
        was_ragged = self._ragged
        if not was_ragged and (regular := self._parsed(proof)) is not None:
            return _Block(regular, [], proof.lines)
        parted = part(proof, self._dialect, self._splitter, self._limits)
        self._ragged = parted is not None
        if parted is not None and (regular := self._parsed(parted.regular)) is not None:
            lines = pl.Series(parted.line_offsets, dtype=pl.Int64)
            return _Block(regular._replace(line_offsets=lines), parted.odd, proof.lines)
        whole = self._parsed(proof) if was_ragged else None
        return None if whole is None else _Block(whole, [], proof.lines)

    def piece(self, block: _Block) -> Piece:
        """The rows of the next block in the order of their lines, which are counted."""
        line = self._rows.line
        self._rows.line += block.lines
        regular = _dressed(block.regular.frame, block.regular.line_offsets + line)
        if not block.odd:
            return Piece(regular, 0, 0)
        builder = _FrameBuilder(self._dialect, self._names, self._mender)
        ignored = 0
        for odd in block.odd:
            if odd.record.blank and self._dialect.skip_blank_rows:
                ignored += 1
            else:
                builder.add(odd.record, odd.line_offset + line, odd.raw)
        both = pl.concat([regular, builder.frame()])
        return Piece(both.sort(LINE), ignored, 0)

    def _parsed(self, proof: Proof) -> RegularBlock | None:
        most = self._limits.max_cell_bytes
        return parse_block(proof, self._dialect, self._names, max_cell_bytes=most)


def _dressed(cells: pl.DataFrame, lines: pl.Series) -> pl.DataFrame:
    """Regular rows with the columns that say so."""
    flaws = pl.Series(FLAW, [None], dtype=pl.String).new_from_index(0, cells.height)
    return pl.DataFrame([lines.alias(LINE), flaws, *cells.get_columns()])


def _tolerant(
    rows: TextRows, end: int, dialect: Dialect, names: Sequence[str], mender: Mender
) -> Iterator[Piece]:
    """The rows up to `end` of the text, or a little further, one by one."""
    while rows.position < end and not rows.ended():
        builder = _FrameBuilder(dialect, names, mender)
        ignored = 0
        while len(builder.lines) < _PIECE_ROWS and rows.position < end and not rows.ended():
            start, line = rows.position, rows.line
            record = rows.next()
            if record.blank and dialect.skip_blank_rows:
                ignored += 1
            else:
                builder.add(record, line, rows.text[start : record.end])
        yield Piece(builder.frame(), ignored, rows.bytes_read)


class _FrameBuilder:
    """Collects split rows into a frame, naming what is wrong with each."""

    def __init__(self, dialect: Dialect, names: Sequence[str], mender: Mender) -> None:
        self._mender = mender
        self._quote = dialect.quote
        self._nulls = frozenset(dialect.null_values)
        self._encoding = dialect.encoding
        self._names = names
        self.lines: list[int] = []
        self._flaws: list[str | None] = []
        self._rows: list[list[str | None]] = []

    def add(self, record: Record, line: int, raw: str) -> None:
        """`raw`: the row as it stands in the file, line end included."""
        width = len(self._names)
        flaws = [record.flaw] if record.flaw else []
        cells, quoted = record.cells, record.quoted
        mended = None
        if len(cells) != width and not record.blank:
            mended = self._mender.row(raw.rstrip("\r\n"), record)
            flaws.insert(0, _ragged(cells, width, mended.how if mended else None))
        elif self._quote is not None and self._quote in raw:
            mended = self._mender.torn(raw.rstrip("\r\n"), record)
            flaws += [mended.how] if mended else []
        if mended is not None:
            cells, quoted = mended.cells, mended.quoted
        if _SUSPECT.search(raw):
            cells = [self._clean(cell, number, flaws) for number, cell in enumerate(cells, 1)]
        values = self._values(cells, quoted)
        if record.blank:
            values = [None] * width
        elif len(cells) != width:
            values = [*values[:width], *[None] * (width - len(values))]
        self.lines.append(line)
        self._flaws.append("; ".join(flaws) or None)
        self._rows.append(values)

    def _values(self, cells: list[str], quoted: tuple[int, ...]) -> list[str | None]:
        nulls = self._nulls
        if not quoted:
            return [None if cell in nulls else cell for cell in cells]
        return [
            None if cell in nulls and index not in quoted else cell
            for index, cell in enumerate(cells)
        ]

    def _clean(self, cell: str, number: int, flaws: list[str]) -> str:
        """The cell with every NUL and undecodable byte shown as U+FFFD and named as a flaw."""
        for found in islice(_SUSPECT.finditer(cell), 3):
            place = f"at character {found.start() + 1} of cell {number}"
            code = ord(found.group())
            if code:
                flaws.append(f"byte 0x{code - MARK:02X} {place} is not {self._encoding}")
            else:
                flaws.append(f"NUL {place}")
        return _SUSPECT.sub("\ufffd", cell)

    def frame(self) -> pl.DataFrame:
        columns = list(zip(*self._rows, strict=True)) or [()] * len(self._names)
        return pl.DataFrame(
            [
                pl.Series(LINE, self.lines, dtype=pl.Int64),
                pl.Series(FLAW, self._flaws, dtype=pl.String),
                *(
                    pl.Series(name, values, dtype=pl.String)
                    for name, values in zip(self._names, columns, strict=True)
                ),
            ]
        )


def _ragged(cells: Sequence[str], width: int, mended: str | None) -> str:
    count = f"{len(cells)} cell{'s' if len(cells) != 1 else ''}"
    sentence = f"{count} where the header has {width}"
    if mended:
        return f"{sentence}: {mended}"
    if len(cells) > width:
        sentence += ": left over " + ", ".join(repr(cell) for cell in cells[width:])
    return sentence
