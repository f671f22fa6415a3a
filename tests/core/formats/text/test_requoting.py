from __future__ import annotations

import pytest

from core.formats.text.requoting import requote


@pytest.mark.parametrize(
    ("line", "cells", "quoted"),
    [
        ('a,"b,c', ["a", '"b', "c"], ()),
        ('"a,b,"c, d"', ['"a', "b", "c, d"], (2,)),
        ('"a""b",c', ["a", "b", "c"], (0, 1)),
        ('a"b",c', ["a", "b", "c"], (1,)),
        ('"a"b,c', ["a", "b", "c"], (0,)),
        ('"4"","b",c', ['4"', "b", "c"], (0, 1)),
        ('"a" ,"b",c', ["a", "b", "c"], (0, 1)),
    ],
)
def test_the_reading_with_the_right_number_of_cells(
    line: str, cells: list[str], quoted: tuple[int, ...]
) -> None:
    found = requote(line, ",", '"', 3)
    assert found is not None
    assert (found.cells, found.quoted) == (cells, quoted)


def test_no_reading_has_so_many_cells() -> None:
    assert requote('a,"b', ",", '"', 9) is None
    assert requote("a,b", ",", '"', 3) is None


def test_blanks_that_part_cells_are_kept() -> None:
    found = requote('"a" "b c" ', " ", '"', 3)
    assert found is not None
    assert found.cells == ["a", "b c", ""]


def test_a_line_of_many_quotes_is_given_up_soon() -> None:
    assert requote('"a,' * 6_000, ",", '"', 150) is None
