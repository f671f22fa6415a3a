from __future__ import annotations

from datetime import date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

DAYS = st.dates(min_value=date(1, 1, 1))


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("2026-10-18", "2026-10-18"),
        ("2026/10/18", "2026-10-18"),
        ("2026.1.8", "2026-01-08"),
        ("20261018", "2026-10-18"),
        ("18.10.2026", "2026-10-18"),
        ("18. 10. 2026", "2026-10-18"),
        ("18/10/2026", "2026-10-18"),
        ("10/18/2026", "2026-10-18"),
        ("4-4-2026", "2026-04-04"),
        ("18 Oct 2026", "2026-10-18"),
        ("18-Oct-26", "2026-10-18"),
        ("18Oct2026", "2026-10-18"),
        ("1st September 2026", "2026-09-01"),
        ("Oct 18, 2026", "2026-10-18"),
        ("october 18 2026", "2026-10-18"),
        ("2026-Oct-18", "2026-10-18"),
        ("Sunday, October 18th 2026", "2026-10-18"),
        ("Sun, 18 Oct 2026 10:00:00 GMT", "2026-10-18T10:00:00+00:00"),
        ("18.10.69", "1969-10-18"),
        ("18.10.68", "2068-10-18"),
        ("2026-10-18T14:05:09.25Z", "2026-10-18T14:05:09.25+00:00"),
        ("2026-10-18 14:05", "2026-10-18T14:05:00"),
        ("2026-10-18 2:05 PM", "2026-10-18T14:05:00"),
        ("2026-10-18 12:05 a.m.", "2026-10-18T00:05:00"),
        ("2026-10-18T14:05:09+0530", "2026-10-18T14:05:09+05:30"),
        ("2026-10-18T14:05:09-05", "2026-10-18T14:05:09-05:00"),
        (" 2026-10-18\u00a0", "2026-10-18"),
        ("29.02.2024", "2024-02-29"),
        ("", ""),
        ("  ", ""),
        (None, None),
    ],
)
def test_date_reads_what_people_write(run, cell, expected):
    assert run([cell], "date") == ([expected], {})


@pytest.mark.parametrize("cell", ["03/04/2026", "3-4-2026", "13/02/26", "01/02/03"])
def test_auto_never_guesses_the_order(run, cell):
    cells, problems = run([cell], "date")
    assert cells == [None]
    assert "choose the order" in problems[0]


@pytest.mark.parametrize(
    ("cell", "why"),
    [
        ("2026-02-30", "not a day of the calendar"),
        ("30/02/2026", "not a day of the calendar"),
        ("30.02.2026", "not a day of the calendar"),
        ("29.02.2023", "not a day of the calendar"),
        ("0000-01-01", "not a day of the calendar"),
        ("18/10-2026", "not a day of the calendar"),
        ("2026-10-18 24:00", "not on the clock"),
        ("2026-10-18 13:05 AM", "not on the clock"),
        ("2026-10-18 10:00 +99:00", "not on the clock"),
        ("10:30", "is not a date"),
        ("5 Mayo 2026", "is not a date"),
        ("yesterday", "is not a date"),
        ("45000", "is not a date"),
    ],
)
def test_date_refuses_what_is_none(run, cell, why):
    cells, problems = run([cell], "date")
    assert cells == [None]
    assert why in problems[0]


@pytest.mark.parametrize(
    ("order", "cell", "expected"),
    [
        ("dmy", "03/04/2026", "2026-04-03"),
        ("dmy", "03/04/2026 10:11:12", "2026-04-03T10:11:12"),
        ("dmy", "3-4-26", "2026-04-03"),
        ("dmy", "04/13/2026", None),
        ("dmy", "2026-04-03", "2026-04-03"),
        ("mdy", "03/04/2026", "2026-03-04"),
        ("mdy", "03.04.2026", "2026-03-04"),
        ("mdy", "13/04/2026", None),
        ("ymd", "26-04-03", "2026-04-03"),
        ("ymd", "03/04/2026", None),
    ],
)
def test_chosen_order(run, order, cell, expected):
    assert run([cell], "date", order=order)[0] == [expected]


@pytest.mark.parametrize(
    ("pattern", "cell", "expected"),
    [
        ("%d/%m/%y", "03/04/69", "1969-04-03"),
        ("%d/%m/%y", " 03/04/68 ", "2068-04-03"),
        ("%Y%m%d%H%M", "202604030506", "2026-04-03T05:06:00"),
        ("%d.%m.%Y %H:%M:%S.%f", "03.04.2026 05:06:07.5", "2026-04-03T05:06:07.500000"),
        ("%d %B %Y", "3 April 2026", "2026-04-03"),
        ("%Y-%m-%dT%H:%M:%S%z", "2026-04-03T05:06:07+0200", "2026-04-03T05:06:07+02:00"),
        ("%d/%m/%y", "2026-04-03", None),
        ("%d/%m/%y", "", ""),
        ("%d/%m/%y", None, None),
    ],
)
def test_pattern(run, pattern, cell, expected):
    assert run([cell], "date", format=pattern)[0] == [expected]


def test_message_names_the_pattern(run):
    assert run(["x"], "date", format="%d/%m/%y")[1] == {0: "'x' is not a date written as %d/%m/%y"}


@settings(deadline=None, max_examples=50)
@given(days=st.lists(DAYS, max_size=10))
def test_days_come_back_in_every_order(run, days):
    iso = [day.isoformat() for day in days]
    assert run([f"{d.day:02d}/{d.month:02d}/{d.year:04d}" for d in days], "date", order="dmy")[
        0
    ] == (iso)
    assert run([f"{d.month}-{d.day}-{d.year:04d}" for d in days], "date", order="mdy")[0] == iso
    assert run([f"{d.day}.{d.month}.{d.year:04d}" for d in days], "date")[0] == iso
    assert run(iso, "date") == (iso, {})


@settings(deadline=None, max_examples=50)
@given(day=DAYS)
def test_auto_reads_the_true_day_or_none(run, day):
    text = f"{day.day:02d}/{day.month:02d}/{day.year:04d}"
    sure = day.day > 12 or day.day == day.month
    assert run([text], "date")[0] == [day.isoformat() if sure else None]


@settings(deadline=None, max_examples=50)
@given(moment=st.datetimes(min_value=datetime(1, 1, 1)))
def test_iso_moments_keep_every_digit(run, moment):
    read = run([moment.isoformat(" ")], "date")[0][0]
    assert datetime.fromisoformat(read) == moment


def test_reading_twice_changes_nothing(run):
    once = run(["18.10.2026", "2026-10-18 14:05", "2026-10-18T14:05:09.250Z"], "date")[0]
    assert run(once, "date")[0] == once


def test_several_patterns_in_order(run):
    patterns = '["%d/%m/%Y", "MM-DD-YYYY", "YYYYMMDD"]'
    cells = ["03/04/2026", "03-04-2026", "20260304", "2026-03-04", "", None]
    found, problems = run(cells, "date", format=patterns)
    assert found == ["2026-04-03", "2026-03-04", "2026-03-04", None, "", None]
    assert problems == {
        3: "'2026-03-04' is not a date written as %d/%m/%Y or MM-DD-YYYY or YYYYMMDD"
    }
