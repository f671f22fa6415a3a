"""How the service is: public, and without names (ruling A23)."""

from __future__ import annotations

from dataclasses import asdict

from fastapi import APIRouter
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from app.api.asking import Space
from app.serving import workspace
from core.usecases import health as health_usecase

router = APIRouter(prefix="/data", tags=["Health"])


class HealthReport(BaseModel):
    """The guide's seven fields (R160)."""

    import_service_status: str = Field(examples=["healthy"], description="healthy or degraded")
    export_service_status: str = Field(examples=["healthy"])
    active_import_jobs: int
    active_export_jobs: int
    queue_size: int = Field(description="Due jobs no worker has claimed")
    system_load: float = Field(description="One-minute load average divided by the CPUs")
    available_storage_gb: float


@router.get("/health", summary="How the service is")
def health(ws: Space) -> HealthReport:
    return HealthReport(**asdict(health_usecase.health(ws)))


async def health_at_root(_: Request) -> Response:
    """The same at /health, where load balancers look."""
    report = await run_in_threadpool(health_usecase.health, workspace())
    return JSONResponse(asdict(report), headers={"cache-control": "no-store"})
