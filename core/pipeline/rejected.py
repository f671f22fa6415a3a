"""Pages of violations and of rejected rows, read back from the evidence.

Only the blocks in which a page lies are read: memory and time are bounded however many violations
there are.
"""

from __future__ import annotations

import io
import os
from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING, BinaryIO

import polars as pl

from core.checks.report import VIOLATIONS
from core.formats.base import FLAW, LINE, META, ROW, ReadLimits
from core.formats.csv.reading import read_rows
from core.model.check import Severity, Violation
from core.model.preview import RejectedPage, RejectedRow
from core.pipeline.evidence import ADDED, REJECT_LINE, REJECT_ROW, as_written
from core.pipeline.evidence_index import (
    Block,
    Index,
    Wanted,
    blocks_of,
    error_rows,
    read_block,
    read_index,
)

if TYPE_CHECKING:
    from core.model.dialect import Dialect

_AT_A_TIME = 10_000
#: The cells have passed the limits of the file they came from.
_NO_LIMITS = ReadLimits(max_columns=1 << 20, max_cell_bytes=1 << 30)
_ANY = Wanted()


def page_violations(
    file: BinaryIO, *, offset: int, limit: int, wanted: Wanted = _ANY
) -> list[Violation]:
    """So many violations from `offset` on, counted among those wanted."""
    page: list[Violation] = []
    for counted, block, found in blocks_of(read_index(file, 0), file, wanted):
        if offset >= counted.violations:
            offset -= counted.violations
            continue
        known = read_block(file, block, wanted) if found is None else found
        page += _as_values(known.slice(offset, limit - len(page)))
        offset = 0
        if len(page) == limit:
            break
    return page


class RejectedRows:
    """The rejected rows of one check of a file: its two files of evidence, open for reading."""

    def __init__(self, violations: BinaryIO, rejects: BinaryIO, dialect: Dialect) -> None:
        """`dialect`: of the file the rows came from."""
        self._violations, self._rejects = violations, rejects
        self._dialect = as_written(dialect)
        self._size = rejects.seek(0, os.SEEK_END)
        self._index: Index = read_index(violations, self._size)

    def page(self, *, offset: int, limit: int, wanted: Wanted = _ANY) -> RejectedPage:
        """One page of rows with something wanted, each with all its violations."""
        rows: list[int] = []
        blocks: list[Block] = []
        total, skip = 0, offset
        for counted, block, found in blocks_of(self._index, self._violations, wanted):
            total += counted.rows
            if skip >= counted.rows or len(rows) == limit:
                skip = max(skip - counted.rows, 0)
                continue
            known = read_block(self._violations, block, wanted) if found is None else found
            rows += error_rows(known).slice(skip, limit - len(rows)).to_list()
            blocks.append(block)
            skip = 0
        cells = self._cells(rows, blocks)
        return RejectedPage(
            columns=self.columns(), rows=self._with_reasons(cells), total=total, offset=offset
        )

    def rows(self, numbers: Collection[int]) -> tuple[RejectedRow, ...]:
        """The rejected rows of these numbers, as many as there are."""
        blocks = [b for b in self._index.blocks if b.rejected and _near(b, numbers)]
        return self._with_reasons(self._cells(numbers, blocks))

    def frames(self) -> Iterator[pl.DataFrame]:
        """Every rejected row: `__row__`, `__line__`, `__flaw__` (null here), its own columns."""
        self._rejects.seek(0)
        for batch in self._read(self._rejects):
            yield _as_read(batch)

    def columns(self) -> tuple[str, ...]:
        """The file's own columns, in its order."""
        for frame in self.frames():
            return tuple(c for c in frame.columns if c not in META)
        return ()

    def _cells(self, numbers: Collection[int], blocks: list[Block]) -> pl.DataFrame | None:
        wanted = pl.Series(sorted(numbers), dtype=pl.Int64).implode()
        places = dict.fromkeys((block.rejects_start, block.rejects_end) for block in blocks)
        found = []
        for start, end in places:
            for batch in self._read(self._segment(start, end)):
                frame = _as_read(batch)
                found.append(frame.filter(pl.col(ROW).is_in(wanted)))
        return pl.concat(found).sort(ROW) if found else None

    def _segment(self, start: int, end: int) -> BinaryIO:
        self._rejects.seek(0)
        if (start, end) == (0, self._size):
            return self._rejects
        header = self._rejects.read(self._index.header)
        self._rejects.seek(start)
        return io.BytesIO(header + self._rejects.read(end - start))

    def _read(self, file: BinaryIO) -> Iterator[pl.DataFrame]:
        # Our own file, read as any other: NULL is told from the empty text, no cell is too long.
        for batch in read_rows(file, self._dialect, rows=_AT_A_TIME, limits=_NO_LIMITS):
            yield batch.frame

    def _with_reasons(self, cells: pl.DataFrame | None) -> tuple[RejectedRow, ...]:
        if cells is None:
            return ()
        numbers = cells[ROW].to_list()
        reasons: dict[int, list[Violation]] = {number: [] for number in numbers}
        for block in self._index.blocks:
            if not _near(block, numbers):
                continue
            found = read_block(self._violations, block, _ANY)
            for violation in _as_values(found.filter(pl.col("row").is_in(numbers))):
                reasons[violation.row or 0].append(violation)
        own = [c for c in cells.columns if c not in META]
        return tuple(
            RejectedRow(
                row=record[ROW],
                line=record[LINE],
                cells={name: record[name] for name in own},
                violations=tuple(reasons[record[ROW]]),
            )
            for record in cells.iter_rows(named=True)
        )


def _near(block: Block, numbers: Collection[int]) -> bool:
    low, high = block.first_row, block.last_row
    return low is not None and high is not None and any(low <= n <= high for n in numbers)


def _as_read(frame: pl.DataFrame) -> pl.DataFrame:
    """Rows of a rejects file as they were read from the file they came from."""
    own = [c for c in frame.columns if c not in {*META, *ADDED}]
    return frame.select(
        pl.col(REJECT_ROW).cast(pl.Int64).alias(ROW),
        pl.col(REJECT_LINE).cast(pl.Int64).alias(LINE),
        pl.lit(None, dtype=pl.String).alias(FLAW),
        *own,
    )


def _as_values(violations: pl.DataFrame) -> list[Violation]:
    return [
        Violation(**v | {"severity": Severity(v["severity"])})
        for v in violations.select(list(VIOLATIONS)).iter_rows(named=True)
    ]
