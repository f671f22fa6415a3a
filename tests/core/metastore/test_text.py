from __future__ import annotations

import pytest

from core.errors import InvalidRequest
from core.metastore.text import exact, storable, storable_or_none


@pytest.mark.parametrize(
    ("text", "limit", "expected"),
    [
        ("plain", 10, "plain"),
        ("a\x00b", 10, "a\ufffdb"),
        ("a\ud800b", 10, "a?b"),
        ("abcdef", 4, "abc…"),
        ("abcd", 4, "abcd"),
    ],
)
def test_storable(text: str, limit: int, expected: str) -> None:
    assert storable(text, limit) == expected


def test_none_stays_none() -> None:
    assert storable_or_none(None, 5) is None


@pytest.mark.parametrize("text", ["", "a\x00", "abcdef"])
def test_exact_refuses_what_it_would_have_to_bend(text: str) -> None:
    with pytest.raises(InvalidRequest, match="The table"):
        exact(text, 5, "The table")
