"""How the service is (the guide's seven fields, R160, A29)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Health:
    import_service_status: str  #: healthy or degraded
    export_service_status: str
    active_import_jobs: int
    active_export_jobs: int
    queue_size: int  #: due jobs no worker has claimed
    system_load: float  #: one-minute load average divided by the number of CPUs
    available_storage_gb: float  #: of the data directory's disk
