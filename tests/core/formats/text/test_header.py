from __future__ import annotations

import pytest

from core.formats.text.header import header_height, holds_words, join_header, judge_header
from core.formats.text.kinds import column_shape, kind_of

BODY = [["x", "1.5", "2"], ["y", "2.5", "3"], ["z", "3.5", "4"]]


def test_rows_of_a_header_are_joined_column_by_column() -> None:
    rows = [["", "Men", "", "All"], ["Town", "old", "young", ""]]
    assert join_header(rows) == ["Town", "Men old", "Men young", "All"]
    assert join_header([["a"], ["b", "c"]]) == ["a b", "a c"]


@pytest.mark.parametrize(
    ("second", "height"),
    [
        (["town", "rain", "wind"], 2),
        (["", "(mm)", "(m/s)"], 2),
        (["", "", "%"], 2),
        (["name", "mean", "peak"], 2),
        (["name", "mean", ""], 1),  # one word could be a missing value
        (["v", "n/a", "-"], 1),
        (["v", "0.5", "low"], 1),
    ],
)
def test_a_second_row_of_words_over_values_belongs_to_the_header(
    second: list[str], height: int
) -> None:
    assert header_height([["town", "rain", "wind"], second, *BODY], 3) == height


def test_a_row_of_names_has_no_values_and_none_twice() -> None:
    assert holds_words(["town", "2019", "2020", ""])
    assert not holds_words(["town", "12.5"])
    assert not holds_words(["town", "town"])


def test_addresses_and_codes_tell_data_from_names() -> None:
    rows = [["site", "code"], *(["https://a.example/1", f"AB-{n}{n}"] for n in range(5))]
    assert judge_header(rows, 2).by_values
    assert not judge_header(rows[1:], 2).present


@pytest.mark.parametrize(
    ("cell", "kind"),
    [
        ("", "empty"), ("12", "number"), ("-1.234,5", "number"), ("$4.50", "number"),
        ("12 %", "number"), ("(12.5)", "number"), ("2020-01-31", "date"), ("31.1.20", "date"),
        ("3 Jan 2020", "date"),
        ("10:15", "date"), ("yes", "boolean"), ("a@b.org", "email"), ("http://x.org/a", "url"),
        ("AB-12", "text"), ("12 apples", "text"), ("2020-01-311", "text"),
    ],
)  # fmt: skip
def test_kinds_of_cells(cell: str, kind: str) -> None:
    assert kind_of(cell) == kind


def test_the_shape_of_a_column() -> None:
    assert column_shape(["AB-12", "CD-34", "n/a"]) == "AA-99"
    assert column_shape(["AB-12", "CDE-34"]) == ""
    assert column_shape(["red hat", "blue hat"]) == ""
