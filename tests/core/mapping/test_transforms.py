from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import InvalidMapping
from core.mapping.transforms import TRANSFORMS, check_step, find_transform, transform_infos
from core.model.mapping import Step

SIX = {"trim", "upper", "lower", "number", "date", "boolean"}
#: What each transform must be told, at least, to be tried on cells.
TOLD = {
    "strip": {"characters": "-"},
    "replace": {"find": "a"},
    "regex_extract": {"pattern": "a"},
    "split_part": {"separator": ",", "part": "1"},
    "null_words": {"words": "N/A"},
    "map_values": {"pairs": '{"a": "b"}'},
    "constant": {"value": "x"},
    "default_if_empty": {"value": "x"},
    "concatenate": {"columns": "a"},
    "expression": {"sql": "a"},
}


def test_the_transforms_are_listed_with_words_for_people():
    infos = transform_infos()
    assert {i.name for i in infos} == set(TRANSFORMS) >= SIX
    assert [i.name for i in infos][:3] == ["trim", "upper", "lower"]
    assert all(i.title and i.description.endswith(".") for i in infos)
    names = [name for i in infos for name in (i.name, *i.aliases)]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("name", list(TRANSFORMS))
def test_options_are_declared_so_that_a_form_can_be_drawn(name):
    for option in TRANSFORMS[name].info.options:
        assert option.title
        assert not option.choices or option.default in option.choices
        assert not (option.required and option.default)
        if option.default:
            check_step(
                Step(transform=name, options=TOLD.get(name, {}) | {option.name: option.default})
            )


@pytest.mark.parametrize("name", list(TRANSFORMS))
def test_what_is_required_is_required(name):
    check_step(Step(transform=name, options=TOLD.get(name, {})))
    for option in TRANSFORMS[name].info.options:
        if option.required:
            told = {k: v for k, v in TOLD[name].items() if k != option.name}
            with pytest.raises(InvalidMapping, match=f"option '{option.name}' is missing"):
                check_step(Step(transform=name, options=told))


@pytest.mark.parametrize(
    ("alias", "name"), [("uppercase", "upper"), ("LOWERCASE", "lower"), (" Trim ", "trim")]
)
def test_aliases_in_any_case(alias, name):
    assert find_transform(alias) is TRANSFORMS[name]


@pytest.mark.parametrize(
    "name",
    [n for n, t in TRANSFORMS.items() if not t.info.makes and n != "default_if_empty"],
)
def test_every_transform_keeps_null_and_nothing(run, name):
    assert run([None, ""], name, **TOLD.get(name, {})) == ([None, ""], {})


@pytest.mark.parametrize(
    ("step", "why"),
    [
        (Step(transform="shout"), "no transform 'shout'"),
        (Step(transform="trim", options={"side": "left"}), "no option 'side'; it takes none"),
        (
            Step(transform="number", options={"decimal": "dot"}),
            "has no choice 'dot'; choose one of auto",
        ),
        (Step(transform="date", options={"format": "%d/%m"}), "does not tell"),
        (Step(transform="date", options={"format": "nonsense"}), "stands for no part of a date"),
        (Step(transform="date", options={"format": "%d/%m/%Y %I:%M"}), "12-hour clock"),
        (Step(transform="date", options={"format": "%d/%m/%Y %Z"}), "use %z"),
        (Step(transform="date", options={"format": "%Q"}), "does not tell"),
    ],
)
def test_impossible_steps_are_refused_by_name(step, why):
    with pytest.raises(InvalidMapping, match=why):
        check_step(step)


@pytest.mark.parametrize(
    "step",
    [
        Step(transform="uppercase"),
        Step(transform="number", options={"decimal": "comma"}),
        Step(transform="date", options={"order": "", "format": "%d %b %Y"}),
        Step(transform="date", options={"format": "%d/%m/%y %I:%M %p %z"}),
    ],
)
def test_possible_steps_pass(step):
    check_step(step)


@settings(deadline=None, max_examples=15)
@given(cells=st.lists(st.none() | st.text(max_size=12), min_size=1, max_size=10))
@pytest.mark.parametrize("name", [n for n, t in TRANSFORMS.items() if not t.info.makes])
def test_whatever_the_cells_are_there_is_text_or_a_reason(run, name, cells):
    found, problems = run(cells, name, **TOLD.get(name, {}))
    assert len(found) == len(cells)
    for position, why in problems.items():
        assert cells[position] is not None
        assert found[position] is None
        assert why
    lost = {n for n, cell in enumerate(found) if cell is None and cells[n] is not None}
    assert name == "null_words" or lost == set(problems)


def test_a_maker_is_refused_where_there_are_cells_already():
    step = Step(transform="constant", options={"value": "x"})
    check_step(step)
    with pytest.raises(InvalidMapping, match="must be the first step"):
        check_step(step, made=False)
