"""What a transform is, and the register of all transforms.

A transform is an expression over one String column giving another. Null stays null, a
blank cell stays blank, and a cell it cannot read becomes null: that is how the caller
finds failures. Where null is the answer itself, the transform says so with `meant_null`.
A maker gives every row a cell by itself, from the whole row or from the circumstances; it is
the first step of a mapping without a source column. To add one, write a function, decorate
it with `transform` or `maker`, and import its module in `core.mapping.transforms`; screens,
API, command line and docs list what is here.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from core.errors import InvalidMapping
from core.model.mapping import Circumstances, OptionInfo, TransformInfo

Options = Mapping[str, str]
Expression = Callable[[pl.Expr, Options], pl.Expr]

#: White space by Unicode (property White_Space), the separators str.strip() also takes, and
#: the characters that show nothing: zero-width blanks and joiners, soft BOM, word joiner.
SPACES = (
    "\t\n\v\f\r\x1c\x1d\x1e\x1f \x85\u00a0\u1680"
    "\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000"
)
ZERO_WIDTH = "\u180e\u200b\u200c\u200d\u2060\ufeff"
BLANKS = SPACES + ZERO_WIDTH

#: How much of a cell a message quotes, in characters.
QUOTED = 60

#: Columns of a maker's answer about rows it could not make a cell for.
FAILURES = pl.Schema({"index": pl.UInt32, "message": pl.String})


@dataclass(frozen=True, kw_only=True, slots=True)
class Given:
    """What a maker may look at: a batch as read, and the circumstances."""

    batch: pl.DataFrame
    source_columns: Sequence[str]  #: those of the batch's columns that are the file's
    circumstances: Circumstances | None

    def column(self, name: str) -> pl.Series:
        """The cells of a source column. Raises InvalidMapping when there is none such."""
        if name not in self.source_columns or name not in self.batch.columns:
            raise InvalidMapping(f"The file has no column {name!r}")
        return self.batch.get_column(name)

    @property
    def known(self) -> Circumstances:
        """Raises InvalidMapping where nobody said when, who and which file."""
        if self.circumstances is None:
            raise InvalidMapping("Who imports what, and when, is not known here")
        return self.circumstances


@dataclass(frozen=True, kw_only=True, slots=True)
class Made:
    """A String cell for every row; `failures` (FAILURES) tells the rows that have none."""

    cells: pl.Series
    failures: pl.DataFrame | None = None


Make = Callable[[Given, Options], Made]
Reads = Callable[[Options, Collection[str] | None], tuple[str, ...]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Maker:
    """How a transform gives every row a cell by itself."""

    make: Make
    #: (options, the source columns there are if known) → those it reads
    reads: Reads


@dataclass(frozen=True, kw_only=True, slots=True)
class Transform:
    """One registered transform."""

    info: TransformInfo
    #: of a maker it raises InvalidMapping: it has no use for a cell
    expression: Expression
    #: (cell, options) → a sentence on why the cell could not be read
    explain: Callable[[str, Options], str]
    #: options → what is wrong with them, None when nothing is
    refuse: Callable[[Options], str | None]
    #: true for the cells before it that become null on purpose
    meant_null: Expression | None = None
    maker: Maker | None = None


TRANSFORMS: dict[str, Transform] = {}


def quote(value: str) -> str:
    """The cell in quotes, on one line, cut to QUOTED characters."""
    line = " ".join(value.split()) if any(c in value for c in "\r\n\t") else value
    return f"'{line}'" if len(line) <= QUOTED else f"'{line[:QUOTED]}…'"


def never_fails(value: str, options: Options) -> str:
    """The explanation of a transform that reads every cell."""
    return f"{quote(value)} could not be read"


def any_options(options: Options) -> str | None:
    """For transforms whose declared options say all there is to say."""
    return None


def no_columns(options: Options, columns: Collection[str] | None) -> tuple[str, ...]:
    """For makers that read no source column."""
    return ()


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
    meant_null: Expression | None = None,
) -> Callable[[Expression], Expression]:
    """Register the decorated function under its own name; its docstring is the description."""

    def register(function: Expression) -> Expression:
        info = _info(function, title=title, aliases=aliases, options=options, makes=False)
        TRANSFORMS[info.name] = Transform(
            info=info,
            expression=function,
            explain=explain,
            refuse=refuse,
            meant_null=meant_null,
        )
        return function

    return register


def maker(
    *,
    title: str,
    aliases: tuple[str, ...] = (),
    options: tuple[OptionInfo, ...] = (),
    reads: Reads = no_columns,
    refuse: Callable[[Options], str | None] = any_options,
) -> Callable[[Make], Make]:
    """Register the decorated function as a transform that makes its cells by itself."""

    def register(function: Make) -> Make:
        info = _info(function, title=title, aliases=aliases, options=options, makes=True)

        def takes_no_cells(text: pl.Expr, given: Options) -> pl.Expr:
            raise InvalidMapping(not_first(info.name))

        TRANSFORMS[info.name] = Transform(
            info=info,
            expression=takes_no_cells,
            explain=never_fails,
            refuse=refuse,
            maker=Maker(make=function, reads=reads),
        )
        return function

    return register


def not_first(name: str) -> str:
    """Said of a maker that stands behind a source column or another step."""
    return (
        f"Transform {name} makes its cells by itself: it must be the first step of a mapping"
        " without a source column"
    )


def _info(
    function: Callable[..., object],
    *,
    title: str,
    aliases: tuple[str, ...],
    options: tuple[OptionInfo, ...],
    makes: bool,
) -> TransformInfo:
    return TransformInfo(
        name=function.__name__,
        title=title,
        description=" ".join((function.__doc__ or "").split()),
        aliases=aliases,
        options=options,
        makes=makes,
    )
