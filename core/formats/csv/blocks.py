"""The fast path: blocks of text proven regular, parsed whole by Polars.

Polars is quick but trusting: it pads short rows without a word and reads a lone CR or a
stray quote wrongly. So a block is handed over only when looking at its bytes shows that it is
regular, and taken back only when delimiters and lines match the width. Anything else is left to
the splitter. That cells are UTF-8 is for Polars to see, which does so cell by cell.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import polars as pl

from core.formats.csv.proof import Proof, count
from core.formats.text.splitting import LONG_CELL_LINES
from core.model.dialect import Dialect


class RegularBlock(NamedTuple):
    """A block parsed."""

    frame: pl.DataFrame  #: the cells (String columns)
    line_offsets: pl.Series  #: Int64: the line each row starts in, counted from the first


def suits(dialect: Dialect) -> bool:
    """Can Polars be told to read this dialect at all?"""
    single = len(dialect.delimiter) == 1 and dialect.delimiter.isascii()
    quote = dialect.quote is None or (len(dialect.quote) == 1 and dialect.quote.isascii())
    return single and quote and dialect.delimiter not in '\0\r\n "'


def parse_block(
    proof: Proof, dialect: Dialect, names: Sequence[str], *, max_cell_bytes: int
) -> RegularBlock | None:
    """The rows of a block; None when they are not as wide as they should be, or too odd."""
    if len(proof.quotes) and dialect.escape not in (None, dialect.quote):
        return None
    cells = _parsed(proof, dialect, names, max_cell_bytes)
    cells = _with_nulls(cells, proof.data, dialect) if cells is not None else None
    return None if cells is None else RegularBlock(cells, _line_offsets(proof))


def _parsed(
    proof: Proof, dialect: Dialect, names: Sequence[str], max_cell_bytes: int
) -> pl.DataFrame | None:
    try:
        frame = pl.read_csv(
            proof.data,
            has_header=False,
            separator=dialect.delimiter,
            quote_char=dialect.quote if len(proof.quotes) else None,
            schema=dict.fromkeys(names, pl.String),
            infer_schema=False,
            missing_columns="raise",
            extra_columns="raise",
            glob=False,
        )
    except pl.exceptions.PolarsError:
        return None
    if frame.height != proof.rows or _unfit(frame, proof, max_cell_bytes):
        return None
    return frame if _as_wide(frame, proof, dialect.delimiter) else None


def _as_wide(frame: pl.DataFrame, proof: Proof, delimiter: str) -> bool:
    """Whether no row is too short: Polars makes NULLs of the cells at its end; longer ones it
    has refused.

    Without quotes there are as many delimiters as the width asks for. Else, before each of so
    many cells at the end of a row, all of them empty, must stand one.
    """
    if not frame.to_series(-1).has_nulls():
        return True
    codes = np.frombuffer(proof.data, np.uint8)
    if not len(proof.quotes):
        return count(codes, ord(delimiter)) == proof.rows * (frame.width - 1)
    stops = proof.row_stops()
    rows = np.arange(proof.rows)
    for back in range(1, frame.width):
        rows = rows[frame.to_series(-back).is_null().to_numpy()[rows]]
        # The last line end stands before the first row.
        if (codes[stops[rows] - back] != ord(delimiter)).any():
            return False
        if not len(rows):
            break
    return True


def _line_offsets(proof: Proof) -> pl.Series:
    if proof.rows == proof.lines:
        return pl.int_range(proof.rows, dtype=pl.Int64, eager=True)
    starts = np.zeros(proof.rows, np.int64)
    np.add(proof.row_lines[:-1], 1, out=starts[1:])
    return pl.Series(starts)


def _with_nulls(frame: pl.DataFrame, text: bytes, dialect: Dialect) -> pl.DataFrame | None:
    """The frame with the dialect's NULL words applied to unquoted cells.

    None when a NULL word also stands in quotes, where it is only a word: the parsed cells
    no longer tell which is which.
    """
    if dialect.null_values == ("",):
        return frame
    words = [word for word in dialect.null_values if word]
    quote = dialect.quote
    if quote is not None and any(f"{quote}{word}{quote}".encode() in text for word in words):
        return None
    cells = pl.all() if "" in dialect.null_values else pl.all().fill_null("")
    if words:
        cells = pl.when(cells.is_in(words)).then(None).otherwise(cells).name.keep()
    return frame.select(cells)


def _unfit(frame: pl.DataFrame, proof: Proof, max_cell_bytes: int) -> bool:
    """Is there a cell the splitter would refuse, or look at more closely?"""
    if proof.longest_row > max_cell_bytes:
        sizes = frame.select(pl.max_horizontal(pl.all().str.len_bytes().max()))
        if (sizes.item() or 0) > max_cell_bytes:
            return True
    if np.diff(proof.row_lines, prepend=-1).max() > LONG_CELL_LINES:
        breaks = frame.select(pl.all().str.count_matches("\n", literal=True).fill_null(0))
        if (breaks.max_horizontal() >= LONG_CELL_LINES).any():
            return True
    if frame.width > 1:
        return False
    only = frame.to_series()  # a blank line and a NULL look the same here
    return only.null_count() > 0 or bool((only.str.strip_chars(" \t") == "").any())
