"""How a date is written: patterns of strptime, or tokens such as DD.MM.YYYY.

A pattern of Python's strptime has percent signs (https://docs.python.org/3/library/datetime.html);
anything else is read as moment's tokens, in which other letters stand in [brackets].
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

#: Moment tokens, longest first, and what strptime calls them. It reads 7 where it reads 07.
_TOKENS = {
    "YYYY": "%Y", "MMMM": "%B", "dddd": "%A", "MMM": "%b", "ddd": "%a", "YY": "%y", "MM": "%m",
    "DD": "%d", "HH": "%H", "hh": "%I", "mm": "%M", "ss": "%S", "ZZ": "%z", "M": "%m", "D": "%d",
    "H": "%H", "h": "%I", "m": "%M", "s": "%S", "A": "%p", "a": "%p", "Z": "%z",
}  # fmt: skip
_TOKEN = re.compile(r"\[([^\]]*)\]|S{1,6}|" + "|".join(_TOKENS))
_LETTER = re.compile(r"[^\W\d_T]")
_TIMED = re.compile(r"%(?:[HIMSfpzcX])")


def strptime_pattern(written: str) -> str:
    """The pattern as strptime takes it. Raises ValueError naming letters that mean nothing."""
    if "%" in written:
        return written
    if stray := _LETTER.search(_TOKEN.sub("", written)):
        raise ValueError(
            f"{stray[0]!r} in {written!r} stands for no part of a date; put it in [brackets]"
        )
    return _TOKEN.sub(
        lambda m: m[1] if m[1] is not None else "%f" if m[0][0] == "S" else _TOKENS[m[0]], written
    )


def has_time(pattern: str) -> bool:
    """Does a pattern of strptime read a time of day?"""
    return _TIMED.search(pattern.replace("%%", "")) is not None


def format_fault(written: str) -> str | None:
    """Why dates cannot be read by it, None when they can."""
    try:
        pattern = strptime_pattern(written)
    except ValueError as error:
        return str(error)
    probe = datetime(2001, 2, 23, 16, 5, 6, tzinfo=UTC)
    try:
        same = datetime.strptime(probe.strftime(pattern), pattern).date() == probe.date()
    except ValueError:
        same = False
    if not same:
        return f"format {written!r} does not tell day, month and year"
    if "%I" in pattern and "%p" not in pattern:
        return f"format {written!r} has a 12-hour clock without {'%p' if '%' in written else 'A'}"
    if "%Z" in pattern:
        return f"format {written!r} names a zone by letters, which does not tell it; use %z"
    return None
