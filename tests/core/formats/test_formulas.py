from __future__ import annotations

import polars as pl
import pytest

from core.formats.formulas import escape_formulas
from core.model.table import Kind


def escaped(text: str, kind: Kind = Kind.TEXT) -> str:
    frame = pl.DataFrame({"a": [text]}).select(escape_formulas(pl.col("a"), kind))
    return str(frame.item())


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+cmd|' /C calc'!A0",
        "-2+3+cmd",
        "@SUM(A1)",
        "\tx",
        "\r=1",
        "=",
        "-",
        "-5\n=1",
        "+1+1",
    ],
)
def test_formulas(text: str) -> None:
    assert escaped(text) == "'" + text


@pytest.mark.parametrize(
    "text",
    ["-5", "+49 170 1234567", "-1.5e-3", "+(49) 30/12", "-5 %", "- 5", "-.5", "a=b", "", " =1"],
)
def test_harmless(text: str) -> None:
    assert escaped(text) == text


def test_other_kinds() -> None:
    assert escaped("=1", Kind.INTEGER) == "'=1"
    for text in ("-inf", "-5", "-1 days", "+x"):
        assert escaped(text, Kind.OTHER) == text


def test_null_stays_null() -> None:
    frame = pl.DataFrame({"a": pl.Series([None], dtype=pl.String)})
    assert frame.select(escape_formulas(pl.col("a"), Kind.TEXT)).item() is None
