"""References to a file of a set that came later, held against it once every file is read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, BinaryIO

import polars as pl

from core.databases.loaders import RowFailure
from core.databases.lookup import missing_references
from core.formats.base import LINE, ROW
from core.pipeline.spool import read_batches

if TYPE_CHECKING:
    from core.model.table import ForeignKey
    from core.pipeline.judging import Terms


def orphans(
    spool: BinaryIO, terms: Terms, awaited: Sequence[ForeignKey], superseded: pl.Series
) -> tuple[RowFailure, ...]:
    """The accepted rows of one file whose parent is neither in the table nor in the set.

    `superseded`: numbers of rows that a later one replaces, which are not loaded.
    Raises TargetDatabaseError, StorageDamaged.
    """
    found: list[RowFailure] = []
    for batch in read_batches(spool):
        frame = batch.filter(~pl.col(ROW).is_in(superseded.implode()))
        for reference in awaited:
            missing = missing_references(terms.engine, terms.table, reference, frame)
            if terms.set_keys is not None:
                missing &= ~terms.set_keys.accepted(reference, terms.table, frame)
            found += _failures(frame.filter(missing), reference)
    return tuple(found)


def _failures(rows: pl.DataFrame, reference: ForeignKey) -> list[RowFailure]:
    key = f"{reference.target_label} ({', '.join(reference.target_columns)})"
    return [
        RowFailure(
            row=row[ROW],
            line=row[LINE],
            check="reference",
            field=reference.columns[0],
            message=f"'{', '.join(str(row[name]) for name in reference.columns)}' is not in {key}",
        )
        for row in rows.iter_rows(named=True)
    ]
