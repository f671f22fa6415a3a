"""New tables that no database is asked to make."""

from __future__ import annotations

from typing import Any

import pytest

from core.databases.features import FEATURES
from core.databases.making.soundness import require_sound
from core.errors import InvalidRequest
from core.model.new_table import NewColumn, NewTable
from core.model.table import Kind

TEXT = NewColumn(name="a", kind=Kind.TEXT)


def refused(backend: str = "postgresql", **changes: Any) -> str:
    spec = NewTable(**{"name": "t", "columns": (TEXT,)} | changes)
    with pytest.raises(InvalidRequest) as error:
        require_sound(spec, FEATURES[backend])
    return error.value.detail


def column(**changes: Any) -> tuple[NewColumn, ...]:
    return (NewColumn(**{"name": "a", "kind": Kind.NUMBER} | changes),)


def test_a_sound_table_passes() -> None:
    spec = NewTable(name="Größe 🙂", columns=(TEXT, *column(name="b", precision=5, scale=5)))
    for backend in ("sqlite", "postgresql"):
        require_sound(spec, FEATURES[backend])


@pytest.mark.parametrize("name", ["", "  ", " a", "a\n", "a\x00b", "\ud83d", "ä" * 32])
def test_names_that_no_database_would_keep(name: str) -> None:
    assert "name" in refused(name=name) or "called" in refused(name=name)
    refused(columns=(NewColumn(name=name, kind=Kind.TEXT),))


@pytest.mark.parametrize(
    "name", ["tableport_ledger", "Tableport_x", "sqlite_x", "pg_x", 'a"b', "a.b"]
)
def test_names_of_tables_that_are_kept(name: str) -> None:
    assert name.replace('"', '"') in refused(name=name)


@pytest.mark.parametrize("name", ["__row__", "TABLEPORT_position", "ctid", "XMIN"])
def test_names_of_columns_that_are_kept(name: str) -> None:
    assert "kept" in refused(columns=(NewColumn(name=name, kind=Kind.TEXT),))


def test_case_alone_does_not_tell_columns_apart() -> None:
    twice = (NewColumn(name="Größe", kind=Kind.TEXT), NewColumn(name="GRÖSSE", kind=Kind.TEXT))
    assert "rename" in refused(columns=twice)


@pytest.mark.parametrize(
    ("columns", "says"),
    [
        ((), "needs one"),
        (column(kind=Kind.OTHER), "not as other"),
        (column(kind=Kind.TEXT, max_length=0), "1 to"),
        (column(scale=2), "exact number"),
        (column(precision=3, scale=4), "exact number"),
        (column(precision=1_001, scale=0), "exact number"),
        (column(kind=Kind.TEXT, autoincrement=True), "whole numbers"),
    ],
)
def test_columns_that_cannot_be(columns: tuple[NewColumn, ...], says: str) -> None:
    assert says in refused(columns=columns)


def test_a_schema_where_there_is_none() -> None:
    assert "no schemas" in refused("sqlite", schema="main")


@pytest.mark.parametrize(("backend", "most"), [("sqlite", 2_000), ("postgresql", 1_600)])
def test_more_columns_than_the_backend_takes(backend: str, most: int) -> None:
    many = tuple(NewColumn(name=f"c{n}", kind=Kind.TEXT) for n in range(most + 1))
    require_sound(NewTable(name="t", columns=many[:-1]), FEATURES[backend])
    assert f"{most:,}" in refused(backend, columns=many)


def test_on_sqlite_a_column_that_counts_is_the_key() -> None:
    assert "the key" in refused("sqlite", columns=column(kind=Kind.INTEGER, autoincrement=True))
