"""Canonical text as JSON values: typed, and never bent."""

from __future__ import annotations

from typing import Any

import pytest

from app.api.values import typed, typed_rows
from core.model.table import Column, Kind


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        (None, Kind.INTEGER, None),
        ("-12", Kind.INTEGER, -12),
        ("9007199254740992", Kind.INTEGER, 9007199254740992),
        ("9007199254740993", Kind.INTEGER, "9007199254740993"),
        ("maybe", Kind.INTEGER, "maybe"),
        ("12.50", Kind.NUMBER, 12.5),
        ("0.1", Kind.NUMBER, 0.1),
        ("1e-07", Kind.NUMBER, 1e-07),
        ("12345678901234567.89", Kind.NUMBER, "12345678901234567.89"),
        ("NaN", Kind.NUMBER, "NaN"),
        ("Infinity", Kind.NUMBER, "Infinity"),
        ("1e400", Kind.NUMBER, "1e400"),
        ("true", Kind.BOOLEAN, True),
        ("false", Kind.BOOLEAN, False),
        ("perhaps", Kind.BOOLEAN, "perhaps"),
        ('{"a":[1,null]}', Kind.JSON, {"a": [1, None]}),
        ('{"a":0.12345678901234567891}', Kind.JSON, {"a": "0.12345678901234567891"}),
        ('{"a":NaN}', Kind.JSON, '{"a":NaN}'),
        ("not json", Kind.JSON, "not json"),
        ("007", Kind.TEXT, "007"),
        ("2026-01-31", Kind.DATE, "2026-01-31"),
        ("\\x00ff", Kind.BINARY, "\\x00ff"),
    ],
)
def test_one_cell(text: str | None, kind: Kind, value: Any) -> None:
    found = typed(text, kind)
    assert found == value
    assert type(found) is type(value)


def test_rows_by_column() -> None:
    columns = [
        Column(name="id", kind=Kind.INTEGER, type_text="INTEGER"),
        Column(name="zip", kind=Kind.TEXT, type_text="TEXT"),
    ]
    rows = typed_rows([{"id": "1", "zip": "01234"}], columns)
    assert rows == [{"id": 1, "zip": "01234"}]
