"""Rows of a table that refers to itself, parents before their children."""

from __future__ import annotations

import polars as pl

from core.databases.loaders.contract import Target
from core.databases.loaders.families import parents_first
from core.model.plan import OnConflict
from core.model.table import Column, ForeignKey, Kind, Table, TableRef
from tests.core.databases.typed_frames import typed

STAFF = Table(
    ref=TableRef(name="staff"),
    columns=tuple(
        Column(name=name, kind=Kind.INTEGER, type_text="INT") for name in ("id", "boss", "other")
    ),
    foreign_keys=(
        ForeignKey(
            name=None,
            columns=("boss",),
            target_schema=None,
            target_table="staff",
            target_columns=("id",),
        ),
    ),
)


def ordered(frame: pl.DataFrame, *columns: str, key: tuple[str, ...] = ()) -> list[int]:
    target = Target(table=STAFF, columns=columns, key=key, on_conflict=OnConflict.ERROR)
    return parents_first(frame, target)["__row__"].to_list()


def test_parents_come_first_and_all_else_stays_in_order() -> None:
    frame = typed(id=[1, 2, 3, 4, 5, None], boss=[3, None, 5, 4, 99, 1])
    assert ordered(frame, "id", "boss") == [5, 3, 1, 2, 4, 6]


def test_a_family_as_deep_as_the_frame_is_long() -> None:
    depth = 5_000
    frame = typed(id=list(range(depth)), boss=[*range(1, depth), None])
    assert ordered(frame, "id", "boss") == list(range(depth, 0, -1))


def test_circles_lose_no_row() -> None:
    frame = typed(id=[1, 2, 3], boss=[2, 1, 3])
    assert sorted(ordered(frame, "id", "boss")) == [1, 2, 3]


def test_rows_with_one_key_keep_their_order() -> None:
    frame = typed(id=[1, 1, 2, 3], boss=[3, None, None, 2])
    plain = ordered(frame, "id", "boss", key=("id",))
    assert plain == [3, 4, 1, 2]


def test_without_its_columns_nothing_is_known() -> None:
    frame = typed(boss=[2, 1])
    assert ordered(frame, "boss") == [1, 2]
