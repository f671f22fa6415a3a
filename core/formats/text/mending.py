"""Rows with too many or too few cells: what they most likely were meant to be.

A mended row keeps its flaw, so it is never loaded unseen; mending only puts its cells under the
columns they belong to, by the quotes, by another delimiter, or by what each column holds.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from math import inf
from typing import NamedTuple

from core.formats.text.header import holds_words
from core.formats.text.kinds import VALUES, column_kind, column_shape, kind_of, shape_of
from core.formats.text.requoting import requote
from core.formats.text.splitting import Record, Splitter
from core.model.dialect import Dialect

_OTHER_DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "pipes", " ": "blanks"}
_LONGEST_LINE = 20_000  # characters
_MOST_ROWS = 10_000  # a file with more odd rows than these has another trouble
_MOST_WIDTH = 200
_MOST_EXCESS = 10  # cells too many
_MOST_MISSING = 2  # cells too few
_MISFIT, _ODD, _BLANK = 1.0, 0.6, 0.7  # prices of a cell that does not suit its column
_JOIN, _DROP, _PART, _NO_EDGE = 0.3, 0.4, 0.5, 0.2
_OTHER_DELIMITER = 1.0
_MOST_PRICE = 1.2  # of a whole row
_INSIDE = 2.0  # a plain cell with a quote in it, where that is in doubt
_SHORT = 40  # characters of a cell that may be parted anywhere
_LONG = 1_000


_Spans = tuple[tuple[int, int], ...]


class Mended(NamedTuple):
    cells: list[str]
    quoted: tuple[int, ...]
    how: str
    price: float


class _Column(NamedTuple):
    """What the regular rows hold in a column."""

    kind: str
    shape: str
    blanks: bool

    @property
    def specific(self) -> bool:
        return self.kind in VALUES or bool(self.shape)

    def price(self, cell: str) -> float:
        """How badly the cell suits the column: 0 is well."""
        if not cell.strip():
            return 0.0 if self.blanks else _BLANK
        if self.kind in VALUES:
            return 0.0 if kind_of(cell) == self.kind else _MISFIT
        if self.shape:
            return 0.0 if shape_of(cell) == self.shape else _MISFIT
        if self.kind == "empty":
            return _BLANK
        return 0.0 if kind_of(cell) in ("text", "boolean") else _ODD


class Mender:
    """Mends rows of a file of `width` columns, of which `sample` are regular rows."""

    def __init__(self, dialect: Dialect, width: int, sample: Sequence[Sequence[str]]) -> None:
        self._dialect = dialect
        self._width = width
        self._left = _MOST_ROWS
        self._others = {
            other: Splitter(replace(dialect, delimiter=other))
            for other in _OTHER_DELIMITERS
            if other != dialect.delimiter
        }
        columns = zip(*(row for row in sample if len(row) == width), strict=True)
        self._columns = [
            _Column(column_kind(cells), column_shape(cells), not all(c.strip() for c in cells))
            for cells in columns
        ]

    def row(self, line: str, record: Record) -> Mended | None:
        """The line, of which `record` is the plain reading, as a row; None: nothing is better."""
        if self._width == 1 and len(record.cells) > 1 and not record.quoted:
            return Mended([line], (), "its delimiters are taken as plain text", _JOIN)
        if not self._worth_it(line, record) or not self._columns or not self._left:
            return None
        self._left -= 1
        ways = (
            self._by_quotes(line, record),
            self._by_delimiter(line, self._suits),
            self._joined(record.cells, record.quoted, self._dialect.delimiter),
            self._parted(record.cells, record.quoted),
        )
        return min((way for way in ways if way), key=lambda way: way.price, default=None)

    def header(self, line: str, record: Record) -> Mended | None:
        """The same for the names of the columns."""
        if not self._worth_it(line, record):
            return None
        return self._by_quotes(line, record) or self._by_delimiter(line, holds_words)

    def torn(self, line: str, record: Record) -> Mended | None:
        """The line, if it has as many cells as it should only because one was torn in two.

        A delimiter left out before a quote joins two cells, and one inside the quotes parts
        them elsewhere: a quote stands between two letters, and a later cell ends in one.
        """
        quote = self._dialect.quote
        if quote is None or record.lines > 1 or not self._left or len(line) > _LONGEST_LINE:
            return None
        odd = [
            (index, cell)
            for index, cell in enumerate(record.cells)
            if index not in record.quoted and cell.count(quote) % 2
        ]
        if len(odd) != 2 or not odd[1][1].rstrip().endswith(quote):
            return None
        before, _, after = odd[0][1].partition(quote)
        if not before or not after[:1].isalnum():
            return None
        self._left -= 1
        delimiter = self._dialect.delimiter
        found = requote(line, delimiter, quote, len(record.cells), inside=_INSIDE)
        how = "a delimiter before a quote is taken as left out"
        return Mended(found.cells, found.quoted, how, found.price) if found else None

    def _worth_it(self, line: str, record: Record) -> bool:
        return (
            1 < self._width <= _MOST_WIDTH
            and record.lines == 1
            and len(record.cells) != self._width
            and len(line) <= _LONGEST_LINE
        )

    def _by_quotes(self, line: str, record: Record) -> Mended | None:
        dialect = self._dialect
        if dialect.quote is None or dialect.escape not in (None, dialect.quote):
            return None
        if record.flaw is None and not any(dialect.quote in cell for cell in record.cells):
            return None
        found = requote(line, dialect.delimiter, dialect.quote, self._width)
        how = "quotes in it are taken as plain text, or a delimiter beside one as left out"
        return Mended(found.cells, found.quoted, how, found.price) if found else None

    def _by_delimiter(self, line: str, suits: Callable[[Sequence[str]], bool]) -> Mended | None:
        for delimiter, splitter in self._others.items():
            if delimiter not in line:
                continue
            record = splitter.record(line, 0, final=True)
            if record is None or record.end < len(line):
                continue
            how = f"{_OTHER_DELIMITERS[delimiter]} part its cells"
            if len(record.cells) == self._width and suits(record.cells):
                return Mended(record.cells, record.quoted, how, _OTHER_DELIMITER)
            joined = self._joined(record.cells, record.quoted, delimiter)
            if joined is not None and self._suits(joined.cells):
                return joined._replace(how=how, price=joined.price + _OTHER_DELIMITER)
        return None

    def _suits(self, cells: Sequence[str]) -> bool:
        specific = [
            column.price(cell) == 0
            for column, cell in zip(self._columns, cells, strict=True)
            if column.specific and cell.strip()
        ]
        return len(specific) > 1 and all(specific)

    def _plain_price(self, cells: Sequence[str]) -> float:
        padded = [*cells, *[""] * (self._width - len(cells))]
        over = sum(bool(cell.strip()) for cell in cells[self._width :])
        return over * _MISFIT + sum(
            column.price(cell) for column, cell in zip(self._columns, padded, strict=False)
        )

    def _joined(self, cells: list[str], quoted: tuple[int, ...], delimiter: str) -> Mended | None:
        """Too many cells: some belong together, or a blank one is too many."""
        excess, columns = len(cells) - self._width, self._columns
        if not 0 < excess <= _MOST_EXCESS or not columns:
            return None

        @cache
        def best(at: int, column: int, late: bool) -> tuple[float, _Spans]:
            """Price and spans of the cells from `at` on for the columns from `column` on.

            Of equals, the one that joins late or the one that joins early.
            """
            left, wanted = len(cells) - at, self._width - column
            if not wanted:
                return (inf if any(cells[at:]) else left * _DROP), ()
            ways = []
            for taken in range(1, min(left - wanted, excess) + 2):
                span = range(at, at + taken)
                if taken > 1 and not self._joinable(cells, span, quoted, column):
                    continue
                price, spans = best(at + taken, column + 1, late)
                price += (taken - 1) * _JOIN
                price += columns[column].price(delimiter.join(cells[at : at + taken]))
                ways.append((price, ((at, at + taken), *spans)))
            if left > wanted and not cells[at].strip():
                price, spans = best(at + 1, column, late)
                ways.append((price + _DROP, spans))
            return min(ways if late else reversed(ways), key=lambda way: way[0])

        price, spans = best(0, 0, True)
        if price >= min(self._plain_price(cells), _MOST_PRICE + _JOIN * excess):
            return None
        if [cells[start:stop] for start, stop in best(0, 0, False)[1]] != [
            cells[start:stop] for start, stop in spans
        ]:
            return None  # nothing says which of them belong together
        return Mended(
            [delimiter.join(cells[start:stop]) for start, stop in spans],
            tuple(column for column, (start, _) in enumerate(spans) if start in quoted),
            "cells that belong together are joined, or a blank one is dropped",
            price,
        )

    def _joinable(
        self, cells: Sequence[str], span: range, quoted: tuple[int, ...], column: int
    ) -> bool:
        """Whether the cells may be one: unquoted ones that begin and end with text."""
        if self._columns[column].specific or any(index in quoted for index in span):
            return False
        return bool(cells[span[0]].strip() and cells[span[-1]].strip())

    def _parted(self, cells: list[str], quoted: tuple[int, ...]) -> Mended | None:
        """Too few cells: some hold what belongs into two columns."""
        missing, columns = self._width - len(cells), self._columns
        if not 0 < missing <= _MOST_MISSING:
            return None
        found: list[str] = []
        kept_quoted: list[int] = []
        price = 0.0
        for at, cell in enumerate(cells):
            column = len(found)
            kept = columns[column].price(cell)
            left = self._width - column - (len(cells) - at)
            two = self._two(cell, column) if left and kept and at not in quoted else None
            if two is not None:
                found += two[1:]
                price += two[0]
                continue
            kept_quoted += [column] if at in quoted else []
            found.append(cell)
            price += kept
        if len(found) != self._width or price >= min(self._plain_price(cells), _MOST_PRICE):
            return None
        how = "cells that stood together without a delimiter are parted"
        return Mended(found, tuple(kept_quoted), how, price)

    def _two(self, cell: str, column: int) -> tuple[float, str, str] | None:
        """The cell as two, when one place to part it is better than all others."""
        here, there = self._columns[column : column + 2]
        if not (here.specific or there.specific) or len(cell) > _LONG:
            return None
        ways = []
        for place in range(1, len(cell)):
            edge = _class(cell[place - 1]) != _class(cell[place])
            if not edge and len(cell) > _SHORT:
                continue
            price = _PART + (0.0 if edge else _NO_EDGE)
            price += here.price(cell[:place]) + there.price(cell[place:])
            # Of equals, the one that gives the column of values most.
            rest = -place if here.specific else place
            ways.append((price, rest, place))
        ways.sort()
        sure = len(ways) < 2 or ways[0][0] < ways[1][0] or here.specific != there.specific
        if not ways or ways[0][0] >= _MISFIT or not sure:
            return None
        price, _, place = ways[0]
        return price, cell[:place], cell[place:]


def _class(character: str) -> str:
    if character.isdigit():
        return "digit"
    return "letter" if character.isalpha() else character
