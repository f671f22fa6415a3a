"""The fast path: blocks of text proven regular, parsed whole by Polars.

Polars is quick but trusting: it pads short rows without a word and reads a lone CR or a
stray quote wrongly. So a block is handed over only when looking at its bytes shows that every
quote opens at the start of a cell or closes at its end, that every line end is one Polars
knows, and that delimiters and lines match the width. Anything else is left to the splitter.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from core.formats.text.splitting import LONG_CELL_LINES
from core.model.dialect import Dialect

_Places = npt.NDArray[np.intp]


class RegularBlock(NamedTuple):
    """A block parsed."""

    frame: pl.DataFrame  #: the cells (String columns)
    line_offsets: pl.Series  #: each row's line, counted from the first
    lines: int  #: line ends in the block


class _Proof(NamedTuple):
    data: bytes
    rows: int
    lines: int
    quote: str | None
    longest_line: int  # bytes
    quotes: _Places

    def delimiters(self, delimiter: str) -> int:
        """How many stand outside quotes."""
        found = np.frombuffer(self.data, np.uint8) == ord(delimiter)
        if not len(self.quotes):
            return int(np.count_nonzero(found))
        places = np.flatnonzero(found)
        return len(places) - _inside(places, self.quotes)


def suits(dialect: Dialect) -> bool:
    """Can Polars be told to read this dialect at all?"""
    single = len(dialect.delimiter) == 1 and dialect.delimiter.isascii()
    quote = dialect.quote is None or (len(dialect.quote) == 1 and dialect.quote.isascii())
    return single and quote and dialect.delimiter not in '\0\r\n "'


def parse_block(
    text: str, dialect: Dialect, names: Sequence[str], *, max_cell_bytes: int
) -> RegularBlock | None:
    """The rows of a block that starts and ends between rows; None when it is not regular."""
    proof = _prove(text, dialect)
    if proof is None:
        return None
    try:
        frame = pl.read_csv(
            proof.data,
            has_header=False,
            separator=dialect.delimiter,
            quote_char=proof.quote,
            schema=dict.fromkeys(names, pl.String),
            infer_schema=False,
            missing_columns="raise",
            extra_columns="raise",
            glob=False,
        )
    except (pl.exceptions.PolarsError, UnicodeDecodeError):
        return None
    if frame.height != proof.rows or _unfit(frame, proof, max_cell_bytes):
        return None
    # A row too short ends in cells Polars made up; a row too long it has refused.
    if frame.to_series(-1).has_nulls():
        wanted = proof.rows * (len(names) - 1)
        if proof.delimiters(dialect.delimiter) != wanted:
            return None
    if proof.rows == proof.lines:
        return RegularBlock(frame, pl.int_range(frame.height, eager=True), proof.lines)
    breaks = frame.select(pl.all().str.count_matches("\n", literal=True).fill_null(0))
    if (breaks.max_horizontal() >= LONG_CELL_LINES).any():
        return None
    extra = breaks.sum_horizontal().cast(pl.Int64) + 1
    return RegularBlock(frame, extra.cum_sum() - extra, proof.lines)


def apply_nulls(frame: pl.DataFrame, text: str, dialect: Dialect) -> pl.DataFrame | None:
    """The frame with the dialect's NULL words applied to unquoted cells.

    None when a NULL word also stands in quotes, where it is only a word: the parsed cells
    no longer tell which is which.
    """
    if dialect.null_values == ("",):
        return frame
    words = [word for word in dialect.null_values if word]
    quote = dialect.quote
    if quote is not None and any(f"{quote}{word}{quote}" in text for word in words):
        return None
    cells = pl.all() if "" in dialect.null_values else pl.all().fill_null("")
    if words:
        cells = pl.when(cells.is_in(words)).then(None).otherwise(cells).name.keep()
    return frame.select(cells)


def _unfit(frame: pl.DataFrame, proof: _Proof, max_cell_bytes: int) -> bool:
    if frame.height and (proof.longest_line > max_cell_bytes or proof.rows != proof.lines):
        sizes = frame.select(pl.max_horizontal(pl.all().str.len_bytes().max()))
        if (sizes.item() or 0) > max_cell_bytes:
            return True
    if frame.width > 1:
        return False
    only = frame.to_series()  # a blank line and a NULL look the same here
    return only.null_count() > 0 or bool((only.str.strip_chars(" \t") == "").any())


def _prove(text: str, dialect: Dialect) -> _Proof | None:
    if "\0" in text or text.startswith("\ufeff"):
        return None
    quote = dialect.quote if dialect.quote is not None and dialect.quote in text else None
    if "\r" in text and text.count("\r") != text.count("\r\n"):
        if quote is not None:
            return None
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if quote is not None and dialect.escape not in (None, quote):
        return None
    try:
        # Polars overlooks a delimiter that is the very last character: a line end shows it.
        data = (text if text.endswith("\n") else text + "\n").encode()
    except UnicodeEncodeError:  # undecodable bytes are in there, as marks
        return None
    codes = np.frombuffer(data, np.uint8)
    ends = np.flatnonzero(codes == ord("\n"))
    longest = int(np.diff(ends, prepend=-1).max())
    if quote is None:
        nowhere = np.empty(0, np.intp)
        return _Proof(data, len(ends), len(ends), None, longest, nowhere)
    quotes = np.flatnonzero(codes == ord(quote))
    if not _in_place(codes, quotes, ord(dialect.delimiter)):
        return None
    rows = len(ends) - _inside(ends, quotes)
    return _Proof(data, rows, len(ends), quote, longest, quotes)


def _in_place(codes: npt.NDArray[np.uint8], quotes: _Places, delimiter: int) -> bool:
    """Whether quotes open and close by turns, each at the edge of a cell.

    A doubled quote is one that closes and one that opens side by side.
    """
    if len(quotes) % 2:
        return False
    opening, closing = quotes[::2], quotes[1::2]
    doubled = np.flatnonzero(opening[1:] - closing[:-1] == 1)
    before = codes[np.delete(opening, doubled + 1) - 1]  # the last line end is before the first
    after_places = np.delete(closing, doubled) + 1
    after = codes[after_places]
    returned = after == ord("\r")
    after[returned] = codes[after_places[returned] + 1]
    edges = (delimiter, ord("\n"))
    return bool(np.isin(before, edges).all() and np.isin(after, edges).all())


def _inside(places: _Places, quotes: _Places) -> int:
    """How many of the places stand inside quotes."""
    before = np.searchsorted(places, quotes)
    return int((before[1::2] - before[::2]).sum())
