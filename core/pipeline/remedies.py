"""Edits that are worth a try on cells that failed, by the kind of their column."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.checks.nearness import proposed_values
from core.mapping.transforms import TRANSFORMS
from core.model.edit import FindReplace, ReplaceValues, StepsOn
from core.model.mapping import Step
from core.model.table import Kind

if TYPE_CHECKING:
    from core.model.check import ProblemGroup
    from core.model.edit import Edit
    from core.model.mapping import FieldMapping
    from core.model.table import Column

#: What people write where there is nothing.
_NOTHING = frozenset(
    {"", "-", "--", "—", "–", ".", "?", "n/a", "na", "#n/a", "nan", "nil", "none", "null", "(null)",
     "<null>", "unknown", "tbd", "k.a.", "s/o"}
)  # fmt: skip
_TRUE = frozenset({"ja", "j", "oui", "o", "si", "sí", "s", "sim", "da", "tak", "wahr", "vrai",
                   "x", "✓", "✔", "enabled", "active"})  # fmt: skip
_FALSE = frozenset({"nein", "non", "não", "nao", "nie", "niet", "falsch", "faux", "✗", "✘",
                    "disabled", "inactive"})  # fmt: skip
_CONTROLS = r"[\x00-\x08\x0B\x0C\x0E-\x1F\x7F]"
_ORDERS = {
    "dmy": "Read these dates with the day first.",
    "mdy": "Read these dates with the month first.",
    "ymd": "Read these dates with the year first.",
    "auto": "Read these dates as they are written, where that leaves no doubt.",
}
_MARKS = {
    "comma": "Read these numbers with a decimal comma.",
    "point": "Read these numbers with a decimal point.",
    "auto": "Read these numbers as they are written, where that leaves no doubt.",
}
#: A longer cut is left to the person: the pattern for it would be too large.
_LONGEST_CUT = 1000


@dataclass(frozen=True, kw_only=True, slots=True)
class Remedy:
    """An edit with what to say of it."""

    title: str
    edit: Edit
    lossy: bool = False
    note: str = ""


def remedies(
    mapping: FieldMapping, column: Column, group: ProblemGroup, cells: Sequence[str]
) -> Iterator[Remedy]:
    """All that may be tried on cells of one source column. Steps are yet to be kept to a shape."""
    source = mapping.source
    yield Remedy(title="Take away the blanks around these cells.", edit=_step(source, "trim"))
    yield from _by_kind(source, column, group)
    yield from _into_commas(mapping, column)
    nothing = {cell: None for cell in cells if cell.strip().lower() in _NOTHING}
    if nothing and column.nullable:
        named = " and ".join(f"'{cell}'" for cell in list(nothing)[:3])
        edit = ReplaceValues(column=source, values=dict(nothing))
        yield Remedy(title=f"Take {named} to mean that there is no value.", edit=edit)
    yield from _by_words(source, column, cells)
    yield Remedy(
        title="Take out characters that cannot be seen.",
        edit=FindReplace(column=source, find=_CONTROLS, pattern=True),
    )
    if group.check == "email":
        yield from _addresses(source)
    yield from _cuts(source, column)


def _by_kind(source: str, column: Column, group: ProblemGroup) -> Iterator[Remedy]:
    if column.kind in {Kind.DATE, Kind.DATETIME}:
        for order, title in _ORDERS.items():
            yield Remedy(title=title, edit=_step(source, "date", order=order))
    elif column.kind in {Kind.INTEGER, Kind.NUMBER}:
        for mark, title in _MARKS.items():
            # 1.234 is accepted elsewhere as it stands, where it is a number with three decimals.
            shared = mark == "comma" and "," not in (group.shape or "")
            note = "Cells of this shape that were accepted are read so too." if shared else ""
            yield Remedy(title=title, edit=_step(source, "number", decimal=mark), note=note)
    elif column.kind is Kind.BOOLEAN:
        yield Remedy(title="Read yes, no, on, off and the like.", edit=_step(source, "boolean"))


def _into_commas(mapping: FieldMapping, column: Column) -> Iterator[Remedy]:
    """Where the mapping reads decimal commas, a number with a point has to be given one."""
    commas = any(
        step.transform == "number" and step.options.get("decimal") == "comma"
        for step in mapping.steps
    )
    if commas and column.kind in {Kind.INTEGER, Kind.NUMBER}:
        read = Step(transform="number", options={"decimal": "point"})
        spelled = Step(transform="replace", options={"find": ".", "with": ","})
        edit = StepsOn(column=mapping.source, steps=(read, spelled))
        yield Remedy(title=_MARKS["point"], edit=edit)


def _by_words(source: str, column: Column, cells: Sequence[str]) -> Iterator[Remedy]:
    meant: dict[str, str | None] = {}
    if column.kind is Kind.BOOLEAN:
        meant |= {c: "true" for c in cells if c.strip().lower() in _TRUE}
        meant |= {c: "false" for c in cells if c.strip().lower() in _FALSE}
    elif column.choices:
        meant |= proposed_values(cells, column.choices)
    if meant:
        pairs = ", ".join(f"'{cell}' as '{value}'" for cell, value in list(meant.items())[:3])
        more = " and so on" if len(meant) > 3 else ""
        yield Remedy(title=f"Take {pairs}{more}.", edit=ReplaceValues(column=source, values=meant))


def _addresses(source: str) -> Iterator[Remedy]:
    slips = (
        ("Take out the blanks in these addresses.", r"\s+", ""),
        ("Write (at) as @ in these addresses.", r"\s*[\(\[\{]\s*at\s*[\)\]\}]\s*|\s+at\s+", "@"),
        ("Write (dot) as a point in these addresses.", r"\s*[\(\[\{]\s*dot\s*[\)\]\}]\s*", "."),
        ("Take the marks off the ends of these addresses.", r"^[\s<'\x22]+|[\s>'\x22.,;]+$", ""),
        ("Take mailto: off these addresses.", r"^\s*mailto:", ""),
    )
    for title, find, by in slips:
        edit = FindReplace(column=source, find=find, replace=by, pattern=True, match_case=False)
        yield Remedy(title=title, edit=edit)


def _cuts(source: str, column: Column) -> Iterator[Remedy]:
    """What loses something of the cell."""
    length = column.max_length
    if column.kind is Kind.TEXT and length is not None and 0 < length <= _LONGEST_CUT:
        edit = FindReplace(
            column=source, find=rf"(?s)\A(.{{{length}}}).+\z", replace="$1", pattern=True
        )
        yield Remedy(title=f"Cut these texts after {length} characters.", edit=edit, lossy=True)
    if column.kind in {Kind.INTEGER, Kind.NUMBER} and "round" in TRANSFORMS:
        scale = 0 if column.kind is Kind.INTEGER else column.scale
        if scale is not None:
            words = "whole numbers" if not scale else f"{scale} decimals"
            edit_ = _step(source, "round", digits=str(scale))
            yield Remedy(title=f"Round these numbers to {words}.", edit=edit_, lossy=True)
    if column.kind is Kind.DATETIME and not column.timezone:
        find = r"\s*(?:Z|[+-][0-9]{2}:?[0-9]{2})\z"
        edit = FindReplace(column=source, find=find, pattern=True)
        title = "Leave the time zone out, and keep the time as it is written."
        yield Remedy(title=title, edit=edit, lossy=True)


def _step(source: str, transform: str, **options: str) -> StepsOn:
    return StepsOn(column=source, steps=(Step(transform=transform, options=options),))
