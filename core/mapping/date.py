"""The transform `date`: calendar days as people write them → ISO 8601 text.

    2026-10-18   2026/10/18   20261018   18.10.2026   18/10/2026   10/18/2026
    18 Oct 2026   18-Oct-26   Oct 18, 2026   Sunday, October 18th 2026
    … with a time: 14:05   14:05:09.25   2:05 PM   and a zone: Z   +02:00   -0500

Months have their English names. `order` says how a date in figures is to be read; `auto`
takes the year first, or the day first where dots divide, and any other only when a part
above 12 proves the order: 03/04/2026 is refused rather than guessed. Two-digit years
follow POSIX: 69 to 99 are 1969 to 1999, 00 to 68 are 2000 to 2068. `format` overrides all
that with one pattern or several, of which the first that reads a cell is taken.
"""

from __future__ import annotations

import re
from datetime import datetime

import polars as pl

from core.mapping.date_formats import format_fault, has_time, strptime_pattern
from core.mapping.options import texts_of
from core.mapping.registry import BLANKS, Options, option, quote, transform
from core.model.mapping import OptionInfo, OptionKind

_MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september",
    "october", "november", "december",
)  # fmt: skip
_MONTH_NUMBERS = {
    word: f"{n:02d}" for n, month in enumerate(_MONTHS, 1) for word in (month, month[:3])
} | {"sept": "09"}

_TIME = (
    r"(?:T|t|,? ) ?(?<hour>[0-9]{1,2}):(?<minute>[0-5][0-9])"
    r"(?::(?<second>[0-5][0-9])(?:[.,](?<fraction>[0-9]{1,9}))?)?"
    r"(?: ?(?<half>[AaPp])\.?[Mm]\.?)?"
    r"(?: ?(?<zone>[Zz]|UTC|GMT|[+-][0-9]{2}(?::?[0-9]{2})?))?$"
)
_WEEKDAY = r"^(?i:(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?),?\.? "
_YEAR_FIRST = r"^(?<y>[0-9]{4})(?<s>[-/.])(?<m>[0-9]{1,2})(?<t>[-/.])(?<d>[0-9]{1,2})$"
_COMPACT = r"^(?<y>[0-9]{4})(?<m>[0-9]{2})(?<d>[0-9]{2})$"
_YEAR_LAST = r"^(?<a>[0-9]{1,2})(?<s>[-/.]) ?(?<b>[0-9]{1,2})(?<t>[-/.]) ?(?<c>[0-9]{4}|[0-9]{2})$"
_NAMED = (
    r"^(?<d>[0-9]{1,2})(?:st|nd|rd|th|\.)?[ \-/]?(?<m>[A-Za-z]{3,9})\.?,?[ \-/]?"
    r"(?<y>[0-9]{4}|[0-9]{2})$",
    r"^(?<m>[A-Za-z]{3,9})\.?[ \-](?<d>[0-9]{1,2})(?:st|nd|rd|th)?,? ?(?<y> [0-9]{4}|,[0-9]{4})$",
    r"^(?<y>[0-9]{4})[ \-/](?<m>[A-Za-z]{3,9})\.?[ \-/](?<d>[0-9]{1,2})$",
)
_FULL = (
    r"^[0-9]{2}(?:/[0-9]{2}/|-[0-9]{2}-|\.[0-9]{2}\.)[0-9]{4}"
    r"(?: (?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9])?$"
)
_ISO = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"

_ORDER = OptionInfo(
    name="order",
    title="Order of day, month and year",
    choices=("auto", "dmy", "mdy", "ymd"),
    default="auto",
)
_FORMAT = OptionInfo(
    name="format",
    title="Pattern, or several in order (overrides the order)",
    kind=OptionKind.LIST,
    hint="Such as DD.MM.YYYY HH:mm or %d/%m/%Y",
)
#: How many patterns a cell is tried with at most.
MAX_FORMATS = 20


def _day(year: pl.Expr, month: pl.Expr, day: pl.Expr) -> pl.Expr:
    """ISO text of a day, from digits; null when any part is missing or no such day exists."""
    pivot = pl.when(year >= "69").then(pl.lit("19")).otherwise(pl.lit("20"))
    full = pl.when(year.str.len_bytes() == 2).then(pivot + year).otherwise(year)
    text = full + "-" + month.str.zfill(2) + "-" + day.str.zfill(2)
    parsed = text.str.to_date("%Y-%m-%d", strict=False)
    return pl.when(parsed.is_not_null() & (full != "0000")).then(text)


def _parts(pattern: str) -> tuple[pl.Expr, ...]:
    """The parts y, m, d of a day written in that pattern, null where it is not."""
    groups = pl.col("day").str.extract_groups(pattern).struct
    return groups.field("y"), groups.field("m"), groups.field("d")


def _certain() -> list[pl.Expr]:
    """Days whose writing leaves no doubt about the order."""
    separators = pl.col("day").str.extract_groups(_YEAR_FIRST).struct
    year_first = pl.when(separators.field("s") == separators.field("t")).then(
        _day(*_parts(_YEAR_FIRST))
    )
    days = [year_first, _day(*_parts(_COMPACT))]
    for pattern in _NAMED:
        year, month, day = _parts(pattern)
        figure = month.str.to_lowercase().replace_strict(
            _MONTH_NUMBERS, default=None, return_dtype=pl.String
        )
        days.append(_day(year.str.strip_chars(" ,"), figure, day))
    return days


def _by_order(order: str) -> pl.Expr:
    """Days in figures with the year last (or short and first), read in the order asked for."""
    group = pl.col("day").str.extract_groups(_YEAR_LAST).struct
    a, b, c = group.field("a"), group.field("b"), group.field("c")
    short = pl.when((c.str.len_bytes() == 2) & (a.str.len_bytes() == 2))
    readings = {
        "dmy": _day(c, b, a),
        "mdy": _day(c, a, b),
        "ymd": short.then(_day(a, b, c)),
    }
    if order in readings:
        chosen = readings[order]
    else:
        first = pl.coalesce(*readings.values())
        agreed = pl.all_horizontal(
            reading.is_null() | (reading == first) for reading in readings.values()
        )
        proven = pl.when(agreed).then(first)
        chosen = pl.when(group.field("s") == ".").then(readings["dmy"]).otherwise(proven)
    return pl.when(group.field("s") == group.field("t")).then(chosen)


def _clock() -> pl.Expr:
    """`Thh:mm:ss[.f][zone]` of the time found; "" when there was none, null when impossible."""
    hour = pl.col("hour").cast(pl.Int16)
    half = pl.col("half").str.to_lowercase()
    on_clock = (
        pl.when(half.is_null()).then(hour).when(half == "p").then(hour % 12 + 12)
    ).otherwise(hour % 12)
    sound = pl.when(half.is_null()).then(hour <= 23).otherwise(hour.is_between(1, 12))
    digits = pl.col("zone").str.replace_all("[^0-9]", "")
    offset = digits.str.head(2) + ":" + digits.str.slice(2, 2).str.zfill(2)
    zone = (
        pl.when(pl.col("zone").is_null())
        .then(pl.lit(""))
        .when(digits == "")
        .then(pl.lit("+00:00"))
        .otherwise(pl.col("zone").str.head(1) + offset)
    )
    far = (offset >= "16:00") | (offset.str.tail(2) >= "60")
    sound &= pl.when(digits.str.len_bytes() > 0).then(far.not_()).otherwise(pl.lit(value=True))
    fraction = ("." + pl.col("fraction")).fill_null("")
    time = pl.format(
        "T{}:{}:{}{}{}",
        on_clock.cast(pl.String).str.zfill(2),
        pl.col("minute"),
        pl.col("second").fill_null("00"),
        fraction,
        zone,
    )
    return pl.when(hour.is_null()).then(pl.lit("")).when(sound).then(time)


def _read(cells: pl.Series, order: str) -> pl.Series:
    text = pl.col("cell").str.replace_all(f"[{BLANKS}]+", " ").str.strip_chars(" ")
    frame = cells.alias("cell").to_frame().select(text.str.replace(_WEEKDAY, "").alias("cell"))
    frame = frame.with_columns(
        pl.col("cell").str.replace(_TIME, "").alias("day"),
        pl.col("cell").str.extract_groups(_TIME).alias("time"),
    ).unnest("time")
    day = pl.coalesce(*_certain(), _by_order(order))
    return frame.select(
        pl.when(pl.col("cell") == "").then(pl.lit("")).otherwise(day + _clock()).alias("cell")
    ).to_series()


def _by_patterns(cells: pl.Series, patterns: tuple[str, ...]) -> pl.Series:
    """Distinct cells through strptime: its %y, %f and %p are better defined than Polars' own."""
    ways = [(pattern, has_time(pattern)) for pattern in map(strptime_pattern, patterns)]
    readings = [_first_reading(cell.strip(BLANKS), ways) for cell in cells.to_list()]
    return pl.Series("cell", readings, dtype=pl.String)


def _first_reading(text: str, ways: list[tuple[str, bool]]) -> str | None:
    if not text:
        return ""
    for pattern, timed in ways:
        try:
            moment = datetime.strptime(text, pattern)
        except ValueError:
            continue
        return moment.isoformat() if timed else moment.date().isoformat()
    return None


def _common(cells: pl.Series, order: str) -> pl.Series:
    """Cells written in full with the year first, or last in the order asked for, at little cost."""
    cell = pl.col("cell")
    parsed = cell.str.to_date("%Y-%m-%d", strict=False)
    iso = pl.when(cell.str.contains(_ISO) & parsed.is_not_null() & (cell >= "0001")).then(cell)
    found = [iso]
    if order in {"dmy", "mdy"}:
        first, second = cell.str.slice(0, 2), cell.str.slice(3, 2)
        month, day = (second, first) if order == "dmy" else (first, second)
        clock = cell.str.slice(10).str.replace(" ", "T", literal=True)
        text = _day(cell.str.slice(6, 4), month, day) + clock
        found.append(pl.when(cell.str.contains(_FULL)).then(text))
    return cells.to_frame("cell").select(pl.coalesce(found)).to_series()


def _dates(cells: pl.Series, order: str, patterns: tuple[str, ...]) -> pl.Series:
    nothing = pl.Series("cell", [None], dtype=pl.String)
    ready = nothing.new_from_index(0, len(cells)) if patterns else _common(cells, order)
    todo = (ready.is_null() & cells.is_not_null()).arg_true()
    if todo.is_empty():
        return ready
    rest = cells.gather(todo)
    distinct = rest.unique()
    read = _by_patterns(distinct, patterns) if patterns else _read(distinct, order)
    known = rest.replace_strict(distinct, read, return_dtype=pl.String)
    return ready.clone().scatter(todo, known)  # scatter writes in place


def _exists(year: str, month: str, day: str) -> bool:
    century = "" if len(year) == 4 else "19" if year >= "69" else "20"
    try:
        datetime(int(century + year), int(month), int(day))
    except ValueError:
        return False
    return True


def _python(pattern: str) -> str:
    """The pattern in the spelling of Python's own regular expressions."""
    return pattern.replace("(?<", "(?P<")


def _not_date(value: str, options: Options) -> str:
    patterns, order = texts_of(options.get("format", "")), option(options, "order", "auto")
    if patterns:
        return f"{quote(value)} is not a date written as {' or '.join(patterns)}"
    bare = re.sub(_python(_TIME), "", " ".join(value.strip(BLANKS).split()))
    last = re.match(_python(_YEAR_LAST), bare)
    if last is not None and order == "auto" and last["s"] == last["t"] != ".":
        a, b, c = last["a"], last["b"], last["c"]
        readings = ((c, b, a), (c, a, b), (a.zfill(2), b, c))
        if sum(_exists(*reading) for reading in readings) > 1:
            return (
                f"{quote(value)} can be read in more than one order of day, month and year:"
                " choose the order (option order)"
            )
    first = re.match(_python(_YEAR_FIRST), bare) or re.match(_python(_COMPACT), bare)
    if first is not None and _exists(first["y"], first["m"], first["d"]):
        return f"{quote(value)} has a time that is not on the clock"
    if first is not None or last is not None:
        read = f" when read as {order}" if last is not None and order != "auto" else ""
        return f"{quote(value)} is not a day of the calendar{read}"
    return f"{quote(value)} is not a date; choose its format, or write it as YYYY-MM-DD"


def _refuse(options: Options) -> str | None:
    patterns = texts_of(options.get("format", ""))
    if len(patterns) > MAX_FORMATS:
        return f"format takes at most {MAX_FORMATS} patterns"
    return next(filter(None, map(format_fault, patterns)), None)


@transform(title="Date", options=(_ORDER, _FORMAT), explain=_not_date, refuse=_refuse)
def date(text: pl.Expr, options: Options) -> pl.Expr:
    """Read a date, with or without a time and zone, and write it as 2026-10-18 or
    2026-10-18T14:05:09+02:00. Dates that could be meant in two ways are refused until the order
    is chosen; two-digit years 69-99 are 1969-1999, 00-68 are 2000-2068."""
    order, patterns = option(options, "order", "auto"), texts_of(options.get("format", ""))
    return text.map_batches(lambda cells: _dates(cells, order, patterns), return_dtype=pl.String)
