from __future__ import annotations

import pytest

from core.mapping.options import fault, flag, integer, pairs_of, texts_of
from core.model.mapping import OptionInfo, OptionKind


@pytest.mark.parametrize(
    ("value", "texts"),
    [
        ("", ()),
        ("[]", ()),
        ("a, b", ("a, b",)),
        ('["a", "b"]', ("a", "b")),
        (' ["a"]', ("a",)),
        ("[at] YYYY", ("[at] YYYY",)),
        ("[1, 2]", ("[1, 2]",)),
        ("[" * 100_000, ("[" * 100_000,)),
    ],
)
def test_a_list_is_a_json_array_or_one_text(value, texts):
    assert texts_of(value) == texts


def test_pairs():
    assert pairs_of('{"a": "b", "c": null}') == {"a": "b", "c": None}
    assert pairs_of("") == {}


def test_flags_and_numbers_have_defaults():
    assert flag({}, "x", default=True)
    assert not flag({"x": "false"}, "x", default=True)
    assert integer({"x": "-3"}, "x", 5) == -3
    assert integer({"x": ""}, "x", 5) == 5


@pytest.mark.parametrize(
    ("kind", "value", "said"),
    [
        (OptionKind.INTEGER, "7", None),
        (OptionKind.INTEGER, "+7", None),
        (OptionKind.INTEGER, "1" * 7, "must be a whole number"),
        (OptionKind.INTEGER, "1.0", "must be a whole number"),
        (OptionKind.NUMBER, "1.50", None),
        (OptionKind.NUMBER, "nan", "must be a number"),
        (OptionKind.NUMBER, "one", "must be a number"),
        (OptionKind.FLAG, "false", None),
        (OptionKind.FLAG, "False", "must be true or false"),
        (OptionKind.PAIRS, '{"a": null}', None),
        (OptionKind.PAIRS, '["a"]', "must be a JSON object"),
        (OptionKind.COLUMNS, '["b", "a"]', None),
        (OptionKind.COLUMNS, "a", None),
        (OptionKind.COLUMNS, '["c"]', "names 'c'"),
        (OptionKind.PATTERN, "a+", None),
        (OptionKind.PATTERN, "a(", "cannot be used"),
        (OptionKind.TEXT, "x" * 10_001, "is longer than 10,000"),
        (OptionKind.LIST, "x" * 10_001, None),
        (OptionKind.LIST, "x" * 500_001, "is longer than 500,000"),
    ],
)
def test_an_option_is_checked_by_its_kind(kind, value, said):
    found = fault(OptionInfo(name="o", title="O", kind=kind), value, ("a", "b"))
    assert (found is None) == (said is None)
    assert said is None or (found or "").startswith(said)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (OptionKind.TEXT, ""),
        (OptionKind.LIST, "[]"),
        (OptionKind.COLUMNS, "[ ]"),
        (OptionKind.PAIRS, "{ }"),
    ],
)
def test_what_is_required_must_be_there(kind, value):
    assert (
        fault(OptionInfo(name="o", title="O", kind=kind, required=True), value, None)
        == "is missing"
    )
    assert fault(OptionInfo(name="o", title="O", kind=kind), value, None) is None


def test_a_json_text_is_a_text():
    required = OptionInfo(name="o", title="O", required=True)
    assert fault(required, "{}", None) is None
    assert fault(required, "[]", None) is None
