"""The transform `round`: plain decimal text to fewer digits, exactly."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Context, Decimal

import polars as pl

from core.mapping.options import integer
from core.mapping.registry import BLANKS, Options, option, quote, transform
from core.model.mapping import OptionInfo, OptionKind

#: How many digits behind (or, negative, before) the point can be asked for.
MAX_DIGITS = 100
#: The longest number that is rounded, in characters.
MAX_LENGTH = 1_000

_PLAIN = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)")
_MODES = {"half_up": ROUND_HALF_UP, "half_even": ROUND_HALF_EVEN}

_DIGITS = OptionInfo(
    name="digits",
    title="Digits after the point",
    kind=OptionKind.INTEGER,
    default="0",
    hint="2 for cents, 0 for whole numbers, -3 for thousands",
)
_MODE = OptionInfo(
    name="mode", title="A half goes", choices=("half_up", "half_even"), default="half_up"
)


def _rounded(cell: str, digits: int, mode: str) -> str | None:
    text = cell.strip(BLANKS)
    if not text:
        return cell
    if len(text) > MAX_LENGTH or not _PLAIN.fullmatch(text):
        return None
    if len(text.partition(".")[2]) <= digits:
        return text
    context = Context(prec=len(text) + abs(digits) + 2, rounding=mode)
    number = Decimal(text).quantize(Decimal(1).scaleb(-digits), context=context)
    return format(abs(number) if number.is_zero() else number, "f")


def _round_all(cells: pl.Series, digits: int, mode: str) -> pl.Series:
    plain = rf"^-?[0-9]+(?:\.[0-9]{{1,{digits}}})?$" if digits else r"^-?[0-9]+$"
    done = (cells.str.contains(plain) if digits >= 0 else cells == "").fill_null(value=True)
    todo = (~done).arg_true()
    if todo.is_empty():
        return cells
    rest = cells.gather(todo)
    distinct = rest.unique()
    read = pl.Series([_rounded(c, digits, mode) for c in distinct.to_list()], dtype=pl.String)
    known = rest.replace_strict(distinct, read, return_dtype=pl.String)
    return cells.clone().scatter(todo, known)  # scatter writes in place


def _not_plain(value: str, options: Options) -> str:
    return f"{quote(value)} is not a plain number to round; the transform number makes it one"


def _refuse(options: Options) -> str | None:
    within = abs(integer(options, "digits", 0)) <= MAX_DIGITS
    return None if within else f"digits must be -{MAX_DIGITS} to {MAX_DIGITS}"


@transform(title="Round", options=(_DIGITS, _MODE), explain=_not_plain, refuse=_refuse)
def round(text: pl.Expr, options: Options) -> pl.Expr:
    """Round a plain number, digit by digit and never through a float. half_up takes a half away
    from zero (2.5 becomes 3), half_even to the even digit as banks do (2.5 becomes 2). A number
    with fewer digits stays as it is."""
    digits, mode = integer(options, "digits", 0), _MODES[option(options, "mode", "half_up")]
    return text.map_batches(lambda cells: _round_all(cells, digits, mode), return_dtype=pl.String)
