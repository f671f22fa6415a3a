"""What a person changed in a file's rows before they are mapped: an overlay, never the upload.

The edits of a plan are applied in order to every batch as it is read. Undoing is leaving the last
one out.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from core.model.mapping import Step


@dataclass(frozen=True, kw_only=True, slots=True)
class ReplaceValues:
    """Whole cells of one source column, by their exact text; "" stands for blank and NULL."""

    kind: Literal["replace_values"] = "replace_values"
    column: str
    values: dict[str, str | None] = field(default_factory=dict)  #: None: blank


@dataclass(frozen=True, kw_only=True, slots=True)
class FindReplace:
    """Find a text in cells and put another in its place."""

    kind: Literal["find_replace"] = "find_replace"
    column: str | None = None  #: None: every source column
    find: str
    replace: str = ""
    whole_cell: bool = False
    match_case: bool = True
    pattern: bool = False  #: `find` is a regular expression, `replace` may use $1


@dataclass(frozen=True, kw_only=True, slots=True)
class StepsOn:
    """Steps taken only by cells of one shape; a cell they cannot read stays as it is.

    So does a cell that other steps, those of the mapping, can read already.
    """

    kind: Literal["steps_on"] = "steps_on"
    column: str
    shape: str | None = None  #: see core.checks.shapes; None: every cell
    steps: tuple[Step, ...] = ()
    unless: tuple[Step, ...] = ()  #: what these can read is left alone


@dataclass(frozen=True, kw_only=True, slots=True)
class SetCell:
    """One cell of one row."""

    kind: Literal["set_cell"] = "set_cell"
    row: int  #: 1-based data row
    column: str
    value: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class PatchRows:
    """The cells that a mended file of rejected rows changes."""

    kind: Literal["patch_rows"] = "patch_rows"
    file_id: str  #: of the patch made of the mended file, in the store
    sha256: str
    rows: int  #: how many rows it patches


@dataclass(frozen=True, kw_only=True, slots=True)
class Ignore:
    """A group of problems that a person has looked at and left: it changes no cell."""

    kind: Literal["ignore"] = "ignore"
    field: str | None
    check: str
    shape: str | None = None


Edit = ReplaceValues | FindReplace | StepsOn | SetCell | PatchRows | Ignore
