from __future__ import annotations

import pytest

from core.mapping.likeness import meaning, words
from core.mapping.resemblance import resemblance, says_nothing, weights_of

COLUMNS = (
    "order_id", "customer_name", "product_sku", "order_date", "quantity", "unit_price",
    "birth_date", "address_line1", "address_line2",
)  # fmt: skip


def best(source: str) -> str | None:
    weights = weights_of(COLUMNS, "order_lines")
    scores = {name: resemblance(source, name, weights).confidence for name in COLUMNS}
    name = max(scores, key=scores.__getitem__)
    return name if scores[name] else None


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("cust_nm", "customer_name"),
        ("custnm", "customer_name"),
        ("Order No.", "order_id"),
        ("SKU", "product_sku"),
        ("prod", "product_sku"),
        ("qnty", "quantity"),
        ("quanttiy", "quantity"),
        ("Bestelldatum", "order_date"),
        ("fecha_pedido", "order_date"),
        ("Nom du client", "customer_name"),
        ("Kundenname", "customer_name"),
        ("address line1", "address_line1"),
        ("colour", None),
        ("xyz", None),
    ],
)
def test_the_most_alike_of_a_table(source: str, target: str | None) -> None:
    assert best(source) == target


def test_numbered_columns_are_no_slips_of_each_other() -> None:
    weights = weights_of(COLUMNS, "t")
    assert resemblance("address_line3", "address_line1", weights).confidence < 0.9


def test_a_word_of_many_columns_tells_little() -> None:
    many = weights_of(("price_a", "price_b", "price_c"), "t")
    few = weights_of(("price_a", "size_b", "width_c"), "t")
    assert many["price"] < few["price"]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Kundennummer", ("customer", "number")),
        ("Date de naissance", ("birthdate",)),
        ("Telefonnummer", ("phone",)),
        ("Rechnungsbetrag", ("invoice", "amount")),
        ("Fecha del pedido", ("date", "order")),
    ],
)
def test_words_of_other_languages(name: str, expected: tuple[str, ...]) -> None:
    assert meaning(words(name)) == expected


@pytest.mark.parametrize(
    ("name", "nothing"),
    [
        ("Column1", True), ("Field 12", True), ("unnamed: 3", True), ("7", True), ("B", True),
        ("Spalte_4", True), ("col", False), ("name1", False), ("2024-01", False),
    ],
)  # fmt: skip
def test_names_that_are_places(name: str, nothing: bool) -> None:
    assert says_nothing(name) is nothing
