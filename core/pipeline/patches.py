"""A patch: rows of a file by number, and the cells of them that a person mended."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, BinaryIO

import polars as pl

from core.errors import StorageDamaged
from core.pipeline.spool import read_batches, write_batch

if TYPE_CHECKING:
    from core.model.edit import SetCell

#: Rows of one patch: it is held in memory while its file is read.
MOST_ROWS = 100_000

CHANGES = pl.Schema({"row": pl.Int64, "column": pl.String, "value": pl.String})


@dataclass(frozen=True, kw_only=True, slots=True)
class Patch:
    """What a mended file says."""

    rows: pl.Series = field(default_factory=lambda: pl.Series("row", [], dtype=pl.Int64))
    #: CHANGES: a cell in each row, at most one for each row and column.
    changes: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=CHANGES))

    def by_column(self) -> dict[str, pl.DataFrame]:
        """`row` and `value` of the changed cells of each column."""
        parts = self.changes.partition_by("column", as_dict=True, include_key=False)
        return {str(column): cells for (column,), cells in parts.items()}


#: Patches by the id of their file.
Patches = Mapping[str, Patch]
NO_PATCHES: Patches = {}


def write_patch(file: BinaryIO, patch: Patch) -> None:
    write_batch(file, patch.rows.to_frame("row"))
    write_batch(file, patch.changes)


def read_patch(file: BinaryIO) -> Patch:
    """Raises StorageDamaged when the file holds no patch."""
    parts = list(read_batches(file))
    if len(parts) != 2:
        raise StorageDamaged("A file of mended rows is cut short.")
    rows, changes = parts
    return Patch(rows=rows["row"], changes=changes)


def patch_of(cells: list[SetCell]) -> Patch:
    """Single cells as a patch; of two for one cell the later counts."""
    last = {(cell.row, cell.column): cell.value for cell in cells}
    changes = pl.DataFrame(
        [(row, column, value) for (row, column), value in last.items()],
        schema=CHANGES,
        orient="row",
    )
    return Patch(rows=changes["row"].unique().sort(), changes=changes)
