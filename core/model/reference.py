"""References given by another column of their parent: "Jazz" where the table keeps genre 2."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from enum import StrEnum

from core.model.mapping import Decision
from core.model.table import Kind, Table

#: Kinds of columns that a lookup may go by: their text can be compared as it stands.
NAMING_KINDS = frozenset({Kind.TEXT, Kind.INTEGER, Kind.UUID, Kind.OTHER})


def fold(text: str) -> str:
    """A name without what people write in several ways: case, width, blanks at its ends."""
    if text.isascii():
        return text.strip().casefold()
    return unicodedata.normalize("NFKC", text).strip().casefold()


@dataclass(frozen=True, kw_only=True, slots=True)
class NaturalKey:
    """A column of a table whose values tell its rows apart, as people know them."""

    column: str
    declared: bool  #: a constraint or unique index of the table says so, not its present rows
    evidence: str  #: a sentence


@dataclass(frozen=True, kw_only=True, slots=True)
class ParentKeys:
    """Where the values of a column lead, and by what else they may be given."""

    parent: str  #: label of the table it refers to
    key: str  #: the column of the parent that it refers to
    natural_keys: tuple[NaturalKey, ...]
    #: Columns of text that several rows may share a value of: those values want a decision.
    others: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Parent:
    """The table that a lookup reads."""

    table: Table
    key: str  #: the column that is referred to
    shown: bool  #: may messages name values of its rows?


@dataclass(frozen=True, kw_only=True, slots=True)
class ParentRows:
    """Rows of a parent that have one value."""

    count: int
    keys: tuple[str, ...]  #: of the first few rows, as canonical text


class Finding(StrEnum):
    """How a value of a lookup was met in the parent."""

    NAME = "name"  #: one row has it
    CASE = "case"  #: one row has it but for case and blanks
    KEY = "key"  #: no row has it, and it is the key of one
    AMBIGUOUS = "ambiguous"  #: several rows have it
    MISSING = "missing"  #: no row has it


@dataclass(frozen=True, kw_only=True, slots=True)
class Near:
    """A value of the parent that may have been meant, with the key of its only row."""

    value: str
    key: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Match:
    """What one value was found to be."""

    finding: Finding
    rows: ParentRows
    near: tuple[Near, ...] = ()  #: only of what is missing

    @property
    def key(self) -> str | None:
        """The parent's key when there is just one row it can be."""
        found = self.finding not in (Finding.AMBIGUOUS, Finding.MISSING)
        return self.rows.keys[0] if found else None


@dataclass(frozen=True, kw_only=True, slots=True)
class ReferenceValue:
    """One distinct value of a looked-up column of a file."""

    value: str
    count: int  #: rows of the file
    match: Match
    decision: Decision | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Share:
    """So many distinct values, in so many rows of the file."""

    values: int = 0
    rows: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class ReferenceReport:
    """What the values of one looked-up column are, all of them counted, the first ones listed."""

    job_id: str
    column: str  #: of the table
    parent: str  #: label
    by: str
    key: str
    rows: int  #: rows of the file that were read
    whole: bool  #: the whole file was read
    blank: int  #: rows without a value
    unreadable: int  #: rows whose value a step could not make, or is too long to be a name
    found: Share
    ambiguous: Share
    missing: Share
    decided: Share  #: whatever they are in the parent; counted in none of the others
    values: tuple[ReferenceValue, ...]  #: what needs a decision first, then by count
    left_out: int  #: further distinct values
