"""How the caller mapped files into a table before."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Response
from pydantic import BaseModel, Field

from app.api.asking import BY_SCRIPT, SIGNED_IN, Caller, Connection, Space, TableName
from app.api.failures import FAILURES
from app.api.schemas import mapping_json
from core.model.mapping import RememberedMapping
from core.usecases import remembering

router = APIRouter(prefix="/data", tags=["Import"], responses=FAILURES, dependencies=SIGNED_IN)

RememberedId = Annotated[int, Path(description="Id of the remembered mapping", ge=1)]


class RememberedInfo(BaseModel):
    """How files with certain columns were mapped the last time."""

    id: int
    columns: list[str] = Field(description="Of the file")
    field_mappings: list[dict[str, Any]]
    used_at: datetime

    @classmethod
    def of(cls, one: RememberedMapping) -> RememberedInfo:
        return cls(
            id=one.id,
            columns=list(one.columns),
            field_mappings=[
                mapping_json(m.source, m.target, m.steps, m.lookup, skip_empty=m.skip_empty)
                for m in one.mappings
            ],
            used_at=one.used_at,
        )


class RememberedList(BaseModel):
    table_name: str
    remembered: list[RememberedInfo]


@router.get(
    "/tables/{table_name:path}/remembered-mappings",
    summary="How the caller mapped files into a table before",
)
def listed(
    table_name: TableName, ws: Space, who: Caller, connection: Connection = None
) -> RememberedList:
    found = remembering.list_remembered(ws, who, table_name, connection)
    return RememberedList(
        table_name=table_name, remembered=[RememberedInfo.of(one) for one in found]
    )


@router.delete(
    "/tables/{table_name:path}/remembered-mappings/{remembered_id}",
    summary="Forget how files were mapped before",
    status_code=204,
    dependencies=BY_SCRIPT,
)
def forgotten(
    table_name: TableName,
    remembered_id: RememberedId,
    ws: Space,
    who: Caller,
    connection: Connection = None,
) -> Response:
    remembering.forget_remembered(ws, who, remembered_id, table=table_name, connection=connection)
    return Response(status_code=204)
