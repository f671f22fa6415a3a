"""Who did what: append-only and chained, so that what was changed afterwards shows.

Every entry carries HMAC-SHA256(key, number | hash of the entry before | entry); audit_head
holds the last number and hash under a seal of its own. The database refuses UPDATE and
DELETE; who removes that trigger still cannot edit, delete, insert or reorder entries, or
cut off the newest, without the key. Putting back an older copy of the whole database is
beyond this: compare `head` with one noted elsewhere.

`append` holds the end of the chain until its transaction ends: call it last in it.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from core.metastore.schema import audit_head, audit_log
from core.metastore.text import storable, storable_or_none
from core.model.audit import AuditEvent

_START = "0" * 64
_BROKEN = "f" * 64  #: a seal that fits nothing
_HEAD = 1
_SIGNED = (
    "timestamp",
    "user_id",
    "username",
    "operation",
    "table_name",
    "job_id",
    "details",
    "ip_address",
    "user_agent",
)


def append(db: sa.Connection, key: bytes, event: AuditEvent) -> int:
    """Write one event at the end of the chain; returns its number, from 1."""
    seq, prev, sound = _lock_head(db, key)
    entry = {
        "timestamp": event.timestamp.astimezone(UTC),
        "user_id": event.user_id,
        "username": storable(event.username, 150),
        "operation": storable(event.operation, 50),
        "table_name": storable_or_none(event.table_name, 255),
        "job_id": storable_or_none(event.job_id, 36),
        # What comes back from the database must be what was signed: JSON values alone.
        "details": json.loads(json.dumps(event.details, default=str)),
        "ip_address": storable_or_none(event.ip_address, 100),
        "user_agent": storable_or_none(event.user_agent, 500),
    }
    seq += 1
    digest = _sign_entry(key, seq, prev, entry)
    db.execute(sa.insert(audit_log).values(seq=seq, prev=prev, hash=digest, **entry))
    seal = _sign_head(key, seq, digest) if sound else _BROKEN
    db.execute(
        sa.update(audit_head)
        .where(audit_head.c.id == _HEAD)
        .values(seq=seq, hash=digest, seal=seal)
    )
    return seq


def head(db: sa.Connection) -> tuple[int, str]:
    """The number and hash of the newest entry; (0, zeros) when there is none."""
    row = db.execute(sa.select(audit_head).where(audit_head.c.id == _HEAD)).one_or_none()
    return (row.seq, row.hash) if row else (0, _START)


def list_events(
    db: sa.Connection,
    *,
    user_id: int | None = None,
    username: str | None = None,
    operation: str | None = None,
    table: str | None = None,
    job_id: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    limit: int = 100,
    offset: int = 0,
) -> list[AuditEvent]:
    """Events that match all that is given, newest first; `until` is not included."""
    wanted = _wanted(user_id, username, operation, table, job_id, since, until)
    query = sa.select(audit_log).where(*wanted).order_by(audit_log.c.seq.desc())
    rows = db.execute(query.limit(limit).offset(offset)).mappings()
    return [AuditEvent(**{name: row[name] for name in _SIGNED}) for row in rows]


def count_events(
    db: sa.Connection,
    *,
    user_id: int | None = None,
    username: str | None = None,
    operation: str | None = None,
    table: str | None = None,
    job_id: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> int:
    """How many events `list_events` would list without a limit."""
    wanted = _wanted(user_id, username, operation, table, job_id, since, until)
    query = sa.select(sa.func.count()).select_from(audit_log).where(*wanted)
    return db.execute(query).scalar_one()


def verify_chain(db: sa.Connection, key: bytes) -> list[str]:
    """Check every entry and the head; returns what is wrong, in sentences: none when sound."""
    problems: list[str] = []
    last, prev = 0, _START
    query = sa.select(audit_log).order_by(audit_log.c.seq).execution_options(yield_per=1000)
    for row in db.execute(query).mappings():
        problems += _problems_of(key, row, last, prev)
        last, prev = row["seq"], row["hash"]
    problems += _problems_of_head(db, key, last, prev)
    return problems


def _problems_of(key: bytes, row: sa.RowMapping, last: int, prev: str) -> list[str]:
    seq = row["seq"]
    found = []
    if seq != last + 1:
        found.append(f"Between entries {last} and {seq} something is missing.")
    elif row["prev"] != prev:
        found.append(f"Entry {seq} does not follow entry {last}.")
    expected = _sign_entry(key, seq, row["prev"], row)
    if not hmac.compare_digest(expected, row["hash"]):
        found.append(f"Entry {seq} was changed, or signed with another key.")
    return found


def _problems_of_head(db: sa.Connection, key: bytes, last: int, prev: str) -> list[str]:
    row = db.execute(sa.select(audit_head).where(audit_head.c.id == _HEAD)).one_or_none()
    if row is None:
        return ["The head of the audit log is missing."]
    found = []
    begun = (row.seq, row.hash) != (0, _START)
    if begun and not hmac.compare_digest(_sign_head(key, row.seq, row.hash), row.seal):
        found.append("The head of the audit log was changed, or sealed with another key.")
    if (row.seq, row.hash) != (last, prev):
        found.append(f"The audit log ends at entry {last}; its head says {row.seq}.")
    return found


def _lock_head(db: sa.Connection, key: bytes) -> tuple[int, str, bool]:
    """The end of the chain, ours alone until the transaction ends; is its seal sound?

    A head that was removed or set back is never mended: the chain goes on from its newest
    entry under a seal that does not fit, so that `verify_chain` keeps reporting it.
    """
    query = sa.select(audit_head).where(audit_head.c.id == _HEAD).with_for_update()
    row = db.execute(query).one_or_none()
    if row is not None and row.seq > 0:
        sound = hmac.compare_digest(_sign_head(key, row.seq, row.hash), row.seal)
        return row.seq, row.hash, sound
    newest = sa.select(audit_log.c.seq, audit_log.c.hash).order_by(audit_log.c.seq.desc()).limit(1)
    tail = db.execute(newest).one_or_none()
    if row is None:
        db.execute(sa.insert(audit_head).values(id=_HEAD, seq=0, hash=_START, seal=_BROKEN))
    seq, digest = (tail.seq, tail.hash) if tail is not None else (0, _START)
    return seq, digest, row is not None and tail is None


def _sign_entry(key: bytes, seq: int, prev: str, entry: Mapping[str, Any] | sa.RowMapping) -> str:
    signed = {name: entry[name] for name in _SIGNED}
    signed["timestamp"] = entry["timestamp"].isoformat(timespec="microseconds")
    text = json.dumps(signed, sort_keys=True, separators=(",", ":"))
    return hmac.digest(key, f"entry|{seq}|{prev}|{text}".encode(), "sha256").hex()


def _sign_head(key: bytes, seq: int, digest: str) -> str:
    return hmac.digest(key, f"head|{seq}|{digest}".encode(), "sha256").hex()


def _wanted(
    user_id: int | None,
    username: str | None,
    operation: str | None,
    table: str | None,
    job_id: str | None,
    since: datetime | None,
    until: datetime | None,
) -> list[sa.ColumnElement[bool]]:
    log = audit_log.c
    equal = {
        log.user_id: user_id,
        log.username: username,
        log.operation: operation,
        log.table_name: table,
        log.job_id: job_id,
    }
    wanted = [column == value for column, value in equal.items() if value is not None]
    if since is not None:
        wanted.append(log.timestamp >= since)
    if until is not None:
        wanted.append(log.timestamp < until)
    return wanted
