"""Every setting: its name, its default, what it takes and how it refuses."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

import pytest

from core.errors import ConfigurationError
from core.settings import FAMILIES, Settings, family_of, load, settings_table

GUIDE_NAMES = (
    "IMPORT_MAX_FILE_SIZE",
    "IMPORT_MAX_ROWS",
    "EXPORT_MAX_ROWS",
    "EXPORT_FILE_RETENTION_HOURS",
    "IMPORT_TEMP_DIR",
    "EXPORT_TEMP_DIR",
    "IMPORT_ALLOWED_EXTENSIONS",
    "EXPORT_ALLOWED_FORMATS",
    "IMPORT_SCAN_CONTENT",
    "EXPORT_COMPRESS_LARGE_FILES",
)


def test_the_guides_environment_is_understood_word_for_word() -> None:
    settings = load(
        {
            "IMPORT_MAX_FILE_SIZE": "100",
            "IMPORT_MAX_ROWS": "1000000",
            "EXPORT_MAX_ROWS": "1000000",
            "EXPORT_FILE_RETENTION_HOURS": "24",
            "IMPORT_TEMP_DIR": "/tmp/imports",
            "EXPORT_TEMP_DIR": "/tmp/exports",
            "IMPORT_ALLOWED_EXTENSIONS": "csv,json,xlsx,xml,yaml",
            "EXPORT_ALLOWED_FORMATS": "csv,json,xlsx,xml,yaml",
            "IMPORT_SCAN_CONTENT": "true",
            "EXPORT_COMPRESS_LARGE_FILES": "true",
        }
    )
    assert settings.import_max_file_size == 100 * 1024 * 1024
    assert settings.import_max_rows == settings.export_max_rows == 1_000_000
    assert settings.uploads_dir == Path("/tmp/imports/uploads")
    assert settings.artifacts_dir == Path("/tmp/exports/artifacts")
    assert settings.import_allowed_extensions == ("csv", "json", "excel", "xml", "yaml")
    assert settings.export_allowed_formats == settings.import_allowed_extensions
    ours = load({})
    assert ours.import_allowed_extensions == (*settings.import_allowed_extensions, "parquet")
    assert ours.export_allowed_formats == (*settings.export_allowed_formats, "parquet", "sql")
    everything_else = dataclasses.replace(
        settings,
        import_temp_dir=None,
        export_temp_dir=None,
        import_allowed_extensions=ours.import_allowed_extensions,
        export_allowed_formats=ours.export_allowed_formats,
    )
    assert everything_else == ours


def test_defaults_live_in_the_home_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/ann")
    settings = load({})
    assert settings.home == Path("/home/ann/.tableport")
    assert settings.uploads_dir == Path("/home/ann/.tableport/uploads")
    assert settings.artifacts_dir == Path("/home/ann/.tableport/artifacts")
    assert settings.metastore_address == "sqlite:////home/ann/.tableport/tableport.db"
    assert (settings.host, settings.port, settings.workers) == ("127.0.0.1", 8000, 1)
    assert not settings.secure_cookies


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("1", 1 << 20),
        ("0.5", 1 << 19),
        ("1048575", 1048575 << 20),
        ("1048576", 1048576),
        ("104857600", 104857600),
        ("100MB", 100 << 20),
        ("100 mb", 100 << 20),
        ("100MiB", 100 << 20),
        ("1.5GB", 3 << 29),
        ("2g", 2 << 30),
        ("512KB", 512 << 10),
        ("300B", 300),
    ],
)
def test_sizes(text: str, size: int) -> None:
    assert load({"IMPORT_MAX_FILE_SIZE": text}).import_max_file_size == size


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("IMPORT_MAX_FILE_SIZE", "0"),
        ("IMPORT_MAX_FILE_SIZE", "-5"),
        ("IMPORT_MAX_FILE_SIZE", "1e3"),
        ("IMPORT_MAX_FILE_SIZE", "100TB"),
        ("IMPORT_MAX_FILE_SIZE", "1025GB"),
        ("IMPORT_MAX_FILE_SIZE", "٣"),
        ("IMPORT_MAX_ROWS", "0"),
        ("IMPORT_MAX_ROWS", "1_000"),
        ("IMPORT_MAX_ROWS", "many"),
        ("EXPORT_FILE_RETENTION_HOURS", "-1"),
        ("IMPORT_ALLOWED_EXTENSIONS", "csv,exe"),
        ("IMPORT_ALLOWED_EXTENSIONS", ","),
        ("EXPORT_ALLOWED_FORMATS", "docx"),
        ("IMPORT_SCAN_CONTENT", "maybe"),
        ("TABLEPORT_PORT", "70000"),
        ("TABLEPORT_PORT", "0"),
        ("TABLEPORT_HOST", "a b"),
        ("TABLEPORT_BATCH_ROWS", "100001"),
        ("TABLEPORT_PARSER_MEMORY_MB", "1"),
        ("TABLEPORT_LOG_LEVEL", "LOUD"),
        ("TABLEPORT_PUBLIC_URL", "data.example.org"),
        ("TABLEPORT_PUBLIC_URL", "https://data.example.org/?a=b"),
        ("TABLEPORT_PUBLIC_URL", "http://data.example.org:notaport"),
        ("TABLEPORT_CLAMD_SOCKET", "a b"),
    ],
)
def test_nonsense_is_refused_naming_variable_and_value(name: str, value: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        load({name: value})
    assert refused.value.detail.startswith(f"{name}: {value!r} is not ")


def test_a_secret_value_is_not_repeated() -> None:
    address = "postgresql://ann:hunter2@db /shop"
    with pytest.raises(ConfigurationError) as refused:
        load({"TABLEPORT_DATABASE_URL": address})
    assert "hunter2" not in refused.value.detail
    assert "TABLEPORT_DATABASE_URL" in refused.value.detail
    settings = load(
        {
            "TABLEPORT_DATABASE_URL": "postgresql://ann:hunter2@db/shop",
            "TABLEPORT_METASTORE_URL": "postgresql://ann:hunter3@db/own",
            "TABLEPORT_SECRET_KEY": "hunter4",
        }
    )
    assert "hunter" not in repr(settings)


def test_an_empty_value_is_an_unset_one() -> None:
    assert load({name: "  " for name, _, _ in settings_table()}) == load({})


def test_an_entry_admits_its_family() -> None:
    settings = load({"IMPORT_ALLOWED_EXTENSIONS": " .XLS , yml,xlsx"})
    assert settings.import_allowed_extensions == ("excel", "yaml")
    for family, extensions in FAMILIES.items():
        assert {family_of(name) for name in (family, *extensions)} == {family}
    assert family_of("") is None
    assert family_of("exe") is None


def test_https_makes_cookies_secure() -> None:
    settings = load({"TABLEPORT_PUBLIC_URL": "https://data.example.org/"})
    assert settings.public_url == "https://data.example.org"
    assert settings.secure_cookies
    assert not load({"TABLEPORT_PUBLIC_URL": "http://10.0.0.1:8000"}).secure_cookies


def test_every_setting_is_described_once_and_read() -> None:
    names = [name for name, _, _ in settings_table()]
    assert len(set(names)) == len(names) == len(dataclasses.fields(Settings))
    assert set(GUIDE_NAMES) <= set(names)
    for name, default, about in settings_table():
        assert name in GUIDE_NAMES or re.fullmatch(r"TABLEPORT_[A-Z_]+", name)
        assert len(about) > 10
        if re.fullmatch(r"[A-Za-z0-9.,]+", default):
            assert load({name: default}) == load({}), (
                f"{name}: the default shown is not the default"
            )
