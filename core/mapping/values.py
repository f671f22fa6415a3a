"""The transform `map_values`: whole cells for whole cells."""

from __future__ import annotations

import polars as pl

from core.mapping.blanks import MATCH_CASE
from core.mapping.options import OTHERWISE, flag, pairs_of
from core.mapping.parts import blank_is_meant, or_else
from core.mapping.registry import Options, option, quote, transform
from core.model.mapping import OptionInfo, OptionKind

_PAIRS = OptionInfo(
    name="pairs",
    title="Values and what they become",
    kind=OptionKind.PAIRS,
    required=True,
    hint='{"m": "male", "f": "female", "?": null}',
)
_OTHERS = OptionInfo(name="otherwise", title="Other cells", choices=OTHERWISE, default="keep")


def _pairs(options: Options) -> dict[str, str | None]:
    pairs = pairs_of(options["pairs"])
    if flag(options, "match_case", default=True):
        return pairs
    return {value.lower(): becomes for value, becomes in pairs.items()}


def _key(text: pl.Expr, options: Options) -> pl.Expr:
    return text if flag(options, "match_case", default=True) else text.str.to_lowercase()


def _one_of(text: pl.Expr, values: list[str], options: Options) -> pl.Expr:
    return _key(text, options).is_in(pl.lit(pl.Series(values, dtype=pl.String)).implode())


def _mapped_to_null(text: pl.Expr, options: Options) -> pl.Expr:
    nulls = [value for value, becomes in _pairs(options).items() if becomes is None]
    return _one_of(text, nulls, options)


def _meant_null(text: pl.Expr, options: Options) -> pl.Expr:
    return _mapped_to_null(text, options) | blank_is_meant(text, options)


def _unknown(value: str, options: Options) -> str:
    return f"{quote(value)} is none of the {len(_pairs(options))} values that are mapped"


def _refuse(options: Options) -> str | None:
    given, told_apart = pairs_of(options["pairs"]), _pairs(options)
    if len(told_apart) < len(given):
        return "pairs names a value twice when capitals and small letters are not told apart"
    return None


@transform(
    title="Map values",
    aliases=("value_map", "mapping"),
    options=(_PAIRS, _OTHERS, MATCH_CASE),
    explain=_unknown,
    refuse=_refuse,
    meant_null=_meant_null,
)
def map_values(text: pl.Expr, options: Options) -> pl.Expr:
    """Put another value in the place of each value that is listed. Whole cells are compared, as
    they are; null makes NULL."""
    pairs = _pairs(options)
    values = [value for value, becomes in pairs.items() if becomes is not None]
    becomes = [text for text in pairs.values() if text is not None]
    found = _key(text, options).replace_strict(
        pl.Series(values, dtype=pl.String),
        pl.Series(becomes, dtype=pl.String),
        default=None,
        return_dtype=pl.String,
    )
    rest = or_else(found, text, option(options, "otherwise", "keep"))
    return pl.when(~_mapped_to_null(text, options)).then(rest)
