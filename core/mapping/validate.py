"""Does a mapping fit the file and the table?"""

from __future__ import annotations

from collections.abc import Sequence

from core.errors import InvalidMapping
from core.mapping.transforms import check_step
from core.model.mapping import FieldMapping
from core.model.table import Table


def validate_mappings(
    mappings: Sequence[FieldMapping], source_columns: Sequence[str], table: Table
) -> None:
    """Raise InvalidMapping, naming the thing, unless every mapping can be carried out.

    Wrong are: no mapping at all, an unknown source or target, two sources on one target, a
    target that is not writable, an unknown transform or option. That a required
    column has no source is not checked here: see `unmapped_required`.
    """
    if not mappings:
        raise InvalidMapping("No column of the file is mapped to a column of the table")
    taken: dict[str, str] = {}
    for mapping in mappings:
        if mapping.source not in source_columns:
            raise InvalidMapping(f"The file has no column {mapping.source!r}")
        if mapping.target not in table.column_names:
            raise InvalidMapping(f"Table {table.label} has no column {mapping.target!r}")
        if mapping.target in taken:
            raise InvalidMapping(
                f"Two columns of the file, {taken[mapping.target]!r} and {mapping.source!r},"
                f" are mapped to {mapping.target!r}"
            )
        taken[mapping.target] = mapping.source
        why = table.column(mapping.target).not_writable
        if why is not None:
            raise InvalidMapping(f"Column {mapping.target!r} {why} and cannot be imported")
        for step in mapping.steps:
            check_step(step)


def unmapped_required(mappings: Sequence[FieldMapping], table: Table) -> tuple[str, ...]:
    """Columns every new row needs that no mapping feeds, in table order (R10)."""
    fed = {mapping.target for mapping in mappings}
    return tuple(c.name for c in table.columns if c.required and c.name not in fed)
