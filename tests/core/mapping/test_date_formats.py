from __future__ import annotations

import pytest

from core.mapping.date_formats import format_fault, has_time, strptime_pattern


@pytest.mark.parametrize(
    ("written", "pattern"),
    [
        ("%d/%m/%Y", "%d/%m/%Y"),
        ("DD.MM.YYYY", "%d.%m.%Y"),
        ("D/M/YY", "%d/%m/%y"),
        ("YYYY-MM-DDTHH:mm:ss.SSSZ", "%Y-%m-%dT%H:%M:%S.%f%z"),
        ("ddd, D MMM YYYY h:mm A", "%a, %d %b %Y %I:%M %p"),
        ("[on] dddd MMMM D YYYY", "on %A %B %d %Y"),
    ],
)
def test_tokens_become_patterns(written, pattern):
    assert strptime_pattern(written) == pattern
    assert format_fault(written) is None


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("DD.MM", "does not tell day, month and year"),
        ("YYYY at HH", "'a' in 'YYYY at HH'|stands for no part"),
        ("DD.MM.YYYY hh:mm", "12-hour clock without A"),
        ("%d.%m.%Y %I:%M", "12-hour clock without %p"),
        ("%d.%m.%Y %Z", "use %z"),
        ("%Q", "does not tell"),
        ("%", "does not tell"),
    ],
)
def test_patterns_that_tell_no_date(written, why):
    import re

    said = format_fault(written)
    assert said is not None
    assert re.search(why, said)


def test_a_time_of_day_is_told():
    assert has_time("%Y %H")
    assert not has_time("%Y %%H")
