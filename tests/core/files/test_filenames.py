"""Names from outside: shown as they are where that is safe, never a path, never a header."""

from __future__ import annotations

import re
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.files.filenames import content_disposition, display_name, extension_of

TORTURE = {
    "../../etc/passwd": "passwd",
    "..": "file",
    "": "file",
    "   ": "file",
    "/": "file",
    "a/": "file",
    "sales\0.csv": "sales.csv",
    "CON": "CON",
    "nul.csv": "nul.csv",
    r"\\server\share\sales.csv": "sales.csv",
    r"C:\Users\ann\sales.csv": "sales.csv",
    "invoice\u202excl.exe": "invoicexcl.exe",
    "\u2067sales\u2069.csv": "sales.csv",
    "sales.csv\r\nSet-Cookie: a=b": "sales.csvSet-Cookie: a=b",
    "sales\u2028.csv": "sales.csv",
    "x\ud800.csv": "x.csv",
    "Umsätze 2024 – Übersicht.xlsx": "Umsätze 2024 – Übersicht.xlsx",
    "売上.csv": "売上.csv",
    "👩‍💻 data.csv": "👩‍💻 data.csv",
    "می‌خواهم.csv": "می‌خواهم.csv",
    "'; DROP TABLE users;--.csv": "'; DROP TABLE users;--.csv",
    "<img src=x onerror=alert(1)>.csv": "<img src=x onerror=alert(1)>.csv",
    ".htaccess": ".htaccess",
    "a" * 5_000 + ".csv": "a" * 251 + ".csv",
    "a" * 5_000: "a" * 255,
    "." + "a" * 5_000: "." + "a" * 254,
}


@pytest.mark.parametrize(("given_name", "shown"), TORTURE.items())
def test_torture_list(given_name: str, shown: str) -> None:
    assert display_name(given_name) == shown


@given(st.text(st.characters(), max_size=600))
def test_a_shown_name_is_short_plain_text_and_stays_so(name: str) -> None:
    shown = display_name(name)
    assert 0 < len(shown) <= 255
    assert not re.search(r"[/\\\x00-\x1f\x7f\u202e\ud800-\udfff]", shown)
    assert shown not in (".", "..")
    assert display_name(shown) == shown.strip()


@pytest.mark.parametrize(
    ("name", "extension"),
    [
        ("sales.csv", ".csv"),
        ("Sales.CSV", ".csv"),
        ("a.tar.gz", ".gz"),
        ("noextension", ""),
        (".htaccess", ""),
        ("ends.", ""),
        ("..csv", ""),
        ("report.2024 final", ""),
        ("sales.csv ", ".csv"),
        ("sales." + "x" * 16, ""),
    ],
)
def test_extensions(name: str, extension: str) -> None:
    assert extension_of(name) == extension


def test_a_plain_name_needs_one_form_only() -> None:
    assert content_disposition("sales-2024.csv") == 'attachment; filename="sales-2024.csv"'


def test_a_name_beyond_ascii_is_sent_both_ways() -> None:
    value = content_disposition("Umsätze “Q1”.csv")
    plain, _, extended = value.partition("; filename*=UTF-8''")
    assert plain.startswith('attachment; filename="Umsa_tze _Q1_.csv"')
    assert unquote(extended) == "Umsätze “Q1”.csv"


@given(st.text(st.characters(), max_size=300))
def test_no_name_breaks_out_of_the_header(name: str) -> None:
    value = content_disposition(name)
    value.encode("ascii")
    found = re.fullmatch(
        r"attachment; filename=\"[ !#$&-.0-9;=@A-Z\[\]^_`a-z{}~'()+,]*\""
        r"(?:; filename\*=UTF-8''(\S+))?",
        value,
    )
    assert found, value
    if found[1]:
        assert re.fullmatch(r"(?:[A-Za-z0-9!#$&+\-.^_`|~]|%[0-9A-F]{2})+", found[1])
        assert unquote(found[1], errors="strict") == display_name(name)
