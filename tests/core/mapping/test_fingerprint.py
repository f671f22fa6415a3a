from __future__ import annotations

import pytest

from core.mapping.fingerprint import fingerprint

ONE = ("Name", "E-Mail", "Age")


@pytest.mark.parametrize(
    "same",
    [
        ("Age", "Name", "E-Mail"),
        (" name", "e-mail", "AGE "),
        ("Name", "E-Mail", "Age", "tableport_row", "tableport_reason"),
    ],
)
def test_order_and_spelling_do_not_count(same: tuple[str, ...]) -> None:
    assert fingerprint(same) == fingerprint(ONE)


@pytest.mark.parametrize(
    "other", [ONE[:2], (*ONE, "Age2"), (*ONE, "Age"), ("Name", "EMail", "Age")]
)
def test_other_columns_are_other_files(other: tuple[str, ...]) -> None:
    assert fingerprint(other) != fingerprint(ONE)


@pytest.mark.parametrize("columns", [(), ("Column1", "Column2"), ("1", "2")])
def test_columns_without_names_are_not_known_again(columns: tuple[str, ...]) -> None:
    assert fingerprint(columns) is None
