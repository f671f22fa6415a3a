"""What a form is made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from core.model.table import Column


@dataclass(frozen=True, kw_only=True, slots=True)
class FormColumn:
    """One column of a form."""

    name: str
    takes: Column | None = None  #: what is entered in it; None: text, as it is
    note: str = ""  #: shown when the header is pointed at
    choices: tuple[str, ...] = ()  #: offered as a list; other values are warned of, never refused
    required: bool = False
    added: bool = False  #: Tableport's own, to be left as it is


@dataclass(frozen=True, kw_only=True, slots=True)
class FormRow:
    """One row: its cells, as many as the form has columns."""

    cells: Sequence[str | int | None]
    flaws: Mapping[int, str] = field(
        default_factory=dict
    )  #: place of a cell, from 0 → what is wrong


@dataclass(frozen=True, kw_only=True, slots=True)
class Form:
    """All of a form but its rows."""

    title: str  #: names the sheet, as far as a sheet can be called so
    columns: tuple[FormColumn, ...]
    guide: tuple[str, ...]  #: lines of the sheet that explains it, the first a heading
