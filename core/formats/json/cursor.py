"""Walking through a document of nested values, whatever it is written in."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Protocol

from core.errors import InvalidFormat


class Cursor(Protocol):
    """Stands before a value. Its methods raise InvalidFormat, naming line and column."""

    @property
    def passed(self) -> int:
        """Characters before it."""
        ...

    @property
    def line(self) -> int:
        """The line it stands on, from 1."""
        ...

    @property
    def place(self) -> str:
        """Line and column, to begin a sentence with."""
        ...

    @property
    def flaw(self) -> str | None:
        """A clause on what is wrong with the value passed last."""
        ...

    def peek(self) -> str:
        """How the value begins: [ for a list, { for an object, " for a text; '' at the end."""
        ...

    def value(self, level: int) -> Any:
        """The value, which is passed over; `level`: of lists and objects it stands in."""
        ...

    def items(self) -> Iterator[None]:
        """Halt before each item of the list; the caller must pass over it."""
        ...

    def members(self) -> Iterator[str]:
        """Halt before each value of the object, yielding its key."""
        ...

    def run(self, level: int, most: int) -> tuple[list[int], list[Any], list[str | None]]:
        """Lines, values and flaws of items of a list, as many as come cheaply together."""
        ...

    def skip(self, level: int) -> None:
        """Pass over a value of any length, checking it."""
        ...

    def fail(self, clause: str) -> InvalidFormat:
        """A refusal of what stands here."""
        ...
