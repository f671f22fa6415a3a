"""A table for a file that has none: proposed from the file, drafted, and made with the load."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from core.databases.features import features_of
from core.databases.making.tables import (
    require_makeable,
    require_place,
    reserved_names,
    statement_of,
)
from core.databases.reflect import list_tables
from core.mapping.document import mappings_document
from core.mapping.new_names import new_table_name
from core.model.access import EXPORT_ACTIONS, Action
from core.model.new_table import NewTable, TableProposal
from core.usecases.import_options import parse_import_options
from core.usecases.imports import draft_import
from core.usecases.limits import limits_of, require_upload_fits
from core.usecases.new_table_document import parse_new_table
from core.usecases.reading import look
from core.usecases.rights import connection_name, grant_for, require
from core.usecases.table_proposals import with_columns
from core.usecases.uploads import upload_of

if TYPE_CHECKING:
    from sqlalchemy.engine import Engine

    from core.model.access import Grant, Identity
    from core.model.job import Job
    from core.pipeline.proposing import FileReadings
    from core.workspace import Workspace


def may_make_tables(ws: Workspace, who: Identity, connection: str | None = None) -> bool:
    """May this person make tables of any name there, and import into them?"""
    actions = grant_for(ws, who, connection_name(ws, connection), "*").actions
    return {Action.CREATE_TABLE, Action.IMPORT, Action.PREVIEW_IMPORT} <= actions


def propose_table(
    ws: Workspace,
    who: Identity,
    *,
    upload_id: str,
    connection: str | None = None,
    name: str | None = None,
    options: Mapping[str, Any] | None = None,
) -> TableProposal:
    """A table that takes every row of the upload that was read, its first 200,000.

    `name`: `table` or `schema.table`, else one is made from the file's; `options` are the guide's
    import_options. Nothing is stored. Raises ImportDenied, Conflict when the name is taken,
    InvalidRequest where no such table can be made, TargetDatabaseError, and as reading does.
    """
    at = connection_name(ws, connection)
    engine = ws.engine(at)
    upload = upload_of(ws, who, upload_id)
    spec = _named(engine, name, upload.filename)
    grant = _require(ws, who, at, spec)
    spec = require_place(engine, spec)
    detection, _ = look(ws, upload, parse_import_options(options).dialect)
    require_upload_fits(
        limits_of(ws, who, grant),
        size=upload.size,
        format_name=detection.dialect.format,
        table=spec.label,
    )
    made = with_columns(ws, at, spec, upload, detection)
    return TableProposal(
        connection=at,
        table=made.table,
        columns=made.columns,
        rows_read=made.found.rows,
        whole=made.found.whole,
        remarks=tuple(_remarks(made.table, made.found, grant)),
        statement=statement_of(engine, made.table),
    )


def describe_statement(
    ws: Workspace, who: Identity, create_table: object, connection: str | None = None
) -> str:
    """The CREATE TABLE of a table that was changed. Raises as `propose_table` does."""
    at = connection_name(ws, connection)
    spec, _ = parse_new_table(create_table)
    _require(ws, who, at, spec)
    return statement_of(ws.engine(at), require_makeable(ws.engine(at), spec))


def draft_new_table(
    ws: Workspace,
    who: Identity,
    create_table: object,
    *,
    upload_id: str,
    connection: str | None = None,
    mappings: Any = None,
    **wanted: Any,
) -> Job:
    """A draft as `draft_import` makes it, of a job that also makes the table.

    `create_table` is as `proposal_document` has it: the columns that name a source are fed by it,
    unless `mappings` says otherwise. Raises as `propose_table` and `draft_import` do.
    """
    at = connection_name(ws, connection)
    spec, mapped = parse_new_table(create_table)
    _require(ws, who, at, spec)
    spec = require_makeable(ws.engine(at), spec)
    chosen = mappings_document(mapped) if mappings is None and mapped else mappings
    return draft_import(
        ws, who, upload_id=upload_id, table=spec.label, connection=at, mappings=chosen,
        creates=spec, **wanted,
    )  # fmt: skip


# ---------------------------------------------------------------- parts
def _require(ws: Workspace, who: Identity, connection: str, spec: NewTable) -> Grant:
    require(ws, who, Action.CREATE_TABLE, connection, spec.label)
    return require(ws, who, Action.PREVIEW_IMPORT, connection, spec.label)


def _named(engine: Engine, name: str | None, filename: str) -> NewTable:
    if name is None:
        taken = {ref.name.casefold() for ref in list_tables(engine)}
        return NewTable(name=new_table_name(filename, reserved_names(engine), taken))
    schema, dot, table = name.rpartition(".")
    if dot and features_of(engine).schemas:
        return NewTable(name=table, schema=schema)
    return NewTable(name=name)


def _remarks(spec: NewTable, found: FileReadings, grant: Grant) -> Iterator[str]:
    read = "Every row" if found.whole else f"The first {found.rows:,} rows"
    more = "" if found.whole else " A row that comes later may not fit, and is rejected then."
    yield f"{read} of the file {'was' if found.whole else 'were'} read.{more}"
    if found.flawed:
        yield (
            f"{found.flawed:,} rows could not be taken apart and tell nothing: they will be "
            "rejected."
        )
    if not any(column.primary_key for column in spec.columns):
        yield (
            "No column identifies the rows for certain: without a key, files cannot update rows "
            "later. Choose one if you know better."
        )
    if not grant.actions & EXPORT_ACTIONS:
        yield (
            f"You may import into {spec.label} but not see its rows: an administrator can grant "
            "that."
        )
