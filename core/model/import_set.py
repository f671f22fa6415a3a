"""An import set: several files for several tables, carried out as one."""

from __future__ import annotations

from dataclasses import dataclass

from core.model.job import Job


@dataclass(frozen=True, kw_only=True, slots=True)
class SetFile:
    """One file of a set that is about to be made."""

    upload_id: str
    table: str | None = None  #: None: the table of the file's name


@dataclass(frozen=True, kw_only=True, slots=True)
class TableMatch:
    """The table that a file's name tells."""

    filename: str
    table: str | None  #: None: none, or more than one
    candidates: tuple[str, ...] = ()  #: those it might be


@dataclass(frozen=True, kw_only=True, slots=True)
class SetMember:
    """One file of a set, at its place in the order of loading."""

    job: Job
    reasons: tuple[str, ...] = ()  #: why it comes after others, and what it may not count on


@dataclass(frozen=True, kw_only=True, slots=True)
class ImportSet:
    """A set as it is now."""

    job: Job  #: of the set
    members: tuple[SetMember, ...]  #: in the order of loading
    circle: str | None = None  #: tables that refer to each other in a circle, in words
    refused: str | None = None  #: why the set cannot be loaded as it is
