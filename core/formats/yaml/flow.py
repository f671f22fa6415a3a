"""YAML 1.2 to the letter: scalars in quotes and without, and what stands in brackets."""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import Any, NamedTuple
from urllib.parse import unquote

from yaml.events import (
    AliasEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from core.formats.yaml.quoting import FOLD, BadEscape, double_quoted, folded, single_quoted

_BLANK = re.compile(r"[ \t]*")
_LINE = re.compile(r"[^\n]*")
_MARKER = re.compile(r"(?:---|\.\.\.)(?=[ \t\n]|\Z)")
_DOUBLE = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
_SINGLE = re.compile(r"'(?:[^']|'')*'")
_ALIAS = re.compile(r"\*([^ \t\n,\[\]{}]+)")
_ANCHOR = re.compile(r"&([^ \t\n,\[\]{}]+)")
_TAG = re.compile(r"!(?:<([^ \t\n>]+)>|([0-9A-Za-z-]*!)([^ \t\n!,\[\]{}]+)|([^ \t\n!,\[\]{}]*))")
_INDICATED = r"(?:[^ \t\n\-?:,\[\]{}#&*!|>'\"%%@`]|[-?:](?=[^ \t\n%s]))"
_INNER = r"(?:[^ \t\n:#%s]|:(?=[^ \t\n%s])|(?<=[^ \t\n])#)"
_FLOW = r",\[\]{}"
MOST_LEVELS = 50  #: lists and maps inside one another
TOO_DEEP = f"lists and maps are nested more than {MOST_LEVELS} levels deep"
_LONGEST_KEY = 1024  # characters of a key before a colon on one line


def _plain(forbidden: str) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Patterns of the first line of a plain scalar, and of a line that goes on with it."""
    inner = _INNER % (forbidden, forbidden)
    line = rf"{inner}+(?:[ \t]+{inner}+)*"
    first = rf"{_INDICATED % forbidden}{inner}*(?:[ \t]+{inner}+)*"
    return re.compile(first), re.compile(line)


_PLAIN = {False: _plain(""), True: _plain(_FLOW)}  # by whether it stands in brackets


class NotYaml(ValueError):
    """Where text stops being YAML, and a clause that says why."""

    def __init__(self, position: int, clause: str, *, unfinished: bool) -> None:
        super().__init__(clause)
        self.position = position
        self.clause = clause
        self.unfinished = unfinished  #: more text might have made it YAML


class Mark(NamedTuple):
    """A place in the text, both from 0."""

    line: int
    column: int


class Properties(NamedTuple):
    """What may stand before a node."""

    anchor: str | None = None
    tag: str | None = None


class FlowParser:
    """Parses nodes that may stand in brackets; `at` is the position in `text`, line ends are LF.

    `least` is how many spaces a line has to begin with that goes on with a node. Methods raise
    NotYaml.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.events: list[Any] = []
        self.handles: dict[str, str] = {}
        self._starts = [0, *(found.end() for found in re.finditer("\n", text))]  # of lines
        self._levels = 0
        self._one_line = False  # a key that has to end on its line

    def fail(self, clause: str, at: int | None = None, *, unfinished: bool = False) -> NotYaml:
        position = self.at if at is None else at
        cut = unfinished or self.text.find("\n", position) < 0
        return NotYaml(position, clause, unfinished=cut)

    def mark(self, at: int | None = None) -> Any:
        """Line and column of a position."""
        position = self.at if at is None else at
        line = bisect_right(self._starts, position) - 1
        return Mark(line, position - self._starts[line])

    @property
    def here(self) -> str:
        """The character at the position, '' at the end."""
        return self.text[self.at : self.at + 1]

    def blanks(self) -> str:
        """Pass over spaces and tabs."""
        found = _BLANK.match(self.text, self.at)
        assert found is not None
        self.at = found.end()
        return found[0]

    def indicator(self, character: str, *, flow: bool = False) -> bool:
        """Does the character stand here as an indicator, with a blank behind it?"""
        if self.here != character:
            return False
        following = self.text[self.at + 1 : self.at + 2]
        return following in ("", " ", "\t", "\n") or (flow and following in ",[]{}")

    def line_done(self) -> bool:
        """Is there nothing left on the line but a comment? Passes over blanks and that."""
        self.blanks()
        if self.here == "#" and (not self.at or self.text[self.at - 1] in " \t\n"):
            found = _LINE.match(self.text, self.at)
            assert found is not None
            self.at = found.end()
        return self.here in ("", "\n")

    def at_marker(self) -> bool:
        """Does a document marker stand here, at the start of a line?"""
        return _MARKER.match(self.text, self.at) is not None

    def scalar(self, value: str, start: int, style: str | None, properties: Properties) -> None:
        anchor, tag = properties
        implicit = (style is None and tag is None, style is not None and tag is None)
        marks = self.mark(start), self.mark()
        self.events.append(ScalarEvent(anchor, tag, implicit, value, *marks, style))

    def empty(self, properties: Properties) -> None:
        self.scalar("", self.at, None, properties)

    def start(self, kind: Any, properties: Properties, at: int) -> None:
        """A list or map starts."""
        self._levels += 1
        if self._levels > MOST_LEVELS:
            raise self.fail(TOO_DEEP, at)
        anchor, tag = properties
        mark = self.mark(at)
        self.events.append(kind(anchor, tag, tag is None, mark, mark, flow_style=False))

    def stop(self, kind: Any) -> None:
        """It ends."""
        self._levels -= 1
        mark = self.mark()
        self.events.append(kind(mark, mark))

    def properties(self, given: Properties = Properties()) -> Properties:  # noqa: B008  frozen
        """The anchor and tag that stand here, together with those given."""
        anchor, tag = given
        while self.here in ("&", "!"):
            found = (_ANCHOR if self.here == "&" else _TAG).match(self.text, self.at)
            if found is None or (anchor if self.here == "&" else tag) is not None:
                raise self.fail("an anchor or tag is malformed, or stands here twice")
            if self.here == "&":
                anchor = found[1]
            else:
                tag = self._resolved(found)
            self.at = found.end()
            if self.here not in (" ", "\t", "\n", "", ",", "]", "}"):
                raise self.fail("a blank is expected behind an anchor or tag")
            self.blanks()
        return Properties(anchor, tag)

    def _resolved(self, found: re.Match[str]) -> str:
        whole, handle, suffix, local = found.groups()
        if whole is not None:
            return unquote(whole)
        if handle is None:
            return self.handles.get("!", "!") + unquote(local) if local else "!"
        prefix = self.handles.get(f"!{handle}")
        if prefix is None:
            raise self.fail(f"the tag handle !{handle} is not declared")
        return prefix + unquote(suffix)

    def flow_node(self, least: int, properties: Properties) -> bool:
        """The node at the position, if there is any; whether a colon may follow right behind it.

        Only in brackets.
        """
        if self.here in ("&", "!"):
            properties = self.properties(properties)
            self.separate(least)
        if self.here in ("", ",", "]", "}") or self.indicator(":", flow=True):
            self.empty(properties)
            return False
        return self.content(least, properties, flow=True)

    def content(self, least: int, properties: Properties, *, flow: bool) -> bool:
        """An alias, a scalar or what stands in brackets; as `flow_node`."""
        character = self.here
        if character == "*":
            self._alias(properties)
        elif character in ('"', "'"):
            self._quoted(character, least, properties)
        elif character == "[":
            self._sequence(least, properties)
        elif character == "{":
            self._mapping(least, properties)
        else:
            self._plain(least, properties, flow=flow)
            return False
        return character != "*"

    def separate(self, least: int) -> bool:
        """Pass over blanks, comments and line ends; whether there were any line ends."""
        crossed = False
        while self.line_done() and self.here:
            if self._one_line:
                raise self.fail("a key has to end on the line on which it begins")
            crossed = True
            self.at += 1
            self._check_line(least, comments=True)
        return crossed

    def _check_line(self, least: int, *, comments: bool) -> None:
        """A line that goes on with a node: is it indented, and part of the document?"""
        if self.at_marker():
            raise self.fail("the document ends before what is open does")
        found = _LINE.match(self.text, self.at)
        assert found is not None
        content = found[0].strip(" \t")
        if content and not (comments and content[0] == "#") and found[0][:least].strip(" "):
            raise self.fail("the line has to be indented more, by spaces")

    def _alias(self, properties: Properties) -> None:
        found = _ALIAS.match(self.text, self.at)
        if found is None or properties != Properties():
            raise self.fail("an alias needs a name, and takes no anchor or tag")
        marks = self.mark(), self.mark(found.end())
        self.events.append(AliasEvent(found[1], *marks))
        self.at = found.end()

    def _quoted(self, quote: str, least: int, properties: Properties) -> None:
        start = self.at
        found = (_DOUBLE if quote == '"' else _SINGLE).match(self.text, start)
        if found is None:
            raise self.fail("the text in quotes that begins here does not end", unfinished=True)
        raw = found[0][1:-1]
        if "\n" in raw:
            if self._one_line:
                raise self.fail("a key has to end on the line on which it begins")
            for line in re.finditer(r"\n", found[0]):
                self.at = start + line.end()
                self._check_line(least, comments=False)
        try:
            value = single_quoted(raw) if quote == "'" else double_quoted(raw)
        except BadEscape as error:
            raise self.fail(error.clause, start + 1 + error.position) from error
        self.at = found.end()
        self.scalar(value, start, quote, properties)

    def _plain(self, least: int, properties: Properties, *, flow: bool) -> None:
        first, further = _PLAIN[flow]
        start = self.at
        found = first.match(self.text, start)
        if found is None:
            shown = self.text[start : start + 10].split("\n")[0] or "the end"
            raise self.fail(f"a value is expected, but here stands {shown!r}")
        value, self.at = found[0], found.end()
        while not self._one_line and (line := FOLD.match(self.text, self.at)):
            begin = self.text.rfind("\n", 0, line.end()) + 1
            indented = self.text[begin : begin + least] == " " * least
            found = further.match(self.text, line.end())
            if found is None or not indented or _MARKER.match(self.text, begin):
                break
            value += folded(line) + found[0]
            self.at = found.end()
        self.scalar(value, start, None, properties)

    def _sequence(self, least: int, properties: Properties) -> None:
        self.start(SequenceStartEvent, properties, self.at)
        self.at += 1
        self.separate(least)
        while self.here != "]":
            self._item(least)
            self._comma("]", least)
        self.at += 1
        self.stop(SequenceEndEvent)

    def _item(self, least: int) -> None:
        """An item of a list in brackets, which may be a single pair."""
        begin, place = self.at, len(self.events)
        if self.indicator("?", flow=True):
            self.start(MappingStartEvent, Properties(), begin)
            self._pair(least)
            self.stop(MappingEndEvent)
            return
        adjacent = self.flow_node(least, Properties())
        key_end = self.at
        self.separate(least)
        adjacent = adjacent and self.here == ":"
        if not adjacent and not self.indicator(":", flow=True):
            return
        if "\n" in self.text[begin : self.at] or key_end - begin > _LONGEST_KEY:
            raise self.fail("a key and its colon have to stand on one line here")
        rest, self.events[place:] = self.events[place:], []
        self.start(MappingStartEvent, Properties(), begin)
        self.events += rest
        self._after_colon(least)
        self.stop(MappingEndEvent)

    def _mapping(self, least: int, properties: Properties) -> None:
        self.start(MappingStartEvent, properties, self.at)
        self.at += 1
        self.separate(least)
        while self.here != "}":
            self._pair(least)
            self._comma("}", least)
        self.at += 1
        self.stop(MappingEndEvent)

    def _pair(self, least: int) -> None:
        if self.indicator("?", flow=True):
            self.at += 1
            self.separate(least)
        if self.here == ",":
            raise self.fail("a comma stands here without anything before it")
        adjacent = self.flow_node(least, Properties())
        self.separate(least)
        if (adjacent and self.here == ":") or self.indicator(":", flow=True):
            self._after_colon(least)
        else:
            self.empty(Properties())

    def _after_colon(self, least: int) -> None:
        self.at += 1
        self.separate(least)
        self.flow_node(least, Properties())

    def _comma(self, bracket: str, least: int) -> None:
        self.separate(least)
        if self.here == ",":
            self.at += 1
            self.separate(least)
            if self.here == ",":
                raise self.fail("a comma stands here without anything before it")
        elif self.here != bracket:
            raise self.fail(f"a comma or {bracket} is expected", unfinished=not self.here)

    def one_line_key(self) -> bool:
        """Pass over a key and its colon, if that is what stands here."""
        begin, place, levels = self.at, len(self.events), self._levels
        self._one_line = True
        try:
            properties = self.properties()
            if self.indicator(":"):
                self.empty(properties)
            else:
                self.content(0, properties, flow=False)
            self.blanks()
            if self.indicator(":") and self.at - begin <= _LONGEST_KEY:
                self.at += 1
                return True
        except NotYaml:
            pass
        finally:
            self._one_line = False
        self.at, self._levels = begin, levels
        del self.events[place:]
        return False
