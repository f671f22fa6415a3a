"""What stands at the end of a file and is no data: totals and notes."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator, Sequence

import polars as pl

from core.formats.base import FLAW, LINE
from core.formats.batching import Piece

#: Detection looks at the end of files that are no larger; in others the reader reports what it
#: finds there.
END_SEEN = 1 << 22  # bytes
_TOTAL = re.compile(
    r"(?:(?:grand|sub|overall)[ -]?)?totals?(?: [\w()]+){0,2} ?:?|sum ?:?|(?:gesamt)?summe ?:?|"
    r"(?:ins)?gesamt ?:?|total (?:general|général|geral) ?:?|totaal ?:?|totale ?:?|suma ?:?|"
    r"итого ?:?|合计|合計|总计",
    re.IGNORECASE,
)
_REPEATED = "repeats the names of the columns"
_TOTAL_FLAW = "looks like a total of the rows above, in the last row of the file"


def names_a_total(cells: Sequence[str | None]) -> bool:
    """Whether the first filled cell is a word for a total and another holds a figure."""
    filled = [cell.strip() for cell in cells if cell and cell.strip()]
    if len(filled) < 2 or not _TOTAL.fullmatch(filled[0]):
        return False
    return any(any(c.isdigit() for c in cell) for cell in filled[1:])


def without_footer(pieces: Iterator[Piece], rows: int) -> Iterator[Piece]:
    """The pieces without their last rows, which count as ignored lines instead."""
    held: deque[Piece] = deque()
    count = 0
    for piece in pieces:
        held.append(piece)
        count += piece.frame.height
        while held and count - held[0].frame.height >= rows:
            count -= held[0].frame.height
            yield held.popleft()
    kept = max(count - rows, 0)
    for piece in held:
        frame = piece.frame.head(kept)
        kept -= frame.height
        left_out = piece.frame.height - frame.height
        yield piece._replace(frame=frame, ignored=piece.ignored + left_out)


def with_headers_flagged(pieces: Iterator[Piece], header: Sequence[str]) -> Iterator[Piece]:
    """The pieces; rows that repeat the header, as in files joined end to end, have a flaw."""
    for piece in pieces:
        yield piece._replace(frame=_repeats_flagged(piece.frame, header))


def _repeats_flagged(frame: pl.DataFrame, header: Sequence[str]) -> pl.DataFrame:
    places = [place for place, cell in enumerate(header[: frame.width - 2]) if cell]
    if len(places) < 2:
        return frame
    first = places[0] + 2
    if not (frame.to_series(first) == header[places[0]]).any():
        return frame
    repeated = pl.all_horizontal(
        *((frame.to_series(place + 2) == header[place]).fill_null(False) for place in places)
    )
    flaw = pl.when(repeated).then(pl.lit(_REPEATED)).otherwise(frame[FLAW]).alias(FLAW)
    return frame.with_columns(flaw)


def with_total_flagged(pieces: Iterator[Piece]) -> Iterator[Piece]:
    """The pieces; a total in the last row of a file too large for detection is a flaw."""
    last: Piece | None = None
    for piece in pieces:
        if last is not None and piece.frame.height:
            yield last
            last = piece
        elif last is not None:
            last = _joined(last, piece)
        else:
            last = piece
    if last is None:
        return
    if last.bytes_read > END_SEEN and last.frame.height:
        last = last._replace(frame=_flagged(last.frame))
    yield last


def _joined(last: Piece, empty: Piece) -> Piece:
    return Piece(last.frame, last.ignored + empty.ignored, empty.bytes_read)


def _flagged(frame: pl.DataFrame) -> pl.DataFrame:
    row = frame.tail(1)
    cells = row.drop(LINE, FLAW).row(0)
    blank = sum(not cell or not cell.strip() for cell in cells)
    if row[FLAW][0] is not None or not names_a_total(cells) or not blank:
        return frame
    flaws = pl.concat([frame[FLAW].head(-1), pl.Series(FLAW, [_TOTAL_FLAW], dtype=pl.String)])
    return frame.with_columns(flaws)
