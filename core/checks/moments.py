"""ISO 8601 text → dates, datetimes, times. Other spellings are the date transform's work.

A datetime column with a zone holds UTC: text with an offset is converted, text without one
is taken to be UTC already. Years run from 1 to 9999, the range of SQL and of Python.
"""

from __future__ import annotations

from datetime import date, time

import polars as pl

from core.checks.cells import Cast, settle
from core.checks.problems import Fault, positions, quote
from core.model.table import Column

_DAY = "[0-9]{4}-[0-9]{2}-[0-9]{2}"
_CLOCK = "(?:[01][0-9]|2[0-3]):[0-5][0-9]"
_IS_DAY = f"^{_DAY}$"
_MIDNIGHT = rf"^({_DAY})(?:[Tt ]00:00(?::00(?:\.0+)?)?)?$"
_COMMON = rf"^{_DAY}[T ]{_CLOCK}:[0-5][0-9](?:\.[0-9]{{1,6}})?$"
#: UTC as it is spelt most often: by ourselves, by JavaScript, by PostgreSQL.
_UTC = ("Z", "+00:00", "+00")
_COMMON_UTC = _COMMON[:-1] + r"(?:Z|\+00(?::00)?)?$"
_ZONE = r"[Zz]|[+-](?:0[0-9]|1[0-5])(?::?[0-5][0-9])?"
_MOMENT = (
    rf"^(?<day>{_DAY})(?:[Tt ](?<clock>{_CLOCK})"
    rf"(?::(?<second>[0-5][0-9])(?:\.(?<fraction>[0-9]+))?)? ?(?<zone>{_ZONE})?)?$"
)
_TIME = (
    rf"^(?<clock>{_CLOCK})(?::(?<second>[0-5][0-9])(?:\.(?<fraction>[0-9]+))?)?"
    rf" ?(?<zone>{_ZONE})?$"
)
_DAY_FORMAT, _SECOND_FORMAT = "%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"
_MOMENT_FORMAT = _SECOND_FORMAT + "%.f"


def _in_era(parsed: pl.Expr) -> pl.Expr:
    return pl.when(parsed.dt.year().is_between(1, 9999)).then(parsed)


def _days(text: pl.Series) -> pl.Series:
    cell = pl.col("cell")
    parsed = cell.str.to_date(_DAY_FORMAT, strict=False)
    iso = pl.when(cell.str.contains(_IS_DAY)).then(_in_era(parsed))
    return text.to_frame("cell").select(iso).to_series()


def cast_date(text: pl.Series, column: Column) -> Cast:
    """Days as YYYY-MM-DD; a time of exactly midnight is tolerated, as spreadsheets add it."""

    def slow(cells: pl.Series) -> Cast:
        values = _days(cells.str.extract(_MIDNIGHT, 1))
        bad = positions(values.is_null())
        return Cast(values=values, faults=(Fault(check="type", index=bad, says=_not_day),))

    return settle(text, _days(text), slow)


def _exists(cell: str) -> bool:
    try:
        date.fromisoformat(cell[:10])
    except ValueError:
        return False
    return True


def _not_day(cell: str) -> str:
    if len(cell) > 10 and cell[10] in "Tt " and _exists(cell):
        return f"{quote(cell)} has a time of day, which a column of dates cannot hold"
    if _looks_iso(cell):
        return f"{quote(cell)} is not a date: there is no such day"
    return f"{quote(cell)} is not a date; expected YYYY-MM-DD (the date transform reads others)"


def _looks_iso(cell: str) -> bool:
    return len(cell) == 10 and cell[4] == cell[7] == "-" and cell.replace("-", "").isdigit()


def _micros(fraction: pl.Expr) -> pl.Expr:
    """Six digits of a fraction of a second; null when finer digits would be lost."""
    fine = fraction.str.slice(6).str.strip_chars("0").str.len_bytes() > 0
    digits = fraction.str.head(6).str.pad_end(6, "0")
    return pl.when(fine.fill_null(value=False)).then(None).otherwise(digits.fill_null("000000"))


def _offset(zone: pl.Expr) -> pl.Expr:
    """Minutes east of Greenwich."""
    digits = zone.str.replace_all("[^0-9]", "")
    hours = digits.str.head(2).cast(pl.Int32, strict=False).fill_null(0)
    minutes = digits.str.slice(2, 2).cast(pl.Int32, strict=False).fill_null(0)
    total = hours * 60 + minutes
    return pl.when(zone.str.starts_with("-")).then(-total).otherwise(total).fill_null(0)


def cast_datetime(text: pl.Series, column: Column) -> Cast:
    """Moments as YYYY-MM-DDThh:mm[:ss[.f]][zone]; a day alone is its midnight."""

    def slow(cells: pl.Series) -> Cast:
        return _moments(cells, column)

    cell = local = pl.col("cell")
    for utc in _UTC if column.timezone else ():
        local = local.str.strip_suffix(utc)
    iso = local.str.replace(" ", "T", literal=True)
    # Looking for fractions of a second takes four times as long as all the rest.
    fractions = text.str.contains(".", literal=True).any()
    spelling = _MOMENT_FORMAT if fractions else _SECOND_FORMAT
    parsed = iso.str.to_datetime(spelling, time_unit="us", strict=False)
    spelt = cell.str.contains(_COMMON_UTC if column.timezone else _COMMON)
    common = pl.when(spelt).then(_in_era(parsed))
    zone = "UTC" if column.timezone else None
    fast = text.to_frame("cell").select(common.dt.replace_time_zone(zone)).to_series()
    return settle(text, fast, slow)


def _moments(cells: pl.Series, column: Column) -> Cast:
    groups = pl.col("cell").str.extract_groups(_MOMENT).alias("g")
    frame = cells.to_frame("cell").select("cell", groups).unnest("g")
    written = pl.concat_str(
        "day",
        pl.lit("T"),
        pl.col("clock").fill_null("00:00"),
        pl.lit(":"),
        pl.col("second").fill_null("00"),
        pl.lit("."),
        _micros(pl.col("fraction")),
    )
    local = written.str.to_datetime(_MOMENT_FORMAT, time_unit="us", strict=False)
    moment = _in_era(local - pl.duration(minutes=_offset(pl.col("zone"))))
    zoned = pl.col("zone").is_not_null()
    allowed = pl.lit(value=True) if column.timezone else ~zoned
    zone = "UTC" if column.timezone else None
    frame = frame.select(
        pl.when(allowed).then(moment).dt.replace_time_zone(zone).alias("value"),
        (~allowed & moment.is_not_null()).alias("zone"),
        moment.is_null().alias("type"),
    )
    says = "has a time zone, which the column cannot hold"
    return Cast(
        values=frame["value"],
        faults=(
            Fault(check="type", index=positions(frame["type"]), says=_not_moment),
            Fault(check="zone", index=positions(frame["zone"]), says=says),
        ),
    )


def _not_moment(cell: str) -> str:
    if len(cell) >= 10 and _looks_iso(cell[:10]):
        if not _exists(cell):
            return f"{quote(cell)} is not a date and time: there is no such day"
        fraction = cell[10:].partition(".")[2]
        if len(fraction.rstrip("Zz")) > 6 and fraction[:7].isdigit():
            return f"{quote(cell)} is finer than a microsecond, which would be lost"
    return (
        f"{quote(cell)} is not a date and time; expected YYYY-MM-DDThh:mm:ss"
        " (the date transform reads others)"
    )


def cast_time(text: pl.Series, column: Column) -> Cast:
    """Times of day as hh:mm[:ss[.f]]; of zones only UTC, and only where the column has one."""

    def slow(cells: pl.Series) -> Cast:
        groups = pl.col("cell").str.extract_groups(_TIME).alias("g")
        frame = cells.to_frame("cell").select(groups).unnest("g")
        written = pl.concat_str(
            "clock",
            pl.lit(":"),
            pl.col("second").fill_null("00"),
            pl.lit("."),
            _micros(pl.col("fraction")),
        )
        value = written.str.to_time("%H:%M:%S%.f", strict=False)
        foreign = pl.col("zone").is_not_null()
        if column.timezone:
            foreign &= _offset(pl.col("zone")) != 0
        frame = frame.select(
            pl.when(~foreign).then(value).alias("value"),
            (foreign & value.is_not_null()).alias("zone"),
            value.is_null().alias("type"),
        )
        zone = "has an offset other than UTC" if column.timezone else "has a time zone"
        return Cast(
            values=frame["value"],
            faults=(
                Fault(check="type", index=positions(frame["type"]), says=_not_time),
                Fault(
                    check="zone",
                    index=positions(frame["zone"]),
                    says=f"{zone}, which the column cannot hold",
                ),
            ),
        )

    nothing = pl.Series([None], dtype=pl.Time).new_from_index(0, len(text))
    return settle(text, nothing, slow)


def _not_time(cell: str) -> str:
    try:
        time.fromisoformat(cell[:8])
    except ValueError:
        return f"{quote(cell)} is not a time of day; expected hh:mm:ss"
    return f"{quote(cell)} is not a time of day, or finer than a microsecond; expected hh:mm:ss"
