"""Regular expressions of bounded size.

Patterns are those of Rust's regex crate: no look-around and no back-references, and a search takes
time in proportion to the text, whatever the pattern. So a pattern needs no timer; it needs a bound
on its own size, because the time is also in proportion to that.
"""

from __future__ import annotations

import re

import polars as pl

from core.errors import InvalidExpression

LONGEST = 500  #: characters of a pattern
LARGEST = 2_000  #: its weight, about its size once counted repeats are written out

_REPEAT = re.compile(r"\{([0-9]+)(,([0-9]*))?\}")
_SPACED = re.compile(r"\(\?[a-zA-Z-]*x")  #: the flag that lets spaces and remarks in
_CLASS = re.compile(r"\\[pPwWdDsSbB]")
_WIDE = 20  #: a class of many characters, as \\w or \\p{L}, weighs as much as so many letters


def require_pattern(pattern: str) -> None:
    """Raises InvalidExpression when it is no pattern, or one too large to try on every row."""
    if len(pattern) > LONGEST:
        raise InvalidExpression(f"the pattern has more than {LONGEST} characters")
    if _SPACED.search(pattern):
        raise InvalidExpression("the flag x is not for patterns that stand on one line")
    if weight(pattern) > LARGEST:
        raise InvalidExpression(
            "the pattern repeats too much: make the numbers in {…} smaller, or use * or +"
        )
    try:
        pl.Series([""], dtype=pl.String).str.contains(pattern, strict=True)
    except pl.exceptions.PolarsError as error:
        lines = [line.strip() for line in str(error).splitlines() if line.strip()]
        why = next((line for line in lines if line.startswith("error:")), lines[0])
        raise InvalidExpression(
            f"'{pattern}' is not a pattern: {why.removeprefix('error:').strip()}"
        ) from error


def weight(pattern: str) -> int:
    """About how large the pattern is once its counted repeats are written out, at least."""
    sums, last, at = [0], 0, 0
    while at < len(pattern):
        repeat = _REPEAT.match(pattern, at)
        if repeat:
            times = max(int(repeat[1]), int(repeat[3] or 0), 1)
            sums[-1] += last * (times - 1)
            last *= times
            at = repeat.end()
            continue
        character = pattern[at]
        if character == "(":
            sums.append(0)
        elif character == ")" and len(sums) > 1:
            last = sums.pop()
            sums[-1] += last
        elif character not in "*+?":
            last, length = _atom(pattern, at)
            sums[-1] += last
            at += length - 1
        at += 1
    return sum(sums)


def _atom(pattern: str, at: int) -> tuple[int, int]:
    """Weight and length of what stands at a place: a letter, an escape, a class in brackets."""
    if pattern[at] == "\\":
        return (_WIDE if _CLASS.match(pattern, at) else 1), 2
    if pattern[at] == ".":
        return 4, 1
    if pattern[at] != "[":
        return 1, 1
    end, depth = at + 1, 1
    while end < len(pattern) and depth:
        depth += (pattern[end] == "[") - (pattern[end] == "]")
        end += 2 if pattern[end] == "\\" else 1
    inside = pattern[at:end]
    wide = _CLASS.search(inside) or "^" in inside or "[:" in inside or not inside.isascii()
    return (_WIDE if wide else 4), max(end - at, 1)
