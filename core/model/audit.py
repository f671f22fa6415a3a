"""Who did what (the guide's audit entry, R167)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, kw_only=True, slots=True)
class AuditEvent:
    timestamp: datetime
    user_id: int | None
    username: str
    operation: str  #: import_started, export_created, login_failed, access_denied, …
    table_name: str | None = None
    job_id: str | None = None
    details: dict[str, Any] = field(default_factory=dict)
    ip_address: str | None = None
    user_agent: str | None = None
