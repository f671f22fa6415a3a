"""What a mapping may do to cells on their way into a table."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from fastapi import APIRouter

from app.api.asking import SIGNED_IN, Caller
from app.api.failures import FAILURES
from core.usecases.formats import transform_infos

router = APIRouter(
    prefix="/data/transforms", tags=["Import"], responses=FAILURES, dependencies=SIGNED_IN
)


@router.get("", summary="The transforms of mappings, with their options")
def transforms(who: Caller) -> list[dict[str, Any]]:
    """`makes`: gives every row a cell by itself, as the first step of a mapping whose sourceColumn
    is null. An option's `kind` says what it holds: text, integer, number, flag, pairs, list,
    columns, expression or pattern."""
    return [asdict(info) for info in transform_infos()]
