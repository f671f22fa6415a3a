"""Walking through JSON text that is only read forward, a value at a time, in bounded memory."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from core.errors import InvalidFormat
from core.formats.json.blocks import Block, block_of_items, block_of_lines
from core.formats.json.decoding import MOST_LEVELS, Decoder, NotJson, found_instead
from core.formats.json.lines import LinesText
from core.formats.json.regular import RegularLines
from core.formats.text.encoding import MARKS
from core.formats.text.rows import TextSource
from core.formats.text.splitting import LINE_END

LONGEST_VALUE = 1 << 24  #: characters that one record may take
_SPACE = re.compile(r"[ \t\r\n]*")
_COMMA = re.compile(r"[ \t\r\n]*,[ \t\r\n]*")
_BLANK = re.compile(r"[ \t]*")


class Unfinished(InvalidFormat):
    """The text ends in the middle of the document."""


class JsonText:
    """A cursor on the text, which holds no more of it than one value needs.

    Its methods raise InvalidFormat, naming line and column (in characters), where the text
    is not JSON, and Unfinished where it ends too soon.
    """

    def __init__(self, source: TextSource) -> None:
        self._source = source
        self._text = ""
        self._position = 0
        self._dropped = 0
        self._line_start = 0  # in _text; negative once that was dropped
        self.decoder = Decoder()
        self.line = 1  #: of the cursor
        self.pieces = 0  #: of the source read so far
        self.marked = False  #: bytes were met that could not be decoded

    @property
    def bytes_read(self) -> int:
        return self._source.bytes_read

    @property
    def passed(self) -> int:
        """Characters before the cursor."""
        return self._dropped + self._position

    @property
    def flaw(self) -> str | None:
        """A clause on what is wrong with the value passed last."""
        return self.decoder.flaw

    @property
    def place(self) -> str:
        """Line and column of the cursor, to begin a sentence with."""
        return self._place(self._position)

    def peek(self) -> str:
        """Pass over blank space; the character that follows, '' at the end."""
        while True:
            match = _SPACE.match(self._text, self._position)
            assert match is not None
            self._move(match.end())
            if self._position < len(self._text):
                return self._text[self._position]
            if not self._fill():
                return ""

    def take(self, character: str, expected: str) -> None:
        """Pass over blank space and this character."""
        if self.peek() != character:
            raise self.instead(expected)
        self._position += 1

    def value(self, level: int) -> Any:
        """The value at the cursor, which moves behind it; `level` as in Decoder.decode."""
        self.peek()
        while True:
            try:
                found, end = self.decoder.decode(self._text, self._position, level)
            except NotJson as error:
                if self._source.ended or not error.unfinished:
                    raise self._refusal(error) from error
            else:
                # A number at the very end may go on in the next piece.
                if end < len(self._text) or self._source.ended:
                    self._move(end)
                    return found
            self._grow()

    def items(self) -> Iterator[None]:
        """Halt before each item of the array at the cursor; the caller must pass over it."""
        self.take("[", "a list")
        if self.peek() == "]":
            self._position += 1
            return
        while True:
            yield
            if self.peek() != ",":
                self.take("]", "a comma or the end of the list")
                return
            self._position += 1

    def run(self, level: int, most: int) -> tuple[list[int], list[Any], list[str | None]]:
        """Lines, values and flaws of items of an array that the text held has as a whole.

        About `most`, and never the last; the cursor moves to the item behind them. There
        may be none, for any reason: whoever takes the next item by itself learns which.
        """
        lines: list[int] = []
        values: list[Any] = []
        flaws: list[str | None] = []
        text, position, line = self._text, self._position, self.line
        decoder = self.decoder
        block = block_of_items(text, position, line, decoder)
        if block is not None:
            comma = _COMMA.match(text, block.end)
            assert comma is not None
            self._move(comma.end())
            return list(block.lines), block.values, [None] * len(block.values)
        if text.find("\r", position) >= 0:
            return lines, values, flaws
        while len(values) < most:
            try:
                value, end = decoder.decode(text, position, level)
            except NotJson:
                break
            comma = _COMMA.match(text, end)
            if comma is None or comma.end() == len(text):
                break
            lines.append(line)
            values.append(value)
            flaws.append(decoder.flaw)
            line += text.count("\n", position, comma.end())
            position = comma.end()
        self._move(position)
        return lines, values, flaws

    def members(self) -> Iterator[str]:
        """Halt before each value of the object at the cursor, yielding its key."""
        self.take("{", "an object")
        if self.peek() == "}":
            self._position += 1
            return
        while True:
            if self.peek() != '"':
                raise self.instead("a key in double quotes")
            key = self.value(0)
            self.take(":", "a colon")
            yield str(key)
            if self.peek() != ",":
                self.take("}", "a comma or the end of the object")
                return
            self._position += 1

    def skip(self, level: int) -> None:
        """Pass over a value of any length, checking it."""
        kind = self.peek()
        if kind not in ("{", "["):
            self.value(level)
        elif level >= MOST_LEVELS:
            raise self.fail(f"lists and objects are nested more than {MOST_LEVELS} levels deep")
        elif kind == "{":
            for _ in self.members():
                self.skip(level + 1)
        else:
            for _ in self.items():
                self.value(level + 1)

    def rest_of_line(self) -> str:
        """The next character of this line that is not blank, '' when there is none."""
        while True:
            match = _BLANK.match(self._text, self._position)
            assert match is not None
            if match.end() < len(self._text):
                character = self._text[match.end()]
                return "" if character in "\r\n" else character
            if not self._fill():
                return ""

    def take_line(self) -> str | None:
        """What is left of the line of the cursor, which moves to the next; None at the end."""
        while (found := LINE_END.search(self._text, self._position)) is None:
            if not self._grow():
                break
        if found is None and self._position == len(self._text):
            return None
        stop, after = found.span() if found else (len(self._text), len(self._text))
        line = self._text[self._position : stop]
        self._position = self._line_start = after
        self.line += 1
        return line

    def take_regular(self) -> RegularLines | None:
        """Records that stand one a line, if no text is held and the source has proven them."""
        if not isinstance(self._source, LinesText) or self._position < len(self._text):
            return None
        found = self._source.take_regular()
        if found is not None:
            self._dropped += found.characters
            self.line += found.cells.height
        return found

    def take_block(self) -> Block | None:
        """Records that stand one a line, as far as the text held goes; None: line by line."""
        block = block_of_lines(self._text, self._position, self.line, self.decoder)
        if block is not None:
            self._position = self._line_start = block.end
            self.line += len(block.values)
        return block

    def fail(self, clause: str) -> InvalidFormat:
        """A refusal of what stands at the cursor."""
        return self._refusal(NotJson(self._position, clause))

    def instead(self, expected: str) -> InvalidFormat:
        """The refusal when something else than what is expected stands at the cursor."""
        return self._refusal(found_instead(self._text, self._position, expected))

    def _refusal(self, error: NotJson) -> InvalidFormat:
        kind = Unfinished if error.unfinished and self._source.ended else InvalidFormat
        clause = MARKS.sub("\ufffd", error.clause)
        return kind(f"{self._place(error.position)}: {clause}.")

    def _place(self, position: int) -> str:
        line, start = self._line_at(position)
        return f"Line {line:,}, column {position - start + 1:,}"

    def _move(self, position: int) -> None:
        self.line, self._line_start = self._line_at(position)
        self._position = position

    def _line_at(self, position: int) -> tuple[int, int]:
        """Number and start of the line of a position at or behind the cursor."""
        text, cursor = self._text, self._position
        feeds = text.count("\n", cursor, position)
        returns = text.count("\r", cursor, position)
        if not feeds and not returns:
            return self.line, self._line_start
        pairs = text.count("\r\n", cursor, position) if returns else 0
        last = max(text.rfind("\n", cursor, position), text.rfind("\r", cursor, position))
        return self.line + feeds + returns - pairs, last + 1

    def _fill(self) -> bool:
        """Forget the text before the cursor and read one more piece; False if there is none."""
        more = self._source.read()
        self.pieces += 1
        if not more.isascii() and MARKS.search(more):
            self.marked = True
        self._text = self._text[self._position :] + more
        self._dropped += self._position
        self._line_start -= self._position
        self._position = 0
        return bool(more)

    def _grow(self) -> bool:
        """Read on until there is twice as much text behind the cursor, if there is."""
        length = len(self._text) - self._position
        if length > LONGEST_VALUE:
            raise InvalidFormat(
                f"The record that starts at line {self.line:,} is longer than "
                f"{LONGEST_VALUE:,} characters. Shorten it, or look for a missing bracket."
            )
        before = len(self._text) - self._position
        while len(self._text) - self._position < max(1, 2 * length) and self._fill():
            pass
        return len(self._text) - self._position > before
