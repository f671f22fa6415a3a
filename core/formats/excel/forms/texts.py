"""Texts in the XML of a form, so that its cells hold just what was meant."""

from __future__ import annotations

import re

from core.errors import InvalidRequest
from core.formats.excel.writing.cells import MAX_CHARACTERS

#: 22.9.2.19 ST_Xstring: _xHHHH_ is the character of that number, _x005F_ stands before a text
#: that only looks so. A carriage return would be read as a line feed.
_SPECIAL = re.compile(r"[&<>\x00-\x08\x0b-\x1f]|_(?=x[0-9A-Fa-f]{4})")
_MARKUP = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_NO_CHARACTERS = re.compile("[\ufffe\uffff]")
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff]")


def held(text: str, where: str) -> str:
    """The text as XML. Raises InvalidRequest naming `where` when a cell cannot hold it."""
    if len(text) * 2 > MAX_CHARACTERS and len(text.encode("utf-16-le")) // 2 > MAX_CHARACTERS:
        raise InvalidRequest(
            f"{where}: the text has more than {MAX_CHARACTERS:,} characters, the most a cell of a "
            "workbook holds. Choose CSV."
        )
    if _NO_CHARACTERS.search(text):
        raise InvalidRequest(
            f"{where}: the text holds U+FFFE or U+FFFF, which are no characters and cannot stand "
            "in a workbook. Choose CSV."
        )
    return _SPECIAL.sub(_told, text)


def shown(text: str, most: int) -> str:
    """The text for a comment or a remark: no control characters, cut to `most`."""
    plain = _CONTROLS.sub("\ufffd", text)
    return plain if len(plain) <= most else plain[: most - 1] + "…"


def _told(found: re.Match[str]) -> str:
    return _MARKUP.get(found.group()) or f"_x{ord(found.group()):04X}_"
