from __future__ import annotations

from datetime import UTC, date, datetime, time
from decimal import Decimal

import polars as pl
import pytest

from core.mapping.canonical import canonical_text


@pytest.mark.parametrize(
    ("values", "kind", "texts"),
    [
        (["a", "", None], pl.String, ["a", "", None]),
        ([-12, None], pl.Int64, ["-12", None]),
        ([1e-7, 0.1, 1e22, 2.0, None], pl.Float64, ["1e-07", "0.1", "1e+22", "2.0", None]),
        ([Decimal("12.50"), None], pl.Decimal(12, 2), ["12.50", None]),
        ([True, False, None], pl.Boolean, ["true", "false", None]),
        ([date(2026, 1, 31), None], pl.Date, ["2026-01-31", None]),
        (
            [datetime(2026, 1, 31, 13, 45), datetime(2026, 1, 31, 13, 45, 0, 50), None],
            pl.Datetime("us"),
            ["2026-01-31T13:45:00", "2026-01-31T13:45:00.000050", None],
        ),
        (
            [datetime(2026, 1, 31, 13, 45, tzinfo=UTC)],
            pl.Datetime("us", "UTC"),
            ["2026-01-31T13:45:00+00:00"],
        ),
        (
            [time(13, 45), time(13, 45, 1, 250_000), None],
            pl.Time,
            ["13:45:00", "13:45:01.250000", None],
        ),
    ],
)
def test_every_kind(values, kind, texts):
    assert canonical_text(pl.Series(values, dtype=kind)).to_list() == texts
