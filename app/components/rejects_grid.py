"""Rejected rows as the file has them, with the cells at fault in red and all reasons."""

from __future__ import annotations

from app.components.checked_grid import Cell, GridColumn, checked_grid
from core.model.check import Severity
from core.model.preview import RejectedPage, RejectedRow


def rejects_grid(page: RejectedPage, *, key: str) -> None:
    """One page of rejected rows; hovering a red cell says what is wrong and what would be right."""
    columns = [
        GridColumn(title="Line", width=80, pinned=True, quiet=True),
        *(GridColumn(title=name) for name in page.columns),
        GridColumn(title="Why it was held back", width=420, fills=True),
    ]
    checked_grid(columns, [_cells(row, page.columns) for row in page.rows], key=key)


def _cells(row: RejectedRow, columns: tuple[str, ...]) -> list[Cell]:
    wrong = {}
    for violation in reversed(row.violations):
        wrong[violation.column] = violation
    cells = [Cell(text=str(row.line), message=f"Data row {row.row}, line {row.line} of the file")]
    for name in columns:
        found = wrong.get(name)
        value = row.cells.get(name)
        if found is None:
            cells.append(Cell(text=value))
        else:
            mark = "e" if found.severity is Severity.ERROR else "w"
            cells.append(Cell(text=value, message=found.message, mark=mark))
    reasons = "; ".join(dict.fromkeys(v.message for v in row.violations))
    cells.append(Cell(text=reasons, message=reasons))
    return cells
