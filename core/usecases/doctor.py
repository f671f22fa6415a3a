"""Is all well? Each answer says what to do when it is not."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from core.databases.connect import check_connection
from core.errors import ConfigurationError, TableportError
from core.formats.confinement.parser import detect_confined
from core.metastore import audit, connections, files, jobs, queue, users, workers
from core.metastore.engine import integrity
from core.settings import load, misspelt
from core.usecases.reading import parser_limits
from core.workspace import open_workspace

if TYPE_CHECKING:
    from pathlib import Path

    from core.model.access import ConnectionInfo
    from core.workspace import Workspace

#: With less room than this an import or export may not find its end.
_LEAST_GB = 1.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One thing that was looked at."""

    name: str
    ok: bool
    words: str  #: what was found
    mend: str = ""  #: what to do, when it is not well


def examine() -> list[Finding]:
    """Everything: settings, keys, folders, disk, our own database, files, accounts, worker,
    parser, audit trail and every connection.

    What keeps Tableport from starting is a finding too, and then the last one.
    """
    try:
        settings = load()
        strange = misspelt()
        ws = open_workspace(settings)
    except ConfigurationError as error:
        return [Finding(name="start", ok=False, words=error.detail, mend=error.solution)]
    found = [_settings(strange)]
    with ws:
        for look in (_disk, _keys, _stores, _metastore, _accounts, _work, _parser, _audit):
            found += _looked_at(look, ws)
        with ws.metastore.connect() as db:
            known = connections.list_connections(db, ad_hoc=True)
        return [*found, *(_connection(ws, info) for info in known)]


def _looked_at(look: Callable[[Workspace], Iterator[Finding]], ws: Workspace) -> list[Finding]:
    """What is found, or the failure to look."""
    try:
        return list(look(ws))
    except TableportError as error:
        name = look.__name__.strip("_")
        return [Finding(name=name, ok=False, words=error.detail, mend=error.solution)]


def _settings(strange: dict[str, str]) -> Finding:
    if not strange:
        return Finding(name="settings", ok=True, words="every one makes sense")
    pairs = [f"{name} (did you mean {near}?)" if near else name for name, near in strange.items()]
    return Finding(
        name="settings",
        ok=False,
        words=f"no setting has the name {', '.join(pairs)}",
        mend="correct or remove it; the names are in docs/settings.md",
    )


def _disk(ws: Workspace) -> Iterator[Finding]:
    settings = ws.settings
    yield Finding(name="home", ok=True, words=str(settings.home))
    for folder in dict.fromkeys((settings.home, settings.uploads_dir, settings.artifacts_dir)):
        free = shutil.disk_usage(folder).free / 1e9
        yield Finding(
            name="disk" if folder == settings.home else f"disk of {folder.name}",
            ok=free >= _LEAST_GB,
            words=f"{free:,.1f} GB free",
            mend=f"make room on the disk of {folder}, or choose another folder",
        )


def _keys(ws: Workspace) -> Iterator[Finding]:
    """Does the master key open what was sealed before?"""
    with ws.metastore.connect() as db:
        known = connections.list_connections(db, ad_hoc=True)
        newest = files.newest_readable(db)
    sealed = 0
    for info in known:
        ws.connection_url(info.name)
        sealed += 1
    if newest is not None:
        with ws.store(newest.purpose).open(newest.file_id) as file:
            file.read(1)
        sealed += 1
    yield Finding(name="keys", ok=True, words=f"the master key opens all of {sealed} looked at")


def _stores(ws: Workspace) -> Iterator[Finding]:
    """Can files be written? What is written here is never published."""
    for name, store in (("uploads", ws.uploads), ("artifacts", ws.artifacts)):
        with store.create() as draft:
            draft.file.write(b"x")
            draft.file.flush()
        yield Finding(name=name, ok=True, words=_where(ws, name))


def _where(ws: Workspace, name: str) -> str:
    folder: Path = ws.settings.uploads_dir if name == "uploads" else ws.settings.artifacts_dir
    return f"{folder} can be written"


def _metastore(ws: Workspace) -> Iterator[Finding]:
    address = ws.metastore.write.url.render_as_string(hide_password=True)
    try:
        with ws.metastore.begin() as db:
            damage = integrity(db)
    except sa.exc.DBAPIError as error:
        words = f"{address}: {type(error.orig).__name__}"
        mend = "see that the database runs, and that this user may write to it"
        yield Finding(name="metastore", ok=False, words=words, mend=mend)
        return
    yield Finding(
        name="metastore",
        ok=damage is None,
        words=address if damage is None else f"{address}: {damage}",
        mend="stop Tableport and put back the last good backup of this file",
    )


def _accounts(ws: Workspace) -> Iterator[Finding]:
    with ws.metastore.connect() as db:
        count = users.count(db)
    yield Finding(
        name="accounts",
        ok=bool(count),
        words=f"{count} users" if count else "none yet",
        mend="start `tableport serve` once: it makes an administrator and prints the password",
    )


def _work(ws: Workspace) -> Iterator[Finding]:
    with ws.metastore.connect() as db:
        alive = workers.alive_workers(db)
        waiting = queue.count_waiting(db)
        running = sum(jobs.count_running(db).values())
    yield Finding(
        name="worker",
        ok=bool(alive),
        words=f"{alive} alive; {waiting} jobs wait, {running} run",
        mend="start `tableport serve`, or `tableport worker` beside it",
    )


def _parser(ws: Workspace) -> Iterator[Finding]:
    """Can a file be read in a process of its own?"""
    detect_confined(iter([b"a,b\n1,2\n"]), filename="probe.csv", limits=parser_limits(ws))
    limits = parser_limits(ws)
    words = f"reads a file within {limits.memory_mb:,} MB and {limits.seconds:,} s"
    yield Finding(name="parser", ok=True, words=words)


def _audit(ws: Workspace) -> Iterator[Finding]:
    with ws.metastore.connect() as db:
        broken = audit.verify_chain(db, ws.audit_key)
    yield Finding(
        name="audit trail",
        ok=not broken,
        words="unbroken" if not broken else " ".join(broken[:3]),
        mend="somebody changed it behind Tableport's back: compare it with a backup",
    )


def _connection(ws: Workspace, info: ConnectionInfo) -> Finding:
    name = f"connection {info.name}"
    try:
        check_connection(ws.engine(info.name))
    except TableportError as error:
        return Finding(name=name, ok=False, words=error.detail, mend=error.solution)
    return Finding(name=name, ok=True, words="answers")
