"""The fix loop without a browser: what the grids' answers mean, and the words on the screens."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest
import streamlit as st

from app.components import edit_tools, fix_grid, mapping_table, option_fields, problem_cards
from core.model.check import ProblemGroup, Severity, ValueCount, Violation
from core.model.edit import Edit, FindReplace, Ignore, PatchRows, ReplaceValues, SetCell
from core.model.mapping import FieldMapping, Lookup, OptionInfo, OptionKind, Step, Suggestion
from core.model.preview import RejectedRow

ODD = "*a* $x$ `b`"
BAD = Violation(row=7, line=8, column="Day", field="day", check="date", message="No", value="x")
REMARK = Violation(
    row=7, line=8, column="Day", field="day", check="old", message="Old", value="x",
    severity=Severity.WARNING,
)  # fmt: skip
ROWS = (
    RejectedRow(row=7, line=8, cells={"Day": "x", ODD: None}, violations=(REMARK, BAD)),
    RejectedRow(row=9, line=10, cells={"Day": "1/2", ODD: "y"}, violations=()),
)
COLUMNS = ("Day", ODD)


def answer(days: list[Any], others: list[Any]) -> pl.DataFrame:
    return pl.DataFrame({"c0": days, "c1": others}, schema={"c0": pl.String, "c1": pl.String})


@pytest.mark.parametrize(
    ("days", "others", "edits"),
    [
        (["x", "1/2"], ["", "y"], []),
        (["x", "1/2"], [None, "y"], []),  # NULL is as empty as before
        (["z", "1/2"], ["", "y"], [(7, "Day", "z")]),
        (["x", ""], ["", "y"], [(9, "Day", None)]),
        (["x", None], ["", "y"], [(9, "Day", None)]),
        (["x", "1/2"], [" ", ODD], [(7, ODD, " "), (9, ODD, ODD)]),
        (["x"], [""], []),  # of rows that were here before
    ],
)
def test_only_changed_cells_are_edits(
    days: list[Any], others: list[Any], edits: list[tuple[int, str, str | None]]
) -> None:
    found = fix_grid.changed(COLUMNS, ROWS, answer(days, others))
    assert found == tuple(SetCell(row=r, column=c, value=v) for r, c, v in edits)


def test_a_grid_without_an_answer_changes_nothing() -> None:
    assert fix_grid.changed(COLUMNS, ROWS, None) == ()


def test_an_error_is_shown_before_a_remark_and_a_mended_row_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    given: dict[str, Any] = {}

    class Answer:
        data = None

    def grid(data: Any, **arguments: Any) -> Answer:
        given.update(arguments, data=data)
        return Answer()

    monkeypatch.setattr(fix_grid, "AgGrid", grid)
    fix_grid.fix_grid(COLUMNS, ROWS, editable=False, key="fix")
    assert given["data"]["m0"].to_list() == ["No", ""]
    assert given["data"]["w0"].to_list() == ["e", ""]
    assert given["data"]["fine"].to_list() == ["", "y"]
    assert not given.get("allow_unsafe_jscode")
    definitions = given["gridOptions"]["columnDefs"]
    assert not any(definition.get("editable") for definition in definitions)
    assert ODD not in str([d.get("cellClassRules") for d in definitions])


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        (
            ReplaceValues(column=ODD, values={"a": None}),
            r"**\*a\* \$x\$ \`b\`**: 'a' becomes blank",
        ),
        (ReplaceValues(column="c", values={"a": "b", "d": "e"}), "and 1 more value"),
        (FindReplace(find="$", replace="*"), r"**every column**: '\$' replaced by '\*'"),
        (SetCell(row=3, column="c", value="<i>"), r"**c** of row 3: '\<i\>'"),
        (SetCell(row=3, column="c"), "**c** of row 3: blank"),
        (PatchRows(file_id="f", sha256="s", rows=2), "2 rows from a mended file"),
        (Ignore(field=None, check="width"), "**whole row**: width left as it is"),
    ],
)
def test_edits_are_told_in_words_that_show_user_text_as_text(edit: Edit, words: str) -> None:
    assert words in edit_tools._in_words(edit)


def test_samples_cannot_leave_their_backticks() -> None:
    group = ProblemGroup(
        field="f", column="c", check="date", severity=Severity.ERROR, count=1_009, message="m",
        values=tuple(ValueCount(value=f"`*{n}*\n`", count=n) for n in range(1_001, 1_007)),
    )  # fmt: skip
    said = problem_cards._samples(group)
    assert said.startswith("`'*1001* '` :gray[× 1\u202f001] · ")
    assert said.endswith(":gray[and 2 more]")


@pytest.mark.parametrize(
    ("kind", "default", "required", "value", "kept"),
    [
        (OptionKind.TEXT, "", False, "", False),
        (OptionKind.TEXT, ",", False, "", True),  # nothing instead of a comma is meant
        (OptionKind.TEXT, ",", False, ",", False),
        (OptionKind.TEXT, ",", True, "", False),
        (OptionKind.FLAG, "true", False, "false", True),
        (OptionKind.LIST, "", False, '["a"]', True),
        (OptionKind.LIST, '["a"]', False, "", False),
    ],
)
def test_only_options_that_say_something_are_kept(
    kind: OptionKind, default: str, required: bool, value: str, kept: bool
) -> None:
    info = OptionInfo(name="o", title="O", kind=kind, default=default, required=required)
    assert option_fields._says(info, value) is kept


@pytest.mark.parametrize("value", ["", "no json", "{}", "7"])
def test_what_is_no_list_is_an_empty_one(value: str) -> None:
    assert option_fields._texts(value) == []
    assert option_fields._object(value if value != "{}" else "[]") == {}


def test_pairs_without_a_first_cell_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = {"From": ["a", None, "ü"], "To": ["", "lost", "y"]}
    monkeypatch.setattr(st, "data_editor", lambda frame, **_: pl.DataFrame(rows))
    monkeypatch.setattr(st, "caption", lambda *_: None)
    info = OptionInfo(name="map", title="Map", kind=OptionKind.PAIRS)
    assert option_fields._pairs(info, '{"a": "b"}', "key") == '{"a": null, "ü": "y"}'


def test_the_match_grid_keeps_lookups_and_made_columns() -> None:
    by_name, by_title = Lookup(by="name"), Lookup(by="title")
    suggestions = (
        Suggestion(source="Genre", target="genre_id", lookup=by_name),
        Suggestion(source="Album", target=None),
    )
    made = FieldMapping(source="", target="note", steps=(Step(transform="user"),))
    before = (FieldMapping(source="Album", target="album_id", lookup=by_title), made)
    rows = [["0", "genre_id", "", False], ["1", "album_id", "", False]]
    found = mapping_table.read(rows, suggestions, before, {})
    assert found is not None
    assert [m.lookup for m in found] == [by_name, by_title, None]
    assert found[2] is made
    elsewhere = mapping_table.read([["1", "note", "", False]], suggestions, before, {})
    assert elsewhere == (FieldMapping(source="Album", target="note"),)
