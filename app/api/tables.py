"""Which tables there are, what is in them, and what the caller may do with them."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool

from app.api.asking import SIGNED_IN, Caller, Connection, Space, TableName, json_value
from app.api.downloads import FILE_ANSWERS, hand_over
from app.api.export_body import FilterBody, SortBody, filters_of, sort_of
from app.api.failures import FAILURES
from app.api.values import typed_rows
from core.errors import InvalidRequest
from core.model.preview import TableDescription
from core.model.table import WIRE_TYPES, Column, Table
from core.usecases import access, forms, new_tables, tables
from core.usecases.new_table_document import proposal_document

router = APIRouter(
    prefix="/data/tables", tags=["Tables"], responses=FAILURES, dependencies=SIGNED_IN
)


class TableList(BaseModel):
    tables: list[str] = Field(examples=[["users", "products", "orders", "customers"]])
    total_count: int


class TableRows(BaseModel):
    table_name: str
    data: list[dict[str, Any]]
    total_rows: int
    returned_rows: int
    offset: int
    limit: int
    has_more: bool


class ProposeBody(BaseModel):
    """A file that was uploaded, for which there is no table."""

    upload_id: str
    connection: str | None = Field(None, description="The default one when left out")
    name: str | None = Field(None, description="table or schema.table; else made of the file's")
    import_options: dict[str, Any] | None = Field(None, description="How to read the file")


@router.post("/propose", summary="A new table that would hold a file")
def propose(ws: Space, who: Caller, body: ProposeBody) -> dict[str, Any]:
    """Nothing is made or stored. `create_table` of the answer, as it is or changed, goes into
    `POST …/import/upload` with the `upload_id`; `evidence` and `samples` in it are only told."""
    proposal = new_tables.propose_table(
        ws,
        who,
        upload_id=body.upload_id,
        connection=body.connection,
        name=body.name,
        options=body.import_options,
    )
    return {"upload_id": body.upload_id, **proposal_document(proposal)}


@router.get("/available", summary="Tables you may import into or export from")
def available(ws: Space, who: Caller, connection: Connection = None) -> TableList:
    found = [ref.label for ref in tables.list_tables(ws, who, connection)]
    return TableList(tables=found, total_count=len(found))


@router.get(
    "/{table_name:path}/schema", summary="Columns, keys, indexes and sample rows of a table"
)
def schema(
    table_name: TableName, ws: Space, who: Caller, connection: Connection = None
) -> dict[str, Any]:
    """`sample_data` holds typed JSON values. A number that a JSON number cannot hold exactly is
    sent as a string. Columns you may not see are left out."""
    return schema_json(tables.describe_table(ws, who, table_name, connection))


@router.get("/{table_name:path}/permissions", summary="What you may do with a table")
def permissions(
    table_name: TableName, ws: Space, who: Caller, connection: Connection = None
) -> dict[str, Any]:
    return access.effective_permissions(ws, who, table_name, connection)


@router.head("/{table_name:path}/template", include_in_schema=False)
@router.get(
    "/{table_name:path}/template",
    summary="A blank workbook to be filled with rows for a table",
    response_class=Response,
    responses=FILE_ANSWERS,
)
async def template(
    table_name: TableName, request: Request, ws: Space, who: Caller, connection: Connection = None
) -> Response:
    """Its columns with what they take, lists of values, and warnings, as .xlsx."""
    made = await run_in_threadpool(forms.open_template, ws, who, table_name, connection)
    return await hand_over(request, made)


@router.get("/{table_name:path}/data", summary="Rows of a table, with search and filters")
def data(
    table_name: TableName,
    ws: Space,
    who: Caller,
    connection: Connection = None,
    limit: Annotated[int, Query(ge=1, le=10_000)] = 1000,
    offset: Annotated[int, Query(ge=0)] = 0,
    search: Annotated[str | None, Query(description="Text looked for in text columns")] = None,
    columns: Annotated[str | None, Query(description="Comma list; all when left out")] = None,
    filters: Annotated[
        str | None, Query(description='JSON: [{"column", "operator", "value"}]')
    ] = None,
    sort: Annotated[str | None, Query(description='JSON: [{"column", "descending"}]')] = None,
) -> TableRows:
    chosen = tuple(name.strip() for name in (columns or "").split(",") if name.strip())
    page = tables.browse_table(
        ws,
        who,
        table_name,
        connection,
        columns=chosen,
        filters=filters_of([FilterBody.read(f) for f in _list("filters", filters)]),
        search=search or None,
        sort=sort_of([SortBody.read(s) for s in _list("sort", sort)]),
        limit=limit,
        offset=offset,
    )
    described = tables.describe_table(ws, who, table_name, connection, sample_rows=0)
    rows = typed_rows(page.rows, described.table.columns)
    return TableRows(
        table_name=described.table.label,
        data=rows,
        total_rows=page.total_rows,
        returned_rows=len(rows),
        offset=page.offset,
        limit=page.limit,
        has_more=page.offset + len(rows) < page.total_rows,
    )


def _list(name: str, text: str | None) -> list[Any]:
    found = json_value(name, text)
    if found is None:
        return []
    if not isinstance(found, list):
        raise InvalidRequest(f"{name}: a JSON list is expected.")
    return found


def schema_json(described: TableDescription) -> dict[str, Any]:
    """The guide's shape of a table (R4), and what else we know about it."""
    table = described.table
    return {
        "table_name": table.label,
        "connection": described.connection,
        "is_view": table.ref.is_view,
        "comment": table.comment,
        "columns": [_column_json(table, column) for column in table.columns],
        "primary_keys": list(table.primary_key),
        "foreign_keys": [
            {
                "name": key.name,
                "columns": list(key.columns),
                "referred_schema": key.target_schema,
                "referred_table": key.target_table,
                "referred_columns": list(key.target_columns),
            }
            for key in table.foreign_keys
        ],
        "unique_keys": [
            {"name": key.name, "columns": list(key.columns)}
            for key in table.keys
            if not key.primary
        ],
        "indexes": [
            {"name": index.name, "columns": list(index.columns), "unique": index.unique}
            for index in table.indexes
        ],
        "checks": [{"name": check.name, "sql": check.sql} for check in table.checks],
        "sample_data": typed_rows(described.sample, table.columns),
        "sample_error": described.no_sample,
    }


def _column_json(table: Table, column: Column) -> dict[str, Any]:
    found: dict[str, Any] = {
        "name": column.name,
        "type": column.type_text,
        "nullable": column.nullable,
        "primary_key": column.primary_key,
    }
    if column.autoincrement:
        found["autoincrement"] = True
    return found | {
        "kind": column.kind.value,
        "data_type": WIRE_TYPES[column.kind],
        "default": column.default,
        "required": column.required and not table.ref.is_view,
        "writable": column.writable and not table.ref.is_view,
        "unique": any(key.columns == (column.name,) for key in table.keys),
        "max_length": column.max_length,
        "precision": column.precision,
        "scale": column.scale,
        "choices": list(column.choices),
        "comment": column.comment,
    }
