from __future__ import annotations

import json

import pytest

from core.errors import InvalidMapping
from core.mapping.wire import read_steps, steps_document
from core.model.mapping import Step


@pytest.mark.parametrize(
    ("name", "given", "stored"),
    [
        ("round", {"digits": 2}, {"digits": "2"}),
        ("round", {"digits": 2.0}, {"digits": "2"}),
        ("round", {"digits": None, "mode": "half_even"}, {"mode": "half_even"}),
        ("map_values", {"pairs": {"a": 1, "b": None, "c": True}, "match_case": False},
         {"pairs": '{"a":"1","b":null,"c":"true"}', "match_case": "false"}),
        ("null_words", {"words": ["N/A", 0]}, {"words": '["N/A","0"]'}),
        ("null_words", {"words": "N/A"}, {"words": "N/A"}),
        ("constant", {"value": 1.5}, {"value": "1.5"}),
        ("date", {"format": ["%d.%m.%Y", "YYYYMMDD"]}, {"format": '["%d.%m.%Y","YYYYMMDD"]'}),
        ("concatenate", {"columns": ["ä", "b"]}, {"columns": '["ä","b"]'}),
    ],
)  # fmt: skip
def test_options_of_any_json_type_are_stored_as_text(name, given, stored):
    (step,) = read_steps({"name": name, "options": given}, "mapping 1")
    assert step == Step(transform=name, options=stored)
    assert read_steps(json.loads(json.dumps(steps_document((step,)))), "mapping 1") == (step,)


def test_several_steps_and_none():
    steps = (Step(transform="trim"), Step(transform="round", options={"digits": "2"}))
    assert steps_document(()) is None
    assert steps_document(steps[:1]) == "trim"
    document = steps_document(steps)
    assert document == ["trim", {"name": "round", "options": {"digits": "2"}}]
    assert read_steps(document, "mapping 1") == steps


@pytest.mark.parametrize("value", [3, True, {}, {"name": 3}, [["trim"]], {"name": ""}])
def test_what_is_no_step_is_refused_where_it_stands(value):
    with pytest.raises(InvalidMapping, match="mapping 7: a transform is a name"):
        read_steps(value, "mapping 7")
