"""The tolerant splitter: one row at a time from text that need not be well formed.

A quote opens a cell only as its first character, and closes it only before a delimiter, a
line end or the end of the file. A quote that cannot be closed that way within a bounded
look-ahead is an ordinary character, so one stray quote spoils one row and never the file.
For text that keeps RFC 4180 the result is exactly what that describes.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from core.model.dialect import Dialect

LINE_END = re.compile(r"\r\n|\r|\n")
LOOK_AHEAD = 1 << 20  #: characters a quoted cell may span
#: Quoted cells of more lines than this are looked at: a stray pair of quotes far apart
#: would otherwise swallow the rows between.
LONG_CELL_LINES = 20
# Both keep the time linear in the length of a hostile line:
_MOST_STRAYS = 100  # undoubled quotes looked past in one cell
_MOST_VAIN = 20  # quotes never closed in one row, before the rest of its quotes are plain


class Record(NamedTuple):
    """One row of the file, taken apart."""

    cells: list[str]
    quoted: tuple[int, ...]  #: indexes of the cells that stood in quotes
    end: int  #: where the next row starts
    lines: int  #: physical lines the row took
    flaw: str | None

    @property
    def blank(self) -> bool:
        """Nothing between two line ends, or only blanks."""
        return len(self.cells) == 1 and not self.quoted and not self.cells[0].strip(" \t")


class _Cell(NamedTuple):
    value: str
    end: int
    closed: bool  #: False: the quote is an ordinary character
    stray: bool  #: a quote inside was not doubled


class Splitter:
    """Takes rows off a text.

    `width` (cells a row should have, 0 when not known yet) only helps to tell a long cell
    from swallowed rows.
    """

    def __init__(self, dialect: Dialect, *, width: int = 0, look_ahead: int = LOOK_AHEAD) -> None:
        self.delimiter = dialect.delimiter
        self.quote = dialect.quote
        self.escape = dialect.escape if dialect.escape != dialect.quote else None
        self.width = width
        self.look_ahead = look_ahead
        delimiter = re.escape(self.delimiter)
        # Blanks behind a quote are none of the cell's, unless they part cells.
        blanks = "" if self.delimiter.startswith(" ") else "[ ]*"
        self._after_close = re.compile(rf"{blanks}(?={delimiter}|[\r\n]|\Z)")
        special = "|".join(re.escape(c) for c in (self.quote, self.escape) if c)
        self._special = re.compile(special or r"(?!)")

    def record(self, text: str, start: int, *, final: bool) -> Record | None:
        """The row that starts at `start`; None when its end is not in the text yet.

        `final`: the file ends where the text ends.
        """
        found = LINE_END.search(text, start)
        if found is None and not final:
            return None
        stop, after = (found.start(), found.end()) if found else (len(text), len(text))
        if self.quote is None or text.find(self.quote, start, stop) < 0:
            cells = text[start:stop].split(self.delimiter)
            return Record(cells, (), after, 1, None)
        return self._careful(text, start, final)

    def _careful(self, text: str, start: int, final: bool) -> Record | None:
        cells: list[str] = []
        quoted: list[int] = []
        flaws: list[str] = []
        vain = 0
        position, stop = start, -1  # stop: end of the physical line `position` is in
        assert self.quote is not None
        while True:
            cell = None
            if vain < _MOST_VAIN and text.startswith(self.quote, position):
                cell = self._quoted(text, position, final)
                if cell is None:
                    return None
                if cell.stray:
                    flaws.append(f"cell {len(cells) + 1} holds a quote that is not doubled")
                if not cell.closed:
                    vain += 1
                    flaws.append(f"cell {len(cells) + 1} opens a quote that is never closed")
            if cell is not None and cell.closed:
                quoted.append(len(cells))
                cells.append(cell.value)
                position = cell.end
            else:
                if stop < position:
                    found = LINE_END.search(text, position)
                    if found is None and not final:
                        return None
                    stop = found.start() if found else len(text)
                opener = text.find(self.delimiter + self.quote, position, stop)
                end = stop if opener < 0 or vain == _MOST_VAIN else opener
                cells += text[position:end].split(self.delimiter)
                position = end
            if not text.startswith(self.delimiter, position):
                break
            position += len(self.delimiter)
        lines = 1 + (_line_count(text, start, position) if quoted else 0)
        line_end = LINE_END.match(text, position)
        after = line_end.end() if line_end else position
        return Record(cells, tuple(quoted), after, lines, "; ".join(flaws) or None)

    def _quoted(self, text: str, start: int, final: bool) -> _Cell | None:
        """The quoted cell at `start`; None when more text is needed to tell."""
        literal = _Cell("", start, closed=False, stray=False)
        parts: list[str] = []
        strays = 0
        begin = position = start + 1
        limit = start + self.look_ahead
        while True:
            found = self._special.search(text, position, min(limit, len(text)))
            if found is None:
                return None if not final and len(text) < limit else literal
            parts.append(text[position : found.start()])
            position = found.end()
            following = text[position : position + 1]
            if not following and not final:
                return None
            if self._escapes(found.group(), following):
                parts.append(following)
                position += 1
                continue
            if found.group() == self.quote:
                closing = self._closing(text, position, final)
                if closing is None:
                    return None
                if closing >= 0:
                    value = "".join(parts)
                    return self._accept(text, begin, _Cell(value, closing, True, strays > 0))
                strays += 1
                if strays == 1:
                    limit = _end_of_line(text, begin, limit)
                if position > limit or strays > _MOST_STRAYS:
                    return literal
            parts.append(found.group())

    def _escapes(self, character: str, following: str) -> bool:
        """Does this quote or escape character, inside quotes, stand for the one after it?"""
        if character == self.quote:
            return following == self.quote
        return following != "" and following in (self.quote, self.escape)

    def _closing(self, text: str, position: int, final: bool) -> int | None:
        """Where a quoted cell ends if its quote just before `position` closes it, else -1.

        None when more text is needed to tell.
        """
        match = self._after_close.match(text, position)
        if match is None:
            return -1 if final or len(text) - position > len(self.delimiter) else None
        if match.end() == len(text) and not final:
            return None
        return match.end()

    def _accept(self, text: str, begin: int, cell: _Cell) -> _Cell:
        """The cell, unless it spans lines and looks as if it had swallowed rows."""
        raw = text[begin : cell.end]
        if "\n" not in raw and "\r" not in raw:
            return cell
        span = LINE_END.split(raw)
        swallowed = False
        if len(span) > LONG_CELL_LINES and self.width > 1:
            inner = span[1:-1]
            alike = sum(line.count(self.delimiter) == self.width - 1 for line in inner)
            swallowed = alike * 2 > len(inner)
        return cell._replace(closed=False, stray=False) if swallowed else cell


def _end_of_line(text: str, begin: int, limit: int) -> int:
    """A cell with a stray quote may not leave its line: nothing would bound what it swallows."""
    found = LINE_END.search(text, begin, min(limit, len(text)))
    return found.start() if found else limit


def _line_count(text: str, start: int, stop: int) -> int:
    return sum(1 for _ in LINE_END.finditer(text, start, stop))
