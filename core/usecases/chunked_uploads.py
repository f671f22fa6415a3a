"""An upload in parts: it goes on where it broke off, also after a restart of the server.

    begin_upload → receive_part, receive_part, … → an ordinary upload

Each part is an encrypted file of its own from its first byte, published whole, and counts from
the moment its row is written. A part may overlap what is here, or come twice, at once or later:
what is here stays and the answer says where to go on. With the last byte the parts stream
through the same screening as any upload into one file under the upload's id; only then do they
go. A crash in between loses nothing: asking again puts them together again.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import chain
from typing import TYPE_CHECKING

from core.errors import (
    ConfigurationError,
    Conflict,
    FileExpired,
    FileTooLarge,
    InvalidFormat,
    InvalidRequest,
    NotFound,
    TableportError,
    UnsafeContent,
    UploadIncomplete,
)
from core.files.filenames import display_name
from core.metastore import parts
from core.metastore.parts import PartialUpload
from core.model.file import StoredFile, UploadState
from core.usecases.uploads import (
    drop_partial,
    note_refused,
    partial_of,
    record,
    require_may_upload,
    require_size,
    screener,
    upload_of,
)

if TYPE_CHECKING:
    from core.files.store import Stored
    from core.model.access import Identity
    from core.workspace import Workspace

#: Bytes of a part that we propose; any other size will do.
PART_SIZE = 8 << 20
#: An upload of which nothing more comes is forgotten after so long.
KEPT = timedelta(hours=24)
#: Uploads one person may have on their way.
MOST_UNFINISHED = 20
#: An upload may have four times the parts that PART_SIZE would make, and so many more.
_SPARE_PARTS = 1_000


def begin_upload(ws: Workspace, who: Identity, *, filename: str, size: int) -> UploadState:
    """Announce a file of `size` bytes; nothing of it is here yet.

    Raises ImportDenied, FileTooLarge, InvalidFormat for its extension, InvalidRequest for a size
    below 1, and Conflict when `who` has MOST_UNFINISHED others on their way.
    """
    require_may_upload(ws, who)
    name = display_name(filename)
    if size < 1:
        raise InvalidRequest("size: the file must have at least 1 byte.")
    try:
        require_size(ws, who, size)
        screener(ws, name)
    except TableportError as refused:
        note_refused(ws, who, name, refused)
        raise
    upload = PartialUpload(
        upload_id=secrets.token_hex(16),
        owner_id=who.user_id,
        filename=name,
        size=size,
        received=0,
        expires_at=_expiry(ws),
    )
    with ws.metastore.begin() as db:
        if parts.count_of(db, who.user_id) >= MOST_UNFINISHED:
            raise Conflict(
                f"You have {MOST_UNFINISHED} unfinished uploads: finish or remove one, or wait "
                "until they are forgotten a day after their last part."
            )
        parts.insert(db, upload)
    return _state(upload)


def receive_part(
    ws: Workspace,
    who: Identity,
    upload_id: str,
    *,
    offset: int,
    total: int,
    chunks: Iterable[bytes],
) -> UploadState:
    """Keep the bytes from `offset` on, whatever is not here yet; `chunks` may end early.

    When all bytes are here the upload is screened and finished (see UploadState.done). A state
    that is not done although all bytes are received means that another request is about to
    finish it: ask again, also with no chunks at all.

    Args:
        offset: of the first byte of `chunks` in the file.
        total: bytes of the whole file.
        chunks: what it raises discards the part, and only the part.

    Raises:
        NotFound: there is no such upload of `who`; it may have expired or been refused.
        FileExpired: it was finished and removed again.
        UploadIncomplete: bytes before `offset` are missing.
        InvalidRequest: `total` is not what was announced, or there are too many tiny parts.
        FileTooLarge: more bytes came than the file has, or than the limit.
        InvalidFormat, UnsafeContent: the file is refused; nothing is kept.
        ImportDenied: the right to import was taken back meanwhile.
        ConfigurationError: the disk is full, or the virus scanner cannot be asked; try again.
    """
    upload = partial_of(ws, who, upload_id)
    if upload is None:
        return _finished(upload_of(ws, who, upload_id))
    require_may_upload(ws, who)
    require_size(ws, who, total)
    _require_fits(upload, offset=offset, total=total)
    if upload.received < upload.size:
        _keep(ws, who, upload, offset, chunks)
        upload = partial_of(ws, who, upload_id)
        if upload is None:  # finished, or removed, by another request
            return _finished(upload_of(ws, who, upload_id))
    return _finish(ws, who, upload) if upload.received == upload.size else _state(upload)


def upload_state(ws: Workspace, who: Identity, upload_id: str) -> UploadState:
    """Where to go on. Raises NotFound, and FileExpired for one that was removed."""
    upload = partial_of(ws, who, upload_id)
    return _state(upload) if upload is not None else _finished(upload_of(ws, who, upload_id))


def expire_partial_uploads(ws: Workspace) -> int:
    """Forget the uploads of which nothing came for long, and say how many. For housekeeping."""
    with ws.metastore.connect() as db:
        expired = parts.list_expired(db)
    return sum(drop_partial(ws, upload_id) for upload_id in expired)


def _expiry(ws: Workspace) -> datetime:
    hours = ws.settings.upload_retention_hours
    return datetime.now(UTC) + min(KEPT, timedelta(hours=hours))


def _require_fits(upload: PartialUpload, *, offset: int, total: int) -> None:
    if total != upload.size:
        raise InvalidRequest(
            f"The part belongs to a file of {total:,} bytes, but {upload.filename} was announced "
            f"with {upload.size:,}."
        )
    if offset < 0:
        raise InvalidRequest("offset: 0 or more is expected.")
    if offset > upload.received:
        raise UploadIncomplete(
            f"The part begins at byte {offset:,}, but only {upload.received:,} bytes are here: "
            f"go on from offset {upload.received}.",
            wanted=upload.received,
        )


def _keep(
    ws: Workspace, who: Identity, upload: PartialUpload, offset: int, chunks: Iterable[bytes]
) -> None:
    """Make what is new a part, unless another request was faster with the same bytes."""
    with ws.metastore.connect() as db:
        count = parts.count_parts(db, upload.upload_id)
    if count >= _SPARE_PARTS + 4 * (upload.size // PART_SIZE):
        raise InvalidRequest(
            f"The upload came in {count:,} parts already: send parts of about {PART_SIZE:,} bytes."
        )
    fresh = _beyond(chunks, skip=upload.received - offset, most=upload.size - offset)
    first = next(fresh, None)
    if first is None:
        return
    looked_at = _looked_at(ws, upload, chain([first], fresh))
    try:
        stored = ws.uploads.receive(looked_at, limit=upload.size)
    except (InvalidFormat, UnsafeContent) as refused:
        _refuse(ws, who, upload, refused)
        raise
    with ws.metastore.begin() as db:
        taken = parts.append(
            db,
            upload.upload_id,
            start=upload.received,
            size=stored.size,
            file_id=stored.file_id,
            expires_at=_expiry(ws),
        )
    if not taken:
        ws.uploads.remove(stored.file_id)


def _beyond(chunks: Iterable[bytes], *, skip: int, most: int) -> Iterator[bytes]:
    """What comes after the first `skip` bytes; raises FileTooLarge beyond `most`."""
    seen = 0
    for chunk in chunks:
        seen += len(chunk)
        if seen > most:
            raise FileTooLarge("More bytes came than the file was announced with.")
        if new := chunk[max(0, len(chunk) - (seen - skip)) :] if seen > skip else b"":
            yield new


def _looked_at(ws: Workspace, upload: PartialUpload, chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Refuse early what can be told from the beginning of a file; all of it is screened later."""
    if upload.received:
        yield from chunks
        return
    # Without the virus scanner, which wants to see a file as a whole.
    eye = screener(ws, upload.filename, clamd=False)
    for chunk in chunks:
        eye.feed(chunk)
        yield chunk


def _finish(ws: Workspace, who: Identity, upload: PartialUpload) -> UploadState:
    try:
        stored = _put_together(ws, upload)
    except Conflict:
        return _state(upload)  # another request is at it
    except TableportError as refused:
        if partial_of(ws, who, upload.upload_id) is None:
            # Its parts went because another request finished it, or because it was removed.
            return _finished(_finished_by_another(ws, who, upload.upload_id))
        _refuse(ws, who, upload, refused)
        raise
    with ws.metastore.begin() as db:
        leftover = parts.remove(db, upload.upload_id)
        file = None if leftover is None else record(ws, who, stored, upload.filename, db=db)
    for file_id in leftover or ():
        ws.uploads.remove(file_id)
    return _finished(file or _finished_by_another(ws, who, upload.upload_id))


def _finished_by_another(ws: Workspace, who: Identity, upload_id: str) -> StoredFile:
    """The upload, or NotFound for one removed while it was put together: then nobody wants it."""
    try:
        return upload_of(ws, who, upload_id)
    except (NotFound, FileExpired):
        ws.uploads.remove(upload_id)
        raise


def _put_together(ws: Workspace, upload: PartialUpload) -> Stored:
    return ws.uploads.receive(
        screener(ws, upload.filename).passing(_pieces(ws, upload)),
        limit=upload.size,
        file_id=upload.upload_id,
    )


def _pieces(ws: Workspace, upload: PartialUpload) -> Iterator[bytes]:
    """All bytes of all parts, else FileExpired: never a shorter file over a finished one.

    The parts are looked up when the first piece is asked for. The store holds the upload's id for
    us by then, so that nobody who finishes it is between reading and publishing.
    """
    with ws.metastore.connect() as db:
        found = parts.file_ids(db, upload.upload_id)
    missing = upload.size
    for file_id in found:
        for piece in ws.uploads.chunks(file_id):
            missing -= len(piece)
            yield piece
    if missing:
        raise FileExpired(f"Parts of {upload.filename} are gone; send it again.")


def _refuse(ws: Workspace, who: Identity, upload: PartialUpload, refused: TableportError) -> None:
    """Keep nothing of it; unless the fault is ours, so that another try may succeed."""
    if not isinstance(refused, ConfigurationError):
        drop_partial(ws, upload.upload_id)
    note_refused(ws, who, upload.filename, refused)


def _state(upload: PartialUpload) -> UploadState:
    return UploadState(
        upload_id=upload.upload_id,
        filename=upload.filename,
        received=upload.received,
        size=upload.size,
    )


def _finished(file: StoredFile) -> UploadState:
    return UploadState(
        upload_id=file.file_id,
        filename=file.filename,
        received=file.size,
        size=file.size,
        file=file,
    )
