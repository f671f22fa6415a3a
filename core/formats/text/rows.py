"""Walking through decoded text, line by line or row by row."""

from __future__ import annotations

import re
from typing import Protocol

from core.errors import InvalidFormat
from core.formats.base import ReadLimits
from core.formats.text.splitting import LINE_END, Record, Splitter

#: Excel's first line that names the delimiter.
SEP_LINE = re.compile(r"sep=([^\r\n]|\\t)(?=\r\n|\r|\n|\Z)", re.IGNORECASE)
_LONGEST_ROW = 1 << 24  # characters
_MOST_READ = 1 << 20  # characters kept although they are read: copying costs too


class TextSource(Protocol):
    """Where text comes from, piece by piece; '' only at the end."""

    @property
    def bytes_read(self) -> int: ...

    @property
    def ended(self) -> bool: ...

    def read(self) -> str: ...


class HeadText:
    """The decoded head of a file as a source of its own."""

    def __init__(self, text: str) -> None:
        self._text = text
        self.bytes_read = 0
        self.ended = False

    def read(self) -> str:
        text, self._text = self._text, ""
        self.ended = not text
        return text


class TextRows:
    """Rows taken one by one from decoded text that is only read forward."""

    def __init__(self, source: TextSource, splitter: Splitter, limits: ReadLimits) -> None:
        self._source = source
        self._limits = limits
        self.splitter = splitter
        self.text = ""
        self.position = 0
        self.line = 1  #: physical line at `position`

    @property
    def bytes_read(self) -> int:
        return self._source.bytes_read

    def fill(self) -> bool:
        """Read one more piece of text; False when there is none."""
        more = self._source.read()
        self.text += more
        return bool(more)

    def ended(self) -> bool:
        while self.position >= len(self.text):
            if not self.fill():
                return True
        return False

    def drop_read(self) -> None:
        """Forget the text before `position`, if it is much."""
        if self.position < min(_MOST_READ, len(self.text)):
            return
        self.text = self.text[self.position :]
        self.position = 0

    def skip_line(self) -> None:
        """Pass over one physical line, whatever quotes it holds."""
        while (found := LINE_END.search(self.text, self.position)) is None:
            if len(self.text) - self.position > _LONGEST_ROW:
                raise InvalidFormat(f"Line {self.line} is longer than {_LONGEST_ROW:,} characters.")
            if not self.fill():
                break
        self.position = found.end() if found else len(self.text)
        self.line += 1

    def next(self) -> Record:
        """The row at `position`, which moves behind it."""
        while True:
            final = self._source.ended
            record = self.splitter.record(self.text, self.position, final=final)
            if record is not None:
                break
            self._check_unfinished()
            self.fill()
        self._check(record)
        self.position = record.end
        self.line += record.lines
        return record

    def rest(self) -> str:
        """The text behind `position` that was taken from the source, which is now forgotten."""
        rest, self.text, self.position = self.text[self.position :], "", 0
        return rest

    def _check(self, record: Record) -> None:
        limits = self._limits
        if len(record.cells) > limits.max_columns:
            raise InvalidFormat(
                f"Line {self.line} has {len(record.cells):,} cells; a file may have "
                f"{limits.max_columns:,} columns. Check the delimiter, or split the file."
            )
        if record.end - self.position <= limits.max_cell_bytes // 4:
            return
        for number, cell in enumerate(record.cells, 1):
            if len(cell.encode("utf-8", "surrogatepass")) > limits.max_cell_bytes:
                raise self._cell_too_large(number)

    def _check_unfinished(self) -> None:
        """Stop before a row without an end fills the memory."""
        length = len(self.text) - self.position
        if length <= self._limits.max_cell_bytes:
            return
        delimiter = self.splitter.delimiter
        cells = self.text.count(delimiter, self.position) + 1
        if self.splitter.quote is None or self.splitter.quote not in self.text[self.position :]:
            if cells > self._limits.max_columns:
                raise InvalidFormat(
                    f"Line {self.line} has more than {self._limits.max_columns:,} cells. "
                    "Check the delimiter and the line ends, or split the file."
                )
            if len(self.text) - self.text.rfind(delimiter) > self._limits.max_cell_bytes:
                raise self._cell_too_large(cells)
        if length > max(_LONGEST_ROW, 2 * self.splitter.look_ahead):
            raise InvalidFormat(
                f"The row that starts at line {self.line} is longer than {_LONGEST_ROW:,} "
                "characters. Check the quotes and the line ends of the file."
            )

    def _cell_too_large(self, number: int) -> InvalidFormat:
        return InvalidFormat(
            f"Cell {number} at line {self.line} is larger than "
            f"{self._limits.max_cell_bytes:,} bytes. Shorten it, or check the quotes before it."
        )
