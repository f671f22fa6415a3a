from __future__ import annotations

import pytest

from core.errors import InvalidMapping
from core.mapping.transforms import TRANSFORMS, check_step, find_transform, transform_infos
from core.model.mapping import Step


def test_the_six_transforms_of_the_guide_are_listed_with_words_for_people():
    infos = transform_infos()
    assert {i.name for i in infos} == {"trim", "upper", "lower", "number", "date", "boolean"}
    assert all(i.title and i.description.endswith(".") for i in infos)


@pytest.mark.parametrize(
    ("alias", "name"), [("uppercase", "upper"), ("LOWERCASE", "lower"), (" Trim ", "trim")]
)
def test_aliases_in_any_case(alias, name):
    assert find_transform(alias) is TRANSFORMS[name]


@pytest.mark.parametrize("name", list(TRANSFORMS))
def test_every_transform_keeps_null_and_nothing(run, name):
    assert run([None, ""], name) == ([None, ""], {})


@pytest.mark.parametrize(
    ("step", "why"),
    [
        (Step(transform="shout"), "no transform 'shout'"),
        (Step(transform="trim", options={"side": "left"}), "no option 'side'; it takes none"),
        (Step(transform="number", options={"decimal": "dot"}), "'dot' is no choice"),
        (Step(transform="date", options={"format": "%d/%m"}), "does not tell"),
        (Step(transform="date", options={"format": "nonsense"}), "does not tell"),
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
