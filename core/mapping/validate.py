"""Does a mapping fit the file and the table?"""

from __future__ import annotations

from collections.abc import Sequence

from core.errors import InvalidMapping
from core.mapping.sources import first_of
from core.mapping.transforms import check_step
from core.model.mapping import FieldMapping
from core.model.table import Table

#: Transforms of one column, at most.
MAX_STEPS = 50


def validate_mappings(
    mappings: Sequence[FieldMapping], source_columns: Sequence[str], table: Table
) -> None:
    """Raise InvalidMapping, naming the thing, unless every mapping can be carried out.

    Wrong are: no mapping at all, an unknown source or target, two sources on one target, a
    target that is not writable, no source and no transform that makes the cells, an unknown
    transform or option, a lookup where no single column refers to another table. That a required
    column has no source is not checked here: see `unmapped_required`.
    """
    if not mappings:
        raise InvalidMapping("No column of the file is mapped to a column of the table")
    taken: dict[str, FieldMapping] = {}
    for mapping in mappings:
        _check_target(mapping, table)
        if mapping.target in taken:
            raise InvalidMapping(_twice(taken[mapping.target], mapping))
        taken[mapping.target] = mapping
        _check_steps(mapping, source_columns)
        _check_lookup(mapping, table)


def _twice(first: FieldMapping, second: FieldMapping) -> str:
    if first.source and second.source:
        return (
            f"Two columns of the file, {first.source!r} and {second.source!r}, are mapped to"
            f" {second.target!r}"
        )
    return f"Two mappings feed {second.target!r}: {_feeder(first)} and {_feeder(second)}"


def _feeder(mapping: FieldMapping) -> str:
    """What feeds a target, as a sentence names it."""
    if mapping.source:
        return f"column {mapping.source!r} of the file"
    return f"transform {mapping.steps[0].transform}" if mapping.steps else "nothing"


def _check_target(mapping: FieldMapping, table: Table) -> None:
    if mapping.target not in table.column_names:
        raise InvalidMapping(f"Table {table.label} has no column {mapping.target!r}")
    why = table.column(mapping.target).not_writable
    if why is not None:
        raise InvalidMapping(f"Column {mapping.target!r} {why} and cannot be imported")


def _check_steps(mapping: FieldMapping, source_columns: Sequence[str]) -> None:
    if len(mapping.steps) > MAX_STEPS:
        raise InvalidMapping(
            f"Column {mapping.target!r} has {len(mapping.steps)} transforms; at most {MAX_STEPS}"
            " are allowed"
        )
    if not mapping.source:
        first_of(mapping)
    elif mapping.source not in source_columns:
        raise InvalidMapping(f"The file has no column {mapping.source!r}")
    for position, step in enumerate(mapping.steps):
        check_step(step, source_columns, made=not position and not mapping.source)


def _check_lookup(mapping: FieldMapping, table: Table) -> None:
    if mapping.lookup is None:
        return
    if not mapping.lookup.by:
        raise InvalidMapping(f"The lookup of {mapping.target!r} names no column to look in")
    if not any(key.columns == (mapping.target,) for key in table.foreign_keys):
        raise InvalidMapping(
            f"Column {mapping.target!r} of {table.label} refers to no other table by itself: there"
            f" is nothing to look {mapping.lookup.by!r} up in"
        )


def unmapped_required(mappings: Sequence[FieldMapping], table: Table) -> tuple[str, ...]:
    """Columns every new row needs that no mapping feeds, in table order (R10)."""
    fed = {mapping.target for mapping in mappings}
    return tuple(c.name for c in table.columns if c.required and c.name not in fed)
