"""How dates and times are spelled in a file we write (ruling A27)."""

from __future__ import annotations

import re

import polars as pl

from core.errors import InvalidRequest
from core.model.table import Kind

#: Date formats that have a name. Datetimes get their time behind it.
NAMED_DATES = {"us": "%m/%d/%Y", "eu": "%d/%m/%Y", "de": "%d.%m.%Y"}
#: Moment tokens, longest first, and what strftime calls them.
_MOMENT = {
    "YYYY": "%Y",
    "MMMM": "%B",
    "dddd": "%A",
    "SSS": "%3f",
    "MMM": "%b",
    "ddd": "%a",
    "YY": "%y",
    "MM": "%m",
    "DD": "%d",
    "HH": "%H",
    "hh": "%I",
    "mm": "%M",
    "ss": "%S",
    "M": "%-m",
    "D": "%-d",
    "H": "%-H",
    "h": "%-I",
    "m": "%-M",
    "s": "%-S",
    "A": "%p",
    "a": "%P",
    "X": "%s",
    "Z": "+00:00",
}
_TOKENS = re.compile(r"\[([^\]]*)\]|" + "|".join(_MOMENT))
_STRFTIME = re.compile(r"%(?:-?[YmdHIMSjyUWVGuw]|[BbhAapPDFTRefsnt%]|\.?[369]?f)")
_DATETIME = "%Y-%m-%dT%H:%M:%S%.f"


def date_pattern(date_format: str) -> str | None:
    """The strftime pattern a format stands for; None for iso and timestamp.

    Raises InvalidRequest when it holds nothing that stands for a part of a date, or letters
    that stand for nothing (plain letters go in brackets, but for T).
    """
    name = date_format.strip()
    if name.lower() in ("iso", "timestamp", *NAMED_DATES):
        return NAMED_DATES.get(name.lower())
    if "%" in name:
        rest = _STRFTIME.sub("", name)
        if "%" in rest or rest == name:
            raise InvalidRequest(
                f"date_format: {date_format!r} is no strftime pattern; an example is %d.%m.%Y %H:%M"
            )
        return name
    pattern = _TOKENS.sub(lambda m: m[1] if m[1] is not None else _MOMENT[m[0]], name)
    if "%" not in pattern or re.search(r"[A-SU-Za-z]", _TOKENS.sub("", name)):
        raise InvalidRequest(
            f"date_format: {date_format!r} is not known; use iso, us, eu, de, timestamp, a "
            "strftime pattern such as %d.%m.%Y, or tokens such as DD.MM.YYYY HH:mm"
        )
    return pattern


def format_dates(cell: pl.Expr, kind: Kind, date_format: str) -> pl.Expr:
    """Canonical text of a date or datetime column in the format asked for.

    Times with a zone are in UTC already and lose the suffix, except with iso. Text that is
    no date (infinity, years before Christ, a stray value) stays as it is.
    """
    pattern = date_pattern(date_format)
    name = date_format.strip().lower()
    if name == "iso" or kind not in (Kind.DATE, Kind.DATETIME):
        return cell
    moment = _moment(cell, kind)
    if name == "timestamp":
        return pl.coalesce(_unix_seconds(moment), cell)
    assert pattern is not None
    if name in NAMED_DATES and kind is Kind.DATETIME:
        pattern += " %H:%M:%S%.f"
    return pl.coalesce(moment.dt.strftime(pattern), cell)


def _moment(cell: pl.Expr, kind: Kind) -> pl.Expr:
    if kind is Kind.DATE:
        return cell.str.to_date("%Y-%m-%d", strict=False).cast(pl.Datetime("us"))
    plain = cell.str.replace(r"\+00:00$", "")
    return plain.str.to_datetime(_DATETIME, time_unit="us", strict=False)


def _unix_seconds(moment: pl.Expr) -> pl.Expr:
    """Seconds since 1970 as plain text, with a fraction only where there is one."""
    micros = moment.dt.epoch("us")
    sign = pl.when(micros < 0).then(pl.lit("-")).otherwise(pl.lit(""))
    whole = (micros.abs() // 1_000_000).cast(pl.String)
    part = micros.abs() % 1_000_000
    fraction = pl.lit(".") + part.cast(pl.String).str.zfill(6).str.strip_chars_end("0")
    return pl.concat_str(sign, whole, pl.when(part > 0).then(fraction).otherwise(pl.lit("")))
