"""What a benchmark ran on, and how busy that was."""

from __future__ import annotations

import os
import platform
import sqlite3
from dataclasses import dataclass
from importlib.metadata import version

_LIBRARIES = ("polars", "pandera", "sqlalchemy", "psycopg2-binary")


@dataclass(frozen=True, kw_only=True, slots=True)
class Machine:
    """Cores and memory as the system counts them; versions of what does the work."""

    system: str
    cores: int  #: that this process may use
    memory: int  #: bytes
    versions: dict[str, str]


def this_machine() -> Machine:
    versions = {"Python": platform.python_version(), "SQLite": sqlite3.sqlite_version}
    versions |= {name: version(name) for name in _LIBRARIES}
    return Machine(
        system=f"{platform.system()} {platform.machine()}",
        cores=len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else _all_cores(),
        memory=os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"),
        versions=versions,
    )


def load() -> float:
    """Processes that ran or waited to run, on average over the last minute."""
    return os.getloadavg()[0]


def _all_cores() -> int:
    return os.cpu_count() or 1
