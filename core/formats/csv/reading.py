"""Reading delimited text: decode, find the columns, split, number the rows, batch them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import BinaryIO

import polars as pl

from core.formats.base import FLAW, LINE, Batch, ReadLimits
from core.formats.batching import Piece, batched
from core.formats.csv.blocks import RegularBlock, parse_block, suits
from core.formats.csv.endings import with_headers_flagged, with_total_flagged, without_footer
from core.formats.csv.lookahead import Lookahead, Looked
from core.formats.csv.proof import Proof
from core.formats.csv.ragged import Parted, part
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
    with Lookahead(source, dialect) as ahead:
        while looked := ahead.take():
            piece = blocks.piece(looked)
            if piece is not None:
                yield piece
                continue
            ahead.give_back(looked)
            rows.fill()
            end = min(len(rows.text), _ODD_BLOCK)
            yield from _tolerant(rows, end, dialect, layout.names, mender)
            source.give_back(rows.rest())


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
        self._dialect = dialect
        self._names = names
        self._mender = mender
        self._limits = limits
        self._ragged = False  # was the last block? The next one is likely to be

    def piece(self, looked: Looked) -> Piece | None:
        """The rows of a block, whose lines are counted; None when it must be split all through."""
        proof = looked.proof
        if proof is None:
            return None
        piece = None if self._ragged else self._regular(proof)
        if piece is None:
            parted = part(proof, self._dialect, self._rows.splitter, self._limits)
            piece = self._parted(parted) if parted else None
            if piece is None and self._ragged:
                piece = self._regular(proof)
            self._ragged = parted is not None
        if piece is None:
            return None
        self._rows.line += proof.lines
        return piece._replace(bytes_read=looked.bytes_read)

    def _regular(self, proof: Proof) -> Piece | None:
        block = self._parsed(proof)
        if block is None:
            return None
        return Piece(_dressed(block.frame, block.line_offsets + self._rows.line), 0, 0)

    def _parted(self, parted: Parted) -> Piece | None:
        """The regular rows and the others, in the order of their lines."""
        block = self._parsed(parted.regular)
        if block is None:
            return None
        line = self._rows.line
        builder = _FrameBuilder(self._dialect, self._names, self._mender)
        ignored = 0
        for odd in parted.odd:
            if odd.record.blank and self._dialect.skip_blank_rows:
                ignored += 1
            else:
                builder.add(odd.record, odd.line_offset + line, odd.raw)
        lines = pl.Series(parted.line_offsets, dtype=pl.Int64) + line
        both = pl.concat([_dressed(block.frame, lines), builder.frame()])
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
