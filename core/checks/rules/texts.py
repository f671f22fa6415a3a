"""Kinds on texts: email, url, pattern, length."""

from __future__ import annotations

import polars as pl

from core.checks.builtin import EMAIL, URL
from core.checks.rules.forms import CellTest
from core.checks.rules.registry import Asked, rule
from core.errors import InvalidRequest
from core.model.mapping import OptionInfo, OptionKind
from core.model.table import Kind

_TEXTS = frozenset({Kind.TEXT, Kind.OTHER, Kind.UUID})


@rule("email", "E-mail address", "The text looks like an e-mail address.", fits=_TEXTS)
def email(asked: Asked) -> CellTest:
    return _matching(asked, EMAIL, "does not look like an e-mail address")


@rule("url", "Web address", "The text looks like a web address.", fits=_TEXTS)
def url(asked: Asked) -> CellTest:
    return _matching(asked, URL, "does not look like a web address")


@rule(
    "pattern",
    "Pattern",
    "The text matches a regular expression. Patterns are those of Rust: no look-around, no"
    " back-references, and a search takes time in proportion to the text.",
    fits=_TEXTS,
    options=(
        OptionInfo(
            name="pattern",
            title="Pattern",
            kind=OptionKind.PATTERN,
            required=True,
            hint=r"As [A-Z]{2}-\d{4}.",
        ),
        OptionInfo(
            name="whole",
            title="The whole cell",
            kind=OptionKind.FLAG,
            default="true",
            hint="false: it is enough that a part of the cell matches.",
        ),
    ),
)
def pattern(asked: Asked) -> CellTest:
    given = asked.options["pattern"]
    wanted = rf"\A(?:{given})\z" if asked.flag("whole") else given
    return _matching(asked, wanted, f"does not match the pattern {given}")


@rule(
    "length",
    "Length",
    "The text has at least and at most so many characters.",
    fits=_TEXTS,
    options=(
        OptionInfo(name="min", title="At least", kind=OptionKind.INTEGER),
        OptionInfo(name="max", title="At most", kind=OptionKind.INTEGER),
    ),
)
def length(asked: Asked) -> CellTest:
    low, high = asked.options["min"], asked.options["max"]
    if not low and not high:
        raise InvalidRequest("Give min, max or both.")
    least, most = int(low or 0), int(high or 10**9)
    if least > most:
        raise InvalidRequest(f"min {least} is more than max {most}.")

    def holds(values: pl.Series) -> pl.Series:
        return values.str.len_chars().is_between(least, most)

    bounds = [f"at least {least}"] * bool(low) + [f"at most {most}"] * bool(high)
    says = f"must have {' and '.join(bounds)} characters"
    return CellTest(column=asked.column.name, holds=holds, says=says)


def _matching(asked: Asked, wanted: str, says: str) -> CellTest:
    return CellTest(
        column=asked.column.name, holds=lambda values: values.str.contains(wanted), says=says
    )
