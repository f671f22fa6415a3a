"""Mended rows as a person hands them in, held against what was rejected."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from core.errors import InvalidRequest
from core.formats.base import FLAW, LINE, META, ROW
from core.pipeline.evidence import ADDED, REJECT_JOB, REJECT_ROW
from core.pipeline.patches import CHANGES, Patch

if TYPE_CHECKING:
    from core.pipeline.rejected import RejectedRows

_NAMED = 10  #: rows named in a refusal


@dataclass(frozen=True, kw_only=True, slots=True)
class MendedRows:
    """Rows by their number in the file they came from."""

    frame: pl.DataFrame  #: `__row__` and a String column for each column handed in
    columns: tuple[str, ...]


def mended_rows(batches: Iterable[pl.DataFrame], job_id: str) -> MendedRows:
    """Read rows of a mended file. Raises InvalidRequest, naming row or column.

    `batches` are as a reader gives them. The columns may stand in any order; any of the file's
    own may be missing.
    """
    frame = pl.concat(batches)
    if REJECT_ROW not in frame.columns:
        raise InvalidRequest(
            f"The file has no column {REJECT_ROW!r}, which says which row each one is: mend the "
            "rejects file of the import, and leave that column as it is."
        )
    _require_job(frame, job_id)
    numbers = frame[REJECT_ROW].str.strip_chars().str.extract(r"^([0-9]{1,18})(?:\.0+)?$", 1)
    frame = frame.with_columns(numbers.cast(pl.Int64).alias(REJECT_ROW))
    _refuse(frame.filter(pl.col(REJECT_ROW).is_null())[ROW], "have no row number of the import")
    if REJECT_JOB not in frame.columns:
        # Only the last of our columns shows that no cell slipped under another column.
        _refuse(frame.filter(pl.col(FLAW).is_not_null())[ROW], "are irregular")
    twice = frame.filter(pl.col(REJECT_ROW).is_duplicated())[REJECT_ROW]
    if len(twice):
        raise InvalidRequest(f"The file has {_list(twice)} more than once.")
    columns = tuple(c for c in frame.columns if c not in {*META, *ADDED})
    return MendedRows(
        frame=frame.select(pl.col(REJECT_ROW).alias(ROW), *columns).sort(ROW), columns=columns
    )


def _require_job(frame: pl.DataFrame, job_id: str) -> None:
    if REJECT_JOB not in frame.columns:
        return
    other = frame.filter(pl.col(REJECT_JOB).fill_null("").str.strip_chars() != job_id)
    if not other.height:
        return
    named = other[REJECT_JOB][0]
    line = other[LINE][0]
    raise InvalidRequest(
        f"Line {line:,} names {named or 'no import'} in {REJECT_JOB!r}, not {job_id}: these are "
        "rows of another import, or a cell slipped under another column."
    )


def compare(mended: MendedRows, rejected: RejectedRows) -> Patch:
    """What was changed, cell by cell; a cell that was empty and is empty was not.

    Raises InvalidRequest for columns that are not the file's own and rows that were not rejected.
    """
    own = rejected.columns()
    if strange := [c for c in mended.columns if c not in own]:
        raise InvalidRequest(
            f"The import's file has no column {strange[0]!r}; its columns are {', '.join(own)}."
        )
    wanted = mended.frame[ROW]
    known: list[pl.Series] = []
    changes: list[pl.DataFrame] = [pl.DataFrame(schema=CHANGES)]
    for frame in rejected.frames():
        old = frame.filter(pl.col(ROW).is_in(wanted.implode())).sort(ROW)
        new = mended.frame.filter(pl.col(ROW).is_in(old[ROW].implode()))
        known.append(old[ROW])
        for name in mended.columns:
            differs = old[name].fill_null("") != new[name].fill_null("")
            if differs.any():
                cells = new.filter(differs).select(
                    pl.col(ROW).alias("row"),
                    pl.lit(name).alias("column"),
                    pl.col(name).alias("value"),
                )
                changes.append(cells)
    rows = pl.concat(known) if known else pl.Series(dtype=pl.Int64)
    unknown = wanted.filter(~wanted.is_in(rows.implode()))
    if len(unknown):
        raise InvalidRequest(f"The import did not reject {_list(unknown)}.")
    return Patch(rows=wanted.alias("row"), changes=pl.concat(changes))


def _refuse(rows: pl.Series, why: str) -> None:
    if len(rows):
        raise InvalidRequest(f"Of the mended file, {_list(rows)} {why}.")


def _list(rows: pl.Series) -> str:
    numbers = rows.unique().sort().to_list()
    named = ", ".join(f"{n:,}" for n in numbers[:_NAMED])
    more = f" and {len(numbers) - _NAMED:,} more" if len(numbers) > _NAMED else ""
    return f"{'row' if len(numbers) == 1 else 'rows'} {named}{more}"
