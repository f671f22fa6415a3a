"""The one process that serves screens and API: its workspace, its life, its start.

`workspace()` is the only way screens and API get at the open Tableport; it is opened once per
process. `lifespan` opens it before the first request and keeps the worker processes running.
`serve` is what `tableport serve` calls.
"""

from __future__ import annotations

import importlib
import os
import socket
import sys
import threading
import tomllib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from starlette.concurrency import run_in_threadpool

from core.errors import ConfigurationError
from core.usecases import users, working
from core.workspace import Workspace, open_workspace

ROOT = Path(__file__).resolve().parent.parent
_STREAMLIT_CONFIG = ROOT / ".streamlit" / "config.toml"

_opening = threading.Lock()
_opened: list[Workspace] = []


def workspace() -> Workspace:
    """The open Tableport of this process, as the environment describes it.

    Raises:
        ConfigurationError: a setting makes no sense; nothing is remembered, so a later call
            tries again.
    """
    with _opening:
        if not _opened:
            _opened.append(open_workspace())
        return _opened[0]


@asynccontextmanager
async def lifespan(_: object) -> AsyncIterator[None]:
    """Open the workspace and start the workers before the first request; stop them at the end."""
    ws = await run_in_threadpool(workspace)
    supervisor = await run_in_threadpool(working.supervise, ws) if ws.settings.workers else None
    try:
        yield
    finally:
        if supervisor is not None:
            await run_in_threadpool(supervisor.stop)


def streamlit_config() -> dict[str, Any]:
    """The options of .streamlit/config.toml by dotted name, wherever the process was started.

    Streamlit looks for that file in the current folder and beside the launcher, which for a
    console script is the folder of the virtual environment's programs.
    """
    if not _STREAMLIT_CONFIG.is_file():
        return {}
    with _STREAMLIT_CONFIG.open("rb") as file:
        return dict(_flattened(tomllib.load(file)))


def _flattened(section: dict[str, Any], prefix: str = "") -> list[tuple[str, Any]]:
    options: list[tuple[str, Any]] = []
    for name, value in section.items():
        if isinstance(value, dict):
            options += _flattened(value, f"{prefix}{name}.")
        else:
            options.append((f"{prefix}{name}", value))
    return options


def require_free_port(host: str, port: int) -> None:
    """Raise ConfigurationError when nothing can listen on that address."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        raise ConfigurationError(
            f"Cannot listen on {host}:{port} ({error.strerror or error}). Another program may be"
            " using it: stop that program, or choose another port with --port or TABLEPORT_PORT."
        ) from error


def address_of(ws: Workspace, host: str | None = None, port: int | None = None) -> str:
    """What people type to get to us. None: as the settings say."""
    settings = ws.settings
    listening = f"http://{_shown(host or settings.host)}:{port or settings.port}"
    return settings.public_url or listening


def serve(host: str | None = None, port: int | None = None) -> None:
    """Serve screens and API until stopped. None: as the settings say (127.0.0.1:8000).

    Raises:
        ConfigurationError: the port is taken, or a setting makes no sense.
    """
    settings = workspace().settings
    where = address_of(workspace(), host, port)
    host, port = host or settings.host, port or settings.port
    require_free_port(host, port)
    if settings.public_url is None:
        # No proxy stands before us, so no X-Forwarded-For can be true: the peer is the client.
        os.environ["FORWARDED_ALLOW_IPS"] = ""
    _say(f"Tableport is at {where}")
    first = users.ensure_admin(workspace())
    if first is not None:
        _say(f"Sign in as {first[0]} with the password {first[1]} (shown this once)")
    config = streamlit_config() | {
        "server.address": host,
        "server.port": port,
        "server.headless": True,
        "logger.hideWelcomeMessage": True,
    }
    # By name, because app.main stands on this module.
    importlib.import_module("app.main").app.run(config=config)


def _shown(host: str) -> str:
    if host in ("0.0.0.0", "::", ""):  # noqa: S104  compared, not bound
        return "localhost"
    return f"[{host}]" if ":" in host else host


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
