"""What YAML says, event by event: places in the text, bounded memory.

libyaml is quick and reads files of any size. A text of moderate size that it refuses is read by
our own parser of YAML 1.2, which is slow, and whose word is then final.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator, Sequence
from typing import Any

import yaml
from yaml._yaml import CParser
from yaml.events import CollectionEndEvent, CollectionStartEvent, StreamEndEvent

from core.errors import InvalidFormat
from core.formats.json.text import LONGEST_VALUE, Unfinished
from core.formats.text.encoding import MARK
from core.formats.text.rows import TextSource
from core.formats.yaml.flow import MOST_LEVELS, TOO_DEEP
from core.formats.yaml.strict import StrictParser

#: What YAML's c-printable leaves out (YAML 1.2.2, 5.1); undecodable bytes are among it.
_UNFIT = re.compile("[^\t\n\r -~\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_MODERATE = 1 << 19  #: characters of a file that may be read twice
_CUT = "The text ends in the middle of the document."


class Events:
    """The events of a text, one after the other. Raises InvalidFormat with line and column."""

    def __init__(self, source: TextSource, encoding: str, *, complete: bool = True) -> None:
        """`complete`: the source is the whole file; else it may end anywhere."""
        self._text = _CheckedText(source, encoding, complete=complete)
        self._coming = self._parsed()
        self._ahead: deque[Any] = deque()
        self._mark: Any = None  # where the last event starts
        self._cut = False  # the text has ended before the document

    @property
    def passed(self) -> int:
        """Characters read."""
        return self._text.passed

    @property
    def bytes_read(self) -> int:
        return self._text.bytes_read

    @property
    def mark(self) -> Any:
        """Where the next event starts, or the last before the text was cut."""
        return self._mark if self._cut and not self._ahead else self.peek().start_mark

    def peek(self) -> Any:
        """The next event, which stays the next."""
        if not self._ahead:
            self._ahead.append(self._next())
        return self._ahead[0]

    def next(self) -> Any:
        """The next event."""
        return self._ahead.popleft() if self._ahead else self._next()

    def put_back(self, events: Sequence[Any]) -> None:
        """These events come next."""
        self._ahead.extendleft(reversed(events))

    def _next(self) -> Any:
        try:
            event = next(self._coming)
        except (StopIteration, Unfinished):
            self._cut = True
            raise Unfinished(_CUT) from None
        self._text.heard()
        self._mark = event.start_mark
        return event

    def _parsed(self) -> Iterator[Any]:
        whole = self._text.begin(_MODERATE)
        if whole is None:
            yield from _quickly(self._text)
            return
        events: list[Any] = []
        try:
            events.extend(_quickly(self._text))
        except Unfinished:
            yield from events
            raise
        except InvalidFormat:
            yield from _strictly(whole, complete=self._text.complete)
        else:
            yield from events


class _CheckedText:
    """Text for a parser, which takes pieces of any size: no character YAML forbids, no end
    of a value that never comes."""

    def __init__(self, source: TextSource, encoding: str, *, complete: bool) -> None:
        self._source = source
        self._encoding = encoding
        self._begun: list[str] = []  # read, and not given yet
        self._lines = 0
        self._unheard = 0  # characters read since the last event
        self.complete = complete
        self.passed = 0

    @property
    def bytes_read(self) -> int:
        return self._source.bytes_read

    def begin(self, most: int) -> str | None:
        """All of the text, which still is to be read; None: it is longer than that."""
        while text := self._checked():
            self._begun.append(text)
            if self.passed > most:
                return None
        return "".join(self._begun)

    def read(self, _: int = 0) -> str:
        """The next piece; '' at the end of the file. Raises Unfinished where the text is cut."""
        text = self._begun.pop(0) if self._begun else self._checked()
        if not text and not self.complete:
            raise Unfinished(_CUT)
        self._unheard += len(text)
        if self._unheard > LONGEST_VALUE:
            raise InvalidFormat(
                f"A value or comment before line {self._lines + 1:,} is longer than "
                f"{LONGEST_VALUE:,} characters. Shorten it, or look for a missing quote."
            )
        return text

    def heard(self) -> None:
        """An event has come of what was read."""
        self._unheard = 0

    def _checked(self) -> str:
        text = self._source.read()
        if not (text.isascii() and text.isprintable()):
            self._check(text)
        self._lines += text.count("\n")
        self.passed += len(text)
        return text

    def _check(self, text: str) -> None:
        unfit = _UNFIT.search(text)
        if unfit is None:
            return
        start = text.rfind("\n", 0, unfit.start()) + 1
        line = self._lines + text.count("\n", 0, unfit.start()) + 1
        place = f"Line {line:,}, column {unfit.start() - start + 1:,}"
        code = ord(unfit[0])
        if MARK <= code < MARK + 256:
            raise InvalidFormat(
                f"{place}: byte 0x{code - MARK:02X} is not {self._encoding}. Choose the encoding "
                "the file is really in, or save it again as UTF-8."
            )
        raise InvalidFormat(
            f"{place}: the character U+{code:04X} may stand in YAML only as an escape in double "
            "quotes."
        )


def _quickly(text: _CheckedText) -> Iterator[Any]:
    """The events as libyaml has them. Raises InvalidFormat."""
    parser = CParser(text)
    level = 0
    while True:
        try:
            event: Any = parser.get_event()
        except yaml.MarkedYAMLError as error:
            raise _refusal(error) from error
        level += isinstance(event, CollectionStartEvent) - isinstance(event, CollectionEndEvent)
        if level > MOST_LEVELS:
            raise InvalidFormat(f"{place_of(event.start_mark)}: {TOO_DEEP}.")
        yield event
        if isinstance(event, StreamEndEvent):
            return


def _strictly(text: str, *, complete: bool) -> Iterator[Any]:
    """The events as YAML 1.2 has them. Raises InvalidFormat, and Unfinished where a text is cut."""
    parser = StrictParser(text)
    error = parser.parse()
    yield from parser.events
    if error is None:
        return
    if error.unfinished and not complete:
        raise Unfinished(_CUT)
    raise InvalidFormat(f"{place_of(parser.mark(error.position))}: {error.clause}.")


def place_of(mark: Any) -> str:
    """Line and column of a mark, to begin a sentence with."""
    return f"Line {mark.line + 1:,}, column {mark.column + 1:,}"


def _refusal(error: yaml.MarkedYAMLError) -> InvalidFormat:
    problem = error.problem or error.context or "this is not YAML"
    context = f" {error.context}" if error.context and error.problem else ""
    return InvalidFormat(f"{place_of(error.problem_mark)}: {problem}{context}.")
