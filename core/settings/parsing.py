"""The text of a variable to its value: each parser raises ValueError saying what is right."""

from __future__ import annotations

import math
import re
from pathlib import Path
from urllib.parse import urlsplit

from core.settings.families import family_of

MIB = 1 << 20


def flag(text: str) -> bool:
    known = {"true": True, "1": True, "yes": True, "on": True}
    known |= {"false": False, "0": False, "no": False, "off": False}
    try:
        return known[text.lower()]
    except KeyError:
        raise ValueError("true or false") from None


def whole(text: str, *, low: int, high: int) -> int:
    if not re.fullmatch(r"[0-9]{1,18}", text) or not low <= int(text) <= high:
        raise ValueError(f"a whole number from {low} to {high}")
    return int(text)


def size(text: str) -> int:
    """Bytes of `100`, `104857600`, `100MB` or `1.5 GB` (ruling A7).

    A bare number below 1,048,576 counts megabytes, as the guide writes it; a larger one counts
    bytes. A megabyte is 1,048,576 bytes.
    """
    right = "a size such as 100 (megabytes), 100MB, 1.5GB or a number of bytes, up to 1024GB"
    found = re.fullmatch(r"([0-9]{1,15}(?:\.[0-9]{1,6})?)\s*([KMG]?)(I?B?)", text.upper())
    if not found:
        raise ValueError(right)
    number, scale, unit = float(found[1]), found[2], found[3]
    if not scale and not unit:
        scale = "M" if number < MIB else ""
    size = math.floor(number * {"": 1, "K": 1 << 10, "M": MIB, "G": 1 << 30}[scale])
    if not 1 <= size <= 1 << 40:
        raise ValueError(right)
    return size


def families(text: str) -> tuple[str, ...]:
    found = [family_of(entry) for entry in text.split(",") if entry.strip()]
    families = tuple(dict.fromkeys(family for family in found if family))
    if not families or None in found:
        raise ValueError("a comma list of csv, json, xlsx, xml, yaml, parquet, sql")
    return families


def folder(text: str) -> Path:
    try:
        return Path(text).expanduser().absolute()
    except RuntimeError:
        raise ValueError("the path of a folder; `~` could not be resolved") from None


def word(text: str, *, right: str) -> str:
    if re.search(r"\s", text):
        raise ValueError(right)
    return text


def level(text: str) -> str:
    levels = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
    if text.upper() not in levels:
        raise ValueError("one of " + ", ".join(levels))
    return text.upper()


def public_url(text: str) -> str:
    right = "the address users type, such as https://data.example.org"
    try:
        parts = urlsplit(text)
        port_is_fine = parts.port is None or parts.port > 0
    except ValueError:
        raise ValueError(right) from None
    if parts.scheme not in ("http", "https") or not parts.hostname or not port_is_fine:
        raise ValueError(right)
    if parts.query or parts.fragment or parts.username or re.search(r"\s", text):
        raise ValueError(right)
    return text.rstrip("/")
