"""Names for the columns of a file: never blank, never twice, never one of ours."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import polars as pl

from core.formats.base import META


def by_position(frame: pl.DataFrame, names: Sequence[str]) -> pl.DataFrame:
    """These columns, called `c0`, `c1`, …: Polars takes names such as `*` for patterns."""
    return pl.DataFrame([frame.get_column(name).alias(f"c{n}") for n, name in enumerate(names)])


def name_columns(
    header: Sequence[str] | None, widths: Sequence[int]
) -> tuple[list[str], list[str]]:
    """Column names and warnings, from the header (None: there is none) and the rows' widths.

    When most rows are wider than the header, the columns without a name get one; when the
    header has more names than any row has cells, blank ones are dropped.
    """
    usual = Counter(widths).most_common(1)[0][0] if widths else 0
    if header is None:
        names = [f"column_{i + 1}" for i in range(max(usual, 1))]
        return names, [f"The file has no header: its columns are named column_1 to {names[-1]}."]
    cells = [" ".join(cell.replace("\0", "").split()) for cell in header]
    warnings: list[str] = []
    if usual > len(cells) and Counter(widths)[usual] * 2 > len(widths):
        warnings.append(
            f"The header names {len(cells)} columns but most rows have {usual}: "
            "the columns at the end are named by their position."
        )
        cells += [""] * (usual - len(cells))
    elif widths and max(widths) < len(cells):
        while len(cells) > max(widths) and not cells[-1]:
            cells.pop()
        if cells.count("") == len(cells) - usual > 0 and usual == max(widths):
            warnings.append(
                f"The header has {len(cells)} cells but the rows have {usual}: "
                "blank names are left out."
            )
            cells = [cell for cell in cells if cell]
    return _unique(cells, warnings), warnings


def _unique(cells: Sequence[str], warnings: list[str]) -> list[str]:
    taken = set(META)
    wanted = {cell for cell in cells if cell}
    names: list[str] = []
    for index, cell in enumerate(cells):
        base = cell or f"column_{index + 1}"
        name, number = base, 1
        while name in taken or ((number > 1 or not cell) and name in wanted):
            number += 1
            name = f"{base}_{number}"
        if not cell:
            warnings.append(f"Column {index + 1} has no name: it is called {name}.")
        elif name != cell:
            reason = "is a reserved name" if cell in META else "appears more than once"
            warnings.append(f"The name {cell} {reason}: column {index + 1} is called {name}.")
        taken.add(name)
        names.append(name)
    return names
