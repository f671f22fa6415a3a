"""Transforms of what is missing: default_if_empty, null_words."""

from __future__ import annotations

import polars as pl

from core.mapping.options import flag, texts_of
from core.mapping.registry import BLANKS, Options, transform
from core.model.mapping import OptionInfo, OptionKind

_VALUE = OptionInfo(name="value", title="What empty cells become", required=True)
_WORDS = OptionInfo(
    name="words",
    title="Words that mean NULL",
    kind=OptionKind.LIST,
    required=True,
    hint="Such as N/A, -, unknown",
)
MATCH_CASE = OptionInfo(
    name="match_case",
    title="Tell capitals from small letters",
    kind=OptionKind.FLAG,
    default="true",
)


@transform(title="Default if empty", aliases=("default", "default_value"), options=(_VALUE,))
def default_if_empty(text: pl.Expr, options: Options) -> pl.Expr:
    """Give a value to cells that are empty, NULL or nothing but blanks."""
    empty = text.is_null() | (text.str.strip_chars(BLANKS) == "")
    return pl.when(empty).then(pl.lit(options["value"])).otherwise(text)


def _is_null_word(text: pl.Expr, options: Options) -> pl.Expr:
    words = [word.strip(BLANKS) for word in texts_of(options["words"])]
    cell = text.str.strip_chars(BLANKS)
    if not flag(options, "match_case", default=True):
        words, cell = [word.lower() for word in words], cell.str.to_lowercase()
    return cell.is_in(pl.lit(pl.Series(words, dtype=pl.String)).implode())


@transform(title="Words that mean NULL", options=(_WORDS, MATCH_CASE), meant_null=_is_null_word)
def null_words(text: pl.Expr, options: Options) -> pl.Expr:
    """Make NULL of cells that are one of the given words, blanks around it apart."""
    return pl.when(~_is_null_word(text, options)).then(text)
