from __future__ import annotations

import polars as pl
import pytest

from core.checks.shapes import LONGEST, shapes


@pytest.mark.parametrize(
    ("cell", "shape"),
    [
        ("18/10/2026", "99/99/9999"),
        ("Jaz", "Aa"),
        ("JAZZ", "A"),
        ("McDonald", "AaAa"),
        ("12345", "9+"),
        ("1234567890123", "9+"),
        ("1.234,56 €", "9.999,99␣€"),
        ("a\u00a0b\u200bc", "a⍽a⍽a"),
        ("a\tb\r\nc\nd", "a⇥a⏎a⏎a"),
        ("a\0b", "a␀a"),
        ("E\u0301a", "Aa"),
        ("Ünal", "Aa"),
        ("日本語", "a"),
        ("١٢", "#"),
        ("", ""),
        (None, None),
        ("A-" * 30, "A-" * 11 + "A…"),
        ("a" * 5_000, "a…"),
    ],
)
def test_what_a_cell_is_made_of(cell: str | None, shape: str | None) -> None:
    cells = pl.Series([cell, "x", cell], dtype=pl.String)
    assert shapes(cells).to_list() == [shape, "a", shape]
    beside_others = pl.Series([cell, "ß"], dtype=pl.String)
    assert shapes(beside_others).to_list() == [shape, "a"]
    assert shape is None or len(shape) <= LONGEST
