"""Transforms of parts of a cell: replace, regex_extract, split_part."""

from __future__ import annotations

import polars as pl

from core.mapping.options import OTHERWISE, integer
from core.mapping.registry import BLANKS, Options, option, quote, transform
from core.model.mapping import OptionInfo, OptionKind

#: How long a cell, and all cells of a batch together, may grow by replacing, in bytes.
MAX_GROWN, MAX_BATCH = 1_000_000, 200_000_000

#: The last or first part of a cell that is counted off from the end or the start.
MAX_PART = 1_000

_OTHERWISE = OptionInfo(
    name="otherwise", title="A cell without it", choices=OTHERWISE, default="fail"
)


def or_else(found: pl.Expr, text: pl.Expr, otherwise: str) -> pl.Expr:
    """What was found, and where nothing was: the cell as it is (keep), or NULL (blank, fail).

    A cell of nothing but blanks stays as it is anyway: there is nothing to find in it.
    """
    if otherwise == "keep":
        return pl.coalesce(found, text)
    return pl.coalesce(found, pl.when(text.str.strip_chars(BLANKS) == "").then(text))


def blank_is_meant(text: pl.Expr, options: Options) -> pl.Expr:
    """True for every cell when those without it shall be blank."""
    return pl.lit(value=option(options, "otherwise", "fail") == "blank") & text.is_not_null()


# ---------------------------------------------------------------- replace
_FIND = OptionInfo(name="find", title="Text to find", required=True)
_WITH = OptionInfo(name="with", title="Text to put in its place", hint="Nothing: it is taken out")


def _too_long(value: str, options: Options) -> str:
    return f"{quote(value)} would become too long"


def _replaced(cells: pl.Series, find: str, put: str) -> pl.Series:
    """Where the text that is put is longer than the one found, cells must not grow without end."""
    growth = len(put.encode()) - len(find.encode())
    if growth > 0:
        more = cells.str.count_matches(find, literal=True).cast(pl.Int64) * growth
        length = cells.str.len_bytes().cast(pl.Int64) + more
        fits = (more == 0) | (length <= MAX_GROWN)
        if int(length.filter(fits).sum() or 0) > MAX_BATCH:
            fits = more == 0
        cells = cells.to_frame("cell").select(pl.when(fits).then(pl.col("cell"))).to_series()
    return cells.str.replace_all(find, put, literal=True)


@transform(title="Replace", options=(_FIND, _WITH), explain=_too_long)
def replace(text: pl.Expr, options: Options) -> pl.Expr:
    """Put one text in the place of another, wherever it stands in the cell."""
    find, put = options["find"], options.get("with", "")
    return text.map_batches(lambda cells: _replaced(cells, find, put), return_dtype=pl.String)


# ---------------------------------------------------------------- regex_extract
_PATTERN = OptionInfo(
    name="pattern",
    title="Pattern",
    kind=OptionKind.PATTERN,
    required=True,
    hint=r"A regular expression, such as ([0-9]+)\s*kg",
)
_GROUP = OptionInfo(
    name="group",
    title="Which group in brackets",
    kind=OptionKind.INTEGER,
    hint="0 is all that matched; when left out, the first group, or all if there is none",
)


def _no_match(value: str, options: Options) -> str:
    return f"{quote(value)} does not match {quote(options['pattern'])}"


def groups_of(pattern: str) -> int:
    """How many groups a pattern has that has been checked."""
    found = pl.Series([""], dtype=pl.String).str.extract_groups(pattern).dtype
    assert isinstance(found, pl.Struct)
    return len(found.fields)


def _group(options: Options) -> int:
    return integer(options, "group", min(1, groups_of(options["pattern"])))


def _refuse_group(options: Options) -> str | None:
    group, there = _group(options), groups_of(options["pattern"])
    return None if 0 <= group <= there else f"the pattern has {there} groups, not {group}"


@transform(
    title="Extract by pattern",
    options=(_PATTERN, _GROUP, _OTHERWISE),
    explain=_no_match,
    refuse=_refuse_group,
    meant_null=blank_is_meant,
)
def regex_extract(text: pl.Expr, options: Options) -> pl.Expr:
    """Take the part of the cell that a regular expression finds first. A group that took no part
    in the match counts as not found."""
    found = text.str.extract(options["pattern"], _group(options))
    return or_else(found, text, option(options, "otherwise", "fail"))


# ---------------------------------------------------------------- split_part
_SEPARATOR = OptionInfo(name="separator", title="What divides the parts", required=True, hint=", ")
_PART = OptionInfo(
    name="part",
    title="Which part",
    kind=OptionKind.INTEGER,
    required=True,
    hint="1 is the first, -1 the last",
)


def _no_part(value: str, options: Options) -> str:
    return f"{quote(value)} has no part {options['part']} between {quote(options['separator'])}"


def _refuse_part(options: Options) -> str | None:
    part = integer(options, "part", 0)
    return (
        None if 1 <= abs(part) <= MAX_PART else f"part must be 1 to {MAX_PART} or -1 to -{MAX_PART}"
    )


@transform(
    title="Split and take a part",
    options=(_SEPARATOR, _PART, _OTHERWISE),
    explain=_no_part,
    refuse=_refuse_part,
    meant_null=blank_is_meant,
)
def split_part(text: pl.Expr, options: Options) -> pl.Expr:
    """Divide the cell at a text and take one part, counted from the start or from the end."""
    part = integer(options, "part", 1)
    parts = text.str.split(options["separator"])
    found = parts.list.get(part - 1 if part > 0 else part, null_on_oob=True)
    blank = text.str.strip_chars(BLANKS) == ""
    return or_else(pl.when(~blank).then(found), text, option(options, "otherwise", "fail"))
