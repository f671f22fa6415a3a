"""Uploads and artifacts, as rows; their bytes live in the file store."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

import sqlalchemy as sa

from core.errors import FileExpired, NotFound
from core.metastore.schema import files
from core.metastore.text import storable
from core.model.file import FilePurpose, StoredFile


def insert(db: sa.Connection, file: StoredFile) -> None:
    """Record a file that has been stored."""
    db.execute(
        sa.insert(files).values(
            file_id=file.file_id,
            purpose=file.purpose.value,
            owner_id=file.owner_id,
            filename=storable(file.filename, 500),
            size=file.size,
            sha256=file.sha256,
            job_id=file.job_id,
            created_at=file.created_at or datetime.now(UTC),
            expires_at=file.expires_at,
        )
    )


def get(db: sa.Connection, file_id: str) -> StoredFile:
    """Raises NotFound; FileExpired when its bytes are gone or its time is over."""
    row = (
        db.execute(sa.select(files).where(files.c.file_id == storable(file_id, 32)))
        .mappings()
        .one_or_none()
    )
    if row is None:
        raise NotFound("There is no such file.")
    ended = row["expires_at"] is not None and row["expires_at"] <= datetime.now(UTC)
    if ended or row["deleted_at"] is not None:
        raise FileExpired(f"{row['filename']} has been removed after its time.")
    return _file(row)


def belongs_to(db: sa.Connection, file_id: str, owner_id: int | None) -> bool:
    """Is or was there such a file of this user? Says nothing about anybody else's."""
    query = sa.select(files.c.owner_id).where(files.c.file_id == storable(file_id, 32))
    return owner_id is not None and db.execute(query).scalar_one_or_none() == owner_id


def of_job(db: sa.Connection, job_id: str) -> list[StoredFile]:
    """The files of a job that are not deleted, oldest first."""
    query = (
        sa.select(files)
        .where(files.c.job_id == job_id, files.c.deleted_at.is_(None))
        .order_by(files.c.created_at, files.c.file_id)
    )
    return [_file(row) for row in db.execute(query).mappings()]


def list_expired(db: sa.Connection, *, limit: int = 1000) -> list[StoredFile]:
    """Files whose time is over and whose bytes are not yet marked deleted, oldest first."""
    query = (
        sa.select(files)
        .where(files.c.expires_at <= datetime.now(UTC), files.c.deleted_at.is_(None))
        .order_by(files.c.expires_at)
        .limit(limit)
    )
    return [_file(row) for row in db.execute(query).mappings()]


def newest_readable(db: sa.Connection) -> StoredFile | None:
    """The file kept last, of those whose time is not over."""
    query = (
        sa.select(files)
        .where(files.c.deleted_at.is_(None))
        .where(sa.or_(files.c.expires_at.is_(None), files.c.expires_at > datetime.now(UTC)))
        .order_by(files.c.created_at.desc())
        .limit(1)
    )
    row = db.execute(query).mappings().one_or_none()
    return _file(row) if row else None


def live_ids(db: sa.Connection) -> frozenset[str]:
    """The ids of all files not deleted: bytes on disk under any other name are orphans."""
    query = sa.select(files.c.file_id).where(files.c.deleted_at.is_(None))
    return frozenset(db.execute(query).scalars())


def mark_deleted(db: sa.Connection, file_ids: Iterable[str]) -> None:
    """Their bytes are gone; the rows stay as evidence."""
    db.execute(
        sa.update(files)
        .where(files.c.file_id.in_(list(file_ids)), files.c.deleted_at.is_(None))
        .values(deleted_at=datetime.now(UTC))
    )


def set_job(db: sa.Connection, file_ids: Iterable[str], job_id: str) -> None:
    """Say which job the files belong to."""
    db.execute(sa.update(files).where(files.c.file_id.in_(list(file_ids))).values(job_id=job_id))


def set_expiry(db: sa.Connection, file_ids: Iterable[str], expires_at: datetime | None) -> None:
    """Change when the files' time is over; None keeps them."""
    db.execute(
        sa.update(files).where(files.c.file_id.in_(list(file_ids))).values(expires_at=expires_at)
    )


def usage(db: sa.Connection, owner_id: int) -> tuple[int, int]:
    """How many files a user keeps, and their bytes."""
    query = sa.select(sa.func.count(), sa.func.coalesce(sa.func.sum(files.c.size), 0)).where(
        files.c.owner_id == owner_id, files.c.deleted_at.is_(None)
    )
    count, size = db.execute(query).one()
    return int(count), int(size)


def _file(row: sa.RowMapping) -> StoredFile:
    return StoredFile(
        file_id=row["file_id"],
        purpose=FilePurpose(row["purpose"]),
        owner_id=row["owner_id"],
        filename=row["filename"],
        size=row["size"],
        sha256=row["sha256"],
        created_at=row["created_at"],
        expires_at=row["expires_at"],
        job_id=row["job_id"],
    )
