"""What the grids are given: nothing of a user where a browser would run it."""

from __future__ import annotations

from typing import Any

import pytest

from app.components import checked_grid, grid_theme, mapping_table
from core.model.mapping import FieldMapping, Step, Suggestion
from core.model.table import Column, Kind, Table, TableRef

HOSTILE = "::JSCODE::alert(1)::JSCODE::"
TABLE = Table(
    ref=TableRef(name="orders"),
    columns=(
        Column(name="id", kind=Kind.INTEGER, type_text="INTEGER", nullable=False),
        Column(name=HOSTILE, kind=Kind.TEXT, type_text="TEXT"),
    ),
)
SUGGESTIONS = (
    Suggestion(source=HOSTILE, target="id", reason=HOSTILE, samples=(HOSTILE,)),
    Suggestion(source="b", target=None),
)


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The arguments a grid was last called with."""
    seen: dict[str, Any] = {}

    class Answer:
        raw_data = None

    def grid(data: Any, **arguments: Any) -> Answer:
        seen.update(arguments, data=data)
        return Answer()

    for module in (mapping_table, checked_grid):
        monkeypatch.setattr(module, "AgGrid", grid)
    return seen


def test_the_grid_that_runs_functions_holds_user_data_in_cells_only(
    given: dict[str, Any],
) -> None:
    mappings = (FieldMapping(source="b", target=HOSTILE),)
    mapping_table.mapping_table(
        SUGGESTIONS, mappings, TABLE, (), search=HOSTILE, unmapped_only=True, key="k1"
    )
    assert "alert" in str(given["data"].to_dicts())
    quick = given["gridOptions"].pop("quickFilterText")
    assert "::JSCODE::" not in quick
    assert "alert" not in str(given["gridOptions"])
    assert "alert" not in str(given["custom_css"])


def test_the_grid_with_names_of_files_runs_nothing(given: dict[str, Any]) -> None:
    columns = [checked_grid.GridColumn(title=HOSTILE)]
    rows = [[checked_grid.Cell(text=HOSTILE, message=HOSTILE, mark="e")]]
    checked_grid.checked_grid(columns, rows, key="k2")
    assert not given.get("allow_unsafe_jscode")
    rules = given["gridOptions"]["columnDefs"][0]["cellClassRules"]
    assert "alert" not in str(rules)


def test_null_is_not_an_empty_cell(given: dict[str, Any]) -> None:
    cells = [checked_grid.Cell(text=None), checked_grid.Cell(text="")]
    checked_grid.checked_grid([checked_grid.GridColumn(title="a")], [[c] for c in cells], key="k")
    assert given["data"]["c0"].to_list() == ["NULL", ""]
    assert given["data"]["w0"].to_list() == ["n", ""]


def test_edits_come_back_as_mappings_with_their_options() -> None:
    step = Step(transform="date", options={"order": "dmy"})
    rows = [["0", "id", "Date", True], ["1", "", "", False]]
    assert mapping_table.read(rows, SUGGESTIONS, (), {"Date": (step,)}) == (
        FieldMapping(source=HOSTILE, target="id", steps=(step,), skip_empty=True),
    )


def test_an_answer_about_other_rows_is_left_out() -> None:
    assert mapping_table.read([["7", "id", "", False]], SUGGESTIONS, (), {}) == ()


def test_targets_that_are_computed_are_not_offered(given: dict[str, Any]) -> None:
    made = Column(name="sum", kind=Kind.NUMBER, type_text="NUMERIC", generated=True)
    table = Table(ref=TABLE.ref, columns=(TABLE.columns[0], made))
    mapping_table.mapping_table(SUGGESTIONS, (), table, (), search="", unmapped_only=False, key="t")
    assert given["data"]["targets"][0] == '{"id": "INTEGER *"}'


def test_grids_follow_light_and_dark(monkeypatch: pytest.MonkeyPatch) -> None:
    class Context:
        class theme:  # noqa: N801
            type = "dark"

    monkeypatch.setattr(grid_theme.st, "context", Context)
    dark = grid_theme.theme()["params"]
    Context.theme.type = "light"
    light = grid_theme.theme()["params"]
    assert dark["backgroundColor"] != light["backgroundColor"]
    assert dark["fontFamily"] == light["fontFamily"] == "Inter, sans-serif"
