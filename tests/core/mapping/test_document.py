from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import InvalidMapping
from core.mapping.document import mappings_document, parse_mappings
from core.mapping.transforms import TRANSFORMS
from core.model.mapping import Answer, Decision, FieldMapping, Lookup, Step

GUIDE = [
    {"sourceColumn": "full_name", "targetColumn": "name", "transform": "trim"},
    {"sourceColumn": "years_old", "targetColumn": "age", "transform": "number"},
]


def step(name, **options):
    """A document with one transform and its options."""
    return [{"source": "a", "target": "b", "transform": {"name": name, "options": options}}]


def lookup(value):
    return [{"source": "a", "target": "b", "lookup": value}]


def decide(*decisions):
    return lookup({"by": "Name", "decisions": list(decisions)})


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
            [{"source": "a", "target": "b", "transform": {"name": "trim", "options": [1]}}],
            "options of transform 'trim' must be values by name",
        ),
        ([{"source": 3, "target": "b"}], "sourceColumn must be text"),
        ([{"target": "b", "transform": "trim"}], "mapping 1: sourceColumn is missing"),
        (
            [{"source": "a", "target": "b", "transform": {"name": "trim", "option": {}}}],
            "unknown option of a transform",
        ),
        (step("round", digits=[2]), "round, option 'digits' must be a whole number"),
        (step("map_values", pairs=["a"]), "option 'pairs' must be an object from text to text"),
        (step("map_values", pairs={"a": ["b"]}), "holds .*which is not a text"),
        (step("null_words", words={"a": "b"}), "option 'words' must be a list of texts"),
        (step("null_words", words=[None]), "holds 'None', which is not a text"),
        (lookup(3), "lookup must be an object"),
        (lookup({}), "lookup needs by"),
        (lookup({"by": "Name", "to": "x"}), "unknown to of lookup"),
        (lookup({"by": "Name", "decisions": "no"}), "decisions of lookup must be a list"),
        (decide("Jazz"), "decision 1: expected an object"),
        (decide({"value": "Jaz", "answer": "guess"}), "answer must be one of use, blank, reject"),
        (decide({"value": 1, "answer": "blank"}), "value must be text"),
        (decide({"value": "Jaz", "answer": "use"}), "use must be given with the answer use"),
        (decide({"value": "Jaz", "answer": "blank", "use": "2"}), "and only then"),
        (decide({"value": "Jaz", "answer": "use", "use": [2]}), "use must be the key of a row"),
        (decide({"value": "Jaz", "answer": "use", "use": True}), "use must be the key of a row"),
        (decide(*[{"value": "Jaz", "answer": "blank"}] * 2), "decides on one value twice"),
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


@pytest.mark.parametrize("source", [{}, {"sourceColumn": None}, {"source_field": ""}])
def test_what_makes_its_cells_needs_no_source(source):
    entry = {
        **source,
        "targetColumn": "b",
        "transform": {"name": "constant", "options": {"value": "x"}},
    }
    made = FieldMapping(
        source="", target="b", steps=(Step(transform="constant", options={"value": "x"}),)
    )
    assert parse_mappings([entry]) == (made,)
    assert mappings_document((made,))[0]["sourceColumn"] is None


def test_the_names_of_the_guides_schema():
    entry = {
        "source_field": "a",
        "target_field": "b",
        "data_type": "integer",
        "is_required": True,
        "default_value": 0,
        "transform_rule": "trim",
    }
    steps = (Step(transform="trim"), Step(transform="default_if_empty", options={"value": "0"}))
    assert parse_mappings([entry]) == (FieldMapping(source="a", target="b", steps=steps),)
    assert parse_mappings([{"source": "a", "target": "b", "defaultValue": ""}])[0].steps == ()


def test_a_lookup_in_short_and_in_full():
    (short,) = parse_mappings(lookup("Name"))
    assert short.lookup == Lookup(by="Name")
    (full,) = parse_mappings(
        decide(
            {"value": "Jaz", "answer": "use", "use": 2},
            {"value": "?", "answer": "blank"},
            {"value": "Noise", "answer": "reject"},
        )
    )
    assert full.lookup == Lookup(
        by="Name",
        decisions=(
            Decision(value="Jaz", answer=Answer.USE, use="2"),
            Decision(value="?", answer=Answer.BLANK),
            Decision(value="Noise", answer=Answer.REJECT),
        ),
    )
    assert mappings_document((full,))[0]["lookup"] == {
        "by": "Name",
        "decisions": [
            {"value": "Jaz", "answer": "use", "use": "2"},
            {"value": "?", "answer": "blank"},
            {"value": "Noise", "answer": "reject"},
        ],
    }


NAMES = st.text(min_size=1, max_size=5)
MAKERS = sorted(name for name, t in TRANSFORMS.items() if t.info.makes)
OTHERS = sorted(set(TRANSFORMS) - set(MAKERS))


def steps_of(names):
    options = st.dictionaries(NAMES, st.text(max_size=5), max_size=2)
    return st.builds(Step, transform=st.sampled_from(names), options=options)


LOOKUPS = st.builds(
    Lookup,
    by=NAMES,
    decisions=st.lists(
        st.one_of(
            st.builds(Decision, value=st.text(max_size=3), answer=st.just(Answer.USE), use=NAMES),
            st.builds(Decision, value=st.text(max_size=3), answer=st.just(Answer.BLANK)),
        ),
        unique_by=lambda decision: decision.value,
        max_size=3,
    ).map(tuple),
)
MAPPINGS = st.builds(
    FieldMapping,
    source=NAMES,
    target=NAMES,
    steps=st.lists(steps_of(OTHERS), max_size=3).map(tuple),
    skip_empty=st.booleans(),
    lookup=st.none() | LOOKUPS,
) | st.builds(
    FieldMapping,
    source=st.just(""),
    target=NAMES,
    steps=st.tuples(steps_of(MAKERS), steps_of(OTHERS)),
)


@settings(deadline=None, max_examples=60)
@given(mappings=st.lists(MAPPINGS, max_size=3).map(tuple))
def test_any_mapping_comes_back(mappings):
    document = json.loads(json.dumps(mappings_document(mappings)))
    assert parse_mappings(document) == mappings
    assert mappings_document(parse_mappings(document)) == document
