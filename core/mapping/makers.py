"""Transforms that make a cell for every row: constant, concatenate, now, user, file_name."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC
from pathlib import PurePath
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import polars as pl

from core.mapping.options import texts_of
from core.mapping.registry import BLANKS, Given, Made, Options, maker, option
from core.model.mapping import OptionInfo, OptionKind

_VALUE = OptionInfo(name="value", title="What every row gets", required=True)


def same_for_all(given: Given, text: str) -> Made:
    """The same cell in every row."""
    one = pl.Series("cell", [text], dtype=pl.String)
    return Made(cells=one.new_from_index(0, given.batch.height))


@maker(title="Constant", options=(_VALUE,))
def constant(given: Given, options: Options) -> Made:
    """Give every row the same value."""
    return same_for_all(given, options["value"])


# ---------------------------------------------------------------- concatenate
_COLUMNS = OptionInfo(
    name="columns",
    title="Columns of the file, in order",
    kind=OptionKind.COLUMNS,
    required=True,
    hint="Such as First name, Last name",
)
_SEPARATOR = OptionInfo(
    name="separator", title="What stands between them", default=" ", hint="Nothing joins them bare"
)
_LONGEST_SEPARATOR = 100


def _named(options: Options, columns: Collection[str] | None = None) -> tuple[str, ...]:
    return texts_of(options.get("columns", ""))


def _refuse_separator(options: Options) -> str | None:
    short = len(options.get("separator", "")) <= _LONGEST_SEPARATOR
    return None if short else f"separator is longer than {_LONGEST_SEPARATOR} characters"


@maker(
    title="Join columns",
    aliases=("concat", "join"),
    options=(_COLUMNS, _SEPARATOR),
    reads=_named,
    refuse=_refuse_separator,
)
def concatenate(given: Given, options: Options) -> Made:
    """Join the cells of several columns of the file. Empty ones are left out; when all are NULL,
    so is the result."""
    # By number: Polars takes a name such as ^.*$ for a pattern.
    numbered = pl.DataFrame(
        [given.column(name).alias(f"c{n}") for n, name in enumerate(_named(options))]
    )
    kept = [
        pl.when(pl.col(name).str.strip_chars(BLANKS) != "").then(pl.col(name))
        for name in numbered.columns
    ]
    joined = pl.concat_str(kept, separator=options.get("separator", " "), ignore_nulls=True)
    all_null = pl.all_horizontal(pl.all().is_null())
    return Made(cells=numbered.select(pl.when(~all_null).then(joined).alias("cell")).to_series())


# ---------------------------------------------------------------- circumstances
_PART = OptionInfo(
    name="part",
    title="What of it",
    choices=("datetime", "moment", "date", "time"),
    default="datetime",
    hint="moment is the date and time with their distance from UTC",
)
_ZONE = OptionInfo(name="zone", title="Time zone", default="UTC", hint="Such as Europe/Berlin")


def _refuse_zone(options: Options) -> str | None:
    name = option(options, "zone", "UTC")
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return f"there is no time zone {name!r}; an example is Europe/Berlin"
    return None


@maker(title="Now", options=(_PART, _ZONE), refuse=_refuse_zone)
def now(given: Given, options: Options) -> Made:
    """Give every row the date and time at which the file is checked, the same for all of them."""
    zone = option(options, "zone", "UTC")
    moment = given.known.now.astimezone(UTC if zone == "UTC" else ZoneInfo(zone))
    moment = moment.replace(microsecond=0)
    match option(options, "part", "datetime"):
        case "date":
            text = moment.date().isoformat()
        case "time":
            text = moment.time().isoformat()
        case "moment":
            text = moment.isoformat()
        case _:
            text = moment.replace(tzinfo=None).isoformat()
    return same_for_all(given, text)


@maker(title="Who imports")
def user(given: Given, options: Options) -> Made:
    """Give every row the name of the user who imports the file."""
    return same_for_all(given, given.known.user)


_NAME = OptionInfo(
    name="part", title="What of it", choices=("name", "stem"), default="name",
    hint="stem is the name without its ending",
)  # fmt: skip


@maker(title="File name", aliases=("filename",), options=(_NAME,))
def file_name(given: Given, options: Options) -> Made:
    """Give every row the name of the file."""
    name = given.known.filename
    stem = option(options, "part", "name") == "stem"
    return same_for_all(given, PurePath(name).stem if stem else name)
