"""What the head of a JSON file holds, as far as it goes: lists, and where they stand."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from core.formats.json.cursor import Cursor
from core.formats.json.text import Unfinished

_MOST_KEYS = 8  # down a path to records
_FIRST_ITEMS = 101


@dataclass(kw_only=True, slots=True)
class FoundList:
    """An array met outside of any other array."""

    path: tuple[str, ...]
    count: int = 0
    objects: int = 0
    #: Its first items: all when it is the document, else those that are lists.
    first: list[Any] = field(default_factory=list)


@dataclass(kw_only=True, slots=True)
class Outline:
    """The first value of the text."""

    top: str = ""  #: its first character
    value: Any = None  #: when it is neither array nor object
    place: str = ""
    lists: list[FoundList] = field(default_factory=list)
    members: dict[str, str] = field(default_factory=dict)  #: keys and first characters, when object
    last_line: int = 1  #: on which it ends
    cut: bool = False  #: the head ends inside of it


def outline_of(text: Cursor, *, complete: bool) -> Outline:
    """Walk over the first value. Raises InvalidFormat with line and column.

    `complete`: the text is the whole file; else it may end anywhere.
    """
    found = Outline(top=text.peek(), place=text.place)
    try:
        _walk(text, found, ())
    except Unfinished:
        if complete:
            raise
        found.cut = True
    found.last_line = text.line
    return found


def _walk(text: Cursor, outline: Outline, path: tuple[str, ...]) -> None:
    kind = text.peek()
    level = len(path)
    if kind == "{" and level < _MOST_KEYS:
        for key in text.members():
            if not path:
                outline.members[key] = text.peek()
            _walk(text, outline, (*path, key))
    elif kind == "[":
        _list(text, outline, path)
    else:
        value = text.value(level)
        if not path:
            outline.value = value


def _list(text: Cursor, outline: Outline, path: tuple[str, ...]) -> None:
    found = FoundList(path=path)
    outline.lists.append(found)
    for _ in text.items():
        value = text.value(len(path) + 1)
        found.count += 1
        found.objects += isinstance(value, dict)
        if (not path or isinstance(value, list)) and len(found.first) < _FIRST_ITEMS:
            found.first.append(value)
