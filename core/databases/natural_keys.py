"""By which columns people tell the rows of a table apart, and how many values are such names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Engine
from sqlalchemy.sql.elements import ColumnElement

from core.databases.features import features_of
from core.databases.names import Source
from core.databases.parents import READ_ROWS, open_named_rows
from core.databases.refusals import translated
from core.databases.select import count_rows
from core.model.reference import NAMING_KINDS, NaturalKey
from core.model.table import Kind, Table

#: Of a larger table only what it declares is known: counting its values takes too long.
OBSERVED_ROWS = 1_000_000
#: Columns looked at, the table's first ones.
_LOOKED_AT = 30
#: Values tried.
_TRIED = 1_000


def natural_keys(engine: Engine, table: Table) -> tuple[NaturalKey, ...]:
    """Its columns of text that are unique: first those declared so, then those that just are.

    A column is observed to be unique when no two rows share a value and none is blank, in a
    table of at least two rows and at most a million. Raises TargetDatabaseError.
    """
    texts = [c.name for c in table.columns if c.kind is Kind.TEXT]
    alone = dict.fromkeys(k.columns[0] for k in table.keys if len(k.columns) == 1)
    declared = [name for name in alone if name in texts]
    found = [
        NaturalKey(column=name, declared=True, evidence=f"{name} is declared unique.")
        for name in declared
    ]
    others = [name for name in texts if name not in declared][:_LOOKED_AT]
    return (*found, *_observed(engine, table, others))


def _observed(engine: Engine, table: Table, columns: Sequence[str]) -> list[NaturalKey]:
    if not columns or count_rows(engine, table, limit=OBSERVED_ROWS + 1) > OBSERVED_ROWS:
        return []
    source = Source.of(table, features_of(engine))
    cells = [_compared(source, name) for name in columns]
    counted = [sa.func.count(sa.distinct(cell)) for cell in cells]
    statement = sa.select(sa.func.count(), *counted).select_from(source.clause)
    with translated(f"{table.label} cannot be read"), engine.connect() as connection:
        rows, *distinct = connection.execute(statement).one()
    return [
        NaturalKey(
            column=name,
            declared=False,
            evidence=f"Each of the {rows:,} rows has a {name} of its own, though no rule says so.",
        )
        for name, values in zip(columns, distinct, strict=True)
        if rows > 1 and values == rows
    ]


def _compared(source: Source, name: str) -> ColumnElement[Any]:
    """The column, such that two texts are one only when they are the same."""
    cell = source.cell(name)
    return sa.cast(cell, sa.Text()) if source.features.alike_texts else cell


def matches(engine: Engine, table: Table, by: str, values: Sequence[str]) -> float:
    """The share, 0 to 1, of the distinct values that some row of the table has in column `by`.

    At most the first thousand are tried, case and blanks at the ends not counting where the
    table has up to 100,000 rows. Raises TargetDatabaseError.
    """
    tried = list(dict.fromkeys(values))[:_TRIED]
    if not tried or table.column(by).kind not in NAMING_KINDS:
        return 0.0
    rows = open_named_rows(engine, table, by, by)
    found = rows.exact(tried)
    if len(found) < len(tried) and count_rows(engine, table, limit=READ_ROWS + 1) <= READ_ROWS:
        found |= rows.folded([value for value in tried if value not in found])
    return len(found) / len(tried)
