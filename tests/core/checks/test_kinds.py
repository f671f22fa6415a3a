"""Kinds of columns, by cells as people write them, with the sentence that says why."""

from __future__ import annotations

import polars as pl
import pytest

from core.checks.kinds import detect_kind, measures, reading
from core.model.profile import CellKind as Kind

UUID = "123e4567-e89b-12d3-a456-426614174000"


@pytest.mark.parametrize(
    ("cells", "kind", "detail"),
    [
        (["1", "-2", " 3 ", "007"], Kind.INTEGER, ""),
        (["1.5", "2", "-3"], Kind.NUMBER, "decimal point"),
        (["1,5", "2"], Kind.NUMBER, "decimal comma"),
        (["1.234,50", "2.000"], Kind.NUMBER, "decimal comma"),
        (["1,234.50", "12,34,567.8"], Kind.NUMBER, "decimal point"),
        (["1,234", "5,678"], Kind.NUMBER, "comma or point unproven"),
        (["€ 9.90", "(5.10)", "12.5 %", "\u22121.5"], Kind.NUMBER, "decimal point"),
        (["yes", "No", "y"], Kind.BOOLEAN, ""),
        (["true", "FALSE"], Kind.BOOLEAN, ""),
        (["2026-01-31", "2026/2/1"], Kind.DATE, "year first"),
        (["18/10/2026", "03/04/2026"], Kind.DATE, "day first"),
        (["18.10.26", "3.4.26"], Kind.DATE, "day first"),
        (["10/18/2026", "03/04/2026"], Kind.DATE, "month first"),
        (["01/02/2026", "03/04/2026"], Kind.DATE, "day or month first"),
        (["18/10/2026", "10/18/2026"], Kind.DATE, "mixed orders"),
        (["18 Oct 2026", "Oct 19, 2026"], Kind.DATE, "month in letters"),
        (["2026-01-31 10:00:00+00:00", "2026-01-31T10:00Z"], Kind.DATETIME, "year first"),
        (["18/10/2026 10:00 PM", "19/10/2026"], Kind.DATETIME, "day first"),
        ([UUID, UUID.upper()], Kind.UUID, ""),
        (["ann@example.com", "b.c+d@example.co.uk"], Kind.EMAIL, ""),
        (["https://example.com/a?b=c", "ftp://x.org"], Kind.URL, ""),
        (['{"a": 1}', "[1, 2]"], Kind.JSON, ""),
        (["{not json}", "[neither"], Kind.TEXT, ""),
        (["99/99/2026", "45/45/2026"], Kind.TEXT, ""),
        (["plain", "words"], Kind.TEXT, ""),
        (["e", "-", ".", ","], Kind.TEXT, ""),
        (["", " \u00a0", None], Kind.EMPTY, ""),
        ([], Kind.EMPTY, ""),
    ],
)
def test_kinds(cells: list[str | None], kind: Kind, detail: str) -> None:
    found = detect_kind(pl.Series(cells, dtype=pl.String), "c")
    assert (found.kind, found.detail) == (kind, detail)


@pytest.mark.parametrize(
    ("cells", "evidence"),
    [
        (
            ["18/10/2026"] + ["03/04/2026"] * 997 + ["soon", "later"],
            "998 of 1,000 cells are dates: '18/10/2026' can only be so; others are 'soon' and"
            " 'later'.",
        ),
        (
            ["1.234,50", "12", "7"],
            "3 of 3 cells are numbers: '1.234,50' can only have a decimal comma.",
        ),
        (
            ["1"] * 8 + ["n/a", "none"],
            "8 of 10 cells are whole numbers, too few to call the column so; others are 'n/a' and"
            " 'none'.",
        ),
        (["a", "b"], "2 cells of text."),
        ([" "], "No cell holds anything."),
    ],
)
def test_the_evidence_is_counted_and_shown(cells: list[str], evidence: str) -> None:
    assert detect_kind(pl.Series(cells), "c").evidence == evidence


@pytest.mark.parametrize(
    ("cells", "remark"),
    [
        (
            ["18/10/2026"] * 23 + ["10/18/2026"] * 2 + ["03/04/2026"] * 9,
            "8 % of the telling dates in 'born' are month first, the others not: no order reads"
            " them all.",
        ),
        (
            ["03/04/2026"],
            "The dates in 'born' can be read day first and month first: choose the order.",
        ),
        (
            ["1.5"] * 999 + ["2,5"],
            "Less than 1 % of the telling numbers in 'born' have a decimal comma, the others not.",
        ),
    ],
)
def test_remarks_tell_what_may_go_wrong(cells: list[str], remark: str) -> None:
    assert detect_kind(pl.Series(cells), "born").remarks == (remark,)


@pytest.mark.parametrize(
    ("kind", "detail", "cells", "values"),
    [
        (
            Kind.INTEGER,
            "",
            ["12", " -3 ", "x", None, "nan", "inf"],
            [12, -3, None, None] + [None] * 2,
        ),
        (Kind.NUMBER, "decimal point", ["1,234.5", "(5)", "50 %", "1e3"], [1234.5, -5, 0.5, 1000]),
        (Kind.NUMBER, "decimal comma", ["1.234,5", "€ 2,5"], [1234.5, 2.5]),
        (Kind.DATE, "year first", ["1970-01-02", "1970/1/3", "1970-02-30"], [1, 2, None]),
        (Kind.DATE, "day first", ["02/01/1970", "31.12.69"], [1, -1]),
        (Kind.DATE, "month first", ["01/02/1970"], [1]),
        (Kind.DATETIME, "year first", ["1970-01-01 12:00:00Z", "1970-01-02"], [0.5, 1]),
        (Kind.DATETIME, "day first", ["01/01/1970 6:00 PM"], [0.75]),
    ],
)
def test_cells_are_measured_as_their_kind_is_spelt(
    kind: Kind, detail: str, cells: list[str | None], values: list[float | None]
) -> None:
    measured = measures(pl.Series(cells), kind, detail)
    assert measured is not None
    assert measured.to_list() == values


def test_what_proves_no_reading_has_no_measure() -> None:
    cells = pl.Series(["03/04/2026"])
    assert measures(cells, Kind.DATE, "day or month first") is None
    assert measures(cells, Kind.NUMBER, "comma or point unproven") is None
    assert measures(cells, Kind.TEXT, "") is None
    assert reading(Kind.INTEGER, "") == reading(Kind.NUMBER, "decimal point") != ""
    assert reading(Kind.DATE, "mixed orders") == ""
