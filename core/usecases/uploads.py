"""Take a file in: counted, screened and encrypted while it streams."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from core.errors import (
    FileTooLarge,
    ImportDenied,
    InvalidRequest,
    NotFound,
    TableportError,
    UploadIncomplete,
)
from core.files.filenames import display_name
from core.files.screening import Screener
from core.metastore import files, parts, permissions
from core.model.access import IMPORT_ACTIONS
from core.model.file import FilePurpose, StoredFile
from core.usecases.rights import note

if TYPE_CHECKING:
    from collections.abc import Iterable

    import sqlalchemy as sa

    from core.files.store import Stored
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
    require_may_upload(ws, who)
    name = display_name(filename)
    limit = size_limit(ws, who)
    if limit_bytes is not None:
        limit = min(limit, limit_bytes)
    try:
        stored = ws.uploads.receive(screener(ws, name).passing(chunks), limit=limit)
    except TableportError as refused:
        note_refused(ws, who, name, refused)
        raise
    with ws.metastore.begin() as db:
        return record(ws, who, stored, name, db=db)


def require_may_upload(ws: Workspace, who: Identity) -> None:
    """Whoever may import into any table may upload. Raises ImportDenied."""
    if not _may_upload(ws, who):
        note(ws, who, "access_denied", details={"action": "upload"})
        raise ImportDenied("You may not import into any table.")


def size_limit(ws: Workspace, who: Identity) -> int:
    """Most bytes of one upload, before a grant narrows them for its table."""
    return (1 << 62) if who.local else ws.settings.import_max_file_size


def require_size(ws: Workspace, who: Identity, size: int) -> None:
    """For a size told before the bytes come. Raises FileTooLarge."""
    limit = size_limit(ws, who)
    if size > limit:
        raise FileTooLarge(
            f"The file has {size / (1 << 20):,.1f} MB; the limit is {limit / (1 << 20):,.4g} MB."
        )


def screener(ws: Workspace, name: str, *, clamd: bool = True) -> Screener:
    """What looks at an upload of that name. Raises InvalidFormat for its extension."""
    return Screener(
        name,
        allowed=ws.settings.import_allowed_extensions,
        scan=ws.settings.import_scan_content,
        clamd=ws.settings.clamd_socket if clamd else None,
    )


def note_refused(ws: Workspace, who: Identity, name: str, refused: TableportError) -> None:
    note(ws, who, "upload_refused", details={"filename": name, "code": refused.code})


def record(
    ws: Workspace, who: Identity, stored: Stored, name: str, *, db: sa.Connection
) -> StoredFile:
    """Make stored bytes an upload of `who`, in the caller's transaction."""
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


def partial_of(ws: Workspace, who: Identity, upload_id: str) -> parts.PartialUpload | None:
    """One's own upload on its way; None when there is none, or it is somebody else's."""
    with ws.metastore.connect() as db:
        found = parts.find(db, upload_id)
    if found is None or found.owner_id != who.user_id:
        return None
    return found


def upload_of(ws: Workspace, who: Identity, upload_id: str) -> StoredFile:
    """An upload of one's own.

    Raises NotFound for anybody else's, FileExpired for an expired one, UploadIncomplete for one
    that is not all here, InvalidRequest where a job that has no file is asked for its.
    """
    if not upload_id:
        raise InvalidRequest("This job has no file of its own: it takes another import back.")
    partial = partial_of(ws, who, upload_id)
    if partial is not None:
        raise UploadIncomplete(
            f"The upload of {partial.filename} is not finished: {partial.received:,} of "
            f"{partial.size:,} bytes are here.",
            wanted=partial.received,
        )
    with ws.metastore.connect() as db:
        mine = who.is_admin or files.belongs_to(db, upload_id, who.user_id)
        found = files.get(db, upload_id) if mine else None
    if found is None or found.purpose is not FilePurpose.UPLOAD:
        raise NotFound(f"There is no upload {upload_id}; it may have expired.")
    return found


def remove_upload(ws: Workspace, who: Identity, upload_id: str) -> None:
    """Forget an upload at once, finished or not. Raises NotFound or FileExpired."""
    partial = partial_of(ws, who, upload_id)
    if partial is not None:
        drop_partial(ws, upload_id)
        note(ws, who, "upload_removed", details={"filename": partial.filename})
        return
    upload = upload_of(ws, who, upload_id)
    ws.uploads.remove(upload.file_id)
    with ws.metastore.begin() as db:
        files.mark_deleted(db, [upload.file_id])
        note(ws, who, "upload_removed", details={"filename": upload.filename}, db=db)


def drop_partial(ws: Workspace, upload_id: str) -> bool:
    """Forget an upload on its way and erase its parts; False if it was gone already."""
    with ws.metastore.begin() as db:
        orphans = parts.remove(db, upload_id)
    # Nobody knows them any more: what a crash leaves here, the sweep of orphans takes.
    for file_id in orphans or ():
        ws.uploads.remove(file_id)
    return orphans is not None
