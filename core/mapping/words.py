"""Transforms of words: trim, collapse_spaces, strip, upper, lower, title, boolean."""

from __future__ import annotations

import re
import unicodedata

import polars as pl

from core.mapping.registry import BLANKS, SPACES, ZERO_WIDTH, Options, option, quote, transform
from core.model.mapping import OptionInfo

TRUE_WORDS = ("true", "yes", "y", "1", "on", "t")
FALSE_WORDS = ("false", "no", "n", "0", "off", "f")

#: Blanks in a row of which at least one can be seen: a zero-width joiner alone belongs to a word.
_RUN = f"[{ZERO_WIDTH}]*[{SPACES}][{BLANKS}]*"
_APOSTROPHES = "'\u2019"
#: O'Neil, D'Angelo, L'Oréal; but Don't and It's.
_PREFIXED = re.compile(rf"\b([ODL][{_APOSTROPHES}])([^\W\d_]{{3}})")

_CHARACTERS = OptionInfo(
    name="characters", title="Characters to take off", required=True, hint='Such as #*" or 0'
)
_SIDE = OptionInfo(name="side", title="Where", choices=("both", "start", "end"), default="both")


@transform(title="Trim")
def trim(text: pl.Expr, options: Options) -> pl.Expr:
    """Remove blanks at both ends: every Unicode space, no-break spaces and zero-width ones too."""
    return text.str.strip_chars(BLANKS)


@transform(title="Collapse spaces")
def collapse_spaces(text: pl.Expr, options: Options) -> pl.Expr:
    """Make every run of blanks and line breaks one space, and remove those at both ends."""
    return text.str.replace_all(_RUN, " ").str.strip_chars(BLANKS)


@transform(title="Take characters off", options=(_CHARACTERS, _SIDE))
def strip(text: pl.Expr, options: Options) -> pl.Expr:
    """Remove the given characters, each by itself, at both ends or at one."""
    characters = options["characters"]
    match option(options, "side", "both"):
        case "start":
            return text.str.strip_chars_start(characters)
        case "end":
            return text.str.strip_chars_end(characters)
        case _:
            return text.str.strip_chars(characters)


@transform(title="Upper case", aliases=("uppercase",))
def upper(text: pl.Expr, options: Options) -> pl.Expr:
    """Convert to upper case, by Unicode's rules (ß becomes SS)."""
    return text.str.to_uppercase()


@transform(title="Lower case", aliases=("lowercase",))
def lower(text: pl.Expr, options: Options) -> pl.Expr:
    """Convert to lower case, by Unicode's rules."""
    return text.str.to_lowercase()


def _titled(text: str) -> str:
    """Word by word; a word is letters, marks and digits, with apostrophes between them."""
    written: list[str] = []
    inside = False
    small = text.lower()
    for at, char in enumerate(small):
        joins = char in _APOSTROPHES and inside and small[at + 1 : at + 2].isalnum()
        written.append(char if inside else char.title())
        inside = joins or char.isalnum() or (inside and unicodedata.category(char)[0] == "M")
    return _PREFIXED.sub(lambda m: m[1] + m[2].capitalize(), "".join(written))


def _titles(cells: pl.Series) -> pl.Series:
    distinct = cells.unique().drop_nulls()
    titled = pl.Series([_titled(cell) for cell in distinct.to_list()], dtype=pl.String)
    return cells.replace_strict(distinct, titled, default=None, return_dtype=pl.String)


@transform(title="Title case", aliases=("titlecase", "title_case"))
def title(text: pl.Expr, options: Options) -> pl.Expr:
    """Begin every word with a capital and write its other letters small."""
    return text.map_batches(_titles, return_dtype=pl.String)


def _not_boolean(value: str, options: Options) -> str:
    return f"{quote(value)} is neither yes nor no; use true/false, yes/no, y/n, t/f, on/off or 1/0"


@transform(title="Yes or no", aliases=("bool",), explain=_not_boolean)
def boolean(text: pl.Expr, options: Options) -> pl.Expr:
    """Convert true/false, yes/no, y/n, t/f, on/off and 1/0, in any case, to true or false."""
    word = text.str.strip_chars(BLANKS).str.to_lowercase()
    meaning = dict.fromkeys(TRUE_WORDS, "true") | dict.fromkeys(FALSE_WORDS, "false") | {"": ""}
    return word.replace_strict(meaning, default=None, return_dtype=pl.String)
