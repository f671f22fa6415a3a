"""What elements the head of an XML file holds, and which of them are the records."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from core.errors import InvalidFormat
from core.formats.text.rows import TextSource
from core.formats.xml.elements import TagReader
from core.formats.xml.parsing import MOST_LEVELS, XmlText

_MOST_SEEN = 10_000  #: different places of elements that are told apart
#: How the name of a list is made from that of its items: all of it, and less a y at its end.
_PLURALS = ("{0}s", "{0}es", "{0}list", "{0}set", "arrayof{0}", "{1}ies")
_ITEMS = frozenset({"row", "record", "item", "entry"})


@dataclass(kw_only=True, slots=True)
class Seen:
    """Elements of one name in one place."""

    path: tuple[str, ...]
    count: int = 0
    most: int = 0  #: of them side by side, in one parent
    attributes: dict[str, None] = field(default_factory=dict)
    children: dict[str, Seen] = field(default_factory=dict)
    spoken: bool = False  #: text stands in it that is more than blank space

    @property
    def name(self) -> str:
        return self.path[-1]

    @property
    def leaf(self) -> bool:
        return not self.children and not self.attributes

    @property
    def empty(self) -> bool:
        return self.leaf and not self.spoken

    @property
    def only_child(self) -> Seen | None:
        """The one kind of element in it, when there is no other and no text."""
        if len(self.children) != 1 or self.spoken:
            return None
        return next(iter(self.children.values()))


class Proposal(NamedTuple):
    """Where the records are, and how that was found."""

    records: Seen | None  #: None: the root is empty
    listed: list[Seen]  #: all lists of elements with something in them, nearest to the top first
    level: int  #: how many of them are as near as the records
    beside: list[str]  #: what stands around the records and is not read


def outline_of(source: TextSource, encoding: str, *, complete: bool) -> Seen:
    """The root, and all below it. Raises InvalidFormat and UnsafeContent with line and column.

    `complete`: the source is the whole file; else it may end anywhere.
    """
    xml = XmlText(source, encoding, complete=complete)
    walk = _Walk(xml)
    while xml.feed():
        pass
    root = walk.root
    if root is None or (root.empty and not complete):
        raise InvalidFormat(
            "The first part of the file holds no elements but the root. Choose where the records "
            "are (the record path, such as orders.order)."
        )
    return root


class _Walk:
    """Handlers of the parser, which note what they meet."""

    def __init__(self, xml: XmlText) -> None:
        self.root: Seen | None = None
        self._xml = xml
        self._tags = TagReader()
        self._open: list[Seen] = []
        self._counts: list[dict[str, int]] = [{}]
        self._size = 0
        xml.parser.StartElementHandler = self._start
        xml.parser.EndElementHandler = self._end
        xml.parser.CharacterDataHandler = self._text

    def _start(self, qualified: str, attributes: dict[str, str]) -> None:
        tag = self._tags.read(qualified, attributes)
        if len(self._open) >= MOST_LEVELS:
            raise InvalidFormat(
                f"{self._xml.place}: elements are nested more than {MOST_LEVELS} levels deep."
            )
        seen = self._seen(tag.name)
        counts = self._counts[-1]
        counts[tag.name] = counts.get(tag.name, 0) + 1
        seen.count += 1
        seen.most = max(seen.most, counts[tag.name])
        seen.attributes.update(dict.fromkeys(tag.attributes))
        self._open.append(seen)
        self._counts.append({})

    def _seen(self, name: str) -> Seen:
        if not self._open:
            self.root = self.root or Seen(path=(name,))
            return self.root
        parent = self._open[-1]
        found = parent.children.get(name)
        if found is None:
            found = Seen(path=(*parent.path, name))
            self._size += 1
            if self._size <= _MOST_SEEN:
                parent.children[name] = found
        return found

    def _end(self, _: str) -> None:
        self._open.pop()
        self._counts.pop()

    def _text(self, text: str) -> None:
        if not self._open[-1].spoken and not text.isspace():
            self._open[-1].spoken = True


def propose(root: Seen) -> Proposal:
    """The repeated elements nearest to the top, the most frequent of them; else a lone record."""
    if root.empty:
        return Proposal(None, [], 0, [])
    listed = sorted(_lists(root), key=lambda seen: len(seen.path))
    if not listed:
        listed = sorted(_named_lists(root), key=lambda seen: len(seen.path))
    if not listed:
        lone = _lone(root)
        return Proposal(lone, [], 0, _beside(root, lone.path))
    nearest = [seen for seen in listed if len(seen.path) == len(listed[0].path)]
    chosen = max(nearest, key=lambda seen: seen.count)
    return Proposal(chosen, listed, len(nearest), _beside(root, chosen.path))


def _lists(parent: Seen) -> Iterator[Seen]:
    """Repeated elements that hold something by name, outside of one another."""
    for seen in parent.children.values():
        if seen.most > 1 and not seen.leaf:
            yield seen
        else:
            yield from _lists(seen)


def _named_lists(parent: Seen) -> Iterator[Seen]:
    """Lists of one item, known by the name of the list: users.user."""
    child = parent.only_child
    if child is not None and not child.leaf and _is_item(parent.name, child.name):
        yield child
        return
    for seen in parent.children.values():
        yield from _named_lists(seen)


def _is_item(many: str, one: str) -> bool:
    """Is this a list of that, or that what people call the items of any list?"""
    stem = _letters(one)
    plurals = {plural.format(stem, stem.removesuffix("y")) for plural in _PLURALS}
    return stem in _ITEMS or _letters(many) in plurals


def _letters(name: str) -> str:
    return re.sub(r"[\W_]", "", name).lower()


def _lone(root: Seen) -> Seen:
    """Without a list: down from the root as long as there is but one way to go."""
    seen = root
    while (child := seen.only_child) is not None and not seen.attributes:
        if child.leaf and child.most == 1:
            break
        seen = child
    return seen


def _beside(root: Seen, path: Sequence[str]) -> list[str]:
    """Attributes and elements around what stands at the path."""
    found: list[str] = []
    seen = root
    for name in path[1:]:
        found += [f"“{key}” of “{seen.name}”" for key in seen.attributes]
        found += [f"“{other}”" for other in seen.children if other != name]
        seen = seen.children[name]
    return found
