from __future__ import annotations

import json
import uuid

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.model.table import Kind


@pytest.mark.parametrize("kind", list(Kind))
def test_null_is_null_in_every_kind(cast, kind):
    assert cast([None], kind) == ([None], [])


@pytest.mark.parametrize("kind", [k for k in Kind if k not in {Kind.TEXT, Kind.OTHER}])
@pytest.mark.parametrize("cell", ["", "  ", "\u00a0"])
def test_empty_cells_are_null_outside_text(cast, kind, cell):
    assert cast([cell], kind) == ([None], [])


@pytest.mark.parametrize("kind", [Kind.TEXT, Kind.OTHER])
def test_in_text_every_character_counts(cast, kind):
    cells = ["", " a ", "é\u00a0", "NULL", "007"]
    assert cast(cells, kind) == (cells, [])


@pytest.mark.parametrize("kind", list(Kind))
def test_no_cells(cast, kind):
    assert cast([], kind) == ([], [])


@pytest.mark.parametrize("kind", [k for k in Kind if k not in {Kind.TEXT, Kind.OTHER}])
def test_nonsense_is_one_problem_and_null(cast, kind):
    values, problems = cast(["nonsense"], kind)
    assert values == [None]
    ((index, check, message),) = problems
    assert (index, check) == (0, "type")
    assert message.startswith("'nonsense' ")


def test_booleans(cast):
    yes, no = ["true", "T", "1", "Yes", "y", " on "], ["false", "F", "0", "NO", "n", "off"]
    assert cast(yes + no, Kind.BOOLEAN) == ([True] * 6 + [False] * 6, [])
    assert cast(["2", "ja"], Kind.BOOLEAN)[0] == [None, None]


@given(value=st.uuids())
@settings(deadline=None, max_examples=30)
def test_uuids_in_every_spelling(cast, value):
    cells = [str(value), str(value).upper(), value.hex, f"{{{value}}}", f" {value} "]
    assert cast(cells, Kind.UUID) == ([str(value)] * 5, [])
    assert uuid.UUID(cast([value.hex], Kind.UUID)[0][0]) == value


def test_uuids_of_another_length(cast):
    assert cast(["123e4567-e89b-12d3-a456-42661417400"], Kind.UUID)[0] == [None]


@given(value=st.recursive(st.none() | st.integers() | st.text(), st.lists, max_leaves=5))
@settings(deadline=None, max_examples=30)
def test_json_is_kept_as_written(cast, value):
    text = json.dumps(value)
    assert cast([text, f" {text}"], Kind.JSON) == ([text, f" {text}"], [])


@pytest.mark.parametrize("cell", ["{a: 1}", "[1,]", "NaN", "[Infinity]", "'a'", "[" * 200_000])
def test_json_that_is_none(cast, cell):
    values, problems = cast([cell, "1"], Kind.JSON)
    assert values == [None, "1"]
    assert "is not JSON: " in problems[0][2]
    assert len(problems[0][2]) < 200


@given(value=st.binary(max_size=20))
@settings(deadline=None, max_examples=30)
def test_binary(cast, value):
    assert cast([rf"\x{value.hex()}", rf"\x{value.hex().upper()}"], Kind.BINARY)[0] == [value] * 2


@pytest.mark.parametrize("cell", ["dead", r"\xabc", r"\xzz", r"x\00"])
def test_binary_that_is_none(cast, cell):
    assert cast([cell], Kind.BINARY)[0] == [None]


def test_messages_quote_little_and_on_one_line(cast):
    _, problems = cast(["x" * 100, "a\nb\0"], Kind.BOOLEAN)
    assert problems[0][2] == f"'{'x' * 60}…' is neither true nor false"
    assert problems[1][2] == "'a b␀' is neither true nor false"
