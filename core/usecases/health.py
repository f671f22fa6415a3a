"""How the service is, in the guide's seven fields (R160, ruling A29)."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

from core.metastore import jobs, queue, workers
from core.model.health import Health
from core.model.job import JobKind

if TYPE_CHECKING:
    from core.workspace import Workspace

#: Below this, an import or export may not find room to finish.
_LEAST_GB = 0.5


def health(ws: Workspace) -> Health:
    """Numbers as they are now. Degraded: no worker lives, or the disk is nearly full."""
    with ws.metastore.connect() as db:
        running = jobs.count_running(db)
        waiting = queue.count_waiting(db)
        alive = workers.alive_workers(db)
    free = shutil.disk_usage(ws.settings.home).free / 1e9
    status = "healthy" if alive and free >= _LEAST_GB else "degraded"
    return Health(
        import_service_status=status,
        export_service_status=status,
        active_import_jobs=running[JobKind.IMPORT],
        active_export_jobs=running[JobKind.EXPORT],
        queue_size=waiting,
        system_load=round(os.getloadavg()[0] / (os.cpu_count() or 1), 2),
        available_storage_gb=round(free, 1),
    )
