"""Proposals for setting a group of problems right, and what an edit would do."""

from __future__ import annotations

from dataclasses import dataclass

from core.model.check import ProblemGroup
from core.model.edit import Edit
from core.model.preview import RejectedRow


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """One cell before and after an edit."""

    before: str | None
    after: str | None
    row: int | None = None  #: None: a sample, of no row in particular
    column: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Repair:
    """An edit that would set cells of a group right: a proposal, never done by itself."""

    title: str  #: a sentence
    edit: Edit
    changes: tuple[Change, ...]  #: of the samples
    mends: int  #: how many of the samples pass then
    of: int
    lossy: bool = False  #: it throws something away
    note: str = ""  #: what to think of before taking it
    asks: str = ""  #: what the person must put into the edit first; empty: nothing


@dataclass(frozen=True, kw_only=True, slots=True)
class Problem:
    """A group of problems with what may be done about it."""

    group: ProblemGroup
    repairs: tuple[Repair, ...] = ()
    ignored: bool = False  #: a person has looked at it and left it


@dataclass(frozen=True, kw_only=True, slots=True)
class EditPreview:
    """What an edit would do."""

    rows: int  #: with a cell that changes
    cells: int
    changes: tuple[Change, ...]  #: the first of them
    among: int  #: rows that were looked at
    rejected: bool  #: those are all rejected rows; else the first rows of the file


@dataclass(frozen=True, kw_only=True, slots=True)
class Edits:
    """The edits of an import."""

    edits: tuple[Edit, ...]
    since: int  #: how many were made or undone since the last check
    checked: bool  #: was there one, and is its report still here?


@dataclass(frozen=True, kw_only=True, slots=True)
class Recheck:
    """Rejected rows judged again with the present edits."""

    rows: tuple[RejectedRow, ...]  #: as edited now; without violations where all is well
    mended: int  #: rows without an error
    #: Whether a key repeats elsewhere in the file was not looked at: only a check of the whole
    #: file tells.
    partial: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Recognised:
    """An upload that holds rejected rows of an import."""

    job_id: str
    rows: int
