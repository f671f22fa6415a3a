from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from core.formats.base import META
from core.formats.column_names import name_columns


def test_good_names_stay() -> None:
    assert name_columns(["id", "Name", "name"], [3]) == (["id", "Name", "name"], [])


def test_blank_and_repeated_names() -> None:
    names, warnings = name_columns(["a", "", " a ", "a_2", "x\ny"], [5])
    assert names == ["a", "column_2", "a_3", "a_2", "x y"]
    assert warnings == [
        "Column 2 has no name: it is called column_2.",
        "The name a appears more than once: column 3 is called a_3.",
    ]


def test_our_own_names_are_reserved() -> None:
    names, warnings = name_columns(["__row__"], [1])
    assert names == ["__row___2"]
    assert "reserved" in warnings[0]


def test_a_header_shorter_than_most_rows_is_lengthened() -> None:
    names, warnings = name_columns(["a", "b"], [3, 3, 2])
    assert names == ["a", "b", "column_3"]
    assert "most rows have 3" in warnings[0]


def test_a_header_that_ends_in_nothing_is_shortened() -> None:
    assert name_columns(["a", "b", ""], [2, 2])[0] == ["a", "b"]
    assert len(name_columns(["a", "b", ""], [2, 3])[0]) == 3


def test_no_header() -> None:
    names, warnings = name_columns(None, [2, 2, 3])
    assert names == ["column_1", "column_2"]
    assert "no header" in warnings[0]


@given(st.lists(st.sampled_from(["a", "a_2", "", "column_2", *META]), min_size=1, max_size=9))
def test_names_are_always_unique(header: list[str]) -> None:
    names, _ = name_columns(header, [len(header)])
    assert len(set(names)) == len(header)
    assert not set(names) & {"", *META}
