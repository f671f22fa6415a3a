from __future__ import annotations

import pytest

from core.mapping.apply import apply_mappings
from core.model.mapping import FieldMapping, Step
from tests.core.mapping.conftest import batch


def test_default_if_empty(run):
    cells = ["x", "", "  \u00a0", None]
    assert run(cells, "default_if_empty", value=" n ")[0] == ["x", " n ", " n ", " n "]
    assert run(cells, "default_value", value="0")[0] == ["x", "0", "0", "0"]


def test_a_default_never_hides_a_cell_that_failed():
    steps = (
        Step(transform="number"),
        Step(transform="default_if_empty", options={"value": "0"}),
        Step(transform="boolean"),
    )
    mapped = apply_mappings(
        batch(n=["1", "x", "", None, "7"]),
        [FieldMapping(source="n", target="n", steps=steps)],
        source_columns=["n"],
    )
    assert mapped.frame["n"].to_list() == ["true", None, "false", "false", None]
    assert mapped.problems.select("index", "check").rows() == [(1, "number"), (4, "boolean")]


@pytest.mark.parametrize(
    ("words", "match_case", "nulls"),
    [
        ('["N/A", "-"]', "", {"N/A", " - "}),
        ('["N/A", "-"]', "true", {"N/A", " - "}),
        ('["n/a"]', "false", {"N/A", "n/a"}),
        ("n/a", "", {"n/a"}),
        ('["[", "x"]', "", {"["}),
        ("[", "", {"["}),
    ],
)
def test_null_words_are_whole_cells_that_somebody_listed(run, words, match_case, nulls):
    cells = ["N/A", " - ", "n/a", "N/A!", "NULL", "", None, "["]
    found, problems = run(cells, "null_words", words=words, match_case=match_case)
    assert found == [None if cell in nulls else cell for cell in cells]
    assert not problems


def test_what_became_null_stays_so_and_can_be_filled():
    steps = (
        Step(transform="null_words", options={"words": "?"}),
        Step(transform="number"),
        Step(transform="default_if_empty", options={"value": "9"}),
    )
    mapped = apply_mappings(
        batch(n=["?", "x"]),
        [
            FieldMapping(source="n", target="a", steps=steps[:2]),
            FieldMapping(source="n", target="b", steps=steps),
        ],
        source_columns=["n"],
    )
    assert mapped.frame["a"].to_list() == [None, None]
    assert mapped.frame["b"].to_list() == ["9", None]
    assert mapped.problems.select("index", "field").rows() == [(1, "a"), (1, "b")]
