"""Uploads and artifacts: files we keep encrypted until they expire."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import BinaryIO


class FilePurpose(StrEnum):
    UPLOAD = "upload"
    SPOOL = "spool"  #: typed accepted rows between checking and loading
    VIOLATIONS = "violations"  #: NDJSON, one violation a line, and an index behind them
    REJECTS = "rejects"  #: rejected rows with reasons
    CHANGES = "changes"  #: what an import would change, row by row
    PATCH = "patch"  #: the cells that a mended file of rejected rows changes
    ARTIFACT = "artifact"  #: what an export made


@dataclass(frozen=True, kw_only=True, slots=True)
class StoredFile:
    """One file of the store, as the metastore knows it."""

    file_id: str  #: 32 hex digits; never derived from a user's file name
    purpose: FilePurpose
    owner_id: int | None
    filename: str  #: as the user named it; text, never a path
    size: int  #: bytes, before encryption
    sha256: str  #: hex, of the bytes before encryption
    created_at: datetime | None = None
    expires_at: datetime | None = None
    job_id: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class UploadState:
    """How much of an upload that comes in parts is here."""

    upload_id: str
    filename: str
    received: int  #: bytes, from the first on without a gap
    size: int  #: bytes, as announced
    file: StoredFile | None = None  #: the upload, once all of it is here and accepted

    @property
    def done(self) -> bool:
        """Whether the id can be used like that of any other upload."""
        return self.file is not None


@dataclass(frozen=True, kw_only=True, slots=True)
class Download:
    """A file about to be handed over: rights already checked."""

    filename: str
    media_type: str
    size: int
    etag: str  #: strong, quoted
    open: Callable[[], BinaryIO]  #: a seekable reader of the plain bytes
    job_id: str | None = None
    table: str | None = None
    rows: int | None = None
