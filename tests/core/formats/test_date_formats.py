from __future__ import annotations

import polars as pl
import pytest

from core.errors import InvalidRequest
from core.formats.date_formats import format_dates
from core.model.table import Kind

DAY = "2026-01-05"
MOMENT = "2026-01-05T13:07:09"


def formatted(text: str, kind: Kind, date_format: str) -> str:
    return str(
        pl.DataFrame({"a": [text]}).select(format_dates(pl.col("a"), kind, date_format)).item()
    )


@pytest.mark.parametrize(
    ("date_format", "day", "moment"),
    [
        ("iso", DAY, MOMENT),
        ("us", "01/05/2026", "01/05/2026 13:07:09"),
        ("EU", "05/01/2026", "05/01/2026 13:07:09"),
        ("timestamp", "1767571200", "1767618429"),
        ("%d.%m.%y", "05.01.26", "05.01.26"),
        ("%-d %B %Y %I:%M %p", "5 January 2026 12:00 AM", "5 January 2026 01:07 PM"),
        ("YYYY-MM-DD HH:mm:ss", "2026-01-05 00:00:00", "2026-01-05 13:07:09"),
        ("D MMM YY [at] h:mm a", "5 Jan 26 at 12:00 am", "5 Jan 26 at 1:07 pm"),
        ("DD/MM/YYYY", "05/01/2026", "05/01/2026"),
    ],
)
def test_formats(date_format: str, day: str, moment: str) -> None:
    assert formatted(DAY, Kind.DATE, date_format) == day
    assert formatted(MOMENT, Kind.DATETIME, date_format) == moment


def test_fractions_and_zones() -> None:
    assert formatted(MOMENT + ".250000+00:00", Kind.DATETIME, "us") == "01/05/2026 13:07:09.250"
    assert formatted(MOMENT + ".250000+00:00", Kind.DATETIME, "timestamp") == "1767618429.25"
    assert formatted("1969-12-31T23:59:58.5", Kind.DATETIME, "timestamp") == "-1.5"


@pytest.mark.parametrize("text", ["infinity", "0044-03-15 BC", "soon", "2026-02-30"])
def test_what_is_no_date_stays(text: str) -> None:
    assert formatted(text, Kind.DATE, "us") == text
    assert formatted(text, Kind.DATETIME, "timestamp") == text


def test_other_kinds_are_left_alone() -> None:
    assert formatted(DAY, Kind.TEXT, "us") == DAY
    assert formatted("13:45:00", Kind.TIME, "us") == "13:45:00"


@pytest.mark.parametrize("date_format", ["", "european", "%Q", "100%", "%"])
def test_unknown_formats(date_format: str) -> None:
    with pytest.raises(InvalidRequest, match="date_format"):
        formatted(DAY, Kind.DATE, date_format)
