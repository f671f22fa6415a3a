"""A check that is kept and read back knows and found what it did."""

from __future__ import annotations

import io

import polars as pl
import pytest

from core.errors import StorageDamaged
from core.model.dialect import Dialect
from core.model.profile import CellKind, ColumnProfile, Profile, TopValue
from core.pipeline.evidence import VIOLATION_SCHEMA, Evidence
from core.pipeline.importing import CheckedFile
from core.pipeline.kept_check import read_check, write_check
from core.pipeline.spool import read_batches, write_batch

CHECKED = CheckedFile(
    rows_read=4,
    rejected=2,
    ignored=1,
    superseded=pl.Series("row", [3], dtype=pl.Int64),
    conflict_key=("id",),
    profile=Profile(
        rows=4,
        sample_rows=4,
        columns=(
            ColumnProfile(
                name="Qty", rows=4, nulls=0, blanks=0, padded=1, leading_zeros=0, distinct=3,
                distinct_exact=True, top=(TopValue(value="1", count=2),), kind=CellKind.INTEGER,
            ),
        ),
    ),
    seconds=0.5,
)  # fmt: skip
ACCEPTED = pl.DataFrame({"__row__": [1, 3], "id": [10, 10]})


def evidence() -> Evidence:
    return Evidence(io.BytesIO(), io.BytesIO(), Dialect(), "job")


def found(*rows: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """A batch as read, and the violations of two of its rows."""
    source = pl.DataFrame(
        {"__row__": [1, 2, 3, 4], "__line__": [2, 3, 4, 5], "__flaw__": [None] * 4,
         "Qty": ["1", "x", "1", "ü"]},
        schema_overrides={"__flaw__": pl.String},
    )  # fmt: skip
    violations = [
        {"row": n, "line": n + 1, "column": "Qty", "field": "qty", "check": "type",
         "message": "no number", "value": "x", "severity": "error"}
        for n in rows
    ]  # fmt: skip
    return source, pl.DataFrame(violations, schema=VIOLATION_SCHEMA)


def written(kept: Evidence) -> tuple[bytes, bytes]:
    kept.finish()
    files = (kept.violations_file, kept.rejects_file)
    assert all(isinstance(file, io.BytesIO) for file in files)
    first, second = (file.seek(0) or file.read() for file in files)
    return first, second


def test_another_worker_finds_what_the_first_did() -> None:
    file, notes = io.BytesIO(), io.BytesIO()
    first, second = evidence(), evidence()
    first.notes = notes
    write_batch(file, ACCEPTED)
    first.add(*found(2))
    first.add(*found())
    first.add(*found(4))
    first.report.count(rows=4, ignored=1)
    notes.seek(0)
    write_check(file, CHECKED, notes)

    checked = read_check(file, second)
    assert repr(checked) == repr(CHECKED)
    assert checked.superseded.to_list() == [3]
    assert (second.rejected_rows, second.report.report()) == (2, first.report.report())
    assert written(second) == written(first)
    file.seek(0)
    assert [batch.rows() for batch in read_batches(file)] == [ACCEPTED.rows()]


def test_one_that_is_cut_short_is_refused() -> None:
    file = io.BytesIO()
    write_check(file, CHECKED, io.BytesIO())
    whole = file.getvalue()
    cut = io.BytesIO(whole[:20] + whole[-8:])
    with pytest.raises(StorageDamaged):
        read_check(cut, evidence())
