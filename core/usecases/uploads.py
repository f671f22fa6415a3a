"""Take a file in: counted, screened and encrypted while it streams."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from core.errors import ImportDenied, NotFound, TableportError
from core.files.filenames import display_name
from core.files.screening import Screener
from core.metastore import files, permissions
from core.model.access import IMPORT_ACTIONS
from core.model.file import FilePurpose, StoredFile
from core.usecases.rights import note

if TYPE_CHECKING:
    from collections.abc import Iterable

    from core.model.access import Identity
    from core.workspace import Workspace


def receive_upload(
    ws: Workspace,
    who: Identity,
    chunks: Iterable[bytes],
    *,
    filename: str,
    limit_bytes: int | None = None,
) -> StoredFile:
    """Keep an upload. It belongs to `who` and expires (TABLEPORT_UPLOAD_RETENTION_HOURS).

    `limit_bytes` lowers the global limit; the local administrator has none (ruling A36). Raises
    ImportDenied, FileTooLarge, InvalidFormat or UnsafeContent; then nothing is kept.
    """
    if not _may_upload(ws, who):
        note(ws, who, "access_denied", details={"action": "upload"})
        raise ImportDenied("You may not import into any table.")
    name = display_name(filename)
    limit = (1 << 62) if who.local else ws.settings.import_max_file_size
    if limit_bytes is not None:
        limit = min(limit, limit_bytes)
    try:
        screener = Screener(
            name,
            allowed=ws.settings.import_allowed_extensions,
            scan=ws.settings.import_scan_content,
            clamd=ws.settings.clamd_socket,
        )
        stored = ws.uploads.receive(screener.passing(chunks), limit=limit)
    except TableportError as refused:
        note(ws, who, "upload_refused", details={"filename": name, "code": refused.code})
        raise
    now = datetime.now(UTC)
    upload = StoredFile(
        file_id=stored.file_id,
        purpose=FilePurpose.UPLOAD,
        owner_id=who.user_id,
        filename=name,
        size=stored.size,
        sha256=stored.sha256,
        created_at=now,
        expires_at=now + timedelta(hours=ws.settings.upload_retention_hours),
    )
    with ws.metastore.begin() as db:
        files.insert(db, upload)
        note(
            ws, who, "import_uploaded", db=db,
            details={"filename": name, "file_size": stored.size},
        )  # fmt: skip
    return upload


def _may_upload(ws: Workspace, who: Identity) -> bool:
    if who.is_admin:
        return True
    if who.user_id is None:
        return False
    with ws.metastore.connect() as db:
        mine = permissions.list_import_permissions(db, user_id=who.user_id)
        roles = permissions.list_role_grants(db, role=who.role)
    return any(p.can_import or p.can_validate or p.can_preview for p in mine) or any(
        r.grant.actions & IMPORT_ACTIONS for r in roles
    )


def upload_of(ws: Workspace, who: Identity, upload_id: str) -> StoredFile:
    """An upload of one's own. Raises NotFound for anybody else's, and for an expired one."""
    with ws.metastore.connect() as db:
        found = files.get(db, upload_id)
    mine = who.is_admin or (found.owner_id is not None and found.owner_id == who.user_id)
    if not mine or found.purpose is not FilePurpose.UPLOAD:
        raise NotFound(f"There is no upload {upload_id}; it may have expired.")
    return found


def remove_upload(ws: Workspace, who: Identity, upload_id: str) -> None:
    """Forget an upload at once."""
    upload = upload_of(ws, who, upload_id)
    ws.uploads.remove(upload.file_id)
    with ws.metastore.begin() as db:
        files.mark_deleted(db, [upload.file_id])
        note(ws, who, "upload_removed", details={"filename": upload.filename}, db=db)
