"""From elements to values: attributes, children, text, repeated children, mixed content."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, NamedTuple

from core.formats.xml.names import FIELD, OURS, SEPARATOR, XSI, Names, field_key

TEXT = "#text"  #: key of text that stands beside something else
_ESCAPED = f"{OURS}escaped{SEPARATOR}"
_NIL = f"{XSI}nil{SEPARATOR}"
_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|(\\))")
_OUTSIDE = (XSI, OURS)  # how names of attributes begin that are not data
_TRUE = ("true", "1")


class Tag(NamedTuple):
    """A start tag: what it is called, what it carries."""

    name: str
    attributes: dict[str, str]  #: keys begin with @
    nil: bool = False  #: xsi:nil says that the element is NULL
    escaped: bool = False  #: our writer has escaped the text


class TagReader:
    """Makes Tags of what the parser tells of start tags.

    Names are those of `Names`, one for elements and one for attributes, over the whole file.
    """

    def __init__(self) -> None:
        self.elements = Names()
        self._attributes = Names()

    def read(self, qualified: str, attributes: dict[str, str]) -> Tag:
        """The tag as the parser tells it."""
        name = self.elements[qualified]
        if not attributes:
            return Tag(name, attributes)
        nil = escaped = False
        plain: dict[str, str] = {}
        for key, value in attributes.items():
            if key.startswith(_OUTSIDE):
                nil = nil or (key.startswith(_NIL) and value.strip() in _TRUE)
                escaped = escaped or key.startswith(_ESCAPED)
            else:
                plain[f"@{self._attributes[key]}"] = value
        if name == FIELD and plain.keys() == {"@name"}:
            name, plain = field_key(plain["@name"]), {}
        return Tag(name, plain, nil, escaped)


class Attributed(NamedTuple):
    """A value that is no set of members, with the attributes of its element."""

    value: Any
    attributes: dict[str, str]

    def whole(self) -> dict[str, Any]:
        return {**self.attributes, TEXT: self.value}


class Element:
    """An open element, which collects what stands in it."""

    __slots__ = ("_plain", "_spoken", "content", "tag")

    def __init__(self, tag: Tag) -> None:
        self.tag = tag
        #: Names and values of children, None and what text stands between them.
        self.content: list[tuple[str | None, Any]] = []
        self._plain = True  # children without attributes of their own, no text between
        self._spoken = False  # text that is more than blank space

    def add(self, name: str, value: Any) -> None:
        """A child has ended."""
        self.content.append((name, value))
        if type(value) is Attributed:
            self._plain = False

    def say(self, text: str) -> None:
        """Text stands here."""
        self.content.append((None, text))
        self._plain = False
        self._spoken = self._spoken or not text.isspace()

    def value(self) -> Any:
        """Of an element with children: an object; or, with text between them, a list."""
        if not self._spoken:
            return {**self.tag.attributes, **self._members()}
        parts = [value if name is None else {name: _whole(value)} for name, value in self.content]
        return Attributed(parts, self.tag.attributes) if self.tag.attributes else parts

    def record(self) -> dict[str, Any]:
        """Of an element that is a record: its only text is named like itself."""
        found: dict[str, Any] = dict(self.tag.attributes)
        if self._spoken:
            said = [v for name, v in self.content if name is None]
            if len(said) == len(self.content):
                return {**found, self.tag.name: leaf_text("".join(said), self.tag)}
            found[TEXT] = said[0] if len(said) == 1 else said
        found.update(self._members())
        return found

    def _members(self) -> dict[str, Any]:
        if self._plain:
            members = dict(self.content)
            if len(members) == len(self.content):
                return members  # type: ignore[return-value]  # no None: that is text
        grouped: dict[str, list[Any]] = {}
        for name, value in self.content:
            if name is not None:
                grouped.setdefault(name, []).append(value)
        return dict(_spread(grouped.items()))


def leaf_value(tag: Tag, text: str) -> Any:
    """Of an element without children."""
    value = None if tag.nil else leaf_text(text, tag)
    return Attributed(value, tag.attributes) if tag.attributes else value


def leaf_text(text: str, tag: Tag) -> str:
    if not tag.escaped:
        return text
    return _ESCAPE.sub(lambda found: found[2] or chr(int(found[1], 16)), text)


def _spread(grouped: Iterable[tuple[str, list[Any]]]) -> Iterable[tuple[str, Any]]:
    """Repeated children as one list; attributes of a single value beside it: price.@currency."""
    for name, values in grouped:
        if len(values) > 1:
            yield name, [_whole(value) for value in values]
        elif type(values[0]) is Attributed:
            value, attributes = values[0]
            yield name, value
            for key, text in attributes.items():
                yield f"{name}.{key}", text
        else:
            yield name, values[0]


def _whole(value: Any) -> Any:
    return value.whole() if type(value) is Attributed else value
