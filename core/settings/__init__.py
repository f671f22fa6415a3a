"""What an operator may choose, and the only reader of the environment.

The ten names of the guide are taken verbatim, without a prefix; every other name starts with
`TABLEPORT_`. An empty value counts as unset. A value that makes no sense is an error that
names the variable, the value and what would be right: a wrong setting is never replaced by
its default in silence.

    parsing     the text of a variable to its value
    families    families of files: what one entry of an allow-list admits
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, dataclass, field, fields
from difflib import get_close_matches
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from core.errors import ConfigurationError
from core.settings import parsing
from core.settings.families import FAMILIES, READ, WRITTEN, family_of

__all__ = ["FAMILIES", "MIB", "Settings", "family_of", "load", "misspelt", "settings_table"]

MIB = parsing.MIB

#: What tests and benchmarks read.
_NO_SETTINGS = frozenset({"TABLEPORT_CORPORA", "TABLEPORT_TEST_MYSQL", "TABLEPORT_TEST_POSTGRES"})


_Value = TypeVar("_Value")
#: Turns the text of a variable into its value, or raises ValueError saying what is right.
_Parse = Callable[[str], _Value]


def _metadata(
    env: str, parse: _Parse[Any], about: str, *, shown: str = "", secret: bool = False
) -> dict[str, Any]:
    return {"env": env, "parse": parse, "about": about, "shown": shown, "secret": secret}


def _option(
    env: str,
    parse: _Parse[Any],
    default: _Value,
    about: str,
    *,
    shown: str | None = None,
    secret: bool = False,
) -> _Value:
    """A field of Settings read from `env`; `shown` words a default that is derived."""
    words = _in_words(default) if shown is None else shown
    metadata = _metadata(env, parse, about, shown=words, secret=secret)
    return field(default=default, repr=not secret, metadata=metadata)


def _in_words(default: object) -> str:
    if default is None:
        return ""
    return str(default).lower() if isinstance(default, bool) else str(default)


_count = partial(parsing.whole, low=1, high=10**15)
_url = partial(parsing.word, right="a database URL without blanks")


@dataclass(frozen=True, kw_only=True, slots=True)
class Settings:
    """Every choice of an operator, parsed and in one unit. Each default works."""

    #: bytes
    import_max_file_size: int = _option(
        "IMPORT_MAX_FILE_SIZE",
        parsing.size,
        100 * MIB,
        "Largest upload: 100 (megabytes), 100MB, 1.5GB, or bytes from 1048576 up",
        shown="100",
    )
    #: data rows
    import_max_rows: int = _option("IMPORT_MAX_ROWS", _count, 1_000_000, "Most rows of one import")
    #: data rows
    export_max_rows: int = _option("EXPORT_MAX_ROWS", _count, 1_000_000, "Most rows of one export")
    #: hours
    export_file_retention_hours: int = _option(
        "EXPORT_FILE_RETENTION_HOURS",
        partial(parsing.whole, low=1, high=87_600),
        24,
        "Hours an exported file can be downloaded before it is removed",
    )
    #: None: below home; see `uploads_dir`
    import_temp_dir: Path | None = _option(  # noqa: RUF009  a dataclass field
        "IMPORT_TEMP_DIR",
        parsing.folder,
        None,
        "Folder in which uploads are kept, encrypted, in a sub-folder `uploads`",
        shown="TABLEPORT_HOME",
    )
    #: None: below home; see `artifacts_dir`
    export_temp_dir: Path | None = _option(  # noqa: RUF009  a dataclass field
        "EXPORT_TEMP_DIR",
        parsing.folder,
        None,
        "Folder in which exported files are kept, encrypted, in a sub-folder `artifacts`",
        shown="TABLEPORT_HOME",
    )
    #: names of FAMILIES
    import_allowed_extensions: tuple[str, ...] = _option(
        "IMPORT_ALLOWED_EXTENSIONS",
        parsing.families,
        READ,
        "File families that may be uploaded; xlsx includes .xls, yaml includes .yml",
        shown="csv,json,xlsx,xml,yaml,parquet",
    )
    #: names of FAMILIES
    export_allowed_formats: tuple[str, ...] = _option(
        "EXPORT_ALLOWED_FORMATS",
        parsing.families,
        WRITTEN,
        "File families that may be exported",
        shown="csv,json,xlsx,xml,yaml,parquet,sql",
    )
    #: off: only the extension is checked
    import_scan_content: bool = _option(
        "IMPORT_SCAN_CONTENT",
        parsing.flag,
        True,
        "Look into uploads for content that is not what the name says, or is unsafe",
    )
    export_compress_large_files: bool = _option(
        "EXPORT_COMPRESS_LARGE_FILES",
        parsing.flag,
        True,
        "Zip exported files above TABLEPORT_EXPORT_COMPRESS_THRESHOLD_MB",
    )
    #: absolute; the one field without a default, so that no test writes into a real home
    home: Path = field(
        metadata=_metadata(
            "TABLEPORT_HOME",
            parsing.folder,
            "The data folder: our own database, keys and files",
            shown="~/.tableport",
        )
    )
    #: None: SQLite in home; see `metastore_address`
    metastore_url: str | None = _option(
        "TABLEPORT_METASTORE_URL",
        _url,
        None,
        "Our own database, SQLite or PostgreSQL",
        shown="SQLite in TABLEPORT_HOME",
        secret=True,
    )
    #: None: connections are added on the screens or by the command line
    database_url: str | None = _option(
        "TABLEPORT_DATABASE_URL",
        _url,
        None,
        "The database behind the connection named default",
        secret=True,
    )
    host: str = _option(
        "TABLEPORT_HOST",
        partial(parsing.word, right="a host name or IP address"),
        "127.0.0.1",
        "Address the server listens on",
    )
    port: int = _option(
        "TABLEPORT_PORT",
        partial(parsing.whole, low=1, high=65_535),
        8000,
        "Port the server listens on",
    )
    #: without a trailing slash; https makes cookies Secure
    public_url: str | None = _option(
        "TABLEPORT_PUBLIC_URL",
        parsing.public_url,
        None,
        "The address users type, where a proxy stands before the server; https: Secure cookies",
    )
    #: base64; None: a key file in home
    secret_key: str | None = _option(
        "TABLEPORT_SECRET_KEY",
        str,
        None,
        "Master key, 32 random bytes in base64; without it one is made in TABLEPORT_HOME",
        secret=True,
    )
    #: hours
    session_hours: int = _option(
        "TABLEPORT_SESSION_HOURS",
        partial(parsing.whole, low=1, high=8_760),
        12,
        "Hours until a sign-in must be repeated",
    )
    #: hours
    upload_retention_hours: int = _option(
        "TABLEPORT_UPLOAD_RETENTION_HOURS",
        partial(parsing.whole, low=1, high=87_600),
        72,
        "Hours an upload is kept after it was received",
    )
    #: rows in memory at once
    batch_rows: int = _option(
        "TABLEPORT_BATCH_ROWS",
        partial(parsing.whole, low=1, high=100_000),
        20_000,
        "Rows held in memory at once while importing or exporting",
    )
    #: rows; 0: nothing is kept for undo unless asked for
    undo_rows: int = _option(
        "TABLEPORT_UNDO_ROWS",
        partial(parsing.whole, low=0, high=10**9),
        200_000,
        "Rows up to which an import keeps what undoing it needs, where its plan does not say",
    )
    #: days
    undo_days: int = _option(
        "TABLEPORT_UNDO_DAYS",
        partial(parsing.whole, low=1, high=3_650),
        14,
        "Days an import can be undone",
    )
    #: seconds
    lock_seconds: int = _option(
        "TABLEPORT_LOCK_SECONDS",
        partial(parsing.whole, low=1, high=3_600),
        15,
        "Seconds an import waits for a lock in the database it writes to",
    )
    #: seconds
    statement_seconds: int = _option(
        "TABLEPORT_STATEMENT_SECONDS",
        partial(parsing.whole, low=1, high=86_400),
        300,
        "Seconds one statement of an import may take in the database it writes to",
    )
    workers: int = _option(
        "TABLEPORT_WORKERS",
        partial(parsing.whole, low=1, high=64),
        1,
        "Worker processes the server starts",
    )
    #: mebibytes of address space
    parser_memory_mb: int = _option(
        "TABLEPORT_PARSER_MEMORY_MB",
        partial(parsing.whole, low=1024, high=1 << 20),
        2048,
        "Memory the process that parses one upload may use, in megabytes",
    )
    #: seconds, both of CPU and of the wall clock
    parser_seconds: int = _option(
        "TABLEPORT_PARSER_SECONDS",
        partial(parsing.whole, low=1, high=86_400),
        3600,
        "Time the process that parses one upload may take, in seconds",
    )
    #: seconds
    lease_seconds: int = _option(
        "TABLEPORT_LEASE_SECONDS",
        partial(parsing.whole, low=1, high=3_600),
        60,
        "Seconds after which the job of a silent worker is taken over by another",
    )
    #: mebibytes
    export_compress_threshold_mb: int = _option(
        "TABLEPORT_EXPORT_COMPRESS_THRESHOLD_MB",
        partial(parsing.whole, low=1, high=1024),
        10,
        "Size in megabytes above which an exported file is zipped; up to it files are held in "
        "memory",
    )
    log_level: str = _option("TABLEPORT_LOG_LEVEL", parsing.level, "INFO", "How much is logged")
    #: None: no virus scanner
    clamd_socket: str | None = _option(
        "TABLEPORT_CLAMD_SOCKET",
        partial(parsing.word, right="/path/of/clamd.sock or host:port"),
        None,
        "clamd to scan uploads with: /path/of/clamd.sock or host:port",
    )
    preview_rows: int = _option(
        "TABLEPORT_PREVIEW_ROWS",
        partial(parsing.whole, low=1, high=10_000),
        200,
        "Rows shown in a preview",
    )

    @property
    def uploads_dir(self) -> Path:
        """Where uploads and what is made of them while importing are kept."""
        return (self.import_temp_dir or self.home) / "uploads"

    @property
    def artifacts_dir(self) -> Path:
        """Where exported files are kept."""
        return (self.export_temp_dir or self.home) / "artifacts"

    @property
    def metastore_address(self) -> str:
        """The URL of our own database."""
        return self.metastore_url or f"sqlite:///{self.home / 'tableport.db'}"

    @property
    def secure_cookies(self) -> bool:
        return self.public_url is not None and self.public_url.startswith("https:")


def load(environ: Mapping[str, str] = os.environ) -> Settings:
    """Read every setting.

    Raises:
        ConfigurationError: a value is not what its setting takes.
    """
    given: dict[str, Any] = {}
    for option in fields(Settings):
        text = environ.get(option.metadata["env"], "").strip()
        if not text and option.default is MISSING:
            text = option.metadata["shown"]
        if text:
            given[option.name] = _parsed(option, text)
    return Settings(**given)


def settings_table() -> list[tuple[str, str, str]]:
    """Every setting as (name of the variable, default in words, description)."""
    return [(o.metadata["env"], o.metadata["shown"], o.metadata["about"]) for o in fields(Settings)]


def misspelt(environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Variables that begin like ours and are none, each with the name that is nearest or ''."""
    known = {option.metadata["env"] for option in fields(Settings)}
    strange = (n for n in environ if n.startswith("TABLEPORT_") and n not in known | _NO_SETTINGS)
    return {name: next(iter(get_close_matches(name, known, 1)), "") for name in sorted(strange)}


def _parsed(option: Field[Any], text: str) -> Any:
    about = option.metadata
    try:
        return about["parse"](text)
    except ValueError as exc:
        value = "its value" if about["secret"] else f"{text!r}"
        raise ConfigurationError(f"{about['env']}: {value} is not {exc}") from exc
