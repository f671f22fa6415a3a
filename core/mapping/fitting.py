"""Do the sample cells of a source column fit a column of the table, and through which steps?

The evidence behind a proposed option is said in words, because a wrong decimal mark or a
wrong order of day and month bends data without an error anywhere.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from core.mapping.registry import BLANKS, Options, quote
from core.mapping.transforms import find_transform
from core.mapping.words import FALSE_WORDS, TRUE_WORDS
from core.model.mapping import Step
from core.model.table import Column, Kind

#: A column is of a kind when at least this share of its cells can be read as that kind: a
#: few bad cells are what the checks are for, and must not hide the obvious target.
ENOUGH = 0.5

_ISO_MOMENT = re.compile(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?\s?(Z|[+-]\d\d:?\d\d)?)?")
_PLAIN_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_PLAIN_INTEGER = re.compile(r"[+-]?\d+(\.0*)?")
#: What is no number, no day, however it is written: of no digit, of long words, a phone number.
_NO_NUMBER = re.compile(r"^\D*$|[^\W\d_]{13}|[^\W\d_]{6}.*\d|@|^\s*\d{4}-\d\d-\d\d")
_NO_DATE = re.compile(
    r"^\D*(\d\D*){1,2}$|[^\W\d_]{25}|@|^\s*\d{1,4}([.,]\d{0,2})?\s*$|^\s*\+|^[^T:]*(\d[^T:]*){13}$"
)
_SHAPES = {
    Kind.TIME: re.compile(r"\d\d:\d\d(:\d\d(\.\d+)?)?\s?(Z|[+-]\d\d(:?\d\d)?)?"),
    Kind.UUID: re.compile(r"\{?[0-9a-fA-F]{8}(-?[0-9a-fA-F]{4}){3}-?[0-9a-fA-F]{12}\}?"),
    Kind.BINARY: re.compile(r"\\x([0-9a-fA-F]{2})*"),
}
_BOOLEAN_WORDS = frozenset(TRUE_WORDS + FALSE_WORDS)
#: What the checks read as yes or no without a transform.
_PLAIN_BOOLEANS = frozenset({"true", "false", "t", "f", "1", "0"})

_NOUNS = {
    Kind.INTEGER: "whole numbers",
    Kind.NUMBER: "numbers",
    Kind.BOOLEAN: "yes or no",
    Kind.DATE: "dates",
    Kind.DATETIME: "dates with times",
    Kind.TIME: "times of day",
    Kind.JSON: "JSON",
    Kind.UUID: "UUIDs",
    Kind.BINARY: r"bytes written as \x and hex digits",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Fit:
    """What the samples say about one target."""

    fits: bool
    steps: tuple[Step, ...] = ()
    reason: str = ""  #: sentences, or nothing to say


_FITS = Fit(fits=True)
#: What the transform `number` calls the mark before decimals.
_MARKS: Mapping[str | None, str] = {".": "point", ",": "comma"}


def fit(samples: Sequence[str], column: Column, decimal: str | None = None) -> Fit:
    """Judge up to a few hundred cells of the file against the column's kind.

    `decimal`: point or comma, what stands before the fractions of the file's numbers; None: that
    is not known.
    """
    cells = [cell for cell in dict.fromkeys(samples) if cell.strip(BLANKS)]
    if not cells:
        return _FITS
    if column.kind in (Kind.INTEGER, Kind.NUMBER):
        return _fit_number(cells, column, _MARKS.get(decimal))
    judge = _JUDGES.get(column.kind)
    if judge is not None:
        return judge(cells, column)
    if any(cell != cell.strip(BLANKS) for cell in cells):
        return Fit(
            fits=True,
            steps=(Step(transform="trim"),),
            reason="Some cells have blanks around them, which trim removes.",
        )
    return _FITS


def could_be(samples: Sequence[str], kind: Kind) -> bool:
    """A quick look before `fit`: False when it is sure to refuse."""
    cells = [cell for cell in dict.fromkeys(samples) if cell.strip(BLANKS)]
    if kind in (Kind.INTEGER, Kind.NUMBER):
        return not cells or _enough([not _NO_NUMBER.search(cell) for cell in cells])
    if kind in (Kind.DATE, Kind.DATETIME):
        return not cells or _enough([not _NO_DATE.search(cell) for cell in cells])
    return True


def _attempt(name: str, cells: Sequence[str], options: Options) -> list[str | None]:
    """Each cell after the transform, None where it fails."""
    expression = find_transform(name).expression(pl.col("cell"), options)
    frame = pl.DataFrame({"cell": cells}, schema={"cell": pl.String})
    return frame.select(expression).to_series().to_list()


def _misfit(cells: Sequence[str], good: Sequence[object], column: Column) -> Fit:
    bad = next((cell for cell, ok in zip(cells, good, strict=True) if not ok), cells[0])
    noun = _NOUNS[column.kind]
    return Fit(fits=False, reason=f"Column '{column.name}' holds {noun}; {quote(bad)} is not.")


def _enough(good: Sequence[object]) -> bool:
    return sum(bool(ok) for ok in good) >= ENOUGH * len(good)


def _fit_number(cells: list[str], column: Column, of_file: str | None) -> Fit:
    """`of_file`: the mark before decimals elsewhere in the file, as the transform calls it."""
    whole = column.kind is Kind.INTEGER
    plain = _PLAIN_INTEGER if whole else _PLAIN_NUMBER
    ready = [plain.fullmatch(cell.strip(BLANKS)) for cell in cells]
    # Where decimals stand behind commas, 1.234 is a thousand and more, though it looks plain.
    dotted = of_file == "comma" and any("." in cell for cell in cells)
    if all(ready) and not dotted:
        return _FITS
    decimal, reason = _decimal_mark(cells, whole, of_file)
    # Refused as ambiguous is a matter of the option, not of the kind.
    ways = ("auto", "point", "comma") if decimal == "auto" else (decimal,)
    readings = zip(*(_attempt("number", cells, {"decimal": way}) for way in ways), strict=True)
    good = [any(plain.fullmatch(read) for read in cell if read) for cell in readings]
    if not _enough(good):
        return _misfit(cells, good, column)
    bent = dotted and decimal != "point"
    if sum(map(bool, ready)) >= sum(map(bool, good)) and not bent:
        return _FITS  # the transform would mend nothing
    return Fit(
        fits=True, steps=(Step(transform="number", options={"decimal": decimal}),), reason=reason
    )


def _decimal_mark(cells: list[str], whole: bool, of_file: str | None) -> tuple[str, str]:
    """The mark before decimals and the sentence that says how we know."""
    pointed = _attempt("number", cells, {"decimal": "point"})
    commaed = _attempt("number", cells, {"decimal": "comma"})
    marked = [i for i, cell in enumerate(cells) if re.search(r"\d[.,]|[.,]\d", cell)]
    point = [i for i in marked if pointed[i] is not None and commaed[i] is None]
    comma = [i for i in marked if commaed[i] is not None and pointed[i] is None]
    if point and comma:
        return "auto", (
            f"{quote(cells[point[0]])} has a decimal point and {quote(cells[comma[0]])} a decimal"
            " comma: cells that could mean either will be refused."
        )
    if point:
        return "point", f"{quote(cells[point[0]])} can only be read with a decimal point."
    if comma:
        return "comma", f"{quote(cells[comma[0]])} can only be read with a decimal comma."
    if not marked:
        return "auto", "The cells need number to be read."
    return _by_file(cells, marked, whole, of_file) if of_file else _unproven(cells, marked, whole)


def _by_file(cells: list[str], marked: list[int], whole: bool, of_file: str) -> tuple[str, str]:
    """The mark the file's other numbers have, unless it makes fractions where none can be."""
    mark, other = (".", "point") if of_file == "point" else (",", "comma")
    fractions = [cells[i] for i in marked if mark in cells[i]]
    if fractions and whole:
        return "auto", (
            f"The column holds whole numbers, but numbers of this file have a decimal {other}, and"
            f" {quote(fractions[0])} would have decimals: choose what the {other} means before"
            " importing, or such cells will be refused."
        )
    shown = fractions[0] if fractions else cells[marked[0]]
    meaning = f"has a decimal {other}" if fractions else "has a mark between thousands"
    return of_file, (
        f"Numbers of this file have a decimal {other}, so {quote(shown)} {meaning}: please check."
    )


def _unproven(cells: list[str], marked: list[int], whole: bool) -> tuple[str, str]:
    commas = [cells[i] for i in marked if "," in cells[i]]
    dots = [cells[i] for i in marked if "." in cells[i]]
    if commas and not dots:
        count = f"{len(commas)} of {len(commas)} cells"
        return "point", (
            f"Every comma is followed by exactly three digits ({count}, such as"
            f" {quote(commas[0])}), as thousands are: please check."
        )
    if dots and not commas and whole:
        return "comma", (
            f"The column holds whole numbers, so the point in {quote(dots[0])} marks thousands."
        )
    return "auto", (
        f"{quote(cells[marked[0]])} may have a decimal mark or mark thousands: choose which"
        " before importing, or such cells will be refused."
    )


def _fit_boolean(cells: list[str], column: Column) -> Fit:
    folded = [cell.strip(BLANKS).lower() for cell in cells]
    good = [word in _BOOLEAN_WORDS for word in folded]
    if not _enough(good):
        return _misfit(cells, good, column)
    other = next((w for w in folded if w in _BOOLEAN_WORDS - _PLAIN_BOOLEANS), None)
    if other is None:
        return _FITS
    return Fit(
        fits=True,
        steps=(Step(transform="boolean"),),
        reason=f"Words such as {quote(other)} become true or false.",
    )


def _fit_date(cells: list[str], column: Column) -> Fit:
    iso = [_ISO_MOMENT.fullmatch(cell.strip(BLANKS)) for cell in cells]
    if all(iso):
        return _FITS
    by_order = {o: _attempt("date", cells, {"order": o}) for o in ("auto", "dmy", "mdy", "ymd")}
    good = [any(readings) for readings in zip(*by_order.values(), strict=True)]
    if not _enough(good):
        return _misfit(cells, good, column)
    order, reason = _order(cells, by_order)
    if sum(map(bool, iso)) >= sum(map(bool, good)):
        return _FITS
    return Fit(fits=True, steps=(Step(transform="date", options={"order": order}),), reason=reason)


def _order(cells: list[str], by_order: Mapping[str, list[str | None]]) -> tuple[str, str]:
    """The order of day, month and year, and the sentence that says how we know."""
    unclear = [i for i, read in enumerate(by_order["auto"]) if not read and by_order["dmy"][i]]
    unclear += [i for i, read in enumerate(by_order["auto"]) if not read and by_order["mdy"][i]]
    day_first = [i for i, read in enumerate(by_order["dmy"]) if read and not by_order["mdy"][i]]
    month_first = [i for i, read in enumerate(by_order["mdy"]) if read and not by_order["dmy"][i]]
    if day_first and month_first:
        return "auto", (
            f"{quote(cells[day_first[0]])} has the day first and {quote(cells[month_first[0]])}"
            " the month: cells that could mean either will be refused."
        )
    if day_first:
        return "dmy", f"{quote(cells[day_first[0]])} can only be day first."
    if month_first:
        return "mdy", f"{quote(cells[month_first[0]])} can only be month first."
    if unclear:
        return "auto", (
            f"{quote(cells[unclear[0]])} may have the day or the month first: choose the order"
            " before importing, or such cells will be refused."
        )
    return "auto", f"{quote(cells[0])} is written as a date without doubt about its order."


def _fit_shape(cells: list[str], column: Column) -> Fit:
    good = [_SHAPES[column.kind].fullmatch(cell.strip(BLANKS)) for cell in cells]
    return _FITS if _enough(good) else _misfit(cells, good, column)


def _is_json(cell: str) -> bool:
    try:
        json.loads(cell)
    except (ValueError, RecursionError):
        return False
    return True


def _fit_json(cells: list[str], column: Column) -> Fit:
    good = [_is_json(cell) for cell in cells]
    return _FITS if _enough(good) else _misfit(cells, good, column)


_JUDGES: dict[Kind, Callable[[list[str], Column], Fit]] = {
    Kind.BOOLEAN: _fit_boolean,
    Kind.DATE: _fit_date,
    Kind.DATETIME: _fit_date,
    Kind.TIME: _fit_shape,
    Kind.UUID: _fit_shape,
    Kind.BINARY: _fit_shape,
    Kind.JSON: _fit_json,
}
