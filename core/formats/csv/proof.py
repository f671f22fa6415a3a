"""Proving by its bytes alone that a block of delimited text is regular.

Regular: every quote opens at the start of a cell or closes at its end, or is doubled; every line
end is LF or CR LF; no NUL. Nothing here asks for more than some passes of vectorised
comparisons, so it costs a fraction of what parsing does.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

_Bytes = npt.NDArray[np.uint8]
#: Where something stands, counted from 0.
Places = npt.NDArray[np.intp]

_LF, _CR = 10, 13
_WINDOW = 1 << 17  # bytes compared at a time: what does not leave the caches is quick
_NOWHERE: Places = np.empty(0, np.intp)


class Proof(NamedTuple):
    """A block that starts and ends between rows."""

    data: bytes  #: the block in UTF-8, its last line with an end
    taken: int  #: bytes of the text looked at that it stands for
    rows: int
    lines: int
    ends: Places  #: where in `data` the LF of each row stands
    row_lines: Places  #: the line each row ends in, from 0
    longest_row: int  #: bytes
    quotes: Places  #: where they stand in `data`

    def row_stops(self) -> Places:
        """Where in `data` each row stops: at its line end, CR and all."""
        codes = np.frombuffer(self.data, np.uint8)
        stops: Places = self.ends - (codes[self.ends - 1] == _CR)
        return stops


class _Rows(NamedTuple):
    """The line ends and quotes of some text."""

    line_ends: Places
    ends: Places  #: those of them that end rows
    row_lines: Places
    quotes: Places


def prove(data: bytes, delimiter: str, quote: str | None, *, final: bool) -> Proof | None:
    """The longest block of whole rows at the start of `data`; None when it is not regular.

    `final`: the text ends where `data` does. A character is one byte long here.
    """
    mark = None if quote is None or quote.encode() not in data else ord(quote)
    taken = len(data)
    if final and not data.endswith(b"\n"):
        # Polars overlooks a delimiter that is the very last character: a line end shows it.
        data += b"\n"
    returns = b"\r" in data
    if returns and b"\n" not in data:
        data = data[: data.rfind(b"\r", 0, len(data) - 1) + 1]  # an LF may follow the last
        taken = len(data)
        return _of_lone_returns(data, taken, mark)
    found = _rows(np.frombuffer(data, np.uint8), mark)
    if not len(found.ends):
        return None
    end = int(found.ends[-1]) + 1
    data, taken = data[:end], min(end, taken)
    if _misread(data):
        return None
    codes = np.frombuffer(data, np.uint8)
    if returns:
        ends = found.line_ends[: found.row_lines[-1] + 1]
        if np.count_nonzero(codes[ends - 1] == _CR) != count(codes, _CR):
            return _of_lone_returns(data, taken, mark)
    quotes = found.quotes[: np.searchsorted(found.quotes, end)]
    if len(quotes) and not _in_place(codes, quotes, ord(delimiter)):
        return None
    return _proof(data, taken, found._replace(quotes=quotes))


def _misread(data: bytes) -> bool:
    """Does it hold what Polars drops, or we show otherwise?"""
    return b"\0" in data or data.startswith(b"\xef\xbb\xbf")


def _proof(data: bytes, taken: int, found: _Rows) -> Proof:
    return Proof(
        data=data,
        taken=taken,
        rows=len(found.ends),
        lines=int(found.row_lines[-1]) + 1,
        ends=found.ends,
        row_lines=found.row_lines,
        longest_row=int(np.diff(found.ends, prepend=-1).max()),
        quotes=found.quotes,
    )


def _rows(codes: _Bytes, quote: int | None) -> _Rows:
    """Rows as the quotes have it, if these are in place."""
    if quote is None:
        ends = find(codes, _LF)
        return _Rows(ends, ends, np.arange(len(ends)), _NOWHERE)
    places = find(codes, _LF, quote)
    is_end = codes[places] == _LF
    lines = np.flatnonzero(is_end)
    # The quotes before a line end are the places before it that are no line ends.
    row_lines = np.flatnonzero((lines - np.arange(len(lines))) & 1 == 0)
    line_ends = places[lines]
    return _Rows(line_ends, line_ends[row_lines], row_lines, places[~is_end])


def find(codes: _Bytes, *wanted: int) -> Places:
    """Where any of the bytes stands."""
    found, other = np.empty(_WINDOW, np.bool_), np.empty(_WINDOW, np.bool_)
    places = [_NOWHERE]
    for start in range(0, len(codes), _WINDOW):
        window = codes[start : start + _WINDOW]
        hit = np.equal(window, wanted[0], out=found[: len(window)])
        for code in wanted[1:]:
            np.logical_or(hit, np.equal(window, code, out=other[: len(window)]), out=hit)
        places.append(np.flatnonzero(hit) + start)
    return np.concatenate(places)


def count(codes: _Bytes, wanted: int) -> int:
    """How many of the bytes are this one."""
    found = np.empty(_WINDOW, np.bool_)
    return sum(
        int(np.count_nonzero(np.equal(window, wanted, out=found[: len(window)])))
        for window in (codes[at : at + _WINDOW] for at in range(0, len(codes), _WINDOW))
    )


def _in_place(codes: _Bytes, quotes: Places, delimiter: int) -> bool:
    """Whether quotes, which open and close by turns, stand each at the edge of a cell.

    A doubled quote is one that closes and one that opens side by side, so a quote may stand
    before one that opens and behind one that closes: it is the neighbour in the same turn.
    """
    edge = np.zeros(256, np.bool_)
    edge[[delimiter, _LF, int(codes[quotes[0]])]] = True
    before = codes.take(quotes[::2] - 1, mode="wrap")  # the last line end is before the first
    if not edge.take(before).all():
        return False
    edge[_CR] = True  # there is none without an LF
    return bool(edge.take(codes.take(quotes[1::2] + 1)).all())


def _of_lone_returns(data: bytes, taken: int, quote: int | None) -> Proof | None:
    """The same for text in which CR alone ends a line; in quotes it may be meant as it is."""
    if quote is not None or not data or _misread(data):
        return None
    data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    data = data if data.endswith(b"\n") else data + b"\n"
    return _proof(data, taken, _rows(np.frombuffer(data, np.uint8), None))
