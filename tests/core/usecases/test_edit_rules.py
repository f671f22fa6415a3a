from __future__ import annotations

import pytest

from core.errors import InvalidRequest
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
from core.usecases.edit_rules import (
    LONGEST,
    MOST_CELLS,
    MOST_EDITS,
    MOST_VALUES,
    require_room,
    require_sound_edit,
)


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        (SetCell(row=1, column="nope", value="x"), "no column 'nope'; its columns are name, b"),
        (SetCell(row=0, column="name", value="x"), "numbered from 1"),
        (SetCell(row=1, column="name", value="x" * (LONGEST + 1)), "at most"),
        (ReplaceValues(column="name"), "at least one value"),
        (ReplaceValues(column="name", values={str(n): "" for n in range(MOST_VALUES + 1)}), "most"),
        (FindReplace(find=""), "say what to find"),
        (SetCell(row=2**63, column="name", value="x"), "numbered from 1"),
        (FindReplace(find="(", pattern=True), r"'\(' is not a pattern: unclosed group"),
        (FindReplace(find=r"(?=x)", pattern=True), "look-around"),
        (FindReplace(find="x)|(y", pattern=True, whole_cell=True), "is not a pattern"),
        (FindReplace(find="x" * 501, pattern=True), "more than 500"),
        (FindReplace(find="a{900}{9}", pattern=True), "repeats too much"),
        (StepsOn(column="name"), "at least one step"),
        (StepsOn(column="name", steps=(Step(transform="nope"),)), "no transform 'nope'"),
        (StepsOn(column="name", steps=(Step(transform="now"),)), "must be the first step"),
        (
            StepsOn(column="name", steps=(Step(transform="constant", options={"value": "x"}),)),
            "constant",
        ),
        (ReplaceValues(column="name", values={"x": "y" * 10_001}), "at most 10,000"),
        (FindReplace(find="x", replace="y" * 10_001), "at most 10,000"),
        (PatchRows(file_id="f" * 32, sha256="", rows=1), "as a file"),
    ],
)
def test_edits_that_cannot_be_carried_out(edit: Edit, words: str) -> None:
    with pytest.raises(InvalidRequest, match=words):
        require_sound_edit(edit, ["name", "b"])


@pytest.mark.parametrize(
    "edit",
    [
        SetCell(row=1, column="name"),
        ReplaceValues(column="name", values={"": None}),
        FindReplace(find="", whole_cell=True),
        FindReplace(find="(", column="b"),
        FindReplace(find="^$", column="b", pattern=True),
        SetCell(row=2**63 - 1, column="name"),
        StepsOn(column="name", steps=(Step(transform="trim"),)),
        Ignore(field=None, check="flaw"),
    ],
)
def test_sound_edits(edit: Edit) -> None:
    require_sound_edit(edit, ["name", "b"])


def test_a_plan_has_room_for_so_many() -> None:
    cell, other = SetCell(row=1, column="name"), FindReplace(find="x")
    require_room([cell] * MOST_CELLS + [other] * MOST_EDITS)
    with pytest.raises(InvalidRequest, match=r"10,000 cells .* rejects file"):
        require_room([cell] * (MOST_CELLS + 1))
    with pytest.raises(InvalidRequest, match="characters"):
        require_room([SetCell(row=1, column="name", value="x" * LONGEST)] * 9)
    with pytest.raises(InvalidRequest, match="500 edits"):
        require_room([other] * (MOST_EDITS + 1))
