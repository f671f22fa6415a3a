from __future__ import annotations

import json

import pytest

from core.errors import InvalidMapping
from core.mapping.document import mappings_document, parse_mappings
from core.model.mapping import FieldMapping, Step

GUIDE = [
    {"sourceColumn": "full_name", "targetColumn": "name", "transform": "trim"},
    {"sourceColumn": "years_old", "targetColumn": "age", "transform": "number"},
]


def test_the_list_of_the_guide():
    assert parse_mappings(GUIDE) == (
        FieldMapping(source="full_name", target="name", steps=(Step(transform="trim"),)),
        FieldMapping(source="years_old", target="age", steps=(Step(transform="number"),)),
    )


@pytest.mark.parametrize(
    "document",
    [
        {"mappings": [{"source_column": "a", "target_column": "b", "skip_empty": True}]},
        {"field_mappings": [{"source_field": "a", "target_field": "b", "skipEmpty": True}]},
        [{"sourceColumn": "a", "targetColumn": "b", "transform": "", "skipEmpty": True}],
        [{"source": "a", "target": "b", "transform_rule": None, "skip_empty": True}],
        {"a": {"target": "b", "skipEmpty": True}},
    ],
)
def test_every_spelling(document):
    assert parse_mappings(document) == (FieldMapping(source="a", target="b", skip_empty=True),)


def test_source_to_target():
    assert parse_mappings({"a": "x", "b": "y", "c": None}) == (
        FieldMapping(source="a", target="x"),
        FieldMapping(source="b", target="y"),
    )


@pytest.mark.parametrize(
    "transform",
    [
        ["trim", {"name": "number", "options": {"decimal": "comma"}}],
        [{"transform": "Trim"}, {"name": "number", "options": {"decimal": "comma"}}],
    ],
)
def test_several_steps_with_options(transform):
    (mapping,) = parse_mappings([{"source": "a", "target": "b", "transforms": transform}])
    assert mapping.steps == (
        Step(transform="trim"),
        Step(transform="number", options={"decimal": "comma"}),
    )


def test_aliases_become_names():
    (mapping,) = parse_mappings([{"source": "a", "target": "b", "transform": "uppercase"}])
    assert mapping.steps == (Step(transform="upper"),)


@pytest.mark.parametrize("target", [None, ""])
def test_a_source_without_target_is_not_imported(target):
    assert parse_mappings([{"sourceColumn": "a", "targetColumn": target}]) == ()


@pytest.mark.parametrize(
    ("document", "why"),
    [
        ("a", "must be a list"),
        (None, "must be a list"),
        ({"other": []}, "must be a list under"),
        (["a"], "mapping 1: expected an object"),
        ([*GUIDE, {"targetColumn": "b"}], "mapping 3: sourceColumn is missing"),
        ([{"source": "a", "target": 3}], "targetColumn must be text"),
        ([{"source": "a", "target": "b", "skipEmpty": "yes"}], "skipEmpty must be"),
        ([{"source": "a", "target": "b", "colour": 1}], "unknown colour"),
        ([{"source": "a", "target": "b", "transform": "shout"}], "no transform 'shout'"),
        ([{"source": "a", "target": "b", "transform": 3}], "a transform is a name"),
        (
            [{"source": "a", "target": "b", "transform": {"name": "trim", "options": {"a": 1}}}],
            "must be texts",
        ),
    ],
)
def test_mistakes_are_named(document, why):
    with pytest.raises(InvalidMapping, match=why):
        parse_mappings(document)


def test_the_document_gives_the_mappings_back():
    mappings = (
        FieldMapping(source="a", target="x"),
        FieldMapping(source="b", target="y", steps=(Step(transform="trim"),), skip_empty=True),
        FieldMapping(
            source="c",
            target="z",
            steps=(Step(transform="trim"), Step(transform="date", options={"order": "dmy"})),
        ),
        FieldMapping(
            source="d", target="w", steps=(Step(transform="date", options={"order": "mdy"}),)
        ),
    )
    document = json.loads(json.dumps(mappings_document(mappings)))
    assert parse_mappings(document) == mappings
    assert document[0] == {
        "sourceColumn": "a",
        "targetColumn": "x",
        "transform": None,
        "skipEmpty": False,
    }
    assert document[1]["transform"] == "trim"
