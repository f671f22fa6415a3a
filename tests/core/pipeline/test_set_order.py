"""Parents before children, and what goes round in a circle."""

from __future__ import annotations

from core.model.table import Column, ForeignKey, Kind, Table, TableRef
from core.pipeline.set_order import Entry, Order, ordered


def entry(name: str, *parents: str, mapped: frozenset[str] | None = None) -> Entry:
    """A table with a column for each table it refers to."""
    columns = tuple(
        Column(name=column, type_text="INTEGER", kind=Kind.INTEGER, nullable=True)
        for column in ("id", *parents)
    )
    references = tuple(
        ForeignKey(name=None, columns=(parent,), target_schema=None, target_table=parent,
                   target_columns=("id",))
        for parent in parents
    )  # fmt: skip
    table = Table(ref=TableRef(name=name), columns=columns, foreign_keys=references)
    return Entry(table=table, mapped=frozenset(table.column_names) if mapped is None else mapped)


def order(*entries: Entry) -> tuple[list[str], Order]:
    found = ordered(entries)
    return [entries[place].table.label for place in found.places], found


def test_parents_come_first_and_others_as_given() -> None:
    names, found = order(
        entry("lines", "orders", "goods"), entry("free"), entry("orders", "people"),
        entry("goods"), entry("people"),
    )  # fmt: skip
    assert names == ["free", "goods", "people", "orders", "lines"]
    assert found.circle == ()


def test_columns_that_are_not_given_and_a_table_itself_do_not_count() -> None:
    names, found = order(
        entry("staff", "staff", "shops", mapped=frozenset({"id", "staff"})), entry("shops")
    )
    assert names == ["staff", "shops"]
    assert found.links == ()


def test_two_files_for_one_table_both_come_before_its_children() -> None:
    names, found = order(entry("orders", "people"), entry("people"), entry("people"))
    assert names == ["people", "people", "orders"]
    assert [(link.child, link.parent) for link in found.links] == [(0, 1), (0, 2)]


def test_a_circle_with_a_tail_is_entered_where_it_was_given_first() -> None:
    names, found = order(
        entry("tail", "c"), entry("b", "a"), entry("a", "c"), entry("c", "b"), entry("root")
    )
    assert names == ["root", "b", "c", "tail", "a"]
    (back,) = found.circle
    assert back.words(entry("b", "a").table) == "b refers to a (a)"
