"""Transforms of words: trim, upper, lower, boolean."""

from __future__ import annotations

import polars as pl

from core.mapping.registry import BLANKS, Options, quote, transform

TRUE_WORDS = ("true", "yes", "y", "1", "on", "t")
FALSE_WORDS = ("false", "no", "n", "0", "off", "f")


@transform(title="Trim")
def trim(text: pl.Expr, options: Options) -> pl.Expr:
    """Remove blanks at both ends: every Unicode space, no-break spaces and zero-width ones too."""
    return text.str.strip_chars(BLANKS)


@transform(title="Upper case", aliases=("uppercase",))
def upper(text: pl.Expr, options: Options) -> pl.Expr:
    """Convert to upper case, by Unicode's rules (ß becomes SS)."""
    return text.str.to_uppercase()


@transform(title="Lower case", aliases=("lowercase",))
def lower(text: pl.Expr, options: Options) -> pl.Expr:
    """Convert to lower case, by Unicode's rules."""
    return text.str.to_lowercase()


def _not_boolean(value: str, options: Options) -> str:
    return f"{quote(value)} is neither yes nor no; use true/false, yes/no, y/n, t/f, on/off or 1/0"


@transform(title="Yes or no", aliases=("bool",), explain=_not_boolean)
def boolean(text: pl.Expr, options: Options) -> pl.Expr:
    """Convert true/false, yes/no, y/n, t/f, on/off and 1/0, in any case, to true or false."""
    word = text.str.strip_chars(BLANKS).str.to_lowercase()
    meaning = dict.fromkeys(TRUE_WORDS, "true") | dict.fromkeys(FALSE_WORDS, "false") | {"": ""}
    return word.replace_strict(meaning, default=None, return_dtype=pl.String)
