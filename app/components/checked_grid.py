"""Rows with the cells at fault in colour and the reason as tooltip, in AgGrid.

No functions in the options: the rules are constant strings that refer to hidden columns by
number, and a grid without functions runs nothing it is given. Names of columns may therefore
come from a file.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl
from st_aggrid import AgGrid

from app.components import grid_theme


@dataclass(frozen=True, kw_only=True, slots=True)
class Cell:
    """What one cell shows and what is wrong with it."""

    text: str | None
    message: str = ""
    mark: str = ""  #: e: error, w: warning, empty: fine


@dataclass(frozen=True, kw_only=True, slots=True)
class GridColumn:
    title: str
    width: int = 150
    pinned: bool = False
    quiet: bool = False  #: set back: not what matters here
    fills: bool = False  #: takes the room that is left


def checked_grid(
    columns: Sequence[GridColumn], rows: Sequence[Sequence[Cell]], *, key: str, most: int = 12
) -> None:
    """Draw rows of cells, one per column; at most `most` rows are in view at once."""
    data: dict[str, list[str]] = {}
    for number in range(len(columns)):
        cells = [row[number] for row in rows]
        data[f"c{number}"] = ["NULL" if c.text is None else c.text for c in cells]
        data[f"m{number}"] = [c.message for c in cells]
        data[f"w{number}"] = ["n" if c.text is None and not c.mark else c.mark for c in cells]
    AgGrid(
        pl.DataFrame(data, schema=dict.fromkeys(data, pl.String)),
        gridOptions=grid_theme.options([_definition(n, c) for n, c in enumerate(columns)]),
        height=36 + 34 * max(1, min(len(rows), most)) + 18,
        update_on=[],
        data_return_mode="MINIMAL",
        theme=grid_theme.theme(),
        custom_css=grid_theme.CSS,
        key=key,
    )


def _definition(number: int, column: GridColumn) -> dict[str, Any]:
    definition: dict[str, Any] = {
        "field": f"c{number}",
        "headerName": column.title,
        "headerTooltip": column.title,
        "width": column.width,
        "tooltipField": f"m{number}",
        "cellClassRules": {
            "tp-wrong": f"data.w{number} == 'e'",
            "tp-remark": f"data.w{number} == 'w'",
            "tp-quiet": "true" if column.quiet else f"data.w{number} == 'n'",
        },
    }
    if column.pinned:
        definition["pinned"] = "left"
    if column.fills:
        definition |= {"flex": 1, "minWidth": column.width}
    return definition
