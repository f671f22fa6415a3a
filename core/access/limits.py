"""How large and how many: the caps of the house and of the grant, the smaller one wins."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from core.model.access import Action, Grant, Identity
from core.settings import Settings, family_of

_MIB = 1024 * 1024


@dataclass(frozen=True, kw_only=True, slots=True)
class Caps:
    """What the settings allow anyone at a screen or the API."""

    import_bytes: int
    import_rows: int
    import_formats: tuple[str, ...]
    export_rows: int
    export_formats: tuple[str, ...]

    @classmethod
    def of(cls, settings: Settings) -> Caps:
        return cls(
            import_bytes=settings.import_max_file_size,
            import_rows=settings.import_max_rows,
            import_formats=settings.import_allowed_extensions,
            export_rows=settings.export_max_rows,
            export_formats=settings.export_allowed_formats,
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """What one user may do to one table. None is no limit."""

    import_bytes: int | None
    import_rows: int | None
    import_formats: tuple[str, ...] | None
    export_rows: int | None
    export_formats: tuple[str, ...] | None


def effective_limits(identity: Identity, grant: Grant, caps: Caps) -> Limits:
    """The smaller of grant and caps; nothing limits the local administrator (ruling A36)."""
    if identity.local:
        return Limits(
            import_bytes=None,
            import_rows=None,
            import_formats=None,
            export_rows=None,
            export_formats=None,
        )
    granted = None if grant.max_file_size_mb is None else grant.max_file_size_mb * _MIB
    return Limits(
        import_bytes=_smaller(granted, caps.import_bytes),
        import_rows=_smaller(grant.max_rows_per_import, caps.import_rows),
        import_formats=_both(grant.import_formats, caps.import_formats),
        export_rows=_smaller(grant.max_rows_per_export, caps.export_rows),
        export_formats=_both(grant.export_formats, caps.export_formats),
    )


def permissions_document(grant: Grant, caps: Caps, *, table_label: str) -> dict[str, Any]:
    """The guide's answer to GET /tables/{table}/permissions, every key of its long form (R6).

    An empty `allowed_columns` means every column (ruling A17).
    """
    granted = caps.import_bytes // _MIB
    if grant.max_file_size_mb is not None:
        granted = min(granted, grant.max_file_size_mb)
    actions = grant.actions
    return {
        "table_name": table_label,
        "import_permission": {
            "can_import": Action.IMPORT in actions,
            "can_validate": Action.VALIDATE in actions,
            "can_preview": Action.PREVIEW_IMPORT in actions,
            "max_file_size_mb": granted,
            "max_rows_per_import": _smaller(grant.max_rows_per_import, caps.import_rows),
            "allowed_formats": list(_both(grant.import_formats, caps.import_formats)),
            "requires_approval": grant.requires_approval,
        },
        "export_permission": {
            "can_export": Action.EXPORT in actions,
            "can_preview": Action.PREVIEW_EXPORT in actions,
            "max_rows_per_export": _smaller(grant.max_rows_per_export, caps.export_rows),
            "allowed_formats": list(_both(grant.export_formats, caps.export_formats)),
            "allowed_columns": list(grant.allowed_columns),
        },
    }


def _smaller(granted: int | None, cap: int) -> int:
    return cap if granted is None else min(granted, cap)


def _both(granted: tuple[str, ...] | None, cap: tuple[str, ...]) -> tuple[str, ...]:
    """Formats both allow, in the caps' order; a grant of json admits all of its family (A6)."""
    if granted is None:
        return cap
    return tuple(name for name in cap if name in granted or family_of(name) in granted)
