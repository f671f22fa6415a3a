"""What a benchmark is given and what it gives back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


class BenchmarkFailed(Exception):
    """What was to be measured broke down or gave a wrong result; the text says which and how."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Wanted:
    """How large a run is asked for."""

    rows: int
    rounds: int
    databases: tuple[str, ...]  #: sqlite, postgresql
    megabytes: int  #: of a file whose cells do not matter
    folder: Path  #: empty, and the benchmark's own


@dataclass(frozen=True, kw_only=True, slots=True)
class Table:
    """One table of results, in words; the first column is set left, the others right."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Result:
    """What a benchmark found."""

    tables: tuple[Table, ...]
    notes: tuple[str, ...] = ()  #: what a reader must know to believe the right things
    figures: Mapping[str, Any] = field(default_factory=dict)  #: the same, unrounded, for JSON


@dataclass(frozen=True, kw_only=True, slots=True)
class Measured:
    """A result, and how busy the machine was: processes running or waiting, on average."""

    result: Result
    load_before: float
    load_after: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Benchmark:
    """`run` may take minutes. It raises BenchmarkFailed."""

    name: str
    about: str
    run: Callable[[Wanted], Result]
