"""The column that would take every cell of a column of a file, and the sentences that say why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.checks.problems import quote
from core.mapping.likeness import meaning, words
from core.model.mapping import Step
from core.model.table import Kind

if TYPE_CHECKING:
    from core.pipeline.readings import ColumnReadings, Reading

#: Whole numbers up to here fit 32 bits with as much room again.
_HALF_OF_32_BITS = 1_000_000_000
_MOST_DIGITS = 38
_ROOM = 3  #: more digits before the point than any number of the file has
_LENGTHS = (20, 50, 100, 255, 500, 1_000, 2_000, 4_000)
#: What is written in digits and counts nothing, so that a zero in front matters.
_NOT_COUNTED = {
    "phone", "fax", "postcode", "iban", "isbn", "ean", "gtin", "upc", "ssn", "barcode", "sku",
}  # fmt: skip


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """What a column is taken for; sizes as in `NewColumn`."""

    kind: Kind
    evidence: tuple[str, ...]
    steps: tuple[Step, ...] = ()
    big: bool = False
    max_length: int | None = None
    precision: int | None = None
    scale: int | None = None
    timezone: bool = False


def verdict_of(column: ColumnReadings, decimal: str | None) -> Verdict:
    """A kind other than text only where every cell can be read as it.

    `decimal`: point or comma, where the numbers of the file agree on it.
    """
    if not column.filled:
        return _text(column, "No cell holds anything: text takes whatever comes.")
    if column.read_by("integer"):
        return _integer(column)
    if column.read_by("boolean"):
        shown = " and ".join(quote(cell) for cell in column.samples[:2])
        return Verdict(kind=Kind.BOOLEAN, evidence=(f"{_all(column, 'Yes or no')}: {shown}.",))
    if column.read_by("plain", "point", "comma"):
        return _number(column, decimal)
    if column.read_by("iso", "auto", "dmy", "mdy"):
        return _moment(column)
    if (way := column.read_by("time", "uuid", "json")) is not None:
        kind, noun = column.ways[way].way.column.kind, column.ways[way].way.noun
        noun = noun[:1].upper() + noun[1:]
        return Verdict(kind=kind, evidence=(f"{_all(column, noun)}.",))
    return _text(column, *_nearly(column))


def _all(column: ColumnReadings, what: str) -> str:
    where = "the only cell" if column.filled == 1 else f"all {column.filled:,} cells"
    return f"{what} in {where}"


# ---------------------------------------------------------------- numbers
def _uncounted(column: ColumnReadings) -> str | None:
    """Why digits are no number here."""
    if column.leading_zero is not None:
        return f"{quote(column.leading_zero)} begins with a zero, which a number would lose."
    if column.plus is not None:
        return f"{quote(column.plus)} begins with a plus, as phone numbers do."
    if _NOT_COUNTED & {*words(column.name), *meaning(words(column.name))}:
        return f"By its name {quote(column.name)} holds figures that are no amounts, such as codes."
    return None


def _integer(column: ColumnReadings) -> Verdict:
    if (why := _uncounted(column)) is not None:
        return _text(column, why)
    reading = column.ways["integer"]
    low, high = reading.low or 0, reading.high or 0
    said = [f"{_all(column, 'Whole numbers')}, from {low:,} to {high:,}."]
    if (low, high) == (0, 1):
        said.append("They are 0 and 1 alone: choose boolean if they mean no and yes.")
    if column.read_by("auto"):
        said.append(f"{quote(column.samples[0])} could be a date: choose date if they all are.")
    big = max(-low, high) > _HALF_OF_32_BITS
    if big:
        said.append("They need 64 bits.")
    return Verdict(kind=Kind.INTEGER, big=big, evidence=tuple(said))


def _number(column: ColumnReadings, decimal: str | None) -> Verdict:
    plain, point, comma = (bool(column.read_by(way)) for way in ("plain", "point", "comma"))
    if plain:
        # Where decimals stand behind commas, 1.234 is a thousand and more, though it looks plain.
        way = "comma" if decimal == "comma" and comma and column.ways["plain"].fraction else "plain"
        said = _by_file(way) if way == "comma" else ()
    elif point and comma:
        if decimal is None:
            return _text(column, f"{quote(column.samples[0])} may have a decimal mark or mark "
                         "thousands: choose number and, when matching, what it means.")  # fmt: skip
        way, said = decimal, _by_file(decimal)
    else:
        way = "point" if point else "comma"
        other = column.ways["comma" if point else "point"].missed
        said = (f"{quote(other)} can only be read with a decimal {way}.",) if other else ()
    if (why := _uncounted(column)) is not None and not column.ways[way].fraction:
        return _text(column, why)
    return _sized(column, column.ways[way], said)


def _by_file(way: str) -> tuple[str]:
    return (f"The other numbers of the file have a decimal {way}.",)


def _sized(column: ColumnReadings, reading: Reading, said: tuple[str, ...]) -> Verdict:
    whole, scale, steps = max(reading.whole, 1), reading.fraction, reading.way.steps
    if steps:
        said = (*said, "Marks between thousands and signs for money are taken off.")
    if column.percent is not None:
        said = (*said, f"{quote(column.percent)} becomes a hundredth.")
    if column.exponents:
        shown = f"{_all(column, 'Numbers')}, some with powers of ten: floating point."
        return Verdict(kind=Kind.NUMBER, steps=steps, evidence=(shown, *said))
    if whole + scale > _MOST_DIGITS or (not scale and whole > 18):
        return _text(column, f"They are numbers of up to {whole + scale} digits, more than "
                     "programs keep exactly: they stay as they are written.")  # fmt: skip
    if not scale:
        shown = f"{_all(column, 'Whole numbers')}, of up to {whole} digits."
        return Verdict(kind=Kind.INTEGER, big=whole > 9, steps=steps, evidence=(shown, *said))
    shown = (
        f"{_all(column, 'Numbers')}, with up to {whole} digits before the point and {scale} "
        f"after it; there is room for {_ROOM} more before."
    )
    precision = min(whole + _ROOM + scale, _MOST_DIGITS)
    return Verdict(kind=Kind.NUMBER, precision=precision, scale=scale, steps=steps,
                   evidence=(shown, *said))  # fmt: skip


# ---------------------------------------------------------------- moments
def _moment(column: ColumnReadings) -> Verdict:
    iso, auto, dmy, mdy = (bool(column.read_by(way)) for way in ("iso", "auto", "dmy", "mdy"))
    said: tuple[str, ...] = ()
    if iso or auto:
        way = "iso" if iso else "auto"
    elif dmy and mdy:
        return _text(column, f"{_all(column, 'Dates')} that may have the day or the month first: "
                     "choose date and, when matching, the order.")  # fmt: skip
    else:
        way = "dmy" if dmy else "mdy"
        missed = column.ways["mdy" if dmy else "dmy"].missed or column.samples[0]
        said = (f"{quote(missed)} can only have the {'day' if dmy else 'month'} first.",)
    reading = column.ways[way]
    if not reading.timed:
        return Verdict(kind=Kind.DATE, steps=reading.way.steps,
                       evidence=(f"{_all(column, 'Dates')}.", *said))  # fmt: skip
    if 0 < reading.zoned < column.filled:
        said = (*said, f"{reading.zoned:,} have a time zone; the others are taken to be in UTC.")
    return Verdict(
        kind=Kind.DATETIME,
        timezone=bool(reading.zoned),
        steps=reading.way.steps,
        evidence=(f"{_all(column, 'Dates')}, {reading.timed:,} with a time of day.", *said),
    )


# ---------------------------------------------------------------- text
def _text(column: ColumnReadings, *why: str) -> Verdict:
    length = next((size for size in _LENGTHS if size >= 1.5 * column.longest), None)
    if not column.filled:
        return Verdict(kind=Kind.TEXT, evidence=why)
    room = f", so {length:,} leave room" if length else ": of any length"
    said = f"The longest of {column.filled:,} cells has {column.longest:,} characters{room}."
    kept = (f"{column.padded:,} cells have blanks at an end, which are kept.",)
    return Verdict(kind=Kind.TEXT, max_length=length,
                   evidence=(*why, said, *(kept if column.padded else ())))  # fmt: skip


def _nearly(column: ColumnReadings) -> tuple[str, ...]:
    """What most cells could be read as, and which not."""
    near = [r for r in column.ways.values() if not r.given_up and r.misses]
    if not near:
        return ()
    best = min(near, key=lambda reading: reading.misses)
    return (
        f"{column.filled - best.misses:,} of {column.filled:,} cells are {best.way.noun}, others "
        f"such as {quote(best.missed or '')} are not.",
    )
