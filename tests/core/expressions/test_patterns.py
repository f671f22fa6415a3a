"""Patterns: what is too large, and what is no pattern."""

from __future__ import annotations

import pytest

from core.errors import InvalidExpression
from core.expressions.patterns import LARGEST, LONGEST, require_pattern, weight


@pytest.mark.parametrize(
    "pattern",
    [
        "",
        r"^\d{3}-\d{2}-\d{4}$",
        r"(a+)+$",
        r"[^@\s]+@[^@\s]+\.[a-z]{2,}",
        r"\p{L}{1,60}",
        "a{500}",
    ],
)
def test_patterns_that_are_fine(pattern: str) -> None:
    require_pattern(pattern)


@pytest.mark.parametrize(
    ("pattern", "says"),
    [
        ("a" * (LONGEST + 1), "more than 500 characters"),
        ("a{3000}", "repeats too much"),
        ("a{1,3000}", "repeats too much"),
        ("(a{50}){50}", "repeats too much"),
        ("((a{20}){20}){20}", "repeats too much"),
        (r"\w{200}", "repeats too much"),
        (r"[^a]{200}", "repeats too much"),
        (r"([a-z\)]{30}){500}", "repeats too much"),
        (r"(\){50}){50}", "repeats too much"),
        ("(?x)( #)\n a{100} ){100}", "the flag x"),
        ("(?i-sx)a", "the flag x"),
        ("(a", "unclosed group"),
        ("a)", "unopened group"),
        ("(?=a)", "look-around"),
        (r"(a)\1", "backreferences"),
        ("[z-a]", "invalid character class range"),
        ("*", "repetition operator missing expression"),
    ],
)
def test_patterns_that_are_refused(pattern: str, says: str) -> None:
    with pytest.raises(InvalidExpression, match=says):
        require_pattern(pattern)


@pytest.mark.parametrize(
    ("pattern", "least"),
    [("abc", 3), ("a{7}", 7), ("(ab){3}c{2,4}", 10), ("[a-z]{3}", 12), (r"(\d\d){4}", 160)],
)
def test_a_weight_is_no_less_than_what_is_written_out(pattern: str, least: int) -> None:
    assert least <= weight(pattern) <= LARGEST
