"""New tables as JSON values: what is proposed, and what is sent back to be made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from pydantic import TypeAdapter, ValidationError

from core.errors import InvalidRequest
from core.mapping.wire import read_steps, steps_document
from core.model.mapping import FieldMapping
from core.model.new_table import NewColumn, NewTable, ProposedColumn, TableProposal

_COLUMN = TypeAdapter(NewColumn)
_COLUMN_FIELDS = frozenset(field.name for field in fields(NewColumn))
#: Where the cells come from, and what is only told.
_BESIDE = frozenset({"source", "transform", "evidence", "samples"})
_TABLE = frozenset({"name", "schema", "columns"})


def proposal_document(proposal: TableProposal) -> dict[str, Any]:
    """`create_table` of it can be sent back as it is, or changed."""
    return {
        "connection": proposal.connection,
        "create_table": {
            "name": proposal.table.name,
            "schema": proposal.table.schema,
            "columns": [_column_document(column) for column in proposal.columns],
        },
        "rows_read": proposal.rows_read,
        "whole_file": proposal.whole,
        "remarks": list(proposal.remarks),
        "statement": proposal.statement,
    }


def _column_document(proposed: ProposedColumn) -> dict[str, Any]:
    made: dict[str, Any] = _COLUMN.dump_python(proposed.column, mode="json")
    return {
        **made,
        "source": proposed.mapping.source,
        "transform": steps_document(proposed.mapping.steps),
        "evidence": list(proposed.evidence),
        "samples": list(proposed.samples),
    }


def parse_new_table(document: object) -> tuple[NewTable, tuple[FieldMapping, ...]]:
    """The table, and the mappings of those columns that name a source.

    Raises InvalidRequest naming the field at fault.
    """
    if not isinstance(document, Mapping) or not isinstance(document.get("columns"), list):
        raise InvalidRequest("create_table: an object with name and columns is expected.")
    _refuse_others(document, _TABLE, "create_table")
    name, schema = document.get("name"), document.get("schema")
    if not isinstance(name, str) or not isinstance(schema, str | None):
        raise InvalidRequest("create_table: name and schema must be text.")
    columns, mappings = [], []
    for number, entry in enumerate(document["columns"], 1):
        where = f"create_table, column {number}"
        if not isinstance(entry, Mapping):
            raise InvalidRequest(f"{where}: an object with name and kind is expected.")
        _refuse_others(entry, _COLUMN_FIELDS | _BESIDE, where)
        column = _column(entry, where)
        columns.append(column)
        if source := entry.get("source"):
            steps = read_steps(entry.get("transform"), where)
            mappings.append(FieldMapping(source=str(source), target=column.name, steps=steps))
    return NewTable(name=name, schema=schema or None, columns=tuple(columns)), tuple(mappings)


def _column(entry: Mapping[str, Any], where: str) -> NewColumn:
    given = {name: value for name, value in entry.items() if name in _COLUMN_FIELDS}
    try:
        return _COLUMN.validate_python(given)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"]) or "column"
        raise InvalidRequest(f"{where}: {field}: {first['msg']}") from error


def _refuse_others(given: Mapping[str, Any], known: frozenset[str], where: str) -> None:
    if unknown := sorted(str(name) for name in given if name not in known):
        raise InvalidRequest(f"{where}: unknown {', '.join(unknown)}.")
