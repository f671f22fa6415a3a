"""Which column of a file belongs where: by names, by values, and by what was done before."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from time import monotonic
from typing import TYPE_CHECKING

from core.access.authorise import visible_columns
from core.databases.glimpse import glimpse, naming_columns, present
from core.errors import NotFound, TargetDatabaseError
from core.mapping.evidence import ParentValues, TableValues
from core.mapping.suggest import SourceColumn, suggest
from core.mapping.traits import traits_of
from core.model.access import Action
from core.model.mapping import FieldMapping, Step, Suggestion
from core.model.reference import fold
from core.model.table import Kind
from core.usecases.remembering import Proposal, recalled
from core.usecases.rights import grant_for
from core.usecases.targets import reflected, shown_columns

if TYPE_CHECKING:
    import polars as pl
    from sqlalchemy.engine import Engine

    from core.model.access import Identity
    from core.model.dialect import Detection
    from core.model.table import Table
    from core.workspace import Workspace

_AGREED = 0.9  # confidence that the file's numbers are all of one kind
#: Parents asked about, and seconds after which no other is.
_PARENTS, _PATIENCE = 20, 3.0
#: Distinct values of the file that are looked for in parents, and characters of one.
_LOOKED_FOR, _LONGEST = 5_000, 200

#: The tables that columns refer to, by column: the parent, its key, and what may be seen of it.
Parents = Mapping[str, tuple["Table", str, tuple[str, ...]]]


def propose(
    ws: Workspace,
    who: Identity,
    connection: str,
    table: Table,
    frame: pl.DataFrame,
    detection: Detection,
) -> Proposal:
    """A proposal for each source column; `frame` holds the first rows of the file as read.

    The values of the table count as far as this person may see them. What they did with such
    columns before comes first.
    """
    columns = source_columns_of(frame, detection)
    parents = _parents(ws, who, connection, table)
    shown = shown_columns(ws, who, connection, table)
    try:
        known = known_values(ws.engine(connection), table, shown, parents, columns)
    except TargetDatabaseError:
        # A proposal is no reason to fail: names alone can be compared.
        known = TableValues()
    found = suggest(columns, table, known)
    seen = {column: seen_there for column, (_, _, seen_there) in parents.items()}
    return recalled(ws, who, connection, table, found, seen)


def drafted(proposal: Proposal, table: Table) -> tuple[FieldMapping, ...]:
    """What a draft takes of a proposal without asking: what is sure, and what has the same name.

    Steps that change what a text holds are left out: programs take a draft as it is, and blanks
    at the ends of a text may be meant. A screen offers the trim with its reason.

    A column of the table's own name is mapped though its cells do not fit: they are found wrong
    then, where a column left out would be lost without a word. As before is as before, though.
    """
    sure = {s.target for s in proposal.suggestions if s.auto}
    free = {c.name for c in table.columns if c.writable} - sure
    found = []
    for s in proposal.suggestions:
        if s.auto and s.target is not None:
            steps = s.steps if proposal.remembered else _untrimmed(s.steps)
            found.append(_mapping(s, s.target, steps))
        elif s.source in free and not proposal.remembered:
            as_said = s if s.target == s.source else Suggestion(source=s.source, target=None)
            found.append(_mapping(as_said, s.source, _untrimmed(as_said.steps)))
    return (*found, *proposal.further)


def _untrimmed(steps: tuple[Step, ...]) -> tuple[Step, ...]:
    return tuple(step for step in steps if step.transform != "trim")


def _mapping(s: Suggestion, target: str, steps: tuple[Step, ...]) -> FieldMapping:
    return FieldMapping(
        source=s.source, target=target, steps=steps, skip_empty=s.skip_empty, lookup=s.lookup
    )


def with_date_format(
    mappings: tuple[FieldMapping, ...], table: Table, date_format: str | None
) -> tuple[FieldMapping, ...]:
    """The guide's date_format option: how dates are read where no transform says so itself.

    Cells that are made, such as the date of today, are not written as those of the file.
    """
    if date_format in (None, "iso"):
        return mappings
    order = {"us": "mdy", "eu": "dmy"}.get(str(date_format))
    options = {"order": order} if order else {"format": str(date_format)}
    known = {c.name: c.kind for c in table.columns}
    return tuple(
        replace(m, steps=(*m.steps, Step(transform="date", options=options)))
        if m.source
        and known.get(m.target) in (Kind.DATE, Kind.DATETIME)
        and not any(s.transform == "date" and s.options for s in m.steps)
        else m
        for m in mappings
    )


def source_columns_of(frame: pl.DataFrame, detection: Detection) -> list[SourceColumn]:
    """The columns of the file, as proposals want them."""
    decimal = decimal_of(detection)
    columns = []
    for name in detection.columns:
        cells = frame[name].drop_nulls().to_list() if name in frame.columns else []
        filled = tuple(cell for cell in cells if cell.strip())
        blanks = 1 - len(filled) / frame.height if frame.height else 0.0
        columns.append(SourceColumn(name=name, samples=filled, decimal=decimal, blanks=blanks))
    return columns


def decimal_of(detection: Detection) -> str | None:
    """The mark before fractions, if the file's numbers agree on it or a person said so."""
    sure = {f.name for f in detection.findings if f.confidence >= _AGREED}
    dialect = detection.dialect
    if "decimal" in sure:
        return dialect.decimal
    return {".": ",", ",": "."}.get(dialect.thousands) if "thousands" in sure else None


def known_values(
    engine: Engine,
    table: Table,
    shown: Iterable[str],
    parents: Parents,
    columns: Sequence[SourceColumn],
) -> TableValues:
    """A bounded look at the table's columns `shown`, and at parents for the file's values.

    Raises TargetDatabaseError.
    """
    seen = glimpse(engine, table, tuple(shown))
    until = monotonic() + _PATIENCE
    values = [
        cell.strip()
        for column in columns
        for cell in dict.fromkeys(column.samples)
        if len(cell) <= _LONGEST
    ]
    asked = list(dict.fromkeys(values))[:_LOOKED_FOR]
    found: dict[str, ParentValues] = {}
    for column, (parent, key, seen_there) in list(parents.items())[:_PARENTS]:
        if monotonic() < until:
            found[column] = _parent_values(engine, parent, key, seen_there, asked)
    return TableValues(
        columns={name: traits_of(cells) for name, cells in seen.items()}, parents=found
    )


def _parent_values(
    engine: Engine, parent: Table, key: str, seen: Sequence[str], asked: Sequence[str]
) -> ParentValues:
    names = [by for by in naming_columns(engine, parent) if by in seen and by != key]
    return ParentValues(
        label=parent.label,
        keys=present(engine, parent, key, asked),
        names={
            by: frozenset(fold(value) for value in present(engine, parent, by, asked))
            for by in names
        },
    )


def _parents(ws: Workspace, who: Identity, connection: str, table: Table) -> Parents:
    """Those that this person may look values up in: nothing is noted of the others, since
    nobody asked for them."""
    found = {}
    for reference in table.foreign_keys:
        if len(reference.columns) != 1:
            continue
        label, key = reference.target_label, reference.target_columns[0]
        grant = grant_for(ws, who, connection, label)
        if not grant.actions & {Action.PREVIEW_EXPORT, Action.PREVIEW_IMPORT}:
            continue
        try:
            parent = reflected(ws, connection, label)
        except NotFound:
            continue
        seen = visible_columns(grant, parent)
        if key in seen:
            found[reference.columns[0]] = (parent, key, seen)
    return found
