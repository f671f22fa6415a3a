from __future__ import annotations

import pytest

from core.errors import InvalidMapping
from core.mapping import parts


def test_replace_is_literal_and_everywhere(run):
    assert run(["a.b.c", "abc", "", None], "replace", **{"find": ".", "with": "$1"})[0] == [
        "a$1b$1c",
        "abc",
        "",
        None,
    ]
    assert run(["a--b"], "replace", find="-") == (["ab"], {})


def test_replace_stops_before_cells_grow_without_end(run, monkeypatch):
    monkeypatch.setattr(parts, "MAX_GROWN", 50)
    cells, problems = run(
        ["a" * 10, "a" * 11, "b" * 99], "replace", **{"find": "a", "with": "12345"}
    )
    assert cells == ["12345" * 10, None, "b" * 99]
    assert problems == {1: "'aaaaaaaaaaa' would become too long"}
    monkeypatch.setattr(parts, "MAX_BATCH", 60)
    cells, problems = run(["a" * 9, "a" * 9, "b"], "replace", **{"find": "a", "with": "12345"})
    assert cells == [None, None, "b"]
    assert set(problems) == {0, 1}


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"pattern": r"([0-9]+)\s*(kg|g)"}, "12"),
        ({"pattern": r"([0-9]+)\s*(kg|g)", "group": "2"}, "kg"),
        ({"pattern": r"([0-9]+)\s*(kg|g)", "group": "0"}, "12 kg"),
        ({"pattern": r"[0-9]+"}, "12"),
        ({"pattern": r"(?i)BAG|(x)", "otherwise": "blank"}, None),  # the group took no part
        ({"pattern": r"(?i)BAG", "otherwise": "blank"}, "bag"),
    ],
)
def test_regex_extract(run, options, expected):
    assert run(["a bag of 12 kg", "", "  ", None], "regex_extract", **options)[0] == [
        expected,
        "",
        "  ",
        None,
    ]


@pytest.mark.parametrize(
    ("otherwise", "cell"), [("", None), ("fail", None), ("blank", None), ("keep", "none")]
)
def test_a_cell_without_what_is_looked_for(run, otherwise, cell):
    found, problems = run(["none"], "regex_extract", pattern="([0-9])", otherwise=otherwise)
    assert found == [cell]
    assert list(problems.values()) == (
        ["'none' does not match '([0-9])'"] if otherwise in ("", "fail") else []
    )
    found, problems = run(["none"], "split_part", separator=",", part="2", otherwise=otherwise)
    assert found == [cell]
    assert list(problems.values()) == (
        ["'none' has no part 2 between ','"] if otherwise in ("", "fail") else []
    )


@pytest.mark.parametrize(
    ("part", "expected"), [("1", "Berlin"), ("3", " DE"), ("-1", " DE"), ("-3", "Berlin")]
)
def test_split_part_counts_from_both_ends(run, part, expected):
    cells = ["Berlin, 10115, DE", "", None]
    assert run(cells, "split_part", separator=",", part=part) == ([expected, "", None], {})


def test_a_separator_is_no_pattern(run):
    assert run(["a.b|c"], "split_part", separator="|", part="2") == (["c"], {})
    assert run(["a.b"], "split_part", separator=".", part="2") == (["b"], {})


@pytest.mark.parametrize(
    ("name", "options", "why"),
    [
        ("replace", {}, "option 'find' is missing"),
        ("regex_extract", {"pattern": "("}, "unclosed group"),
        ("regex_extract", {"pattern": "(?=a)"}, "look-around"),
        ("regex_extract", {"pattern": r"(a)\1"}, "backreferences"),
        ("regex_extract", {"pattern": "a" * 501}, "more than 500 characters"),
        ("regex_extract", {"pattern": r"(\w{100}){100}"}, "repeats too much"),
        ("regex_extract", {"pattern": "(a)", "group": "2"}, "the pattern has 1 groups, not 2"),
        ("regex_extract", {"pattern": "(a)", "group": "-1"}, "not -1"),
        ("regex_extract", {"pattern": "(a)", "otherwise": "guess"}, "no choice 'guess'"),
        ("split_part", {"separator": ","}, "option 'part' is missing"),
        ("split_part", {"separator": ",", "part": "0"}, "part must be 1 to"),
        ("split_part", {"separator": ",", "part": "1001"}, "part must be 1 to"),
        ("split_part", {"separator": ",", "part": "one"}, "must be a whole number, not 'one'"),
    ],
)
def test_what_cannot_work_is_refused(run, name, options, why):
    with pytest.raises(InvalidMapping, match=why):
        run(["a"], name, **options)
