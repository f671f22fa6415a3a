"""The fastest path: whole lines proven to be flat objects of the same keys, parted by Polars.

One regular expression is the proof: a line is the keys of the block's first line in their order,
each before a text, a number, true, false or null as RFC 8259 spells them, and nothing else. The
cells are what its groups took, so numbers keep their spelling. Escaped texts go through Python's
decoder. A single line that is otherwise leaves the whole block to the ways that explain.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import polars as pl

#: Keys in one expression: with few groups it runs in one pass, thrice as fast as otherwise.
_KEYS_AT_ONCE = 12
_MOST_KEYS = 120  #: with more of them, Python's decoder is as fast
_LONGEST_FIRST_LINE = 1 << 16  # bytes
_LOOKED_AT = 1 << 14  # bytes
_BLANK = r"[ \t]*"
#: A value; null takes part in no group. That \ stands before a right character is proven later.
_VALUE = (
    r'(?:null|("(?:[^"\\\x00-\x1f]|\\.)*"'
    r"|-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?|true|false))"
)
_END = rf"(\}}){_BLANK}$"
_LINE = "line"
_NEVER = "\x01"  # separates nothing: no line with it is JSON


class RegularLines(NamedTuple):
    """Records of the same keys, one a line."""

    cells: pl.DataFrame  #: String columns c0, c1, …, one for each key
    keys: tuple[str, ...]
    characters: int  #: of the lines, their ends included


def regular_lines(data: bytes, *, most_keys: int, max_cell_bytes: int) -> RegularLines | None:
    """The records of whole lines of UTF-8; None when not proven, or a cell is too large.

    `data` ends with a line end.
    """
    keys = _first_keys(data)
    if keys is None or len(keys) > min(most_keys, _MOST_KEYS):
        return None
    # Odd lines are seldom alone: most blocks that are refused cost no more than this look.
    head = data[: data.rfind(b"\n", 0, _LOOKED_AT) + 1]
    if head and _proven(head, keys) is None:
        return None
    proven = _proven(data, keys)
    if proven is None:
        return None
    lines, cells = proven
    # A quote inside a text is escaped, and what is escaped is decoded afterwards.
    found = cells.select(pl.all().str.strip_chars('"'))
    if b"\\" in data:
        try:
            found = found.with_columns(_decoded(cells, found))
        except (ValueError, UnicodeEncodeError):  # a wrong escape, or half a character
            return None
    sizes = found.select(pl.max_horizontal(pl.all().str.len_bytes().max()))
    if (sizes.item() or 0) > max_cell_bytes:
        return None
    characters = int(lines.str.len_chars().sum()) + len(lines)
    return RegularLines(found, keys, characters + (data.count(b"\r") if b"\r" in data else 0))


def _first_keys(data: bytes) -> tuple[str, ...] | None:
    """The keys of the first line; None when it is no object, or its keys are escaped or twice."""
    end = data.find(b"\n")
    line = data[: min(end, _LONGEST_FIRST_LINE)]
    if not line.lstrip(b" \t").startswith(b"{"):
        return None
    try:
        # Objects inside come as lists too, so that only flat ones hold none.
        pairs = json.loads(line.decode(), object_pairs_hook=list)
    except (ValueError, RecursionError):
        return None
    if any(isinstance(value, list) for _, value in pairs):
        return None
    keys = tuple(key for key, _ in pairs)
    plain = all(key.isprintable() and '"' not in key and "\\" not in key for key in keys)
    return keys if keys and plain and len(set(keys)) == len(keys) else None


def _proven(data: bytes, keys: tuple[str, ...]) -> tuple[pl.Series, pl.DataFrame] | None:
    """The lines and the values in them as they stand there."""
    lines = _lines(data)
    cells = None if lines is None else _cells(lines, keys)
    return None if lines is None or cells is None else (lines, cells)


def _lines(data: bytes) -> pl.Series | None:
    """The lines without their ends; None when something in them is no JSON."""
    if b"\x01" in data or (b"\r" in data and data.count(b"\r") != data.count(b"\r\n")):
        return None
    try:
        frame = pl.read_csv(
            data,
            has_header=False,
            separator=_NEVER,
            quote_char=None,
            schema={_LINE: pl.String},
            glob=False,
        )
    except pl.exceptions.PolarsError:  # not UTF-8
        return None
    lines = frame.to_series()
    ends = np.count_nonzero(np.frombuffer(data, np.uint8) == ord("\n"))
    return lines if len(lines) == ends and not lines.has_nulls() else None


def _cells(lines: pl.Series, keys: tuple[str, ...]) -> pl.DataFrame | None:
    """The values as they stand in the lines, null for null; None when a line is otherwise."""
    columns: list[pl.Series] = []
    rest = lines
    for pattern, count in _patterns(keys):
        # Unlike a Series, a frame does this on all cores.
        parts = rest.to_frame().select(pl.first().str.extract_groups(pattern)).unnest(rest.name)
        # The last group takes part wherever the expression fits.
        rest = parts.to_series(count)
        if rest.has_nulls():
            return None
        columns += parts.get_columns()[:count]
    return pl.DataFrame([column.alias(f"c{n}") for n, column in enumerate(columns)])


@lru_cache(maxsize=8)
def _patterns(keys: tuple[str, ...]) -> tuple[tuple[str, int], ...]:
    """Expressions for a line and, after the first, for the rest of it, and their values."""
    members = [f'"{pl.escape_regex(key)}"{_BLANK}:{_BLANK}{_VALUE}{_BLANK}' for key in keys]
    found = []
    for start in range(0, len(keys), _KEYS_AT_ONCE):
        some = members[start : start + _KEYS_AT_ONCE]
        begin = rf"^{_BLANK}\{{{_BLANK}" if not start else f"^,{_BLANK}"
        last = start + _KEYS_AT_ONCE >= len(keys)
        end = _END if last else r"(,.*)$"
        found.append((begin + f",{_BLANK}".join(some) + end, len(some)))
    return tuple(found)


def _decoded(cells: pl.DataFrame, texts: pl.DataFrame) -> Iterator[pl.Series]:
    """The columns of `texts` with escaped texts, decoded. Raises ValueError, UnicodeEncodeError."""
    escaped = cells.select(pl.all().str.contains("\\", literal=True))
    for n, found in enumerate(escaped.iter_columns()):
        places = found.arg_true()
        if not len(places):
            continue
        items = ",".join(cells.to_series(n).gather(places).to_list())
        if "\\u0000" in items:  # no cell may hold NUL
            raise ValueError("NUL")
        values = pl.Series(json.loads(f"[{items}]"), dtype=pl.String)
        yield texts.to_series(n).scatter(places, values)
