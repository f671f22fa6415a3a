"""What scalars and tags mean: texts as they are spelled, NULL only where plainly meant."""

from __future__ import annotations

import re
from typing import Any

from yaml.events import ScalarEvent

from core.errors import UnsafeContent
from core.formats.json.decoding import SpelledNumber
from core.formats.yaml.events import place_of

_CORE = "tag:yaml.org,2002:"
_STANDARD = frozenset(
    {"str", "int", "float", "bool", "null", "timestamp", "binary", "merge", "value"}
    | {"map", "seq", "set", "omap", "pairs"}
)
_NULL = frozenset({"", "~", "null", "Null", "NULL"})
#: Plain scalars that JSON has too, and how it spells them.
_WORDS = {"true": "true", "false": "false"}
_OTHER_WORDS = {"True": "true", "TRUE": "true", "False": "false", "FALSE": "false"}
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")


def scalar_value(event: ScalarEvent, *, inside: bool) -> Any:
    """None, a text, or a number or truth value as SpelledNumber (YAML 1.2.2, 10.3.2).

    `inside`: it stands within a cell, whose text is JSON; else it is a cell of its own, and True
    stays True.
    """
    text: str = event.value
    tag = (event.tag or "").removeprefix(_CORE)
    if event.style or tag:
        if tag == "null":
            return None
        if event.style or tag not in ("int", "float", "bool"):
            return text
    if text in _NULL:
        return None
    if text in _WORDS or _NUMBER.fullmatch(text):
        return SpelledNumber(text)
    if inside and text in _OTHER_WORDS:
        return SpelledNumber(_OTHER_WORDS[text])
    return text


def is_merge(event: Any) -> bool:
    """Is this the key that merges another map (YAML 1.1, merge key)?"""
    if not isinstance(event, ScalarEvent) or event.value != "<<" or event.style:
        return False
    return event.tag in (None, f"{_CORE}merge")


def tag_flaw(event: Any) -> str | None:
    """A clause on a tag that means nothing for data. Raises UnsafeContent for programs' objects."""
    tag: str | None = event.tag
    if tag is None or tag == "!":
        return None
    if not tag.startswith(_CORE):
        return f"the tag {tag} has no meaning here: what it stands before is taken as written"
    name = tag.removeprefix(_CORE)
    if name in _STANDARD:
        return None
    raise UnsafeContent(
        f"{place_of(event.start_mark)}: the tag !!{name} asks for an object of a program, which "
        "no data needs. Delete the tag."
    )
