from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.model.table import Kind

ZONES = st.integers(min_value=-12 * 60, max_value=14 * 60).map(
    lambda minutes: timezone(timedelta(minutes=minutes))
)


@given(days=st.lists(st.dates(), max_size=10))
@settings(deadline=None, max_examples=50)
def test_dates_read_back(cast, days):
    assert cast([d.isoformat() for d in days], Kind.DATE) == (days, [])


@pytest.mark.parametrize(
    "cell", ["2026-01-31", " 2026-01-31 ", "2026-01-31 00:00:00", "2026-01-31T00:00"]
)
def test_dates_with_blanks_or_midnight(cast, cell):
    assert cast([cell], Kind.DATE) == ([date(2026, 1, 31)], [])


@pytest.mark.parametrize(
    ("cell", "why"),
    [
        ("2026-02-30", "there is no such day"),
        ("0000-01-01", "there is no such day"),
        ("2026-01-31T10:00", "time of day"),
        ("31.01.2026", "expected YYYY-MM-DD"),
        ("2026-1-1", "expected YYYY-MM-DD"),
        ("20260131", "expected YYYY-MM-DD"),
    ],
)
def test_cells_that_are_no_date(cast, cell, why):
    values, ((_, check, message),) = cast([cell], Kind.DATE)
    assert (values, check) == ([None], "type")
    assert why in message


@given(moment=st.datetimes())
@settings(deadline=None, max_examples=50)
def test_moments_read_back(cast, moment):
    cells = [moment.isoformat(), moment.isoformat(" "), f" {moment.isoformat()} "]
    assert cast(cells, Kind.DATETIME) == ([moment] * 3, [])


@given(
    moment=st.datetimes(
        min_value=datetime(1, 1, 3), max_value=datetime(9999, 12, 29), timezones=ZONES
    )
)
@settings(deadline=None, max_examples=50)
def test_moments_with_a_zone_are_the_same_moment_in_utc(cast, moment):
    assert cast([moment.isoformat()], Kind.DATETIME, timezone=True) == ([moment], [])


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("2026-01-31", datetime(2026, 1, 31)),
        ("2026-01-31 10:00", datetime(2026, 1, 31, 10)),
        ("2026-01-31T10:00:05.25", datetime(2026, 1, 31, 10, 0, 5, 250000)),
        ("2026-01-31T10:00:05.123456000", datetime(2026, 1, 31, 10, 0, 5, 123456)),
    ],
)
def test_moments_without_a_zone(cast, cell, value):
    assert cast([cell], Kind.DATETIME) == ([value], [])
    assert cast([cell], Kind.DATETIME, timezone=True) == ([value.replace(tzinfo=UTC)], [])


@pytest.mark.parametrize("cell", ["2026-01-31T10:00Z", "2026-01-31T10:00:00 -0530"])
def test_a_zone_is_never_dropped(cast, cell):
    values, ((_, check, _),) = cast([cell], Kind.DATETIME)
    assert (values, check) == ([None], "zone")


@pytest.mark.parametrize(
    ("cell", "why"),
    [
        ("2026-02-30 10:00", "no such day"),
        ("2026-01-31 24:00", "expected"),
        ("2026-01-31 10:00:60", "expected"),
        ("2026-01-31 10:00:00.1234567", "finer than a microsecond"),
        ("0001-01-01T00:00+02:00", "expected"),
        ("31.01.2026 10:00", "expected"),
    ],
)
def test_cells_that_are_no_moment(cast, cell, why):
    values, ((_, check, message),) = cast([cell], Kind.DATETIME, timezone=True)
    assert (values, check) == ([None], "type")
    assert why in message


@given(value=st.times())
@settings(deadline=None, max_examples=50)
def test_times_read_back(cast, value):
    assert cast([value.isoformat()], Kind.TIME) == ([value], [])


@pytest.mark.parametrize(
    ("cell", "timezone", "check"),
    [
        ("24:00", False, "type"),
        ("1:00", False, "type"),
        ("10:00:00.1234567", False, "type"),
        ("10:00Z", False, "zone"),
        ("10:00+02:00", True, "zone"),
    ],
)
def test_cells_that_are_no_time(cast, cell, timezone, check):
    values, ((_, found, _),) = cast([cell], Kind.TIME, timezone=timezone)
    assert (values, found) == ([None], check)


def test_utc_is_kept_where_the_column_has_a_zone(cast):
    assert cast(["10:00Z", "10:00+00:00"], Kind.TIME, timezone=True) == ([time(10)] * 2, [])


@pytest.mark.parametrize("zone", ["", "Z", "z", "+00:00", "+00", "+0000", "-00:00", "+02:00"])
@pytest.mark.parametrize("clock", ["T10:30:05", " 10:30:05.25", " 10:30"])
def test_utc_in_every_spelling_is_one_moment(cast, clock, zone):
    values, faults = cast([f"2026-01-31{clock}{zone}"], Kind.DATETIME, timezone=True)
    hours, seconds = (8 if zone == "+02:00" else 10), (0 if clock == " 10:30" else 5)
    micros = 250_000 if "." in clock else 0
    assert values == [datetime(2026, 1, 31, hours, 30, seconds, micros, tzinfo=UTC)]
    assert faults == []


@pytest.mark.parametrize("cell", ["2026-01-31Z", "2026-01-31T10:30:05+00Z", "+00:00", "Z"])
def test_a_zone_without_a_clock_or_twice_is_no_moment(cast, cell):
    values, faults = cast([cell], Kind.DATETIME, timezone=True)
    assert (values, [check for _, check, _ in faults]) == ([None], ["type"])
