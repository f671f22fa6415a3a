"""Uploads on their way, as rows: what was announced, and the parts that are here.

The bytes of each part are a file of the store. Parts follow each other without gap or overlap:
`append` takes one only where the last one ended, whoever else appends at the same moment.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import sqlalchemy as sa

from core.metastore.schema import partial_uploads, upload_parts
from core.metastore.text import storable


@dataclass(frozen=True, kw_only=True, slots=True)
class PartialUpload:
    """An upload that is not all here, or is but was not yet put together."""

    upload_id: str
    owner_id: int | None
    filename: str
    size: int  #: bytes, as announced
    received: int  #: bytes
    expires_at: datetime


def insert(db: sa.Connection, upload: PartialUpload) -> None:
    """Record an upload of which nothing is here yet."""
    db.execute(
        sa.insert(partial_uploads).values(
            upload_id=upload.upload_id,
            owner_id=upload.owner_id,
            filename=storable(upload.filename, 500),
            size=upload.size,
            created_at=datetime.now(UTC),
            expires_at=upload.expires_at,
        )
    )


def find(db: sa.Connection, upload_id: str) -> PartialUpload | None:
    """None when there is no such upload, it is finished, or its time is over."""
    query = sa.select(partial_uploads).where(
        partial_uploads.c.upload_id == storable(upload_id, 32),
        partial_uploads.c.expires_at > datetime.now(UTC),
    )
    row = db.execute(query).mappings().one_or_none()
    if row is None:
        return None
    return PartialUpload(
        upload_id=row["upload_id"],
        owner_id=row["owner_id"],
        filename=row["filename"],
        size=row["size"],
        received=row["received"],
        expires_at=row["expires_at"],
    )


def append(
    db: sa.Connection,
    upload_id: str,
    *,
    start: int,
    size: int,
    file_id: str,
    expires_at: datetime,
) -> bool:
    """Add a part and put off the end of the upload's time.

    Returns:
        False, and nothing is changed, unless the upload is there and ends at `start`.
    """
    grown = db.execute(
        sa.update(partial_uploads)
        .where(partial_uploads.c.upload_id == upload_id, partial_uploads.c.received == start)
        .values(received=start + size, expires_at=expires_at)
    )
    if grown.rowcount != 1:
        return False
    db.execute(
        sa.insert(upload_parts).values(upload_id=upload_id, start=start, size=size, file_id=file_id)
    )
    return True


def file_ids(db: sa.Connection, upload_id: str) -> list[str]:
    """The files of its parts, in their order."""
    query = (
        sa.select(upload_parts.c.file_id)
        .where(upload_parts.c.upload_id == upload_id)
        .order_by(upload_parts.c.start)
    )
    return list(db.execute(query).scalars())


def remove(db: sa.Connection, upload_id: str) -> list[str] | None:
    """Forget an upload.

    Returns:
        The files of its parts, which nobody knows from now on; None when it was gone already.
    """
    # Held to the end of the transaction, so that no part is appended in between.
    here = sa.select(partial_uploads.c.upload_id).where(partial_uploads.c.upload_id == upload_id)
    if db.execute(here.with_for_update()).first() is None:
        return None
    found = file_ids(db, upload_id)
    db.execute(sa.delete(upload_parts).where(upload_parts.c.upload_id == upload_id))
    db.execute(sa.delete(partial_uploads).where(partial_uploads.c.upload_id == upload_id))
    return found


def list_expired(db: sa.Connection, *, limit: int = 1000) -> list[str]:
    """Ids of uploads whose time is over, oldest first."""
    query = (
        sa.select(partial_uploads.c.upload_id)
        .where(partial_uploads.c.expires_at <= datetime.now(UTC))
        .order_by(partial_uploads.c.expires_at)
        .limit(limit)
    )
    return list(db.execute(query).scalars())


def live_ids(db: sa.Connection) -> frozenset[str]:
    """The files of every part: bytes on disk under these names are not orphans."""
    return frozenset(db.execute(sa.select(upload_parts.c.file_id)).scalars())


def count_of(db: sa.Connection, owner_id: int | None) -> int:
    """How many uploads of a user are on their way; None is the local administrator."""
    query = (
        sa.select(sa.func.count())
        .select_from(partial_uploads)
        .where(
            partial_uploads.c.owner_id.is_not_distinct_from(owner_id),
            partial_uploads.c.expires_at > datetime.now(UTC),
        )
    )
    return int(db.execute(query).scalar_one())


def count_parts(db: sa.Connection, upload_id: str) -> int:
    """Of how many parts an upload consists."""
    query = (
        sa.select(sa.func.count())
        .select_from(upload_parts)
        .where(upload_parts.c.upload_id == upload_id)
    )
    return int(db.execute(query).scalar_one())
