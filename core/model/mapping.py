"""Which source column feeds which column of the table, and through what transforms."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


@dataclass(frozen=True, kw_only=True, slots=True)
class Circumstances:
    """What a transform may know besides the cells: when, who, and which file."""

    now: datetime  #: with a time zone
    user: str
    filename: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """One transform with its options."""

    transform: str  #: a name in TRANSFORMS
    options: dict[str, str] = field(default_factory=dict)


class Answer(StrEnum):
    """What becomes of a value that a lookup cannot find, or finds more than once."""

    USE = "use"  #: a row of the parent that was chosen
    BLANK = "blank"  #: no reference at all
    REJECT = "reject"  #: the row is rejected


@dataclass(frozen=True, kw_only=True, slots=True)
class Decision:
    """The answer a person gave for one value of a lookup."""

    value: str  #: the cell after the steps
    answer: Answer
    use: str | None = None  #: with USE: the parent's key, as canonical text


@dataclass(frozen=True, kw_only=True, slots=True)
class Lookup:
    """A reference given by another column of its parent: "Jazz" for genre 2."""

    by: str  #: the column of the parent that the cells hold
    decisions: tuple[Decision, ...] = ()


class OnUpdate(StrEnum):
    """What a mapped column does when a row that is already there is updated."""

    OVERWRITE = "overwrite"
    IF_EMPTY = "if_empty"  #: only where the table has NULL
    NEVER = "never"  #: only new rows get the value


@dataclass(frozen=True, kw_only=True, slots=True)
class FieldMapping:
    """One source column feeding one column of the table, through transforms in order."""

    source: str  #: empty when the first step makes the cells: a constant, an expression
    target: str
    steps: tuple[Step, ...] = ()
    skip_empty: bool = False  #: an empty cell leaves the field out (database default, or kept)
    lookup: Lookup | None = None  #: after the steps: the cell names a row of the parent table
    on_update: OnUpdate = OnUpdate.OVERWRITE


@dataclass(frozen=True, kw_only=True, slots=True)
class Suggestion:
    """A proposed mapping for one source column, or the reason there is none."""

    source: str
    target: str | None
    steps: tuple[Step, ...] = ()
    lookup: Lookup | None = None  #: the cells name rows of the table that the target refers to
    skip_empty: bool = False
    auto: bool = False  #: sure enough to be taken without asking
    confidence: float = 0.0  #: 0…1
    reason: str = ""  #: a sentence
    samples: tuple[str, ...] = ()  #: up to three distinct non-empty cells


@dataclass(frozen=True, kw_only=True, slots=True)
class RememberedMapping:
    """How one user mapped files of certain columns into a table the last time."""

    id: int
    connection: str
    table: str  #: label
    columns: tuple[str, ...]  #: of the file
    mappings: tuple[FieldMapping, ...]
    used_at: datetime  #: when an import with it was last completed


class OptionKind(StrEnum):
    """What an option holds, always as text; a form draws its field by this."""

    TEXT = "text"  #: one of the choices, where there are any
    INTEGER = "integer"
    NUMBER = "number"
    FLAG = "flag"  #: true or false
    PAIRS = "pairs"  #: a JSON object from text to text, null for a blank
    LIST = "list"  #: a JSON array of texts
    COLUMNS = "columns"  #: a JSON array of source column names
    EXPRESSION = "expression"  #: SQL over the source columns
    PATTERN = "pattern"  #: a regular expression


@dataclass(frozen=True, kw_only=True, slots=True)
class OptionInfo:
    """One option of a transform, check or rule, as forms, the API and the docs show it."""

    name: str
    title: str
    choices: tuple[str, ...] = ()
    default: str = ""
    kind: OptionKind = OptionKind.TEXT
    required: bool = False
    hint: str = ""  #: an example or a sentence


@dataclass(frozen=True, kw_only=True, slots=True)
class TransformInfo:
    """A transform, as menus and the API list it."""

    name: str
    title: str
    description: str
    aliases: tuple[str, ...] = ()
    options: tuple[OptionInfo, ...] = ()
    makes: bool = False  #: gives every row a cell by itself: it is a first step without a source
