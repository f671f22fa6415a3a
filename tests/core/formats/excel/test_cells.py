"""The quick ways of spelling a column give what the slow one gives cell by cell."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from core.formats.excel.cells import number_text, text_column

_NUMBERS = st.one_of(
    st.floats(),
    st.floats(-10_000, 10_000),
    st.integers(-(10**7), 10**7).map(lambda cents: cents / 100),
    st.integers(-(2**54), 2**54).map(float),
)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.one_of(_NUMBERS, st.just("")), min_size=1, max_size=8))
@example([0.0001, 9.999e-05])
@example([9007199254740991.0, 0.5, -0.0, ""])
@example([123456789012345.6, 1e15, 4503599627370495.5])
def test_numbers_among_blanks(cells: list[Any]) -> None:
    found = text_column(cells, "c0").texts.to_list()
    whole = all(cell == "" or (abs(cell) < 2**53 and cell.is_integer()) for cell in cells)
    for cell, text in zip(cells, found, strict=True):
        if cell == "":
            assert text is None
        elif cell == 0 and not whole:
            assert text in ("0", "-0")
        else:
            assert text == number_text(cell)


@pytest.mark.parametrize("blanks", [[], [""], ["", ""]])
@pytest.mark.parametrize(
    ("cells", "texts"),
    [
        ([date(2026, 1, 31), date(1900, 1, 1)], ["2026-01-31", "1900-01-01"]),
        ([datetime(2026, 1, 31, 0, 0), date(2026, 2, 1)], ["2026-01-31", "2026-02-01"]),
        ([datetime(2026, 1, 31, 1, 2, 3, 400)], ["2026-01-31T01:02:03.000400"]),
        ([True, False], ["true", "false"]),
        ([1.5, "x", True, 7], ["1.5", "x", "true", "7"]),
        ([time(1, 2), timedelta(hours=25)], ["01:02:00", "25:00:00"]),
        ([1e-05, 1.0, 1e21], ["1e-05", "1", "1e+21"]),
        ([], []),
    ],
)
def test_blanks_among_cells_of_any_kind(
    cells: list[Any], texts: list[str], blanks: list[str]
) -> None:
    found = text_column([*blanks, *cells, *blanks], "c0")
    assert found.texts.name == "c0"
    assert found.texts.to_list() == [*map({"": None}.get, blanks), *texts, *[None] * len(blanks)]


def test_numbers_too_large_are_told() -> None:
    assert text_column(["", 1.0, float("inf"), "x", float("nan")], "c0").overflows == [2, 4]
