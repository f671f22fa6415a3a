"""Columns are known by what they hold: values of the table, of its parents, and their shape."""

from __future__ import annotations

import pytest

from core.mapping import suggest as suggesting
from core.mapping.evidence import ParentValues, TableValues
from core.mapping.suggest import SourceColumn, suggest
from core.mapping.traits import traits_of
from core.model.mapping import Lookup, Suggestion
from core.model.reference import fold
from core.model.table import Column, ForeignKey, Kind, Table, TableRef, UniqueKey

CITIES = [f"{a}{b}" for a in ("North", "South", "Old", "New") for b in ("ham", "ton", "by", "ford")]
CODES = [f"AB-{n:04}" for n in range(60)]
STATES = ["open", "paid", "void"] * 20
PRICES = [f"{n * 7 % 83}.{n % 100:02}" for n in range(60)]
NAMES = ["Rock", "Jazz", "Blues", "Latin"]


def column(name: str, kind: Kind = Kind.TEXT, **more) -> Column:
    return Column(name=name, kind=kind, type_text=kind.value, **more)


TABLE = Table(
    ref=TableRef(name="sales"),
    columns=(
        column("sale_code"),
        column("shop_city"),
        column("state", choices=("open", "paid", "void")),
        column("price", Kind.NUMBER),
        column("genre_id", Kind.INTEGER),
    ),
    keys=(UniqueKey(name=None, columns=("sale_code",), primary=True),),
    foreign_keys=(
        ForeignKey(
            name=None, columns=("genre_id",), target_schema=None, target_table="genres",
            target_columns=("id",),
        ),
    ),
)  # fmt: skip


def known(**found: list[str]) -> TableValues:
    """What the table holds, and that its parent has those of the file's values."""
    there = {"sale_code": CODES, "shop_city": CITIES * 4, "state": STATES, "price": PRICES}
    names = frozenset(fold(value) for value in found.get("names", ()))
    parent = ParentValues(
        label="genres", keys=frozenset(found.get("keys", ())), names={"name": names}
    )
    return TableValues(
        columns={name: traits_of(cells) for name, cells in there.items()},
        parents={"genre_id": parent},
    )


def one(name: str, cells: list[str], values: TableValues | None = None) -> Suggestion:
    source = SourceColumn(name=name, samples=tuple(cells))
    (found,) = suggest([source], TABLE, known() if values is None else values)
    return found


@pytest.mark.parametrize(
    ("cells", "target", "because"),
    [
        (CITIES * 3, "shop_city", "16 of 16 values are in the table already."),
        ([f"XY-{n:04}" for n in range(100, 160)], "sale_code", "like those in the table"),
        (["paid", "open", "void"] * 9, "state", "3 of 3 values are among those it allows."),
        ([f"{n * 11 % 83}.{n % 90 + 10}" for n in range(60)], "price", "like those in the table"),
    ],
)
def test_a_column_without_a_name_is_known_by_its_values(cells, target, because):
    found = one("Column1", cells)
    assert (found.target, because in found.reason) == (target, True)
    assert one("Column1", cells, TableValues()).target in (None, "state")


def test_names_of_the_parent_are_looked_up():
    cells = [NAMES[n % 4] for n in range(40)]
    found = one("Genre", cells, known(names=NAMES))
    assert (found.target, found.lookup, found.steps) == ("genre_id", Lookup(by="name"), ())
    assert found.auto
    assert found.reason.startswith("4 of 4 values are names in genres.name.")
    assert one("Genre", cells, known(names=["Rock"])).target is None


def test_keys_of_the_parent_are_taken_as_they_are():
    cells = [str(n % 9 + 1) for n in range(40)]
    found = one("genre", cells, known(keys=[str(n) for n in range(1, 10)]))
    assert (found.target, found.lookup) == ("genre_id", None)
    assert "9 of 9 values are keys of genres." in found.reason
    doubtful = one("genre", cells, known(keys=["77"]))
    assert doubtful.confidence < found.confidence


def test_values_speak_against_a_name():
    sure = one("state", ["paid", "open"] * 9)
    assert sure.auto
    assert sure.confidence > one("state", ["red", "green"] * 9).confidence
    assert not one("status", ["red", "green"] * 9).auto


def test_repeated_values_are_no_key():
    once = one("code", CODES[:40])
    assert once.target == "sale_code"
    again = one("code", ["AB-0001", "AB-0002"] * 20)
    assert again.confidence < once.confidence


def test_two_columns_alike_are_left_to_the_user():
    sources = [SourceColumn(name=n, samples=tuple(CITIES * 3)) for n in ("Column1", "Column2")]
    found = suggest(sources, TABLE, known())
    assert [s.target for s in found] == [None, None]
    assert all("2 columns of the file are equally likely for 'shop_city'" in s.reason
               for s in found)  # fmt: skip


def test_the_better_name_of_two_alike_columns_wins():
    sources = [SourceColumn(name=n, samples=tuple(CITIES * 3)) for n in ("city", "Column2")]
    assert [s.target for s in suggest(sources, TABLE, known())] == ["shop_city", None]


def test_what_is_said_is_what_tells_most():
    reason = one("Shop City", CITIES * 3).reason
    assert reason == (
        "'Shop City' is 'shop_city' but for case or punctuation. Its values are like those in the"
        " table."
    )  # fmt: skip


def test_of_very_many_pairs_those_of_other_names_are_left_out(monkeypatch):
    monkeypatch.setattr(suggesting, "_MANY", len(TABLE.columns) - 1)
    assert one("elsewhere", CITIES * 3).target is None
    assert one("Column1", CITIES * 3).target == "shop_city"
    assert one("city", CITIES * 3).target == "shop_city"
    monkeypatch.undo()
    assert one("elsewhere", CITIES * 3).target == "shop_city"
