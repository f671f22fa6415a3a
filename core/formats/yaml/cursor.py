"""Walking through YAML by value, item and member; aliases stand for what they name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from yaml.events import (
    AliasEvent,
    CollectionEndEvent,
    CollectionStartEvent,
    DocumentEndEvent,
    DocumentStartEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceStartEvent,
    StreamEndEvent,
    StreamStartEvent,
)

from core.errors import InvalidFormat, UnsafeContent
from core.formats.json.decoding import compact, repeated_keys
from core.formats.json.text import LONGEST_VALUE, Unfinished
from core.formats.yaml.events import Events, place_of
from core.formats.yaml.flow import MOST_LEVELS, TOO_DEEP
from core.formats.yaml.scalars import is_merge, scalar_value, tag_flaw

#: What aliases may add to a file, and anchors may keep, in characters; a node counts as some.
_MOST_ALIASED = 1 << 26
_NODE = 8
_MOST_NOTED = 100_000  #: events of a list or map that is walked through and kept as well


class _Anchored(NamedTuple):
    """A value that aliases stand for."""

    value: Any
    size: int  #: characters, and some for each node
    height: int  #: levels in it


class YamlText:
    """A `core.formats.json.cursor.Cursor` on YAML, which goes from document to document."""

    def __init__(self, events: Events) -> None:
        self._events = events
        self._anchors: dict[str, _Anchored] = {}
        self._kept = 0  # size of what anchors keep
        self._aliased = 0  # size of what aliases have added
        self._size = 0  # of all values so far
        self._height = 0  # of the last value
        self._most = 0  # size at which the value is too large
        self._flaws: list[str] = []
        self._noted: Any = None  # the last anchored event that `peek` has met
        self.marked = False  #: text with undecodable bytes is no YAML

    @property
    def passed(self) -> int:
        return self._events.passed

    @property
    def bytes_read(self) -> int:
        return self._events.bytes_read

    @property
    def line(self) -> int:
        return int(self._events.mark.line) + 1

    @property
    def place(self) -> str:
        return place_of(self._events.mark)

    @property
    def flaw(self) -> str | None:
        return "; ".join(self._flaws) if self._flaws else None

    def next_document(self) -> bool:
        """Go to the root of the next document that holds anything; False if there is none."""
        while True:
            event = self._events.next()
            if isinstance(event, StreamEndEvent):
                return False
            if isinstance(event, DocumentStartEvent):
                self._anchors.clear()
                self._kept = 0
            elif not isinstance(event, StreamStartEvent | DocumentEndEvent):
                raise self._unexpected(event)
            following = self._events.peek()
            if isinstance(event, DocumentStartEvent):
                if not _is_nothing(following):
                    return True
                self._events.next()

    def peek(self) -> str:
        event = self._events.peek()
        if getattr(event, "anchor", None) is not None and event is not self._noted:
            self._note(event)
        if isinstance(event, SequenceStartEvent):
            return "["
        if isinstance(event, MappingStartEvent):
            return "{"
        if isinstance(event, ScalarEvent | AliasEvent):
            return '"'
        return ""

    def value(self, level: int) -> Any:
        self._flaws.clear()
        self._most = self._size + LONGEST_VALUE
        return self._value(self._events.next(), level, level)

    def items(self) -> Iterator[None]:
        self._enter()
        while not isinstance(self._events.peek(), CollectionEndEvent):
            yield
        self._events.next()

    def members(self) -> Iterator[str]:
        self._enter()
        while not isinstance(self._events.peek(), CollectionEndEvent):
            self._flaws.clear()
            self._most = self._size + LONGEST_VALUE
            yield self._key(self._events.next(), 0)
        self._events.next()

    def run(self, level: int, most: int) -> tuple[list[int], list[Any], list[str | None]]:
        return [], [], []

    def skip(self, level: int) -> None:
        kind = self.peek()
        if self._events.peek().anchor is not None or kind == '"':
            self._pass_over(level)
        elif level >= MOST_LEVELS:
            raise self.fail(TOO_DEEP)
        elif kind == "{":
            for _ in self.members():
                self.skip(level + 1)
        else:
            for _ in self.items():
                self.skip(level + 1)

    def fail(self, clause: str) -> InvalidFormat:
        return InvalidFormat(f"{self.place}: {clause}.")

    def _note(self, start: Any) -> None:
        """Keep an anchored list or map of moderate size before it is walked through."""
        self._noted = start
        if not isinstance(start, CollectionStartEvent):
            return
        taken: list[Any] = []
        open_ones = 0
        try:
            while len(taken) < _MOST_NOTED:
                taken.append(self._events.next())
                open_ones += isinstance(taken[-1], CollectionStartEvent)
                open_ones -= isinstance(taken[-1], CollectionEndEvent)
                if not open_ones:
                    break
        except Unfinished:
            open_ones = 1
        self._events.put_back(taken)
        if not open_ones:
            self.value(0)
            self._events.put_back(taken)

    def _pass_over(self, level: int) -> None:
        if isinstance(self._events.peek(), AliasEvent):
            self._events.next()
        else:
            self.value(level)

    def _enter(self) -> None:
        event = self._events.next()
        tag_flaw(event)

    def _value(self, event: Any, level: int, top: int) -> Any:
        """The value that begins with the event; `top`: level of the record it belongs to."""
        if isinstance(event, AliasEvent):
            return self._alias(event, level)
        flaw = tag_flaw(event)
        if flaw is not None:
            self._flaws.append(flaw)
        before = self._size
        self._size += _NODE
        value: Any
        if isinstance(event, ScalarEvent):
            value = scalar_value(event, inside=level > top + 1)
            self._size += len(event.value)
            self._height = 0
        else:
            if level >= MOST_LEVELS:
                raise InvalidFormat(f"{place_of(event.start_mark)}: {TOO_DEEP}.")
            value = self._collection(event, level, top)
        if self._size > self._most:
            raise self._too_large(event)
        if event.anchor is not None:
            self._keep(event, _Anchored(value, self._size - before, self._height))
        return value

    def _collection(self, event: Any, level: int, top: int) -> Any:
        height = 0
        if isinstance(event, SequenceStartEvent):
            items: list[Any] = []
            while not isinstance(following := self._events.next(), CollectionEndEvent):
                items.append(self._value(following, level + 1, top))
                height = max(height, self._height)
            self._height = height + 1
            return items
        pairs: list[tuple[str, Any]] = []
        merged: dict[str, Any] = {}
        while not isinstance(key_event := self._events.next(), CollectionEndEvent):
            key = self._key(key_event, level)
            value = self._value(self._events.next(), level + 1, top)
            height = max(height, self._height)
            if is_merge(key_event) and (found := _mergeable(value)) is not None:
                merged = {**found, **merged}
            else:
                pairs.append((key, value))
        self._height = height + 1
        members = dict(pairs)
        if len(members) != len(pairs):
            self._flaws += repeated_keys(pairs)
        return {**merged, **members} if merged else members

    def _key(self, event: Any, level: int) -> str:
        """A key as it is spelled; one that is a list or a map as JSON."""
        if isinstance(event, ScalarEvent) and event.anchor is None and event.tag is None:
            self._size += _NODE + len(event.value)
            return str(event.value)
        value = self._value(event, level + 1, level)
        if isinstance(value, str):
            return str(value)
        return compact(value) if value is not None else str(getattr(event, "value", ""))

    def _alias(self, event: Any, level: int) -> Any:
        found = self._anchors.get(event.anchor)
        if found is None:
            raise InvalidFormat(
                f"{place_of(event.start_mark)}: the alias *{event.anchor} names nothing that "
                "stands before it as a whole."
            )
        if level + found.height > MOST_LEVELS:
            raise UnsafeContent(
                f"{place_of(event.start_mark)}: with the alias *{event.anchor}, {TOO_DEEP}."
            )
        self._height = found.height
        self._size += found.size
        self._aliased += found.size
        if self._aliased > _MOST_ALIASED or self._size > self._most:
            raise UnsafeContent(
                f"{place_of(event.start_mark)}: aliases make the file very much larger than it "
                "is. Write out what they stand for, or leave it away."
            )
        return found.value

    def _keep(self, event: Any, anchored: _Anchored) -> None:
        self._anchors[event.anchor] = anchored
        self._kept += anchored.size
        if self._kept > _MOST_ALIASED:
            raise self._too_large(event)

    def _too_large(self, event: Any) -> InvalidFormat:
        return InvalidFormat(
            f"The record or anchor that starts at line {event.start_mark.line + 1:,} is larger "
            f"than {LONGEST_VALUE:,} characters. Shorten it, or choose another record path."
        )

    def _unexpected(self, event: Any) -> InvalidFormat:
        return InvalidFormat(f"{place_of(event.start_mark)}: a new document is expected here.")


def _is_nothing(event: Any) -> bool:
    """Is the document empty?"""
    plain = isinstance(event, ScalarEvent) and not event.value and not event.style
    return plain and event.anchor is None and event.tag is None


def _mergeable(value: Any) -> dict[str, Any] | None:
    """The members that a merge key brings: those of a map, or of a list of maps."""
    if isinstance(value, dict):
        return value
    if isinstance(value, list) and value and all(isinstance(one, dict) for one in value):
        merged: dict[str, Any] = {}
        for one in value:
            merged = {**one, **merged}
        return merged
    return None
