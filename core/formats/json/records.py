"""Where the records of a JSON file stand, and taking them off it piece by piece.

A document is walked along the record path ("data.items"); what stands there gives the
records: the items of an array, or the one object. In JSON Lines every line is a record, and
a line that is not JSON spoils only itself. Documents that follow one another without being
one a line are read too; there an error ends the reading, since nothing says where the next
record would begin.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from core.errors import InvalidFormat
from core.formats.json.cursor import Cursor
from core.formats.json.decoding import NotJson, cut, shown
from core.formats.json.regular import RegularLines
from core.formats.json.text import JsonText, Unfinished

LINES = "jsonl"  #: name of the format of a record a line
LOST = object()  #: in place of a record that could not be decoded
_PIECE_ROWS = 5_000
_PIECE_CHARACTERS = 1 << 20
_KEY = re.compile(r"(?:[^.\\]|\\.)*", re.DOTALL)


class Records(NamedTuple):
    """A piece of the file: line, decoded value and flaw of each record."""

    lines: Sequence[int]
    values: list[Any]
    flaws: list[str | None]
    ignored: int  #: blank lines
    #: Objects of plain values without flaws, in place of `values` and `flaws`.
    regular: RegularLines | None = None


def split_path(record_path: str | None) -> tuple[str, ...]:
    """The keys that lead to the records; `\\.` is a dot inside a key."""
    if record_path is None:
        return ()
    keys, position = [], 0
    while True:
        found = _KEY.match(record_path, position)
        assert found is not None
        keys.append(re.sub(r"\\(.)", r"\1", found[0]))
        position = found.end() + 1
        if found.end() >= len(record_path):
            return tuple(keys)


def join_path(keys: Sequence[str]) -> str | None:
    """The record path that leads along these keys; None for the document itself."""
    if not keys:
        return None
    return ".".join(re.sub(r"([.\\])", r"\\\1", key) for key in keys)


def find_records(text: JsonText, format_name: str, record_path: str | None) -> Iterator[Records]:
    """The records of the file, to its very end, in pieces of bounded size.

    Raises InvalidFormat with line and column. Before Unfinished is raised, the records met
    so far have been given.
    """
    if format_name == LINES:
        yield from _sequence(text)
        return
    path = split_path(record_path)
    if not text.peek():
        raise InvalidFormat("The file is empty. Upload a file that holds at least one record.")
    yield from along(text, path, 0)
    if text.peek():
        raise text.fail("the document has ended, but more follows")


def along(text: Cursor, path: tuple[str, ...], level: int) -> Iterator[Records]:
    """The records at the path below the cursor, `level` deep in the document."""
    kind = text.peek()
    if level == len(path):
        if kind == "[":
            yield from _items(text, level + 1)
        elif kind == "{":
            yield from _one(text, level)
        else:
            place, value = text.place, text.value(level)
            raise InvalidFormat(
                f"{place}: {_where(path)} is the single value {shown(value)}, "
                "not a list of records."
            )
        return
    if kind != "{":
        raise text.fail(f"{_where(path[:level])} is not an object, so it holds no {_named(path)}")
    found, others = False, []
    for key in text.members():
        if key == path[level]:
            found = True
            yield from along(text, path, level + 1)
        else:
            others.append(shown(key))
            text.skip(level + 1)
    if not found:
        raise InvalidFormat(
            f"{_where(path[:level])} holds no {_named(path)}, only {', '.join(others) or 'nothing'}"
            ". Choose where the records are (the record path, such as data.items)."
        )


def _where(path: tuple[str, ...]) -> str:
    return f"“{join_path(path)}”" if path else "the document"


def _named(path: tuple[str, ...]) -> str:
    return f"“{join_path(path)}”"


class Gathering:
    """Collects records until there are enough of them."""

    def __init__(self, text: Cursor) -> None:
        self._text = text
        self._start = text.passed
        self._lines: list[int] = []
        self._values: list[Any] = []
        self._flaws: list[str | None] = []
        self.ignored = 0

    def add(self, line: int, value: Any, flaw: str | None) -> None:
        self._lines.append(line)
        self._values.append(value)
        self._flaws.append(flaw)

    def add_all(self, lines: Sequence[int], values: list[Any], flaws: Sequence[str | None]) -> None:
        self._lines.extend(lines)
        self._values.extend(values)
        self._flaws.extend(flaws)

    @property
    def empty(self) -> bool:
        return not self._lines and not self.ignored

    @property
    def room(self) -> int:
        return _PIECE_ROWS - len(self._lines)

    @property
    def full(self) -> bool:
        enough = len(self._lines) >= _PIECE_ROWS
        return enough or self._text.passed - self._start >= _PIECE_CHARACTERS

    def take(self) -> Records:
        taken = Records(self._lines, self._values, self._flaws, self.ignored)
        self._lines, self._values, self._flaws = [], [], []
        self._start, self.ignored = self._text.passed, 0
        return taken


def _items(text: Cursor, level: int) -> Iterator[Records]:
    piece = Gathering(text)
    try:
        for _ in text.items():
            text.peek()
            piece.add_all(*text.run(level, piece.room))
            line = text.line
            value = text.value(level)
            piece.add(line, value, text.flaw)
            if piece.full:
                yield piece.take()
    except Unfinished:
        yield piece.take()
        raise
    yield piece.take()


def _one(text: Cursor, level: int) -> Iterator[Records]:
    line = text.line
    value = text.value(level)
    yield Records([line], [value], [text.flaw], 0)


def _sequence(text: JsonText) -> Iterator[Records]:
    """Records that follow one another: one a line if the first is."""
    if not text.peek():
        return
    piece = Gathering(text)
    line = text.line
    value = text.value(0)
    flaw = text.decoder.flaw
    if text.line == line and text.rest_of_line() not in ("{", "["):
        piece.ignored = line - 1
        rest = (text.take_line() or "").strip()
        piece.add(line, value, _joined(flaw, rest))
        yield from _lines(text, piece, objects=type(value) is dict)
    else:
        piece.add(line, value, flaw)
        yield from _documents(text, piece)


def _lines(text: JsonText, piece: Gathering, *, objects: bool) -> Iterator[Records]:
    """`objects`: the records are objects, or else flawed."""
    tried = -1
    while True:
        while objects and (regular := text.take_regular()) is not None:
            if not piece.empty:
                yield piece.take()
            lines = range(text.line - regular.cells.height, text.line)
            yield Records(lines, [], [], 0, regular)
        block = text.take_block() if text.pieces != tried else None
        tried = text.pieces
        if block is not None:
            piece.add_all(block.lines, block.values, [None] * len(block.values))
        elif not _add_line(text, piece):
            break
        if piece.full:
            yield piece.take()
    yield piece.take()


def _add_line(text: JsonText, piece: Gathering) -> bool:
    """One line; False at the end."""
    line = text.take_line()
    if line is None:
        return False
    content = line.strip(" \t")
    if content:
        value, flaw = _decoded(text, content, line.find(content))
        piece.add(text.line - 1, value, flaw)
    else:
        piece.ignored += 1
    return True


def _decoded(text: JsonText, content: str, indent: int) -> tuple[Any, str | None]:
    try:
        value, end = text.decoder.decode(content, 0, 0)
    except NotJson as error:
        place = f"column {error.position + indent + 1}"
        clause = error.clause.replace("the file ends", "the line ends")
        return LOST, f"the line is not JSON: {place}: {clause}. It reads {cut(content)}"
    return value, _joined(text.decoder.flaw, content[end:].strip(" \t"))


def _joined(flaw: str | None, rest: str) -> str | None:
    if not rest:
        return flaw
    behind = f"behind the record stands {cut(rest)}"
    return f"{flaw}; {behind}" if flaw else behind


def _documents(text: JsonText, piece: Gathering) -> Iterator[Records]:
    try:
        while text.peek():
            line = text.line
            value = text.value(0)
            piece.add(line, value, text.decoder.flaw)
            if piece.full:
                yield piece.take()
    except Unfinished:
        yield piece.take()
        raise
    yield piece.take()
