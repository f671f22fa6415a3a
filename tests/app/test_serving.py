"""The parts of starting that need no server."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest
from streamlit import config

from app import serving
from core.errors import ConfigurationError


def test_a_taken_port_is_named() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(ConfigurationError, match=f"Cannot listen on 127.0.0.1:{port}"):
            serving.require_free_port("127.0.0.1", port)
    serving.require_free_port("127.0.0.1", port)


def test_an_address_that_is_not_ours_is_named() -> None:
    with pytest.raises(ConfigurationError, match=r"Cannot listen on no\.such\.host\.invalid"):
        serving.require_free_port("no.such.host.invalid", 8000)


def test_every_option_of_our_config_is_one_streamlit_knows() -> None:
    options = serving.streamlit_config()
    assert options["browser.gatherUsageStats"] is False
    assert options["client.showErrorDetails"] == "none"
    assert options["server.enableStaticServing"] is True
    unknown = [name for name in options if name not in config.get_config_options()]
    assert unknown == []


def test_no_config_file_is_no_options(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(serving, "_STREAMLIT_CONFIG", tmp_path / "none.toml")
    assert serving.streamlit_config() == {}


def test_a_wrong_setting_is_not_remembered(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(serving, "_opened", [])
    monkeypatch.setenv("TABLEPORT_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("IMPORT_MAX_ROWS", "many")
    with pytest.raises(ConfigurationError, match="IMPORT_MAX_ROWS"):
        serving.workspace()
    monkeypatch.delenv("IMPORT_MAX_ROWS")
    with serving.workspace() as ws:
        assert serving.workspace() is ws
