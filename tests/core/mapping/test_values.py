from __future__ import annotations

import json

import pytest

from core.errors import InvalidMapping

PAIRS = json.dumps({"m": "male", "f": "female", "?": None, "": "none", "-": ""})
CELLS = ["m", "M", "f ", "?", "", "-", None, "  "]


@pytest.mark.parametrize(
    ("otherwise", "others"),
    [("", ["M", "f "]), ("keep", ["M", "f "]), ("blank", [None, None]), ("fail", [None, None])],
)
def test_other_cells_are_kept_emptied_or_refused(run, otherwise, others):
    found, problems = run(CELLS, "map_values", pairs=PAIRS, otherwise=otherwise)
    assert found == ["male", *others, None, "none", "", None, "  "]
    assert set(problems) == ({1, 2} if otherwise == "fail" else set())
    if problems:
        assert problems[1] == "'M' is none of the 5 values that are mapped"


def test_capitals_need_not_matter(run):
    found, _ = run(["STRASSE", "Str.", "x"], "map_values", pairs='{"str.": "S", "x": "y"}',
                   match_case="false")  # fmt: skip
    assert found == ["STRASSE", "S", "y"]


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"pairs": "{}"}, "option 'pairs' is missing"),
        ({"pairs": "[1]"}, "not a JSON object"),
        ({"pairs": "{"}, "must be a JSON object"),
        ({"pairs": '{"a": 1}'}, "1 is not a text"),
        ({"pairs": '{"a": "b", "a": "c"}'}, "names a value twice"),
        ({"pairs": '{"a": "b", "A": "c"}', "match_case": "false"}, "names a value twice"),
        ({"pairs": "[" * 100_000}, "nested too deep|must be a JSON object"),
        ({"pairs": '{"a": "b"}', "match_case": "yes"}, "must be true or false, not 'yes'"),
    ],
)
def test_pairs_that_cannot_be(run, options, why):
    with pytest.raises(InvalidMapping, match=why):
        run(["a"], "map_values", **options)
