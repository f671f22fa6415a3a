"""What columns of a form take, in words."""

from __future__ import annotations

from typing import Any

import pytest

from core.model.table import Column, Kind
from core.usecases.form_columns import takes


@pytest.mark.parametrize(
    ("kind", "more", "words"),
    [
        (Kind.TEXT, {}, "Text"),
        (Kind.INTEGER, {"minimum": 0, "maximum": 9999}, "A whole number from 0 to 9,999"),
        (Kind.INTEGER, {}, "A whole number"),
        (Kind.NUMBER, {"precision": 8, "scale": 2},
         "A number of 8 digits at most, 2 of them after the point"),
        (Kind.NUMBER, {"precision": 8, "scale": 0}, "A number of 8 digits at most"),
        (Kind.NUMBER, {"exact": False}, "A number"),
        (Kind.BOOLEAN, {}, "true or false"),
        (Kind.DATETIME, {}, "A date and time, such as 2026-01-31 13:45:00"),
        (Kind.DATETIME, {"timezone": True},
         "A date and time, such as 2026-01-31 13:45:00+00:00, with its time zone"),
        (Kind.OTHER, {}, "A value of the type POINT, as the database writes it"),
    ],
)  # fmt: skip
def test_what_a_column_takes_in_words(kind: Kind, more: dict[str, Any], words: str) -> None:
    assert takes(Column(name="c", kind=kind, type_text="POINT", **more)) == words
