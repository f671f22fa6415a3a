"""The fast path: blocks of text proven regular, parsed whole by Polars.

Polars is quick but trusting: it pads short rows without a word and reads a lone CR or a
stray quote wrongly. So a block is handed over only when counting shows that every quote
opens at the start of a cell or closes at its end, that every line end is one Polars knows,
and that delimiters and lines match the width. Anything else is left to the splitter.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

import polars as pl

from core.formats.text.splitting import LONG_CELL_LINES
from core.model.dialect import Dialect

_PAIR = b"\0"  # stands for a doubled quote while quotes are looked at; no block holds a NUL


class RegularBlock(NamedTuple):
    """A block parsed: the cells (String columns), and each row's line counted from the first."""

    frame: pl.DataFrame
    line_offsets: pl.Series


class _Proof(NamedTuple):
    data: bytes
    rows: int
    quote: str | None
    lines_in_cells: bool


def suits(dialect: Dialect) -> bool:
    """Can Polars be told to read this dialect at all?"""
    single = len(dialect.delimiter) == 1 and dialect.delimiter.isascii()
    quote = dialect.quote is None or (len(dialect.quote) == 1 and dialect.quote.isascii())
    return single and quote and dialect.delimiter not in '\0\r\n "'


def parse_block(
    text: str, dialect: Dialect, names: Sequence[str], *, max_cell_bytes: int
) -> RegularBlock | None:
    """The rows of a block that starts and ends between rows; None when it is not regular."""
    proof = _prove(text, dialect, len(names))
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
    if frame.height != proof.rows or _unfit(frame, max_cell_bytes):
        return None
    if not proof.lines_in_cells:
        return RegularBlock(frame, pl.int_range(frame.height, eager=True))
    breaks = frame.select(pl.all().str.count_matches("\n", literal=True).fill_null(0))
    if any((breaks[name].max() or 0) >= LONG_CELL_LINES for name in names):  # type: ignore[operator]
        return None
    extra = breaks.sum_horizontal().cast(pl.Int64) + 1
    return RegularBlock(frame, extra.cum_sum() - extra)


def apply_nulls(frame: pl.DataFrame, text: str, dialect: Dialect) -> pl.DataFrame | None:
    """The frame with the dialect's NULL words applied to unquoted cells.

    None when a NULL word also stands in quotes, where it is only a word: the parsed cells
    no longer tell which is which.
    """
    words = [word for word in dialect.null_values if word]
    quote = dialect.quote
    if quote is not None and any(f"{quote}{word}{quote}" in text for word in words):
        return None
    cells = pl.all() if "" in dialect.null_values else pl.all().fill_null("")
    if words:
        cells = pl.when(cells.is_in(words)).then(None).otherwise(cells).name.keep()
    return frame.select(cells)


def _unfit(frame: pl.DataFrame, max_cell_bytes: int) -> bool:
    sizes = frame.select(pl.max_horizontal(pl.all().str.len_bytes().max()))
    if frame.height and (sizes.item() or 0) > max_cell_bytes:
        return True
    if frame.width > 1:
        return False
    only = frame.to_series()  # a blank line and a NULL look the same here
    return only.null_count() > 0 or bool((only.str.strip_chars() == "").any())


def _prove(text: str, dialect: Dialect, width: int) -> _Proof | None:
    if "\0" in text or text.startswith("\ufeff"):
        return None
    quote = dialect.quote if dialect.quote is not None and dialect.quote in text else None
    if quote is None:
        if "\r" in text:
            text = text.replace("\r\n", "\n").replace("\r", "\n")
    elif dialect.escape not in (None, quote) or text.count("\r") != text.count("\r\n"):
        return None
    try:
        # Polars overlooks a delimiter that is the very last character: a line end shows it.
        data = (text if text.endswith("\n") else text + "\n").encode()
    except UnicodeEncodeError:  # undecodable bytes are in there, as marks
        return None
    outside = data if quote is None else _outside_quotes(data, quote.encode(), dialect.delimiter)
    if outside is None:
        return None
    rows = outside.count(b"\n")
    if outside.count(dialect.delimiter.encode()) != rows * (width - 1):
        return None
    return _Proof(data, rows, quote, rows != data.count(b"\n"))


def _outside_quotes(data: bytes, quote: bytes, delimiter: str) -> bytes | None:
    """All that stands outside quoted cells; None when a quote is out of place."""
    pieces = data.replace(quote * 2, _PAIR).split(quote)
    if len(pieces) % 2 == 0:
        return None
    separator = delimiter.encode()
    starts, ends = (separator, b"\n", b"\r\n"), (separator, b"\n")
    first, last = pieces[0], pieces[-1]
    if len(pieces) > 1:
        opens_well = first.rstrip(_PAIR).endswith(ends) or not first.rstrip(_PAIR)
        closes_well = last.startswith(starts) or not last
        if not opens_well or not closes_well:
            return None
    if any(
        not (piece.startswith(starts) and piece.rstrip(_PAIR).endswith(ends))
        for piece in set(pieces[2:-1:2])
    ):
        return None
    outside = b"".join(pieces[0::2])
    misplaced = _misplaced_pair(delimiter)
    if _PAIR in outside and any(misplaced.search(piece) for piece in pieces[0::2]):
        return None
    return outside


@cache
def _misplaced_pair(delimiter: str) -> re.Pattern[bytes]:
    """Doubled quotes outside that are no whole cell: text right before or right after them.

    At the end of a piece they lead into a quoted cell whose text starts with a quote.
    """
    d = re.escape(delimiter).encode()
    return re.compile(rb"[^\0\n" + d + rb"]\0|\0[^\0\r\n" + d + rb"]")
