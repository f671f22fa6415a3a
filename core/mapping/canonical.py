"""Values as canonical text (docs/architecture.md, "Canonical text")."""

from __future__ import annotations

import polars as pl


def canonical_text(values: pl.Series) -> pl.Series:
    """String, Int64, Float64, Decimal, Boolean, Date, Datetime (without zone, or in UTC) or Time →
    String, nulls kept."""
    kind = values.dtype
    if kind == pl.Float64:
        distinct = values.unique().drop_nulls()
        texts = pl.Series([repr(value) for value in distinct.to_list()], dtype=pl.String)
        return values.replace_strict(distinct, texts, default=None, return_dtype=pl.String)
    if isinstance(kind, pl.Datetime):
        zone = "+00:00" if kind.time_zone else ""
        return _with_fraction(values.dt.strftime("%Y-%m-%dT%H:%M:%S"), values, zone)
    if kind == pl.Time:
        return _with_fraction(values.dt.strftime("%H:%M:%S"), values, "")
    return values.cast(pl.String)


def _with_fraction(whole: pl.Series, values: pl.Series, zone: str) -> pl.Series:
    """Six digits of a second where there are any."""
    micros = pl.col("value").dt.microsecond()
    if values.dtype == pl.Time:
        micros = pl.col("value").dt.nanosecond() // 1_000
    digits = (
        pl.when(micros > 0).then("." + micros.cast(pl.String).str.zfill(6)).otherwise(pl.lit(""))
    )
    frame = pl.DataFrame([whole.alias("whole"), values.alias("value")])
    return frame.select(pl.col("whole") + digits + pl.lit(zone)).to_series()
