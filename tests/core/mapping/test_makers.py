from __future__ import annotations

import pytest

from core.errors import InvalidMapping
from core.mapping.apply import apply_mappings
from core.model.mapping import FieldMapping, Step
from tests.core.mapping.conftest import batch

ROWS = {"a": ["1", "2", None]}


def test_constant_for_every_row_and_steps_after_it(make):
    assert make(ROWS, "constant", value=" x ") == ([" x "] * 3, {})
    assert make(ROWS, "constant", Step(transform="trim"), value=" x ")[0] == ["x"] * 3


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, ["Ada Lovelace", "Ben", "  x y", "", None]),
        ({"separator": ", "}, ["Ada, Lovelace", "Ben", "  x, y", "", None]),
        ({"separator": ""}, ["AdaLovelace", "Ben", "  xy", "", None]),
    ],
)
def test_concatenate_leaves_blanks_out(make, options, expected):
    columns = {
        "First": ["Ada", "Ben", "  x", "", None],
        "^.*$": ["Lovelace", " ", "y", None, None],
    }
    assert make(columns, "concatenate", columns='["First", "^.*$"]', **options) == (expected, {})


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, "2026-12-31T23:30:15"),
        ({"part": "moment"}, "2026-12-31T23:30:15+00:00"),
        ({"part": "date"}, "2026-12-31"),
        ({"part": "date", "zone": "Europe/Berlin"}, "2027-01-01"),
        ({"part": "time", "zone": "Europe/Berlin"}, "00:30:15"),
        ({"part": "moment", "zone": "America/New_York"}, "2026-12-31T18:30:15-05:00"),
    ],
)
def test_now(make, options, expected):
    assert make(ROWS, "now", **options)[0] == [expected] * 3


def test_user_and_file(make):
    assert make(ROWS, "user")[0] == ["ada"] * 3
    assert make(ROWS, "file_name")[0] == ["orders.2026.csv"] * 3
    assert make(ROWS, "file_name", part="stem")[0] == ["orders.2026"] * 3


@pytest.mark.parametrize(
    ("name", "options", "why"),
    [
        ("constant", {}, "option 'value' is missing"),
        ("constant", {"value": "x" * 10_001}, "longer than 10,000 characters"),
        ("concatenate", {}, "option 'columns' is missing"),
        ("concatenate", {"columns": "[]"}, "option 'columns' is missing"),
        ("concatenate", {"columns": '["a", "z"]'}, "names 'z', which is no column of the file"),
        ("concatenate", {"columns": '["a", "a"]'}, "names a column twice"),
        ("concatenate", {"columns": "a", "separator": "-" * 101}, "separator is longer than 100"),
        ("now", {"zone": "Mars/Olympus"}, "no time zone 'Mars/Olympus'"),
        ("now", {"zone": "../../etc/passwd"}, "no time zone"),
        ("now", {"part": "year"}, "no choice 'year'"),
    ],
)
def test_what_cannot_be_made_is_refused(make, name, options, why):
    with pytest.raises(InvalidMapping, match=why):
        make(ROWS, name, **options)


def test_without_circumstances_there_is_no_now():
    with pytest.raises(InvalidMapping, match="is not known here"):
        apply_mappings(
            batch(a=["1"]),
            [FieldMapping(source="", target="t", steps=(Step(transform="now"),))],
            source_columns=["a"],
        )


@pytest.mark.parametrize("source", ["a", ""])
def test_a_maker_stands_first_or_not_at_all(source):
    steps = (
        Step(transform="constant", options={"value": "x"}),
        Step(transform="user"),
    )
    with pytest.raises(InvalidMapping, match="must be the first step"):
        apply_mappings(
            batch(a=["1"]),
            [FieldMapping(source=source, target="t", steps=steps)],
            source_columns=["a"],
        )


def test_no_rows(make):
    for name, options in (("constant", {"value": "x"}), ("concatenate", {"columns": "a"})):
        assert make({"a": []}, name, **options) == ([], {})
