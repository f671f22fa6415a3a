"""The fast path: many flat records decoded in one go, where counting proves where each stands.

In an object without objects and arrays inside, with no brace in its texts, `{` occurs once.
So when a block has as many of them as it has records, each `{` begins a record; and when line
ends stand only between records, or nowhere, the line of each follows. Anything else is left to
the way that takes records one by one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from core.formats.json.decoding import Decoder, NotJson


class Block(NamedTuple):
    """Records decoded together."""

    lines: Sequence[int]
    values: list[Any]
    end: int  #: position behind the last record


def block_of_items(text: str, position: int, line: int, decoder: Decoder) -> Block | None:
    """All whole items of an array from `position` on but the last; None when not proven."""
    end = text.rfind("},", position) + 1
    if not end or decoder.spelled or text.find("\r", position, end) >= 0:
        return None
    breaks = text.count("\n", position, end)
    if breaks and not (
        breaks == text.count("},\n", position, end) == text.count("},", position, end)
    ):
        return None
    values = _flat_objects(text[position:end], decoder)
    if values is None or (breaks and breaks != len(values) - 1):
        return None
    lines = range(line, line + len(values)) if breaks else [line] * len(values)
    return Block(lines, values, end)


def block_of_lines(text: str, position: int, line: int, decoder: Decoder) -> Block | None:
    """The records of all whole lines from `position` on; None when not proven."""
    end = text.rfind("\n", position)
    if end <= position or decoder.spelled or text.find("\r", position, end) >= 0:
        return None
    block = text[position:end]
    breaks = block.count("\n")
    if block[0] != "{" or block[-1] != "}" or breaks != block.count("}\n{"):
        return None
    values = _flat_objects(block.replace("\n", ","), decoder)
    if values is None or len(values) != breaks + 1:
        return None
    return Block(range(line, line + len(values)), values, end + 1)


def _flat_objects(items: str, decoder: Decoder) -> list[Any] | None:
    if "[" in items:
        return None
    try:
        values = decoder.decode_flat(f"[{items}]")
    except NotJson:
        return None
    count = len(values)
    return values if items.count("{") == count and set(map(type, values)) == {dict} else None
