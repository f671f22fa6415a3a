"""The rules of one table, ready for the batches of one file."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import polars as pl

from core.checks.problems import Fault, Says, positions, quote, to_problems
from core.checks.rules import keys as _keys
from core.checks.rules import rows as _rows
from core.checks.rules import texts as _texts
from core.checks.rules import values as _values
from core.checks.rules.forms import CellTest, KeyTest, RowTest, Test
from core.checks.rules.keys import KeyRule
from core.checks.rules.options import complete
from core.checks.rules.registry import RULES, Asked
from core.errors import InvalidRequest
from core.model.rule import Rule, RuleInfo
from core.model.table import Table

#: The modules whose kinds have signed up by now.
KINDS = (_texts, _values, _rows, _keys)


def rule_infos() -> tuple[RuleInfo, ...]:
    """Every kind of rule, as screens, the API and the docs list it."""
    return tuple(kind.info for kind in RULES.values())


@dataclass(frozen=True, kw_only=True, slots=True)
class CellRuleOf:
    """A rule on the cells of one column, ready for a file."""

    rule: Rule
    test: CellTest

    @property
    def says(self) -> Says:
        return _said(self.rule, self.test.says)


@dataclass(frozen=True, kw_only=True, slots=True)
class _RowRule:
    rule: Rule
    test: RowTest


@dataclass(frozen=True, kw_only=True, slots=True)
class Kept:
    """What the rules come to for a file that gives certain columns."""

    cells: tuple[CellRuleOf, ...] = ()
    rows: tuple[_RowRule, ...] = ()
    keys: tuple[KeyRule, ...] = ()
    absent: tuple[Rule, ...] = ()  #: required columns that the file does not give

    def broken(
        self, typed: pl.DataFrame, texts: pl.DataFrame
    ) -> Iterator[tuple[tuple[str, ...], pl.DataFrame]]:
        """The columns a rule on rows looks at, and the problems it finds.

        `typed`: typed values by column, `texts`: their cells.
        """
        for one in self.rows:
            name = one.test.columns[0]
            cells = texts.get_column(name).alias("cell")
            outcome = one.test.holds(typed)
            told = one.rule.severity
            untold = Fault(
                check=one.rule.name,
                index=positions(outcome.failed),
                says=f"cannot be tried against the rule {one.rule.name}",
                severity=told,
            )
            index = positions(~outcome.values & ~outcome.failed)
            fault = Fault(
                check=one.rule.name, index=index, says=_said(one.rule, one.test.says), severity=told
            )
            for part in (fault, untold):
                if len(part.index):
                    yield one.test.columns, to_problems(part, cells, name)

    def missing(self, height: int) -> Iterator[pl.DataFrame]:
        """A problem in every row for each required column that the file does not give."""
        nothing = pl.Series([None], dtype=pl.String).new_from_index(0, height)
        for rule in self.absent:
            name = rule.columns[0]
            says = f"{name} must have a value, and the file does not give it"
            index = pl.int_range(height, dtype=pl.UInt32, eager=True)
            fault = Fault(
                check=rule.name, index=index, says=_told(rule, says), severity=rule.severity
            )
            yield to_problems(fault, nothing, name)


def keep(
    rules: Sequence[Rule],
    table: Table,
    targets: Sequence[str] = (),
    *,
    skipped: frozenset[str] = frozenset(),
    inserts: bool = True,
    now: datetime | None = None,
) -> Kept:
    """The enabled rules, ready for a file that gives `targets`; `skipped` may leave cells out.

    A rule on a column that is not given is void, except that a required column must be given
    where rows are only inserted and nothing else fills it. Raises InvalidRequest naming a rule
    that does not fit the table any more.
    """
    moment = now or datetime.now(UTC)
    cells, rows, keys, absent = [], [], [], []
    for rule in rules:
        if not rule.enabled:
            continue
        test = as_test(rule, table, now=moment)
        needed = (test.column,) if isinstance(test, CellTest) else test.columns
        if isinstance(test, CellTest) and test.demands:
            filled = _filled(table, test.column)
            left_out = test.column in skipped and (filled or not inserts)
            if test.column not in targets:
                absent += [rule] if inserts and not filled else []
                continue
            if left_out:
                continue
        if not set(needed) <= set(targets):
            continue
        match test:
            case CellTest():
                cells.append(CellRuleOf(rule=rule, test=test))
            case RowTest():
                rows.append(_RowRule(rule=rule, test=test))
            case KeyTest():
                keys.append(KeyRule(rule=rule, test=test))
    return Kept(cells=tuple(cells), rows=tuple(rows), keys=tuple(keys), absent=tuple(absent))


def as_test(rule: Rule, table: Table, *, now: datetime) -> Test:
    """The test a rule stands for. Raises InvalidRequest saying what does not fit."""
    try:
        return _as_test(rule, table, now)
    except InvalidRequest as error:
        raise InvalidRequest(f"Rule {rule.name!r} of {table.label}: {error}") from error


def _as_test(rule: Rule, table: Table, now: datetime) -> Test:
    kind = RULES.get(rule.kind)
    if kind is None:
        raise InvalidRequest(f"{rule.kind!r} is no kind of rule; there are {', '.join(RULES)}.")
    known = {column.name: column for column in table.columns}
    if strange := [name for name in rule.columns if name not in known]:
        raise InvalidRequest(f"the table has no column {strange[0]!r}.")
    counts = {"one": len(rule.columns) == 1, "many": bool(rule.columns), "none": not rule.columns}
    if not counts[kind.info.columns] or len(set(rule.columns)) < len(rule.columns):
        wanted = {"one": "one column", "many": "one or more columns", "none": "no column"}
        raise InvalidRequest(f"a rule of kind {rule.kind} names {wanted[kind.info.columns]}.")
    columns = tuple(known[name] for name in rule.columns)
    if odd := [c for c in columns if kind.fits and c.kind not in kind.fits]:
        raise InvalidRequest(f"{odd[0].name} ({odd[0].kind}) cannot have a rule of this kind.")
    options = complete(rule.options, kind.info.options)
    return kind.make(Asked(columns=columns, options=options, table=known, now=now))


def _filled(table: Table, name: str) -> bool:
    """Does something else give the column a value when an import does not?"""
    column = table.column(name)
    return bool(
        column.default is not None
        or column.autoincrement
        or column.generated
        or column.filled_by_trigger
    )


def _said(rule: Rule, own: Says) -> Says:
    return _told(rule, own) if rule.message else own


def _told(rule: Rule, otherwise: Says) -> Callable[[str], str]:
    """The rule's own message with the cell in it, else the other one as it is."""

    def says(cell: str) -> str:
        if rule.message:
            return rule.message.replace("{value}", quote(cell)[1:-1])
        return otherwise if isinstance(otherwise, str) else otherwise(cell)

    return says
