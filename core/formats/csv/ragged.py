"""Proven blocks in which some rows are not as wide as the others.

Where the quotes are in place it is sure where every row and every cell ends. So the rows of
another width can be taken out for the splitter, and the rest is a regular block.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from core.formats.base import ReadLimits
from core.formats.csv.proof import Places, Proof, find, prove
from core.formats.text.splitting import LONG_CELL_LINES, Record, Splitter
from core.model.dialect import Dialect

# Cells that odd rows of one block may make: a short line is padded to the width of the table.
_MOST_CELLS = 1 << 19


class OddRow(NamedTuple):
    """A row with too few or too many cells."""

    record: Record
    line_offset: int  #: the line it starts in, counted from the first of its block
    raw: str  #: as it stands in the file, line end included


class Parted(NamedTuple):
    """A block as two."""

    regular: Proof
    line_offsets: Places  #: the line each regular row starts in
    odd: list[OddRow]  #: at least one


def part(proof: Proof, dialect: Dialect, splitter: Splitter, limits: ReadLimits) -> Parted | None:
    """The rows that have as many cells as the splitter's width, and the others.

    None when all rows have as many, or none has, or when an odd row is one that must be looked
    at more closely.
    """
    if len(proof.quotes) and dialect.escape not in (None, dialect.quote):
        return None
    cells = _cells(proof, dialect.delimiter)
    odd = cells != splitter.width
    count = np.count_nonzero(odd)
    if not count or count * splitter.width > _MOST_CELLS or cells.max() > limits.max_columns:
        return None
    starts = np.concatenate(([0], proof.ends[:-1] + 1))
    sizes = proof.ends + 1 - starts
    lines = np.diff(proof.row_lines, prepend=-1)
    if sizes[odd].max() > limits.max_cell_bytes // 4 or lines[odd].max() > LONG_CELL_LINES:
        return None
    offsets = proof.row_lines + 1 - lines
    rest = _without(proof, starts[odd], sizes[odd])
    regular = prove(rest, dialect.delimiter, dialect.quote, final=True) if rest else None
    if regular is None or regular.rows != proof.rows - count:
        return None
    rows = _odd_rows(proof, starts[odd], offsets[odd], splitter)
    return None if rows is None else Parted(regular, offsets[~odd], rows)


def _cells(proof: Proof, delimiter: str) -> npt.NDArray[np.intp]:
    """How many each row has: one more than delimiters outside of quotes."""
    places = find(np.frombuffer(proof.data, np.uint8), ord(delimiter))
    if len(proof.quotes):
        places = places[np.searchsorted(proof.quotes, places) % 2 == 0]
    before = np.searchsorted(places, proof.ends)
    return np.diff(before, prepend=0) + 1


def _without(proof: Proof, starts: Places, sizes: Places) -> bytes:
    text = memoryview(proof.data)
    begins = (0, *(starts + sizes).tolist())
    stops = (*starts.tolist(), len(text))
    return b"".join(text[begin:stop] for begin, stop in zip(begins, stops, strict=True))


def _odd_rows(
    proof: Proof, starts: Places, offsets: Places, splitter: Splitter
) -> list[OddRow] | None:
    """None when one is not in UTF-8, or the splitter does not see the same row."""
    ends = proof.ends[np.searchsorted(proof.ends, starts)] + 1
    rows = []
    for start, end, offset in zip(starts.tolist(), ends.tolist(), offsets.tolist(), strict=True):
        try:
            raw = proof.data[start:end].decode()
        except UnicodeDecodeError:
            return None
        record = splitter.record(raw, 0, final=True)
        if record is None or record.end != len(raw):
            return None
        rows.append(OddRow(record, offset, raw))
    return rows
