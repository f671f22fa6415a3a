"""Rejected rows to be mended in place: red cells with their reasons, every cell editable.

The grid's options hold no function, so that nothing a file brings along is run: the names of its
columns may stand in them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl
from st_aggrid import AgGrid

from app.components import grid_theme
from core.model.check import Severity, Violation
from core.model.edit import SetCell
from core.model.preview import RejectedRow

_NULL = ""  #: a cell of nothing: an empty one and NULL look alike here, and are told apart below


def fix_grid(
    columns: Sequence[str], rows: Sequence[RejectedRow], *, editable: bool, key: str
) -> tuple[SetCell, ...]:
    """Draw the rows; the cells that were changed in this draw, in no order."""
    frame = _frame(columns, rows)
    answer = AgGrid(
        frame,
        gridOptions=grid_theme.options(
            _definitions(columns, editable=editable),
            stopEditingWhenCellsLoseFocus=True,
            undoRedoCellEditing=True,
            enterNavigatesVerticallyAfterEdit=True,
        ),
        height=36 + 34 * max(1, min(len(rows), 12)) + 18,
        update_on=["cellValueChanged"] if editable else [],
        data_return_mode="AS_INPUT",
        theme=grid_theme.theme(),
        custom_css=grid_theme.CSS,
        key=key,
    )
    return changed(columns, rows, answer.data)


def changed(
    columns: Sequence[str], rows: Sequence[RejectedRow], answer: Any
) -> tuple[SetCell, ...]:
    """The cells that the grid's answer has otherwise than the rows it was given."""
    if answer is None or len(answer) != len(rows):
        return ()
    edits: list[SetCell] = []
    for number, name in enumerate(columns):
        for row, now in zip(rows, list(answer[f"c{number}"]), strict=True):
            text = now if isinstance(now, str) else _NULL
            if text != (row.cells.get(name) or _NULL):
                edits.append(SetCell(row=row.row, column=name, value=text or None))
    return tuple(edits)


def _frame(columns: Sequence[str], rows: Sequence[RejectedRow]) -> pl.DataFrame:
    data: dict[str, list[str]] = {"line": [str(row.line) for row in rows]}
    for number, name in enumerate(columns):
        found = [_of(row.violations, name) for row in rows]
        data[f"c{number}"] = [row.cells.get(name) or _NULL for row in rows]
        data[f"m{number}"] = [v.message if v else "" for v in found]
        data[f"w{number}"] = [v.severity.value[0] if v else "" for v in found]
    reasons = ["; ".join(dict.fromkeys(v.message for v in row.violations)) for row in rows]
    data["why"] = [said or "All is well now" for said in reasons]
    data["fine"] = ["" if said else "y" for said in reasons]
    return pl.DataFrame(data, schema=dict.fromkeys(data, pl.String))


def _of(violations: Sequence[Violation], column: str) -> Violation | None:
    """The first error of that column, else its first remark."""
    own = [v for v in violations if v.column == column]
    return next((v for v in own if v.severity is Severity.ERROR), own[0] if own else None)


def _definitions(columns: Sequence[str], *, editable: bool) -> list[dict[str, Any]]:
    line = {"field": "line", "headerName": "Line", "width": 80, "pinned": "left"}
    why = {"field": "why", "headerName": "Why it is held back", "flex": 1, "minWidth": 320}
    quiet = {"cellClass": "tp-quiet"}
    cells = [
        {
            "field": f"c{number}",
            "headerName": name,
            "headerTooltip": name,
            "width": 150,
            "editable": editable,
            "tooltipField": f"m{number}",
            "cellClassRules": {
                "tp-wrong": f"data.w{number} == 'e'",
                "tp-remark": f"data.w{number} == 'w'",
            },
        }
        for number, name in enumerate(columns)
    ]
    fine = {"tooltipField": "why", "cellClassRules": {"tp-fine": "data.fine == 'y'"}}
    return [line | quiet, *cells, why | fine]
