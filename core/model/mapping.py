"""Which source column feeds which column of the table, and through what transforms."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """One transform with its options."""

    transform: str  #: a name in TRANSFORMS
    options: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class FieldMapping:
    """One source column feeding one column of the table, through transforms in order."""

    source: str
    target: str
    steps: tuple[Step, ...] = ()
    skip_empty: bool = False  #: an empty cell leaves the field out (database default, or kept)


@dataclass(frozen=True, kw_only=True, slots=True)
class Suggestion:
    """A proposed mapping for one source column, or the reason there is none."""

    source: str
    target: str | None
    steps: tuple[Step, ...] = ()
    confidence: float = 0.0  #: 0…1
    reason: str = ""  #: a sentence
    samples: tuple[str, ...] = ()  #: up to three distinct non-empty cells


@dataclass(frozen=True, kw_only=True, slots=True)
class OptionInfo:
    """One option of a transform or check, as forms, the API and the docs show it."""

    name: str
    title: str
    choices: tuple[str, ...] = ()
    default: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class TransformInfo:
    """A transform, as menus and the API list it."""

    name: str
    title: str
    description: str
    aliases: tuple[str, ...] = ()
    options: tuple[OptionInfo, ...] = ()
