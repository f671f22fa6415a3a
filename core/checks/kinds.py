"""What the cells of a column look like, told from their spelling alone, with the evidence.

A column is of a kind when nine cells in ten are; the sentence says how many, and what the others
are. Spellings that may mean two things (03/04/2026, 1,234) are settled by the cells that cannot:
18/10/2026 is day first, 1.234,50 has a decimal comma.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

import polars as pl

from core.checks.cells import BLANKS
from core.checks.problems import quote
from core.model.profile import CellKind

ENOUGH = 0.9  #: of the cells of a column, for it to be of a kind
_SOME = 0.02  #: a share of cells of another kind worth telling
_JSON_TRIED = 200  #: distinct cells parsed

_SIGN = r"[+\-\u2212]?"
_INTEGER = rf"^{_SIGN}[0-9]+$"
_MONEY = rf"^\(?{_SIGN} ?\p{{Sc}}? ?{_SIGN}"
_END = r"(?:[eE][+-]?[0-9]{1,3})? ?(?:\p{Sc}|%)?\)?$"
_POINT = rf"{_MONEY}(?:[0-9]+|[0-9]{{1,3}}(?:[,' \u00a0\u202f][0-9]{{2,3}})+)?(?:\.[0-9]*)?{_END}"
_COMMA = rf"{_MONEY}(?:[0-9]+|[0-9]{{1,3}}(?:[.' \u00a0\u202f][0-9]{{3}})+)?(?:,[0-9]*)?{_END}"
_DIGIT = "[0-9]"
_UUID = r"^\{?[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}\}?$"
_EMAIL = r"^[^\s@,;]+@[^\s@,;]+\.[^\s@,;.]+$"
_URL = r"^(?i:https?|ftp)://\S+$"
_WORDS = ("true", "false", "yes", "no", "y", "n", "t", "f", "on", "off")

_CLOCK = r"[T ,]+[0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]+)?)? ?(?:[AaPp]\.?[Mm]\.?)?"
_CLOCK += r" ?(?:Z|UTC|[+-][0-9]{2}(?::?[0-9]{2})?)?$"
_YEAR_FIRST = r"^[0-9]{4}[-/.][0-9]{1,2}[-/.][0-9]{1,2}(?:$|[T ,])"
_YEAR_LAST = r"^([0-9]{1,2})[-/.]([0-9]{1,2})[-/.]([0-9]{4}|[0-9]{2})(?:$|[T ,])"
_MONTHS = "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec"
_NAMED = (
    rf"^(?i:[0-9]{{1,2}}[- .]+(?:{_MONTHS})[a-z]*[-., ]+[0-9]{{2,4}}"
    rf"|(?:{_MONTHS})[a-z]*[-. ]+[0-9]{{1,2}}[-., ]+[0-9]{{4}})(?:$|[T ,])"
)

ISO, DAY_FIRST, MONTH_FIRST = "year first", "day first", "month first"
NAMED, EITHER, MIXED = "month in letters", "day or month first", "mixed orders"
POINT, COMMA, UNPROVEN = "decimal point", "decimal comma", "comma or point unproven"


@dataclass(frozen=True, kw_only=True, slots=True)
class Detected:
    """The kind of a column and why."""

    kind: CellKind
    detail: str = ""
    share: float = 0.0
    evidence: str = ""
    remarks: tuple[str, ...] = ()


def detect_kind(cells: pl.Series, name: str) -> Detected:
    """The kind of a column of text (null: no cell). `name` is for the sentences."""
    bare = cells.drop_nulls().str.strip_chars(BLANKS).alias("cell")
    solid = bare.filter(bare != "").to_frame()
    counted = solid.group_by("cell", maintain_order=True).agg(pl.len().alias("n"))
    if counted.is_empty():
        return Detected(kind=CellKind.EMPTY, evidence="No cell holds anything.")
    signs = counted.with_columns(**_signs(counted["cell"]))
    total = int(signs["n"].sum())
    found = {kind: _count(signs, kind.value) for kind in _ORDER}
    # A kind later in the order holds all that an earlier one does: it must hold more to win.
    best = max(_ORDER, key=lambda kind: found[kind])
    if best is CellKind.TEXT or found[best] < ENOUGH * total:
        return _text(signs, found, total)
    detail, proof, remarks = _detail(best, signs, name)
    others = signs.filter(~pl.col(best.value))["cell"].head(2).to_list()
    return Detected(
        kind=best,
        detail=detail,
        share=found[best] / total,
        evidence=_evidence(best, found[best], total, proof, others),
        remarks=tuple(remarks),
    )


#: The first of two kinds with as many cells is taken.
_ORDER = (
    CellKind.INTEGER, CellKind.NUMBER, CellKind.BOOLEAN, CellKind.DATE, CellKind.DATETIME,
    CellKind.UUID, CellKind.EMAIL, CellKind.URL, CellKind.JSON,
)  # fmt: skip
_PLURAL = {
    CellKind.INTEGER: "whole numbers", CellKind.NUMBER: "numbers", CellKind.BOOLEAN: "yes or no",
    CellKind.DATE: "dates", CellKind.DATETIME: "dates with a time", CellKind.UUID: "UUIDs",
    CellKind.EMAIL: "e-mail addresses", CellKind.URL: "web addresses", CellKind.JSON: "JSON",
}  # fmt: skip


def _signs(cells: pl.Series) -> dict[str, pl.Series]:
    """One Boolean per distinct cell for each kind, and for what tells its spelling."""
    cell, digits = pl.col("cell"), pl.col("cell").str.contains(_DIGIT)
    year_last = cell.str.extract_groups(_YEAR_LAST).struct
    first, second = (year_last.field(n).cast(pl.Int16, strict=False) for n in ("1", "2"))
    dmy = (first.is_between(1, 31) & second.is_between(1, 12)).fill_null(value=False)
    mdy = (second.is_between(1, 31) & first.is_between(1, 12)).fill_null(value=False)
    iso, named = cell.str.contains(_YEAR_FIRST), cell.str.contains(_NAMED)
    day = dmy | mdy | iso | named
    timed = cell.str.contains(_CLOCK)
    point, comma = cell.str.contains(_POINT) & digits, cell.str.contains(_COMMA) & digits
    plain = cells.to_frame("cell").select(
        cell.str.contains(_INTEGER).alias("integer"),
        (point | comma).alias("number"),
        cell.str.to_lowercase().is_in(_WORDS).alias("boolean"),
        (day & ~timed).alias("date"),
        day.alias("datetime"),
        cell.str.contains(_UUID).alias("uuid"),
        cell.str.contains(_EMAIL).alias("email"),
        cell.str.contains(_URL).alias("url"),
        dmy.alias("dmy"),
        mdy.alias("mdy"),
        iso.alias("iso"),
        named.alias("named"),
        point.alias("point"),
        comma.alias("comma"),
    )
    found = {series.name: series for series in plain}
    return found | {"json": _are_json(cells)}


def _are_json(cells: pl.Series) -> pl.Series:
    """Objects and arrays; beyond a few hundred distinct cells by their brackets alone."""
    looks = cells.str.contains(r"(?s)^(?:\{.*\}|\[.*\])$")
    tried = cells.filter(looks).head(_JSON_TRIED)
    wrong = [cell for cell in tried.to_list() if not _parses(cell)]
    return looks & ~cells.is_in(wrong) if wrong else looks


def _parses(cell: str) -> bool:
    try:
        json.loads(cell)
    except (ValueError, RecursionError):
        return False
    return True


def _count(signs: pl.DataFrame, *names: str, without: str | None = None) -> int:
    """Cells with every one of these signs."""
    wanted = pl.all_horizontal(pl.col(list(names)))
    if without is not None:
        wanted &= ~pl.col(without)
    return int(signs.filter(wanted)["n"].sum())


def _example(signs: pl.DataFrame, sign: str, without: str) -> str:
    return quote(str(signs.filter(pl.col(sign) & ~pl.col(without))["cell"][0]))


def _detail(kind: CellKind, signs: pl.DataFrame, name: str) -> tuple[str, str, list[str]]:
    """(what is special, how it was told, what may go wrong)."""
    if kind is CellKind.NUMBER:
        return _decimal_mark(signs, name)
    if kind in {CellKind.DATE, CellKind.DATETIME}:
        return _order_of_day(signs, name)
    return "", "", []


def _decimal_mark(signs: pl.DataFrame, name: str) -> tuple[str, str, list[str]]:
    point, comma = _count(signs, "point", without="comma"), _count(signs, "comma", without="point")
    if point and comma:
        few, mark = min((point, POINT), (comma, COMMA))
        part = _percent(few, point + comma)
        return (
            POINT if point >= comma else COMMA,
            "",
            [f"{part} of the telling numbers in {quote(name)} have a {mark}, the others not."],
        )
    if point:
        return POINT, f"{_example(signs, 'point', 'comma')} can only have a decimal point", []
    if comma:
        return COMMA, f"{_example(signs, 'comma', 'point')} can only have a decimal comma", []
    said = f"No number in {quote(name)} proves whether a comma or a point stands before decimals."
    return UNPROVEN, "", [said]


def _order_of_day(signs: pl.DataFrame, name: str) -> tuple[str, str, list[str]]:
    spelled = {sign: _count(signs, sign) for sign in ("iso", "named")}
    loose = signs.filter(pl.col("dmy") | pl.col("mdy"))
    if loose.is_empty():
        return (ISO if spelled["iso"] >= spelled["named"] else NAMED), "", []
    day, month = _count(loose, "dmy", without="mdy"), _count(loose, "mdy", without="dmy")
    if day and month:
        few, which = min((day, DAY_FIRST), (month, MONTH_FIRST))
        said = f"{_percent(few, day + month)} of the telling dates in {quote(name)} are {which}"
        return MIXED, "", [f"{said}, the others not: no order reads them all."]
    if day:
        return DAY_FIRST, f"{_example(loose, 'dmy', 'mdy')} can only be so", []
    if month:
        return MONTH_FIRST, f"{_example(loose, 'mdy', 'dmy')} can only be so", []
    said = f"The dates in {quote(name)} can be read day first and month first: choose the order."
    return EITHER, "", [said]


def _evidence(kind: CellKind, count: int, total: int, proof: str, others: list[str]) -> str:
    said = f"{count:,} of {total:,} cells are {_PLURAL[kind]}"
    if proof:
        said += f": {proof}"
    if others:
        said += f"; others are {' and '.join(map(quote, others))}"
    return said + "."


def _text(signs: pl.DataFrame, found: dict[CellKind, int], total: int) -> Detected:
    best = max(found, key=lambda kind: found[kind])
    told = f"{total:,} cells of text."
    if found[best] >= _SOME * total:
        others = signs.filter(~pl.col(best.value)).sort("n", descending=True, maintain_order=True)
        shown = " and ".join(quote(str(cell)) for cell in others["cell"].head(2))
        told = (
            f"{found[best]:,} of {total:,} cells are {_PLURAL[best]}, too few to call the column"
            f" so; others are {shown}."
        )
    return Detected(kind=CellKind.TEXT, share=1.0, evidence=told)


def _percent(part: int, whole: int) -> str:
    share = 100 * part / whole
    return "Less than 1 %" if share < 1 else f"{share:.0f} %"


# ------------------------------------------------------------ their order
def measures(cells: pl.Series, kind: CellKind, detail: str) -> pl.Series | None:
    """The cells as numbers to be compared (dates: days since 1970), null where one is none.

    None for kinds without an order of their own, and where the spelling proves no reading.
    """
    read = reading(kind, detail)
    if not read:
        return None
    cells = cells.alias("cell")
    fast = {POINT: _plain_figures, ISO: _iso_days}.get(read)
    ready = (
        fast(cells) if fast else pl.Series("cell", [None], pl.Float64).new_from_index(0, len(cells))
    )
    todo = (ready.is_null() & cells.is_not_null()).arg_true()
    if todo.is_empty():
        return ready
    bare = cells.gather(todo).str.strip_chars(BLANKS)
    slow = _figures(bare, read) if read in {POINT, COMMA} else _days(bare, read)
    return ready.clone().scatter(todo, slow)  # scatter writes in place


def _plain_figures(cells: pl.Series) -> pl.Series:
    """Figures that need no more thought, null for any other."""
    fast = pl.col("cell").cast(pl.Float64, strict=False)
    return cells.to_frame().select(pl.when(fast.is_finite()).then(fast)).to_series()


def _figures(bare: pl.Series, mark: str) -> pl.Series:
    cell, comma = pl.col("cell"), mark == COMMA
    known = cell.str.contains(_COMMA if comma else _POINT)
    text = cell.str.replace_all(r"[^0-9.,eE\-\u2212(]", "")
    text = text.str.replace_all(r"[(\u2212]", "-")
    text = text.str.replace_all("." if comma else ",", "", literal=True)
    text = text.str.replace(",", ".", literal=True) if comma else text
    read = pl.when(known).then(text.cast(pl.Float64, strict=False))
    percent = pl.when(cell.str.contains("%", literal=True)).then(read / 100).otherwise(read)
    return bare.to_frame("cell").select(percent.alias("cell")).to_series()


def _days(bare: pl.Series, detail: str) -> pl.Series:
    """Days since 1970-01-01, with the time of day as a share of one. Zones are left aside."""
    pattern, order = _PARTS[detail]
    fields = pl.col("cell").str.extract_groups(pattern).struct
    year, month, day = (fields.field(n).cast(pl.Int32, strict=False) for n in order)
    short = pl.when(year >= 69).then(year + 1900).otherwise(year + 2000)
    # By way of text: a day that does not exist is none, where pl.date refuses the whole column.
    written = pl.format("{}-{}-{}", pl.when(year > 99).then(year).otherwise(short), month, day)
    date = written.str.to_date("%Y-%m-%d", strict=False).cast(pl.Int32).cast(pl.Float64)
    return bare.to_frame("cell").select(date + _time_of_day(pl.col("cell"))).to_series()


def _iso_days(cells: pl.Series) -> pl.Series:
    """The same for the usual spelling at little cost, null for any other."""
    day, clock = pl.col("cell").str.slice(0, 10), pl.col("cell").str.slice(11, 8)
    date = day.str.to_date("%Y-%m-%d", strict=False).cast(pl.Int32).cast(pl.Float64)
    time = clock.str.to_time("%H:%M:%S", strict=False).cast(pl.Int64) / (86_400 * 10**9)
    share = pl.when(pl.col("cell").str.len_bytes() == 10).then(0.0).otherwise(time)
    return cells.to_frame().select(date + share).to_series()


_PARTS = {
    ISO: (r"^([0-9]{4})[-/.]([0-9]{1,2})[-/.]([0-9]{1,2})", ("1", "2", "3")),
    DAY_FIRST: (_YEAR_LAST, ("3", "2", "1")),
    MONTH_FIRST: (_YEAR_LAST, ("3", "1", "2")),
}


def _time_of_day(cell: pl.Expr) -> pl.Expr:
    clock = cell.str.extract_groups(r"[T ,]([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))?").struct
    hour, minute, second = (
        clock.field(n).cast(pl.Float64, strict=False).fill_null(0) for n in ("1", "2", "3")
    )
    afternoon = cell.str.contains(r"[Pp]\.?[Mm]\.?$") & (hour < 12)
    return (hour + pl.when(afternoon).then(12).otherwise(0)) / 24 + minute / 1440 + second / 86_400


def reading(kind: CellKind, detail: str) -> str:
    """What two kinds have in common that `measures` reads alike; empty: it reads nothing."""
    if kind in {CellKind.INTEGER, CellKind.NUMBER} and detail != UNPROVEN:
        return COMMA if detail == COMMA else POINT
    dated = kind in {CellKind.DATE, CellKind.DATETIME} and detail in _PARTS
    return detail if dated else ""
