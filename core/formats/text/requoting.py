"""Other readings of a line whose quotes are out of place: the one with the right number of cells.

Of all ways to take the line apart, the one that departs least from RFC 4180 wins: every quote
taken as plain text, and every delimiter taken as left out beside a quote, has its price.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from heapq import heappop, heappush
from typing import NamedTuple

_STRAY = 1.0  # a quote that is plain text
_UNDOUBLED = 0.9  # the same as the last character of a quoted cell
_LEFT_OUT = 1.5  # a delimiter that is missing before or behind a quote
_MOST_PRICE = 3.0
_MOST_STEPS = 600
_MOST_CLOSINGS = 20  # of one cell


class Reading(NamedTuple):
    cells: list[str]
    quoted: tuple[int, ...]
    price: float


class _Step(NamedTuple):
    """One cell, and where the next begins (-1: the line ends)."""

    price: float
    following: int
    value: str
    quoted: bool


class _Path(NamedTuple):
    step: _Step
    before: _Path | None


def requote(
    line: str, delimiter: str, quote: str, width: int, *, inside: float = 0.0
) -> Reading | None:
    """The cheapest reading of the line as `width` cells; None when there is none.

    `inside`: the price of plain cells that hold quotes behind their first character.
    """
    if quote not in line:
        return None
    blanks = "" if delimiter.startswith(" ") else "[ ]*"
    after_close = re.compile(rf"{blanks}(?:(?={re.escape(delimiter)})|\Z)")
    # price, order of discovery, position, cells so far, how we came here
    heap: list[tuple[float, int, int, int, _Path | None]] = [(0.0, 0, 0, 0, None)]
    seen: set[tuple[int, int]] = set()
    order = 0
    for _ in range(_MOST_STEPS):
        if not heap:
            return None
        price, _, position, count, path = heappop(heap)
        if (position, count) in seen:
            continue
        seen.add((position, count))
        if position < 0:
            if count == width:
                return _unrolled(path, price)
            continue
        if count == width:
            continue
        for step in _steps(line, position, delimiter, quote, after_close, inside):
            if price + step.price <= _MOST_PRICE:
                order += 1
                node = (price + step.price, order, step.following, count + 1, _Path(step, path))
                heappush(heap, node)
    return None


def _unrolled(path: _Path | None, price: float) -> Reading:
    steps: list[_Step] = []
    while path is not None:
        steps.append(path.step)
        path = path.before
    steps.reverse()
    quoted = tuple(index for index, step in enumerate(steps) if step.quoted)
    return Reading([step.value for step in steps], quoted, price)


def _steps(
    line: str,
    start: int,
    delimiter: str,
    quote: str,
    after_close: re.Pattern[str],
    inside_price: float,
) -> Iterator[_Step]:
    end = line.find(delimiter, start)
    following = end + len(delimiter) if end >= 0 else -1
    stop = end if end >= 0 else len(line)
    opened = line.startswith(quote, start)
    inside = -1 if opened else line.find(quote, start, stop)
    plain = _STRAY if opened else inside_price if inside >= 0 else 0.0
    yield _Step(plain, following, line[start:stop], False)
    if opened:
        yield from _closings(line, start, delimiter, quote, after_close)
    elif inside >= 0:
        yield _Step(_LEFT_OUT, inside, line[start:inside], False)


def _closings(
    line: str, start: int, delimiter: str, quote: str, after_close: re.Pattern[str]
) -> Iterator[_Step]:
    """The ways to end the quoted cell that starts here."""
    strays, position = 0.0, start + 1
    for _ in range(_MOST_CLOSINGS):
        found = line.find(quote, position)
        if found < 0:
            return
        value = line[start + 1 : found].replace(quote * 2, quote)
        doubled = line.startswith(quote, found + 1)
        closed = after_close.match(line, found + 1)
        if closed:
            yield _Step(strays, _behind(line, closed.end(), delimiter), value, True)
        else:
            yield _Step(strays + _LEFT_OUT, found + 1, value, True)
        if doubled and (closed := after_close.match(line, found + 2)):
            following = _behind(line, closed.end(), delimiter)
            yield _Step(strays + _UNDOUBLED, following, value + quote, True)
        position = found + (2 if doubled else 1)
        strays += 0.0 if doubled else _STRAY


def _behind(line: str, end: int, delimiter: str) -> int:
    return end + len(delimiter) if end < len(line) else -1
