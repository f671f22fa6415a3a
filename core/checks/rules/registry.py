"""The kinds of rules: a kind is one function that makes a test of a rule."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from core.checks.rules.forms import Test
from core.model.mapping import OptionInfo
from core.model.rule import RuleInfo
from core.model.table import Column, Kind


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """What a kind is given: the table's columns the rule names, and its options in full."""

    columns: tuple[Column, ...]
    options: Mapping[str, str]
    table: Mapping[str, Column]  #: every column of the table by name
    now: datetime  #: with a time zone

    @property
    def column(self) -> Column:
        return self.columns[0]

    def flag(self, name: str) -> bool:
        return self.options[name] == "true"


Make = Callable[[Asked], Test]


@dataclass(frozen=True, kw_only=True, slots=True)
class RuleKind:
    """A kind with what it may be kept for."""

    info: RuleInfo
    fits: frozenset[Kind]  #: kinds of columns; empty: any
    make: Make


#: Every kind by name, in the order they sign up in.
RULES: dict[str, RuleKind] = {}


def rule(
    name: str,
    title: str,
    description: str,
    *,
    columns: str = "one",
    fits: frozenset[Kind] = frozenset(),
    options: tuple[OptionInfo, ...] = (),
) -> Callable[[Make], Make]:
    """Sign a kind up. `columns`: one, many, none."""

    def signed(make: Make) -> Make:
        info = RuleInfo(
            name=name,
            title=title,
            description=description,
            columns=columns,
            fits=tuple(sorted(fits)),
            options=options,
        )
        RULES[name] = RuleKind(info=info, fits=fits, make=make)
        return make

    return signed
