"""Taking the records off XML, piece by piece, in memory for one piece."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from core.errors import InvalidFormat
from core.formats.json.records import Records, join_path
from core.formats.json.text import LONGEST_VALUE
from core.formats.xml.elements import Element, Tag, TagReader, leaf_value
from core.formats.xml.parsing import MOST_LEVELS, XmlText

_MOST_NAMED = 8
_Start = Callable[[str, dict[str, str]], None]
_End = Callable[[str], None]


def find_records(
    xml: XmlText, path: tuple[str, ...], *, complete: bool = True
) -> Iterator[Records]:
    """The elements at the path, to the very end of the file, in pieces of bounded size.

    `ignored` of a piece counts the elements that stand beside records. Raises InvalidFormat and
    UnsafeContent with line and column. `complete`: there should be something at the path.
    """
    taker = _Taker(xml, path)
    while xml.feed():
        taker.check_length()
        yield taker.take()
    if complete:
        taker.check_found()
    yield taker.take()


class _Stack:
    """The open elements of a record that have children, and the text met since the last tag."""

    __slots__ = ("content", "open_elements", "texts")

    def __init__(self) -> None:
        self.open_elements: list[Element] = []
        self.content: list[tuple[str | None, Any]] = []  #: of the last of them
        self.texts: list[str] = []

    def open(self, tag: Tag) -> None:
        element = Element(tag)
        self.open_elements.append(element)
        self.content = element.content

    def close(self) -> dict[str, Any] | None:
        """The last of them ends; the record when that was it."""
        if self.texts:
            self.say()
        element = self.open_elements.pop()
        if not self.open_elements:
            return element.record()
        parent = self.open_elements[-1]
        parent.add(element.tag.name, element.value())
        self.content = parent.content
        return None

    def say(self) -> None:
        """Text stands between children; right in the record, blank space is layout."""
        text = "".join(self.texts)
        self.texts.clear()
        if len(self.open_elements) > 1 or not text.isspace():
            self.open_elements[-1].say(text)


class _Taker:
    """Handlers of the parser: outside of records they find the way, inside they collect."""

    def __init__(self, xml: XmlText, path: tuple[str, ...]) -> None:
        self._xml = xml
        self._parser = xml.parser
        self._path = path
        self._tags = TagReader()
        self._depth = 0  # of the element that is open
        self._matched = 0  # names of the path that lead to it
        self._parents = 0  # elements met that may hold records
        self._count = 0
        self._others: list[str] = []  # what was met off the path
        self._stack = _Stack()
        self._start_inside, self._end_inside = self._inside()
        self._line = 0
        self._started = 0  # characters before the piece in which the record starts
        self._lines: list[int] = []
        self._values: list[Any] = []
        self._ignored = 0
        self._outside()

    def take(self) -> Records:
        """What was collected since."""
        taken = Records(self._lines, self._values, [None] * len(self._lines), self._ignored)
        self._lines, self._values, self._ignored = [], [], 0
        return taken

    def check_length(self) -> None:
        if self._stack.open_elements and self._xml.passed - self._started > LONGEST_VALUE:
            raise InvalidFormat(
                f"The record that starts at line {self._line:,} is longer than {LONGEST_VALUE:,} "
                "characters. Shorten it, or choose another record path."
            )

    def check_found(self) -> None:
        """Nothing at the path, but something off it, is a wrong path and no empty table."""
        if self._count or not self._path or (self._parents and not self._others):
            return
        raise InvalidFormat(
            f"The document holds no “{join_path(self._path)}”, only "
            f"{', '.join(self._others) or 'nothing'}. Choose where the records are (the record "
            "path, such as orders.order)."
        )

    def _outside(self) -> None:
        self._parser.StartElementHandler = self._start_outside
        self._parser.EndElementHandler = self._end_outside
        self._parser.CharacterDataHandler = None

    def _start_outside(self, qualified: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        self._check_depth(self._depth)
        tag = self._tags.read(qualified, attributes)
        path, level = self._path, self._depth - 1
        if self._matched != level or level >= len(path):
            return
        if tag.name != path[level]:
            self._ignored += level == len(path) - 1
            if len(self._others) < _MOST_NAMED and tag.name not in self._others:
                self._others.append(tag.name)
            return
        self._matched += 1
        self._parents += self._matched == len(path) - 1
        if self._matched == len(path):
            self._line, self._started = self._xml.line, self._xml.passed
            self._stack.open(tag)
            self._parser.StartElementHandler = self._start_inside
            self._parser.EndElementHandler = self._end_inside
            self._parser.CharacterDataHandler = self._stack.texts.append

    def _end_outside(self, _: str) -> None:
        if self._matched == self._depth:
            self._matched -= 1
        self._depth -= 1

    def _finish(self, record: dict[str, Any]) -> None:
        self._lines.append(self._line)
        self._values.append(record)
        self._count += 1
        self._outside()
        self._end_outside("")

    def _inside(self) -> tuple[_Start, _End]:
        """The handlers inside a record, as closures: they are called for every cell."""
        stack, texts = self._stack, self._stack.texts
        names, read = self._tags.elements, self._tags.read
        leaf: str | Tag | None = None  # open, and without children so far

        def start(qualified: str, attributes: dict[str, str]) -> None:
            nonlocal leaf
            if leaf is not None:
                stack.open(Tag(leaf, {}) if isinstance(leaf, str) else leaf)
                self._check_depth(self._depth + len(stack.open_elements))
            if texts:
                stack.say()
            leaf = read(qualified, attributes) if attributes else names[qualified]

        def end(_: str) -> None:
            nonlocal leaf
            if isinstance(leaf, str):
                stack.content.append((leaf, "".join(texts)))
                texts.clear()
            elif leaf is not None:
                stack.open_elements[-1].add(leaf.name, leaf_value(leaf, "".join(texts)))
                texts.clear()
            elif (record := stack.close()) is not None:
                self._finish(record)
            leaf = None

        return start, end

    def _check_depth(self, depth: int) -> None:
        if depth > MOST_LEVELS:
            raise InvalidFormat(
                f"{self._xml.place}: elements are nested more than {MOST_LEVELS} levels deep."
            )
