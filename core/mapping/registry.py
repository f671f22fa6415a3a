"""What a transform is, and the register of all transforms.

A transform is an expression over one String column giving another. Null stays null, a
blank cell stays blank, and a cell it cannot read becomes null: that is how the caller
finds failures. To add one, write a function, decorate it with `transform`, and import its
module in `core.mapping.transforms`; screens, API, command line and docs list what is here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import polars as pl

from core.model.mapping import OptionInfo, TransformInfo

Options = Mapping[str, str]
Expression = Callable[[pl.Expr, Options], pl.Expr]

#: White space by Unicode (property White_Space), the separators str.strip() also takes, and
#: the characters that show nothing: zero-width blanks and joiners, soft BOM, word joiner.
BLANKS = (
    "\t\n\v\f\r\x1c\x1d\x1e\x1f \x85\u00a0\u1680"
    "\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000\u180e\u200b\u200c\u200d\u2060\ufeff"
)

#: How much of a cell a message quotes, in characters.
QUOTED = 60


@dataclass(frozen=True, kw_only=True, slots=True)
class Transform:
    """One registered transform."""

    info: TransformInfo
    expression: Expression
    #: (cell, options) → a sentence on why the cell could not be read
    explain: Callable[[str, Options], str]
    #: options → what is wrong with them, None when nothing is
    refuse: Callable[[Options], str | None]


TRANSFORMS: dict[str, Transform] = {}


def quote(value: str) -> str:
    """The cell in quotes, on one line, cut to QUOTED characters."""
    line = " ".join(value.split()) if any(c in value for c in "\r\n\t") else value
    return f"'{line}'" if len(line) <= QUOTED else f"'{line[:QUOTED]}…'"


def never_fails(value: str, options: Options) -> str:
    """The explanation of a transform that reads every cell."""
    return f"{quote(value)} could not be read"


def any_options(options: Options) -> str | None:
    """For transforms whose declared choices say all there is to say."""
    return None


def option(options: Options, name: str, default: str) -> str:
    """The option's value; an empty one counts as not given."""
    return options.get(name) or default


def transform(
    *,
    title: str,
    aliases: tuple[str, ...] = (),
    options: tuple[OptionInfo, ...] = (),
    explain: Callable[[str, Options], str] = never_fails,
    refuse: Callable[[Options], str | None] = any_options,
) -> Callable[[Expression], Expression]:
    """Register the decorated function under its own name; its docstring is the description."""

    def register(function: Expression) -> Expression:
        name = function.__name__
        description = " ".join((function.__doc__ or "").split())
        TRANSFORMS[name] = Transform(
            info=TransformInfo(
                name=name,
                title=title,
                description=description,
                aliases=aliases,
                options=options,
            ),
            expression=function,
            explain=explain,
            refuse=refuse,
        )
        return function

    return register
