"""Each kind of edit on rows as a reader gives them."""

from __future__ import annotations

import polars as pl
import pytest

from core.errors import InvalidRequest
from core.formats.base import FLAW, LINE, ROW
from core.model.edit import (
    Edit,
    FindReplace,
    Ignore,
    PatchRows,
    ReplaceValues,
    SetCell,
    StepsOn,
)
from core.model.mapping import Step
from core.pipeline.editing import apply_edits
from core.pipeline.patches import CHANGES, Patch

DMY = Step(transform="date", options={"order": "dmy"})
MDY = Step(transform="date", options={"order": "mdy"})


def batch(cells: list[str | None], start: int = 1) -> pl.DataFrame:
    rows = list(range(start, start + len(cells)))
    return pl.DataFrame(
        {ROW: rows, LINE: rows, FLAW: [None] * len(cells), "a": cells, "b": ["other"] * len(cells)},
        schema={ROW: pl.Int64, LINE: pl.Int64, FLAW: pl.String, "a": pl.String, "b": pl.String},
    )


@pytest.mark.parametrize(
    ("edits", "before", "after"),
    [
        ([ReplaceValues(column="a", values={"x": "y", "z": None})],
         ["x", "xx", "z", None, ""], ["y", "xx", None, None, ""]),
        ([ReplaceValues(column="a", values={"": "none"})],
         ["x", None, "", " "], ["x", "none", "none", " "]),
        ([ReplaceValues(column="a", values={"x": "y"}),
          ReplaceValues(column="a", values={"y": "z"})], ["x", "y"], ["z", "z"]),
        ([FindReplace(column="a", find="a.", replace="$1")], ["xa.a.", "ab", None],
         ["x$1$1", "ab", None]),
        ([FindReplace(column="a", find="A.", replace="$1", match_case=False)], ["xa.", "ab"],
         ["x$1", "ab"]),
        ([FindReplace(column="a", find="a", replace="b", whole_cell=True)], ["a", "aa"],
         ["b", "aa"]),
        ([FindReplace(column="a", find="", replace="b", whole_cell=True)], ["a", "", None],
         ["a", "b", "b"]),
        ([FindReplace(column="a", find=r"(\d+)-(\d+)", replace="$2/$1", pattern=True)],
         ["1-2 3-4", "x"], ["2/1 4/3", "x"]),
        ([FindReplace(column="a", find=r"\d|x", replace="", pattern=True, whole_cell=True)],
         ["1", "12", "x"], ["", "12", ""]),
        ([StepsOn(column="a", shape="99/99/9999", steps=(DMY,))],
         ["18/10/2026", "31/02/2026", "1/10/2026", None],
         ["2026-10-18", "31/02/2026", "1/10/2026", None]),
        ([StepsOn(column="a", shape="99/99/9999", steps=(DMY,), unless=(MDY,))],
         ["18/10/2026", "03/04/2026"], ["2026-10-18", "03/04/2026"]),
        ([StepsOn(column="a", steps=(Step(transform="trim"), Step(transform="upper")))],
         [" x", "y"], ["X", "Y"]),
        ([SetCell(row=2, column="a", value="new"), SetCell(row=3, column="a"),
          SetCell(row=2, column="a", value="newer"), SetCell(row=9, column="a", value="far")],
         ["x", "y", "z"], ["x", "newer", None]),
        ([Ignore(field="a", check="type")], ["x"], ["x"]),
        ([SetCell(row=1, column="a", value="x"), ReplaceValues(column="a", values={"x": "y"}),
          SetCell(row=2, column="a", value="x")], ["1", "2"], ["y", "x"]),
    ],
)  # fmt: skip
def test_cells(edits: list[Edit], before: list[str | None], after: list[str | None]) -> None:
    edited = apply_edits(batch(before), edits)
    assert edited["a"].to_list() == after
    assert edited["b"].to_list() == ["other"] * len(before)
    assert edited.columns == batch(before).columns


def test_finding_in_every_column_leaves_what_is_not_the_files_own() -> None:
    edited = apply_edits(batch(["other", "x"]), [FindReplace(find="other", replace="1")])
    assert edited["a"].to_list() == ["1", "x"]
    assert edited["b"].to_list() == ["1", "1"]
    assert edited[ROW].to_list() == [1, 2]


@pytest.mark.parametrize("pattern", [True, False])
def test_a_text_found_everywhere_cannot_fill_the_memory(pattern: bool) -> None:
    everywhere = FindReplace(column="a", find="x", replace="y" * 9_000, pattern=pattern)
    with pytest.raises(InvalidRequest, match="too long"):
        apply_edits(batch(["x" * 10_000] * 3), [everywhere])
    grown = apply_edits(batch(["x" * 3 + "-" * 30_000]), [everywhere])["a"]
    assert grown.str.len_chars().to_list() == [57_000]


def test_a_patch_is_of_rows_by_number_and_takes_their_flaw_away() -> None:
    changes = pl.DataFrame(
        [(4, "a", "mended"), (4, "b", None), (99, "a", "far")], schema=CHANGES, orient="row"
    )
    patch = Patch(rows=pl.Series([4, 5, 99]), changes=changes)
    read = batch(["x", "y", "z"], start=3).with_columns(pl.lit("3 cells").alias(FLAW))
    edit = PatchRows(file_id="f", sha256="", rows=3)
    edited = apply_edits(read, [edit], {"f": patch})
    assert edited["a"].to_list() == ["x", "mended", "z"]
    assert edited["b"].to_list() == ["other", None, "other"]
    # Row 5 was handed in as it was: nobody has set it right.
    assert edited[FLAW].to_list() == ["3 cells", None, "3 cells"]
    assert apply_edits(read.clear(), [edit], {"f": patch}).height == 0


@pytest.mark.parametrize(
    "edit",
    [
        ReplaceValues(column="gone", values={"x": "y"}),
        FindReplace(column="gone", find="x"),
        StepsOn(column="gone", steps=(DMY,)),
        SetCell(row=1, column="gone", value="x"),
        SetCell(row=1, column=ROW, value="x"),
    ],
)
def test_an_edit_of_a_column_that_is_gone(edit: Edit) -> None:
    with pytest.raises(InvalidRequest, match="undo it"):
        apply_edits(batch(["x"]), [edit])
