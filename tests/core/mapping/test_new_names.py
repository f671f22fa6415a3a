from __future__ import annotations

import pytest

from core.mapping.new_names import LONGEST, new_column_names, new_table_name

RESERVED = frozenset({"order", "group", "tableport_position"})


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("Order No.", "order_no"),
        ("E-Mail", "e_mail"),
        ("customerId", "customer_id"),
        ("Größe %", "grosse_percent"),
        ("Phase 1 #", "phase_1_number"),
        ("顧客 名", "顧客_名"),
        ("Order", "order_"),
        ("2024", "column_2024"),
        ("🙂", "column_1"),
        ("", "column_1"),
        ("__row__", "row"),
        ("tableport_position", "tableport_position_"),
    ],
)
def test_a_name_is_legible(header: str, name: str) -> None:
    assert new_column_names([header], RESERVED) == [name]


def test_no_two_are_alike() -> None:
    found = new_column_names(["ID", "id", "Id.", "id_2", "", "column 5"], RESERVED)
    assert found == ["id", "id_2", "id_3", "id_2_2", "column_5", "column_5_2"]
    assert len({name.casefold() for name in found}) == len(found)


@pytest.mark.parametrize("header", ["a" * 70, "word " * 20, "名" * 70])
def test_what_is_too_long_is_cut(header: str) -> None:
    first, second = new_column_names([header, header], RESERVED)
    assert len(first.encode()) <= LONGEST
    assert second == f"{first}_2"
    assert not first.endswith("_")


@pytest.mark.parametrize(
    ("filename", "name"),
    [
        ("Orders 2024.csv", "orders_2024"),
        ("people.csv.gz", "people"),
        ("order.xlsx", "order_"),
        ("🙂.csv", "new_table"),
        ("tableport_ledger.csv", "ledger"),
        ("2024-01.json", "table_2024_01"),
        ("taken.csv", "taken_3"),
        (".csv", "csv"),
    ],
)
def test_a_table_is_called_after_its_file(filename: str, name: str) -> None:
    assert new_table_name(filename, RESERVED, {"taken", "taken_2"}) == name
