"""Number formats of dates (ECMA-376 Part 1, 18.8.31), made from our date formats."""

from __future__ import annotations

import re

_CODES = {
    "%Y": "yyyy", "%y": "yy", "%B": "mmmm", "%b": "mmm", "%h": "mmm", "%m": "mm", "%-m": "m",
    "%A": "dddd", "%a": "ddd", "%d": "dd", "%-d": "d",
    "%H": "hh", "%-H": "h", "%I": "hh", "%-I": "h", "%M": "mm", "%-M": "m", "%S": "ss",
    "%-S": "s", "%p": "AM/PM", "%3f": "000", "%.3f": ".000",
}  # fmt: skip
_LONG = {"%F": "%Y-%m-%d", "%T": "%H:%M:%S", "%R": "%H:%M", "%D": "%m/%d/%y"}
_TOKEN = re.compile(r"%(?:[-.]?\d?[A-Za-z]|%)|[^%]+")
_PLAIN = frozenset(" -/:.,")  # stand for themselves in a number format
_HOURS = frozenset({"%H", "%-H", "%I", "%-I"})
_MINUTES = frozenset({"%M", "%-M"})
_SECONDS = frozenset({"%S", "%-S"})


def number_format(pattern: str) -> str | None:
    """The number format that shows dates as a strftime pattern does, or None: there is none."""
    for short, spelled in _LONG.items():
        pattern = pattern.replace(short, spelled)
    tokens = _TOKEN.findall(pattern)
    marks = [token for token in tokens if token in _CODES]
    if not marks or not _minutes_are_clear(marks):
        return None
    if ({"%I", "%-I"} & set(marks)) and "%p" not in marks:
        return None
    parts = []
    for part in tokens:
        if part in _CODES:
            parts.append(_CODES[part])
        elif part.startswith("%") and part != "%%":
            return None
        else:
            parts.append(_literal("%" if part == "%%" else part))
    return "".join(parts)


def _literal(text: str) -> str:
    return "".join(c if c in _PLAIN else f"\\{c}" for c in text)


def _minutes_are_clear(marks: list[str]) -> bool:
    """mm is the month but behind hours and before seconds."""
    for place, mark in enumerate(marks):
        before = marks[place - 1] if place else ""
        after = marks[place + 1] if place + 1 < len(marks) else ""
        beside_time = before in _HOURS or after in _SECONDS
        if (mark in _MINUTES) != beside_time and mark in _MINUTES | {"%m", "%-m"}:
            return False
    return True
