"""The open resources of one Tableport: settings, keys, our own tables, files, engines."""

from __future__ import annotations

import contextlib
import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

import sqlalchemy as sa

from core.databases.connect import address, backend_of, normalise_url, open_engine
from core.errors import ConfigurationError, InvalidRequest, NotFound, StorageDamaged
from core.files.store import FileStore
from core.keys.master import KeyPurpose, MasterKey, load_master_key
from core.keys.sealing import open_text, seal_text
from core.metastore import connections
from core.metastore.engine import Metastore, migrate, open_metastore
from core.model.access import ConnectionInfo
from core.model.file import FilePurpose
from core.settings import Settings, load

#: Engines kept open at once by one process; each holds a small pool of connections.
MOST_ENGINES = 16
#: The connection that TABLEPORT_DATABASE_URL stands for.
DEFAULT_CONNECTION = "default"


class EngineCache:
    """Engines by address: the least recently used gives way. Safe between threads."""

    def __init__(self, most: int = MOST_ENGINES) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._engines: OrderedDict[tuple[str, bool], sa.Engine] = OrderedDict()

    def engine(self, url: str, *, read_only: bool) -> sa.Engine:
        """The engine of a database, opened when it is first asked for.

        An engine that gives way finishes what is running on it: its connections close when
        they are handed back. Raises what `open_engine` raises.
        """
        with self._lock:
            engine = self._engines.pop((url, read_only), None)
            if engine is None:
                engine = open_engine(url, read_only=read_only)
            self._engines[(url, read_only)] = engine
            while len(self._engines) > self._most:
                self._engines.popitem(last=False)[1].dispose()
            return engine

    def close(self) -> None:
        """Close every pooled connection."""
        with self._lock:
            while self._engines:
                self._engines.popitem()[1].dispose()


@dataclass(frozen=True, kw_only=True, slots=True)
class Workspace:
    """Everything one process has open. Close it, or use it in a `with` block."""

    settings: Settings
    metastore: Metastore
    uploads: FileStore  #: uploads, and what is made of them while importing
    artifacts: FileStore  #: exported files
    keys: MasterKey
    engines: EngineCache = field(default_factory=EngineCache)

    @property
    def audit_key(self) -> bytes:
        return self.keys.derived(KeyPurpose.AUDIT)

    @property
    def link_key(self) -> bytes:
        return self.keys.derived(KeyPurpose.LINKS)

    def store(self, purpose: FilePurpose) -> FileStore:
        """Where files of this purpose are kept."""
        return self.artifacts if purpose is FilePurpose.ARTIFACT else self.uploads

    def engine(self, connection: str, *, read_only: bool = False) -> sa.Engine:
        """The engine of a named connection, shared by this process.

        The address is read each time, so that a changed connection is followed at once.

        Raises:
            NotFound: there is no such connection.
            StorageDamaged: its address was sealed with another master key.
            TargetDatabaseError: its SQLite file is missing, or is something else.
        """
        return self.engines.engine(self.connection_url(connection), read_only=read_only)

    def connection_url(self, connection: str) -> str:
        """The full address of a connection, password and all: for opening it, never to be shown.

        Raises NotFound or StorageDamaged as `engine` does.
        """
        with self.metastore.connect() as db:
            sealed = connections.sealed_url(db, connection)
        return _opened(self.keys, connection, sealed)

    def seal_url(self, connection: str, url: str) -> str:
        """The address of a connection as it is kept in our tables, bound to its name."""
        return _sealed(self.keys, connection, url)

    def close(self) -> None:
        """Close every connection to every database."""
        self.engines.close()
        self.metastore.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def open_workspace(settings: Settings | None = None) -> Workspace:
    """Open what the settings describe, making and migrating what is missing.

    Args:
        settings: None reads them from the environment.

    Raises:
        ConfigurationError: a setting, a folder, the key or the metastore is not usable.
    """
    chosen = settings or load()
    _make_home(chosen.home)
    has_data = (chosen.home / "tableport.db").exists()
    keys = load_master_key(chosen.secret_key, chosen.home, may_create=not has_data)
    files_key = keys.derived(KeyPurpose.FILES)
    uploads = FileStore(chosen.uploads_dir, files_key)
    artifacts = FileStore(chosen.artifacts_dir, files_key)
    metastore = open_metastore(chosen.metastore_address)
    try:
        migrate(metastore)
        if chosen.database_url is not None:
            _register_default(metastore, keys, chosen.database_url)
    except BaseException:
        metastore.close()
        raise
    return Workspace(
        settings=chosen, metastore=metastore, uploads=uploads, artifacts=artifacts, keys=keys
    )


def _make_home(home: Path) -> None:
    """A folder others cannot plant files in. One that is there keeps its mode."""
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        mode = home.stat().st_mode
    except OSError as exc:
        raise ConfigurationError(
            f"TABLEPORT_HOME: the folder {home} cannot be used: {exc.strerror}"
        ) from exc
    if mode & 0o022:
        raise ConfigurationError(
            f"TABLEPORT_HOME: others can write in the folder {home}: run chmod 700 on it, or "
            "choose a folder of its own"
        )


def _register_default(metastore: Metastore, keys: MasterKey, database_url: str) -> None:
    """Let the connection named default follow TABLEPORT_DATABASE_URL."""
    try:
        url = normalise_url(database_url)
    except InvalidRequest as exc:
        raise ConfigurationError(f"TABLEPORT_DATABASE_URL: {exc.detail}") from exc
    with metastore.connect() as db:
        if _current_url(db, keys) == url:
            return
    # Two processes may start at once: the other has then written the same row.
    with contextlib.suppress(sa.exc.IntegrityError), metastore.begin() as db:
        meant = connections.default(db)
        info = ConnectionInfo(
            name=DEFAULT_CONNECTION,
            backend=backend_of(url),
            address=address(url),
            default=meant is None or meant.name == DEFAULT_CONNECTION,
        )
        connections.put(db, info, _sealed(keys, DEFAULT_CONNECTION, url))


def _current_url(db: sa.Connection, keys: MasterKey) -> str | None:
    try:
        return _opened(keys, DEFAULT_CONNECTION, connections.sealed_url(db, DEFAULT_CONNECTION))
    except (NotFound, StorageDamaged):
        # Sealed with a key that is lost: the setting holds the address, so seal it anew.
        return None


def _sealed(keys: MasterKey, connection: str, url: str) -> str:
    return seal_text(keys.derived(KeyPurpose.CONNECTIONS), url, f"connection {connection}")


def _opened(keys: MasterKey, connection: str, sealed: str) -> str:
    return open_text(keys.derived(KeyPurpose.CONNECTIONS), sealed, f"connection {connection}")
