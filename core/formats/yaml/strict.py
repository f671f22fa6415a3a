"""YAML 1.2 to the letter: documents, and what is told by indentation.

libyaml is quick, but knows an older YAML and refuses some of what the newer one allows. What it
refuses is read again by this parser, which follows the productions of YAML 1.2.2, chapters 6 to
9, and gives the same events.
"""

from __future__ import annotations

import re
from typing import Any

from yaml.events import (
    DocumentEndEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
    StreamStartEvent,
)

from core.formats.yaml.flow import FlowParser, NotYaml, Properties

_IDLE = re.compile(r"(?:[ \t]*(?:#[^\n]*)?\n)*(?:[ \t]*(?:#[^\n]*)?\Z)?")
_SPACES = re.compile(r" *")
_HEADER = re.compile(r"[|>](?:([1-9])[+-]?|[+-]([1-9])?)?")
_DIRECTIVE = re.compile(r"%([^ \t\n]+)([^\n]*)")
_COMMENT = re.compile(r"(?:^|[ \t]+)#.*")
_HANDLES = {"!!": "tag:yaml.org,2002:"}
_NONE = Properties()


class StrictParser(FlowParser):
    """Parses a whole text. After `parse`, `events` is what it says, as far as that went."""

    def __init__(self, text: str) -> None:
        super().__init__(text.replace("\r\n", "\n").replace("\r", "\n"))

    def parse(self) -> NotYaml | None:
        """Why the text is not YAML, if it is not."""
        try:
            self._stream()
        except NotYaml as error:
            return error
        return None

    def _stream(self) -> None:
        self._tell(StreamStartEvent)
        while True:
            self._next_line()
            if not self.here:
                break
            if self.text.startswith("...", self.at) and self.at_marker():
                self._document_end()
                continue
            self._document()
        self._tell(StreamEndEvent)

    def _tell(self, kind: Any) -> None:
        mark = self.mark()
        self.events.append(kind(mark, mark))

    def _document(self) -> None:
        self.handles = dict(_HANDLES)
        directives = self._directives()
        explicit = self.at_marker() and self.here == "-"
        if directives and not explicit:
            raise self.fail("--- is expected behind directives")
        self._tell(DocumentStartEvent)
        if explicit:
            self.at += 3
            self._node(-1, compact=False, listed=False)
        else:
            self._on_next_lines(-1, _NONE, listed=False)
        if self.here and not self.at_marker():
            raise self.fail("the document has ended, but more follows")
        self._tell(DocumentEndEvent)

    def _document_end(self) -> None:
        self.at += 3
        if not self.line_done():
            raise self.fail("only a comment may stand behind ...")

    def _directives(self) -> bool:
        seen: set[str] = set()
        found_any = False
        while found := _DIRECTIVE.match(self.text, self.at):
            name, words = found[1], _COMMENT.sub("", found[2]).split()
            handle = words[0] if name == "TAG" and words else ""
            right = {"YAML": 1, "TAG": 2}.get(name, len(words))
            if f"{name} {handle}" in seen or len(words) != right:
                raise self.fail(f"the directive %{name} is malformed, or stands here twice")
            if name == "YAML" and not re.fullmatch(r"1\.\d+", words[0]):
                raise self.fail(f"YAML {words[0]} is not known")
            if name in ("YAML", "TAG"):
                seen.add(f"{name} {handle}")
            if name == "TAG":
                self.handles[handle] = words[1]
            self.at = found.end()
            self._next_line()
            found_any = True
        return found_any

    def _node(self, indent: int, *, compact: bool, listed: bool) -> None:
        """The node behind an indicator; afterwards the position is at the start of a line.

        `indent`: column of what it belongs to. `compact`: a list or map may begin on this line.
        `listed`: a list may stand in the column of what it belongs to.
        """
        gap = self.blanks()
        properties = _NONE
        if not self.line_done():
            if compact and "\t" not in gap and self._collection(_NONE):
                return
            properties = self.properties()
            if not self.line_done():
                self._inline(indent, properties)
                return
        self._on_next_lines(indent, properties, listed=listed)

    def _on_next_lines(self, indent: int, properties: Properties, *, listed: bool) -> None:
        while True:
            self._next_line()
            column = self._indentation()
            start = self.at
            self.at += column
            enough = column > indent or (listed and column == indent and self.indicator("-"))
            if not self.here or not enough or (not column and self.at_marker()):
                self.at = start
                self.empty(properties)
                return
            if self._collection(properties):
                return
            self.blanks()
            before = self.at
            properties = self.properties(properties)
            if self.at == before or not self.line_done():
                self._inline(indent, properties)
                return

    def _inline(self, indent: int, properties: Properties) -> None:
        """A scalar, an alias or brackets, which may go on over lines."""
        if self.here in ("|", ">"):
            self._block_scalar(indent, properties)
            return
        self.content(indent + 1, properties, flow=False)
        self._end_line()

    def _end_line(self) -> None:
        if self.line_done():
            self._next_line()
            return
        if self.here == ":":
            raise self.fail("a colon and a blank may not stand in a text without quotes")
        raise self.fail("the value has ended, but more follows on its line")

    def _next_line(self) -> None:
        """Go to the start of the next line that holds more than a comment."""
        if self.at and self.text[self.at - 1] != "\n":
            if not self.line_done():
                raise self.fail("the value has ended, but more follows on its line")
            self.at += bool(self.here)
        found = _IDLE.match(self.text, self.at)
        assert found is not None
        self.at = found.end()

    def _indentation(self) -> int:
        found = _SPACES.match(self.text, self.at)
        assert found is not None
        return len(found[0])

    def _continues(self, column: int) -> bool:
        """Does the line go on in this column? Goes there if so."""
        if not self.here or self.at_marker():
            return False
        found = self._indentation()
        if found > column:
            raise self.fail("the line is indented more than what it belongs to", self.at + found)
        if found == column:
            self.at += column
            if self.here == "\t":
                raise self.fail("a line may be indented by spaces only, not by tabs")
        return found == column

    def _collection(self, properties: Properties) -> bool:
        """A list or map that begins here, if one does."""
        start = self.at
        column = self.mark().column
        if self.indicator("-"):
            self.start(SequenceStartEvent, properties, start)
            self._sequence_from(column)
            self.stop(SequenceEndEvent)
            return True
        place = len(self.events)
        self.start(MappingStartEvent, properties, start)
        if not self.indicator("?") and not self.one_line_key():
            del self.events[place:]
            self._levels -= 1
            return False
        self._mapping_from(column, keyed=self.at != start)
        self.stop(MappingEndEvent)
        return True

    def _sequence_from(self, column: int) -> None:
        while True:
            self.at += 1
            self._node(column, compact=True, listed=False)
            line = self.at
            if not self._continues(column):
                return
            if not self.indicator("-"):
                self.at = line
                return

    def _mapping_from(self, column: int, *, keyed: bool) -> None:
        """`keyed`: the first key and its colon have been passed."""
        while True:
            if not keyed and self.indicator("?"):
                self._explicit_pair(column)
            elif keyed or self.one_line_key():
                self._node(column, compact=False, listed=True)
            else:
                raise self.fail("a key and a colon are expected here")
            keyed = False
            if not self._continues(column):
                return

    def _explicit_pair(self, column: int) -> None:
        self.at += 1
        self._node(column, compact=True, listed=True)
        line = self.at
        if self._continues(column) and self.indicator(":"):
            self.at += 1
            self._node(column, compact=True, listed=True)
        else:
            self.at = line
            self.empty(_NONE)

    def _block_scalar(self, indent: int, properties: Properties) -> None:
        start = self.at
        header = _HEADER.match(self.text, start)
        assert header is not None
        self.at = header.end()
        if not self.line_done():
            raise self.fail("only a comment may stand behind | or > on the line")
        self.at += bool(self.here)
        digit = header[1] or header[2]
        least = max(indent, 0) + int(digit) if digit else self._detected(indent + 1)
        lines = self._block_lines(least)
        chomp = "+" if "+" in header[0] else "-" if "-" in header[0] else ""
        value = _block_text(lines, folded=header[0][0] == ">", chomp=chomp)
        self.scalar(value, start, header[0][0], properties)
        self._next_line()

    def _detected(self, least: int) -> int:
        """How far the first line that is not empty is indented."""
        position, widest = self.at, 0
        while position < len(self.text):
            found = _SPACES.match(self.text, position)
            assert found is not None
            width, position = len(found[0]), found.end()
            if self.text[position : position + 1] != "\n":
                if position < len(self.text) and width >= least and widest > width:
                    raise self.fail("an empty line before is indented more than this", position)
                return max(width, least) if position < len(self.text) else max(widest, width, least)
            widest = max(widest, width)
            position += 1
        return max(widest, least)

    def _block_lines(self, least: int) -> list[str]:
        """The lines of a block scalar, without what indents them."""
        lines: list[str] = []
        while self.here:
            end = self.text.find("\n", self.at)
            end = len(self.text) if end < 0 else end
            line = self.text[self.at : end]
            if line.strip(" ") and (line[:least].strip(" ") or self.at_marker()):
                break
            lines.append(line[least:])
            self.at = min(end + 1, len(self.text))
        return lines


def _block_text(lines: list[str], *, folded: bool, chomp: str) -> str:
    """The text of a block scalar (YAML 1.2.2, 8.1)."""
    last = len(lines)
    while last and not lines[last - 1]:
        last -= 1
    content, trailing = lines[:last], len(lines) - last
    text = _fold(content) if folded else "\n".join(content)
    if chomp == "+":
        return text + "\n" * (trailing + bool(content))
    return text + "\n" if content and not chomp else text


def _fold(lines: list[str]) -> str:
    """Lines joined by blanks, but around empty lines and lines that begin with a blank."""
    parts: list[str] = []
    breaks, before = 0, ""
    for line in lines:
        if not line:
            breaks += 1
            continue
        kept = line[0] in " \t" or before.startswith((" ", "\t"))
        if not before:
            parts.append("\n" * breaks)
        elif kept:
            parts.append("\n" * (breaks + 1))
        else:
            parts.append("\n" * breaks or " ")
        parts.append(line)
        breaks, before = 0, line
    return "".join(parts)


def parse_strictly(text: str) -> tuple[list[Any], NotYaml | None]:
    """The events of the text, and why it is not YAML if it is not."""
    parser = StrictParser(text)
    return parser.events, parser.parse()
