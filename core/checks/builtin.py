"""The names of all checks, what they mean, and the checks of a text alone.

Names stand in reports, in rejected rows and in the API, so they are stable. Violations of a
transform carry the transform's name instead.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import polars as pl

from core.checks.problems import Fault, positions
from core.model.check import CheckInfo, Severity
from core.model.table import Column, Kind

#: name: (title, description)
_TEXTS: dict[str, tuple[str, str]] = {
    "flaw": (
        "Irregular row",
        "The row could not be taken apart as the header says: it has too many or too few"
        " cells, or bytes that are not text. Its cells are not checked further, because they"
        " may stand under the wrong column.",
    ),
    "type": ("Wrong type", "The cell is not a value of the column's type."),
    "zone": (
        "Time zone",
        "The cell has a time zone and the column has none, so the moment would change. Into a"
        " column with a time zone, cells are converted to UTC; those without a zone are taken"
        " to be in UTC.",
    ),
    "required": ("Missing value", "The column must have a value and the cell has none."),
    "length": (
        "Too long",
        "The text has more characters than the column holds (binary: more bytes).",
    ),
    "range": ("Out of range", "The number is beyond what the column's type can hold."),
    "scale": (
        "Too many decimals",
        "The number has more decimals than the column keeps; the database would round it.",
    ),
    "precision": ("Too many digits", "The number has more digits than the column holds."),
    "choice": ("Not a choice", "The column takes only certain values and this is none of them."),
    "constraint": ("Table rule", "The value breaks a CHECK constraint of the table."),
    "control_characters": (
        "NUL character",
        "The text holds a NUL character (U+0000), which databases refuse or cut off at.",
    ),
    "email": (
        "E-mail address",
        "The column's name says e-mail and the text does not look like an address. A warning.",
    ),
    "url": (
        "Web address",
        "The column's name says URL and the text does not look like one. A warning.",
    ),
    "unique_in_file": ("Repeated in the file", "An earlier row of the file has the same key."),
    "unique_in_table": ("Already in the table", "A row of the table has the same key."),
    "reference": (
        "Unknown reference",
        "The row this value refers to does not exist, or, looked up by name, is one of several.",
    ),
    "unusual": (
        "Unusual value",
        "The value is far from all that the table holds in this column: beyond its extremes by more"
        " than its middle half is wide, and outside Tukey's outer fence. Told of columns of numbers"
        " and dates with thirty values or more. A date before 1900 or in a hundred years is told"
        " where the table has none such. A warning.",
    ),
    "database": ("Refused by the database", "The database refused the row, for its own reason."),
}
_WARNINGS = frozenset({"email", "url", "unusual"})

#: Every check by name, in the order the docs list them.
CHECKS: dict[str, CheckInfo] = {
    name: CheckInfo(name=name, title=title, description=description)
    for name, (title, description) in _TEXTS.items()
}

EMAIL = r"^[^\s@]+@[^\s@]+\.[^\s@]+$"
URL = r"^(?i:https?|ftp)://[^\s/?#]+\S*$"
_EMAIL_WORDS = re.compile(r"(?:^|_)(?:e_?)?mails?(?:_|$)")
_URL_WORDS = re.compile(r"(?:^|_)(?:urls?|uri|website|homepage)(?:_|$)")


def check_infos() -> tuple[CheckInfo, ...]:
    """Every check, as the docs and the API list it."""
    return tuple(CHECKS.values())


def default_severity(check: str) -> Severity:
    """Warnings are remarks on a guess from the column's name; everything else is an error."""
    return Severity.WARNING if check in _WARNINGS else Severity.ERROR


def expected_form(column: Column) -> str | None:
    """`email` or `url` when the column's name says so, else None."""
    if column.kind is not Kind.TEXT:
        return None
    parts = re.findall(r"[A-Z]?[a-z0-9]+|[A-Z]+(?![a-z])", column.name)
    name = "_".join(parts).lower()
    if _EMAIL_WORDS.search(name):
        return "email"
    return "url" if _URL_WORDS.search(name) else None


def text_faults(text: pl.Series, column: Column) -> Iterator[Fault]:
    """Faults that the text of the cells shows by itself."""
    if column.kind in {Kind.TEXT, Kind.OTHER, Kind.JSON}:
        nul = positions(text.str.contains("\0", literal=True))
        if len(nul):
            says = "holds a NUL character, which the database refuses; remove it"
            yield Fault(check="control_characters", index=nul, says=says)
    form = expected_form(column)
    if form is not None:
        pattern, noun = (EMAIL, "an e-mail address") if form == "email" else (URL, "a web address")
        odd = positions(~text.str.contains(pattern) & (text != ""))
        if len(odd):
            says = f"does not look like {noun}"
            yield Fault(check=form, index=odd, says=says, severity=Severity.WARNING)
