"""What the keepers of a table ask of its rows beyond what the database demands."""

from __future__ import annotations

from dataclasses import dataclass, field

from core.model.check import Severity
from core.model.mapping import OptionInfo
from core.model.table import Kind


@dataclass(frozen=True, kw_only=True, slots=True)
class Rule:
    """One rule kept for a table, held against every row that an import would write."""

    id: int | None = None  #: None: not stored yet
    connection: str
    table: str  #: the table's label
    name: str  #: unique for the table; violations carry it as their check
    kind: str  #: a name in RULES
    columns: tuple[str, ...]  #: of the table; most kinds take one
    options: dict[str, str] = field(default_factory=dict)
    severity: Severity = Severity.ERROR
    message: str = ""  #: said instead of our own words when given
    enabled: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class BrokenRow:
    """A present row that breaks a rule."""

    cells: dict[str, str | None]  #: by column, as canonical text
    message: str  #: what an import would say of it


@dataclass(frozen=True, kw_only=True, slots=True)
class RuleTrial:
    """What a rule says of the rows that are in its table."""

    rows: int  #: present rows it was tried on
    broken: int  #: how many of them break it
    samples: tuple[BrokenRow, ...] = ()  #: a few of those, for whom may see the rows


@dataclass(frozen=True, kw_only=True, slots=True)
class RuleInfo:
    """A kind of rule, as menus, the API and the docs list it."""

    name: str
    title: str
    description: str
    columns: str  #: one, many, none
    fits: tuple[Kind, ...] = ()  #: kinds of columns it may be kept for; empty: any
    options: tuple[OptionInfo, ...] = ()
