"""Keys that earlier files of a set bring, for later ones to refer to."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl
import pytest

from core.model.table import Column, ForeignKey, Kind, Table, TableRef
from core.pipeline.set_keys import SetKeys


def table(name: str, **kinds: Kind) -> Table:
    columns = tuple(
        Column(name=column, type_text="", kind=kind, nullable=True)
        for column, kind in kinds.items()
    )
    return Table(ref=TableRef(name=name), columns=columns)


def reference(columns: tuple[str, ...], target: str, keys: tuple[str, ...]) -> ForeignKey:
    return ForeignKey(name=None, columns=columns, target_schema=None, target_table=target,
                      target_columns=keys)  # fmt: skip


NOTHING = pl.DataFrame({"id": []}, schema={"id": pl.String})


def test_accepted_rows_and_rejected_ones_batch_by_batch() -> None:
    people, orders = table("people", id=Kind.INTEGER), table("orders", person=Kind.INTEGER)
    leads = reference(("person",), "people", ("id",))
    keys = SetKeys([leads])
    assert keys.accepted(leads, orders, pl.DataFrame({"person": [1]})).to_list() == [False]
    keys.keep(people, pl.DataFrame({"id": [3, 1]}), pl.DataFrame({"id": ["9", "x", None]}))
    keys.keep(people, pl.DataFrame({"id": [2]}), NOTHING)
    asked = pl.DataFrame({"person": [1, 2, 3, 4, 9, None]})
    assert keys.accepted(leads, orders, asked).to_list() == [True, True, True, False, False, False]
    assert keys.refused(leads, orders, asked).to_list() == [False] * 4 + [True, False]


@pytest.mark.parametrize(
    ("kind", "parent", "child"),
    [
        (Kind.NUMBER, ["1.50"], ["1.5"]),
        (Kind.DATE, [date(2026, 1, 31)], [date(2026, 1, 31)]),
        (Kind.BINARY, [b"\xff\x00"], [b"\xff\x00"]),
        (Kind.TEXT, ["é"], ["é"]),
    ],
)
def test_keys_of_every_kind(kind: Kind, parent: list[Any], child: list[Any]) -> None:
    leads = reference(("p",), "parents", ("k",))
    keys = SetKeys([leads])
    keys.keep(table("parents", k=kind), pl.DataFrame({"k": parent}), pl.DataFrame({"k": ["?"]}))
    assert keys.accepted(leads, table("c", p=kind), pl.DataFrame({"p": child})).all()


def test_a_whole_number_refers_to_an_exact_one() -> None:
    leads = reference(("p",), "parents", ("k",))
    keys = SetKeys([leads])
    keys.keep(
        table("parents", k=Kind.NUMBER), pl.DataFrame({"k": ["5.00"]}), pl.DataFrame({"k": [""]})
    )
    child = table("children", p=Kind.INTEGER)
    assert keys.accepted(leads, child, pl.DataFrame({"p": [5, 50]})).to_list() == [True, False]


def test_keys_of_two_columns_in_the_reference_s_order() -> None:
    leads = reference(("a", "b"), "parents", ("y", "x"))
    keys = SetKeys([leads])
    rows = pl.DataFrame({"x": [1], "y": [2]})
    keys.keep(table("parents", x=Kind.INTEGER, y=Kind.INTEGER), rows, rows.clear())
    child = table("children", a=Kind.INTEGER, b=Kind.INTEGER)
    asked = pl.DataFrame({"a": [2, 1, 2], "b": [1, 2, None]})
    assert keys.accepted(leads, child, asked).to_list() == [True, False, False]


def test_columns_nobody_refers_to_or_the_file_does_not_give_are_not_kept() -> None:
    leads = reference(("p",), "parents", ("k",))
    keys = SetKeys([leads])
    other = pl.DataFrame({"z": [1]})
    keys.keep(table("parents", z=Kind.INTEGER), other, other)
    keys.keep(table("others", k=Kind.INTEGER), pl.DataFrame({"k": [1]}), other)
    child = table("children", p=Kind.INTEGER)
    assert keys.accepted(leads, child, pl.DataFrame({"p": [1]})).to_list() == [False]


def test_references_to_files_that_come_later_are_left_to_the_database() -> None:
    leads = reference(("p",), "parents", ("k",))
    keys = SetKeys([leads])
    assert not keys.awaits(leads)
    keys.await_([leads])
    assert keys.awaits(leads)
