"""Families of files: what one entry of an allow-list admits."""

from __future__ import annotations

from collections.abc import Mapping

#: File families: an entry of IMPORT_ALLOWED_EXTENSIONS or EXPORT_ALLOWED_FORMATS admits every
#: extension of its family (ruling A6: xlsx admits .xls too). Keys are format names.
FAMILIES: Mapping[str, tuple[str, ...]] = {
    "csv": (".csv", ".tsv", ".tab", ".txt"),
    "json": (".json", ".jsonl", ".ndjson"),
    "excel": (".xlsx", ".xls", ".xlsm", ".xlsb", ".ods"),
    "xml": (".xml",),
    "yaml": (".yaml", ".yml"),
    "parquet": (".parquet",),
    "sql": (".sql",),
}
WRITTEN = tuple(FAMILIES)
READ = tuple(family for family in FAMILIES if family != "sql")


def family_of(name: str) -> str | None:
    """The family of a format name or file extension, with or without its dot: `.XLS` is excel."""
    wanted = name.strip().lower().removeprefix(".")
    for family, extensions in FAMILIES.items():
        if wanted == family or f".{wanted}" in extensions:
            return family
    return None
