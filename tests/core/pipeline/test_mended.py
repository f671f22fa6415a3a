"""Mended rows as a person hands them in, and the patch that comes of them."""

from __future__ import annotations

import io

import polars as pl
import pytest

from core.errors import InvalidRequest, StorageDamaged
from core.formats.base import FLAW, LINE, ROW
from core.model.dialect import Dialect
from core.pipeline.evidence import VIOLATION_SCHEMA, Evidence
from core.pipeline.mended import compare, mended_rows
from core.pipeline.patches import Patch, read_patch, write_patch
from core.pipeline.rejected import RejectedRows

META = {ROW: pl.Int64, LINE: pl.Int64, FLAW: pl.String}
NAMES = ("name", "age", "tableport_row", "tableport_job")
HANDED_IN = ("Ann", "7", "3", "job-1"), ("Bob", None, "5", "job-1")


def batch(
    *rows: tuple[str | None, ...], names: tuple[str, ...] = NAMES, flaw: str | None = None
) -> pl.DataFrame:
    found = [(at, at + 1, flaw, *row) for at, row in enumerate(rows, 1)]
    return pl.DataFrame(found, schema=META | dict.fromkeys(names, pl.String), orient="row")


@pytest.fixture
def rejected() -> RejectedRows:
    """Rows 3, 5 and 8 of a file: Ann without an age, Bob with an empty one, Cid."""
    found, rejects = io.BytesIO(), io.BytesIO()
    evidence = Evidence(found, rejects, Dialect(), "job-1")
    rows = [(3, 4, None, "Ann", None), (5, 6, None, "Bob", ""), (8, 9, None, "Cid", "x")]
    source = pl.DataFrame(rows, schema=META | {"name": pl.String, "age": pl.String}, orient="row")
    reasons = [(n, n + 1, "age", "age", "type", "bad", None, "error") for n in (3, 5, 8)]
    evidence.add(source, pl.DataFrame(reasons, schema=VIOLATION_SCHEMA, orient="row"))
    evidence.finish()
    return RejectedRows(found, rejects, Dialect())


def patched(rejected: RejectedRows, *batches: pl.DataFrame) -> Patch:
    return compare(mended_rows(batches, "job-1"), rejected)


def test_only_cells_that_differ_are_patched(rejected: RejectedRows) -> None:
    patch = patched(rejected, batch(*HANDED_IN))
    assert patch.rows.to_list() == [3, 5]
    # Bob's age was empty and is empty: saved again by a spreadsheet, no more.
    assert patch.changes.rows() == [(3, "age", "7")]


def test_batches_columns_and_rows_come_in_any_order(rejected: RejectedRows) -> None:
    names = ("tableport_row", "age", "tableport_reason")
    first = batch((" 8 ", "1", "bad"), names=names)
    second = batch(("3.0", "2", "bad"), names=names)
    patch = patched(rejected, first, second)
    assert patch.rows.to_list() == [3, 8]
    assert sorted(patch.changes.rows()) == [(3, "age", "2"), (8, "age", "1")]


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        (batch(("Ann", "7", "77", "job-1")), "did not reject row 77"),
        (batch(("Ann", "7", "two", "job-1")), "row 1 have no row number|row 1 has no row number"),
        (batch(("Ann", "7", None, "job-1")), "no row number"),
        (batch(HANDED_IN[0], HANDED_IN[0]), "row 3 more than once"),
        (batch(("Ann", "7", "3", "other")), "Line 2 names other"),
        (batch(("Ann", "7", "3", None)), "names no import"),
        (batch(("x", "3"), names=("more", "tableport_row")), "no column 'more'"),
        (batch(("x",), names=("name",)), "no column 'tableport_row'"),
        (batch(("x", "3"), names=("name", "tableport_row"), flaw="3 cells"), "irregular"),
        (
            batch(*[("x", str(n), "job-1") for n in range(20, 40)],
                  names=("name", "tableport_row", "tableport_job")),
            "rows 20, 21, .*29 and 10 more",
        ),
    ],
)  # fmt: skip
def test_what_does_not_patch_is_named(
    rejected: RejectedRows, rows: pl.DataFrame, words: str
) -> None:
    with pytest.raises(InvalidRequest, match=words):
        patched(rejected, rows)


def test_patches_are_kept(rejected: RejectedRows) -> None:
    file = io.BytesIO()
    patch = patched(rejected, batch(*HANDED_IN))
    write_patch(file, patch)
    again = read_patch(io.BytesIO(file.getvalue()))
    assert again.rows.to_list() == patch.rows.to_list()
    assert again.changes.equals(patch.changes)
    first_part = io.BytesIO()
    write_patch(first_part, Patch())
    cut = first_part.getvalue()[: len(first_part.getvalue()) // 2]
    with pytest.raises(StorageDamaged):
        read_patch(io.BytesIO(cut))
