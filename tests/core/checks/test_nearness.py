"""What was probably meant, and when nothing can be said."""

from __future__ import annotations

import pytest

from core.checks import nearness
from core.checks.nearness import Nearest, did_you_mean, distance, proposed_values

GENRES = ("Jazz", "Blues", "Rock", "Rock And Roll", "Metal", "Hip Hop/Rap", "Électro", "Pop", "Ska")


@pytest.mark.parametrize(
    ("value", "near"),
    [
        ("Jaz", ("Jazz",)),
        ("jAZZ ", ("Jazz",)),
        ("ÉLECTRO", ("Électro",)),
        ("Ｊａｚｚ", ("Jazz",)),
        ("Bleus", ("Blues",)),
        ("Rock and Rol", ("Rock And Roll",)),
        ("Hip Hop / Rap", ("Hip Hop/Rap",)),
        ("Pip", ("Pop",)),
        ("Po", ()),
        ("Polka", ()),
        ("", ()),
        ("x" * 5_000, ()),
    ],
)
def test_the_nearest(value: str, near: tuple[str, ...]) -> None:
    assert Nearest(GENRES).of(value) == near


def test_several_are_offered_nearest_first_and_none_of_them_is_meant() -> None:
    nearest = Nearest(["Marta", "Maria", "Mario", "Marion", "Marian"])
    assert nearest.of("Mari") == ("Maria", "Mario")
    assert nearest.only("Mari") is None
    assert nearest.only("Marionn") == "Marion"
    assert nearest.only("Zoe") is None
    alike = Nearest(["EU", "eu", "US"])
    assert (alike.of("Eu"), alike.only("Eu"), alike.only("us")) == (("EU", "eu"), None, "US")


@pytest.mark.parametrize(
    ("one", "other", "steps"),
    [("jaz", "jazz", 1), ("blues", "bleus", 1), ("abc", "xyz", 3), ("a", "abcdef", 3), ("", "", 0),
     ("kitten", "sitting", 3), ("ca", "abc", 3)],
)  # fmt: skip
def test_distance(one: str, other: str, steps: int) -> None:
    assert distance(one, other, 2) == steps
    assert distance(other, one, 2) == steps


def test_the_work_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nearness, "_PATIENCE", 2)
    nearest = Nearest(GENRES)
    assert [nearest.of(v) for v in ("Jaz", "Roc", "Meta", "Jaz", "METAL")] == [
        ("Jazz",), ("Rock",), (), ("Jazz",), ("Metal",),
    ]  # fmt: skip
    monkeypatch.setattr(nearness, "_COMMON", 0)
    assert Nearest(GENRES).of("Jaz") == ()


def test_words_for_a_message() -> None:
    assert did_you_mean([]) == ""
    assert did_you_mean(["a", "b\n"]) == "; did you mean 'a' or 'b'?"


def test_a_map_for_the_cells_that_are_no_choice() -> None:
    choices = ("pending", "shipped", "delivered")
    cells = ["Shiped", "PENDING", "lost", "Shiped"]
    assert proposed_values(cells, choices) == {"Shiped": "shipped", "PENDING": "pending"}
